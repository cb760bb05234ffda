"""Tasks with predictions and without annotations: pages trimmed to the tasks, and the project's predictions in a list.

A task's predictions are a query each for the server, in its whole pages as in a snapshot, while all those of a project
come in one answer. That answer goes into a database on disk, from which each page's tasks get theirs. With annotations
a snapshot is faster: the Data Manager makes their serializer anew for each task, and computes all of its columns.
"""

from __future__ import annotations

import logging
import tempfile
from contextlib import closing
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from .. import data_manager
from ..core.operation import Do, Flow, Operation, Page, Request
from ..core.pager import counting, paged, pages_from
from ..data_manager import Column, FilterSet
from ..resources._common import nothing
from ..resources.projects import Project
from ..resources.tasks import PAGE_SIZE, Task, Tasks
from .shelf import Shelf
from .wish import NO_ROUTE, Pages, Wish

logger = logging.getLogger(__name__)

MOST = 100_000
"""Predictions in one answer, which the server makes in its memory."""

OF_PROJECT = (
    "id",
    "task_number",
    "total_annotations_number",
    "skipped_annotations_number",
    "total_predictions_number",
    "evaluate_predictions_automatically",
)

SHOWN = data_manager.showing(Column.file_upload, Column.draft_exists)

OF_TASK = (
    "id",
    "data",
    "meta",
    "project",
    "inner_id",
    "is_labeled",
    "overlap",
    "total_annotations",
    "cancelled_annotations",
    "total_predictions",
    "comment_count",
    "unresolved_comment_count",
    "last_comment_updated_at",
    "file_upload",
    "draft_exists",
    "updated_by",
    "created_at",
    "updated_at",
)
"""What a task comes with. Its drafts and its `comment_authors` would be a query a task."""


def trimmed_pages(wish: Wish) -> Pages[bool]:
    """The pages; False instead, before there was any, where another route serves better."""
    if wish.annotations or wish.view is not None:
        return False
    with closing(Shelf()) as shelf:
        try:
            if not (yield from _serves(wish, shelf)):
                return False
            page = yield from _first_page(wish, shelf)
        except NO_ROUTE as error:
            logger.info("The tasks are read by another route: %s", error)
            return False
        yield from pages_from(page)
    return True


class Counts(Struct, frozen=True):
    """How much a project has; the server counts it anew whenever it is asked."""

    tasks: int
    annotations: int
    skipped: int
    predictions: int


def counts_of(project: int) -> Flow[Counts | None]:
    """The counts of a project; None where its tasks are better not looked at in pages, or they are not told."""
    about = Request("GET", f"/api/projects/{project}/", {"include": ",".join(OF_PROJECT)})
    found = yield from Operation(about, Project.decode)
    if found.get("evaluate_predictions_automatically") is not False:
        return None  # the server would ask its models about the tasks of each page
    counts = [found.get(name) for name in OF_PROJECT[1:5]]
    return Counts(*counts) if all(type(one) is int for one in counts) else None


def predictions_onto(shelf: Shelf, project: int, counts: Counts) -> Flow[bool]:
    """Whether the project's predictions are on the shelf now."""
    if not counts.predictions:
        return True
    if counts.predictions > MOST:
        return False
    with tempfile.TemporaryFile() as file:
        yield from Operation(Request("GET", "/api/predictions/", {"task__project": project}), nothing, file)
        found = yield from Do(lambda: shelf.fill(file))
    return found >= counts.predictions  # fewer were deleted meanwhile, or are not shown


def _serves(wish: Wish, shelf: Shelf) -> Flow[bool]:
    """Whether the route serves; the predictions are on the shelf then."""
    counts = yield from counts_of(wish.project)
    if counts is None:
        return False
    if counts.predictions and wish.filters is not None:
        wanted = yield from counting(listing(wish.project, wish.filters))
        if wanted < counts.tasks / 2:
            return False  # most of the predictions would come for nothing
    return (yield from predictions_onto(shelf, wish.project, counts))


def _first_page(wish: Wish, shelf: Shelf) -> Flow[Page[Task]]:
    def complete(page: Page[Task]) -> Page[Task]:
        for task in page.items:
            even(task.raw)
            task.raw["predictions"] = shelf.of(task.id)
        return replace(page, next=page.next and page.next.map(complete))

    return (yield from listing(wish.project, wish.filters).map(complete))


def listing(project: int, filters: FilterSet | None) -> Operation[Page[Task]]:
    """The first page of the tasks alone, by id. A view has shown columns of its own, and cannot be asked for these."""
    listed = Tasks.list(None, project=project, filters=filters, include=OF_TASK, resolve_uri=False, page_size=PAGE_SIZE)
    query = {**data_manager.query(filters=filters, ordering=Column.id), **SHOWN}
    return paged(listed.request.with_params(query=data_manager.encode(query)), Task, "tasks", "total")


def even(task: dict[str, Any]) -> bool:
    """Whether the task has drafts; what the Data Manager writes in a way of its own is as exports have it now."""
    match task.get("updated_by"):
        case [{"user_id": user}]:
            task["updated_by"] = user
        case []:
            task["updated_by"] = None
    if task.get("file_upload") is None:
        task.pop("file_upload", None)
    return task.pop("draft_exists", None) is not False
