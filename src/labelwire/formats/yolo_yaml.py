"""The part of YAML that a dataset's `data.yaml` is written in: keys with values, lists, and names by number."""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias

from ..errors import InvalidInput

Line: TypeAlias = tuple[int, str]
"""How far it is set in, and what it says."""

_DEEPEST = 5
_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s:#'"\[{][^:#]*?)\s*:(?:\s+|$)""")
_TOKEN = re.compile(
    r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\[\]{},]|:(?=\s|$)|[^,\[\]{}:\s](?:[^,\[\]{}:]|:(?!\s))*)"""
)
_COMMENT = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|(?:^|\s)#.*""")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
_ESCAPED = dict(zip("ntr0e_NLP", "\n\t\r\0\x1b\xa0\x85\u2028\u2029", strict=True))


def parse(text: str) -> dict[str, Any]:
    """The keys with strings, numbers, lists of them, and mappings by string.

    Raises:
        InvalidInput: for a line that is none of these.
    """
    given = (line.rstrip() for line in text.removeprefix("\ufeff").splitlines())
    lines = [
        (len(line) - len(line.lstrip()), line.strip())
        for line in given
        if line and line not in ("---", "...") and not line.lstrip().startswith("#")
    ]
    if not lines:
        return {}
    found, at = _block(lines, 0, 0)
    if at < len(lines) or not isinstance(found, dict):
        raise InvalidInput(f"The data file has a line that cannot be read: {lines[min(at, len(lines) - 1)][1][:80]!r}.")
    return found


def _block(lines: list[Line], at: int, depth: int) -> tuple[Any, int]:
    """The list or the mapping that begins with a line, and where it ends."""
    if depth > _DEEPEST:
        raise InvalidInput("The data file is nested too deep.")
    indent, first = lines[at]
    if first == "-" or first.startswith("- "):
        items = []
        while at < len(lines) and lines[at][0] == indent and (lines[at][1] == "-" or lines[at][1].startswith("- ")):
            items.append(_scalar(_uncommented(lines[at][1][1:])))
            at += 1
        return items, at
    found: dict[str, Any] = {}
    while at < len(lines) and lines[at][0] == indent and not lines[at][1].startswith("- "):
        line = lines[at][1]
        entry = _KEY.match(line)
        if entry is None:
            raise InvalidInput(f"The data file has a line that cannot be read: {line[:80]!r}.")
        key, rest = str(_scalar(entry[1])), _uncommented(line[entry.end() :])
        at += 1
        after, text = lines[at] if at < len(lines) else (-1, "")
        if not rest and (after > indent or (after == indent and text[:1] == "-")):
            found[key], at = _block(lines, at, depth + 1)
            continue
        more = [rest]
        # A text that goes on: set in, or the end of a list in brackets.
        while at < len(lines) and (lines[at][0] > indent or lines[at][1][:1] in ("]", "}")):
            more.append(_uncommented(lines[at][1]))
            at += 1
        whole = " ".join(more).strip()
        found[key] = whole if rest[:1] in ("|", ">") else _scalar(whole)
    return found, at


def _uncommented(text: str) -> str:
    return _COMMENT.sub(lambda found: found[1] or "", text).strip()


def _scalar(text: str) -> Any:
    if text[:1] == '"' and text[-1:] == '"' and len(text) > 1:
        return _ESCAPE.sub(_unescaped, text[1:-1])
    if text[:1] == "'" and text[-1:] == "'" and len(text) > 1:
        return text[1:-1].replace("''", "'")
    if text[:1] in ("[", "{"):
        return _flow(text)
    if re.fullmatch(r"[-+]?\d{1,15}", text):
        return int(text)
    return text


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] in "xuU" and len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    return _ESCAPED.get(code, code)


def _flow(text: str) -> Any:
    """A list in brackets, or a mapping in braces, of scalars and lists."""
    tokens = [found[1].strip() for found in _TOKEN.finditer(text)]
    value, at = _taken(tokens, 0, 0)
    if at != len(tokens):
        raise InvalidInput(f"The data file has a value that cannot be read: {text[:80]!r}.")
    return value


def _taken(tokens: list[str], at: int, depth: int) -> tuple[Any, int]:
    if at >= len(tokens) or depth > _DEEPEST:
        raise InvalidInput("The data file has a list that does not end.")
    if tokens[at] not in ("[", "{"):
        return _scalar(tokens[at]), at + 1
    close = "]" if tokens[at] == "[" else "}"
    items: list[Any] = []
    named: dict[str, Any] = {}
    at += 1
    while at < len(tokens) and tokens[at] != close:
        if tokens[at] == ",":
            at += 1
            continue
        value, at = _taken(tokens, at, depth + 1)
        if close == "}" and at < len(tokens) and tokens[at] == ":":
            named[json.dumps(value) if isinstance(value, (list, dict)) else str(value)], at = _taken(
                tokens, at + 1, depth + 1
            )
        else:
            items.append(value)
    if at >= len(tokens):
        raise InvalidInput("The data file has a list that does not end.")
    return (items if close == "]" else named), at + 1
