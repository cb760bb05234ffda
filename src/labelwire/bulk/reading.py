"""All tasks of a project by the fastest route that the server offers, in constant memory.

With annotations that is an export snapshot: it goes to a file, and is decoded item by item. Where many tasks have no
annotations, it is a snapshot of those that have some, and pages of the rest (`two_routes`). Where there are no
snapshots it is the export on the spot, unless predictions are wanted, and else the Data Manager's pages. Predictions
without annotations have a route of their own (`trimmed`). Data alone comes in pages that hold nothing else.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

from msgspec import Struct

from ..core.json import encode, loads
from ..core.operation import Do, Flow, Page, Stream
from ..core.pager import all_pages, counting, each_page, few
from ..errors import InvalidInput, LabelwireError, NotFound
from ..files.json_items import items
from ..resources.exports import Exports, TaskFilterOptions
from ..resources.tasks import Task, Tasks
from ..resources.views import View, Views
from .trimmed import trimmed_pages
from .two_routes import serialization, two_routes
from .wish import AT_ONCE, NO_ROUTE, Pages, Wish, beside

logger = logging.getLogger(__name__)

IDS_AT_ONCE = 5_000
"""Ids in one answer."""


def stream_of(wish: Wish) -> Stream[Task]:
    """The tasks as a stream."""
    return Stream(lambda: _pages(wish), lambda: iter(counting(wish.listing)), lambda: iter(few(wish.listing)))


def ids_of(wish: Wish) -> Flow[list[int]]:
    """The tasks' ids."""
    found: list[int] = []
    listed = Tasks.list(
        None,
        project=wish.project,
        filters=wish.filters,
        view=wish.view,
        include=["id"],
        resolve_uri=False,
        page_size=IDS_AT_ONCE,
    )
    yield from each_page(listed, lambda tasks: found.extend(task.id for task in tasks))
    return found


def saved(wish: Wish, path: str | os.PathLike[str]) -> Flow[Path]:
    """The path to which the tasks were written, as a JSON array or as JSON Lines."""
    target = Path(path).expanduser()
    if target.is_dir() or target.suffix not in (".json", ".jsonl", ".ndjson"):
        raise InvalidInput(f"{str(path)!r}: name a file that ends in .json or .jsonl.")
    target.parent.mkdir(parents=True, exist_ok=True)
    writer = Writer(wish, target.suffix == ".json")
    with beside(target) as aside:
        with beside(target) as raw:
            exported = not wish.data_alone and (yield from _exported(wish, raw))
            if exported and wish.annotations and wish.predictions and writer.array:
                raw.replace(aside)
            elif exported:
                yield from Do(lambda: writer.rewrite(raw, aside))
            else:
                with aside.open("wb") as file:
                    yield from each_page(wish.listing, lambda tasks: writer.put(file, [task.raw for task in tasks]))
                    writer.end(file)
        aside.replace(target)
    return target


class Writer(Struct):
    """Writes tasks, without what is not wanted of them, as one array or as a line each."""

    wish: Wish
    array: bool
    count: int = 0

    def put(self, file: IO[bytes], tasks: Iterable[dict[str, Any]]) -> None:
        """Write some tasks."""
        for task in tasks:
            if self.array:
                file.write(b",\n" if self.count else b"[")
            file.write(encode(self.wish.of(task)) + (b"" if self.array else b"\n"))
            self.count += 1

    def end(self, file: IO[bytes]) -> None:
        """Write what comes after the last task."""
        if self.array:
            file.write(b"]" if self.count else b"[]")

    def rewrite(self, raw: Path, aside: Path) -> None:
        """Write the tasks of an export."""
        with raw.open("rb") as source, aside.open("wb") as file:
            whole = self.wish.annotations and self.wish.predictions
            for piece in items(source, name="The export"):
                if whole and not self.array and b"\n" not in piece:
                    file.write(piece + b"\n")  # as the server wrote it
                else:
                    self.put(file, [loads(piece)])
            self.end(file)


def _pages(wish: Wish) -> Pages[None]:
    if wish.data_alone:
        yield from all_pages(wish.listing)
        return
    for route in (trimmed_pages, two_routes):
        if (yield from route(wish)):
            return
    with beside(Path(tempfile.gettempdir()) / "tasks.json") as place:
        if (yield from _exported(wish, place)):
            with place.open("rb") as file:
                found = items(file, name="The export")
                while tasks := (yield from Do(lambda: [wish.of(loads(piece)) for piece in islice(found, AT_ONCE)])):
                    yield Page([Task(task) for task in tasks])
            return
    yield from all_pages(wish.listing)


def _exported(wish: Wish, place: Path) -> Flow[bool]:
    """Whether the tasks with all that belongs to them were written to `place`, by a snapshot or by an export."""
    ours = None
    try:
        view = wish.view
        if wish.filters is not None:
            ours = yield from Views.create(None, project=wish.project, title="labelwire", filters=wish.filters)
            view = ours.id
        options: TaskFilterOptions = {} if view is None else {"view": view}
        yield from Exports.snapshot(
            None,
            wish.project,
            path=place,
            task_filter_options=options,
            serialization_options=serialization(predictions=wish.predictions),
        )
    except Exception as error:  # not in a finally: a flow that is given up can ask nothing more
        yield from _forget(ours)
        if isinstance(error, NO_ROUTE):
            logger.info("The tasks are read without a snapshot: %s", error)
            return (yield from _without_snapshot(wish, place, error))
        raise
    yield from _forget(ours)
    return True


def _forget(view: View | None) -> Flow[None]:
    if view is not None:
        with suppress(LabelwireError):  # the tasks, or the error at hand, are what matters
            yield from Views.delete(None, view.id)


def _without_snapshot(wish: Wish, place: Path, error: LabelwireError) -> Flow[bool]:
    if isinstance(error, NotFound) and error.detail:
        raise error  # there is no such project
    if wish.filters is not None or wish.view is not None or wish.predictions:
        return False  # the export on the spot knows neither views nor more of predictions than their ids
    try:
        yield from Exports.direct(None, wish.project, path=place, download_all_tasks=True)
    except NO_ROUTE as error:
        logger.info("The tasks are read in pages: %s", error)
        return False
    return True
