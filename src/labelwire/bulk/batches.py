"""Many items, cut into requests that the server bears: by count, by bytes, and by how fast it was with the last one."""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterator
from hashlib import blake2b

from msgspec import Struct

FIRST = 2_500
"""Items of the first batch. Smaller ones cost a third more time an item, and the server's speed is not known yet."""

MOST = 25_000
"""Items of a batch at the most: from here on larger ones gain nothing."""

MOST_BYTES = 16 << 20
"""Bytes of a batch at the most; the client's memory holds a few times that."""

TARGET = 4.0
"""Seconds that a batch shall take, well below the limits of proxies."""


class Batch(Struct, frozen=True):
    """Items of one request: where each was in the input, and its JSON."""

    positions: array[int]
    pieces: list[bytes]

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def first(self) -> int:
        """The position of its first item, which no other batch has."""
        return self.positions[0]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(map(len, self.pieces))

    @property
    def content(self) -> bytes:
        """All items as one JSON array."""
        return b"[" + b",".join(self.pieces) + b"]"

    @property
    def digest(self) -> bytes:
        """What tells it from any other batch."""
        return blake2b(self.content, digest_size=16).digest()

    def halves(self) -> tuple[Batch, Batch]:
        """The same items in two batches."""
        middle = len(self) // 2
        return (
            Batch(self.positions[:middle], self.pieces[:middle]),
            Batch(self.positions[middle:], self.pieces[middle:]),
        )

    def without(self, refused: Container[int]) -> Batch:
        """The batch without the items at these positions."""
        kept = [(position, piece) for position, piece in zip(self.positions, self.pieces, strict=True)]
        kept = [pair for pair in kept if pair[0] not in refused]
        return Batch(array("q", (position for position, _ in kept)), [piece for _, piece in kept])


class Pace(Struct):
    """How large the next batch shall be; it learns from each that was taken, and from each that was too large."""

    count: int = FIRST
    most: int = MOST
    most_bytes: int = MOST_BYTES

    def taken(self, batch: Batch, seconds: float) -> None:
        """Learn from how long the server took."""
        wished = int(len(batch) * TARGET / max(seconds, 0.001))
        self.count = max(min(wished, len(batch) * 4, self.most), 1)

    def too_large(self, batch: Batch) -> None:
        """Stay below half of this batch from now on."""
        self.most = self.count = max(len(batch) // 2, 1)
        self.most_bytes = max(batch.size // 2, 1)


class Cutter:
    """Takes batches off a stream of `(position, JSON)`."""

    def __init__(self, items: Iterator[tuple[int, bytes]], pace: Pace) -> None:
        self._items = items
        self._pace = pace
        self._kept: tuple[int, bytes] | None = None
        self.left_out: Container[int] = ()
        """Positions that are passed over."""

    def take(self) -> Batch | None:
        """The next batch, as large as the pace has it; None when nothing is left.

        It may be empty: an item without content says that something else is to be done first.
        """
        room = self._pace.most_bytes
        taken: list[tuple[int, bytes]] = []
        while (item := self._next()) is not None:
            if not item[1]:
                return _batch(taken)
            room -= len(item[1])
            if taken and (room < 0 or len(taken) >= self._pace.count):
                self._kept = item
                break
            taken.append(item)
        return _batch(taken) if taken else None

    def through(self, last: int) -> Batch:
        """The items up to this position."""
        taken: list[tuple[int, bytes]] = []
        while (item := self._next()) is not None:
            if item[0] > last:
                self._kept = item
                break
            taken.append(item)
        return _batch(taken)

    def _next(self) -> tuple[int, bytes] | None:
        kept, self._kept = self._kept, None
        while kept is None or kept[0] in self.left_out:
            kept = next(self._items, None)
            if kept is None:
                return None
        return kept


def _batch(items: list[tuple[int, bytes]]) -> Batch:
    return Batch(array("q", (position for position, _ in items)), [piece for _, piece in items])
