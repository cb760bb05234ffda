"""What is done while nobody knows whether a write was applied: looking, waiting, and how often it is tried again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from ..core.operation import Flow, Sleep
from ..resources._once import LOST as LOST
from ..resources._once import failed_by_itself

if TYPE_CHECKING:
    from .report import Report

logger = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 6
"""How often a write is sent at the most; fewer where it is the server itself that fails."""

LATE = 10.0
"""Seconds after a lost answer in which a proxy may still hand the request on: until then it counts as possible."""

SLOWEST = 60.0
"""Seconds for which a server that has begun with a request may go on with it after its answer was lost."""

LOOK = 0.5
"""Seconds between two looks at whether a request has arrived."""


def told(report: Report, error: Exception) -> None:
    """Count that nobody knows what became of a write, and say so in the log."""
    report.doubts += 1
    logger.warning("Whether it was applied is looked up: %s", error)


def cost(error: Exception) -> int:
    """How many of the tries a failure counts for.

    The server's own failure comes again; what is broken on the way there mostly does not.
    """
    return TRIES // 2 if failed_by_itself(error) else 1


def pause(tries: int) -> Sleep:
    """The wait before the next try."""
    return Sleep(min(LOOK * 2**tries, 5.0))


def patience(slowest: float) -> float:
    """Seconds to wait for a request that the server has begun with: a few times what the others took."""
    return min(max(slowest * 3.0, LATE), SLOWEST)


def settled(look: Callable[[], Flow[tuple[T, bool]]], seconds: float) -> Flow[T]:
    """What `look` finds, once it says that no more is to come, or when the time is up."""
    until = monotonic() + seconds
    while True:
        found, done = yield from look()
        if done or monotonic() > until:
            return found
        yield from Sleep(LOOK)


def patiently(flow: Callable[[], Flow[T]]) -> Flow[T]:
    """What comes of looking or tidying up, which may be done again, when the line is as bad as it seems to be."""
    for attempt in range(1, TRIES):
        try:
            return (yield from flow())
        except LOST as error:
            logger.warning("Done again later: %s", error)
            yield from pause(attempt)
    return (yield from flow())
