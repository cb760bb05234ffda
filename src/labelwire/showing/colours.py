"""The colours of labels: those of the configuration, else of a palette that stays the same."""

from __future__ import annotations

import re
from hashlib import blake2b

from ..formats.schema import Schema
from ..label_config.labels import Label, names_of

PALETTE = (
    "#1f77b4", "#d9480f", "#2b8a3e", "#c2255c", "#7048e8", "#0b7285", "#b8860b", "#495057", "#e03131", "#5f3dc4",
    "#087f5b", "#a61e4d",
)  # fmt: skip
"""Dark enough for white letters, and told apart by most eyes in this order."""

NO_LABEL = "#495057"

_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/][^()]*)?\)")
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})(?:[0-9a-f]{2})?")


class Colours:
    """The colour of each label, always as `#rrggbb`: what a configuration says is never passed on as it is."""

    def __init__(self, schema: Schema) -> None:
        self._of: dict[str, str] = {}
        for place, name in enumerate(schema.classes()):
            self._of[name] = PALETTE[place % len(PALETTE)]
        for tag in schema.config.walk():
            if isinstance(tag, Label) and (own := as_hex(tag.background or "")):
                self._of.update(dict.fromkeys(names_of(tag), own))

    def of(self, *labels: str) -> str:
        """The colour of the first one; grey where there is none."""
        if not labels:
            return NO_LABEL
        known = self._of.get(labels[0])
        if known is None:
            digest = blake2b(labels[0].encode("utf-8", "replace"), digest_size=2).digest()
            known = self._of[labels[0]] = PALETTE[int.from_bytes(digest, "big") % len(PALETTE)]
        return known


def as_hex(css: str) -> str | None:
    """A colour as CSS writes it, as `#rrggbb`; None for what is none. Names need Pillow."""
    plain = css.strip().lower()
    if _HEX.fullmatch(plain):
        return plain[:7] if len(plain) > 5 else "#" + "".join(2 * digit for digit in plain[1:4])
    if (parts := _RGB.fullmatch(plain)) is not None:
        return "#" + "".join(f"{min(int(part), 255):02x}" for part in parts.groups())
    try:
        from PIL import ImageColor
    except ImportError:
        return None
    try:
        red, green, blue = ImageColor.getrgb(plain[:40])[:3]
    except ValueError:
        return None
    return f"#{red:02x}{green:02x}{blue:02x}"


def mixed(colour: str, density: float) -> str:
    """The colour as it looks on white, when it is that dense, 0 to 1."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * density):02x}" for part in parts)


def on(colour: str) -> str:
    """Black or white, whichever is read better on a ground of this colour (WCAG's relative luminance)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    bright = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if bright > 0.179 else "#ffffff"
