"""Pascal VOC: an XML file for each image, with its objects and their boxes.

Boxes count pixels from 1, and both ends belong to them. What is not an upright box has its upright bounds, and beside
them more: a turned box its centre, size and angle (`<robndbox>`, in radians clockwise, as roLabelImg has it), a polygon
or an ellipse its corners (`<polygon>` with x1, y1, x2 …, counted from 1 too). Readers of plain VOC pass over these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from functools import lru_cache
from math import cos, floor, radians, sin
from typing import Any, ClassVar, TypeAlias

from msgspec import Struct

from ..errors import InvalidInput
from ..files.names import stem_of
from .batch import Context, File, Part, counted
from .images import OUTSIDE, Drawn, Instance, Scene, Scenes
from .model import Choices, Reply, Sample
from .output import Output
from .plain import Plain, plain_tasks
from .report import Report
from .seen import Misfit
from .shapes import Bitmask, Bounds, Box, Ellipse, Mask, Point, Polygon, bounds_of

FLAGS = ("truncated", "occluded", "difficult")
"""What VOC says of an object with 0 or 1; choices of these names about a region say it too."""

Flags: TypeAlias = dict[tuple[int | None, str], set[str]]
"""Of each region that has some, by annotation and region."""

NO_PLACE = "a keypoint, for which Pascal VOC has no place"
NOT_IN_XML = "a label with characters that XML cannot hold"
NO_PIXEL = "a mask that cannot be decoded, or has no pixel"

TURNED = "Turned boxes are written as their upright bounds, and as they are in <robndbox>."
MASKS = "Masks are written as their bounds; the formats semantic and instances hold them."
ELLIPSES = "Ellipses are written as their bounds, with 64 corners in <polygon>."
DIFFERS = "What is no upright box is written as labelwire does: the official exporter leaves it out, or errs there."

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})

_HEAD = """\
<annotation>
  <folder>JPEGImages</folder>
  <filename>%s</filename>
  <source>
    <database>Label Studio</database>
  </source>
%s  <segmented>0</segmented>
"""
_SIZE = """\
  <size>
    <width>%d</width>
    <height>%d</height>
    <depth>3</depth>
  </size>
"""
_ROTATED = """\
    <robndbox>
      <cx>{:.6f}</cx>
      <cy>{:.6f}</cy>
      <w>{:.6f}</w>
      <h>{:.6f}</h>
      <angle>{:.9f}</angle>
    </robndbox>
"""

_OFFICIAL_HEAD = """\
<?xml version="1.0" encoding="utf-8"?>
<annotation>
<folder>images</folder>
<filename>{name}</filename>
<source>
<database>MyDatabase</database>
<annotation>COCO2017</annotation>
<image>flickr</image>
<flickrid>NULL</flickrid>
<annotator>{annotator}</annotator>
</source>
<owner>
<flickrid>NULL</flickrid>
<name>Label Studio</name>
</owner>
{size}<segmented>0</segmented>
"""
_OFFICIAL_SIZE = "<size>\n<width>{0}</width>\n<height>{1}</height>\n<depth>3</depth>\n</size>\n"
_OFFICIAL_OBJECT = """\
<object>
<name>%s</name>
<pose>Unspecified</pose>
<truncated>0</truncated>
<difficult>0</difficult>
<bndbox>
<xmin>%d</xmin>
<ymin>%d</ymin>
<xmax>%d</xmax>
<ymax>%d</ymax>
</bndbox>
%s</object>
"""


class Rows(Struct):
    """What a batch adds to the lists: its images' names, by split, and the labels that it has seen, in order."""

    stems: dict[str, list[str]]
    labels: dict[str, None]


class VocWriter:
    """Writes `Annotations/a.xml` for the image a.jpg, the lists `ImageSets/Main/*.txt`, and `labels.txt`."""

    OPTIONS: ClassVar[dict[str, Any]] = {}
    MEDIA: ClassVar[str] = "JPEGImages"
    SPLITS_MEDIA: ClassVar[bool] = False

    def __init__(self, context: Context) -> None:
        self._scenes = Scenes(context, holds=lambda reply: bool(flags_of(reply)))
        self._splits = tuple(name for name, _ in context.options.split) or ("default",)
        self._official = context.options.official
        classes = {label: number for label, number in self._scenes.classes.items() if escaped(label)}
        self.short = plain_tasks(context, classes)

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """The part of the output that these samples become."""
        files: list[File] = []
        rows = Rows({}, {})
        for sample in samples:
            if isinstance(sample, Plain):
                stem = stem_of(sample.name)
                files.append((f"Annotations/{stem}.xml", self._plain_file(sample, rows)))
                rows.stems.setdefault(sample.split or "default", []).append(stem)
                counted(report, 1, len(sample.shapes))
                continue
            scene = self._scenes.of(sample, report)
            if scene is None:
                continue
            flags = _flags(sample)
            objects = [self._objects(scene, one, flags, rows, report) for one in scene.instances]
            stem = stem_of(scene.name)
            content = f"{self._head(scene)}{''.join(objects)}</annotation>\n"
            files.append((f"Annotations/{stem}.xml", content.encode()))
            rows.stems.setdefault(sample.split or "default", []).append(stem)
            counted(
                report,
                len(sample.annotations),
                sum(len(one.shapes) for one, text in zip(scene.instances, objects, strict=True) if text),
            )
        return Part(files, rows)

    def _plain_file(self, task: Plain, rows: Rows) -> bytes:
        wide, high = size = task.size
        objects = []
        for label, bounds in zip(task.labels, task.shapes, strict=True):
            rows.labels[label] = None
            x, y, width, height = bounds
            # As `pixels` rounds, for what has a pixel and ends within the image.
            left, top, right, bottom = int(x + 0.5), int(y + 0.5), int(x + width + 0.5), int(y + height + 0.5)
            if left < right <= wide and top < bottom <= high:
                edge = not left or not top or right == wide or bottom == high
                objects.append(_object(escaped(label), (edge, False, False), (left + 1, top + 1, right, bottom)))
            elif around := pixels(bounds, size):
                objects.append(_object(escaped(label), (_on_edge(around, size), False, False), around))
        return f"{self._head(task)}{''.join(objects)}</annotation>\n".encode()

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Write the parts to the output."""
        labels = dict.fromkeys(self._scenes.classes)
        with ExitStack() as stack:
            lists = {split: stack.enter_context(output.open(f"ImageSets/Main/{split}.txt")) for split in self._splits}
            for part in parts:
                for split, stems in part.rows.stems.items():
                    lists[split].write("".join(f"{stem}\n" for stem in stems).encode())
                labels |= part.rows.labels
        output.write(
            "labels.txt", "".join(f"{' '.join(label.split())}\n" for label in labels).encode("utf-8", "replace")
        )

    def _head(self, scene: Scene | Plain) -> str:
        name = escaped_name(scene.name) or ""
        if isinstance(scene, Plain) or not self._official:
            return _HEAD % (name, _sized(scene.size) if scene.size else "")
        by = next((one.email if one.email is not None else one.by for one in scene.sample.annotations), None)
        size = _OFFICIAL_SIZE.format(*scene.size) if scene.size else ""
        return _OFFICIAL_HEAD.format(name=name, annotator=escaped(str(by)) or "", size=size)

    def _objects(self, scene: Scene, instance: Instance, flags: Flags, rows: Rows, report: Report) -> str:
        """The objects of an instance, one for each of its labels; "" where it is left out."""
        for point in instance.points.values():
            scene.tell(report, NO_PLACE, instance.annotation, point)
        size = scene.size
        if not instance.outlines or size is None:
            return ""
        try:
            found, more = _place(instance, report)
        except Misfit as error:
            scene.leave_out_outlines(report, instance, NO_PIXEL, str(error))
            return ""
        box = pixels(found, size)
        names = [(label, escaped(label)) for label in instance.labels]
        if box is None or not any(name for _, name in names):
            reason, detail = (OUTSIDE, "") if box is None else (NOT_IN_XML, ", ".join(map(repr, instance.labels)))
            scene.leave_out_outlines(report, instance, reason, detail)
            return ""
        said = flags.get((instance.annotation, instance.region.id), ())
        edge = _on_edge(box, size)
        texts = []
        for label, name in names:
            if name is None:
                sample = scene.sample
                report.leave_out(
                    NOT_IN_XML, sample.id, sample.index, annotation=instance.annotation, detail=repr(label)
                )
                continue
            rows.labels[label] = None
            if self._official:
                texts.append(_official_object(name, found, more, instance, report))
            else:
                told = edge or "truncated" in said, "occluded" in said, "difficult" in said
                texts.append(_object(name, told, box, more))
        return "".join(texts)


def _object(name: str | None, told: tuple[bool, bool, bool], box: tuple[int, int, int, int], more: str = "") -> str:
    """The object of this escaped name; what is told of it is in the order of `FLAGS`."""
    truncated, occluded, difficult = told
    left, top, right, bottom = box
    return f"""\
  <object>
    <name>{name}</name>
    <pose>Unspecified</pose>
    <truncated>{truncated:d}</truncated>
    <occluded>{occluded:d}</occluded>
    <difficult>{difficult:d}</difficult>
    <bndbox>
      <xmin>{left}</xmin>
      <ymin>{top}</ymin>
      <xmax>{right}</xmax>
      <ymax>{bottom}</ymax>
    </bndbox>
{more}  </object>
"""


def _place(instance: Instance, report: Report) -> tuple[Bounds, str]:
    """The bounds of an instance, and what it has beside them."""
    shapes = instance.shapes
    if len(shapes) == 1 and type(shape := shapes[0]) is Box and not shape.rotation:
        return shape.bounds, ""
    parts = [_BOUNDS[type(shape)](shape) for shape in shapes]
    corners = [point for x, y, width, height in parts for point in ((x, y), (x + width, y + height))]
    return bounds_of(corners), "".join(_more(shape, report) for shape in shapes)


def _official_object(name: str, bounds: Bounds, more: str, instance: Instance, report: Report) -> str:
    if more or type(instance.region.shape) is not Box:
        report.note(DIFFERS)
    x, y, width, height = map(int, bounds)
    return _OFFICIAL_OBJECT % (name, x, y, x + width, y + height, more)


def pixels(bounds: Bounds, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """The first and the last pixel of a box across and down, counted from 1; None for one outside of its image.

    Edges go to the nearest border between pixels, and a box within one pixel is that pixel.
    """
    x, y, width, height = bounds
    left, right = _between(x, x + width, size[0])
    top, bottom = _between(y, y + height, size[1])
    return (left + 1, top + 1, right, bottom) if left < right and top < bottom else None


def _on_edge(box: tuple[int, int, int, int], size: tuple[int, int]) -> bool:
    return box[0] == 1 or box[1] == 1 or box[2] == size[0] or box[3] == size[1]


def _between(low: float, high: float, most: int) -> tuple[int, int]:
    if high <= 0 or low >= most:
        return 0, 0
    first, last = max(floor(low + 0.5), 0), min(floor(high + 0.5), most)
    return (first, last) if first < last else (one := min(max(floor((low + high) / 2), 0), most - 1), one + 1)


@lru_cache(256)
def _sized(size: tuple[int, int]) -> str:
    return _SIZE % size


def escaped_name(text: str) -> str | None:
    """The text as XML holds it; None where it cannot."""
    if not _SPECIAL.search(text):
        return text
    return None if _FORBIDDEN.search(text) else text.translate(_ESCAPES)


escaped = lru_cache(4096)(escaped_name)
"""The same for labels, of which there are few."""


def flags_of(reply: Reply) -> tuple[str, ...]:
    """The flags that an answer about a region is; empty for any other answer."""
    if reply.region is None or not isinstance(reply.answer, Choices):
        return ()
    values = tuple(value.lower() for value in reply.answer.values)
    return values if all(value in FLAGS for value in values) else ()


def _flags(sample: Sample) -> Flags:
    found: Flags = {}
    for annotation in sample.annotations:
        for reply in annotation.replies:
            if reply.region is not None and (flags := flags_of(reply)):
                found.setdefault((annotation.id, reply.region), set()).update(flags)
    return found


def _of_mask(shape: Mask | Bitmask) -> Bounds:
    try:
        from . import masks
    except ImportError:
        raise InvalidInput('Masks need numpy: pip install "labelwire[formats]".') from None
    found = masks.bounds(masks.array(shape))
    if found is None:
        raise Misfit("it has no pixel")
    return found


_BOUNDS: dict[type, Any] = {
    Box: lambda shape: shape.bounds,
    Ellipse: lambda shape: shape.bounds,
    Polygon: lambda shape: shape.bounds,
    Mask: _of_mask,
    Bitmask: _of_mask,
}


def _more(shape: Drawn, report: Report) -> str:
    """What an object has beside its bounds."""
    if isinstance(shape, Box):
        if not shape.rotation:
            return ""
        report.note(TURNED)
        turn = radians(shape.rotation)
        across, down = shape.width / 2, shape.height / 2
        x, y = shape.x + across * cos(turn) - down * sin(turn), shape.y + across * sin(turn) + down * cos(turn)
        return _ROTATED.format(x, y, shape.width, shape.height, turn)
    if isinstance(shape, (Mask, Bitmask)):
        report.note(MASKS)
        return ""
    if isinstance(shape, Ellipse):
        report.note(ELLIPSES)
    return _polygon(shape.points() if isinstance(shape, Ellipse) else shape.points)


def _polygon(points: Sequence[Point]) -> str:
    corners = (
        f"      <x{number}>{round(x + 1, 2)}</x{number}>\n      <y{number}>{round(y + 1, 2)}</y{number}>\n"
        for number, (x, y) in enumerate(points, 1)
    )
    return f"    <polygon>\n{''.join(corners)}    </polygon>\n"
