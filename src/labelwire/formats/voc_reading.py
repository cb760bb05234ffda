"""Pascal VOC, read: plain VOC, and its extensions for turned boxes and polygons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import cos, degrees, isfinite, sin
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from msgspec.structs import replace

from ..errors import InvalidInput
from ..label_config import Control, LabelConfig
from .image_reading import NO_SIZE, NO_TOOL, Tools, config_for, images_in, known_size, relative
from .model import Choices, Region, Reply, Sample
from .report import Report
from .shapes import Box, Point, Polygon
from .voc import FLAGS

NO_XML = "a file that is no annotation of Pascal VOC"
NO_NAME = "an object without a name"
NO_BOX = "an object without a box"
NO_IMAGE = "an annotation whose image is not there; it is called as the annotation says"

_CORNER = re.compile(r"([xy])([0-9]{1,6})")
_IMAGES = ("JPEGImages", "images", "Images", ".")


class VocReader:
    """Reads `Annotations/*.xml`, or a folder of such files.

    Args:
        images: the folder of the images; without it `JPEGImages`, `images` or that of the XML.
        first: what the first pixel is called: 1, as in VOC, or 0, as the official exporter and others write it.
    """

    def __init__(
        self,
        place: Path,
        report: Report,
        *,
        config: LabelConfig | None = None,
        images: str | Path | None = None,
        first: int = 1,
    ) -> None:
        self._place = place
        self._report = report
        self._files = sorted(_folder(place).rglob("*.xml"))
        if not self._files:
            raise InvalidInput(f"There is no XML in {place}, nor in its folder Annotations.")
        self._first = float(first)
        self._images = _images(place, images)
        self._splits = _splits(place)
        self.config = config if config is not None else self._made()
        self._tools = Tools(self.config)
        asked = (tag for tag in self.config.controls.values() if tag.type == "choices" and tag.per_region)
        self._flags = next((tag.name for tag in asked if set(tag.label_names) & set(FLAGS)), None)

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether there is a folder of VOC's annotations."""
        if not place.is_dir():
            return False
        first = next(_folder(place).rglob("*.xml"), None)
        return first is not None and _root(first) is not None

    def samples(self) -> Iterator[Sample]:
        """One for each XML, in the order of their names."""
        for index, file in enumerate(self._files):
            self._report.tasks_in += 1
            root = _root(file)
            if root is None:
                self._report.leave_out(NO_XML, None, index, detail=file.name)
                continue
            yield self._sample(root, file, index)

    def _sample(self, root: Element, file: Path, index: int) -> Sample:
        report = self._report
        said = _text(root, "filename").replace("\\", "/").rpartition("/")[2]
        image = self._images.get(said) or self._images.get(file.stem)
        if image is None:
            report.note(f"{NO_IMAGE}.")
        url = relative(image, self._place) if image is not None else said or f"{file.stem}.jpg"
        size = known_size(image, _whole(root, "size/width"), _whole(root, "size/height"))
        regions: list[Region] = []
        replies: list[Reply] = []
        for number, item in enumerate(root.findall("object")):
            report.regions_in += 1
            reason, region = self._region(item, str(number), size)
            if region is None:
                report.leave_out(reason, None, index, region=str(number), detail=file.name)
                continue
            regions.append(region)
            flags = tuple(flag for flag in FLAGS if _text(item, flag) == "1")
            if flags and self._flags is not None:
                replies.append(Reply(self._flags, self._tools.object, "choices", Choices(flags), region.id))
        report.tasks_out += 1
        report.annotations_in += 1
        report.annotations_out += 1
        report.regions_out += len(regions)
        split = self._splits.get(file.stem, "")
        sample = self._tools.sample(index, url, size, regions, split=split)
        return replace(sample, annotations=(replace(sample.annotations[0], replies=tuple(replies)),))

    def _region(self, item: Element, id: str, size: tuple[int, int] | None) -> tuple[str, Region | None]:
        name = _text(item, "name")
        if not name:
            return NO_NAME, None
        if size is None:
            return NO_SIZE, None
        shape = self._shape(item)
        if shape is None:
            return NO_BOX, None
        return NO_TOOL, self._tools.region(id, shape, name, size)

    def _shape(self, item: Element) -> Box | Polygon | None:
        """A polygon, if the configuration has a tool for one; else a turned box, else an upright one."""
        points = _points(item.find("polygon"), self._first)
        if len(set(points)) > 2 and self._tools.can(Polygon):
            return Polygon(points)
        turned = [_number(item, f"robndbox/{name}") for name in ("cx", "cy", "w", "h", "angle")]
        if None not in turned:
            x, y, width, height, angle = (one or 0.0 for one in turned)
            if width > 0 and height > 0:
                across, down = width / 2, height / 2
                corner = x - across * cos(angle) + down * sin(angle), y - across * sin(angle) - down * cos(angle)
                return Box(*corner, width, height, degrees(angle) % 360)
        ends = [_number(item, f"bndbox/{name}") for name in ("xmin", "ymin", "xmax", "ymax")]
        if None in ends:
            return None
        left, top, right, bottom = (one or 0.0 for one in ends)
        left, right = sorted((left, right))
        top, bottom = sorted((top, bottom))
        # Counted from 1, the last pixel belongs to the box; who counts from 0 means the corner.
        box = Box(left - self._first, top - self._first, right - left + self._first, bottom - top + self._first)
        return box if box.width > 0 and box.height > 0 else None

    def _made(self) -> LabelConfig:
        """The configuration for the objects that there are."""
        labels: dict[str, None] = dict.fromkeys(_lines(self._place / "labels.txt"))
        kinds: set[type] = set()
        flagged = False
        for file in self._files:
            for item in root.findall("object") if (root := _root(file)) is not None else ():
                labels[_text(item, "name")] = None
                kinds.add(Polygon if len(set(_points(item.find("polygon"), 0.0))) > 2 else Box)
                flagged = flagged or any(_text(item, flag) == "1" for flag in FLAGS)
        made = config_for(list(labels), kinds or {Box})
        if not flagged:
            return made
        asked = Control("Choices", *FLAGS, name="flags", to_name="image", choice="multiple", perRegion=True)
        return LabelConfig(made.root.with_children((*made.root.children, asked)))


def _folder(place: Path) -> Path:
    return place / "Annotations" if (place / "Annotations").is_dir() else place


def _images(place: Path, given: str | Path | None) -> dict[str, Path]:
    """The images by their names, and by these without their suffixes."""
    if given is not None and not Path(given).is_dir():
        raise InvalidInput(f"There is no folder of images at {given}.")
    folders = (Path(given),) if given is not None else tuple(place / name for name in _IMAGES)
    folder = next((one for one in folders if one.is_dir()), place)
    found: dict[str, Path] = {}
    for path in images_in(folder):
        found.setdefault(path.name, path)
        found.setdefault(path.stem, path)
    return found


def _splits(place: Path) -> dict[str, str]:
    """The split of each image that a list such as `ImageSets/Main/train.txt` names."""
    found: dict[str, str] = {}
    for split in ("train", "val", "test"):
        for line in _lines(place / "ImageSets" / "Main" / f"{split}.txt"):
            found.setdefault(line.split()[0].rpartition("/")[2], split)
    return found


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    return [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]


class _Builder(TreeBuilder):
    """Refuses what could name other files, or entities that grow without end."""

    def doctype(self, *_: str | None) -> None:
        raise ParseError("a DOCTYPE")


def _root(file: Path) -> Element | None:
    parser = XMLParser(target=_Builder())  # noqa: S314 - a DOCTYPE is refused
    try:
        parser.feed(file.read_bytes())
        root = parser.close()
    except (ParseError, ValueError, LookupError):
        return None
    return root if isinstance(root, Element) and root.tag == "annotation" else None


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _number(element: Element, path: str) -> float | None:
    try:
        value = float(_text(element, path))
    except ValueError:
        return None
    return value if isfinite(value) and abs(value) < 1e9 else None


def _whole(element: Element, path: str) -> int | None:
    value = _number(element, path)
    return int(value) if value is not None else None


def _points(polygon: Element | None, first: float) -> tuple[Point, ...]:
    """The corners of `<polygon>`: x1, y1, x2, y2 …, or LabelMe's `<pt><x/><y/></pt>`; empty where one is broken."""
    if polygon is None:
        return ()
    found = [(int(name[2]), name[1], one.text or "") for one in polygon if (name := _CORNER.fullmatch(one.tag))]
    found.sort()
    if [axis for _, axis, _ in found] != ["x", "y"] * (len(found) // 2):
        return ()
    flat = [text for _, _, text in found]
    if not flat:
        flat = [_text(point, axis) for point in polygon.findall("pt") for axis in ("x", "y")]
    try:
        values = [float(text) - first for text in flat]
    except ValueError:
        return ()
    if not all(isfinite(value) for value in values):
        return ()
    return tuple(zip(values[::2], values[1::2], strict=True))
