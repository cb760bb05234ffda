"""Many small writes at once, as many as the server bears.

On SQLite writers wait for each other, and many at once are slower than few; behind PostgreSQL more of them help. So the
number is found by trying.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Any, TypeVar

from msgspec import Struct, field

from ..core.operation import Flow, Together
from ..errors import ConnectionLost, LabelwireError, Unauthorized

T = TypeVar("T")

WIDTHS = (1, 2, 4)
"""How many at once are tried."""

TRIAL = 12
"""Writes of one trial."""

CALM = 200
"""Writes between two trials."""


class Width(Struct):
    """How many writes at once the server bears best. `speeds` are writes a second, by width, when last tried."""

    now: int = 2
    speeds: dict[int, float] = field(default_factory=dict)

    def trial(self) -> int | None:
        """A width that was not tried yet."""
        return next((width for width in WIDTHS if width not in self.speeds), None)

    def learn(self, width: int, writes: int, seconds: float) -> None:
        """Remember how fast it was, and take the fastest; of two that are alike the smaller one."""
        self.speeds[width] = writes / max(seconds, 1e-6)
        best = max(self.speeds.values())
        self.now = min(width for width, speed in self.speeds.items() if speed >= best * 0.95)


def side_by_side(flows: Sequence[Flow[T]], width: Width) -> Flow[list[T | Exception]]:
    """What became of each flow, in their order. Once the server is gone, or knows the caller no more, none is begun."""
    outcomes: list[T | Exception] = []
    gone: list[LabelwireError] = []
    rest: list[Any] = [_unless(gone, flow) for flow in flows]
    while rest:
        trial = width.trial() if len(rest) >= TRIAL else None
        some, rest = (rest[:TRIAL], rest[TRIAL:]) if trial else (rest[:CALM], rest[CALM:])
        begun = monotonic()
        outcomes += yield from Together(some, trial or width.now)
        if len(some) >= TRIAL:
            width.learn(trial or width.now, len(some), monotonic() - begun)
    return outcomes


def _unless(gone: list[LabelwireError], flow: Flow[T]) -> Flow[T]:
    if gone:
        raise gone[0]
    try:
        return (yield from flow)
    except (ConnectionLost, Unauthorized) as error:
        gone.append(error)
        raise
