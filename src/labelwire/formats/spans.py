"""The text that a task shows, and what an annotation marks in it, both counted in code points."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

from msgspec import Struct

from .batch import Context
from .images import ANSWER, NO_LABEL, RELATION
from .model import Annotation, Region, Sample
from .report import Report
from .seen import in_code_points
from .shapes import HtmlSpan, ParagraphSpan, TextSpan
from .tokens import blocks

KINDS = ("text", "hypertext", "paragraphs")
"""The tags that show a text, in lower case."""

NO_TEXT = "a task whose text is not in it"
NOT_A_SPAN = "a region that is no span of a text"
ELSEWHERE = "a region on another text of its task"
NOWHERE = "a span whose place in the text cannot be told"
EMPTY = "a span without a visible character"
OVERLAPS = "a span that overlaps a longer one"
SEVERAL = "a further label of a span"

_SPANS = frozenset({TextSpan, HtmlSpan, ParagraphSpan})

_APART = frozenset(
    {"address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "form"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table"}
    | {"td", "th", "tr", "ul"}
)
"""Elements with which a new line begins."""


class Span(Struct, frozen=True, gc=False):
    """What is marked: `text[start:end]`, without white space at its ends, with at least one label."""

    start: int
    end: int
    labels: tuple[str, ...]
    region: str


class Document(Struct):
    """A text with its spans, in the order of the annotation. `blocks` are its paragraphs."""

    text: str
    spans: list[Span]
    blocks: list[tuple[int, int]]


class Documents:
    """Makes documents of what a conversion's texts show."""

    def __init__(self, context: Context) -> None:
        shown = context.shown
        self._shown = shown
        self._name = shown.name if shown is not None else ""
        tag = context.schema.config.objects.get(self._name)
        self._keys = tuple(
            dict.fromkeys(((tag.get("textKey") if tag is not None else "") or "text", "text", "message"))
        )

    def of(self, sample: Sample, report: Report) -> Iterator[tuple[Annotation | None, Document]]:
        """A document for each annotation, or one without spans for a task that has none.

        What is no span of the text is reported; answers and relations are left to the caller.
        """
        text = self._text(sample)
        if text is None:
            report.leave_out(NO_TEXT, sample.id, sample.index)
            return
        for annotation in sample.annotations or (None,):
            spans = []
            for region in annotation.regions if annotation is not None else ():
                found = self._span(region, text)
                if isinstance(found, Span):
                    spans.append(found)
                else:
                    number = annotation.id if annotation is not None else None
                    report.leave_out(found, sample.id, sample.index, annotation=number, region=region.id)
            yield annotation, Document(text.text, spans, text.blocks)

    def _text(self, sample: Sample) -> _Text | None:
        if self._shown is None or self._shown.value_type == "url":
            return None
        shown = self._shown.of(sample.data)
        if self._shown.type == "paragraphs":
            return _Paragraphs(shown, self._keys) if isinstance(shown, list) else None
        if not isinstance(shown, str):
            return None
        return _Html(shown) if self._shown.type == "hypertext" else _Text(shown, blocks(shown))

    def _span(self, region: Region, text: _Text) -> Span | str:
        """The span, or why it is none."""
        if type(region.shape) not in _SPANS:
            return NOT_A_SPAN
        if region.object != self._name:
            return ELSEWHERE
        if not region.labels:
            return NO_LABEL
        found = text.place(region.shape)
        if found is None:
            return NOWHERE
        start, end = found
        marked = text.text[start:end]
        bare = marked.strip()
        if not bare:
            return EMPTY
        if len(bare) < len(marked):
            start += len(marked) - len(marked.lstrip())
            end = start + len(bare)
        return Span(start, end, region.labels, region.id)


def left_over(annotation: Annotation, sample: Sample, report: Report, *, replies: bool = True) -> None:
    """Report an annotation's relations, and its answers, in a format that has no place for them."""
    for reply in annotation.replies if replies else ():
        report.leave_out(ANSWER, sample.id, sample.index, annotation=annotation.id, detail=reply.control)
    for one in annotation.relations:
        ends = f"{one.source} to {one.target}"
        report.leave_out(RELATION, sample.id, sample.index, annotation=annotation.id, detail=ends)


def apart(spans: Iterable[Span]) -> list[Span]:
    """Spans of which no two overlap, in the order of the text: the longest ones, of two as long the first."""
    ordered = sorted(spans, key=lambda one: one.start)
    if all(one.end <= other.start for one, other in pairwise(ordered)):
        return ordered
    taken: list[tuple[int, int, int]] = []
    for place, one in sorted(enumerate(ordered), key=lambda pair: pair[1].start - pair[1].end):
        at = bisect_left(taken, (one.start, one.end))
        before = taken[at - 1][1] if at else 0
        if before <= one.start and (at == len(taken) or one.end <= taken[at][0]):
            insort(taken, (one.start, one.end, place))
    return [ordered[place] for _, _, place in taken]


class _Text:
    """The text of a `<Text>`."""

    def __init__(self, text: str, blocks: list[tuple[int, int]]) -> None:
        self.text = text
        self.blocks = blocks

    def place(self, shape: Any) -> tuple[int, int] | None:
        """Start and end of a region, or None."""
        text = self.text
        start, end, said = shape.start, shape.end, shape.quote
        if not isinstance(shape, TextSpan):
            return found_in(text, said, ())
        if end > len(text):
            return None
        if "\r" in text and said and _bare(text[start:end]) != _bare(said):
            # A browser counts a line's end as one character, even where the file has two.
            return found_in(text, said, [_with_returns(text, start, end)]) or (start, end)
        return start, end


class _Paragraphs(_Text):
    """A dialogue, one line a paragraph."""

    def __init__(self, shown: list[Any], keys: tuple[str, ...]) -> None:
        said = [_said(one, keys) for one in shown]
        found = []
        at = 0
        for one in said:
            found.append((at, at + len(one)))
            at += len(one) + 1
        super().__init__("\n".join(said), found)

    def place(self, shape: Any) -> tuple[int, int] | None:
        if not isinstance(shape, ParagraphSpan) or shape.last >= len(self.blocks):
            return None
        (begin, ends), (last, end) = self.blocks[shape.first], self.blocks[shape.last]
        return min(begin + shape.start, ends), min(last + shape.end, end)


class _Html(_Text):
    """The text of an HTML document, in which elements that stand apart are set off by a line's end."""

    def __init__(self, html: str) -> None:
        self._page = _page(html)
        super().__init__(self._page.text, blocks(self._page.text))

    def place(self, shape: Any) -> tuple[int, int] | None:
        if isinstance(shape, ParagraphSpan):
            return None
        start, end = shape.start, shape.end
        places = []
        if start is not None and end is not None:
            places = [(one.place(start, is_end=False), one.place(end, is_end=True)) for one in self._page.counted]
        return found_in(self.text, shape.quote, places)


def found_in(text: str, quote: str, places: Iterable[tuple[int, int]]) -> tuple[int, int] | None:
    """The first of these places that has the quote, or the only place in the text that has; white space aside."""
    bare = _bare(quote)
    for start, end in places:
        if 0 <= start < end <= len(text) and (not bare or _bare(text[start:end]) == bare):
            return start, end
    if not bare:
        return None
    found = text.find(quote)
    if found >= 0:
        return (found, found + len(quote)) if text.find(quote, found + 1) < 0 else None
    where = [at for at, letter in enumerate(text) if not letter.isspace()]
    letters = "".join([text[at] for at in where])
    found = letters.find(bare)
    if found < 0 or letters.find(bare, found + 1) >= 0:
        return None
    return where[found], where[found + len(bare) - 1] + 1


class _Counted:
    """A text without the line's ends that were put into it, and where in it they were put, in order."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.breaks: list[int] = []
        self.length = 0

    def add(self, text: str, *, counts: bool) -> None:
        if counts:
            self.parts.append(text)
            self.length += len(text)
        else:
            self.breaks.append(self.length)

    def place(self, units: int, *, is_end: bool) -> int:
        """Where an offset in UTF-16 units is in the text with the line's ends; -1 past its end."""
        at = in_code_points("".join(self.parts), units)
        return at if at < 0 else at + (bisect_left if is_end else bisect_right)(self.breaks, at)


class _Page(HTMLParser):
    """The text of a document, as it shows it, and as the editor counts it.

    A `<br>` is a character in some versions of the editor and none in others: `counted` has both.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.counted = (_Counted(), _Counted())
        self._parts: list[str] = []
        self._hidden = False
        self.feed(html.replace("\r\n", "\n"))
        self.close()
        self.text = "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._hidden = tag in ("script", "style")
        if tag == "br":
            self._add("\n", False, True)
        elif tag in _APART:
            self._line()

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        if tag in _APART:
            self._line()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._add(data, True, True)

    def _line(self) -> None:
        if self._parts and not self._parts[-1].endswith("\n"):
            self._add("\n", False, False)

    def _add(self, text: str, *counts: bool) -> None:
        self._parts.append(text)
        for one, count in zip(self.counted, counts, strict=True):
            one.add(text, counts=count)


_page = lru_cache(8)(_Page)
"""The last documents are kept for their next annotations."""


def _said(paragraph: Any, keys: tuple[str, ...]) -> str:
    if isinstance(paragraph, str):
        return paragraph
    if not isinstance(paragraph, Mapping):
        return ""
    return next((one for key in keys if isinstance(one := paragraph.get(key), str)), "")


def _with_returns(text: str, start: int, end: int) -> tuple[int, int]:
    """The place of what is at start and end in the same text with "\\n" for "\\r\\n"."""
    counted = [at for at, letter in enumerate(text) if not (letter == "\n" and at and text[at - 1] == "\r")]
    counted.append(len(text))
    return (counted[start], counted[end]) if end < len(counted) else (-1, -1)


def _bare(text: str) -> str:
    """Without white space, of which browsers copy more or less; the editor writes a line's end as a backslash and n."""
    return "".join(text.replace("\\n", "\n").split())
