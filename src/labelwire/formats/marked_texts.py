"""The short way for what most tasks of texts are: one annotation, of spans with a label each, none of which overlap.

A task that is anything else takes the long way, through `Parser` and `Documents`, which would give the same for these.
"""

from __future__ import annotations

from itertools import pairwise
from operator import attrgetter
from typing import Any, Literal

import msgspec
from msgspec import Struct

from .batch import Context, Short, ShortWay
from .parsing import id_of
from .plain import WHICH
from .report import Report
from .seen import Seen
from .spans import Document, Span
from .tokens import blocks


class Marked(Short, frozen=True, gc=False):
    """Such a task; its spans are in the order of the text."""

    split: str
    document: Document


class _Value(Struct, gc=False, forbid_unknown_fields=True):
    start: int
    end: int
    labels: tuple[str]
    text: str = ""


class _Item(Struct, gc=False):
    """A result; of what is not here, nothing matters."""

    id: str
    type: Literal["labels"]
    to_name: str
    value: _Value
    original_width: Any = None
    original_height: Any = None


class _Annotation(Struct, gc=False):
    result: list[_Item]
    was_cancelled: Any = None


class _Task(Struct, gc=False):
    data: dict[str, Any]
    annotations: tuple[_Annotation]
    id: Any = None


_decode = msgspec.json.Decoder(_Task).decode
_start = attrgetter("start")


def marked_texts(context: Context) -> ShortWay | None:
    """The short way of a conversion in which there are such tasks."""
    shown, options = context.shown, context.options
    if (
        shown is None
        or shown.type != "text"
        or shown.value_type == "url"
        or len(shown.path) != 1
        or options.source != "annotations"
        or options.annotations not in WHICH
        or options.official
    ):
        return None
    return MarkedTexts(shown.name, shown.key).of


class MarkedTexts:
    """Finds them: spans of the text of that name, which the data has at that key."""

    def __init__(self, name: str, key: str) -> None:
        self._object = name
        self._key = key

    def of(self, source: bytes, index: int, _name: str, split: str, report: Report) -> Marked | None:
        """The task; None, and nothing is reported, for one that is not as plain as that."""
        try:
            if not source.isascii():
                source.decode()  # of what is not decoded, nobody would look
            task = _decode(source)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        (annotation,) = task.annotations
        text = task.data.get(self._key)
        if annotation.was_cancelled or type(text) is not str or "\r" in text:
            return None
        spans = self._spans(annotation.result, text)
        if spans is None:
            return None
        report.tasks_in += 1
        report.annotations_in += 1
        report.regions_in += len(spans)
        return Marked(id_of(task.id), index, split, Document(text, spans, blocks(text)))

    def _spans(self, result: list[_Item], text: str) -> list[Span] | None:
        """The spans in the order of the text; None where they are not plain."""
        most, ids, spans = len(text), {""}, []
        seen = None if text.isascii() else Seen(None, "text", text)
        for item in result:
            value = item.value
            start, end = value.start, value.end
            if seen is not None:
                start, end = seen.in_code_points(text, start), seen.in_code_points(text, end)
            if (
                not 0 <= start < end <= most
                or item.to_name != self._object
                or text[start].isspace()
                or text[end - 1].isspace()
                or item.original_width is not None
                or item.original_height is not None
            ):
                return None
            ids.add(item.id)
            spans.append(Span(start, end, value.labels, item.id))
        if len(ids) <= len(spans):  # one has none, or two have the same
            return None
        spans.sort(key=_start)
        return spans if all(one.end <= other.start for one, other in pairwise(spans)) else None
