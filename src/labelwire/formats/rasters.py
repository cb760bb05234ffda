"""From outlines to pixels and back.

A pixel belongs to an outline when its centre is inside, by the even-odd rule; of centres that are on an edge, those on
a left or an upper one are inside and those on a right or a lower one are not. Of an ellipse, all on its edge are.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, cos, radians, sin
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from . import masks
from .shapes import Bitmask, Box, Ellipse, Mask, Point, Polygon

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools: TypeAlias = NDArray[np.bool_]

Drawable: TypeAlias = Box | Ellipse | Polygon | Mask | Bitmask


class Patch(NamedTuple):
    """The part of an image that a shape is in: its first row and column, and which of its pixels belong to it."""

    top: int
    left: int
    mask: Bools

    def of(self, image: NDArray[np.generic]) -> NDArray[np.generic]:
        """The same part of an image, as a view."""
        height, width = self.mask.shape
        return image[self.top : self.top + height, self.left : self.left + width]


def patch(shape: Drawable, width: int, height: int) -> Patch:
    """Where a shape is in an image of this size.

    Raises:
        Misfit: for a mask that is damaged.
    """
    if isinstance(shape, (Mask, Bitmask)):
        return _cut(masks.array(shape))
    if isinstance(shape, Ellipse):
        return _ellipse(shape, width, height)
    return _polygon(shape.corners if isinstance(shape, Box) else shape.points, width, height)


def drawn(shape: Drawable, width: int, height: int) -> Bools:
    """The pixels of a shape in an image of this size, height by width.

    Raises:
        Misfit: for a mask that is damaged.
    """
    if isinstance(shape, (Mask, Bitmask)):
        return masks.array(shape)
    found = patch(shape, width, height)
    image = np.zeros((height, width), np.bool_)
    found.of(image)[...] = found.mask
    return image


def outline(mask: Bools) -> list[tuple[Point, ...]]:
    """Polygons along the edges of the pixels of a mask: drawn together by the even-odd rule, they are the mask again.

    A part and each of its holes are polygons of their own; parts that touch in a corner only may be one.
    """
    around = np.pad(mask, 1)
    upper_left, upper_right = around[:-1, :-1], around[:-1, 1:]
    lower_left, lower_right = around[1:, :-1], around[1:, 1:]
    # A point of the grid is a corner where one or three of its pixels belong; where two do that touch in it, it is
    # two corners.
    odd = upper_left ^ upper_right ^ lower_left ^ lower_right
    touching = (upper_left == lower_right) & (upper_right == lower_left) & (upper_left != upper_right)
    ys, xs = np.nonzero(odd | touching)
    twice = 1 + touching[ys, xs]
    ys, xs = np.repeat(ys, twice), np.repeat(xs, twice)
    # In each row, and in each column, the first corner is joined to the second, the third to the fourth, and so on.
    down = np.lexsort((ys, xs))
    below = np.empty_like(down)
    below[down[0::2]], below[down[1::2]] = down[1::2], down[0::2]
    vertical, points = below.tolist(), list(zip(xs.astype(float).tolist(), ys.astype(float).tolist(), strict=True))
    found = []
    seen = bytearray(len(points))
    for start in range(0, len(points), 2):
        at = start
        ring: list[Point] = []
        while not seen[at]:
            beside = at ^ 1
            seen[at] = seen[beside] = True
            ring += (points[at], points[beside])
            at = vertical[beside]
        if ring:
            found.append(tuple(ring))
    return found


def _cut(mask: Bools) -> Patch:
    found = masks.bounds(mask)
    if found is None:
        return Patch(0, 0, mask[:0, :0])
    left, top, width, height = map(int, found)
    return Patch(top, left, mask[top : top + height, left : left + width].copy())


def _polygon(points: Sequence[Point], width: int, height: int) -> Patch:
    xs, ys = np.array(points, np.float64).T
    top, bottom = _within(ys.min(), ys.max(), height)
    left, right = _within(xs.min(), xs.max(), width)
    # Where edges cross the middles of rows: pixels from there on change sides.
    next_xs, next_ys = np.roll(xs, -1), np.roll(ys, -1)
    first = np.clip(np.ceil(np.minimum(ys, next_ys) - 0.5), top, bottom).astype(np.int64)
    last = np.clip(np.ceil(np.maximum(ys, next_ys) - 0.5), top, bottom).astype(np.int64)
    rows = last - first
    edge = np.repeat(np.arange(len(xs)), rows)
    row = np.arange(rows.sum()) + np.repeat(first - np.cumsum(rows) + rows, rows)
    slope = (next_xs - xs) / np.where(rows > 0, next_ys - ys, 1)
    x = xs[edge] + (row + 0.5 - ys[edge]) * slope[edge]
    column = np.clip(np.ceil(x - 0.5), left, right).astype(np.int64)
    crossings = np.zeros((bottom - top, right - left + 1), np.uint8)
    np.add.at(crossings, (row - top, column - left), 1)
    return Patch(top, left, (np.cumsum(crossings, axis=1, dtype=np.uint8) & 1).astype(np.bool_)[:, :-1])


def _ellipse(shape: Ellipse, width: int, height: int) -> Patch:
    x, y, wide, high = shape.bounds
    top, bottom = _within(y, y + high, height)
    left, right = _within(x, x + wide, width)
    across = np.arange(left, right) + 0.5 - shape.x
    down = (np.arange(top, bottom) + 0.5 - shape.y)[:, None]
    along, over = cos(radians(shape.rotation)), sin(radians(shape.rotation))
    first = (across * along + down * over) / shape.radius_x
    second = (down * along - across * over) / shape.radius_y
    return Patch(top, left, first * first + second * second <= 1)


def _within(low: float, high: float, most: int) -> tuple[int, int]:
    """The first pixel whose middle may be between two positions, and the one after the last."""
    first = min(max(ceil(low - 0.5), 0), most)
    return first, max(min(ceil(high + 0.5), most), first)
