"""One batch of tasks, brought to the server exactly once.

The server has no idempotency key. But a task remembers the name of the file that it was imported from, and can be
found by it: so each attempt goes up as a file of a name that nothing else has. When the answer is lost, the name tells
whether the server has applied the request; only when it has not, the batch is sent again, under the next name. Should
an earlier attempt turn up after all, its tasks are removed at the end.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Any

from msgspec import Struct, field

from ..core.operation import Do, Flow, Operation, Page, Request, Sleep, Upload
from ..core.pager import counting, gathered
from ..data_manager import Column, Filters, Operator, Type
from ..errors import LabelwireError, ServerError, TimedOut, UnexpectedReply, certainly_not_applied
from ..resources.actions import Actions
from ..resources.files import Files
from ..resources.imports import finished
from ..resources.tasks import Task, Tasks
from . import doubt
from .batches import Batch
from .ledger import Ledger
from .report import Report

AT_ONCE = 10_000
"""Tasks in one request of a deletion."""


class Run(Struct):
    """One import: where to, under which name, and what it has done so far. Times are seconds."""

    project: int
    ledger: Ledger
    report: Report
    params: Mapping[str, Any]
    doubtful: list[str] = field(default_factory=list)
    doubted: float = 0.0
    slowest: float = 0.0


class Arrived(Struct):
    """What is on the server of a batch: its tasks' ids in order, and how much came with them."""

    ids: array[int]
    annotations: int = 0
    predictions: int = 0


def deliver(run: Run, batch: Batch, marks: Sequence[str] = ()) -> Flow[array[int]]:
    """The ids of the batch's tasks, in its order, once they are on the server.

    Args:
        marks: names under which an earlier run has sent it.

    Raises:
        InvalidRequest: when the server refuses it; none of it is there.
        LabelwireError: when it could not be sent; none of it is there, or the error says that nobody knows.
    """
    sent = list(marks)
    for mark in marks:
        there = yield from _fate(run, mark, len(batch))
        if there is not None:
            return (yield from _applied(run, batch, there))
        run.doubtful.append(mark)
    tries = 0
    while True:
        mark = f"{run.ledger.run}-{batch.first}-{len(sent) + 1}"
        sent.append(mark)
        yield from Do(lambda: run.ledger.sending(batch, sent))
        begun = monotonic()
        try:
            there = yield from _send(run, batch, mark)
        except doubt.LOST as error:
            if certainly_not_applied(error):
                raise
            there = yield from _doubt(run, sent, len(batch), error)
            tries += doubt.cost(error)
            if there is None and tries >= doubt.TRIES:
                raise
            if there is None and tries > 1 and len(batch) > 1 and too_slow(error):
                raise TooSlow from error
        if there is not None:
            run.slowest = max(run.slowest, monotonic() - begun)
            return (yield from _applied(run, batch, there))
        yield from doubt.pause(tries)


class TooSlow(Exception):
    """The batch takes longer than something on the way has patience for; none of it is on the server so far."""


def too_slow(error: LabelwireError) -> bool:
    """Whether it was the time that ran out."""
    return isinstance(error, TimedOut) or (isinstance(error, ServerError) and error.status == 504)


def tidy(run: Run) -> Flow[None]:
    """Remove what came twice, and the files that the tasks came in.

    An attempt that was given up may have been applied after all, and a network may have handed a request on twice.
    """
    yield from doubt.patiently(lambda: _tidied(run))


def _tidied(run: Run) -> Flow[None]:
    if run.doubtful:
        yield from Sleep(max(run.doubted + doubt.LATE - monotonic(), 0.0))
    ours = {task for entry in run.ledger.entries() for task in entry.ids or ()}
    if (yield from counting(_named(run.project, f"{run.ledger.run}-", ["id"]))) != len(ours):
        there = yield from gathered(_named(run.project, f"{run.ledger.run}-", ["id"]))
        yield from remove(run.project, [task.id for task in there if task.id not in ours])
    uploads = [file.id for file in (yield from gathered(Files.list(None, run.project))) if _of(run, file.name)]
    if uploads:
        yield from Files.delete_many(None, run.project, ids=uploads)
    yield from Do(run.ledger.tidy)


def remove(project: int, tasks: Sequence[int]) -> Flow[None]:
    """Delete these tasks."""
    for start in range(0, len(tasks), AT_ONCE):
        yield from Actions.run(None, "delete_tasks", project=project, selected=tasks[start : start + AT_ONCE])


def _send(run: Run, batch: Batch, mark: str) -> Flow[Arrived]:
    upload = Upload(f"{mark}.json", (yield from Do(lambda: batch.content)), "application/json")
    run.report.requests += 1
    done = yield from finished(Request("POST", f"/api/projects/{run.project}/import", run.params, uploads=[upload]))
    there = Arrived(array("q", done.task_ids or ()), done.annotation_count or 0, done.prediction_count or 0)
    if len(there.ids) != len(batch):  # Enterprise does not tell them
        there = yield from _found(run.project, mark)
    if len(there.ids) != len(batch):
        raise UnexpectedReply(f"Of {len(batch)} tasks the server has taken {len(there.ids)}.")
    return there


def _applied(run: Run, batch: Batch, there: Arrived) -> Flow[array[int]]:
    run.report.annotation_count += there.annotations
    run.report.prediction_count += there.predictions
    yield from Do(lambda: run.ledger.applied(batch, there.ids, there.annotations, there.predictions))
    return there.ids


def _doubt(run: Run, sent: Sequence[str], count: int, error: LabelwireError) -> Flow[Arrived | None]:
    """What became of the last attempt, whose answer was lost; or of one before it, which may have arrived meanwhile."""
    doubt.told(run.report, error)
    try:
        there = yield from doubt.patiently(lambda: _fate(run, sent[-1], count))
        for mark in sent[:-1]:
            if there is None:
                earlier = yield from doubt.patiently(partial(_found, run.project, mark))
                there = earlier if len(earlier.ids) == count else None
    except LabelwireError as later:
        # Now nobody can say. The first error is the cause, the second the reason why it stays open.
        raise error from later
    if there is None:
        run.doubtful.append(sent[-1])
        run.doubted = monotonic()
    return there


def _fate(run: Run, mark: str, count: int) -> Flow[Arrived | None]:
    """What an attempt has brought to the server; None when it has not brought it all, and no more is to come.

    The server stores the file before it makes tasks of it. A file without tasks is therefore one that it is still
    working on, or at which it was interrupted.
    """
    looks = 0

    def look() -> Flow[tuple[Arrived | None, bool]]:
        nonlocal looks
        looks += 1
        there = yield from _found(run.project, mark)
        if len(there.ids) == count:
            return there, True
        uploads = yield from gathered(Files.list(None, run.project))
        return None, looks > 1 and not any(file.name == f"{mark}.json" for file in uploads)

    return (yield from doubt.settled(look, doubt.patience(run.slowest)))


def _found(project: int, mark: str) -> Flow[Arrived]:
    """What came in the file of this name."""
    counts = ["id", "total_annotations", "cancelled_annotations", "total_predictions"]
    tasks = yield from gathered(_named(project, f"{mark}.json", counts))
    return Arrived(
        array("q", (task.id for task in tasks)),
        sum((task.total_annotations or 0) + (task.cancelled_annotations or 0) for task in tasks),
        sum(task.total_predictions or 0 for task in tasks),
    )


def _named(project: int, name: str, include: list[str]) -> Operation[Page[Task]]:
    """The tasks that came in files whose names hold this, in the order in which they came."""
    named = Filters.create(
        Filters.AND, [Filters.item(Column.file_upload, Operator.CONTAINS, Type.String, Filters.value(name))]
    )
    return Tasks.list(None, project=project, filters=named, ordering=["tasks:id"], include=include, page_size=AT_ONCE)


def _of(run: Run, name: str) -> bool:
    return name.startswith(f"{run.ledger.run}-")
