"""JSON_MIN: one object an annotation, with the task's data and what each control says. CSV has the same rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

import msgspec
from msgspec import UNSET, Struct

from .batch import Context, Part, counted
from .json_tasks import json_text
from .model import Annotation, Sample
from .output import Output
from .parsing import NOT_UNDERSTOOD, count_regions
from .report import Report
from .simple import CHATS, STRINGS, Simple, simple_tasks

Raw: TypeAlias = Mapping[str, Any]

ABOUT = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time")
"""What is said of each annotation."""

RELATION = "a relation between regions, which a row has no place for"
UNKNOWN = "a result of a control that the configuration does not have"

_SIZES = ("original_width", "original_height")

_MAYBE_ODD = re.compile(rb"\de\d|0\.0000\d")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|-?\d[-\d.e]*+')

_format = msgspec.json.format


class Row(Struct, frozen=True):
    """An annotation of a task, or a task that has none.

    Attributes:
        answers: what each control says, by `from_name`.
        chats: those of them that are chats.
        about: the values of `ABOUT`.
        raw: the annotation as it was read.
    """

    answers: dict[str, Any]
    chats: tuple[str, ...] = ()
    about: tuple[Any, ...] = (None,) * len(ABOUT)
    raw: Raw = msgspec.field(default_factory=dict)


class Rows:
    """Makes the rows of samples."""

    def __init__(self, context: Context) -> None:
        self._schema = context.schema
        self._field = context.options.source
        self._official = context.options.official

    def of(self, sample: Sample, report: Report) -> Iterator[Row]:
        """A row for each annotation of a task, the one made last first, as the official exporter has them."""
        if not sample.annotations:
            counted(report, 0, 0)
            yield Row({})
            return
        pairs = list(zip(sample.annotations, sample.raw[self._field], strict=True))
        if len(pairs) > 1:
            pairs.sort(key=lambda pair: pair[0].created_at, reverse=True)
        lost = 0
        for annotation, raw in pairs:
            answers, chats, without = self._answers(raw.get("result") or ())
            if without:
                lost += count_regions(without)
                for item in without:
                    self._leave_out(item, sample, annotation, report)
            about = (
                annotation.email or annotation.by,
                raw.get("id"),
                raw.get("created_at"),
                raw.get("updated_at"),
                raw.get("lead_time"),
            )
            yield Row(answers, chats, about, raw)
        counted(report, len(sample.annotations), sample.region_count - lost)

    def _answers(self, result: Sequence[Any]) -> tuple[dict[str, Any], tuple[str, ...], list[Any]]:
        """What each control says, which of them are chats, and the items that say nothing here."""
        found: dict[str, list[Any]] = {}
        kinds: dict[str, str | None] = {}
        without = []
        for item in result:
            name = item.get("from_name") if type(item) is dict else None
            if type(name) is not str or not name or type(said := item.get("value")) is not dict:
                without.append(item)
                continue
            if name in kinds:
                kind = kinds[name]
            else:
                kind = kinds[name] = self._kind(name, item)
            if kind is None:
                without.append(item)
                continue
            if kind in STRINGS:
                several = said.get(STRINGS[kind])
                if isinstance(several, (list, str)) and len(several) == 1:
                    said = several[0]
            elif kind in CHATS:
                said = said.get("chatmessage", said)
            if type(said) is dict and ("original_width" in item or "original_height" in item):
                said = {**said, **{size: item[size] for size in _SIZES if size in item}}
            found.setdefault(name, []).append(said)
        chats = tuple(name for name, kind in kinds.items() if kind in CHATS)
        for name, kind in kinds.items():
            if kind in STRINGS and len(found[name]) == 1:
                found[name] = found[name][0]
        return found, chats, without

    def _kind(self, name: str, item: Raw) -> str | None:
        """The type of a control; None for one whose results the official exporter leaves out."""
        asked = self._schema.control(name) if self._schema else None
        if asked is not None:
            return asked.type
        said = item.get("type")
        kind = said if isinstance(said, str) else ""
        if not self._official or kind == "chatmessage":
            return kind
        return None if self._schema.controls else f"({kind})"  # without a configuration it simplifies nothing

    def _leave_out(self, item: Any, sample: Sample, annotation: Annotation, report: Report) -> None:
        given = item if isinstance(item, Mapping) else {}
        name, region = given.get("from_name"), given.get("id")
        if given.get("type") == "relation":
            reason, detail = RELATION, ""
        elif isinstance(name, str) and name and isinstance(given.get("value"), Mapping):
            reason, detail = UNKNOWN, name
        else:
            reason, detail = NOT_UNDERSTOOD, "it has no from_name, or no value"
        report.leave_out(
            reason,
            sample.id,
            sample.index,
            annotation=annotation.id,
            region=region if isinstance(region, str) else None,
            detail=detail,
        )


class JsonMinWriter:
    """Writes `result.json`.

    A key of the data that is also a control's name or one of the keys that each object has is called `_data_KEY`; the
    official exporter loses it.
    """

    OPTIONS: ClassVar[dict[str, Any]] = {}

    def __init__(self, context: Context) -> None:
        self._rows = Rows(context)
        self._official = context.options.official
        self._split = bool(context.options.split)
        reserved = ("id", *ABOUT, "agreement", *(["split"] if self._split else []))
        self._taken = frozenset((*reserved, *context.schema.controls))
        self.short = simple_tasks(context)

    def encode(self, samples: Sequence[Sample | Simple], report: Report) -> Part:
        """The part of the output that these samples become."""
        rows = []
        for sample in samples:
            if isinstance(sample, Simple):
                rows.append(self._text(sample, sample.answers, sample.about, sample.agreement))
                counted(report, 1, sample.regions)
                continue
            agreement = sample.raw.get("agreement", UNSET)
            rows += [self._text(sample, row.answers, row.about, agreement) for row in self._rows.of(sample, report)]
        return Part(rows=rows)

    def join(self, parts: Iterable[Part], output: Output, _: Report) -> None:
        """Write the parts to the output."""
        with output.open("result.json") as stream:
            stream.write(b"[\n")
            begun = False
            for part in parts:
                if part.rows:
                    stream.write((b",\n" if begun else b"") + b",\n".join(part.rows))
                    begun = True
            stream.write(b"\n]" if self._official else b"\n]\n")

    def _text(self, sample: Sample | Simple, answers: Raw, about: Sequence[Any], agreement: Any) -> bytes:
        data = sample.data
        if self._taken.isdisjoint(data) and answers.keys().isdisjoint(data):
            record = dict(data)
        else:
            record = {f"_data_{key}" if key in self._taken or key in answers else key: data[key] for key in data}
        if sample.id is not None:
            record["id"] = sample.id
        record.update(answers)
        (
            record["annotator"],
            record["annotation_id"],
            record["created_at"],
            record["updated_at"],
            record["lead_time"],
        ) = about
        if agreement is not UNSET:
            record["agreement"] = agreement
        if self._split:
            record["split"] = sample.split
        text = _format(json_text(record), indent=2)
        return as_official(text) if self._official else text


def as_official(text: bytes) -> bytes:
    """The JSON as the official exporter's library writes it: slashes are escaped, and floats have other exponents."""
    if _MAYBE_ODD.search(text):
        text = _TOKEN.sub(_odd, text)
    return text.replace(b"/", b"\\/")


def _odd(token: re.Match[bytes]) -> bytes:
    said = token[0]
    if said.startswith(b'"') or not (b"e" in said or b"0.0000" in said):
        return said
    return repr(float(said)).replace("e-0", "e-").encode()
