"""Texts with what is marked in them: as HTML for a page, as lines for a drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from unicodedata import east_asian_width

from msgspec import Struct

from ..formats.batch import Context
from ..formats.model import Annotation, Sample
from ..formats.options import Options
from ..formats.report import Report
from ..formats.schema import Schema, Shown
from ..formats.spans import Documents, Span
from .colours import Colours, mixed, on
from .markup import Markup, joined, markup
from .scene import Line, Run, Scene

COLUMNS = 92
MOST = 20_000
"""Characters of a text that are shown."""

_SIZE, _STEP = 15.0, 25.0


class Marked(Struct, frozen=True):
    """A text, and the stretches of it that have labels, in code points."""

    text: str
    spans: tuple[Span, ...]


def marked_text(
    sample: Sample, annotation: Annotation, schema: Schema, shown: Shown, notes: list[str]
) -> Marked | None:
    """The text that a tag shows, with the annotation's spans; None where the task does not hold it."""
    report = Report()
    documents = Documents(Context(schema, shown, {}, Options(), {}))
    mine = tuple(one for one in annotation.regions if one.object == shown.name)
    one = Sample(sample.id, sample.index, sample.data, {}, (Annotation(annotation.id, mine),))
    found = next(documents.of(one, report), None)
    notes += [f"{left.reason}: {left.place}" for left in report.left_out]
    if found is None:
        return None
    text = found[1].text
    if len(text) > MOST:
        notes.append(f"of {len(text):,} characters the first {MOST:,} are shown")
        text = text[:MOST]
    return Marked(text, tuple(span for span in found[1].spans if span.start < len(text)))


def text_page(text: Marked, colours: Colours) -> Markup:
    """The text for a page: each stretch under the lines of all spans that cover it, names where they end."""
    pieces = []
    for start, end, over in stretches(text):
        piece = markup("{}", text.text[start:end])
        if over:
            first = colours.of(*over[0].labels)
            lines = ",".join(
                f"inset 0 -{2 * depth + 2}px {colours.of(*span.labels)}" for depth, span in enumerate(over)
            )
            style = f"background:{first}33;box-shadow:{lines};padding-bottom:{2 * len(over)}px"
            piece = markup('<mark style="{}" title="{}">{}</mark>', style, _names(over), piece)
        ends = [span for span in over if span.end == end]
        names = [markup('<sup style="color:{}">{}</sup>', colours.of(*s.labels), _names([s])) for s in ends]
        pieces.append(joined([piece, *names]))
    return markup('<div class="lw-text">{}</div>', joined(pieces))


def stretches(text: Marked) -> Iterator[tuple[int, int, Sequence[Span]]]:
    """The text in pieces, each with the spans that cover it, the longest first; together they are the text."""
    ends = {0, len(text.text)}
    for span in text.spans:
        ends |= {span.start, min(span.end, len(text.text))}
    cuts = sorted(ends)
    for start, end in pairwise(cuts):
        over = [span for span in text.spans if span.start <= start and span.end >= end]
        yield start, end, sorted(over, key=lambda span: span.start - span.end)


def text_scene(text: Marked, colours: Colours, name: str) -> Scene:
    """The text in lines of equal length, spans on the colour of their labels, with their names behind them."""
    lines: list[list[Run]] = [[]]
    room = COLUMNS
    for start, end, over in stretches(text):
        tint = mixed(colours.of(*over[0].labels), 0.3) if over else ""
        for word in _words(text.text[start:end]):
            if word == "\n" or (wide(word) > room and room < COLUMNS):
                lines.append([])
                room = COLUMNS
            if word == "\n":
                continue
            for piece in (word[at : at + COLUMNS] for at in range(0, len(word), COLUMNS)):
                lines[-1].append(Run(piece, tint))
                room -= wide(piece)
        for span in over:
            if span.end == end:
                ground = colours.of(*span.labels)
                lines[-1].append(Run(f" {_names([span])} ", ground, on(ground), bold=True))
                room -= wide(_names([span])) + 2
    marks = tuple(Line(4, _STEP * (at + 0.75), _SIZE, tuple(runs)) for at, runs in enumerate(lines))
    return Scene(800, _STEP * len(lines) + 8, marks, name)


def wide(text: str) -> int:
    """How many columns a text takes where letters are equally wide: two for those of East Asia, and for emoji."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _words(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines() or [""]):
        if number:
            yield "\n"
        at = 0
        while at < len(line):
            space = line.find(" ", at)
            end = space + 1 if space >= 0 else len(line)
            yield line[at:end]
            at = end
    if text.endswith("\n"):
        yield "\n"


def _names(spans: Sequence[Span]) -> str:
    return "; ".join(", ".join(span.labels) for span in spans)
