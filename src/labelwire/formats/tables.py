"""Tables of regions, annotations or tasks: their columns, and the rows of a sample."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import astuple

from .batch import counted
from .building import answer_value, value_of
from .json_tasks import json_text
from .model import Annotation, Choices, Moment, Number, Preference, Rating, Region, Reply, Sample, Taxonomy, Text
from .report import Report
from .shapes import Box, Ellipse, HtmlSpan, Keypoint, Polygon, Segment, TextSpan

Rows: TypeAlias = Literal["regions", "annotations", "tasks"]
"""What a row of a table is: a region or an answer, an annotation with all of them, or a task with its annotations."""

Type: TypeAlias = Literal["int", "float", "bool", "string", "strings", "points"]

OF_REGIONS: dict[str, Type] = {
    "region": "string",
    "control": "string",
    "object": "string",
    "type": "string",
    "shape": "string",
    "label": "string",
    "labels": "strings",
    "score": "float",
    "parent": "string",
    "item_index": "int",
    "image_width": "int",
    "image_height": "int",
    "x": "float",
    "y": "float",
    "width": "float",
    "height": "float",
    "rotation": "float",
    "points": "points",
    "start": "float",
    "end": "float",
    "text": "string",
    "number": "float",
    "value": "string",
    "meta": "string",
}
"""The columns of a region or an answer.

`shape` is "box", "ellipse", "polygon", "keypoint", "mask", "textspan" … (`labelwire.formats.shapes`). An answer has
none; its `region` is the one that it is about. `x`, `y`, `width` and `height` are of a box as it was drawn, turned by
`rotation` about its corner, and of other shapes of the upright box around, all in pixels; `points` are of polygons and
lines, in pixels. `start` and `end` are code points of a text or seconds. `label` is the first of `labels`. `number` is
what was entered, or the stars. `value` is JSON as Label Studio has it, of what other columns do not hold.
"""

OF_ANNOTATIONS: dict[str, Type] = {
    "annotation": "int",
    "by": "string",
    "prediction": "bool",
    "ground_truth": "bool",
    "skipped": "bool",
    "created_at": "string",
    "updated_at": "string",
    "lead_time": "float",
    "prediction_score": "float",
}
"""The columns of an annotation. `by` is the email, or the id, of who made it, or the model's version."""

OF_RELATIONS: dict[str, Type] = {"source": "string", "target": "string", "direction": "string", "labels": "strings"}

NO_REGIONS = "an annotation without regions or answers, of which there is no row"
NO_ROW = "a task of which there is no row"
RELATION = "a relation between regions, which only rows of annotations or tasks have"

Cells: TypeAlias = tuple[Any, ...]


class Fields(Struct):
    """The cells of a region or an answer, in the order of `OF_REGIONS`."""

    region: str | None = None
    control: str | None = None
    object: str | None = None
    type: str | None = None
    shape: str | None = None
    label: str | None = None
    labels: tuple[str, ...] = ()
    score: float | None = None
    parent: str | None = None
    item_index: int | None = None
    image_width: int | None = None
    image_height: int | None = None
    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None
    rotation: float | None = None
    points: tuple[tuple[float, float], ...] | None = None
    start: float | None = None
    end: float | None = None
    text: str | None = None
    number: float | None = None
    value: str | None = None
    meta: str | None = None


def whole(number: int | None) -> int | None:
    """A number that fits into 64 bits, or None."""
    return number if type(number) is int and -(2**63) <= number < 2**63 else None


def of_region(region: Region) -> Cells:
    """The cells of a region."""
    wide, high = region.size or (None, None)
    made = Fields(
        region.id,
        region.control,
        region.object,
        region.type,
        type(region.shape).__name__.lower(),
        region.labels[0] if region.labels else None,
        region.labels,
        region.score,
        region.parent,
        whole(region.index),
        wide,
        high,
    )
    shape = region.shape
    match shape:
        case Box(x, y, width, height, rotation):
            made.x, made.y, made.width, made.height, made.rotation = x, y, width, height, rotation
        case Polygon(points):
            made.x, made.y, made.width, made.height = shape.bounds
            made.points = points
        case Keypoint(x, y, width):
            made.x, made.y, made.width, made.height = x, y, width, width
        case TextSpan(start, end, quote):
            made.start, made.end, made.text = start, end, quote
        case Segment(float(start), float(end)):
            made.start, made.end = start, end
        case _:
            if isinstance(shape, Ellipse):
                made.x, made.y, made.width, made.height = shape.bounds
                made.rotation = shape.rotation
            elif isinstance(shape, HtmlSpan):
                made.start, made.end, made.text = shape.start, shape.end, shape.quote
            made.value = json_text(value_of(shape, region.size, None)).decode()
    if region.meta:
        made.meta = json_text(region.meta).decode()
    return astuple(made)


def of_reply(reply: Reply) -> Cells:
    """The cells of an answer."""
    made = Fields(reply.region, reply.control, reply.object, reply.type)
    match reply.answer:
        case Choices(values):
            made.labels = values
        case Taxonomy(paths):
            made.labels = tuple(" / ".join(path) for path in paths)
            made.value = json_text(answer_value(reply.type, reply.answer)).decode()
        case Preference(side):
            made.labels = (side,)
        case Number(number) | Rating(number):
            made.number = number
        case Text(lines):
            made.text = "\n".join(lines)
            if len(lines) != 1:
                made.value = json_text(answer_value(reply.type, reply.answer)).decode()
        case Moment(value):
            made.text = value
        case _:
            made.value = json_text(answer_value(reply.type, reply.answer)).decode()
    made.label = made.labels[0] if made.labels else None
    return astuple(made)


def of_annotation(one: Annotation) -> Cells:
    """The cells of an annotation, in the order of `OF_ANNOTATIONS`."""
    by = one.email or one.by
    return (
        whole(one.id),
        None if by is None else str(by),
        one.prediction,
        one.ground_truth,
        one.skipped,
        one.created_at or None,
        one.updated_at or None,
        one.lead_time,
        one.score,
    )


def results(one: Annotation) -> list[Cells]:
    """The cells of an annotation's regions and answers."""
    return [*(of_region(region) for region in one.regions), *(of_reply(reply) for reply in one.replies)]


def relations(one: Annotation) -> list[Cells]:
    """The cells of an annotation's relations, in the order of `OF_RELATIONS`."""
    return [(relation.source, relation.target, relation.direction, relation.labels) for relation in one.relations]


def rows_of(sample: Sample, rows: Rows, report: Report) -> list[Cells]:
    """The cells of a task's rows, without those of its data; what has no row is reported."""
    found: list[Cells] = []
    if rows == "tasks":
        within = [(*of_annotation(one), results(one), relations(one)) for one in sample.annotations]
        found.append((within,))
    elif rows == "annotations":
        found += [(*of_annotation(one), results(one), relations(one)) for one in sample.annotations]
    else:
        for one in sample.annotations:
            about = of_annotation(one)
            there = results(one)
            found += [(*about, *cells) for cells in there]
            if not there:
                report.leave_out(NO_REGIONS, sample.id, sample.index, annotation=one.id)
            for relation in one.relations:
                ends = f"{relation.source} to {relation.target}"
                report.leave_out(RELATION, sample.id, sample.index, annotation=one.id, detail=ends)
    if found:
        counted(report, len(sample.annotations), sum(len(one.regions) for one in sample.annotations))
    else:
        report.leave_out(NO_ROW, sample.id, sample.index)
    return found
