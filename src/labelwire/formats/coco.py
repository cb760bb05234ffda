"""COCO: one JSON with images, categories and annotations, in pixels.

A box that is turned has its upright bounds as `bbox` and its four corners as `segmentation`, from the corner that it
turns about. Nothing is cut off at the edge of an image; what lies outside of it is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from typing import Any, ClassVar, TypeAlias

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from ..errors import InvalidInput
from .batch import Context, Part, counted
from .coco_files import Document, Official, Results, Rows
from .images import OUTSIDE, Instance, Scene, Scenes, quoted
from .model import Region, Sample
from .output import Output
from .plain import Outline, Plain, plain_tasks
from .report import Report
from .seen import Misfit
from .shapes import Bitmask, Bounds, Box, Ellipse, Mask, Polygon, area_of, bounds_of, extent

BROKEN_MASK = "a mask that cannot be decoded"
EMPTY_MASK = "a mask without a pixel"
NO_ID = "a task without an id, of which images are to have theirs"
NOT_FIRST = "an image beyond the first of its task, where images are to have the ids of tasks"
UNSIZED = "The size of images without any region is not known; it is written as null."
OFFICIAL = (
    "As the official exporter has it, boxes have an empty segmentation, and annotations count from 0: pycocotools "
    "makes no mask of the former, and takes the annotation 0 for missed."
)
DIFFERS = "Turned boxes, masks, ellipses and keypoints are written as labelwire does: the official exporter errs there."

KINDS = ("rectanglelabels", "polygonlabels")
"""What takes the short way."""

Written: TypeAlias = tuple[Any, Bounds, float]
"""A part of a segmentation, the bounds and the area."""

_encode_lines = msgspec.json.Encoder().encode_lines
_HOLE = Raw(b"%d")
_HOLES: tuple[Raw, Raw, Raw] = (_HOLE, _HOLE, _HOLE)


class Body(Struct, gc=False):
    """An annotation as JSON has it, with holes for its numbers, which only the whole output gives."""

    id: Raw
    image_id: Raw
    category_id: Raw
    segmentation: Any
    bbox: Bounds
    ignore: int
    iscrowd: int
    area: float
    keypoints: list[float] | UnsetType = UNSET
    num_keypoints: int | UnsetType = UNSET
    score: float | UnsetType = UNSET


class CocoWriter:
    """Writes `result.json`, or of a split `train.json`, `val.json` ….

    Options:
        first_id: is added to the classes' numbers, which begin with 0.
        skeleton: pairs of keypoints' names that a line joins.
        results: write the bare list of results, which `COCO.loadRes` reads; without a score they have 1.
        image_ids: "order", from 0 as they come, or "task": the tasks' ids, the same in every output.
    """

    OPTIONS: ClassVar[dict[str, Any]] = {"first_id": 0, "skeleton": (), "results": False, "image_ids": "order"}
    MEDIA: ClassVar[str] = "images"

    def __init__(self, context: Context) -> None:
        own = context.own
        self._scenes = Scenes(context)
        self._points = self._scenes.points
        self._official = context.options.official
        self._results = bool(own["results"])
        self._by_task = own["image_ids"] == "task"
        if own["image_ids"] not in ("order", "task"):
            raise InvalidInput(f"image_ids is {own['image_ids']!r}; it is one of: 'order', 'task'.")
        if type(own["first_id"]) is not int or own["first_id"] < 0:
            raise InvalidInput(f"first_id is {own['first_id']!r}; it is a whole number from 0.")
        self._first = own["first_id"]
        self._numbers = {name: number + self._first for name, number in self._scenes.classes.items()}
        self._skeleton = _skeleton(own["skeleton"], self._points)
        self._splits = tuple(name for name, _ in context.options.split) or ("",)
        self._folder = f"{self.MEDIA}/" if context.with_media else ""
        self.short = None if self._points or self._results else plain_tasks(context, self._scenes.classes, KINDS)

    def encode(self, samples: Sequence[Any], report: Report) -> Part:
        """The part of the output that these samples become."""
        found: dict[str, Rows] = {}
        drawn: dict[str, list[Body]] = {}
        for sample in samples:
            scene = sample if isinstance(sample, Plain) else self._scenes.of(sample, report)
            if scene is None:
                continue
            rows = found.get(sample.split)
            if rows is None:
                rows = found[sample.split] = Rows()
                drawn[sample.split] = []
            if self._by_task:
                if sample.id is None or sample.page:
                    reason = NO_ID if sample.id is None else NOT_FIRST
                    report.leave_out(reason, sample.id, sample.index, page=sample.page)
                    continue
                rows.ids.append(sample.id)
            at = len(rows.images)
            rows.images.append(self._image(scene, sample, report))
            bodies = drawn[sample.split]
            if isinstance(scene, Plain):
                bodies += map(_plain, scene.shapes)
                rows.labels += scene.labels
                rows.owners += [at] * len(scene.labels)
                counted(report, 1, len(scene.shapes))
                continue
            regions = 0
            for instance in scene.instances:
                body = self._body(scene, instance, report)
                if body is not None:
                    regions += instance.regions
                    for label in instance.labels:
                        bodies.append(body)
                        rows.owners.append(at)
                        rows.labels.append(label)
            counted(report, len(scene.sample.annotations), regions)
        for split, bodies in drawn.items():
            # All at once, which takes a third of the time. No string in them has a line's end or a percent sign.
            found[split].annotations = _encode_lines(bodies)[:-1].replace(b"\n", b",\n")
        return Part(rows=found)

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Write the parts to the output."""
        if output.is_single and len(self._splits) > 1:
            raise InvalidInput(f"{output.place} is one file, and each split gets its own; name a folder or an archive.")
        if self._official:
            report.note(OFFICIAL)
        numbers = dict(self._numbers)
        document = Results if self._results else Official if self._official else Document
        with ExitStack() as stack:
            files = {
                split: document(
                    stack.enter_context(output.spool()),
                    stack.enter_context(output.open(f"{split or 'result'}.json")),
                    by_task=self._by_task,
                )
                for split in self._splits
            }
            for part in parts:
                for split, rows in part.rows.items():
                    for label in rows.labels:
                        if label not in numbers:
                            numbers[label] = max(numbers.values(), default=self._first - 1) + 1
                    files[split].add(rows, numbers)
            categories = [self._category(name, number) for name, number in numbers.items()]
            for file in files.values():
                file.finish(categories)

    def _image(self, scene: Scene | Plain, sample: Sample | Plain, report: Report) -> str:
        """The image's text, with a hole for its id."""
        if scene.size is None:
            report.note(UNSIZED)
        wide, high = scene.size or ("null", "null")
        split = f"{sample.split}/" if sample.split and self._folder else ""
        name = quoted(f"{self._folder}{split}{scene.name}").replace("%", "%%")
        own = "" if sample.id is None or self._official else f',"label_studio_id":{sample.id}'
        return f'{{"width":{wide},"height":{high},"id":%d,"file_name":{name}{own}}}'

    def _body(self, scene: Scene, instance: Instance, report: Report) -> Body | None:
        """What an annotation says of an instance; None, and reported, for one that is left out."""
        outlines: list[Any] = []
        bounds: Bounds = (0.0, 0.0, 0.0, 0.0)
        area = 0.0
        for region in instance.outlines:
            shape = region.shape
            try:
                written, own, size = _WRITE[type(shape)](shape)
            except (Misfit, InvalidInput, ValueError) as error:
                scene.leave_out(report, instance, EMPTY_MASK if str(error) == EMPTY_MASK else BROKEN_MASK, str(error))
                return None
            bounds = own if not outlines else _around(bounds, own)
            area += size
            outlines.append(written)
        if not outlines:
            points: list[Any] = [region.shape for region in instance.points.values()]
            bounds = bounds_of([(point.x, point.y) for point in points])
            area = bounds[2] * bounds[3]
        if not _near(bounds, scene.size):
            x, y, wide, high = bounds
            scene.leave_out(report, instance, OUTSIDE, f"it goes from {x:g}, {y:g} to {x + wide:g}, {y + high:g}")
            return None
        region = instance.region
        drawn = region.shape
        segmentation: Any = outlines[0] if type(drawn) in _MASKS else outlines
        if self._official:
            if type(drawn) not in (Box, Polygon) or (type(drawn) is Box and drawn.rotation) or instance.points:
                report.note(DIFFERS)
            if type(drawn) is Box:
                segmentation = ()
        crowd = 1 if region.meta is not None and region.meta.get("iscrowd") == 1 else 0
        body = Body(*_HOLES, segmentation, bounds, 0, crowd, area)
        if self._points:
            there = instance.points
            body.keypoints = [value for name in self._points for value in _point(there.get(name))]
            body.num_keypoints = len(there)
        score = 1.0 if instance.score is None and self._results else instance.score
        if score is not None:
            body.score = score
        return body

    def _category(self, name: str, number: int) -> str:
        more = ""
        if self._points:
            names = ", ".join(map(quoted, self._points))
            more = f', "supercategory": {quoted(name)}, "keypoints": [{names}], "skeleton": {self._skeleton}'
        return f'{{"id": {number}, "name": {quoted(name)}{more}}}'


def _box(box: Box) -> Written:
    if box.rotation:
        corners = box.corners
        return [*chain.from_iterable(corners)], bounds_of(corners), box.area
    x, y, wide, high = box.x, box.y, box.width, box.height
    right, bottom = x + wide, y + high
    return (x, y, right, y, right, bottom, x, bottom), (x, y, wide, high), wide * high


def _plain(shape: Bounds | Outline) -> Body:
    if isinstance(shape, Outline):
        return Body(*_HOLES, (shape.flat,), extent(shape.xs, shape.ys), 0, 0, area_of(shape.xs, shape.ys))
    x, y, wide, high = shape
    right, bottom = x + wide, y + high
    return Body(*_HOLES, ((x, y, right, y, right, bottom, x, bottom),), shape, 0, 0, wide * high)


def _polygon(polygon: Polygon) -> Written:
    return [*chain.from_iterable(polygon.points)], polygon.bounds, polygon.area


def _ellipse(ellipse: Ellipse) -> Written:
    return [*chain.from_iterable(ellipse.points())], ellipse.bounds, ellipse.area


def _mask(shape: Mask | Bitmask) -> Written:
    from .masks import array, bounds, coco_rle

    mask = array(shape)
    around = bounds(mask)
    if around is None:
        raise Misfit(EMPTY_MASK)
    return {"size": (shape.height, shape.width), "counts": coco_rle(mask)}, around, float(mask.sum())


_MASKS = frozenset({Mask, Bitmask})
_WRITE: Mapping[type, Callable[[Any], Written]] = {
    Box: _box,
    Polygon: _polygon,
    Ellipse: _ellipse,
    Mask: _mask,
    Bitmask: _mask,
}


def _point(region: Region | None) -> tuple[float, float, int]:
    """x, y and whether it is seen: 0 for a keypoint that is not there, 1 for one that is hidden, 2."""
    if region is None:
        return 0, 0, 0
    shape: Any = region.shape
    return shape.x, shape.y, 1 if region.hidden else 2


def _around(one: Bounds, other: Bounds) -> Bounds:
    return bounds_of([corner for x, y, wide, high in (one, other) for corner in ((x, y), (x + wide, y + high))])


def _near(bounds: Bounds, size: tuple[int, int] | None) -> bool:
    """Whether it touches the image and does not go on for more than another one on any side."""
    if size is None:
        return False
    x, y, right, bottom = bounds[0], bounds[1], bounds[0] + bounds[2], bounds[1] + bounds[3]
    wide, high = size
    return -wide <= x <= wide and -high <= y <= high and 0 <= right <= 2 * wide and 0 <= bottom <= 2 * high


def _skeleton(pairs: Any, points: Sequence[str]) -> str:
    """The pairs as numbers from 1."""
    for pair in pairs:
        if isinstance(pair, str) or len(pair) != 2 or any(name not in points for name in pair):
            there = ", ".join(points) or "none"
            raise InvalidInput(f"skeleton has {pair!r}, and wants pairs of keypoints; there are: {there}.")
    return json.dumps([[points.index(one) + 1, points.index(other) + 1] for one, other in pairs])
