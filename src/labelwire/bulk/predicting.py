"""Predictions of any number onto existing tasks, each exactly once.

The server has no mark for them: after a lost answer the predictions of the batch's tasks are read back, and counted by
task, model version, score and result as far as they were made since the batch was sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, TypeAlias

from msgspec import Struct, field

from ..core.operation import Do, Flow, Operation, Reply, Request, Sleep
from ..errors import InvalidRequest, LabelwireError, UnexpectedReply, certainly_not_applied
from ..resources._fitting import selected
from ..resources.imports import Imports, into
from ..resources.predictions import Prediction, Predictions
from . import doubt
from .intake import digest
from .onto_tasks import Item, Loading, broken_off, known, next_batch, prepared
from .report import OnProgress, OnRefusal, Report
from .side_by_side import Width, side_by_side

Key: TypeAlias = tuple[int, str, float | None, bytes]
"""Task, model version, score, and what tells its result from others."""

SLACK = timedelta(seconds=1)
"""How exact the server tells the time."""

LEFT_OUT = "The server left it out without a word, which it does with what does not fit the labeling configuration."


class Sent(Struct, frozen=True):
    """What was sent and came to the server, or may have, and the server's time before."""

    items: Sequence[Item]
    since: datetime

    def counted(self) -> Counter[Key]:
        """How often each was sent. Only a fault asks for it: a digest of every result has its price."""
        return Counter(_key(item.task, item.fields) for item in self.items)


class Clock(Struct):
    """The server's time, from its own word and this machine's clock."""

    ahead: timedelta

    def now(self) -> datetime:
        """The server's time, as far as it tells."""
        return datetime.now(UTC) + self.ahead - SLACK


class Sending(Struct):
    """Predictions under way.

    Attributes:
        recent: what has certainly come a moment ago: a lookup has to tell it from what it looks for.
        doubtful: attempts that were given up, and may arrive after all.
        confirmed: all that has certainly come since a moment before the first of those.
    """

    work: Loading
    clock: Clock
    recent: list[Sent] = field(default_factory=list)
    doubtful: list[Sent] = field(default_factory=list)
    confirmed: Counter[Key] = field(default_factory=Counter)

    def send(self, batch: Sequence[Item]) -> Sent:
        """Note that a batch is about to be sent."""
        sent = Sent(batch, self.clock.now())
        self.recent = [one for one in self.recent if sent.since - one.since <= 3 * SLACK]
        return sent

    def arrived(self, sent: Sent, left: Sequence[Item] = ()) -> None:
        """Note that it has certainly come to the server, but for what is left."""
        came = Sent(_without(sent.items, left), sent.since) if left else sent
        self.work.report.created += len(came.items)
        self.recent.append(came)
        if self.doubtful:
            self.confirmed += came.counted()

    @property
    def earliest(self) -> datetime | None:
        """Since when what has come a moment ago may be there."""
        return min((one.since for one in self.recent), default=None)


def import_predictions(
    project: int, predictions: Iterable[Any], *, check: bool, on_refusal: OnRefusal, progress: OnProgress | None
) -> Flow[Report]:
    """The flow behind `client.imports.predictions`."""
    work, items = yield from prepared(project, "prediction", predictions, check, on_refusal, progress)
    try:
        state = Sending(work, (yield from clock()))
        while batch := (yield from next_batch(work, items)):
            yield from _send(state, batch)
            work.told()
        yield from _without_doubles(state)
    except LabelwireError as error:
        raise broken_off(work, error) from error.__cause__
    work.told()
    return work.report


def clock() -> Flow[Clock]:
    """The server's clock against this machine's."""

    def read(reply: Reply) -> Clock:
        told = reply.headers.get("Date")
        return Clock(parsedate_to_datetime(told) - datetime.now(UTC) if told else timedelta(0))

    return (yield from Operation(Request("GET", "/api/version", authenticated=False), read))


def body_of(batch: Sequence[Item]) -> bytes:
    """The batch as one JSON array."""
    return b"[" + b",".join(item.content for item in batch) + b"]"


def without_strangers(work: Loading, batch: Sequence[Item], error: InvalidRequest) -> Flow[list[Item]]:
    """Those of a refused batch whose task the project has.

    Raises:
        InvalidRequest: unless refusals are skipped, or when that is not what is wrong.
    """
    there = yield from known(work.project, (item.task for item in batch))
    strangers = [item for item in batch if item.task not in there]
    if not strangers and len(batch) > 1:
        raise error
    named = [(item, f"Project {work.project} has no task {item.task}.") for item in strangers]
    if work.on_refusal == "raise":
        if named:
            item, reason = named[0]
            error.args = (f"{error.args[0]}\n{work.noun.capitalize()} {item.position}: {reason}",)
        raise error
    for item, reason in named or [(item, str(error)) for item in batch]:
        work.refuse(item, reason)
    return [item for item in batch if item.task in there] if named else []


def _send(state: Sending, batch: list[Item]) -> Flow[None]:
    work = state.work
    tries = 0
    while batch:
        sent = state.send(batch)
        content = yield from Do(partial(body_of, batch))
        work.report.requests += 1
        try:
            created = yield from into(work.project, Imports.send_predictions(None, work.project, content))
        except doubt.LOST as error:
            if certainly_not_applied(error):
                raise
            left = yield from _doubt(state, sent, error)
            state.arrived(sent, left)
            tries += doubt.cost(error)
            if left and tries >= doubt.TRIES:
                raise
            batch = left
        except InvalidRequest as error:
            if error.status == 413 and len(batch) > 1:
                middle = len(batch) // 2
                yield from _send(state, batch[:middle])
                batch = batch[middle:]
            elif error.status == 400:
                batch = yield from without_strangers(work, batch, error)
            else:
                raise
        else:
            left = (yield from _left_out(state, sent)) if created < len(batch) else []
            state.arrived(sent, left)
            for item in left:
                work.refuse(item, LEFT_OUT)
            if left and work.on_refusal == "raise":
                raise _left_out_error(work, left)
            batch = []


def _left_out_error(work: Loading, left: Sequence[Item]) -> LabelwireError:
    where = ", ".join(str(item.position) for item in left[:10])
    return UnexpectedReply(
        f"The server has left out {len(left)} {work.noun}s of the batch, at {where}{' …' if len(left) > 10 else ''}. "
        f"{LEFT_OUT} The others are there; check=True says beforehand what is wrong."
    )


def _without(items: Iterable[Item], left: Iterable[Item]) -> list[Item]:
    missing = {item.position for item in left}
    return [item for item in items if item.position not in missing]


def _key(task: int, fields: Any) -> Key:
    version = fields.get("model_version")
    score = fields.get("score")
    # Only a list is stored as it was sent; of a word or a dict the server makes regions of its own.
    result = fields.get("result")
    told = digest(result) if isinstance(result, list) else b""
    return task, "" if version in (None, "undefined") else str(version), None if score is None else float(score), told


def _doubt(state: Sending, sent: Sent, error: LabelwireError) -> Flow[list[Item]]:
    """Those of the batch that are not on the server after its answer was lost, when no more seem to come."""
    doubt.told(state.work.report, error)

    def look() -> Flow[tuple[list[Item], bool]]:
        left = yield from _left_out(state, sent)
        return left, len(left) < len(sent.items)

    try:
        left = yield from doubt.settled(look, doubt.LATE)
    except LabelwireError as later:
        raise error from later
    if left:
        if not state.doubtful:
            state.confirmed = sum((one.counted() for one in state.recent), Counter())
        state.doubtful.append(Sent(left, state.earliest or sent.since))
    return left


def _left_out(state: Sending, sent: Sent) -> Flow[list[Item]]:
    """Those of the batch that the server does not have."""
    tasks = {item.task for item in sent.items}
    there = Counter(key for _, key in (yield from _stored(state.work.project, tasks, state.earliest or sent.since)))
    for one in state.recent:
        there.subtract(one.counted())
    left = []
    for item in sent.items:
        key = _key(item.task, item.fields)
        if there[key] > 0:
            there[key] -= 1
        else:
            left.append(item)
    return left


def _stored(project: int, tasks: Iterable[int], since: datetime) -> Flow[list[tuple[int, Key]]]:
    """Id and key of the tasks' predictions that were made since then, the oldest first."""
    include = ["id", "predictions", "result", "model_version", "score", "created_at"]
    found: list[tuple[int, Key]] = []
    for task in (yield from selected(project, tasks, include, "all")):
        found += [(one.id, _key(task.id, one.raw)) for one in task.predictions or () if _since(one, since)]
    return sorted(found)


def _since(prediction: Prediction, when: datetime) -> bool:
    made = prediction.created_at
    return isinstance(made, datetime) and made >= when


def _without_doubles(state: Sending) -> Flow[None]:
    """Remove what a request that was given up has brought after all."""
    if not state.doubtful:
        return
    yield from Sleep(doubt.LATE)
    surplus: set[int] = set()
    for sent in state.doubtful:
        # All that may be there: what has come, whichever batch it came with. What is more, came twice.
        wanted = Counter({key: state.confirmed[key] for key in sent.counted()})
        for number, key in (yield from _stored(state.work.project, {item.task for item in sent.items}, sent.since)):
            if key in wanted:
                wanted[key] -= 1
                if wanted[key] < 0:
                    surplus.add(number)
    yield from side_by_side([iter(Predictions.delete(None, number)) for number in sorted(surplus)], Width())
