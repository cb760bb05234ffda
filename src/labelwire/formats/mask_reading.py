"""Masks as files, read: one for each region, or one for each image with the classes or the instances as its pixels."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidInput
from ..label_config import LabelConfig
from . import masks
from .image_reading import NO_TOOL, Tools, config_for, images_in, relative
from .model import Region, Sample
from .report import Report
from .shapes import Mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]

NO_IMAGE = "a mask whose image is not there"
NO_MASK = "a file that is no mask"
NO_CLASS = "pixels of a value that is no class"
SEVERAL_SIZES = "a mask of another size than the first of its image"

_FILE = re.compile(
    r"(?:task-)?(?P<image>.+?)-annotation-(?P<annotation>[0-9]+)(?:-by-(?P<by>[^-]*))?-(?P<control>[^-]+)-(?P<label>.+)-[0-9]+"
    r"\.(?:npy|png)",
    re.DOTALL,
)


class _Reader:
    """What the readers share: `found` gives the masks of each image, the reader makes samples of them."""

    def __init__(
        self,
        place: Path,
        report: Report,
        *,
        config: LabelConfig | None = None,
        images: str | Path | None = None,
    ) -> None:
        """`images` is the folder of the images; without it, `images` beside the masks."""
        self._place = place
        self._report = report
        folder = Path(images) if images is not None else place / "images"
        if not folder.is_dir():
            raise InvalidInput(f"There is no folder of images at {folder}; say where it is: images=.")
        self._images: dict[str, Path] = {}
        for path in images_in(folder):
            self._images.setdefault(path.relative_to(folder).with_suffix("").as_posix(), path)
            self._images.setdefault(path.stem, path)
        self.config = config if config is not None else config_for(self._labels(), {Mask})
        self._tools = Tools(self.config)

    def _labels(self) -> list[str]:
        raise NotImplementedError

    def _found(self) -> Iterator[tuple[str, Iterable[tuple[str, Bools]]]]:
        """The images' names, with the labels and the masks of each."""
        raise NotImplementedError

    def samples(self) -> Iterator[Sample]:
        """One for each image that has masks, in the order of their names."""
        for index, (name, found) in enumerate(self._found()):
            report = self._report
            report.tasks_in += 1
            image = self._images.get(name) or self._images.get(name.rpartition("/")[2])
            if image is None:
                report.leave_out(NO_IMAGE, None, index, detail=name)
                continue
            size: tuple[int, int] | None = None
            regions: list[Region] = []
            for number, (label, mask) in enumerate(found):
                report.regions_in += 1
                own = mask.shape[1], mask.shape[0]
                size = size or own
                if own != size:
                    report.leave_out(SEVERAL_SIZES, None, index, detail=f"{name}: {own[0]} by {own[1]}")
                    continue
                region = self._tools.region(str(number), Mask(masks.encode(mask), *size), label, size)
                if region is None:
                    report.leave_out(NO_TOOL, None, index, detail=label)
                    continue
                regions.append(region)
            report.tasks_out += 1
            report.annotations_in += 1
            report.annotations_out += 1
            report.regions_out += len(regions)
            split = name.rpartition("/")[0]
            yield self._tools.sample(index, relative(image, self._place), size, regions, split=split)

    def _pixels(self, path: Path) -> NDArray[Any] | None:
        """The array of a file; None, and reported, where it has none of height by width."""
        try:
            pixels = np.load(path, allow_pickle=False) if path.suffix == ".npy" else _image(path)
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            self._report.leave_out(NO_MASK, None, 0, detail=f"{path.name}: {error}")
            return None
        if not isinstance(pixels, np.ndarray) or pixels.ndim != 2 or not pixels.size or pixels.dtype.kind not in "biuf":
            self._report.leave_out(NO_MASK, None, 0, detail=f"{path.name}: it is not height by width, of numbers")
            return None
        return pixels


class SemanticReader(_Reader):
    """Reads `masks/*.png`, whose pixels are classes; `classes.json` or `labels.txt` says which."""

    def __init__(self, place: Path, report: Report, **own: Any) -> None:
        self._classes = _classes(place)
        super().__init__(place, report, **own)

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether there are masks with their classes."""
        return (place / "masks").is_dir() and any((place / name).is_file() for name in ("classes.json", "labels.txt"))

    def _labels(self) -> list[str]:
        return list(self._classes.values())

    def _found(self) -> Iterator[tuple[str, Iterable[tuple[str, Bools]]]]:
        folder = self._place / "masks"
        for path in sorted(folder.rglob("*.png")):
            name = path.relative_to(folder).with_suffix("").as_posix()
            pixels = self._pixels(path)
            if pixels is not None:
                yield name, self._parts(pixels, name)

    def _parts(self, pixels: NDArray[Any], name: str) -> Iterator[tuple[str, Bools]]:
        for value in np.unique(pixels).tolist():
            if value in self._classes:
                yield self._classes[value], pixels == value
            elif value:
                self._report.leave_out(NO_CLASS, None, 0, detail=f"{name}: {value}")


class InstancesReader(_Reader):
    """Reads `instances/*.png`, whose pixels are instances; the JSON beside each says what they are."""

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether there are masks with what their instances are."""
        folder = place / "instances"
        return folder.is_dir() and next(folder.rglob("*.json"), None) is not None

    def _labels(self) -> list[str]:
        labels: dict[str, None] = {}
        for path in sorted((self._place / "instances").rglob("*.json")):
            labels |= dict.fromkeys(_instances(path).values())
        return list(labels)

    def _found(self) -> Iterator[tuple[str, Iterable[tuple[str, Bools]]]]:
        folder = self._place / "instances"
        for path in sorted(folder.rglob("*.png")):
            pixels = self._pixels(path)
            if pixels is not None:
                there = _instances(path.with_suffix(".json"))
                name = path.relative_to(folder).with_suffix("").as_posix()
                yield name, [(label, found) for number, label in there.items() if (found := pixels == number).any()]


class MaskReader(_Reader):
    """Reads `task-7-annotation-3-by-ann@example.com-brush-Cat-0.npy` or `.png`, in which all but 0 belongs to a mask.

    The image of task 7 is the one whose name, without its suffix, is 7.
    """

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether there are masks of such names."""
        return place.is_dir() and any(_FILE.fullmatch(path.name) for path in place.iterdir())

    def _files(self) -> Iterator[tuple[str, str, Path]]:
        """Image, label and path of each file that is called as a mask is."""
        for path in sorted(self._place.rglob("*")):
            if found := _FILE.fullmatch(path.name):
                above = path.relative_to(self._place).parent.as_posix()
                yield f"{above}/{found['image']}".removeprefix("./"), found["label"], path

    def _labels(self) -> list[str]:
        return list(dict.fromkeys(label for _, label, _ in self._files()))

    def _found(self) -> Iterator[tuple[str, Iterable[tuple[str, Bools]]]]:
        for name, files in groupby(self._files(), key=lambda one: one[0]):
            there = ((label, self._pixels(path)) for _, label, path in files)
            yield name, [(label, pixels != 0) for label, pixels in there if pixels is not None and pixels.any()]


def _image(path: Path) -> NDArray[Any]:
    try:
        from PIL import Image
    except ImportError:
        raise InvalidInput("Masks are read with Pillow: pip install pillow.") from None
    try:
        with Image.open(path) as image:
            return np.asarray(image)
    except Image.DecompressionBombError as error:
        raise ValueError(error) from None


def _classes(place: Path) -> dict[int, str]:
    """The classes by their pixels' values."""
    by_json, by_lines = place / "classes.json", place / "labels.txt"
    if by_json.is_file():
        found = _json(by_json)
        if isinstance(found, dict) and all(type(value) is int for value in found.values()):
            return {value: name for name, value in found.items() if value}
    elif by_lines.is_file():
        lines = by_lines.read_text(encoding="utf-8", errors="replace").splitlines()
        return {value: line for value, line in enumerate(lines) if value and line}
    raise InvalidInput(f"Which classes the pixels are, {by_json} says, as {{name: value}}, or {by_lines}, one a line.")


def _instances(path: Path) -> dict[int, str]:
    """The labels of the instances, by their numbers."""
    rows = _json(path) if path.is_file() else None
    if not isinstance(rows, list):
        return {}
    there = [row for row in rows if isinstance(row, dict)]
    return {
        row["id"]: row["label"] for row in there if type(row.get("id")) is int and isinstance(row.get("label"), str)
    }


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None
