"""Image files made fit to be put into a page: small enough, the right way up, and surely images."""

from __future__ import annotations

from io import BytesIO

from msgspec import Struct

LONGEST = 1280
"""Pixels of the longer side of what is put into a page."""

HEAVIEST = 2_000_000
"""Bytes of a file that is put into a page as it is, where Pillow is missing."""

_KINDS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


class Fitted(Struct, frozen=True):
    """An image, as a page may hold it. `width` and `height` are the original's, in pixels, as a viewer shows it."""

    content: bytes
    kind: str
    width: int | None
    height: int | None


def fitted(content: bytes, longest: int = LONGEST) -> Fitted | None:
    """The image, its longer side of `longest` pixels at most; None for what is no image. Needs Pillow for most."""
    try:
        from PIL import Image, ImageOps
    except ImportError:
        kind = next((kind for begins, kind in _KINDS if content.startswith(begins)), None)
        return Fitted(content, kind, None, None) if kind and len(content) <= HEAVIEST else None
    try:
        with Image.open(BytesIO(content)) as opened:
            original = opened.format
            upright = ImageOps.exif_transpose(opened)
            width, height = upright.size
            kind = f"image/{(original or '').lower()}"
            if max(width, height) <= longest and upright is opened and (kind, len(content) <= HEAVIEST) in _AS_IT_IS:
                return Fitted(content, kind, width, height)
            clear = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
            small = upright.convert("RGBA" if clear else "RGB")
            small.thumbnail((longest, longest))
            out = BytesIO()
            small.save(out, "PNG" if clear else "JPEG", quality=85)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    return Fitted(out.getvalue(), "image/png" if clear else "image/jpeg", width, height)


_AS_IT_IS = {("image/png", True), ("image/jpeg", True), ("image/gif", True)}
