"""The lines of YOLO: an object in shares of its image's width and height, without the number of its class.

What passes the edge of an image is cut off there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from ..errors import InvalidInput
from .images import OUTSIDE, Instance
from .report import Report
from .seen import Misfit
from .shapes import Bitmask, Bounds, Box, Ellipse, Mask, Point, bounds_of

if TYPE_CHECKING:
    from .masks import Bools

NO_TURN = "a polygon, ellipse or mask, which is no turned box"
BROKEN_MASK = "a mask that cannot be decoded or has no pixel"
NO_EXTENT = "a keypoint that belongs to no box"

UPRIGHT = "Turned boxes, polygons, ellipses and masks are written as the upright boxes around them."
TRACED = (
    "Masks are written as polygons along their pixels, each part of a mask that is apart from the others as a line."
)
HOLES = "The line of a mask with holes leads into each of them and back the same way: YOLO has no holes."
CLAMPED = "Corners of turned boxes beyond the edge of an image are moved to the edge."

Size: TypeAlias = tuple[int, int]


class Style(Struct, frozen=True):
    """How lines are written: the names of keypoints in their order; all digits of numbers, or six."""

    points: tuple[str, ...]
    exact: bool = False


Line: TypeAlias = Callable[[Instance, Size, Style, Report], Sequence[str]]
"""Gives the lines of an instance, each from the space after the class on: one, but for a mask of several parts.

Raises Misfit with the reason why there is none.
"""


def detect(instance: Instance, size: Size, style: Style, report: Report) -> Sequence[str]:
    """The upright box around it, by its centre."""
    _note_upright(instance, report)
    return (centred(_bounds(instance), size, style),)


def segment(instance: Instance, size: Size, style: Style, report: Report) -> Sequence[str]:
    """Its corners; those of several polygons joined by lines that lead back the way they come."""
    shape = instance.region.shape
    if isinstance(shape, (Mask, Bitmask)):
        return [_shares(part, size, style) for part in _parts(shape, report)]
    outlines = [_cut(shape, size) for shape in instance.shapes]
    return (_shares(_bridged(outlines), size, style),)


def obb(instance: Instance, size: Size, style: Style, report: Report) -> Sequence[str]:
    """The four corners of a box."""
    shape = instance.region.shape
    if not isinstance(shape, Box):
        raise Misfit(NO_TURN)
    wide, high = size
    x, y, across, down = shape.bounds
    if x >= wide or y >= high or x + across <= 0 or y + down <= 0:
        raise Misfit(OUTSIDE)
    corners = shape.corners
    moved = tuple((min(max(x, 0.0), float(wide)), min(max(y, 0.0), float(high))) for x, y in corners)
    if moved != corners:
        report.note(CLAMPED)
    return (_shares(moved, size, style),)


def pose(instance: Instance, size: Size, style: Style, report: Report) -> Sequence[str]:
    """Its box and its keypoints: 2 for one that is seen, 1 for one that is hidden, zeros for one that is not there."""
    if instance.outlines:
        _note_upright(instance, report)
        bounds = _bounds(instance)
    else:
        points: list[Any] = [region.shape for region in instance.points.values()]
        bounds = bounds_of([(point.x, point.y) for point in points])
        if not bounds[2] or not bounds[3]:
            raise Misfit(NO_EXTENT)
    line = centred(bounds, size, style)
    for name in style.points:
        region = instance.points.get(name)
        if region is None:
            line += " 0 0 0"
        else:
            point: Any = region.shape
            line += f"{_shares([(point.x, point.y)], size, style)} {1 if region.hidden else 2}"
    return (line,)


LINES: Mapping[str, Line] = {"detect": detect, "segment": segment, "obb": obb, "pose": pose}
"""By the task that a model is trained for."""


def clipped(points: Sequence[Point], size: Size) -> list[Point]:
    """The corners of the part of a polygon that is within the image, by cutting along one edge after another."""
    found = list(points)
    for axis, edge, sign in ((0, 0.0, 1), (0, float(size[0]), -1), (1, 0.0, 1), (1, float(size[1]), -1)):
        given, found = found, []
        for at, point in enumerate(given):
            before = given[at - 1]
            inside, was = (point[axis] - edge) * sign >= 0, (before[axis] - edge) * sign >= 0
            if inside != was:
                along = (edge - before[axis]) / (point[axis] - before[axis])
                other = before[1 - axis] + along * (point[1 - axis] - before[1 - axis])
                found.append((edge, other) if axis == 0 else (other, edge))
            if inside:
                found.append(point)
    return found


def _note_upright(instance: Instance, report: Report) -> None:
    shape = instance.region.shape
    if not isinstance(shape, Box) or shape.rotation:
        report.note(UPRIGHT)


def centred(bounds: Bounds, size: Size, style: Style) -> str:
    """The line of a box: centre, width and height of what of the box is in the image."""
    wide, high = size
    x, y, right, bottom = bounds[0], bounds[1], bounds[0] + bounds[2], bounds[1] + bounds[3]
    if x < 0 or y < 0 or right > wide or bottom > high:
        x, y, right, bottom = max(x, 0.0), max(y, 0.0), min(right, float(wide)), min(bottom, float(high))
        if right <= x or bottom <= y:
            raise Misfit(OUTSIDE)
    middle, centre = (x + right) / 2 / wide, (y + bottom) / 2 / high
    across, down = (right - x) / wide, (bottom - y) / high
    if style.exact:
        return f" {middle!r} {centre!r} {across!r} {down!r}"
    return f" {middle:.6f} {centre:.6f} {across:.6f} {down:.6f}"


def _shares(points: Iterable[Point], size: Size, style: Style) -> str:
    wide, high = size
    if style.exact:
        return "".join([f" {x / wide!r} {y / high!r}" for x, y in points])
    return "".join([f" {x / wide:.6f} {y / high:.6f}" for x, y in points])


def _cut(shape: Any, size: Size) -> list[Point]:
    """The corners of what of the shape is in the image."""
    points = shape.corners if isinstance(shape, Box) else shape.points() if isinstance(shape, Ellipse) else shape.points
    left, top, across, down = bounds_of(points)
    if left < 0 or top < 0 or left + across > size[0] or top + down > size[1]:
        points = clipped(points, size)
        if len(set(points)) < 3:
            raise Misfit(OUTSIDE)
    return list(points)


def _bridged(outlines: Sequence[list[Point]]) -> list[Point]:
    """One line around several polygons: from the first corner of one to that of the next, and back the same way."""
    if len(outlines) == 1:
        return outlines[0]
    closed = [point for one in outlines for point in (*one, one[0])]
    return closed + [one[0] for one in reversed(outlines[:-1])]


def _bounds(instance: Instance) -> Bounds:
    found = [_bounds_of(shape) for shape in instance.shapes]
    if len(found) == 1:
        return found[0]
    return bounds_of([corner for x, y, wide, high in found for corner in ((x, y), (x + wide, y + high))])


def _bounds_of(shape: Any) -> Bounds:
    if not isinstance(shape, (Mask, Bitmask)):
        own: Bounds = shape.bounds
        return own
    from .masks import bounds

    found = bounds(_pixels(shape))
    if found is None:
        raise Misfit(BROKEN_MASK)
    return found


def _parts(shape: Mask | Bitmask, report: Report) -> list[Sequence[Point]]:
    """A line around each part of a mask."""
    pixels = _pixels(shape)
    from .contours import bridged, contours

    parts = contours(pixels)
    if not parts:
        raise Misfit(BROKEN_MASK)
    report.note(TRACED)
    if any(len(rings) > 1 for rings in parts):
        report.note(HOLES)
    return [bridged(rings) for rings in parts]


def _pixels(shape: Mask | Bitmask) -> Bools:
    try:
        from .masks import array
    except ImportError:
        raise InvalidInput('Masks need numpy: pip install "labelwire[formats]".') from None
    try:
        return array(shape)
    except (Misfit, InvalidInput, ValueError):
        raise Misfit(BROKEN_MASK) from None
