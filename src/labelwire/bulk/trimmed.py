"""Tasks with predictions and without annotations: pages trimmed to the tasks, and the project's predictions in a list.

A task's predictions are a query each for the server, in its whole pages as in a snapshot, while all those of a project
come in one answer. That answer goes into a database on disk, from which each page's tasks get theirs. With annotations
a snapshot is faster: the Data Manager makes their serializer anew for each task, and computes all of its columns.
"""

from __future__ import annotations

import logging
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from typing import IO, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ..core.json import loads
from ..core.operation import Do, Flow, Operation, Page, Request
from ..core.pager import counting, pages_from
from ..errors import InvalidInput, UnexpectedReply
from ..files.json_items import items
from ..resources._common import nothing
from ..resources.projects import Project
from ..resources.tasks import PAGE_SIZE, Task, Tasks
from .wish import NO_ROUTE, Pages, Wish

logger = logging.getLogger(__name__)

MOST = 100_000
"""Predictions in one answer, which the server makes in its memory."""

OF_PROJECT = ("id", "task_number", "total_predictions_number", "evaluate_predictions_automatically")

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
    "updated_by",
    "created_at",
    "updated_at",
)
"""What a task comes with. Its drafts and its `comment_authors` would be a query a task."""


def trimmed_pages(wish: Wish) -> Pages[bool]:
    """The pages; False instead, before there was any, where another route serves better."""
    if wish.annotations:
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


def _serves(wish: Wish, shelf: Shelf) -> Flow[bool]:
    """Whether the route serves; the predictions are on the shelf then."""
    about = Request("GET", f"/api/projects/{wish.project}/", {"include": ",".join(OF_PROJECT)})
    project = yield from Operation(about, Project.decode)
    if project.get("evaluate_predictions_automatically") is not False:
        return False  # the server would ask its models about the tasks of each page
    tasks, predictions = project.get("task_number"), project.get("total_predictions_number")
    if not isinstance(tasks, int) or not isinstance(predictions, int) or predictions > MOST:
        return False
    if predictions and (wish.filters is not None or wish.view is not None):
        wanted = yield from counting(_listing(wish))
        if wanted < tasks / 2:
            return False  # most of the predictions would come for nothing
    with tempfile.TemporaryFile() as file:
        request = Request("GET", "/api/predictions/", {"task__project": wish.project})
        yield from Operation(request, nothing, file)
        found = yield from Do(lambda: shelf.fill(file))
    return found >= predictions  # fewer were deleted meanwhile, or are not shown


def _first_page(wish: Wish, shelf: Shelf) -> Flow[Page[Task]]:
    def complete(page: Page[Task]) -> Page[Task]:
        for task in page.items:
            _even(task.raw)
            task.raw["predictions"] = shelf.of(task.id)
        return replace(page, next=page.next and page.next.map(complete))

    return (yield from _listing(wish).map(complete))


def _listing(wish: Wish) -> Operation[Page[Task]]:
    return Tasks.list(
        None,
        project=wish.project,
        filters=wish.filters,
        view=wish.view,
        include=OF_TASK,
        resolve_uri=False,
        page_size=PAGE_SIZE,
    )


def _even(task: dict[str, Any]) -> None:
    """Write as exports do what the Data Manager writes in a way of its own."""
    match task.get("updated_by"):
        case [{"user_id": user}]:
            task["updated_by"] = user
        case []:
            task["updated_by"] = None


class Key(Struct):
    """What a prediction is found by."""

    id: int
    task: int


class Shelf:
    """The predictions of a project, as JSON text by task, in a database on disk that is gone once it is closed."""

    def __init__(self) -> None:
        # Pages are fetched ahead in another thread, one at a time.
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._db.execute("create table prediction (task integer not null, id integer not null, text blob not null)")

    def fill(self, file: IO[bytes]) -> int:
        """How many predictions were taken in from the file, a JSON array.

        Raises:
            UnexpectedReply: where it is something else.
        """
        file.seek(0)
        self._db.execute("begin")
        try:
            filled = self._db.executemany("insert into prediction values (?, ?, ?)", _rows(file))
        except (InvalidInput, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnexpectedReply(f"The list of the project's predictions is not as expected: {error}") from None
        self._db.execute("create index by_task on prediction (task, id)")
        self._db.execute("commit")
        return filled.rowcount

    def of(self, task: int) -> list[Any]:
        """The task's predictions, in the order of their ids."""
        rows = self._db.execute("select text from prediction where task = ? order by id", (task,))
        return [loads(text) for (text,) in rows]

    def close(self) -> None:
        """Throw it all away."""
        self._db.close()


def _rows(file: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    key = msgspec.json.Decoder(Key).decode
    for text in items(file, name="The list"):
        found = key(text)
        yield found.task, found.id, text
