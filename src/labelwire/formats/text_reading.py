"""Texts from elsewhere: CoNLL, and lines or tables of texts with spans or labels."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from ..errors import InvalidInput
from ..files.opening import located, not_utf8
from ..files.sources import texts
from ..label_config import LabelConfig, text
from .batch import counted, decoded
from .model import Annotation, Choices, Media, Region, Reply, Sample
from .report import Report
from .schema import Schema
from .shapes import TextSpan

Mark: TypeAlias = tuple[int, int, str]
"""Start, end and label of a span, in code points."""

NOT_UNDERSTOOD = "a span that cannot be understood"
OUTSIDE = "a span outside of its text"
NO_TEXT = "an item without a text"
NO_LABEL = "a token without a label"
NO_TOOL = "a span, for which the configuration has no control"
NO_QUESTION = "a label of a text, for which the configuration has no choices"

CONLL = (".conll", ".iob", ".iob2", ".bio", ".bilou")


class TextTools:
    """The controls of a configuration for one text: those of spans, and of labels of all of it."""

    def __init__(self, config: LabelConfig) -> None:
        schema = Schema(config)
        shown = next(iter(schema.shows(("text",))), None)
        if shown is None:
            raise InvalidInput("The configuration shows no text; give one with a <Text>, or none.")
        self.object, self.key = shown.name, shown.key
        own = [one for one in schema.controls.values() if shown.name in one.objects]
        self._labels = next((one.name for one in own if one.type == "labels"), None)
        self._choices = next((one.name for one in own if one.type == "choices" and not one.per_region), None)

    def sample(
        self,
        index: int,
        shown: str,
        marks: Iterable[Mark],
        report: Report,
        *,
        labels: Sequence[str] = (),
        data: Mapping[str, Any] | None = None,
        split: str = "",
        id: int | None = None,
    ) -> Sample:
        """The sample of a text with one annotation; what the configuration has no control for is reported."""
        report.tasks_in += 1
        report.annotations_in += 1
        regions: list[Region] = []
        for start, end, label in marks:
            report.regions_in += 1
            if self._labels is None:
                report.leave_out(NO_TOOL, id, index, detail=f"{label} at {start} to {end}")
                continue
            shape = TextSpan(start, end, shown[start:end])
            regions.append(Region(f"s{len(regions)}", self._labels, self.object, "labels", shape, (label,)))
        replies: tuple[Reply, ...] = ()
        if labels and self._choices is None:
            report.leave_out(NO_QUESTION, id, index, detail=", ".join(labels))
        elif labels and self._choices is not None:
            replies = (Reply(self._choices, self.object, "choices", Choices(tuple(labels))),)
        annotation = Annotation(regions=tuple(regions), replies=replies)
        counted(report, 1, len(regions))
        whole = {**(data or {}), self.key: shown, **({"split": split} if split else {})}
        media = {self.object: Media(self.object, self.key, "text", shown)}
        return Sample(id, index, whole, media, (annotation,), split)


class _Sentence(Struct):
    """Tokens with their tags; `begins` says that a document begins with it."""

    tokens: list[str]
    tags: list[str]
    begins: bool


class ConllReader:
    """Reads CoNLL: the token in the first column and its label in the last, in BIO, IOB1, BILOU or BIOES.

    Tokens are joined by a space, sentences by a blank line. A task is a document; in a file with no more than one
    -DOCSTART- it is a sentence, or what `tasks` says: "documents" or "sentences". In a folder, each file is a split.
    """

    def __init__(
        self,
        place: Path,
        report: Report,
        *,
        config: LabelConfig | None = None,
        tasks: Literal["documents", "sentences"] | None = None,
    ) -> None:
        if tasks not in (None, "documents", "sentences"):
            raise InvalidInput(f'tasks is {tasks!r}; it is "documents" or "sentences".')
        self._files = _conll_files(place)
        if not self._files:
            raise InvalidInput(f"{place} holds no CoNLL file; their names end with {', '.join(CONLL)}.")
        self._report = report
        self._split = place.is_dir()
        begun = 0
        labels: dict[str, None] = {}
        for file in self._files:
            for sentence in _sentences(file, None):
                begun += sentence.begins
                labels.update(dict.fromkeys(label for _, _, label in marks_of(sentence.tags)))
        self._whole = tasks == "documents" if tasks is not None else begun > len(self._files)
        self.config = config if config is not None else text(spans=list(labels) or ["LABEL"])
        self._tools = TextTools(self.config)

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether the names of what is there say that it is CoNLL."""
        return bool(_conll_files(place)) and (place.is_dir() or place.suffix.lower() in CONLL)

    def samples(self) -> Iterator[Sample]:
        """The texts."""
        index = 0
        for file in self._files:
            for document in self._documents(file):
                split = file.stem if self._split and file.stem != "result" else ""
                words, marks = _joined(document)
                yield self._tools.sample(index, words, marks, self._report, split=split)
                index += 1

    def _documents(self, file: Path) -> Iterator[list[_Sentence]]:
        document: list[_Sentence] = []
        for sentence in _sentences(file, self._report):
            if document and (sentence.begins or not self._whole):
                yield document
                document = []
            if sentence.tokens or self._whole:
                document.append(sentence)
        if document:
            yield document


def marks_of(tags: Sequence[str]) -> Iterator[Mark]:
    """First token, the one behind the last, and label of each span; in whichever scheme the tags are."""
    begun, label = 0, ""
    for at, tag in enumerate(tags):
        letter, dash, name = tag.partition("-")
        if tag == "O" or not tag:
            letter, name = "O", ""
        elif not dash:
            letter, name = "I", tag
        if label and (letter in "OBUS" or name != label):
            yield begun, at, label
            label = ""
        if letter != "O" and not label:
            begun, label = at, name
        if letter in "LEUS" and label:
            yield begun, at + 1, label
            label = ""
    if label:
        yield begun, len(tags), label


def _joined(document: Iterable[_Sentence]) -> tuple[str, list[Mark]]:
    parts: list[str] = []
    marks: list[Mark] = []
    at = 0
    for sentence in document:
        if not sentence.tokens:
            continue
        starts = []
        for token in sentence.tokens:
            starts.append(at)
            at += len(token) + 1
        at += 1
        parts.append(" ".join(sentence.tokens))
        for first, behind, label in marks_of(sentence.tags):
            marks.append((starts[first], starts[behind - 1] + len(sentence.tokens[behind - 1]), label))
    return "\n\n".join(parts), marks


def _sentences(file: Path, report: Report | None) -> Iterator[_Sentence]:
    """The sentences, and an empty one for a document that has none."""
    found = _Sentence([], [], begins=False)
    for number, line in enumerate(text_lines(file), 1):
        columns = line.split()
        begins = bool(columns) and columns[0] == "-DOCSTART-" and "_" not in columns[1:-1]
        if (begins or not columns) and (found.tokens or (begins and found.begins)):
            yield found
            found = _Sentence([], [], begins=False)
        if begins:
            found.begins = True
        elif columns:
            found.tokens.append(columns[0])
            found.tags.append(columns[-1] if len(columns) > 1 else "O")
            if len(columns) == 1 and report is not None:
                report.leave_out(
                    NO_LABEL, None, report.tasks_in, detail=f"{file.name}, line {number}: {columns[0][:40]}"
                )
    if found.tokens or found.begins:
        yield found


def text_lines(file: Path) -> Iterator[str]:
    """The lines of a text file.

    Raises:
        InvalidInput: where it is not UTF-8.
    """
    there = located(file)
    with there.open() as stream, io.TextIOWrapper(stream, encoding="utf-8-sig") as lines:
        try:
            yield from lines
        except UnicodeDecodeError:
            raise not_utf8(there.open, there.name) from None


def _conll_files(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted(file for file in place.iterdir() if file.suffix.lower() in CONLL and file.is_file())
    return [place] if place.is_file() else []


class TextReader:
    """Reads texts with spans or labels from JSON, JSON Lines, CSV or TSV.

    Spans are "entities", "spans" or "label": `[start, end, label]`, or dicts that say start and end in one of the usual
    ways, in code points. Labels of a whole text are "label", "labels" or "cats". spaCy's pairs of a text and a dict are
    taken too. What else a row has stays in the task's data.
    """

    def __init__(self, place: Path, report: Report, *, config: LabelConfig | None = None) -> None:
        self._place = place
        self._report = report
        if config is None:
            spans: dict[str, None] = {}
            labels: dict[str, None] = {}
            several = False
            for row in self._rows(None):
                spans.update(dict.fromkeys(label for _, _, label in row.marks))
                labels.update(dict.fromkeys(row.labels))
                several = several or len(row.labels) > 1
            if several:
                config = text(spans=list(spans), several={"choice": list(labels)})
            else:
                config = text(spans=list(spans), choices=list(labels))
        self.config = config
        self._tools = TextTools(self.config)

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether this is a file whose first row has a text with spans or labels."""
        if not place.is_file():
            return False
        try:
            row = _row(next(texts(place), b""))
        except ValueError:
            return False
        return row is not None and any(key in row for key in _MARKS)

    def samples(self) -> Iterator[Sample]:
        """The texts."""
        for row in self._rows(self._report):
            yield self._tools.sample(row.index, row.text, row.marks, self._report, labels=row.labels, data=row.data)

    def _rows(self, report: Report | None) -> Iterator[_Row]:
        for index, given in enumerate(texts(self._place)):
            row = _row(given)
            if row is None:
                if report is not None:
                    report.tasks_in += 1
                    report.leave_out(NO_TEXT, None, index)
                continue
            yield _understood(row, index, report)


class _Row(Struct):
    index: int
    text: str
    marks: list[Mark]
    labels: list[str]
    data: dict[str, Any]


_MARKS = ("entities", "spans", "label", "labels", "cats")
_STARTS, _ENDS = ("start", "start_offset", "start_char"), ("end", "end_offset", "end_char")
_LABELS = ("label", "labels", "entity", "type")


def _row(item: bytes) -> Mapping[str, Any] | None:
    """The row of a text, whatever it is wrapped in."""
    try:
        given = decoded(item)
    except (ValueError, RecursionError):
        return None
    if isinstance(given, list) and len(given) == 2 and isinstance(given[0], str) and isinstance(given[1], Mapping):
        return {"text": given[0], **given[1]}
    if not isinstance(given, Mapping):
        return None
    inner = given.get("data")
    row = inner if isinstance(inner, Mapping) and set(given) == {"data"} else given
    return row if isinstance(row.get("text"), str) else None


def _understood(row: Mapping[str, Any], index: int, report: Report | None) -> _Row:
    found = _Row(index, row["text"], [], [], {key: one for key, one in row.items() if key not in _MARKS})
    for key in _MARKS:
        given = row.get(key)
        if isinstance(given, str):
            found.labels += [given] if given else []
        elif isinstance(given, Mapping):
            found.labels += [str(label) for label, share in given.items() if _is_number(share) and share >= 0.5]
        elif isinstance(given, list):
            for one in given:
                if isinstance(one, str):
                    found.labels.append(one)
                    continue
                mark = _mark(one)
                if mark is not None and 0 <= mark[0] < mark[1] <= len(found.text):
                    found.marks.append(mark)
                elif report is not None:
                    report.regions_in += 1
                    report.leave_out(OUTSIDE if mark else NOT_UNDERSTOOD, None, index, detail=repr(one)[:80])
    return found


def _mark(given: Any) -> Mark | None:
    if isinstance(given, Mapping):
        start, end, label = (_first(given, keys) for keys in (_STARTS, _ENDS, _LABELS))
        label = label[0] if isinstance(label, list) and label else label
    elif isinstance(given, (list, tuple)) and len(given) >= 3:
        start, end, label = given[:3]
    else:
        return None
    return (start, end, label) if type(start) is int and type(end) is int and isinstance(label, str) else None


def _first(given: Mapping[str, Any], keys: Iterable[str]) -> Any:
    return next((given[key] for key in keys if key in given), None)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))
