"""The columns of a Hugging Face dataset that a labeling configuration asks for, and what an annotation has of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from .batch import Context
from .building import answer_value
from .json_tasks import json_text
from .model import Choices, Moment, Number, Preference, Ranking, Rating, Region, Reply, Taxonomy, Text
from .schema import Schema
from .shapes import Box, Ellipse, HtmlSpan, Polygon, Segment, TextSpan
from .spans import Span, apart
from .tokens import finder

Feature: TypeAlias = dict[str, Any]
"""A column's type, as `datasets` writes it into the metadata of a Parquet file."""

_GROUPS = {"image": "objects", "text": "entities", "hypertext": "entities", "audio": "segments", "video": "segments"}
"""By what an object is, the column that its regions are in."""

_DRAWN = frozenset({"rectangle", "polygon", "ellipse"})
_CLASSED = frozenset({"category", "label"})

_words = finder("words")


def value(dtype: str) -> Feature:
    """A column of plain values."""
    return {"dtype": dtype, "_type": "Value"}


def several(feature: Feature) -> Feature:
    """A column of lists."""
    return {"feature": feature, "_type": "Sequence"}


def classes(names: Iterable[str]) -> Feature:
    """A column of classes, which are stored as numbers from 0."""
    return {"names": list(names), "_type": "ClassLabel"}


class Group(Struct, frozen=True):
    """The column of an object's regions: lists of equal length, by the name of what they hold."""

    column: str
    kind: str
    numbers: Mapping[str, int]
    lists: tuple[str, ...]

    @property
    def feature(self) -> Feature:
        """Its type."""
        label = several(classes(self.numbers))
        place = several(value("int64" if self.kind == "entities" else "float64"))
        numbers = several(several(value("float64")))
        of = {"bbox": numbers, "segmentation": numbers, "category": label, "label": label, "start": place, "end": place}
        return {name: of.get(name) or several(value("string")) for name in self.lists}

    def add(self, region: Region, lists: Mapping[str, list[Any]], *, words: bool) -> str:
        """Put a region into the lists, its class as a number or a word; else the reason why they cannot hold it."""
        cells = _cells(self.kind, region)
        if cells is None:
            return NO_COLUMN
        known = [label for label in region.labels if label in self.numbers]
        for label in known:
            for name in self.lists:
                said = (label if words else self.numbers[label]) if name in _CLASSED else cells[name]
                lists[name].append(said)
        return "" if known else NO_CLASS if region.labels else NO_LABEL


NO_COLUMN = "a region that the dataset has no column for"
NO_LABEL = "a region without a label"
NO_CLASS = "a region whose label is none of the classes"


def _cells(kind: str, region: Region) -> dict[str, Any] | None:
    """What the lists have of a region, but for its class; None for one that they cannot hold."""
    match kind, region.shape:
        case "objects", (Box() | Ellipse() | Polygon(closed=True)) as shape:
            outline = [one for point in _outline(shape) for one in point]
            return {"bbox": list(shape.bounds), "segmentation": outline}
        case "entities", TextSpan(start, end, quote) | HtmlSpan(int(start), int(end), quote=quote):
            return {"start": start, "end": end, "text": quote}
        case "segments", Segment(float(start), float(end)):
            return {"start": start, "end": end}
    return None


def _outline(shape: Box | Ellipse | Polygon) -> Sequence[tuple[float, float]]:
    match shape:
        case Box():
            return shape.corners
        case Ellipse():
            return shape.points()
        case _:
            return shape.points


class Tags(Struct, frozen=True):
    """The columns `tokens` and `ner_tags` of a text: of spans that overlap, the longest."""

    tokens: str
    tags: str
    object: str
    numbers: Mapping[str, int]

    @property
    def features(self) -> dict[str, Feature]:
        """Their types."""
        names = ["O", *(f"{letter}-{label}" for label in self.numbers for letter in "BI")]
        return {self.tokens: several(value("string")), self.tags: several(classes(names))}

    def cells(self, text: str, regions: Iterable[Region]) -> dict[str, list[Any]]:
        """The tokens of a text, which end where a span begins or ends, and the number of each one's tag."""
        spans = apart(
            Span(region.shape.start, region.shape.end, region.labels[:1], region.id)
            for region in regions
            if region.object == self.object
            and isinstance(region.shape, TextSpan)
            and region.shape.start < region.shape.end
            and region.labels
            and region.labels[0] in self.numbers
        )
        tokens: list[str] = []
        tags: list[int] = []
        at = 0
        for span in spans:
            outside, inside = _words(text[at : span.start]), _words(text[span.start : span.end])
            begin = 1 + 2 * self.numbers[span.labels[0]]
            tokens += (*outside, *inside)
            tags += [0] * len(outside) + [begin + (place > 0) for place in range(len(inside))]
            at = span.end
        rest = _words(text[at:])
        return {self.tokens: [*tokens, *rest], self.tags: tags + [0] * len(rest)}


class Question(Struct, frozen=True):
    """The column of a control that asks about the whole task. `type` is the control's."""

    column: str
    type: str
    feature: Feature
    numbers: Mapping[str, int]

    def cell(self, reply: Reply, *, words: bool) -> Any:
        """What it has of an answer, classes as numbers or as words; None for one that it cannot hold."""
        match self.type, reply.answer:
            case "choices", Choices(values):
                if not all(one in self.numbers for one in values):
                    return None
                said = list(values) if words else [self.numbers[one] for one in values]
                if self.feature["_type"] == "Sequence":
                    return said
                return said[0] if len(said) == 1 else None
            case "taxonomy", Taxonomy(paths):
                return [list(path) for path in paths]
            case ("number", Number(number)) | ("rating", Rating(number)):
                return number
            case "textarea", Text(lines):
                return "\n".join(lines)
            case ("datetime", Moment(said)) | ("pairwise", Preference(said)):
                return said
            case "ranker", Ranking():
                return json_text(answer_value(reply.type, reply.answer)["ranker"]).decode()
        return None


_ANSWERS: dict[str, Feature] = {
    "taxonomy": several(several(value("string"))),
    "textarea": value("string"),
    "number": value("float64"),
    "rating": value("float64"),
    "datetime": value("string"),
    "pairwise": value("string"),
    "ranker": value("string"),
}


def groups_of(context: Context, taken: set[str]) -> dict[str, Group]:
    """The columns of regions, by the object that they are of."""
    schema, options = context.schema, context.options
    found: dict[str, Group] = {}
    for shown in schema.objects.values():
        kind = _GROUPS.get(shown.type)
        asked = [one for one in schema.controls.values() if shown.name in one.objects]
        tools = [one for one in asked if one.type.endswith("labels") or one.type in _DRAWN]
        if kind is None or not tools:
            continue
        there = {label for one in tools for label in one.labels}
        names = [name for name in context.numbers if options.classes is not None or name in there]
        lists: tuple[str, ...] = {
            "objects": ("bbox", "category"),
            "entities": ("start", "end", "label", "text"),
            "segments": ("start", "end", "label"),
        }[kind]
        if any(one.type.startswith(("polygon", "ellipse")) for one in tools):
            lists = (*lists, "segmentation")
        numbers = {name: place for place, name in enumerate(names)}
        found[shown.name] = Group(free(kind, taken, f"{shown.name}_{kind}"), kind, numbers, lists)
    return found


def tags_of(schema: Schema, groups: Mapping[str, Group], taken: set[str]) -> Tags | None:
    """The columns of tags, of the first text that has spans."""
    for name, group in groups.items():
        if schema.objects[name].type == "text":
            return Tags(free("tokens", taken), free("ner_tags", taken), name, group.numbers)
    return None


def questions_of(schema: Schema, taken: set[str]) -> dict[str, Question]:
    """The columns of answers, by control."""
    found: dict[str, Question] = {}
    for asked in schema.controls.values():
        feature = _ANSWERS.get(asked.type)
        if asked.type == "choices" and asked.labels:
            many = schema.config.controls[asked.name].get("choice").startswith("multiple")
            feature = several(classes(asked.labels)) if many else classes(asked.labels)
        if feature is not None and not asked.per_region:
            numbers = {name: place for place, name in enumerate(asked.labels)}
            found[asked.name] = Question(free(asked.name, taken), asked.type, feature, numbers)
    return found


def free(name: str, taken: set[str], other: str = "") -> str:
    """The name, or another where it is taken; it is then."""
    given = name if name not in taken else other or f"{name}_answer"
    while given in taken:
        given += "_"
    taken.add(given)
    return given
