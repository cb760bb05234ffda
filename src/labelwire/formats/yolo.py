"""YOLO: a text file for each image, with a line for each object, in shares of the image's width and height.

What passes the edge of an image is cut off there: no reader takes coordinates below 0 or above 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from msgspec import Struct

from ..errors import InvalidInput
from ..files.names import stem_of
from .batch import Context, File, Part, counted
from .images import KEYPOINTS, Instance, Scene, Scenes, quoted
from .model import Sample
from .output import Output
from .plain import Plain, plain_tasks
from .report import Report
from .seen import Misfit
from .yolo_lines import LINES, Style, centred

TASKS = tuple(LINES)

MOST_CLASSES = 100_000

NO_KEYPOINT = "a keypoint, which only pose lines hold"

OFFICIAL = (
    "The official exporter errs with turned boxes, polygons beside boxes and keypoints; those are as labelwire writes "
    "them."
)
NO_POINTS = "pose needs keypoints: a <KeyPointLabels> in the configuration, whose labels are the keypoints' names."


class Rows(Struct):
    """What only the whole output decides.

    Attributes:
        files: where the classes are not known yet, with holes for their numbers, and the labels to fill in.
        parentless: whether there are keypoints that belong to no box.
    """

    files: list[tuple[str, str, list[str]]]
    parentless: bool


class YoloWriter:
    """Writes `labels/[split/]NAME.txt`, `data.yaml` and `classes.txt`; images belong to `images/[split/]NAME`.

    Options:
        task: "detect": upright boxes; "segment": polygons, boxes as their four corners, masks as polygons along their
            pixels; "obb": four corners of boxes that may be turned; "pose": boxes with keypoints.
    """

    OPTIONS: ClassVar[dict[str, Any]] = {"task": "detect"}
    MEDIA: ClassVar[str] = "images"

    def __init__(self, context: Context) -> None:
        self._task = context.own["task"]
        if self._task not in TASKS:
            raise InvalidInput(f"task is {self._task!r}; it is one of: {', '.join(map(repr, TASKS))}.")
        self._scenes = Scenes(context)
        self._points = self._scenes.points
        if self._task == "pose" and not self._points:
            raise InvalidInput(NO_POINTS)
        if max(self._scenes.classes.values(), default=0) > MOST_CLASSES:
            raise InvalidInput(f"The numbers of classes go to {MOST_CLASSES:,} at most: YOLO lists every number below.")
        self._official = context.options.official
        self._line = LINES[self._task]
        self._style = Style(self._points, exact=self._official)
        self._numbers = dict(self._scenes.classes)
        self._known = bool(self._numbers)
        if self._known and self._task == "pose" and len(self._numbers) > 1:
            # Keypoints that belong to no box have a class of their own; it is listed when it occurs.
            self._numbers.setdefault(KEYPOINTS, max(self._numbers.values()) + 1)
        self._splits = tuple(name for name, _ in context.options.split)
        boxes = self._task == "detect" and not self._points
        self.short = plain_tasks(context, self._scenes.classes) if boxes else None

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """The part of the output that these samples become."""
        part = Part()
        late: list[tuple[str, str, list[str]]] = []
        parentless = False
        for sample in samples:
            if isinstance(sample, Plain):
                part.files.append(self._plain_file(sample))
                counted(report, 1, len(sample.shapes))
                continue
            scene = self._scenes.of(sample, report)
            if scene is None:
                continue
            lines: list[str] = []
            labels: list[str] = []
            regions = 0
            for instance in scene.instances:
                texts = self._instance(scene, instance, report)
                if texts:
                    regions += instance.regions
                for text in texts:
                    labels += instance.labels
                    lines += [text] * len(instance.labels)
            name = _member(sample.split, scene.name)
            if self._known:
                numbers = [self._numbers[label] for label in labels]
                parentless = parentless or KEYPOINTS in labels
                written = "".join([f"{number}{line}\n" for number, line in zip(numbers, lines, strict=True)])
                part.files.append((name, written.encode()))
            else:
                late.append((name, "".join([f"%d{line}\n" for line in lines]), labels))
            counted(report, len(sample.annotations), regions)
        part.rows = Rows(late, parentless)
        return part

    def _plain_file(self, task: Plain) -> File:
        numbers, size, style = self._numbers, task.size, self._style
        lines = [
            f"{numbers[label]}{centred(box, size, style)}\n"
            for label, box in zip(task.labels, task.shapes, strict=True)
        ]
        return _member(task.split, task.name), "".join(lines).encode()

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Write the parts to the output."""
        numbers = dict(self._scenes.classes)
        for part in parts:
            if part.rows.parentless:
                numbers[KEYPOINTS] = self._numbers[KEYPOINTS]
            for name, text, labels in part.rows.files:
                for label in labels:
                    numbers.setdefault(label, len(numbers))
                output.write(name, (text % tuple(numbers[label] for label in labels)).encode())
        names = _listed(numbers)
        output.write("classes.txt", "".join(f"{_one_line(name)}\n" for name in names).encode(errors="replace"))
        if self._official:
            report.note(OFFICIAL)
            output.write("notes.json", self._notes(names).encode())
        output.write("data.yaml", self._data(names).encode())

    def _instance(self, scene: Scene, instance: Instance, report: Report) -> Sequence[str]:
        """The lines' texts but for the class's number; none for what is left out, with its reason."""
        if self._task != "pose":
            for region in instance.points.values():
                scene.tell(report, NO_KEYPOINT, instance.annotation, region)
            instance.points = {}
        if scene.size is None or not instance.regions:
            return ()
        try:
            return self._line(instance, scene.size, self._style, report)
        except Misfit as reason:
            scene.leave_out(report, instance, str(reason))
            return ()

    def _data(self, names: Sequence[str]) -> str:
        lines = [f"task: {self._task}"]
        there = self._splits or ("",)
        folders = {name: f"images/{name}" if name else "images" for name in there}
        # Both are asked for by whoever trains; a set without a split is its own validation.
        training = folders.get("train", folders[there[0]])
        validating = folders.get("val") or folders.get("valid") or folders[there[-1]]
        lines += [f"train: {_plain(training)}", f"val: {_plain(validating)}"]
        lines += [f"{name}: {_plain(folder)}" for name, folder in folders.items() if name == "test"]
        if self._task == "pose":
            lines.append(f"kpt_shape: [{len(self._points)}, 3]")
            if swapped := _swapped(self._points):
                lines.append(f"flip_idx: {swapped}")
            listed = ", ".join(map(_plain, self._points))
            lines.append("kpt_names:")
            lines += [f"  {number}: [{listed}]" for number in range(len(names))]
        lines += [f"nc: {len(names)}", "names:" if names else "names: {}"]
        lines += [f"  {number}: {_plain(name)}" for number, name in enumerate(names)]
        return "\n".join([*lines, ""])

    def _notes(self, names: Sequence[str]) -> str:
        categories = [{"id": number, "name": name} for number, name in enumerate(names)]
        info = {"version": "1.0", "contributor": "Label Studio"}
        return json.dumps({"categories": categories, "info": info}, indent=2)


def _member(split: str, name: str) -> str:
    """Where the lines of the image of this name go."""
    return f"labels/{split}/{stem_of(name)}.txt" if split else f"labels/{stem_of(name)}.txt"


def _listed(numbers: Mapping[str, int]) -> list[str]:
    """The classes by number. Readers want every number up to the last: those without a class are called so."""
    by_number = {number: name for name, number in numbers.items()}
    return [by_number.get(number, f"unused-{number}") for number in range(max(by_number, default=-1) + 1)]


def _swapped(points: Sequence[str]) -> list[int] | None:
    """For each keypoint the one that it becomes in a mirror, by "left" and "right" in their names."""
    others = [_mirrored(name) for name in points]
    found = [points.index(other) if other in points else at for at, other in enumerate(others)]
    return found if found != list(range(len(points))) else None


def _mirrored(name: str) -> str:
    return re.sub("left|right", lambda side: _SIDES[side[0].lower()], name, flags=re.IGNORECASE)


_SIDES = {"left": "right", "right": "left"}
_UNPRINTABLE = re.compile("[\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def _one_line(name: str) -> str:
    return " ".join(name.splitlines()) or "_"


def _plain(text: str) -> str:
    """A string as YAML has it, in double quotes."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted(text))
