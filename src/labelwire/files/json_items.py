"""The items of a JSON array, of any size, in constant memory: their text, without a Python value made of it.

The file is read in windows. A window is cut after an item, and what is before the cut is split by msgspec in one go.
Where to cut is guessed, since the last "},{" of a window may well be inside an item. But "[" + text + "]" is JSON only
if the text is whole items: that msgspec reads it proves the guess. Where guesses fail, brackets are counted.
"""

from __future__ import annotations

import json
import re
from typing import IO, TYPE_CHECKING, TypeAlias

import msgspec

from ..core.json import encode
from ..errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Cut: TypeAlias = tuple[Sequence[bytes | msgspec.Raw], int, int]

WINDOW = 1 << 18
"""Bytes read at a time. Items that are longer make the window grow."""

GUESSES = 3
TAIL = 1 << 13
"""How many places are tried before brackets are counted, and how far before the window's end they may be."""

BEFORE, AFTER = 8, 4
"""Bytes before and after a cut that the next cut is expected to have too, such as `s": []}, {"i`."""

MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x1f\x8b": "gzip-compressed"}

_split = msgspec.json.Decoder(list[msgspec.Raw]).decode
_one = msgspec.json.Decoder(msgspec.Raw).decode

_BETWEEN = re.compile(rb"\}\s*+,\s*+\{")
_COMMA = re.compile(rb"[ \t\r\n]*+,")
_SPACE = re.compile(rb"[ \t\r\n]*+")
_PYTHONS = re.compile(rb"NaN|Infinity|\\u[dD][89a-fA-F]")
_BYTE = re.compile(r"\(byte (\d+)\)")

_PLAIN = rb'[^"{}\[\]]'
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'


def _balanced(depth: int) -> bytes:
    """A pattern of a whole object or array with at most so many more inside one another."""
    inner = b"|" + _balanced(depth - 1) if depth else b""
    return rb"[{\[](?:" + _PLAIN + rb"++|" + _STRING + inner + rb")*+[}\]]"


# The whole values that most items consist of are taken in one step each, and deeper ones bracket by bracket.
_STEP = re.compile(
    _PLAIN + rb"*+(?:" + _STRING + _PLAIN + rb"*+)*+(?:(" + _balanced(8) + rb")|([{\[])|[}\]])", re.DOTALL
)


def items(stream: IO[bytes], *, name: str = "The JSON", loose: bool = False) -> Iterator[bytes]:
    """The JSON text of each item of the stream's array, or of the one object that the stream is.

    Whether strings are UTF-8 is not looked at; it shows when an item is decoded.

    Args:
        name: what errors call the stream.
        loose: whether to give items with what Python writes though it is no JSON, NaN and halves of surrogate pairs,
            as they are.

    Raises:
        InvalidInput: where the text is no JSON, ends early or goes on after its end; with the byte where that is.
    """
    text, offset = _beginning(stream, name)
    if not text.startswith(b"["):
        yield from _single(stream, text, offset, name, loose=loose)
        return
    text, offset = text[1:], offset + 1
    alike = b""
    count = 0
    while chunk := stream.read(max(WINDOW, len(text))):
        text += chunk
        found = _cut(text, alike, loose=loose)
        if found is None:
            _check_so_far(b"[" + text, offset - 1, name, count, loose=loose)
            continue
        whole, end, comma = found
        yield from map(bytes, whole)
        alike = text[end - BEFORE : comma + AFTER]
        text, offset, count = text[comma:], offset + comma, count + len(whole)
    rest: Sequence[bytes | msgspec.Raw]
    try:
        rest = _split(b"[" + text)
    except (msgspec.DecodeError, RecursionError) as error:
        last = text.rstrip(b" \t\r\n")
        listed = last[:-1] + b","
        if loose and last.endswith(b"]") and (found := _loosely(listed, len(listed))) and found[2] == len(listed):
            yield from found[0]
            return
        raise InvalidInput(_fault(b"[" + text, offset - 1, error, name, count)) from None
    if count and not rest:
        raise InvalidInput(f"{name} has a comma after its last item (before byte {offset:,}); take the comma away.")
    yield from map(bytes, rest)


def lines(stream: IO[bytes], *, name: str = "The JSON Lines", loose: bool = False) -> Iterator[bytes]:
    """The JSON text of each line that is not blank.

    Args:
        name: what errors call the stream.
        loose: as `items` has it.

    Raises:
        InvalidInput: for a line that is no JSON, with its number.
    """
    for number, line in enumerate(stream, 1):
        text = line.strip(b" \t\r\n")
        if number == 1:
            _refuse_marks(text, name)
            text = text.removeprefix(b"\xef\xbb\xbf")
        if not text:
            continue
        place = f"{name}, line {number:,}"
        try:
            _one(text)
        except (msgspec.DecodeError, RecursionError) as error:
            if not (loose and _is_pythons(text)):
                raise InvalidInput(_fault(text, 0, error, place)) from None
        yield text


def _beginning(stream: IO[bytes], name: str) -> tuple[bytes, int]:
    """The first window from its first sign on, and that sign's offset."""
    text = stream.read(WINDOW)
    _refuse_marks(text, name)
    offset = 3 if text.startswith(b"\xef\xbb\xbf") else 0
    text = text[offset:]
    while True:
        space = _SPACE.match(text)
        skipped = space.end() if space else 0
        text, offset = text[skipped:], offset + skipped
        if text:
            return text, offset
        text = stream.read(WINDOW)
        if not text:
            raise InvalidInput(f"{name} is empty; an array of no tasks is [].")


def _refuse_marks(text: bytes, name: str) -> None:
    if kind := MARKS.get(text[:2]):
        raise InvalidInput(f"{name} is {kind}; JSON is UTF-8 text.")


def _single(stream: IO[bytes], text: bytes, offset: int, name: str, *, loose: bool) -> Iterator[bytes]:
    if not text.startswith(b"{"):
        raise InvalidInput(f"{name} begins with {_shown(text)} (byte {offset:,}) and not with [ or {{.")
    while chunk := stream.read(max(WINDOW, len(text))):
        _check_so_far(text, offset, name, 0, loose=loose)
        text += chunk
    try:
        yield bytes(_one(text))
    except (msgspec.DecodeError, RecursionError) as error:
        if not (loose and _is_pythons(text)):
            raise InvalidInput(_fault(text, offset, error, name)) from None
        yield text


def _cut(text: bytes, alike: bytes, *, loose: bool) -> Cut | None:
    """The whole items at the beginning of the text, where they end, and where the comma after them ends."""
    if alike and (at := text.rfind(alike)) >= 0 and (found := _proven(text, at + BEFORE)):
        return found
    guesses = [match.start() + 1 for match in _BETWEEN.finditer(text, max(0, len(text) - TAIL))]
    for end in reversed(guesses[-GUESSES:]):
        if found := _proven(text, end):
            return found
    end = _counted(text)
    return (_proven(text, end) or (_loosely(text, end) if loose else None)) if end else None


def _loosely(text: bytes, most: int) -> Cut | None:
    """The whole items that Python takes, up to the first other one and no further than the last bracket at `most`."""
    whole: list[bytes] = []
    start = depth = comma = 0
    for step in _steps(text[:most], 0):
        depth += 1 if step[2] else 0 if step[1] else -1
        if depth == 0:
            item, after = text[comma : step.end()].strip(b" \t\r\n"), _COMMA.match(text, step.end())
            if after is None or not _is_pythons(item):
                break
            whole.append(item)
            start, comma = step.end(), after.end()
    return (whole, start, comma) if whole else None


def _is_pythons(text: bytes) -> bool:
    """Whether this is a value for Python's own reader; whether strings are UTF-8 is not looked at."""
    try:
        _one(text)
    except (msgspec.DecodeError, RecursionError):
        try:
            json.loads(text.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return False
    return True


def _proven(text: bytes, end: int) -> Cut | None:
    comma = _COMMA.match(text, end)
    if comma is None:
        return None
    try:
        return _split(b"[" + text[:end] + b"]"), end, comma.end()
    except (msgspec.DecodeError, RecursionError):
        return None


def _steps(text: bytes, at: int) -> Iterator[re.Match[bytes]]:
    """The steps one after another, up to what the text cuts off.

    A search would look for the next one behind that: once for each byte of a long string.
    """
    while step := _STEP.match(text, at):
        yield step
        at = step.end()


def _counted(text: bytes) -> int:
    """Where the last item ends that a comma follows, found by counting brackets; 0 when there is none."""
    depth = end = 0
    for step in _steps(text, 0):
        if step[2]:
            depth += 1
        elif not step[1]:
            depth -= 1
        if depth < 0:
            break
        if depth == 0 and _COMMA.match(text, step.end()):
            end = step.end()
    return end


def _check_so_far(text: bytes, offset: int, name: str, before: int, *, loose: bool) -> None:
    """Refuses what no continuation can mend, so that not all of a long file is read before it is refused."""
    try:
        _one(text)
    except (msgspec.DecodeError, RecursionError) as error:
        at = _BYTE.search(str(error))
        # At the very end of the text, a number or an escape may only be cut in two.
        if at and int(at[1]) < len(text) - 16:
            if loose and _PYTHONS.search(text, max(int(at[1]) - 8, 0), int(at[1]) + 8):
                return
            raise InvalidInput(_fault(text, offset, error, name, before)) from None


def _fault(text: bytes, offset: int, error: Exception, name: str, before: int = 0) -> str:
    """What is wrong and where, in text that msgspec has refused and that begins with "[" or one value."""
    if isinstance(error, RecursionError):
        return f"{name} is nested too deeply to be read (after byte {offset:,})."
    reason = str(error).removeprefix("JSON is malformed: ")
    found = _BYTE.search(reason)
    at = int(found[1]) if found else len(text)
    if reason.startswith("trailing characters"):
        at -= 1  # msgspec has taken the sign that it names
        hint = " One object a line is JSON Lines: say format='jsonl'." if text[at : at + 1] == b"{" else ""
        return f"{name} goes on after its end, at byte {offset + at:,}, with {_shown(text[at:])}.{hint}"
    if stranger := _no_json(text, at, name, before):
        return f"{stranger} (near byte {offset + at:,})"
    if at >= len(text):
        return f"{name} ends too early, at byte {offset + at:,}: it was cut off, or written only in part."
    return f"{name} is broken at byte {offset + at:,}, before {_shown(text[at:])}: {_BYTE.sub('', reason).strip()}."


def _no_json(text: bytes, at: int, name: str, before: int) -> str:
    """What Python's own reader takes though it is no JSON, NaN and half a surrogate pair, with its place; or ""."""
    index, item = _item_at(text, at) if text.startswith(b"[") else (None, text)
    try:
        encode(json.loads(item))
    except InvalidInput as error:
        place = "" if index is None else f", item {before + index + 1:,}"
        return f"{name}{place}: {str(error).replace('The data', 'The task', 1)}"
    except (ValueError, RecursionError):
        pass  # broken in a way that msgspec's own words describe
    return ""


def _item_at(text: bytes, at: int) -> tuple[int, bytes]:
    """The array's item that the place is in: its index and its text."""
    depth = index = start = 1
    for step in _steps(text, 1):
        depth += 1 if step[2] else 0 if step[1] else -1
        if depth == 1:
            if step.end() > at:
                return index - 1, text[start : step.end()].strip(b" \t\r\n,")
            start, index = step.end(), index + 1
    return index - 1, b""


def _shown(text: bytes) -> str:
    return repr(text[:20].decode(errors="replace"))
