"""CoNLL 2003: a token a line, with the label of the span that it is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeAlias, get_args

from ..errors import InvalidInput
from .batch import Context, Part, counted
from .by_split import Lines
from .marked_texts import Marked, marked_texts
from .model import Sample
from .report import Report
from .spans import OVERLAPS, SEVERAL, Document, Documents, Span, apart, left_over
from .tokens import Tokens, finder

Scheme: TypeAlias = Literal["BIO", "BILOU"]

Endings: TypeAlias = tuple[str, str, str, str, bool]
"""What the lines of a span's first, inner, last and only token end with; and whether its label had to be changed."""

DOCUMENT = "-DOCSTART- -X- O O\n\n"
_OUTSIDE = " -X- _ O\n"
_LETTERS: Mapping[str, str] = {"BIO": "BIIB", "BILOU": "BILU"}
"""What the first, each inner, the last and an only token of a span begin with."""

SPACES = "White space in labels is written as _, for it divides the columns."
VERSIONS = "A task with several annotations is written once for each."


class ConllWriter(Lines):
    """Writes `result.conll`, or with a split `train.conll` and so on: `TOKEN -X- _ LABEL`.

    A task is a document, and each of its parts between blank lines, or each paragraph of a dialogue, a sentence. A
    token ends where a span begins or ends, so that no span is lost. Of spans that overlap, the longest is written.

    Options:
        scheme: "BIO", or "BILOU".
        tokens: "words", which cuts at white space and marks, or "spaces".
    """

    OPTIONS: ClassVar[dict[str, Any]] = {"scheme": "BIO", "tokens": "words"}
    whole = "result.conll"
    of_split = "{}.conll"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        for name, allowed in (("scheme", get_args(Scheme)), ("tokens", get_args(Tokens))):
            if context.own[name] not in allowed:
                known = " or ".join(map(repr, allowed))
                raise InvalidInput(f"{name} is {context.own[name]!r}; CoNLL has {known}.")
        self._documents = Documents(context)
        self._find = finder(context.own["tokens"])
        self._letters = _LETTERS[context.own["scheme"]]
        self._endings: dict[str, Endings] = {}
        self.short = marked_texts(context)

    def encode(self, samples: Sequence[Sample | Marked], report: Report) -> Part:
        """The sentences, by split."""
        texts: list[tuple[str, str]] = []
        for sample in samples:
            if isinstance(sample, Marked):
                document = sample.document
                texts.append((sample.split, DOCUMENT + "".join(self._sentences(document, document.spans, report))))
                counted(report, 1, len(document.spans))
                continue
            if len(sample.annotations) > 1:
                report.note(VERSIONS)
            regions = 0
            pieces: list[str] = []
            for annotation, document in self._documents.of(sample, report):
                spans = apart(document.spans) if document.spans else []
                pieces.append(DOCUMENT)
                pieces += self._sentences(document, spans, report)
                regions += len(spans)
                if annotation is not None:
                    left_over(annotation, sample, report)
                    for reason, region, detail in dropped(document.spans, spans):
                        report.leave_out(
                            reason, sample.id, sample.index, annotation=annotation.id, region=region, detail=detail
                        )
            if pieces:
                texts.append((sample.split, "".join(pieces)))
                counted(report, len(sample.annotations), regions)
        return self.part(texts)

    def _sentences(self, document: Document, spans: Sequence[Span], report: Report) -> Iterator[str]:
        text, find = document.text, self._find
        turn, count = 0, len(spans)
        for start, end in document.blocks:
            lines: list[str] = []
            while turn < count and (span := spans[turn]).start < end:
                if span.start > start:
                    if tokens := find(text[start : span.start]):
                        lines += (_OUTSIDE.join(tokens), _OUTSIDE)
                    start = span.start
                stop = span.end if span.end <= end else end
                lines += self._inside(find(text[start:stop]), span.labels[0], report)
                start = stop
                if stop < span.end:  # it goes on in the next sentence, where it begins again
                    break
                turn += 1
            if tokens := find(text[start:end]):
                lines += (_OUTSIDE.join(tokens), _OUTSIDE)
            if lines:
                yield "".join(lines) + "\n"

    def _inside(self, tokens: Sequence[str], label: str, report: Report) -> Sequence[str]:
        """The lines of a span's tokens, of which there is none where a sentence ends."""
        endings = self._endings.get(label)
        if endings is None:
            endings = self._endings[label] = _endings(label, self._letters)
        first, inner, last, only, is_changed = endings
        if is_changed:
            report.note(SPACES)
        if len(tokens) < 2:
            return (tokens[0], only) if tokens else ()
        return (tokens[0], first, *(token + inner for token in tokens[1:-1]), tokens[-1], last)


def dropped(given: Sequence[Span], written: Sequence[Span]) -> Iterator[tuple[str, str, str]]:
    """Reason, region and detail of what is not among the written spans, or only with its first label."""
    if len(written) < len(given):
        there = {id(span) for span in written}
        for span in given:
            if id(span) not in there:
                yield OVERLAPS, span.region, f"{', '.join(span.labels)} at {span.start} to {span.end}"
    for span in written:
        for label in span.labels[1:]:
            yield SEVERAL, span.region, label


def _endings(label: str, letters: str) -> Endings:
    name = "_".join(label.split())
    first, inner, last, only = (f" -X- _ {letter}-{name or '_'}\n" for letter in letters)
    return first, inner, last, only, name != label
