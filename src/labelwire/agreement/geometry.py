"""How much two regions have in common: the intersection as a part of the union, 0 to 1.

Boxes, rotated or not, polygons and ellipses are compared as outlines (an ellipse as a polygon of 64 corners), masks
pixel by pixel, spans by their characters, segments by their length, stretches of a video by their frames. Points have
no area: two in one place are 1, and two that are 5 % of the image's diagonal apart, or more, are 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import hypot
from typing import Any

from ..errors import InvalidInput
from ..formats.model import Region
from ..formats.seen import Misfit
from ..formats.shapes import (
    Bitmask,
    Box,
    Ellipse,
    Frames,
    HtmlSpan,
    Keypoint,
    Mask,
    ParagraphSpan,
    Polygon,
    Segment,
    Shape,
    TextSpan,
    Track,
    Unplaced,
)
from .statistics import imported

NEAR = 0.05
"""The part of an image's diagonal from which on two points are not the same."""

_AREAS = (Box, Ellipse, Polygon)
_MASKS = (Mask, Bitmask)
_SPANS = (TextSpan, HtmlSpan, Segment)


def iou(one: Region, other: Region) -> float | None:
    """What two regions have in common, 0 to 1; None where their shapes cannot be compared."""
    if one.object != other.object or (one.index or 0) != (other.index or 0):
        return None
    first, second = one.shape, other.shape
    if isinstance(first, Box) and isinstance(second, Box) and not first.rotation and not second.rotation:
        return _upright(first, second)
    if isinstance(first, _AREAS) and isinstance(second, _AREAS):
        return _outlines(first, second)
    if isinstance(first, (*_AREAS, *_MASKS)) and isinstance(second, (*_AREAS, *_MASKS)):
        return _pixels(first, second)
    if isinstance(first, Keypoint) and isinstance(second, Keypoint):
        return _points(first, second, one.size or other.size)
    if isinstance(first, _SPANS) and isinstance(second, _SPANS):
        return _lengths(first, second)
    if isinstance(first, ParagraphSpan) and isinstance(second, ParagraphSpan):
        return _paragraphs(first, second)
    if isinstance(first, (Frames, Track)) and isinstance(second, (Frames, Track)):
        return _moving(first, second)
    return None


def is_comparable(region: Region) -> bool:
    """Whether regions of its kind have a measure."""
    shape = region.shape
    if isinstance(shape, Segment):
        return not isinstance(shape.start, str) and not isinstance(shape.end, str)
    if isinstance(shape, HtmlSpan):
        return shape.start is not None and shape.end is not None
    if isinstance(shape, Keypoint):
        return region.size is not None
    return not isinstance(shape, Unplaced)


def matched(first: Sequence[Region], second: Sequence[Region]) -> list[tuple[Region, Region, float]]:
    """Regions of two annotators, one to one, so that what they have in common is most in all; with how much that is.

    Where two ways are as good, regions of the same labels go together. Those without a partner are not in it.
    """
    if not first or not second:
        return []
    shared = [[iou(one, other) or 0.0 for other in second] for one in first]
    labels = [set(other.labels) for other in second]
    worth = [
        [-value * (1.000001 if set(one.labels) == given else 1) for given, value in zip(labels, row, strict=True)]
        for one, row in zip(first, shared, strict=True)
    ]
    rows, columns = imported("scipy.optimize").linear_sum_assignment(worth)
    found = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(first[row], second[column], shared[row][column]) for row, column in found if shared[row][column] > 0]


def _upright(one: Box, other: Box) -> float:
    wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    both = wide * high if wide > 0 and high > 0 else 0.0
    return _part(both, one.area + other.area - both)


def _outlines(one: Any, other: Any) -> float:
    first, second = _polygon(one), _polygon(other)
    both = first.intersection(second).area
    return _part(both, first.area + second.area - both)


def _polygon(shape: Box | Ellipse | Polygon) -> Any:
    shapely = imported("shapely")
    if isinstance(shape, Box):
        return shapely.Polygon(shape.corners)
    points = shape.points() if isinstance(shape, Ellipse) else shape.points
    if len(points) < 3 or (isinstance(shape, Polygon) and not shape.closed):
        return shapely.Polygon()
    return shapely.make_valid(shapely.Polygon(points))


def _pixels(one: Shape, other: Shape) -> float | None:
    mask = one if isinstance(one, _MASKS) else other
    size = (mask.width, mask.height)  # type: ignore[union-attr]
    try:
        first, second = _drawn(one, *size), _drawn(other, *size)
    except (Misfit, InvalidInput):
        return None
    if first.shape != second.shape:
        return None
    return _part(float((first & second).sum()), float((first | second).sum()))


@lru_cache(64)
def _drawn(shape: Any, width: int, height: int) -> Any:
    """A shape's pixels, kept for the many others that it is compared with."""
    from ..formats import rasters

    return rasters.drawn(shape, width, height)


def _points(one: Keypoint, other: Keypoint, size: tuple[int, int] | None) -> float | None:
    if size is None:
        return None
    return max(1 - hypot(one.x - other.x, one.y - other.y) / (NEAR * hypot(*size)), 0.0)


def _lengths(one: Any, other: Any) -> float | None:
    ends = [end for end in (one.start, one.end, other.start, other.end) if isinstance(end, (int, float))]
    if len(ends) < 4:
        return None
    if getattr(one, "channel", None) != getattr(other, "channel", None):
        return 0.0
    both = max(min(ends[1], ends[3]) - max(ends[0], ends[2]), 0)
    return _part(both, (ends[1] - ends[0]) + (ends[3] - ends[2]) - both)


def _paragraphs(one: ParagraphSpan, other: ParagraphSpan) -> float | None:
    if one == other:
        return 1.0
    if {one.first, one.last} != {other.first} or other.first != other.last:
        return 0.0 if one.last < other.first or other.last < one.first else None
    return _lengths(one, other)


def _moving(one: Frames | Track, other: Frames | Track) -> float | None:
    if isinstance(one, Frames) and isinstance(other, Frames):
        first, second = _frames(one), _frames(other)
        return _part(len(first & second), len(first | second))
    if not isinstance(one, Track) or not isinstance(other, Track):
        return None
    from ..formats.tracks import frames, is_too_long

    if is_too_long(one) or is_too_long(other):
        return None
    there, here = ({place[0]: Box(*place[1:]) for place in frames(track)} for track in (one, other))
    shared = [_outlines(there[frame], here[frame]) for frame in there.keys() & here.keys()]
    return _part(sum(shared), len(there.keys() | here.keys()))


def _frames(shape: Frames) -> set[int]:
    return {frame for first, last in shape.ranges for frame in range(first, min(last, first + 1_000_000) + 1)}


def _part(both: float, either: float) -> float:
    return min(max(both / either, 0.0), 1.0) if either > 0 else 0.0
