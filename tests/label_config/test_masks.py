"""The run-length format of brush masks; what the official encoder makes was recorded on 1.23.2."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire import InvalidInput
from labelwire import label_config as lc

BRUSH = lc.image(brushes=["Sky"])["brush"]

RECORDED: list[tuple[list[list[int]], list[int]]] = [
    (
        [[0] * 7, *([[0, 0, 1, 1, 1, 1, 0]] * 3), [0] * 7],
        [0, 0, 0, 140, 57, 27, 254, 35, 0, 191, 255, 108, 2, 255, 253, 176, 11, 255, 248, 124, 0],
    ),
    ([[0] * 4] * 3, [0, 0, 0, 48, 57, 27, 254, 47, 0, 0]),
    ([[0] * 4, [0, 1, 1, 0], [0] * 4], [0, 0, 0, 48, 57, 27, 254, 19, 0, 159, 255, 9, 128, 0]),
    ([[1] * 200] * 200, [0, 2, 113, 0, 57, 27, 255, 255, 255, 255, 255, 255, 255, 253, 195, 255, 252]),
]


def rows(region: dict[str, Any], **options: Any) -> Any:
    return lc.mask_of(region, **options).tolist()


@pytest.mark.parametrize(("mask", "rle"), RECORDED)
def test_a_mask_is_what_the_official_encoder_makes_of_it(mask: list[list[int]], rle: list[int]) -> None:
    region = BRUSH.mask(mask, label="Sky")
    assert region["value"]["rle"] == rle
    assert (region["original_width"], region["original_height"]) == (len(mask[0]), len(mask))
    assert rows(region) == [[bool(pixel) for pixel in row] for row in mask]


def test_single_values_are_as_the_official_encoder_writes_them() -> None:
    rle = [0, 0, 0, 6, 57, 27, 252, 64, 224, 0, 194, 4]
    assert lc.encode_rle([(7, 3), (1, 1), (2, 2)]) == rle
    assert lc.decode_rle(rle) == bytes([7, 7, 7, 1, 2, 2])


def test_blocks_of_values_that_are_not_repeated_are_read() -> None:
    """What the editor itself writes: a block of several values one by one, and other widths."""
    values = "".join(f"{value:08b}" for value in (9, 8, 7, 6))
    bits = f"{4:032b}{7:05b}{1:04b}{1:04b}{1:04b}{1:04b}{0b00011:05b}{values}"
    bits += "0" * (-len(bits) % 8)
    assert lc.decode_rle(list(int(bits, 2).to_bytes(len(bits) // 8, "big"))) == bytes([9, 8, 7, 6])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), st.integers(1, 200_000)), max_size=8))
def test_any_runs_come_back(runs: list[tuple[int, int]]) -> None:
    found = lc.decode_rle(lc.encode_rle(runs))
    assert found == b"".join(bytes([value]) * length for value, length in runs)


def rows_of(width: int) -> st.SearchStrategy[list[list[bool]]]:
    return st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=1, max_size=20)


@settings(deadline=None)
@given(st.integers(1, 40).flatmap(rows_of))
def test_any_mask_comes_back(mask: list[list[bool]]) -> None:
    region = BRUSH.mask(mask, label="Sky")
    assert rows(region) == mask
    assert lc.mask_of(region).shape == (len(mask), len(mask[0]))
    assert BRUSH.mask(lc.mask_of(region), label="Sky")["value"] == region["value"]


class Array:
    """As much of a NumPy array as is asked for."""

    def __init__(self, rows: list[list[int]]) -> None:
        self.rows = rows
        self.shape = (len(rows), len(rows[0]))

    def __ne__(self, other: object) -> Array:  # type: ignore[override]
        return Array([[int(pixel != other) for pixel in row] for row in self.rows])

    def tobytes(self) -> bytes:
        return b"".join(map(bytes, self.rows))


def test_arrays_and_lists_make_the_same_mask() -> None:
    rows = [[0, 255, 3], [0, 0, 1]]
    assert BRUSH.mask(Array(rows), label="Sky")["value"] == BRUSH.mask(rows, label="Sky")["value"]


def test_soft_edges_are_cut_at_the_threshold() -> None:
    alpha = [0, 40, 200, 255]
    rle = lc.encode_rle((value, len(list(same))) for value, same in groupby(v for a in alpha for v in (9, 9, 9, a)))
    region = {"value": {"rle": rle}, "original_width": 2, "original_height": 2}
    assert rows(region) == [[False, True], [True, True]]
    assert rows(region, threshold=128) == [[False, False], [True, True]]


@pytest.mark.parametrize("mask", [[], [[]], [[1], [1, 0]]])
def test_what_is_no_mask_is_refused(mask: list[list[int]]) -> None:
    with pytest.raises(InvalidInput, match="rows of one length"):
        BRUSH.mask(mask, label="Sky")


def test_half_a_stream_is_refused() -> None:
    rle = RECORDED[0][1]
    with pytest.raises(InvalidInput, match="a part of it is missing"):
        lc.decode_rle(rle[:12])
    with pytest.raises(InvalidInput, match="no RLE"):
        lc.decode_rle(rle[:5])
    with pytest.raises(InvalidInput, match="image 8 by 5"):
        lc.mask_of({"value": {"rle": rle}}, (8, 5))
