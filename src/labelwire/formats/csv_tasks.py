"""CSV and TSV: one row an annotation, a column for each key of the data and each control."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import IO, Any, ClassVar, TypeAlias

import msgspec

from .batch import Context, Part
from .json_min import ABOUT, Row, Rows, as_official
from .json_tasks import json_text, plain
from .model import Sample
from .output import Output
from .report import Report

Column: TypeAlias = tuple[str, str]
"""Its kind and its name: "id" and "about" say what is of the task and the annotation, "data" and "answer" the rest."""

Shape: TypeAlias = tuple[tuple[str, ...], ...]
"""The names of a row's columns: its data, answers, id, transcripts of chats, and what else is about it."""

_QUOTE, _TWO = '"', '""'
_KINDS = ("data", "answer", "id", "answer", "about")
_ORDER = {"id": 0, "data": 1, "answer": 2, "about": 3}

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[tuple[int, list[str]]]).decode


class CsvWriter:
    """Writes `result.csv`: values that are no strings, numbers or truth values are written as JSON.

    A key of the data that is also the name of another column is called `_data_KEY`, in all rows. The official form has
    its columns in alphabetical order, quotes all but numbers, and ends lines with CR and LF.
    """

    OPTIONS: ClassVar[dict[str, Any]] = {}
    name = "result.csv"
    separator = ","

    def __init__(self, context: Context) -> None:
        self._rows = Rows(context)
        self._controls = {name: place for place, name in enumerate(context.schema.controls)}
        self._official = context.options.official
        self._split = bool(context.options.split)
        self._cell = _official if self._official else _plainly(self.separator)
        self._end = "\r\n" if self._official else "\n"

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """The rows as cells, each with the number of its shape."""
        shapes: dict[Shape, int] = {}
        rows = []
        cell = self._cell
        for sample in samples:
            for row in self._rows.of(sample, report):
                shape, values = self._row(sample, row)
                number = shapes.get(shape)
                if number is None:
                    number = shapes[shape] = len(shapes)
                rows.append((number, [cell(value) for value in values]))
        try:
            packed = _pack(rows)
        except UnicodeEncodeError:
            packed = _pack(plain(rows))
        return Part(rows=(list(shapes), packed))

    def join(self, parts: Iterable[Part], output: Output, _: Report) -> None:
        """Which columns there are is known at the end: until then, the rows wait on disk."""
        known: dict[Shape, int] = {}
        numbers: list[list[int]] = []
        with output.spool() as spool, output.open(self.name) as stream:
            for part in parts:
                shapes, packed = part.rows
                numbers.append([known.setdefault(shape, len(known)) for shape in shapes])
                spool.write(len(packed).to_bytes(8, "big") + packed)
            columns = [_columns(shape) for shape in known]
            header = self._header(
                [column for some in columns for column in some] or [("about", name) for name in ABOUT]
            )
            stream.write((self.separator.join(map(self._cell, map(plain, header.values()))) + self._end).encode())
            pick = [_picker(some, list(header)) for some in columns]
            missing = self._cell(None)
            spool.seek(0)
            for packed, there in zip(_read(spool), numbers, strict=True):
                lines = []
                for shape, cells in _unpack(packed):
                    cells.append(missing)
                    lines.append(self.separator.join(pick[there[shape]](cells)))
                if lines:
                    stream.write((self._end.join(lines) + self._end).encode())

    def _row(self, sample: Sample, row: Row) -> tuple[Shape, list[Any]]:
        """The values of a row, in the order of its shape."""
        data, answers, raw = sample.data, row.answers, sample.raw
        values = [*data.values(), *answers.values()]
        ids: tuple[str, ...] = ()
        if sample.id is not None:
            ids = ("id",)
            values.append(sample.id)
        values += [_transcript(answers[name]) for name in row.chats]
        transcripts = tuple(f"{name}_transcript" for name in row.chats) if row.chats else ()
        about: tuple[str, ...] = ABOUT
        annotator, *others = row.about
        values.append(str(annotator) if self._official and annotator is not None else annotator)
        values += others
        if raw.get("agreement") is not None:
            about = (*about, "agreement")
            values.append(raw["agreement"])
        if row.raw.get("history"):
            about = (*about, "history")
            values.append(row.raw["history"])
        if self._split:
            about = (*about, "split")
            values.append(sample.split)
        return (tuple(data), tuple(answers), ids, transcripts, about), values

    def _header(self, columns: Iterable[Column]) -> dict[Column, str]:
        """The columns in their order, with their names, each once."""
        there = list(dict.fromkeys(columns))
        taken = {name for kind, name in there if kind in ("id", "about")}
        named: dict[Column, str] = {column: column[1] for column in there if column[0] in ("id", "about")}
        for prefix, wanted in (("_answer_", "answer"), ("_data_", "data")):
            for kind, name in there:
                if kind == wanted:
                    given = name
                    while given in taken:
                        given = prefix + given
                    taken.add(given)
                    named[kind, name] = given
        if self._official:
            return dict(sorted(named.items(), key=lambda pair: pair[1]))
        asked = self._controls
        place = {one: (_ORDER[one[0]], asked.get(one[1], len(asked)) if one[0] == "answer" else 0) for one in there}
        return {one: named[one] for one in sorted(there, key=lambda one: place[one])}


class TsvWriter(CsvWriter):
    """Writes `result.tsv`."""

    name = "result.tsv"
    separator = "\t"


def _columns(shape: Shape) -> list[Column]:
    return [(kind, name) for kind, names in zip(_KINDS, shape, strict=True) for name in names]


def _plainly(separator: str) -> Callable[[Any], str]:
    special = re.compile(f'["\r\n{separator}]').search

    def cell(value: Any) -> str:
        text = value if type(value) is str else _text(value)
        return f'"{text.replace(_QUOTE, _TWO)}"' if special(text) else text

    return cell


def _official(value: Any) -> str:
    """All but numbers in quotes; JSON with escaped slashes."""
    if isinstance(value, (int, float)):
        return str(value)
    if value is None:
        return '""'
    text = value if isinstance(value, str) else as_official(json_text(value)).decode()
    return f'"{text.replace(_QUOTE, _TWO)}"'


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (str, int, float)):
        return str(value)
    return json_text(value).decode()


def _transcript(messages: Any) -> str:
    """A chat as people read it."""
    lines = []
    for one in messages if isinstance(messages, list) else ():
        if isinstance(one, dict):
            role, content = str(one.get("role", "")), str(one.get("content", ""))
            lines.append(": ".join(part for part in (role, content) if part) if content else role and f"{role}:")
    return "\n".join(lines)


def _picker(shape: Sequence[Column], header: Sequence[Column]) -> Callable[[list[str]], tuple[str, ...]]:
    """Takes the cells of a row in the order of the header; a column that the row lacks is its last cell."""
    places = {column: place for place, column in enumerate(shape)}
    return itemgetter(*(places.get(column, -1) for column in header))


def _read(spool: IO[bytes]) -> Iterator[bytes]:
    while head := spool.read(8):
        yield spool.read(int.from_bytes(head, "big"))
