"""The log of requests: a line for each, where somebody has asked for them.

The steps of a call pass through here on their way to the driver, and the answers on their way back. Where nobody asked,
they pass through nothing.
"""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .operation import Reply, Steps, Wire
from .redacted import bare

if TYPE_CHECKING:
    from .exchange import Site

logging.getLogger("labelwire").addHandler(logging.NullHandler())  # quiet until a program asks
logger = logging.getLogger("labelwire.core")


def watched(steps: Steps[Reply], site: Site) -> Steps[Reply]:
    """The steps, with a line in the log for each of their requests, if the log takes such lines."""
    return _told(steps, site.url) if logger.isEnabledFor(logging.DEBUG) else steps


def _told(steps: Steps[Reply], server: str) -> Steps[Reply]:
    answer: Any = None
    fault: Exception | None = None
    sent = 0
    try:
        while True:
            step = steps.throw(fault) if fault else steps.send(answer)
            answer = fault = outcome = None
            since = perf_counter()
            try:
                answer = outcome = yield step
            except Exception as error:
                fault = outcome = error
            finally:
                if isinstance(step, Wire):
                    sent += 1
                    _tell(step, server, outcome, perf_counter() - since, sent)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what the steps return
    finally:
        steps.close()


def _tell(wire: Wire, server: str, outcome: Any, seconds: float, sent: int) -> None:
    """Writes what came of a request; None is when nobody waits for it any more."""
    what = f"{wire.method} {bare(wire.url).removeprefix(server)}"
    said = "given up" if outcome is None else _fault(outcome) if isinstance(outcome, Exception) else outcome.status
    again = f", sent for the {sent}. time" if sent > 1 else ""
    logger.debug("%s: %s after %.0f ms%s", what, said, seconds * 1000, again)


def _fault(error: Exception) -> str:
    fault = getattr(error, "fault", None)
    return f"no answer ({fault.lower().replace('_', ' ')})" if isinstance(fault, str) else type(error).__name__
