"""Masks as files: one for each region, or one for each image with the classes or the instances as its pixels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..errors import InvalidInput
from ..files.names import LONGEST, safe_name, stem_of
from . import masks, png
from .batch import Context, File, Part, counted
from .images import NUMBERED, Instance, Scene, Scenes
from .media import member
from .model import Annotation, Region, Sample
from .output import Output
from .rasters import Patch, drawn, patch
from .report import Report
from .seen import Misfit
from .shapes import Bitmask, Box, Ellipse, Mask, Polygon

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOT_WANTED = "a region of a shape that was not asked for"
NO_AREA = "a region without an area"
NO_SIZE = "an image whose size nobody says"
COVERED = "a region that others cover wholly"
TOO_MANY = "a region beyond the 65,535 that an image can number"

FIRST_LABEL = "Regions with several labels are drawn as the first of them."
HIDDEN = "Where regions overlap, a pixel belongs to one of them; the option overlap says to which."

_SHAPES: dict[str, type] = {
    "mask": Mask,
    "bitmask": Bitmask,
    "polygon": Polygon,
    "box": Box,
    "ellipse": Ellipse,
}
_MOST = 65_535


def _asked(names: Any) -> frozenset[type]:
    if isinstance(names, str) or not all(name in _SHAPES for name in names):
        raise InvalidInput(f"shapes is {names!r}; it is a list of some of: {', '.join(map(repr, _SHAPES))}.")
    return frozenset(_SHAPES[name] for name in names)


class NumpyWriter:
    """Writes a mask for each region, `task-7-annotation-3-by-ann@example.com-brush-Cat-0.npy`, height by width.

    Options:
        shapes: of which regions: "mask", "bitmask", "polygon", "box", "ellipse".
        threshold: the least alpha, 1 to 255, of the pixels of a brush mask that belong to it. With `official`, the
            alpha is written as it is.
        dtype: "uint8", of 0 and 255, or "bool".
    """

    OPTIONS: ClassVar[dict[str, Any]] = {"shapes": ("mask", "bitmask"), "threshold": 1, "dtype": "uint8"}
    SUFFIX: ClassVar[str] = ".npy"

    def __init__(self, context: Context) -> None:
        own, options = context.own, context.options
        self._object = context.shown.name if context.shown is not None else ""
        self._start = "task-" if options.names == "id" else ""
        self._shapes = _asked(own["shapes"])
        self._official = options.official
        self._threshold = own["threshold"]
        self._bools = own.get("dtype") == "bool"
        if type(self._threshold) is not int or not 1 <= self._threshold <= 255:
            raise InvalidInput(f"threshold is {self._threshold!r}; it is a whole number from 1 to 255.")
        if own.get("dtype", "uint8") not in ("uint8", "bool"):
            raise InvalidInput(f"dtype is {own['dtype']!r}; it is 'uint8' or 'bool'.")

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """The part of the output that these samples become."""
        files: list[File] = []
        for sample in samples:
            before = len(files)
            turns: dict[str, int] = {}
            media = sample.media.get(self._object)
            start = f"{self._start}{stem_of(media.name) if media is not None and media.name else sample.index}"
            if media is None or not media.name:
                report.note(NUMBERED)
            for place, annotation in enumerate(sample.annotations):
                name = _named(start, annotation, place)
                for region in annotation.regions:
                    reason, detail, content = self._content(region)
                    if reason:
                        report.leave_out(
                            reason,
                            sample.id,
                            sample.index,
                            annotation=annotation.id,
                            region=region.id,
                            detail=detail,
                            page=sample.page,
                        )
                        continue
                    called = _safe(f"{name}-{'-'.join((region.control, *(region.labels or ('no_label',))))}")
                    turn = turns.setdefault(called.casefold(), 0)
                    turns[called.casefold()] += 1
                    files.append((member("", sample.split, f"{called}-{turn}{self.SUFFIX}"), content))
            counted(report, len(sample.annotations), len(files) - before)
        return Part(files)

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Write the parts to the output."""
        for _ in parts:
            pass

    def _content(self, region: Region) -> tuple[str, str, bytes]:
        """Why and how it is left out, or the file's content."""
        shape = region.shape
        if not isinstance(shape, (Mask, Bitmask, Polygon, Box, Ellipse)):
            return NO_AREA, region.type, b""
        if type(shape) not in self._shapes or (isinstance(shape, Polygon) and not shape.closed):
            return NOT_WANTED, region.type, b""
        if region.size is None:
            return NO_SIZE, region.type, b""
        try:
            if self._official and isinstance(shape, Mask):
                return "", "", self._file(masks.alpha(shape.rle, shape.width, shape.height))
            found = masks.array(shape, self._threshold) if isinstance(shape, Mask) else drawn(shape, *region.size)
        except Misfit as error:
            return masks.BROKEN, str(error), b""
        if not found.any():
            return masks.EMPTY, "", b""
        return "", "", self._file(found if self._bools else found.view(np.uint8) * np.uint8(255))

    def _file(self, pixels: NDArray[Any]) -> bytes:
        return _npy_head(pixels.shape, pixels.dtype.str) + pixels.tobytes()


class PngWriter(NumpyWriter):
    """Writes a mask for each region as `NumpyWriter` does, as a PNG image of one channel of 8 bits, 0 and 255."""

    OPTIONS: ClassVar[dict[str, Any]] = {"shapes": ("mask", "bitmask"), "threshold": 1}
    SUFFIX: ClassVar[str] = ".png"

    def _file(self, pixels: NDArray[Any]) -> bytes:
        return png.encode(pixels)


@lru_cache(64)
def _npy_head(shape: tuple[int, int], dtype: str) -> bytes:
    stream = BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue()


def _named(start: str, annotation: Annotation, place: int) -> str:
    number = annotation.id if annotation.id is not None else place
    who = annotation.email or ("" if annotation.by is None else str(annotation.by))
    who = "".join(letter for letter in who if letter.isalnum() or letter in "@.")
    return f"{start}-annotation-{number}{f'-by-{who}' if who else ''}"


def _safe(name: str) -> str:
    """The name as a file may have it, and room behind it; a long one ends in its digest, so that it stays different."""
    plain = safe_name(name.replace("/", "-").replace("\\", "-"))
    if len(name.encode("utf-8", "replace")) <= LONGEST - 20:
        return plain
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{plain.encode()[: LONGEST - 30].decode(errors='ignore')}-{digest}"


class _Painted:
    """Writes one image for each task, and paints the regions of the annotations that count into it."""

    OPTIONS: ClassVar[dict[str, Any]] = {"shapes": tuple(_SHAPES), "overlap": "last"}

    def __init__(self, context: Context) -> None:
        self._scenes = Scenes(context, several=FIRST_LABEL)
        self._shapes = _asked(context.own["shapes"])
        self._overlap = context.own["overlap"]
        if self._overlap not in ("last", "first", "smallest"):
            raise InvalidInput(f"overlap is {self._overlap!r}; it is one of: 'last', 'first', 'smallest'.")
        if not self._scenes.classes:
            raise InvalidInput(
                "Images of classes need to know them: pass the labeling configuration, config=, or classes=."
            )
        # As 0 is the background.
        self._values = {label: number + 1 for label, number in self._scenes.classes.items()}
        if max(self._values.values()) > _MOST:
            raise InvalidInput(
                f"The highest class has the number {max(self._values.values()) - 1}; {_MOST - 1} is the most."
            )

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """The part of the output that these samples become."""
        files: list[File] = []
        for sample in samples:
            scene = self._scenes.of(sample, report)
            if scene is None:
                continue
            if scene.size is None:
                report.leave_out(NO_SIZE, sample.id, sample.index, page=sample.page)
                continue
            numbers, painted = self._painted(scene, report)
            files += self._files(scene, numbers, painted)
            counted(report, len(sample.annotations), sum(len(one.outlines) for one in painted if one is not None))
        return Part(files)

    def _files(self, scene: Scene, numbers: NDArray[np.uint16], painted: Sequence[Instance | None]) -> list[File]:
        raise NotImplementedError

    def _painted(self, scene: Scene, report: Report) -> tuple[NDArray[np.uint16], list[Instance | None]]:
        """The number of each pixel's instance, from 1, and the instances in order, None for those without a pixel."""
        width, height = scene.size or (0, 0)
        image = np.zeros((height, width), np.uint16)
        there: list[Instance] = []
        patches: list[tuple[int, list[Patch]]] = []
        for instance in scene.instances:
            for point in instance.points.values():
                scene.tell(report, NO_AREA, instance.annotation, point, point.type)
            if not instance.outlines:
                continue
            reason, detail, parts = self._patches(instance, (width, height))
            area = sum(int(part.mask.sum()) for part in parts)
            if not reason:
                reason = masks.EMPTY if not area else TOO_MANY if len(there) == _MOST else ""
            if reason:
                scene.leave_out_outlines(report, instance, reason, detail)
                continue
            there.append(instance)
            patches.append((area, parts))
        order = list(range(len(there)))
        if self._overlap == "smallest":
            order.sort(key=lambda at: -patches[at][0])
        elif self._overlap == "first":
            order.reverse()
        for at in order:
            for part in patches[at][1]:
                part.of(image)[part.mask] = at + 1
        painted: list[Instance | None] = []
        for number, (instance, (area, parts)) in enumerate(zip(there, patches, strict=True), 1):
            left = sum(np.count_nonzero(part.of(image)[part.mask] == number) for part in parts)
            if left < area:
                report.note(HIDDEN)
            if not left:
                scene.leave_out_outlines(report, instance, COVERED)
            painted.append(instance if left else None)
        return image, painted

    def _patches(self, instance: Instance, size: tuple[int, int]) -> tuple[str, str, list[Patch]]:
        """Why and how it is left out, or where it is."""
        shapes = instance.shapes
        if any(type(shape) not in self._shapes for shape in shapes):
            return NOT_WANTED, instance.region.type, []
        try:
            return "", "", [patch(shape, *size) for shape in shapes]
        except Misfit as error:
            return masks.BROKEN, str(error), []


class SemanticWriter(_Painted):
    """Writes `masks/a.png` for the image a.jpg: each pixel is the number of its class plus 1, or 0 for none.

    `classes.json` has the classes with their pixels' values, `labels.txt` one a line, where these have no gaps. Images
    have a palette of colours, or 16 bits where there are more than 255 classes.

    Options:
        shapes: of which regions: "mask", "bitmask", "polygon", "box", "ellipse".
        overlap: the region that a pixel of several belongs to: the "last" one, the "first" or the "smallest".
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        most = max(self._values.values())
        self._dtype = np.dtype(np.uint8 if most < 256 else np.uint16)
        self._palette = png.colours(most + 1) if most < 256 else b""

    def _files(self, scene: Scene, numbers: NDArray[np.uint16], painted: Sequence[Instance | None]) -> list[File]:
        values = [0, *(0 if one is None else self._values[one.labels[0]] for one in painted)]
        pixels = np.array(values, self._dtype)[numbers]
        name = f"{stem_of(scene.name)}.png"
        return [(member("masks", scene.sample.split, name), png.encode(pixels, self._palette))]

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Write the parts to the output."""
        for _ in parts:
            pass
        output.write("classes.json", _json(self._values))
        lines = ["background", *self._values]
        if [*self._values.values()] == [*range(1, len(lines))] and not any("\n" in line for line in lines):
            output.write("labels.txt", "".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))


class InstancesWriter(_Painted):
    """Writes `instances/a.png` for the image a.jpg, of 16 bits: each pixel is the number of its instance, or 0.

    `instances/a.json` says what each instance is: its label, the class' number, and which region it was.

    Options:
        shapes: of which regions: "mask", "bitmask", "polygon", "box", "ellipse".
        overlap: the region that a pixel of several belongs to: the "last" one, the "first" or the "smallest".
    """

    def _files(self, scene: Scene, numbers: NDArray[np.uint16], painted: Sequence[Instance | None]) -> list[File]:
        rows = [
            {
                "id": number,
                "label": one.labels[0],
                "class": self._scenes.classes[one.labels[0]],
                "annotation": one.annotation,
                "region": one.region.id,
            }
            for number, one in enumerate(painted, 1)
            if one is not None
        ]
        name = member("instances", scene.sample.split, stem_of(scene.name))
        return [(f"{name}.png", png.encode(numbers)), (f"{name}.json", _json(rows))]

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Write the parts to the output."""
        for _ in parts:
            pass
        output.write("classes.json", _json(self._scenes.classes))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"
