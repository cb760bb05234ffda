"""Tracks as the MOT challenge has them: a folder for each video, a line for each box of each frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from configparser import ConfigParser
from configparser import Error as NotIni
from heapq import merge
from pathlib import Path
from typing import Any, ClassVar

from msgspec import Struct

from ..errors import InvalidInput
from ..files.names import stem_of
from ..label_config import LabelConfig, video
from .batch import Context, Part, counted
from .images import NO_LABEL, UNKNOWN
from .media import member
from .model import Annotation, Media, Region, Sample
from .output import Output
from .report import Report
from .schema import Schema
from .shapes import Box, Keyframe, Track
from .text_reading import text_lines
from .tracks import (
    ELSEWHERE,
    TOO_LONG,
    Size,
    answers_left_out,
    frames,
    is_too_long,
    size_from,
    video_of,
)

NO_TRACK = "a region that is no track of a box"
NO_SIZE = "a task whose video's size nobody says; the option size says it"
NO_FOLDER = "a video whose size its seqinfo.ini does not say"
NO_BOX = "a line that is no box of a track"
IGNORED = "a box that is not to be considered"
NO_TOOL = "a track, for which the configuration has no control"

UPRIGHT = "Of turned boxes the upright boxes around them are written."


class Moving(Struct, frozen=True):
    """A track on its way to a file: its number in it, that of its class, and how sure it is."""

    number: int
    label: int
    track: Track
    score: float


class Sequenced(Struct, frozen=True):
    """A video on its way: its folder, its size in pixels, and its tracks."""

    folder: str
    size: Size
    tracks: list[Moving]


class MotWriter:
    """Writes `VIDEO/gt/gt.txt`, `VIDEO/gt/labels.txt` and `VIDEO/seqinfo.ini`; with a split below `train/` and so on.

    A line is frame, track, left, top, width, height, 1 (of a prediction its score), class, 1; frames, tracks, classes
    and pixels count from 1, as the challenge has it.

    Options:
        size: width and height of the videos in pixels, for those whose annotations do not say it.
    """

    OPTIONS: ClassVar[dict[str, Any]] = {"size": None}
    MEDIA = "videos"

    def __init__(self, context: Context) -> None:
        self._size = size_from(context.own["size"])
        self._name = context.shown.name if context.shown is not None else ""
        labels = context.schema.classes(frozenset({"labels", "videorectangle"}))
        given = context.options.classes
        self._classes = dict(given) if given is not None else {label: number for number, label in enumerate(labels)}

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """Keyframes; lines are only made when they are written, for there may be very many."""
        found: list[Sequenced] = []
        for sample in samples:
            media = video_of(sample, self._name, report)
            if media is None:
                continue
            size = next((one.size for one in sample.regions if one.size is not None), self._size)
            if size is None:
                report.leave_out(NO_SIZE, sample.id, sample.index)
                continue
            tracks: list[Moving] = []
            for annotation in sample.annotations:
                answers_left_out(annotation, sample, report)
                for region in annotation.regions:
                    made = self._moving(region, annotation, media, len(tracks) + 1)
                    if isinstance(made, Moving):
                        tracks.append(made)
                        continue
                    label = ", ".join(region.labels)
                    report.leave_out(
                        made, sample.id, sample.index, annotation=annotation.id, region=region.id, detail=label
                    )
            if any(frame.rotation for one in tracks for frame in one.track.keyframes):
                report.note(UPRIGHT)
            name = stem_of(media.name or str(sample.index))
            found.append(Sequenced(member("", sample.split, name), size, tracks))
            counted(report, len(sample.annotations), len(tracks))
        return Part(rows=found)

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Write the lines of each frame as they are made."""
        names = {number: label for label, number in self._classes.items()}
        listed = [names.get(number, f"class {number + 1}") for number in range(max(names, default=-1) + 1)]
        labels = "".join(f"{' '.join(name.split())}\n" for name in listed).encode("utf-8", "replace")
        for part in parts:
            for one in part.rows:
                last = 0
                with output.open(f"{one.folder}/gt/gt.txt") as stream:
                    for frame, _, line in merge(*(_lines(moving, one.size) for moving in one.tracks)):
                        stream.write(line.encode())
                        last = frame
                last = max(last, *(moving.track.frame_count or 0 for moving in one.tracks), 0)
                output.write(f"{one.folder}/gt/labels.txt", labels)
                output.write(f"{one.folder}/seqinfo.ini", _about(one, last))

    def _moving(self, region: Region, annotation: Annotation, media: Media, number: int) -> Moving | str:
        """A region as a track, or why it is none."""
        shape = region.shape
        if not isinstance(shape, Track):
            return NO_TRACK
        if region.object != media.object:
            return ELSEWHERE
        if is_too_long(shape):
            return TOO_LONG
        if not region.labels:
            return NO_LABEL
        label = next((self._classes[one] for one in region.labels if one in self._classes), None)
        if label is None:
            return UNKNOWN
        score = region.score if annotation.prediction and region.score is not None else 1.0
        return Moving(number, label + 1, shape, score)


def _lines(one: Moving, size: Size) -> Iterator[tuple[int, int, str]]:
    """Frame, number and line, for each frame."""
    wide, high = size[0] / 100, size[1] / 100
    end = f"{one.score:g},{one.label},1\n"
    for frame, x, y, width, height, turn in frames(one.track):
        box = Box(x * wide, y * high, width * wide, height * high, turn)
        left, top, across, down = box.bounds
        yield frame, one.number, f"{frame},{one.number},{left + 1:.2f},{top + 1:.2f},{across:.2f},{down:.2f},{end}"


def _about(one: Sequenced, last: int) -> bytes:
    name = one.folder.rpartition("/")[2].encode("utf-8", "replace").decode()
    wide, high = one.size
    return (
        f"[Sequence]\nname={name}\nimDir=img1\nseqLength={last}\nimWidth={wide}\nimHeight={high}\nimExt=.jpg\n".encode()
    )


class MotReader:
    """Reads a folder with one video, or with a folder for each, as `MotWriter` and the challenge have them.

    Every line becomes a keyframe. The task shows the video of the same name that is somewhere in the folder, or else
    has the name of the video alone.
    """

    def __init__(self, place: Path, report: Report, *, config: LabelConfig | None = None) -> None:
        self._place = place
        self._files = _files(place)
        if not self._files:
            raise InvalidInput(f"{place} holds no gt/gt.txt.")
        self._report = report
        if config is None:
            labels = dict.fromkeys(label for file in self._files for label in _names(file).values())
            numbers = {line[7] for file in self._files if not _names(file) for line in _numbers(file, None)}
            labels |= dict.fromkeys(f"class {number:g}" for number in sorted(numbers))
            config = video(boxes=list(labels) or ["class 1"])
        schema = Schema(config)
        shown = next(iter(schema.shows(("video",))), None)
        if shown is None:
            raise InvalidInput("The configuration shows no video; give one with a <Video>, or none.")
        self.config = config
        self._shown = shown
        own = (one for one in schema.controls.values() if shown.name in one.objects)
        self._control = next((one.name for one in own if one.type == "videorectangle"), None)

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether there is a gt/gt.txt."""
        return bool(_files(place))

    def samples(self) -> Iterator[Sample]:
        """The videos."""
        shown = self._shown
        videos = {file.stem: file for file in sorted(self._place.rglob("*")) if file.suffix.lower() in _VIDEOS}
        for index, file in enumerate(self._files):
            folder = file.parent.parent
            self._report.tasks_in += 1
            self._report.annotations_in += 1
            there = videos.get(folder.name)
            url = there.relative_to(self._place).as_posix() if there is not None else folder.name
            regions = self._regions(file, index)
            annotation = Annotation(regions=regions)
            counted(self._report, 1, len(regions))
            media = Media(shown.name, shown.key, "video", url, url.rpartition("/")[2])
            yield Sample(None, index, {shown.key: url}, {shown.name: media}, (annotation,))

    def _regions(self, file: Path, index: int) -> tuple[Region, ...]:
        size, count = _said(file)
        tracks: dict[int, list[list[float]]] = defaultdict(list)
        for line in _numbers(file, self._report):
            if line[6] == 0:
                self._report.leave_out(IGNORED, None, index, detail=f"track {line[1]:g} in frame {line[0]:g}")
            else:
                tracks[int(line[1])].append(line)
        names = _names(file)
        regions = []
        for number, lines in sorted(tracks.items()):
            self._report.regions_in += 1
            if size is None or self._control is None:
                self._report.leave_out(NO_TOOL if size else NO_FOLDER, None, index, detail=f"{file}, track {number}")
                continue
            lines.sort(key=lambda line: line[0])
            label = int(lines[0][7])
            track = Track(tuple(_keyframes(lines, size)), count)
            regions.append(
                Region(
                    f"t{number}",
                    self._control,
                    self._shown.name,
                    "videorectangle",
                    track,
                    (names.get(label, f"class {label}"),),
                )
            )
        return tuple(regions)


_VIDEOS = frozenset({".mp4", ".webm", ".mov", ".avi", ".mkv", ".m4v", ".ogv", ".mpg", ".mpeg"})


def _keyframes(lines: Sequence[Sequence[float]], size: Size) -> Iterator[Keyframe]:
    """A keyframe a line; the one before a gap, and the last one, ends the box."""
    wide, high = size[0] / 100, size[1] / 100
    for place, (frame, _, left, top, width, height, *_) in enumerate(lines):
        following = lines[place + 1][0] if place + 1 < len(lines) else None
        yield Keyframe(
            int(frame),
            None,
            (left - 1) / wide,
            (top - 1) / high,
            width / wide,
            height / high,
            0.0,
            following == frame + 1,
        )


def _files(place: Path) -> list[Path]:
    if (place / "gt" / "gt.txt").is_file():
        return [place / "gt" / "gt.txt"]
    found = (*place.glob("*/gt/gt.txt"), *place.glob("*/*/gt/gt.txt")) if place.is_dir() else ()
    return sorted(file for file in found if file.is_file())


def _numbers(file: Path, report: Report | None) -> Iterator[list[float]]:
    """The lines: frame, track, left, top, width, height, 0 where the box does not count, class."""
    for number, text in enumerate(text_lines(file), 1):
        if not text.strip():
            continue
        try:
            line = [float(one) for one in text.split(",")]
        except ValueError:
            line = []
        line += [1.0] * (8 - len(line)) if len(line) >= 6 else []
        if len(line) >= 8 and all(-1e9 < one < 1e9 for one in line) and line[4] > 0 < line[5]:
            yield line
        elif report is not None:
            report.leave_out(NO_BOX, None, report.tasks_in - 1, detail=f"{file}, line {number}: {text.strip()[:60]}")


def _names(file: Path) -> dict[int, str]:
    """The names of the classes by their numbers, from 1, where they are said."""
    listed = file.with_name("labels.txt")
    if not listed.is_file():
        return {}
    return {number: name for number, line in enumerate(text_lines(listed), 1) if (name := line.strip())}


def _said(file: Path) -> tuple[Size | None, int | None]:
    """Size in pixels and number of frames, as seqinfo.ini says."""
    about = ConfigParser(interpolation=None)
    try:
        about.read(file.parent.parent / "seqinfo.ini", encoding="utf-8")
        part = about["Sequence"]
        wide, high, count = (int(part.get(name, "0")) for name in ("imWidth", "imHeight", "seqLength"))
    except (NotIni, KeyError, ValueError, OSError):
        return None, None
    return (wide, high) if wide > 0 < high else None, count if count > 0 else None
