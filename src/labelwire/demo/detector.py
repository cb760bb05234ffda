"""A detector of bright things on a dark sky: a threshold, connected components, and their mean colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import ImageFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

LABELS = {"Red": "#ff5a4d", "White": "#9aa5a5", "Blue": "#4da3ff"}
"""What objects are called, each with the colour of its boxes."""

THRESHOLD = 70
"""Brightness, 0 to 255, from which a pixel belongs to an object."""

SMALLEST = 20
"""Pixels of the smallest object; what is smaller is mostly noise."""

TINT = 0.16
"""Share of red over blue, or of blue over red, from which an object is no longer white."""


@dataclass(frozen=True, slots=True)
class Box:
    """An object: its box in pixels from the top left corner, what it is, and how sure that is (0 to 1)."""

    left: int
    top: int
    width: int
    height: int
    label: str
    score: float


def detect(image: Image, *, threshold: int = THRESHOLD, smallest: int = SMALLEST) -> list[Box]:
    """The bright objects of an image, the surest first.

    Args:
        threshold: brightness, 0 to 255, from which a pixel belongs to an object.
        smallest: pixels that an object has at least.
    """
    colours = image.convert("RGB")
    # A median takes the single bright pixels away and leaves the edges where they are.
    light = colours.convert("L").filter(ImageFilter.MedianFilter(3)).tobytes()
    width = image.width
    found = []
    for pixels in _components(light, width, threshold):
        if len(pixels) < smallest:
            continue
        columns = [pixel % width for pixel in pixels]
        left, top = min(columns), pixels[0] // width
        box = (left, top, max(columns) + 1, max(pixels) // width + 1)
        peak = max(light[pixel] for pixel in pixels)
        score = round((peak - threshold + 1) / (256 - threshold), 3)
        found.append(Box(left, top, box[2] - left, box[3] - top, _label(colours.crop(box)), score))
    return sorted(found, key=lambda one: -one.score)


def _components(light: bytes, width: int, threshold: int) -> list[list[int]]:
    """The pixels at or above the threshold, grouped by touching one another, corners included."""
    waiting = {pixel for pixel, value in enumerate(light) if value >= threshold}
    groups = []
    for first in sorted(waiting):
        if first not in waiting:
            continue
        waiting.remove(first)
        group = [first]
        for pixel in group:
            column = pixel % width
            sides = [side for side in (-1, 0, 1) if 0 <= column + side < width]
            near = {pixel + row + side for row in (-width, 0, width) for side in sides} & waiting
            waiting -= near
            group += near
        groups.append(group)
    return groups


def _label(crop: Image) -> str:
    red, _, blue = _mean(crop)
    if red > blue * (1 + TINT):
        return "Red"
    return "Blue" if blue > red * (1 + TINT) else "White"


def _mean(crop: Image) -> Sequence[float]:
    """The mean of each band, 0 to 255."""
    pixels = crop.width * crop.height
    return [sum(level * count for level, count in enumerate(band.histogram())) / pixels for band in crop.split()]
