"""Sample data for a task, by what each tag shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .tags import Tag

_FILES = {
    "image": "/static/samples/sample.jpg",
    "audio": "/static/samples/game.wav",
    "audioplus": "/static/samples/game.wav",
    "video": "/static/samples/opossum_snow.mp4",
    "pdf": "/static/samples/sample.pdf",
    "hypertext": "/static/samples/hypertext.html",
    "text": "/static/samples/hypertext.html",
    "paragraphs": "/samples/paragraphs.json?nameKey=author&textKey=text",
}
"""What every server brings, by the tag that shows it."""

_WORDS = "The quick brown fox jumps over the lazy dog."
_NESTED = re.compile(r"\$(\w+)\[[^\]]*\](?:\.(\w+))?")


def sample_of(tag: Tag) -> Iterator[tuple[str, Any]]:
    """The keys of the task's data that a tag shows, each with a sample."""
    value = tag.get("value") or tag.get("valueList")
    many = not tag.get("value")
    nested = _NESTED.fullmatch(value)
    if nested:  # a repeater's: $images[{{idx}}].url
        one = _sample(tag)
        yield nested[1], [{nested[2]: one} if nested[2] else one] * 2
    elif re.fullmatch(r"\$\w+(\.\w+)+", value):
        key, *steps = value[1:].split(".")
        inside: Any = _sample(tag)
        for step in reversed(steps):
            inside = {step: inside}
        yield key, inside
    elif value.startswith("$") and len(value) > 1 and not value[1:].startswith(("{", "[")):
        yield value[1:], [_sample(tag)] if many else _sample(tag)


def _sample(tag: Tag) -> Any:
    kind = tag.tag.lower()
    by_url = tag.get("valueType") == "url"
    if kind == "timeseries":
        return _series(tag)
    if kind == "paragraphs" and not by_url:
        name, text = tag.get("nameKey", "author"), tag.get("textKey", "text")
        return [{name: "Ada", text: "Shall we begin?"}, {name: "Ben", text: "Yes, let us begin."}]
    if kind == "hypertext" and not by_url:
        return f"<h1>A sample</h1><p>{_WORDS}</p>"
    if kind == "table":
        return {"Name": "Ada", "Born": 1815}
    if kind == "list":
        return [{"id": str(number), "title": f"Item {number}", "body": _WORDS} for number in (1, 2, 3)]
    if kind == "chat":
        return [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hello!"}]
    if kind.endswith("labels") or kind in ("choices", "taxonomy"):
        return [{"value": "First"}, {"value": "Second"}]
    return _FILES[kind] if kind in _FILES and (kind != "text" or by_url) else _WORDS


def _series(tag: Tag) -> Any:
    """A series of ten rows, or the address of one with these columns."""
    time = tag.get("timeColumn", "time")
    columns = [child.get("column") for child in tag.walk() if child.tag == "Channel" and child.get("column")]
    if tag.get("valueType", "url") == "url":
        extra = "".join(
            f"&{key}={tag.get(name)}" for key, name in (("sep", "sep"), ("tf", "timeFormat")) if tag.get(name)
        )
        return f"/samples/time-series.csv?time={time}&values={','.join(columns)}{extra}"
    return {time: list(range(10)), **{column: [row % 4 / 2 for row in range(10)] for column in columns}}
