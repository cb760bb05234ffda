"""What is known of a result besides its value, and what its numbers and offsets are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, TypeAlias

Value: TypeAlias = Mapping[str, Any]
Size: TypeAlias = tuple[int, int]
ImageId: TypeAlias = tuple[str, int]
"""How results name an image: `to_name`, and `item_index`, which is 0 where they have none."""

WIDEST = 1 << 17
"""Pixels that an image may have along a side; what says more is no image."""

LARGEST = 1 << 28
"""Pixels that an image may have in all."""

LONGEST = 1 << 53
"""Where floats stop counting: no position is beyond it."""


_OF_TWO = re.compile("[\U00010000-\U0010ffff]")
"""Characters that are two units of UTF-16."""


class Misfit(Exception):
    """What is wrong with a region or an answer."""


class Seen:
    """What a shape may need besides its value: the image's size, and what its object shows."""

    __slots__ = ("_pairs", "kind", "shown", "size")

    def __init__(self, size: Size | None, kind: str, shown: Any) -> None:
        self.size = size
        self.kind = kind
        self.shown = shown
        self._pairs: list[int] | None = None

    def in_code_points(self, text: str, units: int) -> int:
        """As the function of this name, for many offsets in the text that is shown."""
        if self._pairs is None:
            # The offset behind each character that counts as two.
            self._pairs = [match.end() + before for before, match in enumerate(_OF_TWO.finditer(text), 1)]
        if units <= 0:
            return units
        position = units - bisect_right(self._pairs, units)
        return position if position <= len(text) else -1

    @property
    def image(self) -> Size:
        """Width and height in pixels."""
        if self.size is None:
            raise Misfit("nobody says how large its image is: original_width and original_height are missing")
        return self.size


NOTHING = Seen(None, "", None)


def size_of(width: Any, height: Any) -> Size | None:
    """The size of an image, if these are numbers that can be one."""
    if not width or not height:
        return None
    plain = type(width) is int and type(height) is int
    if plain and 1 <= width <= WIDEST and 1 <= height <= WIDEST and width * height <= LARGEST:
        return width, height
    wide, high = number(width, "original_width"), number(height, "original_height")
    if not (1 <= wide <= WIDEST and 1 <= high <= WIDEST and wide * high <= LARGEST):
        raise Misfit(f"its image is said to have {width} by {height} pixels")
    return int(wide), int(high)


def number(value: Any, what: str) -> float:
    """A finite number; old versions stored some as strings."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise Misfit(f"{what} is {shortened(value)}, and no number") from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Misfit(f"{what} is {shortened(value)}, and no number" if value is not None else f"{what} is missing")
    if not -LONGEST < value < LONGEST:  # neither NaN is
        raise Misfit(f"{what} is {shortened(value)}")
    return float(value)


def whole(value: Any, what: str) -> int:
    """A whole number, of either sign."""
    if type(value) is int and -LONGEST < value < LONGEST:
        return value
    found = number(value, what)
    if found != int(found):
        raise Misfit(f"{what} is {shortened(value)}, and no whole number")
    return int(found)


def in_code_points(text: str, units: int) -> int:
    """The position in a Python string of an offset in UTF-16 units, which the editor counts in; -1 past its end."""
    if units <= 0 or text.isascii():
        return units if units <= len(text) else -1
    return Seen(None, "", text).in_code_points(text, units)


def in_units(text: str, position: int) -> int:
    """The offset in UTF-16 units of a position in a Python string."""
    return position if text.isascii() else len(text[:position].encode("utf-16-le", "surrogatepass")) // 2


def shortened(value: Any) -> str:
    """The value as a message shows it."""
    said = repr(value) if isinstance(value, (str, int, float, bool)) else type(value).__name__
    return said if len(said) <= 40 else f"{said[:40]}…"
