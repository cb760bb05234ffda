"""What all annotators of a task say: one annotation out of several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from .model import Annotation, Answer, Choices, Region, Relation, Reply, Sample
from .report import Report
from .shapes import Bounds, Box, Ellipse, HtmlSpan, ParagraphSpan, Polygon, Segment, Shape, TextSpan

SHARED = 0.5
"""The part of two shapes' union that they have to share, at least."""

REGION = "a region that not all annotators have"
REPLY = "an answer that not all annotators give"
RELATION = "a relation that not all annotators have"
JOINED = (
    "Several annotations of a task are joined into one: regions of the same labels that overlap by half or more; boxes "
    "and segments are averaged, other shapes are the first annotator's."
)

Kind: TypeAlias = tuple[object, ...]
Ids: TypeAlias = Mapping[str, str]
"""By the id of an annotation's region that is agreed on, that of the first annotation's."""


def agreed(sample: Sample, report: Report) -> Sample:
    """The sample with one annotation, of what all of its annotations say; or with none where that is nothing.

    Regions of the same control, object, labels and kind of shape match one to one where they share half of their union
    or more: upright boxes around what is drawn, spans, segments; other shapes only where they are the same. Answers
    have to be equal. What is not agreed on is reported. A task with one annotation stays as it is.
    """
    given = sample.annotations
    if len(given) < 2:
        return sample
    report.note(JOINED)
    groups = _groups([each.regions for each in given])
    ids = [{group[place].id: group[0].id for group in groups} for place in range(len(given))]
    said = [_keyed(each, known) for each, known in zip(given, ids, strict=True)]
    shared = frozenset.intersection(*(frozenset(key for key, _ in each) for each in said)) - {None}
    for each, known, answers in zip(given, ids, said, strict=True):
        _tell(sample, each, known, [one for key, one in answers if key not in shared], report)
    first = given[0]
    regions = tuple(_merged(group, ids[0]) for group in groups)
    common = {key: one for key, one in said[0] if key in shared}.values()
    if not regions and not common and any(each.regions or each.replies for each in given):
        return replace(sample, annotations=())
    joined = Annotation(
        None,
        regions,
        tuple(one for one in common if isinstance(one, Reply)),
        tuple(one for one in common if isinstance(one, Relation)),
        created_at=first.created_at,
        updated_at=max(each.updated_at for each in given),
        ground_truth=all(each.ground_truth for each in given),
        skipped=all(each.skipped for each in given),
        prediction=first.prediction,
    )
    return replace(sample, annotations=(joined,))


def _groups(given: Sequence[Sequence[Region]]) -> list[list[Region]]:
    """The regions that are matched in all annotations, one of each; in the order of the first one's."""
    groups = {place: [region] for place, region in enumerate(given[0])}
    for others in given[1:]:
        by_kind: dict[Kind, list[Region]] = defaultdict(list)
        for region in others:
            by_kind[_kind(region)].append(region)
        pairs = sorted(
            (-overlap, place, turn, other)
            for place, group in groups.items()
            for turn, other in enumerate(by_kind.get(_kind(group[0]), ()))
            if (overlap := _overlap(group[0].shape, other.shape)) >= SHARED
        )
        found: dict[int, Region] = {}
        taken: set[int] = set()
        for _, place, _, other in pairs:
            if place not in found and id(other) not in taken:
                found[place] = other
                taken.add(id(other))
        groups = {place: [*group, found[place]] for place, group in groups.items() if place in found}
    return list(groups.values())


def _kind(region: Region) -> Kind:
    return type(region.shape), region.control, region.object, region.index, frozenset(region.labels)


def _overlap(one: Shape, other: Shape) -> float:
    """The intersection of two shapes of one kind, as a part of their union: 0 to 1."""
    if one == other:
        return 1.0
    if isinstance(one, (Box, Ellipse, Polygon)):
        return _of_boxes(one.bounds, other.bounds)  # type: ignore[union-attr]
    first, second = _stretch(one), _stretch(other)
    if first is None or second is None:
        return 0.0
    both = min(first[1], second[1]) - max(first[0], second[0])
    either = max(first[1], second[1]) - min(first[0], second[0])
    return both / either if both > 0 else 0.0


def _of_boxes(one: Bounds, other: Bounds) -> float:
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / (one[2] * one[3] + other[2] * other[3] - wide * high)


def _stretch(shape: Shape) -> tuple[float, float] | None:
    """Start and end of what has them as numbers."""
    if isinstance(shape, ParagraphSpan):
        return (shape.start, shape.end) if shape.first == shape.last else None
    if isinstance(shape, (TextSpan, HtmlSpan, Segment)):
        start, end = shape.start, shape.end
        return (start, end) if isinstance(start, (int, float)) and isinstance(end, (int, float)) else None
    return None


def _merged(group: Sequence[Region], ids: Ids) -> Region:
    """The first one, its box or segment averaged; without a parent that is not agreed on."""
    first = group[0]
    shapes = [region.shape for region in group]
    parent = first.parent if first.parent in ids else None
    return replace(first, shape=_average(shapes), parent=parent, score=None)


def _average(shapes: Sequence[Shape]) -> Shape:
    first = shapes[0]
    if isinstance(first, Box):
        boxes = [one for one in shapes if isinstance(one, Box) and not one.rotation]
        if len(boxes) < len(shapes):
            return first
        return Box(*(_mean(getattr(one, name) for one in boxes) for name in ("x", "y", "width", "height")))
    if isinstance(first, Segment):
        starts = [one.start for one in shapes if isinstance(one, Segment) and isinstance(one.start, float)]
        ends = [one.end for one in shapes if isinstance(one, Segment) and isinstance(one.end, float)]
        if len(starts) == len(ends) == len(shapes):
            return replace(first, start=_mean(starts), end=_mean(ends))
    return first


def _mean(given: Iterable[float]) -> float:
    numbers = list(given)
    return sum(numbers) / len(numbers)


def _keyed(annotation: Annotation, ids: Ids) -> list[tuple[Kind | None, Reply | Relation]]:
    """Answers and relations, each under what is the same where annotators agree; None about a region of one's own."""
    keyed: list[tuple[Kind | None, Reply | Relation]] = []
    for reply in annotation.replies:
        about = None if reply.region is None else ids.get(reply.region)
        own = reply.region is not None and about is None
        keyed.append((None if own else (reply.control, reply.object, reply.type, about, _said(reply.answer)), reply))
    for one in annotation.relations:
        ends = (ids.get(one.source), ids.get(one.target))
        forth = ends[::-1] if one.direction == "left" else ends
        way = frozenset(ends) if one.direction == "bi" else forth
        keyed.append((None if None in ends else (way, frozenset(one.labels)), one))
    return keyed


def _said(answer: Answer) -> str:
    """An answer, so that equal ones are the same string; the order of choices does not count."""
    if isinstance(answer, Choices):
        return repr(sorted(answer.values))
    return repr(answer)


def _tell(sample: Sample, annotation: Annotation, ids: Ids, alone: Iterable[Reply | Relation], report: Report) -> None:
    """Report what an annotation has and not all of the others."""

    def leave_out(reason: str, region: str | None, detail: str) -> None:
        report.leave_out(reason, sample.id, sample.index, annotation=annotation.id, region=region, detail=detail)

    for region in annotation.regions:
        if region.id not in ids:
            leave_out(REGION, region.id, ", ".join(region.labels))
    for one in alone:
        if isinstance(one, Reply):
            leave_out(REPLY, one.region, one.control)
        else:
            leave_out(RELATION, None, f"{one.source} to {one.target}")
