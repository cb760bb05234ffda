"""Tasks of any number, imported: each on the server once, whatever happens on the way."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence, Sized
from contextlib import suppress
from functools import partial
from os import PathLike
from time import monotonic
from typing import Any

from msgspec import Struct, field

from ..core.operation import Do, Flow, Operation, Request, Together
from ..errors import ConnectionLost, InvalidInput, InvalidRequest, LabelwireError
from ..resources.imports import params_of
from ..resources.tasks import Tasks
from .batches import Batch, Cutter, Pace
from .intake import WINDOW, Existing, Intake, Source, known_tasks, tasks_from
from .ledger import Ledger
from .marked import Run, TooSlow, deliver, remove, tidy
from .report import OnProgress, OnRefusal, Refused, Report, interrupted
from .side_by_side import Width, side_by_side

logger = logging.getLogger(__name__)

MOST_REASONS = 20
"""Refusals that one message holds."""

ITEM = re.compile(r"Error at item (\d+): (.*?)(?: :: |$)", re.DOTALL)
"""How the server names an item that it refuses."""


class Importing(Struct):
    """An import under way."""

    run: Run
    intake: Intake
    cutter: Cutter
    pace: Pace
    total: int | None
    progress: OnProgress | None
    begun: float
    width: Width = field(default_factory=Width)

    @property
    def report(self) -> Report:
        """What was done so far."""
        return self.run.report

    @property
    def resumable(self) -> bool:
        """Whether a further call can go on where this one ends."""
        return self.run.ledger.path is not None

    def told(self) -> None:
        """Say how far it is."""
        self.report.seconds = monotonic() - self.begun
        if self.progress is not None:
            self.progress(self.report.progress(self.total))

    def settled(self, batch: Batch, ids: Sequence[int]) -> None:
        """Put the ids of a batch's tasks where its items were."""
        for position, task in zip(batch.positions, ids, strict=True):
            self.intake.ids[position] = task
        self.report.created += len(batch)


def import_tasks(
    project: int,
    source: Source,
    *,
    preannotated_from_fields: Sequence[str] = (),
    key: str | None = None,
    existing: Existing = "skip",
    dry_run: bool = False,
    on_refusal: OnRefusal = "raise",
    ledger: str | PathLike[str] | None = None,
    progress: OnProgress | None = None,
    format: str | None = None,
) -> Flow[Report]:
    """The flow behind `client.imports.tasks`."""
    begun = monotonic()
    if key is not None and ledger is not None:
        raise InvalidInput(
            "With key= a repeat is harmless by itself, since what is there is skipped: leave ledger out."
        )
    report = Report(dry_run=dry_run)
    intake = Intake(tasks_from(source, format), report, on_refusal, existing=existing)
    if key is not None:
        intake.index = yield from known_tasks(project, key)
    server = "" if ledger is None else (yield from _address(project))
    book = yield from Do(lambda: Ledger(ledger, server, project))
    pace = Pace()
    work = Importing(
        Run(project, book, report, params_of(preannotated_from_fields)),
        intake,
        Cutter(iter(intake), pace),
        pace,
        len(source) if isinstance(source, Sized) and not isinstance(source, str) else None,
        progress,
        begun,
    )
    try:
        yield from (_rehearse(work) if dry_run else _all(work))
    except Exception as error:  # that of the source too
        raise (yield from _broken_off(work, error)) from error.__cause__
    finally:
        book.close()
    for position, earlier in intake.again:
        intake.ids[position] = intake.ids[earlier]
        if not intake.ids[earlier] and not dry_run:
            report.skipped -= 1
            report.refused.append(Refused(position, f"It has the key of item {earlier}, which was refused."))
    report.task_ids = intake.ids.tolist()
    work.told()
    return report


def _all(work: Importing) -> Flow[None]:
    yield from _resumed(work)
    batch = yield from Do(work.cutter.take)
    while batch is not None:
        if len(batch):
            # The next batch is read while the server is at work with this one.
            outcomes: list[Any] = yield from Together([_send(work, batch), iter(Do(work.cutter.take))], 2)
            for outcome in outcomes:
                if isinstance(outcome, Exception):
                    raise outcome
            batch = outcomes[1]
            work.told()
        else:
            batch = yield from Do(work.cutter.take)
        if len(work.intake.updates) >= WINDOW:
            yield from _update(work)
    yield from _update(work)
    if not work.run.ledger.tidied:
        try:
            yield from tidy(work.run)
        except LabelwireError as error:
            if work.run.doubtful:
                raise  # something may be there twice
            work.report.notes.append(f"The files that the tasks came in stay among the project's uploads: {error}")


def _resumed(work: Importing) -> Flow[None]:
    """Take up what an earlier run has sent."""
    ledger = work.run.ledger
    refused = {one.position: one for one in ledger.refused()}
    work.report.refused += refused.values()
    work.cutter.left_out = refused
    for entry in ledger.entries():
        batch = yield from Do(partial(work.cutter.through, entry.last))
        if not batch or batch.digest != entry.digest:
            raise InvalidInput(
                f"The input is not that of the ledger {ledger.path}: items {entry.first} to {entry.last} differ. Give "
                "the same input, or another ledger."
            )
        if entry.ids is None:
            yield from _send(work, batch, entry.marks)
            work.told()
            continue
        work.report.annotation_count += entry.annotations
        work.report.prediction_count += entry.predictions
        work.settled(batch, entry.ids)
        work.told()


def _rehearse(work: Importing) -> Flow[None]:
    while (batch := (yield from Do(work.cutter.take))) is not None:
        work.report.created += len(batch)
        work.report.updated += len(work.intake.updates)
        work.intake.updates.clear()
        work.told()
    work.report.updated += len(work.intake.updates)


def _send(work: Importing, batch: Batch, marks: Sequence[str] = ()) -> Flow[None]:
    """One batch, in as many requests as the server wants it in."""
    begun = monotonic()
    try:
        ids = yield from deliver(work.run, batch, marks)
    except InvalidRequest as error:
        yield from Do(lambda: work.run.ledger.forget(batch))
        parts: Sequence[Batch]
        if error.status == 413 and len(batch) > 1:
            work.pace.too_large(batch)
            parts = batch.halves()
        elif work.intake.on_refusal == "skip" and error.status == 400:
            parts = yield from _without_refused(work, batch, error)
        else:
            error.args = (_named(error, batch),)
            raise
        logger.info("%d tasks go in %d smaller requests: %s", len(batch), len(parts), str(error).partition("\n")[0])
        for part in parts:
            yield from _send(work, part)
        return
    except TooSlow:
        yield from Do(lambda: work.run.ledger.forget(batch))
        work.pace.too_large(batch)
        for part in batch.halves():
            yield from _send(work, part)
        return
    work.pace.taken(batch, monotonic() - begun)
    work.settled(batch, ids)


def _named(error: InvalidRequest, batch: Batch) -> str:
    """The error's message with the items by their positions in the whole input."""
    found = [item for item in ITEM.finditer(str(error)) if int(item[1]) < len(batch)]
    reasons = [f"\n  Task {batch.positions[int(item[1])]}: {item[2]}" for item in found]
    more = f"\n  and {len(reasons) - MOST_REASONS} more" if len(reasons) > MOST_REASONS else ""
    return str(error).partition("\n")[0] + "".join(reasons[:MOST_REASONS]) + more if reasons else str(error)


def _without_refused(work: Importing, batch: Batch, error: InvalidRequest) -> Flow[Sequence[Batch]]:
    """What remains of a batch of which the server refuses some; it names them, or they are narrowed down."""
    reasons = {int(item[1]): item[2] for item in ITEM.finditer(str(error)) if int(item[1]) < len(batch)}
    if not reasons and len(batch) > 1:
        return batch.halves()
    refused = [Refused(batch.positions[index], reason) for index, reason in (reasons or {0: str(error)}).items()]
    work.report.refused += refused
    yield from Do(lambda: work.run.ledger.refuse(refused))
    rest = batch.without({one.position for one in refused})
    return [rest] if rest else []


def _update(work: Importing) -> Flow[None]:
    """Send the updates that have come together."""
    updates = work.intake.updates[:]
    work.intake.updates.clear()
    flows = [iter(Tasks.update(None, update.id, **update.changes)) for update in updates]
    outcomes = yield from side_by_side(flows, work.width)
    fatal: Exception | None = None
    for update, outcome in zip(updates, outcomes, strict=True):
        work.report.requests += 1
        if not isinstance(outcome, Exception):
            work.report.updated += 1
        elif isinstance(outcome, InvalidRequest) and work.intake.on_refusal == "skip":
            work.report.refused.append(Refused(update.position, str(outcome)))
        else:
            fatal = fatal or outcome
    if fatal is not None:
        raise fatal


def _broken_off(work: Importing, error: Exception) -> Flow[Exception]:
    """The error, after what was done before is taken back or told."""
    report = work.report
    made = report.created
    refused = isinstance(error, (InvalidInput, InvalidRequest)) or not isinstance(error, LabelwireError)
    if refused and not work.resumable:
        new = [task for entry in work.run.ledger.entries() for task in entry.ids or ()]
        try:
            yield from remove(work.run.project, new)
            yield from tidy(work.run)
        except LabelwireError as later:
            error.__cause__ = later
        else:
            report.created, report.task_ids = 0, []
            said = f"The {made:,} tasks that it had brought before were taken back." if made else ""
            if report.updated:
                said += f" The {report.updated:,} that it had updated stay as they are now."
            return interrupted(error, report, said)
    elif not isinstance(error, ConnectionLost):  # of a server that is gone nothing can be asked
        with suppress(LabelwireError):  # the error at hand is what matters
            yield from tidy(work.run)
    if work.resumable:
        said = f"{made:,} of its tasks are on the server: call again with the same ledger, and it goes on from there."
    elif made:
        said = (
            f"{made:,} of its tasks are on the server, error.report.task_ids has their ids. With ledger='…' a further "
            "call goes on where this one broke off."
        )
    else:
        said = ""
    return interrupted(error, report, said)


def _address(project: int) -> Flow[str]:
    """The server's own URL, once it has said that it has the project."""
    path = f"/api/projects/{project}/"
    url = yield from Operation(Request("GET", path), lambda reply: reply.url)
    return url.partition(path)[0]
