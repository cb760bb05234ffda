"""Masks as arrays of bools, height by width: from and to brush strokes, PNG images and COCO's run lengths."""

from __future__ import annotations

from io import BytesIO
from operator import mul
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ..errors import InvalidInput
from ..label_config.rle import encode as encode_runs
from .seen import Misfit
from .shapes import Bitmask, Mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .shapes import Bounds

    Bools: TypeAlias = NDArray[np.bool_]
    Bytes: TypeAlias = NDArray[np.uint8]

BROKEN = "a mask that cannot be decoded"
EMPTY = "a mask without a pixel"

_HEADER_BITS = 32 + 5 + 4 * 4
_WINDOW = 1 << 13
"""Bytes of a stream that are looked at together."""

_SINGLE = [bytes([value]) for value in range(256)]


def alpha(rle: bytes, width: int, height: int) -> Bytes:
    """How opaque each pixel of a brush mask is, 0 to 255, height by width.

    Raises:
        Misfit: for a stream that ends too early, or is of an image of another size.
    """
    return np.frombuffer(_alpha(rle, width * height), np.uint8).reshape(height, width)


def decode(rle: bytes, width: int, height: int, threshold: int = 1) -> Bools:
    """The pixels of a brush mask whose alpha, 0 to 255, is at least `threshold`, height by width.

    Raises:
        Misfit: for a stream that ends too early, or is of an image of another size.
    """
    return alpha(rle, width, height) >= threshold


def encode(mask: Bools | Bytes) -> bytes:
    """The brush mask of an array, height by width: of what is true, or with a value from 0 to 255 for each pixel.

    Raises:
        InvalidInput: for an array of another shape or type.
    """
    if mask.ndim != 2 or not mask.size or mask.dtype not in (np.bool_, np.uint8):
        raise InvalidInput(f"A mask is height by width, of bool or uint8, and not {mask.shape} of {mask.dtype}.")
    values = mask.ravel()
    starts, lengths = _runs(values)
    opaque = values[starts] * np.uint8(255) if mask.dtype == np.bool_ else values[starts]
    return bytes(encode_runs(zip(opaque.tolist(), (4 * lengths).tolist(), strict=True)))


def array(shape: Mask | Bitmask, threshold: int = 1) -> Bools:
    """The pixels that belong to a mask, height by width; of a brush mask those of an alpha of at least `threshold`.

    Raises:
        Misfit: for a mask that is damaged.
        InvalidInput: for a bitmask, where Pillow is missing.
    """
    if isinstance(shape, Mask):
        return decode(shape.rle, shape.width, shape.height, threshold)
    return _of_png(shape)


def bounds(mask: Bools) -> Bounds | None:
    """The upright box around the pixels of a mask; None where there are none."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    left, top = float(columns[0]), float(rows[0])
    return left, top, float(columns[-1]) + 1 - left, float(rows[-1]) + 1 - top


def coco_rle(mask: Bools) -> str:
    """COCO's compressed run lengths of a mask: down the columns, from a run of zeros on."""
    values = mask.ravel(order="F")
    counts = _runs(values)[1]
    if values[0]:
        counts = np.concatenate(([0], counts))
    left = counts.astype(np.int64)
    left[3:] -= counts[1:-2]
    letters, used = [], []
    more = np.ones(left.shape, np.bool_)
    while more.any():
        used.append(more)
        low = left & 31
        left >>= 5
        more = more & (left != np.where(low & 16, -1, 0))
        letters.append(low + 48 + 32 * more)
    return np.stack(letters, 1)[np.stack(used, 1)].astype(np.uint8).tobytes().decode("ascii")


def from_coco_rle(counts: str | list[int], height: int, width: int) -> Bools:
    """The mask of COCO's run lengths, compressed or not, height by width.

    Raises:
        Misfit: for run lengths that are no such, or of another image.
    """
    try:
        runs = _uncompressed(counts) if isinstance(counts, str) else np.array(counts, np.int64)
    except (TypeError, ValueError, OverflowError):
        raise Misfit("its counts are no run lengths") from None
    if runs.ndim != 1 or (runs < 0).any() or (runs > height * width).any() or runs.sum() != height * width:
        raise Misfit(f"its counts do not add up to the {width} by {height} pixels of its image")
    values = np.arange(len(runs)) % 2 == 1
    return np.ascontiguousarray(np.repeat(values, runs).reshape(width, height).T)


def _alpha(rle: bytes, pixels: int) -> bytes:
    """Every fourth byte of the stream, of which the format is told in `labelwire.label_config.rle`.

    The runs are found first and made long last, so that a stream that lies takes no memory.
    """
    total = int.from_bytes(rle[:4], "big")
    head = int.from_bytes(rle[4:7], "big")
    if len(rle) < 7 or total != 4 * pixels:
        raise Misfit(f"its rle is of {total / 4:g} pixels, and the image of {pixels}")
    if head >> 19 != 7:
        raise Misfit(f"its rle has values of {(head >> 19) + 1} bits, not 8")
    widths = np.array([(head >> shift & 15) + 1 for shift in (15, 11, 7, 3)] * 2, np.uint32)
    parts: list[bytes] = []
    counts: list[int] = []
    end = 8 * len(rle)
    at, done = _HEADER_BITS, 0
    while done < total and at < end:
        found = _Blocks(rle, at, widths)
        lengths = found.lengths.cumsum(dtype=np.int64) + done
        # What comes after the last pixel is not looked at.
        used = min(int(np.searchsorted(lengths, total)) + 1, len(lengths))
        before = len(parts)
        parts += map(_SINGLE.__getitem__, found.values[:used].tolist())
        counts += np.diff(lengths[:used] >> 2, prepend=done >> 2).tolist()
        for block in np.flatnonzero(found.literal[:used]).tolist():
            length, start = int(found.lengths[block]), int(found.data[block])
            stop = start + 8 * length
            if stop <= end:
                values = int.from_bytes(rle[start >> 3 : stop + 7 >> 3], "big") >> (-stop & 7)
                content = (values & (1 << 8 * length) - 1).to_bytes(length, "big")
                first = 3 - (int(lengths[block]) - length) & 3
                parts[before + block], counts[before + block] = content[first::4], 1
        at, done = int(found.ends[used - 1]), int(lengths[used - 1])
    if done < total or at > end:
        raise Misfit("its rle ends too early")
    return b"".join(map(mul, parts, counts))[:pixels]


class _Blocks:
    """The blocks of a window of a stream, one after another from a bit on.

    Attributes:
        lengths: how many values each has.
        data: the bit at which its values begin, `ends` the one after them.
        values: the first of them; the only one, but for a block that is `literal`.
    """

    def __init__(self, rle: bytes, at: int, widths: NDArray[np.uint32]) -> None:
        first = at >> 3
        size = min(_WINDOW, len(rle) - first)
        octets = np.frombuffer(rle[first : first + size + 5] + bytes(5), np.uint8).astype(np.uint32)
        # What a block at each bit of the window would be: three bits of kind, and a length of that kind's width. Those
        # at the first bits of all bytes come first, then those at the second ones, which is the quicker order.
        words = octets[:size] << 24 | octets[1 : size + 1] << 16 | octets[2 : size + 2] << 8 | octets[3 : size + 3]
        bits = words << np.arange(8, dtype=np.uint32)[:, None]
        kinds = (bits >> 29).astype(np.uint8)
        after = widths.take(kinds) + 3
        lengths = ((bits << 3) >> (35 - after)) + 1
        literal = (kinds < 4) & (lengths > 1)
        steps = (after + 8 * np.where(literal, lengths, 1)).ravel().data
        place, most = at - 8 * first, 8 * size
        places = []
        while place < most:
            places.append(place)
            place += steps[(place & 7) * size + (place >> 3)]
        there = np.array(places)
        at_bit = there & 7, there >> 3
        self.lengths = lengths[at_bit]
        self.literal = literal[at_bit]
        self.data = there + after[at_bit] + 8 * first
        self.ends = np.append(there[1:], place) + 8 * first
        values = self.data - 8 * first
        pair = np.minimum(values >> 3, len(octets) - 2)
        self.values = (octets[pair] << 8 | octets[pair + 1]) >> (8 - (values & 7)).astype(np.uint32) & 255


def _of_png(shape: Bitmask) -> Bools:
    try:
        from PIL import Image
    except ImportError:
        raise InvalidInput("A bitmask is read with Pillow: pip install pillow.") from None
    # Before Pillow reads it: a small file may say that it is of a huge image.
    size = int.from_bytes(shape.png[16:20], "big"), int.from_bytes(shape.png[20:24], "big")
    if size != (shape.width, shape.height):
        raise Misfit(f"its PNG has {size[0]} by {size[1]} pixels, and the image {shape.width} by {shape.height}")
    try:
        with Image.open(BytesIO(shape.png), formats=("PNG",)) as image:
            pixels = np.asarray(image.convert("RGBA"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Misfit(f"its PNG is damaged: {error}") from None
    found: Bools = pixels[..., :3].any(axis=2) & (pixels[..., 3] > 0)
    return found


def _runs(values: NDArray[np.bool_] | Bytes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where runs of one value start, and how long they are."""
    starts = np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1))
    return starts, np.diff(starts, append=len(values))


def _uncompressed(counts: str) -> NDArray[np.int64]:
    letters = np.frombuffer(counts.encode("ascii"), np.uint8).astype(np.int64) - 48
    if not letters.size or letters.min() < 0 or letters.max() > 63 or letters[-1] & 32:
        raise ValueError
    last = np.flatnonzero(letters & 32 == 0)
    first = np.concatenate(([0], last[:-1] + 1))
    length = last - first + 1
    if length.max() > 7:  # more than 31 bits
        raise ValueError
    place = 5 * (np.arange(len(letters)) - np.repeat(first, length))
    runs = np.add.reduceat((letters & 31) << place, first)
    runs -= np.where(letters[last] & 16, np.int64(1) << 5 * length, 0)
    # Each but the first three is told by how it differs from the one before the last.
    runs[1::2] = runs[1::2].cumsum()
    runs[2::2] = runs[2::2].cumsum()
    return runs
