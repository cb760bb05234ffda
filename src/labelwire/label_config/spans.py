"""Where a region is in a text, a sound or a series: UTF-16 units and seconds."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .answers import units
from .item import is_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from .item import Item


def _segment(item: Item) -> None:
    start, end = item.value.get("start"), item.value.get("end")
    for key, at in (("start", start), ("end", end)):
        if at is None:
            item.wrong(f".{key}", "is missing: seconds, or the time column's units in a time series")
        elif not is_number(at) and (not isinstance(at, str) or item.control.type == "labels"):
            item.wrong(f".{key}", f"is {at!r}, no number")
    if is_number(start) and is_number(end) and start > end:
        item.wrong(".start", f"is {start}, behind the end at {end}")


def _labels(item: Item) -> None:
    """A region of `<Labels>`: what it is depends on the object that it is on."""
    rules = {"text": _span, "audio": _segment, "audioplus": _segment, "timeseries": _segment}
    rule = rules.get(item.object.type) if item.object else None
    if rule:
        rule(item)


def _span(item: Item) -> None:
    start, end = _whole(item.value.get("start")), _whole(item.value.get("end"))
    if start is None or end is None:
        # Old regions, and those of HTML, say where they are by XPath and offsets.
        if not isinstance(item.value.get("start"), str) or not isinstance(item.value.get("end"), str):
            key = "start" if start is None else "end"
            item.wrong(f".{key}", f"is {item.value.get(key)!r}; it is an offset in the text, in UTF-16 units")
        return
    if "startOffset" in item.value:
        return
    if start < 0 or start > end:
        item.wrong(".start", f"a span from {start} to {end} is none: 0 <= start <= end")
        return
    text = _text(item)
    if text is None:
        return
    length = len(_utf16(text)) // 2
    if end > length:
        said = f"is {end}, past the text's end at {length} (UTF-16 units, of which an emoji has two)"
        item.wrong(".end", said)
        return
    _compare(item, text, start, end)


def _compare(item: Item, text: str, start: int, end: int) -> None:
    """Compare the text that a span says it has with what is there."""
    said = item.value.get("text")
    if not isinstance(said, str) or "\r" in text:
        return
    there = _utf16(text)[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")
    if _bare(said) == _bare(there):
        return
    in_code_points = text[start:end]
    hint = ""
    if _bare(in_code_points) == _bare(said):
        hint = "; the offsets seem to count code points, and the editor counts UTF-16 units: use the control's span()"
    item.wrong(".text", f"is {said!r}, and the text from {start} to {end} is {there!r}{hint}")


@lru_cache(4)
def _utf16(text: str) -> bytes:
    """The text as the editor counts it, kept for the many spans of one text."""
    return text.encode("utf-16-le", "surrogatepass")


def _bare(text: str) -> str:
    """Without white space, of which browsers copy more or less, and line breaks as the editor writes them."""
    return "".join(text.replace("\\n", "\n").split())


def _text(item: Item) -> str | None:
    """The text that the annotator sees; None where the task does not hold it, or only its address."""
    shown = item.object.shown(item.data) if item.object and item.object.type == "text" else None
    if not isinstance(shown, str) or item.object is None:
        return None
    if item.object.get("valueType") == "url" or item.object.get("encoding", "none") != "none":
        return None
    return None if shown.startswith(("http://", "https://", "/", "s3://", "gs://", "azure-blob://")) else shown


def _whole(value: Any) -> int | None:
    """A whole number; old versions stored it as a string."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 19:
        return int(value)
    return int(value) if is_number(value) and value == int(value) else None


def _hypertext(item: Item) -> None:
    if item.object and item.object.type == "text":
        _span(item)
        return
    value = item.value
    offsets = value.get("globalOffsets")
    if isinstance(offsets, dict) and all(is_number(offsets.get(key)) for key in ("start", "end")):
        if offsets["start"] > offsets["end"]:
            item.wrong(".globalOffsets.start", f"is {offsets['start']}, behind the end at {offsets['end']}")
        return
    for key in ("start", "end"):
        if not isinstance(value.get(key), (str, int)):
            item.wrong(f".{key}", f"is {value.get(key)!r}; it is an XPath such as '/p[1]/text()[1]'")
    for key in ("startOffset", "endOffset"):
        if key in value and (_whole(value[key]) is None or (_whole(value[key]) or 0) < 0):
            item.wrong(f".{key}", f"is {value[key]!r}; it is an offset, from 0")


def _paragraphs(item: Item) -> None:
    value = item.value
    shown = item.object.shown(item.data) if item.object and item.object.type == "paragraphs" else None
    ends = [_whole(value.get("start")), _whole(value.get("end"))]
    for key, index in zip(("start", "end"), ends, strict=True):
        if index is None or index < 0:
            item.wrong(f".{key}", f"is {value.get(key)!r}; it is the index of a paragraph, from 0")
        elif isinstance(shown, list) and index >= len(shown):
            item.wrong(f".{key}", f"is {index}; the task has {len(shown)} paragraphs, counted from 0")
    first, last = ends
    if first is None or last is None:
        return
    offsets = [_whole(value.get(key)) for key in ("startOffset", "endOffset")]
    if first > last or (first == last and None not in offsets and (offsets[0] or 0) > (offsets[1] or 0)):
        item.wrong(".start", "is behind the end")
    for key, index, offset in zip(("startOffset", "endOffset"), (first, last), offsets, strict=True):
        if value.get(key) is not None and (offset is None or offset < 0):
            item.wrong(f".{key}", f"is {value.get(key)!r}; it is an offset in the paragraph, from 0")
        elif offset is not None and isinstance(shown, list) and 0 <= index < len(shown):
            text_key = item.object.get("textKey", "text") if item.object else "text"
            text = shown[index].get(text_key) if isinstance(shown[index], dict) else None
            if isinstance(text, str) and offset > units(text):
                item.wrong(f".{key}", f"is {offset}, past the paragraph's end at {units(text)} (UTF-16 units)")


SPANS: dict[str, Callable[[Item], None]] = {
    "labels": _labels,
    "timeserieslabels": _segment,
    "hypertextlabels": _hypertext,
    "paragraphlabels": _paragraphs,
}
"""The rule for each type of region in texts, sounds and series."""
