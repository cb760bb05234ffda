"""What a waiting person is told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS_BETWEEN_TICKS = 2.0


class Progress:
    """Passes short sentences on, and the seconds that the present step has taken so far."""

    def __init__(self, tell: Callable[[str], None] | None) -> None:
        self._tell = tell
        self._sentence = ""
        self._began = self._told = time.monotonic()

    def step(self, sentence: str) -> None:
        """Announces a step."""
        self._sentence = sentence
        self._began = self._told = time.monotonic()
        if self._tell:
            self._tell(sentence)

    def tick(self) -> None:
        """Shows that the step goes on; call it as often as you like."""
        now = time.monotonic()
        if self._tell and now - self._told >= SECONDS_BETWEEN_TICKS:
            self._told = now
            self._tell(f"{self._sentence} … {now - self._began:.0f} s")
