"""Tasks with annotations where many have none: those that have some from a snapshot, the rest in trimmed pages.

For a task without annotations, a page costs the server a third of what a snapshot does. Each page is of the tasks after
the last one's id, so that none is passed over when others go. All of them wait on disk until what the project counts is
found to be what has come, and the same as before. Where it is not, since somebody works on the project meanwhile, the
caller takes a snapshot of the whole.
"""

from __future__ import annotations

import logging
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from ..core.json import loads
from ..core.operation import Do, Flow, Page
from ..core.pager import counting, gathered
from ..data_manager import Column, Filters, Operator, Type
from ..errors import InvalidRequest
from ..files.json_items import items
from ..resources.drafts import Drafts
from ..resources.exports import Exports, SerializationOptions, TaskFilterOptions
from ..resources.system import System
from ..resources.tasks import Task
from .shelf import Shelf
from .trimmed import Counts, counts_of, even, listing, predictions_onto
from .wish import AT_ONCE, NO_ROUTE, Pages, Wish, beside

logger = logging.getLogger(__name__)

WORTH_IT = 0.25
"""The share of a project's tasks that must be without annotations."""

ANNOTATED: Sequence[TaskFilterOptions] = ({"annotated": "only"}, {"annotated": "exclude", "skipped": "only"})
"""Tasks with an annotation that was submitted, and those whose annotations were all skipped."""

_BARE = Filters.item(Column.annotations_ids, Operator.EMPTY, Type.String, True)
DRAFTED = Filters.create(Filters.AND, [_BARE, Filters.item(Column.draft_exists, Operator.EQUAL, Type.Boolean, True)])

MOST_DRAFTED = 50
"""Tasks without annotations whose drafts are asked for one by one."""

MANY_DRAFTS = "many tasks have drafts, which pages lack"

NOT_OF_PAGES = {"annotations", "predictions", "drafts", "comment_authors", "allow_skip"}
"""What exports have of a task, and pages have not."""


class NotServed(Exception):
    """The routes would not give what a snapshot of the whole gives."""


def two_routes(wish: Wish) -> Pages[bool]:
    """The pages; False instead, before there was any, where a snapshot of the whole serves better."""
    if not wish.annotations or wish.filters is not None or wish.view is not None:
        return False
    with closing(Shelf()) as shelf:
        try:
            yield from _fill(shelf, wish)
        except (NotServed, InvalidRequest, sqlite3.Error, *NO_ROUTE) as error:
            logger.info("The tasks are read by a snapshot: %s", error)
            return False
        tasks = yield from Do(partial(_after, 0, shelf, wish))
        while tasks:
            yield Page(tasks)
            tasks = yield from Do(partial(_after, tasks[-1].id, shelf, wish))
    return True


def _after(id: int, shelf: Shelf, wish: Wish) -> list[Task]:
    found = shelf.tasks(id, AT_ONCE)
    if wish.predictions:
        for task in found:
            task["predictions"] = shelf.of(task["id"])
    return [Task(wish.of(task)) for task in found]


def _fill(shelf: Shelf, wish: Wish) -> Flow[None]:
    """Put all tasks and predictions on the shelf.

    Raises:
        NotServed: where that is not worth it, or something of them would be missing.
    """
    before = yield from _counts(wish)
    if before.tasks - before.annotations - before.skipped < max(1, WORTH_IT * before.tasks):
        raise NotServed("most of them have annotations")
    if wish.predictions and not (yield from predictions_onto(shelf, wish.project, before)):
        raise NotServed("the server has no list of all the predictions")
    # In this order: a task that is annotated meanwhile comes by both routes, and the snapshot's takes its place.
    bare = Bare(shelf)
    yield from _pages(wish.project, before.tasks, bare)
    for task in bare.drafted:
        task["drafts"] = [draft.raw for draft in (yield from gathered(Drafts.list(None, task=task["id"])))]
        if not task["drafts"]:
            raise NotServed(f"task {task['id']} has drafts that do not show")
    shelf.put(bare.drafted)
    if not before.annotations + before.skipped and (yield from System.version(None)).edition != "Community":
        raise NotServed("without an annotated task, nothing tells which fields exports have here")
    for options in ANNOTATED[: 2 if before.skipped else 1]:
        yield from _exported(wish.project, options, bare)
    after = yield from _counts(wish)
    if after != before or shelf.counts() != (before.tasks, before.annotations, before.skipped):
        raise NotServed("the project is changing")


def _pages(project: int, tasks: int, bare: Bare) -> Flow[None]:
    if tasks > AT_ONCE and (yield from counting(listing(project, DRAFTED))) > MOST_DRAFTED:
        raise NotServed(MANY_DRAFTS)
    last = 0
    while True:
        after = Filters.item(Column.id, Operator.GREATER, Type.Number, last)
        page = yield from listing(project, Filters.create(Filters.AND, [_BARE, after]))
        ids = [task.id for task in page.items]
        if ids != sorted(set(ids)) or (ids and ids[0] <= last):
            raise NotServed("the server does not give tasks by their ids")
        bare.take(page.items)
        if not ids or len(ids) >= (page.total or 0):
            return
        last = ids[-1]


def _counts(wish: Wish) -> Flow[Counts]:
    found = yield from counts_of(wish.project)
    if found is None:
        raise NotServed("the project asks its models whenever tasks are looked at, or does not say what it has")
    return found


class Bare:
    """Puts tasks without annotations on the shelf, as exports have them.

    Attributes:
        drafted: those of them whose drafts are still to come.
        fields: the names of what pages have of a task.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.drafted: list[dict[str, Any]] = []
        self.fields: set[str] = {"file_upload"}

    def take(self, tasks: Sequence[Task]) -> None:
        """Put some there."""
        for task in tasks:
            raw = task.raw
            if raw.get("comment_count") or raw.get("total_annotations") or raw.get("cancelled_annotations"):
                raise NotServed(f"task {task.id} has comments, or annotations that do not show")
            if even(raw):
                self.drafted.append(raw)
            for name in ("is_labeled", "overlap"):
                raw.pop(name, None)
            self.fields.update(raw)
            raw.update(annotations=[], drafts=[], comment_authors=[])
        if len(self.drafted) > MOST_DRAFTED:
            raise NotServed(MANY_DRAFTS)
        self.shelf.put(task.raw for task in tasks)


def _exported(project: int, options: TaskFilterOptions, bare: Bare) -> Flow[None]:
    with beside(Path(tempfile.gettempdir()) / "tasks.json") as place:
        yield from Exports.snapshot(
            None,
            project,
            path=place,
            task_filter_options=options,
            serialization_options=serialization(predictions=False),
        )
        yield from Do(lambda: _take(place, bare))


def _take(place: Path, bare: Bare) -> None:
    with place.open("rb") as file:
        bare.shelf.put_exported(file)
        file.seek(0)
        for text in items(file, name="The export"):
            if lost := set(loads(text)) - bare.fields - NOT_OF_PAGES:
                raise NotServed(f"pages have no {', '.join(sorted(lost))}")
            break


def serialization(*, predictions: bool) -> SerializationOptions:
    """What a snapshot is to hold of each task."""
    return {
        "drafts": {"only_id": False},
        "predictions": {"only_id": not predictions},
        "annotations__completed_by": {"only_id": True},
    }
