"""Masks as polygons: drawn again they are the masks, pixel by pixel, and they have fewer corners than these."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from matplotlib.path import Path as Line
from numpy.typing import NDArray
from scipy import ndimage

from labelwire.formats import rasters, yolo_lines
from labelwire.formats.contours import bridged, contours
from labelwire.formats.masks import bounds, encode
from labelwire.formats.shapes import Polygon, bounds_of

from .conftest import IMAGE, Convert, box, result, task
from .test_yolo import lines

Bools = NDArray[np.bool_]

FEW = settings(max_examples=80, deadline=None, derandomize=True)
MASKS = arrays.arrays(np.bool_, arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=20))


def blobs(seed: int, size: tuple[int, int] = (160, 120), *, share: float = 0.4, smooth: float = 6.0) -> Bools:
    """Round parts, some with holes, some cut off by the edge."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).random((size[1], size[0])), smooth)
    found: Bools = noise > np.quantile(noise, 1 - share)
    return found


def drawn(parts: list[list[tuple[float, float]]], size: tuple[int, int]) -> Bools:
    """The pixels of several polygons."""
    image = np.zeros((size[1], size[0]), np.bool_)
    for part in parts:
        image |= rasters.drawn(Polygon(tuple(part)), *size)
    return image


@FEW
@given(MASKS)
def test_polygons_drawn_again_are_the_mask(mask: Bools) -> None:
    high, wide = mask.shape
    one_by_one = [rasters.drawn(Polygon(tuple(bridged(rings))), wide, high) for rings in contours(mask)]
    assert (np.sum([np.zeros(mask.shape, int), *one_by_one], axis=0) == mask).all(), "no part has a pixel of another"


@FEW
@given(MASKS)
def test_each_part_and_each_hole_is_there_once(mask: Bools) -> None:
    beside, across = ndimage.generate_binary_structure(2, 1), ndimage.generate_binary_structure(2, 2)
    parts = contours(mask)
    holes = sum(len(rings) - 1 for rings in parts)
    around = np.pad(~mask, 1, constant_values=True)
    # Those that touch in a corner only may be one.
    assert ndimage.label(mask, across)[1] <= len(parts) <= ndimage.label(mask, beside)[1]
    assert ndimage.label(around, across)[1] - 1 <= holes <= ndimage.label(around, beside)[1] - 1


@pytest.mark.parametrize("seed", range(5))
def test_another_painter_agrees_and_corners_are_fewer(seed: int) -> None:
    mask = blobs(seed)
    high, wide = mask.shape
    middles = np.stack(np.meshgrid(np.arange(wide) + 0.5, np.arange(high) + 0.5), axis=-1).reshape(-1, 2)
    painted = np.zeros(mask.size, np.bool_)
    parts = contours(mask)
    for rings in parts:
        for ring in rings:
            painted ^= Line([*ring, ring[0]]).contains_points(middles)
    assert (painted.reshape(mask.shape) == mask).all()
    along = sum(len(ring) for ring in rasters.outline(mask))
    assert sum(len(ring) for rings in parts for ring in rings) < 0.6 * along
    points = [point for rings in parts for point in rings[0]]
    assert bounds_of(points) == pytest.approx(bounds(mask), abs=0.5)


def test_a_part_within_a_hole_is_a_part_of_its_own() -> None:
    mask = np.zeros((30, 40), np.bool_)
    mask[2:28, 2:38] = True
    mask[5:25, 5:20] = False
    mask[8:20, 8:16] = True
    mask[10:12, 10:12] = False
    mask[10:12, 25:30] = False
    assert sorted(map(len, contours(mask))) == [2, 3]


def brushed(mask: Bools, label: str = "Dog") -> dict[str, object]:
    """A brush region of these pixels."""
    value = {"format": "rle", "rle": list(encode(mask)), "brushlabels": [label]}
    return result("brush", "brushlabels", value, (mask.shape[1], mask.shape[0]))


@pytest.mark.parametrize("official", [False, True])
def test_segment_lines_of_a_mask_are_the_mask(convert: Convert, official: bool) -> None:
    mask = blobs(7, (320, 240), share=0.5)
    report, folder = convert([task(brushed(mask))], "yolo-seg", config=IMAGE, official=official)
    parts = [[(x * 320, y * 240) for x, y in zip(line[1::2], line[2::2], strict=True)] for line in lines(folder)]
    assert (drawn(parts, (320, 240)) == mask).all()
    assert len(parts) == len(contours(mask)) > 1
    assert {line[0] for line in lines(folder)} == {1}
    assert {yolo_lines.TRACED, yolo_lines.HOLES} <= {*report.notes}
    assert (report.regions_out, report.counts) == (1, {})


def test_masks_stand_beside_boxes_and_of_a_single_pixel_something_is_left(convert: Convert) -> None:
    mask = np.zeros((480, 640), np.bool_)
    mask[479, 639] = True
    report, folder = convert([task(brushed(mask), box(64, 48, 64, 48))], "yolo-seg", config=IMAGE)
    first, second = lines(folder)
    assert (first[0], second[0], len(second)) == (1, 0, 9)
    assert (
        drawn([[(x * 640, y * 480) for x, y in zip(first[1::2], first[2::2], strict=True)]], (640, 480)) == mask
    ).all()
    assert yolo_lines.HOLES not in report.notes


def test_a_mask_without_a_pixel_and_a_broken_one_are_left_out(convert: Convert) -> None:
    empty = brushed(np.zeros((480, 640), np.bool_))
    broken = brushed(blobs(1, (640, 480)))
    broken["value"]["rle"] = broken["value"]["rle"][:40]  # type: ignore[index]
    report, folder = convert([task(empty, broken)], "yolo-seg", config=IMAGE)
    assert (lines(folder), report.counts) == ([], {yolo_lines.BROKEN_MASK: 2})


@FEW
@given(st.integers(0, 1000))
def test_six_digits_keep_every_pixel(seed: int) -> None:
    """Of an image as large as they come: a share has six digits."""
    mask = blobs(seed, (40, 30), smooth=1.5)
    for rings in contours(mask):
        offset, wide = 4000.0, 4096
        kept = [
            (round((x + offset) / wide, 6) * wide - offset, round((y + offset) / wide, 6) * wide - offset)
            for x, y in bridged(rings)
        ]
        assert (
            rasters.drawn(Polygon(tuple(kept)), 40, 30) == rasters.drawn(Polygon(tuple(bridged(rings))), 40, 30)
        ).all()
