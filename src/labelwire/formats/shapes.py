"""Where a region is: frozen shapes, in pixels, seconds, frames or code points of a text.

Rotation is in degrees, clockwise, about the top-left corner of a box and about the centre of an ellipse, as Label
Studio's editor turns them.
"""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, pi, radians, sin
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

Point: TypeAlias = tuple[float, float]
"""x to the right and y down, from the image's top-left corner, in pixels."""

Bounds: TypeAlias = tuple[float, float, float, float]
"""x, y, width and height of an upright box, in pixels."""


class Box(Struct, frozen=True, gc=False):
    """A box, turned about its corner at x, y."""

    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """The corners, clockwise from the one at x, y."""
        if not self.rotation:
            right, bottom = self.x + self.width, self.y + self.height
            return (self.x, self.y), (right, self.y), (right, bottom), (self.x, bottom)
        along, down = cos(radians(self.rotation)), sin(radians(self.rotation))
        wide, deep = (self.width * along, self.width * down), (-self.height * down, self.height * along)
        return (
            (self.x, self.y),
            (self.x + wide[0], self.y + wide[1]),
            (self.x + wide[0] + deep[0], self.y + wide[1] + deep[1]),
            (self.x + deep[0], self.y + deep[1]),
        )

    @property
    def bounds(self) -> Bounds:
        """The upright box around it."""
        return (self.x, self.y, self.width, self.height) if not self.rotation else bounds_of(self.corners)

    @property
    def area(self) -> float:
        """In pixels."""
        return self.width * self.height

    @classmethod
    def around(cls, corners: Sequence[Point]) -> Box:
        """The box with these four corners, given clockwise or not, from the one that it turns about."""
        (x, y), second, third = corners[0], corners[1], corners[2]
        width, height = hypot(second[0] - x, second[1] - y), hypot(third[0] - second[0], third[1] - second[1])
        return cls(x, y, width, height, degrees(atan2(second[1] - y, second[0] - x)) % 360)


class Ellipse(Struct, frozen=True, gc=False):
    """An ellipse about its centre x, y."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    rotation: float = 0.0

    def points(self, count: int = 64) -> tuple[Point, ...]:
        """A polygon of that many corners on the ellipse."""
        along, down = cos(radians(self.rotation)), sin(radians(self.rotation))
        steps = [2 * pi * step / count for step in range(count)]
        around = [(self.radius_x * cos(step), self.radius_y * sin(step)) for step in steps]
        return tuple((self.x + a * along - b * down, self.y + a * down + b * along) for a, b in around)

    @property
    def bounds(self) -> Bounds:
        """The upright box around it, exactly."""
        along, down = cos(radians(self.rotation)), sin(radians(self.rotation))
        wide = hypot(self.radius_x * along, self.radius_y * down)
        high = hypot(self.radius_x * down, self.radius_y * along)
        return self.x - wide, self.y - high, 2 * wide, 2 * high

    @property
    def area(self) -> float:
        """In pixels."""
        return pi * self.radius_x * self.radius_y


class Polygon(Struct, frozen=True, gc=False):
    """A polygon, or an open line where `closed` is false."""

    points: tuple[Point, ...]
    closed: bool = True

    @property
    def bounds(self) -> Bounds:
        """The upright box around it."""
        return bounds_of(self.points)

    @property
    def area(self) -> float:
        """In pixels; of an open line, 0."""
        return area_of(*zip(*self.points, strict=True)) if self.closed else 0.0


class Keypoint(Struct, frozen=True, gc=False):
    """A point; `width` is the diameter that it is drawn with."""

    x: float
    y: float
    width: float = 0.0

    @property
    def bounds(self) -> Bounds:
        """Of no size."""
        return self.x, self.y, 0.0, 0.0


class Mask(Struct, frozen=True):
    """A brush mask as Label Studio stores it, run lengths over RGBA; `labelwire.formats.masks` decodes it."""

    rle: bytes
    width: int
    height: int


class Bitmask(Struct, frozen=True):
    """A mask that is a PNG image, of which the pixels that are neither black nor transparent belong to it."""

    png: bytes
    width: int
    height: int


class TextSpan(Struct, frozen=True, gc=False):
    """A stretch of a text: `text[start:end]` as Python counts, in code points. `quote` is what the region says."""

    start: int
    end: int
    quote: str = ""


class HtmlSpan(Struct, frozen=True, gc=False):
    """A stretch of an HTML document.

    `start` and `end` count the code points of its text and are None where the region only has XPaths with offsets.
    """

    start: int | None
    end: int | None
    start_path: str
    end_path: str
    start_offset: int
    end_offset: int
    quote: str = ""


class ParagraphSpan(Struct, frozen=True, gc=False):
    """A stretch of a dialogue, from a code point in its `first` paragraph to one in its `last`, counted from 0."""

    first: int
    last: int
    start: int
    end: int
    quote: str = ""


class Segment(Struct, frozen=True, gc=False):
    """A stretch of a sound or a video, in seconds, or of a series, in what its time column has."""

    start: float | str
    end: float | str
    channel: int | None = None


class Frames(Struct, frozen=True, gc=False):
    """Stretches of a video, first and last frame of each, counted from 1 and both included."""

    ranges: tuple[tuple[int, int], ...]


class Keyframe(Struct, frozen=True, gc=False):
    """A box of a track at a frame, counted from 1. `enabled` says whether it goes on to the next keyframe.

    In percent of the video's width and height: the annotation does not say how large a video is.
    """

    frame: int
    time: float | None
    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0
    enabled: bool = True


class Track(Struct, frozen=True):
    """A box that moves."""

    keyframes: tuple[Keyframe, ...]
    frame_count: int | None = None
    duration: float | None = None


class Unplaced(Struct, frozen=True, gc=False):
    """Labels of a whole object, without a place in it."""


Shape: TypeAlias = (
    Box
    | Ellipse
    | Polygon
    | Keypoint
    | Mask
    | Bitmask
    | TextSpan
    | HtmlSpan
    | ParagraphSpan
    | Segment
    | Frames
    | Track
    | Unplaced
)
"""Any place that a region may have."""


def bounds_of(points: Sequence[Point]) -> Bounds:
    """The upright box around points."""
    xs, ys = zip(*points, strict=True)
    return extent(xs, ys)


def extent(xs: Sequence[float], ys: Sequence[float]) -> Bounds:
    """The upright box around points, of which their places across and down are given."""
    left, top = min(xs), min(ys)
    return left, top, max(xs) - left, max(ys) - top


def area_of(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The area of a polygon that does not cross itself, in pixels, by the places of its corners across and down."""
    before, above = xs[-1], ys[-1]
    twice = 0.0
    for x, y in zip(xs, ys, strict=True):
        twice += before * y - x * above
        before, above = x, y
    return abs(twice) / 2
