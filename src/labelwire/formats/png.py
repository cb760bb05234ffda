"""PNG images of one channel, written without Pillow."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _PALETTE = 0, 3
_ABOVE = 2


def encode(pixels: NDArray[np.unsignedinteger[Any]], palette: bytes = b"") -> bytes:
    """The image of an array, height by width, of 8 or 16 bits; with a palette, three bytes a colour, of 8 bits.

    Raises:
        InvalidInput: for an array of another shape.
    """
    if pixels.ndim != 2 or not pixels.size:
        raise InvalidInput(f"A PNG of one channel is made of height by width pixels, and not of {pixels.shape}.")
    height, width = pixels.shape
    size = pixels.dtype.itemsize
    kind = _PALETTE if palette else _GREY
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8 * size, kind, 0, 0, 0))
    lines = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder(">")).view(np.uint8).reshape(height, -1)
    # Every line as what it differs by from the one above: of masks, that is mostly zeros.
    filtered = np.empty((height, 1 + width * size), np.uint8)
    filtered[:, 0] = _ABOVE
    filtered[0, 1:] = lines[0]
    np.subtract(lines[1:], lines[:-1], out=filtered[1:, 1:])
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, 8, zlib.Z_RLE)
    data = packer.compress(filtered.data) + packer.flush()
    chunks = [(b"IHDR", head), *([(b"PLTE", palette)] if palette else []), (b"IDAT", data), (b"IEND", b"")]
    return _SIGNATURE + b"".join(_chunk(name, content) for name, content in chunks)


def colours(count: int) -> bytes:
    """A palette of so many colours that are far apart, black first: the bits of a number, spread over R, G and B."""
    palette = bytearray()
    for number in range(count):
        colour = [0, 0, 0]
        for bit in range(8):
            colour[bit % 3] |= (number >> bit & 1) << 7 - bit // 3
        palette += bytes(colour)
    return bytes(palette)


def _chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")
