"""What formats of images share: how large an image is, and what was drawn on the one image of a task, as instances."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import IO, Any, TypeAlias

import msgspec
from msgspec import Struct, field

from ..errors import InvalidInput
from .batch import Context
from .model import Annotation, Region, Reply, Sample
from .report import Report
from .shapes import Bitmask, Box, Ellipse, Keypoint, Mask, Polygon

Drawn: TypeAlias = Box | Ellipse | Polygon | Mask | Bitmask

OUTLINING = frozenset(
    {
        "rectanglelabels",
        "polygonlabels",
        "ellipselabels",
        "brushlabels",
        "bitmasklabels",
        "magicwandlabels",
        "vectorlabels",
        "labels",
    }
)
"""The controls whose labels are classes; those of keypoints are parts of an object."""

KEYPOINTS = "keypoints"
"""The class of keypoints that belong to no region, where the project has not exactly one class."""

NO_IMAGE = "a task without an image"
NO_LABEL = "a region without a label"
UNKNOWN = "a region whose label is not among the classes"
UNKNOWN_LABEL = "a label that is not among the classes"
UNKNOWN_POINT = "a keypoint whose label the configuration does not have"
TWICE = "a second keypoint of one name in an object"
NOT_DRAWN = "a region that is not drawn on an image"
ELSEWHERE = "a region on another image of its task"
OTHER_SIZE = "a region whose image is said to have another size"
OUTSIDE = "a region outside of its image"
OPEN = "an open line"
ANSWER = "an answer, which the format does not hold"
RELATION = "a relation, which the format does not hold"

NO_PARENT = "Keypoints that belong to no region are one object for each annotation."
SEVERAL = "Regions with several labels are written once for each label."
NUMBERED = "Tasks whose image has no name are called by their place in the input, from 0."

_encode = msgspec.json.Encoder().encode

_DRAWN = frozenset({Box, Ellipse, Polygon, Mask, Bitmask})


def size_of(image: str | PathLike[str] | IO[bytes]) -> tuple[int, int]:
    """Width and height in pixels as a viewer shows the image, turned as its EXIF says. Needs Pillow.

    Raises:
        InvalidInput: where there is no image, or no Pillow.
    """
    try:
        from PIL import Image
    except ImportError:
        raise InvalidInput("The size of an image is read with Pillow: pip install pillow.") from None
    try:
        with Image.open(image) as opened:
            wide, high = opened.size
            turned = opened.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidInput(f"{image!r} is no image that can be read: {error}.") from None
    return (high, wide) if turned else (wide, high)


_ORIENTATION = 0x0112
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})


class Instance(Struct, gc=False):
    """An object in an image.

    Attributes:
        region: what outlines it; of keypoints alone, the first one.
        labels: its classes.
        outlines: the region, and further polygons that are parts of it; empty for keypoints alone.
        points: its keypoints by name.
        annotation: the id of the annotation that it is from.
        score: of a prediction, that of the region, or else of all of it.
    """

    region: Region
    labels: tuple[str, ...]
    outlines: list[Region]
    points: dict[str, Region] = field(default_factory=dict)
    annotation: int | None = None
    score: float | None = None

    @property
    def shapes(self) -> list[Drawn]:
        """Where it is."""
        return [region.shape for region in self.outlines]  # type: ignore[misc]

    @property
    def regions(self) -> int:
        """How many regions it is made of."""
        return len(self.outlines) + len(self.points)


class Scene(Struct, gc=False):
    """An image with its instances. `size` is None where nobody says it."""

    sample: Sample
    name: str
    size: tuple[int, int] | None
    instances: list[Instance]

    def leave_out(self, report: Report, instance: Instance, reason: str, detail: str = "") -> None:
        """Note that an instance is not written, nor its keypoints."""
        for one in (*instance.outlines, *instance.points.values()):
            self.tell(report, reason, instance.annotation, one, detail)

    def leave_out_outlines(self, report: Report, instance: Instance, reason: str, detail: str = "") -> None:
        """Note that an instance is not written, but for its keypoints."""
        for one in instance.outlines:
            self.tell(report, reason, instance.annotation, one, detail)

    def tell(self, report: Report, reason: str, annotation: int | None, region: Region, detail: str = "") -> None:
        """Note that a region is not written."""
        report.leave_out(
            reason,
            self.sample.id,
            self.sample.index,
            annotation=annotation,
            region=region.id,
            detail=detail,
            page=self.sample.page,
        )


class Scenes:
    """Makes scenes of samples.

    Attributes:
        classes: the classes with their numbers, in order; empty where they are only known when all is read.
        points: the names of keypoints, in the order of the configuration.

    Args:
        several: what the report is to say of regions with several labels.
        holds: tells which answers the format has a place for; others are reported.
    """

    def __init__(
        self, context: Context, *, several: str = SEVERAL, holds: Callable[[Reply], bool] = lambda _: False
    ) -> None:
        self._several = several
        self._holds = holds
        shown = context.shown
        self._object = shown.name if shown is not None else ""
        on = {self._object, *context.objects}
        own = [one for one in context.schema.controls.values() if not self._object or not on.isdisjoint(one.objects)]
        labels = (label for one in own if one.type in OUTLINING for label in one.labels)
        given = context.options.classes
        self.classes: dict[str, int] = (
            dict(given) if given is not None else {label: n for n, label in enumerate(dict.fromkeys(labels))}
        )
        kinds = ("keypointlabels",) if any(one.type == "keypointlabels" for one in own) else ()
        if not kinds and any(one.type == "keypoint" for one in own):
            kinds = ("labels",)
        self.points = tuple(dict.fromkeys(label for one in own if one.type in kinds for label in one.labels))
        self._parentless = next(iter(self.classes)) if len(self.classes) == 1 else KEYPOINTS

    def of(self, sample: Sample, report: Report) -> Scene | None:
        """The scene; None, and reported, for a task that shows no image."""
        media = sample.media.get(self._object)
        if media is None and self._object:
            media = next((one for one in sample.media.values() if one.kind == "image"), None)
            if media is None:
                report.leave_out(NO_IMAGE, sample.id, sample.index)
                return None
        name = media.name if media is not None else ""
        if not name:
            report.note(NUMBERED)
            name = str(sample.index) if sample.page is None else f"{sample.index}_{sample.page + 1:04}"
        size: tuple[int, int] | None
        if media is not None and media.width and media.height:
            on, size = media.object, (media.width, media.height)
        else:
            first = next((one for one in sample.regions if one.size is not None), None)
            on = media.object if media is not None else first.object if first is not None else ""
            size = first.size if first is not None else None
        scene = Scene(sample, name, size, [])
        for annotation in sample.annotations:
            scene.instances += self._instances(scene, annotation, on, report)
        return scene

    def _instances(self, scene: Scene, annotation: Annotation, on: str, report: Report) -> list[Instance]:
        found: list[Instance] = []
        points: list[Region] = []
        nested = False
        classes, size = self.classes, scene.size
        for region in annotation.regions:
            kind = type(region.shape)
            labels = region.labels
            reason = ""
            if region.object != on or region.index:
                reason = ELSEWHERE if kind in _DRAWN or kind is Keypoint else NOT_DRAWN
            elif kind is Keypoint:
                points.append(region)
                continue
            elif kind not in _DRAWN:
                reason = NOT_DRAWN
            elif region.size != size:
                reason = OTHER_SIZE
            elif not labels:
                reason = NO_LABEL
            elif kind is Polygon and not region.shape.closed:  # type: ignore[union-attr]
                reason = OPEN
            if reason:
                scene.tell(report, reason, annotation.id, region)
                continue
            if len(labels) > 1 or (classes and classes.keys().isdisjoint(labels)):
                labels = self._known(scene, annotation, region, report)
            if labels:
                score = annotation.score if region.score is None and annotation.prediction else region.score
                found.append(Instance(region, labels, [region], {}, annotation.id, score))
                nested = nested or region.parent is not None
        sample = scene.sample
        for reply in annotation.replies:
            if self._holds(reply):
                continue
            report.leave_out(ANSWER, sample.id, sample.index, annotation=annotation.id, detail=reply.control)
        for _ in annotation.relations:
            report.leave_out(RELATION, sample.id, sample.index, annotation=annotation.id)
        if nested or points:
            at = {one.region.id: one for one in found}
            if nested:
                found = _joined(found, at)
            if points:
                found += self._pointed(scene, points, at, annotation, report)
        return found

    def _known(self, scene: Scene, annotation: Annotation, region: Region, report: Report) -> tuple[str, ...]:
        labels = region.labels
        if self.classes and any(label not in self.classes for label in labels):
            missing = ", ".join(label for label in labels if label not in self.classes)
            labels = tuple(label for label in labels if label in self.classes)
            if labels:
                sample, detail = scene.sample, f"{missing}, beside {', '.join(labels)}, of region {region.id}"
                report.leave_out(UNKNOWN_LABEL, sample.id, sample.index, annotation=annotation.id, detail=detail)
            else:
                scene.tell(report, UNKNOWN, annotation.id, region, missing)
        if len(labels) > 1:
            report.note(self._several)
        return labels

    def _pointed(
        self, scene: Scene, points: Iterable[Region], at: Mapping[str, Instance], annotation: Annotation, report: Report
    ) -> list[Instance]:
        """Keypoints go to the instance that they belong to; the rest of them are one more, which is returned."""
        alone: list[Instance] = []
        for point in points:
            name = next((label for label in point.labels if label in self.points), None)
            if name is None:
                reason = UNKNOWN_POINT if point.labels else NO_LABEL
                scene.tell(report, reason, annotation.id, point, ", ".join(point.labels))
                continue
            if point.size != scene.size:
                scene.tell(report, OTHER_SIZE, annotation.id, point)
                continue
            if not _inside(point.shape, scene.size):
                scene.tell(report, OUTSIDE, annotation.id, point)
                continue
            of = at.get(point.parent) if point.parent is not None else None
            if of is None:
                report.note(NO_PARENT)
                if not alone:
                    alone.append(Instance(point, (self._parentless,), [], {}, annotation.id, point.score))
                of = alone[0]
            if name in of.points:
                scene.tell(report, TWICE, annotation.id, point, name)
            else:
                of.points[name] = point
        return alone


def _joined(found: list[Instance], at: dict[str, Instance]) -> list[Instance]:
    """Polygons that hang below a polygon of the same label are further parts of it."""
    kept: list[Instance] = []
    for one in found:
        region = one.region
        above = at.get(region.parent) if region.parent is not None else None
        if (
            above is None
            or above is one
            or above.labels != one.labels
            or not isinstance(region.shape, Polygon)
            or not isinstance(above.region.shape, Polygon)
        ):
            kept.append(one)
            continue
        above.outlines += one.outlines
        for name in [name for name, there in at.items() if there is one]:
            at[name] = above
    return kept


def _inside(shape: Any, size: tuple[int, int] | None) -> bool:
    return size is not None and 0 <= shape.x <= size[0] and 0 <= shape.y <= size[1]


def quoted(text: str) -> str:
    """A string as JSON has it."""
    try:
        return _encode(text).decode()
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can hold
        return json.dumps(text)
