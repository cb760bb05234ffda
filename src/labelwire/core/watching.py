"""Who looks on while a call is made: the log, which gets a line for each request, and whoever else asks to.

Steps pass through a watcher on their way to the driver, and the answers on their way back. Where nobody watches, they
pass through nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from .operation import Reply, Sleep, Steps, Wire
from .redacted import bare

if TYPE_CHECKING:
    from .exchange import Site
    from .operation import Request

logging.getLogger("labelwire").addHandler(logging.NullHandler())  # quiet until a program asks
logger = logging.getLogger("labelwire.core")


class Watcher(Protocol):
    """What one call is shown to."""

    def sends(self, wire: Wire) -> Wire:
        """A request goes out, as it is or with more headers."""
        ...

    def came(self, outcome: Reply | Exception | None) -> None:
        """What came of it; None when nobody waits for it any more."""
        ...

    def waits(self, seconds: float) -> None:
        """It will be sent again, after so many seconds."""
        ...

    def ended(self, outcome: Reply | Exception | None) -> None:
        """What came of the call."""
        ...


Watching: TypeAlias = Callable[["Request", "Site"], Watcher]

watching: list[Watching] = []
"""Whoever wants to see every call, of all clients."""


def watched(steps: Steps[Reply], request: Request, site: Site) -> Steps[Reply]:
    """The steps, with everybody looking on who wants to."""
    if logger.isEnabledFor(logging.DEBUG):
        steps = _shown(steps, Lines(site.url))
    for watch in watching:
        steps = _shown(steps, watch(request, site))
    return steps


def _shown(steps: Steps[Reply], watcher: Watcher) -> Steps[Reply]:
    answer: Any = None
    outcome: Reply | Exception | None = None
    fault: Exception | None = None
    try:
        while True:
            step = steps.throw(fault) if fault else steps.send(answer)
            answer = fault = None
            if isinstance(step, Sleep):
                watcher.waits(step.seconds)
            if not isinstance(step, Wire):
                try:
                    answer = yield step
                except Exception as error:
                    fault = error
                continue
            came: Reply | Exception | None = None
            try:
                answer = came = yield watcher.sends(step)
            except Exception as error:
                fault = came = error
            finally:
                watcher.came(came)
    except StopIteration as end:
        outcome = end.value
        return end.value  # type: ignore[no-any-return]  # what the steps return
    except Exception as error:
        outcome = error
        raise
    finally:
        steps.close()
        watcher.ended(outcome)


class Lines:
    """A line in the log for each request: its method and path, what came of it, and after how long."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._sent = 0
        self._what = ""
        self._since = 0.0

    def sends(self, wire: Wire) -> Wire:
        """Looks at the clock."""
        self._sent += 1
        self._what = f"{wire.method} {bare(wire.url).removeprefix(self._server)}"
        self._since = perf_counter()
        return wire

    def came(self, outcome: Reply | Exception | None) -> None:
        """Writes the line."""
        milliseconds = (perf_counter() - self._since) * 1000
        said = str(outcome.status) if isinstance(outcome, Reply) else "given up" if outcome is None else _fault(outcome)
        again = f", sent for the {self._sent}. time" if self._sent > 1 else ""
        logger.debug("%s: %s after %.0f ms%s", self._what, said, milliseconds, again)

    def waits(self, seconds: float) -> None:
        """Nothing: the exchange says why it waits, to those too who do not want every line."""

    def ended(self, outcome: Reply | Exception | None) -> None:
        """Nothing: the last request said it."""


def _fault(error: Exception) -> str:
    fault = getattr(error, "fault", None)
    return f"no answer ({fault.lower().replace('_', ' ')})" if isinstance(fault, str) else type(error).__name__
