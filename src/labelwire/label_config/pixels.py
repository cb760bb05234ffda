"""Back from results to pixels and to Python's own offsets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from labelwire.errors import InvalidInput

from .answers import position_in
from .rle import decode_mask

if TYPE_CHECKING:
    from collections.abc import Mapping

Size = tuple[int, int]
"""(width, height) in pixels."""


def box_of(region: Mapping[str, Any], image_size: Size | None = None) -> tuple[float, float, float, float, float]:
    """The box as (x, y, width, height, rotation): pixels, and degrees clockwise about the corner at x, y."""
    wide, high = _size(region, image_size)
    value = _value(region, "x", "y", "width", "height")
    x, y, width, height = (value[key] / 100 for key in ("x", "y", "width", "height"))
    return x * wide, y * high, width * wide, height * high, float(value.get("rotation") or 0)


def corners_of(region: Mapping[str, Any], image_size: Size | None = None) -> list[tuple[float, float]]:
    """The four corners of a box in pixels, turned or not, clockwise from the one at its x, y."""
    x, y, width, height, rotation = box_of(region, image_size)
    cos, sin = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
    sides = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    return [(x + along * cos - down * sin, y + along * sin + down * cos) for along, down in sides]


def ellipse_of(region: Mapping[str, Any], image_size: Size | None = None) -> tuple[float, float, float, float, float]:
    """The ellipse as (centre x, centre y, radius x, radius y, rotation), in pixels and degrees."""
    wide, high = _size(region, image_size)
    value = _value(region, "x", "y", "radiusX", "radiusY")
    x, y, radius_x, radius_y = (value[key] / 100 for key in ("x", "y", "radiusX", "radiusY"))
    return x * wide, y * high, radius_x * wide, radius_y * high, float(value.get("rotation") or 0)


def points_of(region: Mapping[str, Any], image_size: Size | None = None) -> list[tuple[float, float]]:
    """The corners of a polygon, or a keypoint's one point, in pixels."""
    wide, high = _size(region, image_size)
    value = region.get("value") or {}
    points = value["points"] if "points" in value else [[_value(region, "x", "y")[key] for key in ("x", "y")]]
    return [(x / 100 * wide, y / 100 * high) for x, y in points]


def mask_of(region: Mapping[str, Any], image_size: Size | None = None, *, threshold: int = 1) -> memoryview[bool]:
    """The mask of a brush region, rows by columns of bools: `numpy.asarray(mask_of(region))` is an array.

    A pixel belongs to it when its alpha, 0 to 255, is at least `threshold`; the editor smoothes the edges of strokes.
    """
    width, height = _size(region, image_size)
    if not 1 <= threshold <= 255:
        raise InvalidInput(f"threshold is 1 to 255, not {threshold}")
    return decode_mask(_value(region, "rle")["rle"], width, height, threshold)


def span_of(region: Mapping[str, Any], text: str) -> tuple[int, int]:
    """Start and end of a text span as Python counts: `text[start:end]`."""
    value = _value(region, "start", "end")
    return position_in(text, int(value["start"])), position_in(text, int(value["end"]))


def _value(region: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    value: Mapping[str, Any] = region.get("value") or {}
    missing = [key for key in keys if value.get(key) is None]
    if missing:
        raise InvalidInput(f"a region of type {region.get('type')!r} has no {missing[0]!r} here: {sorted(value)}")
    return value


def _size(region: Mapping[str, Any], image_size: Size | None) -> Size:
    width, height = image_size or (region.get("original_width"), region.get("original_height"))
    if not width or not height:
        raise InvalidInput("the region does not say how large its image is: pass image_size=(width, height) in pixels")
    return width, height
