"""What goes on, for those who ask: a line in the log for each request, and spans of calls and requests.

The steps of a call pass through here on their way to the driver, and the answers on their way back. Where nobody asked,
they pass through nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .operation import Reply, Steps, Wire
from .redacted import bare

if TYPE_CHECKING:
    from .exchange import Site

T = TypeVar("T")

Ended = Callable[[Any], object]
"""Takes what became of a step: the answer, the error, or None when nobody waits for it any more."""

logging.getLogger("labelwire").addHandler(logging.NullHandler())  # quiet until a program asks
logger = logging.getLogger("labelwire.core")


class Tracer(Protocol):
    """What makes spans."""

    def call(self, name: str, flow: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        """The flow, with a span of this name."""
        ...

    def requests(self, steps: Steps[Reply], server: str) -> Steps[Reply]:
        """The steps, with a span for each of their requests."""
        ...


tracer: Tracer | None = None
"""Makes a span of each call and request, where a program asked for them (`labelwire.tracing`)."""


def watched(steps: Steps[Reply], site: Site) -> Steps[Reply]:
    """The steps, with a span for each of their requests, and with a line in the log, where such are wanted."""
    if tracer is not None:
        steps = tracer.requests(steps, site.url)
    return _told(steps, site.url) if logger.isEnabledFor(logging.DEBUG) else steps


def relayed(steps: Generator[Any, Any, T], begin: Callable[[Any], tuple[Any, Ended]]) -> Generator[Any, Any, T]:
    """The steps, each shown to `begin`, which says what goes on in its place and who is told what became of it."""
    answer: Any = None
    fault: Exception | None = None
    try:
        while True:
            step, ended = begin(steps.throw(fault) if fault else steps.send(answer))
            answer = fault = outcome = None
            try:
                answer = outcome = yield step
            except Exception as error:
                fault = outcome = error
            finally:
                ended(outcome)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what the steps return
    finally:
        steps.close()


def unwatched(outcome: object) -> None:
    """What became of a step that nobody asked about."""


def _told(steps: Steps[Reply], server: str) -> Steps[Reply]:
    sent = 0

    def begin(step: Any) -> tuple[Any, Ended]:
        nonlocal sent
        if not isinstance(step, Wire):
            return step, unwatched
        sent += 1
        turn, since = sent, perf_counter()
        return step, lambda outcome: _tell(step, server, outcome, perf_counter() - since, turn)

    return relayed(steps, begin)


def _tell(wire: Wire, server: str, outcome: Any, seconds: float, sent: int) -> None:
    what = f"{wire.method} {bare(wire.url).removeprefix(server)}"
    said = "given up" if outcome is None else fault_of(outcome) if isinstance(outcome, Exception) else outcome.status
    again = f", sent for the {sent}. time" if sent > 1 else ""
    logger.debug("%s: %s after %.0f ms%s", what, said, seconds * 1000, again)


def fault_of(error: Exception) -> str:
    """Why there was no answer, in words that hold nothing of what was sent."""
    fault = getattr(error, "fault", None)
    return f"no answer ({fault.lower().replace('_', ' ')})" if isinstance(fault, str) else type(error).__name__
