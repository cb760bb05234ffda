"""Changes for which the server has no bulk route: one by one, as many at once as it bears, each with its own fate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from time import monotonic
from typing import Any, Literal

from ..core.model import Model
from ..core.operation import Do, Flow, Operation
from ..errors import InvalidInput, NotFound, StatusError
from .report import OnProgress, OnRefusal, Refused, Report, interrupted
from .side_by_side import Width, side_by_side

WINDOW = 200
"""Items that are under way or waiting at a time."""


def one_by_one(
    given: Iterable[Any],
    operation: Callable[[Any], Operation[Any]],
    counted: Literal["updated", "deleted"],
    on_refusal: OnRefusal,
    progress: OnProgress | None,
) -> Flow[Report]:
    """What became of all of the items. One that is refused ends nothing: the others are done, and then it is an error.

    Args:
        operation: what is to be done with one.
        counted: what of the report counts those that were done. What is to be deleted and is not there is skipped.
    """
    begun = monotonic()
    total = len(given) if isinstance(given, Sequence) else None
    report, width, first = Report(), Width(), None
    for batch in _windows(given):
        items = yield from Do(lambda some=batch: list(some))  # type: ignore[misc]
        if not items:
            break
        flows = []
        start = position = report.done
        places = []
        for position, item in enumerate(items, start):
            try:
                flows.append(iter(operation(item)))
                places.append(position)
            except InvalidInput as error:
                if on_refusal == "raise":
                    raise interrupted(error, report, f"It is item {position}; {start:,} before it are done.") from None
                report.refused.append(Refused(position, str(error)))
        fatal: Exception | None = None
        for position, outcome in zip(places, (yield from side_by_side(flows, width)), strict=True):
            report.requests += 1
            if not isinstance(outcome, Exception):
                setattr(report, counted, getattr(report, counted) + 1)
            elif isinstance(outcome, NotFound) and counted == "deleted":
                report.skipped += 1
            elif isinstance(outcome, StatusError) and outcome.status in (400, 403, 404, 409):
                report.refused.append(Refused(position, str(outcome)))
                first = first or outcome
            else:
                fatal = fatal or outcome
        if fatal is not None:
            raise interrupted(fatal, report, f"{report.done:,} items are done; error.report tells.")
        report.seconds = monotonic() - begun
        if progress is not None:
            progress(report.progress(total))
    if first is not None and on_refusal == "raise":
        said = f"{len(report.refused):,} of {report.done:,} were refused, and the others are done; error.report tells."
        raise interrupted(first, report, said)
    return report


def _windows(given: Iterable[Any]) -> Iterator[Iterator[Any]]:
    rest = iter(given)
    while True:
        yield islice(rest, WINDOW)


def changed(update: Callable[..., Operation[Any]], item: Any) -> Operation[Any]:
    """The `update` of what `{"id": 1, …}` names, with what stands beside the id.

    Raises:
        InvalidInput: for what has no id, or no changes.
    """
    fields = item.raw if isinstance(item, Model) else item
    if not isinstance(fields, Mapping) or not hasattr(fields.get("id"), "__index__") or len(fields) < 2:
        raise InvalidInput('{"id": 1, …} is the form of a change, with what is to be written beside the id.')
    changes = {**fields}
    return update(None, int(changes.pop("id")), **changes)
