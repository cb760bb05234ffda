"""From the pixels of a mask to polygons of few corners, for formats that hold no masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from .rasters import outline
from .shapes import Point

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools: TypeAlias = NDArray[np.bool_]
    Floats: TypeAlias = NDArray[np.float64]

Ring: TypeAlias = Sequence[Point]

NEAREST = 0.34
"""Pixels by which a line may leave the contour, which passes the middle of every pixel at 0.353 or more."""


def contours(mask: Bools) -> list[list[Ring]]:
    """The parts of a mask, each as its outer line and those of its holes.

    A pixel whose middle is inside, by the even-odd rule, belongs to the mask, and no other one.
    """
    parts: list[list[Ring]] = []
    of_ring: list[int] = []
    # The ring at the left edge of each pixel, where there is one.
    beside = np.zeros((mask.shape[0], mask.shape[1] + 1), np.int32)
    for number, corners in enumerate(outline(mask)):
        around = np.array(corners)
        x, y = (int(one) for one in around[0])
        if mask[y, x]:  # the first corner is the leftmost of the topmost ones, and what is below it inside
            of_ring.append(len(parts))
            parts.append([])
        else:
            # The run of pixels above the hole begins at a line of the same part, which comes before this one.
            gaps = np.flatnonzero(~mask[y - 1, :x])
            of_ring.append(of_ring[beside[y - 1, gaps[-1] + 1 if gaps.size else 0]])
        parts[of_ring[-1]].append(_simplified(_through_edges(around)))
        edges = np.concatenate((around, around[:1]))[1:].reshape(-1, 4).astype(int).tolist()
        for left, top, _, bottom in edges:
            beside[min(top, bottom) : max(top, bottom), left] = number
    return parts


def bridged(rings: Sequence[Ring]) -> Ring:
    """One line around a part and its holes: where a hole comes nearest, it leads into it and back the same way."""
    joined = np.array(rings[0])
    for ring in rings[1:]:
        hole = np.array(ring)
        at = _nearest(joined, hole[0])
        into = _nearest(hole, joined[at])
        joined = np.concatenate((joined[: at + 1], hole[into:], hole[: into + 1], joined[at:]))
    return _points(joined)


def _nearest(points: Floats, to: Floats) -> int:
    return int(((points - to) ** 2).sum(axis=1).argmin())


def _through_edges(corners: Floats) -> Floats:
    """The line through the middles of the pixels' edges, of which the corners of the pixels are told."""
    following = np.roll(corners, -1, axis=0)
    length = np.abs(following - corners).sum(axis=1)
    half = (following - corners) / length[:, None] / 2
    both = np.stack((corners + half, following - half), axis=1).reshape(-1, 2)
    return both[np.stack((np.ones_like(length), length > 1), axis=1).ravel() > 0]


def _simplified(ring: Floats) -> Ring:
    """The ring without the corners that a straight line passes near enough (Douglas and Peucker)."""
    count = len(ring)
    if count <= 4:  # of a single pixel
        return _points(ring)
    far = int(((ring - ring[0]) ** 2).sum(axis=1).argmax())
    closed = np.concatenate((ring, ring[:1]))
    kept = {0, far}
    waiting = [(0, far), (far, count)]
    while waiting:
        first, last = waiting.pop()
        between = closed[first + 1 : last]
        if not len(between):
            continue
        start, along = closed[first], closed[last] - closed[first]
        share = np.clip((between - start) @ along / (along @ along), 0.0, 1.0)
        away = between - start - share[:, None] * along
        distance = (away * away).sum(axis=1)
        most = int(distance.argmax())
        if distance[most] > NEAREST * NEAREST:
            middle = first + 1 + most
            kept.add(middle)
            waiting += ((first, middle), (middle, last))
    return _points(ring[sorted(kept)])


def _points(ring: Floats) -> Ring:
    return [(x, y) for x, y in ring.tolist()]
