"""Reads YOLO: boxes, polygons, turned boxes and keypoints, with data.yaml or classes.txt, split or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

from msgspec import Struct

from ..errors import InvalidInput
from ..label_config import LabelConfig
from .coco_reading import right_angled
from .image_reading import NO_SIZE, NO_TOOL, Tools, config_for, images_in, known_size, relative
from .model import Region, Sample
from .report import Report
from .seen import Misfit
from .shapes import Box, Keypoint, Polygon
from .yolo import TASKS
from .yolo_yaml import parse

NOT_UNDERSTOOD = "a line that cannot be understood"

_SPLITS = ("train", "val", "valid", "test")
_KINDS: dict[str, frozenset[type]] = {
    "detect": frozenset({Box}),
    "segment": frozenset({Polygon, Box}),
    "obb": frozenset({Box, Polygon}),
    "pose": frozenset({Box}),
}
"""The tools that each task needs; a turned box that was cut at the edge of its image is a polygon."""

_LOOKED_AT = 1000
"""Label files by which the task is guessed, where nothing says it."""


class _Set(Struct):
    """A folder of images with that of their labels."""

    split: str
    images: Path
    labels: Path


class YoloReader:
    """Reads YOLO.

    Options:
        task: "detect", "segment", "obb" or "pose"; by default what data.yaml says, or the lines look like.
        size: width and height in pixels of images that are not there.
    """

    def __init__(
        self,
        place: Path,
        report: Report,
        *,
        config: LabelConfig | None = None,
        task: str | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        data, self._root = _data(place)
        self._report = report
        self._size = size
        self._sets = _sets(data, self._root)
        if not self._sets:
            raise InvalidInput(f"{place} holds no YOLO dataset: there are no labels beside images.")
        self._labels = _names(data.get("names")) or _classes(self._root)
        shape = data.get("kpt_shape")
        if isinstance(shape, list) and len(shape) == 2 and all(type(one) is int and one > 0 for one in shape):
            self._points, self._each = shape[0], shape[1]
        else:
            self._points, self._each = 0, 3
        task = task or (data["task"] if data.get("task") in TASKS else "pose" if self._points else _guessed(self._sets))
        if task not in TASKS:
            raise InvalidInput(f"task is {task!r}; it is one of: {', '.join(map(repr, TASKS))}.")
        if task == "pose" and (not self._points or self._points > 1000 or self._each not in (2, 3)):
            raise InvalidInput("The keypoints of pose lines are counted by kpt_shape in data.yaml, such as [17, 3].")
        self._task = task
        self._named = _point_names(data, self._points) if task == "pose" else []
        self.config = config if config is not None else config_for(list(self._all_labels()), _KINDS[task], self._named)
        self._tools = Tools(self.config)

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether this is a YOLO dataset, or the data.yaml of one."""
        try:
            data, root = _data(place)
        except (InvalidInput, UnicodeDecodeError, OSError):
            return False
        named = "names" in data or any((root / name).is_file() for name in _CLASS_FILES)
        return named and any(next(one.labels.rglob("*.txt"), None) is not None for one in _sets(data, root))

    def samples(self) -> Iterator[Sample]:
        """A sample for each image, and for each label file without one, in the order of their names."""
        index = 0
        for one in self._sets:
            for image, labels in _pairs(one):
                sample = self._sample(one, image, labels, index)
                index += 1
                if sample is not None:
                    yield sample

    def _all_labels(self) -> Sequence[str]:
        return list(dict.fromkeys(self._labels)) or ["object"]

    def _sample(self, one: _Set, image: Path | None, labels: Path | None, index: int) -> Sample | None:
        report = self._report
        report.tasks_in += 1
        lines = _lines(labels) if labels is not None else []
        report.annotations_in += labels is not None
        report.regions_in += len(lines)
        size = known_size(image) or (self._size if image is None else None)
        if image is not None:
            url = relative(image, self._root)
        else:
            named = labels.relative_to(one.labels) if labels is not None else Path("unknown")
            url = relative((one.images / named).with_suffix(".jpg"), self._root)
        if size is None:
            report.leave_out(NO_SIZE, None, index, detail=url)
            return None
        regions: list[Region] = []
        scored = False
        for at, line in enumerate(lines):
            try:
                made = self._regions(line, f"r{at}", size)
            except (Misfit, ValueError) as reason:
                detail = f"line {at + 1} of {labels}: {reason}"
                report.leave_out(NOT_UNDERSTOOD, None, index, region=f"r{at}", detail=detail)
                continue
            if not made:
                report.leave_out(NO_TOOL, None, index, region=f"r{at}")
            regions += made
            report.regions_out += bool(made)
            scored = scored or (bool(made) and made[0].score is not None)
        report.tasks_out += 1
        report.annotations_out += labels is not None
        return self._tools.sample(
            index, url, size, regions, split=one.split, prediction=scored, labeled=labels is not None
        )

    def _regions(self, line: Sequence[str], id: str, size: tuple[int, int]) -> list[Region]:
        values = [float(one) for one in line]
        if not all(isfinite(one) and abs(one) < 1e6 for one in values) or values[0] != int(values[0]):
            raise Misfit("it has what is no number")
        label = self._label(int(values[0]))
        given = values[1:]
        wide, high = size
        count = len(given)
        if self._task == "pose" and count in ((pose := 4 + self._points * self._each), pose + 1):
            return self._pose(given, label, id, size, given[pose] if count > pose else None)
        if count in (4, 5):
            return self._made(id, _box(given, size), label, size, given[4] if count == 5 else None)
        if count < 6:
            raise Misfit(f"it has {count} coordinates")
        points = tuple((x * wide, y * high) for x, y in zip(given[::2], given[1::2], strict=False))
        # Shares are written with six decimals.
        box = right_angled(points, 4e-6 * max(size)) if len(points) == 4 else None
        shape = box if box is not None and self._tools.can(Box) else Polygon(points)
        return self._made(id, shape, label, size, given[-1] if count % 2 else None)

    def _pose(
        self, given: Sequence[float], label: str, id: str, size: tuple[int, int], score: float | None
    ) -> list[Region]:
        made = self._made(id, _box(given, size), label, size, score)
        wide, high = size
        for at, name in enumerate(self._named):
            begin = 4 + at * self._each
            x, y = given[begin], given[begin + 1]
            seen = given[begin + 2] if self._each == 3 else float(x >= 0 and y >= 0 and (x, y) != (0, 0)) * 2
            if seen > 0:
                point = Keypoint(x * wide, y * high, max(size) / 200)
                parent = id if made else None
                region = self._tools.region(f"{id}-p{at}", point, name, size, parent=parent, hidden=seen == 1)
                made.extend([region] if region is not None else [])
        return made

    def _made(
        self, id: str, shape: Box | Polygon, label: str, size: tuple[int, int], score: float | None
    ) -> list[Region]:
        region = self._tools.region(id, shape, label, size, score=score)
        return [] if region is None else [region]

    def _label(self, number: int) -> str:
        if not self._labels and number == 0:
            return "object"
        if not 0 <= number < len(self._labels):
            raise Misfit(f"there is no class {number}")
        return self._labels[number]


_CLASS_FILES = ("classes.txt", "obj.names", "labels.txt")


def _box(given: Sequence[float], size: tuple[int, int]) -> Box:
    x, y, across, down = given[0] * size[0], given[1] * size[1], given[2] * size[0], given[3] * size[1]
    if across <= 0 or down <= 0:
        raise Misfit(f"its size is {across:g} by {down:g}")
    return Box(x - across / 2, y - down / 2, across, down)


def _data(place: Path) -> tuple[dict[str, Any], Path]:
    """What the data file says, nothing where there is none, and the dataset's folder."""
    if place.is_file():
        if place.suffix.lower() not in (".yaml", ".yml"):
            raise InvalidInput(f"{place} is no data.yaml.")
        file: Path | None = place
        root = place.parent
    else:
        root = place
        named = [root / "data.yaml", root / "dataset.yaml", *sorted(root.glob("*.y*ml"))]
        file = next((path for path in named if path.is_file()), None)
    return (parse(file.read_text("utf-8", "replace")) if file is not None else {}), root


def _sets(data: dict[str, Any], root: Path) -> list[_Set]:
    """The folders of the splits that the data file names; without it, those that there are."""
    found: dict[Path, str] = {}
    base = data.get("path") if isinstance(data.get("path"), str) else ""
    for split in _SPLITS:
        given = data.get(split)
        for one in given if isinstance(given, list) else [given]:
            folder = _folder(root, str(base), one) if isinstance(one, str) and one else None
            if folder is not None:
                # One folder for training and validation is no split.
                found[folder] = "" if folder in found else split
    if not found:
        parts = [root / "images" / split for split in _SPLITS] + [root / split / "images" for split in _SPLITS]
        found = {folder: split for folder, split in zip(parts, _SPLITS * 2, strict=True) if _there(folder)}
    if not found:
        found = {folder: "" for folder in (root / "images", root) if _there(folder)}
        found = dict(list(found.items())[:1])
    return [_Set(split, folder, _labels_of(folder)) for folder, split in found.items()]


def _folder(root: Path, base: str, given: str) -> Path | None:
    """The folder of images that a data file names, however its paths were meant."""
    plain = given
    while plain.startswith("../"):
        plain = plain[3:]
    for path in (root / base / given, root / given, root / plain):
        if _there(path):
            return path
    return None


def _there(folder: Path) -> bool:
    return folder.is_dir() or _labels_of(folder).is_dir()


def _labels_of(folder: Path) -> Path:
    """Where the labels of a folder of images are: in the one called labels beside the one called images."""
    parts = list(folder.parts)
    for at in range(len(parts) - 1, -1, -1):
        if parts[at] == "images":
            return Path(*parts[:at], "labels", *parts[at + 1 :])
    return folder


def _pairs(one: _Set) -> Iterator[tuple[Path | None, Path | None]]:
    """Each image with its labels, and labels without an image."""
    images = {path.relative_to(one.images).with_suffix(""): path for path in images_in(one.images)}
    files = sorted(path for path in one.labels.rglob("*.txt") if path.name not in _CLASS_FILES and path.is_file())
    labels = {path.relative_to(one.labels).with_suffix(""): path for path in files}
    for name in sorted({*images, *labels}):
        yield images.get(name), labels.get(name)


def _lines(path: Path) -> list[list[str]]:
    return [words for line in path.read_text("utf-8-sig", "replace").splitlines() if (words := line.split())]


def _guessed(sets: Sequence[_Set]) -> str:
    """By how many numbers the lines have."""
    files = (path for one in sets for path in one.labels.rglob("*.txt") if path.name not in _CLASS_FILES)
    counts = {len(line) for path in islice(files, _LOOKED_AT) for line in _lines(path)}
    if all(count <= 6 for count in counts):
        return "detect"
    return "obb" if counts <= {9, 10} else "segment"


def _names(given: Any) -> list[str]:
    """The classes by number."""
    if isinstance(given, list):
        return [str(one) or f"class {at}" for at, one in enumerate(given)]
    if not isinstance(given, dict):
        return []
    numbers = {int(key): str(name) for key, name in given.items() if str(key).isdecimal() and len(str(key)) < 6}
    return [numbers.get(at) or f"class {at}" for at in range(max(numbers, default=-1) + 1)]


def _classes(root: Path) -> list[str]:
    for name in _CLASS_FILES:
        path = root / name
        if path.is_file():
            return [line.strip() or f"class {at}" for at, line in enumerate(path.read_text("utf-8-sig").splitlines())]
    return []


def _point_names(data: dict[str, Any], count: int) -> list[str]:
    given = data.get("keypoints") or data.get("kpt_names")
    if isinstance(given, dict):
        given = next(iter(given.values()), None)
    if isinstance(given, list) and len(given) == count and len(set(map(str, given))) == count:
        return [str(one) or f"point {at}" for at, one in enumerate(given)]
    return [f"point {at}" for at in range(count)]
