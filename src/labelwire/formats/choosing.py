"""Which of a task's annotations counts, where there are several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, get_args

from ..errors import InvalidInput

Raw: TypeAlias = Mapping[str, Any]
Which: TypeAlias = Literal["latest", "first", "ground truth", "all", "user", "agreement"]
"""The strategies:

- "latest": the one that was changed last; the later one of two where the times are the same.
- "first": the one that was made first.
- "ground truth": those that are marked so; of a task that has none, none.
- "all": every one.
- "user": the latest of the one user, by id or email, that `by` names.
- "agreement": what all of them say (`labelwire.formats.agreement`).
"""


def chooser(which: Which, by: int | str | None = None) -> Callable[[Sequence[Raw]], Sequence[Raw]] | None:
    """What picks them out of a task's annotations, as they were read; None where all are taken.

    Raises:
        InvalidInput: for a strategy that there is not, and for "user" without one.
    """
    if which not in get_args(Which):
        raise InvalidInput(f"There is no strategy {which!r}; there are: {', '.join(get_args(Which))}.")
    if (by is None) == (which == "user"):
        raise InvalidInput('`by` names the user of annotations="user", by id or email, and of no other strategy.')
    if which in ("all", "agreement"):
        return None
    if which == "user":
        return lambda there: _latest([one for one in there if _is_by(one, by)])
    return _CHOOSE[which]


def _latest(there: Sequence[Raw]) -> Sequence[Raw]:
    if len(there) < 2:
        return there
    return [max(enumerate(there), key=lambda pair: (*_time(pair[1], "updated_at"), pair[0]))[1]]


def _first(there: Sequence[Raw]) -> Sequence[Raw]:
    return [min(there, key=lambda one: _time(one, "created_at"))] if len(there) > 1 else there


def _ground_truth(there: Sequence[Raw]) -> Sequence[Raw]:
    return [one for one in there if one.get("ground_truth") is True]


_CHOOSE: dict[str, Callable[[Sequence[Raw]], Sequence[Raw]]] = {
    "latest": _latest,
    "first": _first,
    "ground truth": _ground_truth,
}


def _time(one: Raw, key: str) -> tuple[str, int]:
    """When it was made or changed: the server writes times so that they sort; then by its id."""
    when = one.get(key) or one.get("created_at")
    number = one.get("id")
    return when if isinstance(when, str) else "", number if isinstance(number, int) else 0


def _is_by(one: Raw, by: int | str | None) -> bool:
    who = one.get("completed_by")
    if isinstance(who, dict):
        return by in (who.get("id"), who.get("email"))
    return who == by and not isinstance(who, bool)
