"""A text cut into tokens and blocks, without a language model."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal, TypeAlias

Tokens: TypeAlias = Literal["words", "spaces"]
"""How a text is cut: into words, numbers and single marks; or at white space alone."""

Find: TypeAlias = Callable[[str], Sequence[str]]

_ASCII = re.compile(r"\w+(?:[-']\w+|(?<=\d)[.,]\d+)*|[^\w\s]", re.ASCII)
_SPACES = re.compile(r"\S+")
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")

_JOINERS = "\u200c\u200d\U0001f3fb-\U0001f3ff"
"""What a character before it is drawn together with, beside combining marks: joiners, and the tones of emoji."""


def finder(tokens: Tokens) -> Find:
    """What finds the tokens of a text, in order."""
    return _words if tokens == "words" else _SPACES.findall


def blocks(text: str) -> list[tuple[int, int]]:
    """Start and end of the parts of a text between blank lines."""
    if "\n" not in text:
        return [(0, len(text))]
    found = []
    at = 0
    for blank in _BLANK.finditer(text):
        found.append((at, blank.start()))
        at = blank.end()
    return [*found, (at, len(text))]


def _words(text: str) -> list[str]:
    return _ASCII.findall(text) if text.isascii() else _anywhere().findall(text)


@cache
def _anywhere() -> re.Pattern[str]:
    """Words of any script: a letter and the combining marks on it are one; so is an emoji that is made of several."""
    marks = _marks() + _JOINERS
    return re.compile(
        rf"\w[\w{marks}]*(?:[-'\u2019]\w[\w{marks}]*|(?<=\d)[.,]\d+)*|[^\w\s][{marks}]*(?:(?<=\u200d)[^\w\s][{marks}]*)*"
    )


def _marks() -> str:
    """The combining marks, as ranges of a regular expression's class."""
    ranges: list[list[int]] = []
    for code in range(0x300, 0x20000):
        if unicodedata.category(chr(code))[0] == "M":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    ranges.append([0xE0100, 0xE01EF])  # variation selectors, far behind all others
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
