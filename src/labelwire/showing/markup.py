"""HTML and SVG that is safe: whatever is put into a template is escaped, unless it is markup already."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

_UNPRINTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What neither HTML nor XML can hold."""


class Markup(str):
    """A string that is markup, and not text."""

    __slots__ = ()


def escaped(value: object) -> str:
    """The text of a value, as HTML and XML write it in elements and in attributes; markup stays as it is."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return escape(_UNPRINTED.sub("\ufffd", str(value)), quote=True)


def markup(template: str, *values: object) -> Markup:
    """The template, its `{}` filled with escaped values."""
    return Markup(template.format(*map(escaped, values)))


def joined(parts: Iterable[Markup], between: str = "") -> Markup:
    """Pieces of markup, one after another."""
    return Markup(between.join(parts))
