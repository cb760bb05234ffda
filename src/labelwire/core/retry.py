"""When to try again, and after how long. Pure: no clock, no dice, no I/O."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from ..errors import ConnectionLost

if TYPE_CHECKING:
    from .operation import Reply, Request

GATEWAY_FAULTS = frozenset({502, 503, 504})
"""A proxy's word that it got no answer: whether the server applied the request, it cannot know."""


class Retry(Struct, frozen=True):
    """How patient a client is.

    Attributes:
        attempts: how often a request is sent at the most.
        patience: seconds from the first failure after which no further try begins. A restarted Label Studio
            needs about 9 s.
        pause: seconds before the second try; each further one waits twice as long, up to `longest_pause`.
        longest_wait: the most seconds a server may ask for with Retry-After before the error is raised instead.
    """

    attempts: int = 8
    patience: float = 30.0
    pause: float = 0.25
    longest_pause: float = 5.0
    longest_wait: float = 60.0

    def wait(
        self,
        request: Request,
        outcome: Reply | ConnectionLost,
        *,
        attempt: int,
        elapsed: float,
        reached: bool,
        luck: float = 0.5,
    ) -> float | None:
        """Seconds to wait before the next try, or None when there shall be none.

        Args:
            attempt: how often it was sent so far.
            elapsed: seconds since the first failure.
            reached: whether this server has ever answered; one that never did is a wrong address, not a restart.
            luck: 0 to 1, spreads clients that failed together.
        """
        if attempt >= self.attempts or not self._worth_it(request, outcome, reached):
            return None
        pause: float = min(self.pause * 2.0 ** (attempt - 1), self.longest_pause) * (0.75 + 0.5 * luck)
        if not isinstance(outcome, ConnectionLost):
            asked = retry_after(outcome)
            if asked is not None:
                return max(asked, 0.0) if asked <= self.longest_wait else None
            if outcome.status == 429:
                return pause
        return pause if elapsed + pause <= self.patience else None

    @staticmethod
    def _worth_it(request: Request, outcome: Reply | ConnectionLost, reached: bool) -> bool:
        if isinstance(outcome, ConnectionLost):
            if outcome.applied is False:
                return reached and outcome.passing
            return request.safe
        return outcome.status == 429 or (outcome.status in GATEWAY_FAULTS and request.safe)


NEVER = Retry(attempts=1)
"""Each request is sent once."""


def retry_after(reply: Reply) -> float | None:
    """The seconds that the server asks to wait, from either form of Retry-After; None when it does not say."""
    value = reply.headers.get("Retry-After")
    if not value:
        return None
    try:
        return float(value)
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(value)
        now = parsedate_to_datetime(reply.headers["Date"]) if "Date" in reply.headers else datetime.now(UTC)
        return float((when - now).total_seconds())
    except (TypeError, ValueError):
        return None
