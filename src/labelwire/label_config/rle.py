"""Label Studio's brush masks: run lengths over the RGBA bytes of an image, packed into bits.

The stream is a count of bytes (32 bits), the bits in a value minus 1 (5), four run widths minus 1 (4 each), then
blocks: a bit that says whether one value is repeated, the index of a run width (2 bits), the run's length minus 1 in
that many bits, and the value, or that many values. Zeros fill the last byte.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from labelwire.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_WIDTHS = (3, 4, 8, 16)
_HEADER_BITS = 32 + 5 + 4 * 4
_LONGEST = 1 << _WIDTHS[-1]


def encode(runs: Iterable[tuple[int, int]]) -> list[int]:
    """The stream of these (value 0 to 255, length) runs, as a list of bytes."""
    total = 0
    blocks = []
    for value, length in runs:
        total += length
        while length:
            part = min(length, _LONGEST)
            blocks.append(_block(value, part))
            length -= part
    if total >= 1 << 32:
        raise InvalidInput(f"a mask of {total // 4} pixels is too large: the format counts its bytes in 32 bits")
    bits = "".join([f"{total:032b}{7:05b}", *(f"{width - 1:04b}" for width in _WIDTHS), *blocks])
    bits += "0" * (8 - len(bits) % 8)  # a whole zero byte where nothing is to fill: other encoders write it
    return list(int(bits, 2).to_bytes(len(bits) // 8, "big"))


@lru_cache(4096)
def _block(value: int, length: int) -> str:
    index = next(index for index, width in enumerate(_WIDTHS) if length <= 1 << width)
    # A single value is marked as not repeated, as other encoders do; it means the same.
    return f"{length > 1:b}{index:02b}{length - 1:0{_WIDTHS[index]}b}{value:08b}"


def decode(rle: Sequence[int]) -> bytes:
    """The bytes of a stream, four for each pixel (R, G, B, alpha)."""
    total = length_of(rle)
    bits = f"{int.from_bytes(bytes([1, *rle]), 'big'):b}"[1:]
    size = int(bits[32:37], 2) + 1
    widths = [int(bits[start : start + 4], 2) + 1 for start in range(37, _HEADER_BITS, 4)]
    if size > 8:
        raise InvalidInput(f"the mask's values have {size} bits, not 8")
    parts: list[bytes] = []
    at, done = _HEADER_BITS, 0
    try:
        while done < total:
            width = widths[int(bits[at + 1 : at + 3], 2)]
            repeated = bits[at] == "1"
            length = int(bits[at + 3 : at + 3 + width], 2) + 1
            at += 3 + width
            if repeated:
                parts.append(bytes((int(bits[at : at + size], 2),)) * length)
                at += size
            else:
                parts.append(bytes(int(bits[i : i + size], 2) for i in range(at, at + size * length, size)))
                at += size * length
            done += length
    except (IndexError, ValueError):
        raise InvalidInput(f"the mask's RLE ends after {done} of {total} bytes: a part of it is missing") from None
    return b"".join(parts)[:total]


def length_of(rle: Sequence[int]) -> int:
    """How many bytes the mask has, by its first 32 bits: four for each pixel."""
    if len(rle) * 8 < _HEADER_BITS:
        raise InvalidInput(f"{len(rle)} bytes are no RLE: its header alone has 7")
    return int.from_bytes(bytes(rle[:4]), "big")


def encode_mask(mask: Any) -> tuple[list[int], int, int]:
    """The stream of a rows by columns mask of what is false or true, and its width and height in pixels.

    The mask may be a NumPy array, a tensor, a memoryview or a list of rows.
    """
    pixels, width, height = _pixels(mask)
    return encode((255 * value, 4 * length) for value, length in _runs(pixels)), width, height


def _runs(pixels: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(pixels):
        value = pixels[at]
        end = pixels.find(b"\0" if value else b"\1", at)
        end = len(pixels) if end < 0 else end
        yield value, end - at
        at = end


def _pixels(mask: Any) -> tuple[bytes, int, int]:
    """One byte a pixel, 0 or 1, row by row; width; height."""
    if hasattr(mask, "detach"):  # a tensor, maybe on a graphics card
        mask = mask.detach().cpu().numpy()
    shape = getattr(mask, "shape", None)
    if shape is not None and hasattr(mask, "tobytes"):
        if len(shape) != 2 or 0 in shape:
            raise InvalidInput(f"a mask has rows and columns, height by width; this one's shape is {tuple(shape)}")
        if not isinstance(mask, memoryview):
            return (mask != 0).tobytes(), shape[1], shape[0]
        mask = mask.tolist()
    rows = [bytes(1 if pixel else 0 for pixel in row) for row in mask]
    if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
        raise InvalidInput("a mask has rows of one length, height by width, and at least one pixel")
    return b"".join(rows), len(rows[0]), len(rows)


def decode_mask(rle: Sequence[int], width: int, height: int, threshold: int = 1) -> memoryview[bool]:
    """The mask as a rows by columns view of bools, `numpy.asarray` of which is an array: alpha at least `threshold`."""
    found = decode(rle)
    if len(found) != 4 * width * height:
        raise InvalidInput(f"the mask has {len(found) // 4} pixels, the image {width} by {height} has {width * height}")
    table = bytes(threshold) + b"\1" * (256 - threshold)
    return memoryview(found[3::4].translate(table)).cast("?", (height, width))
