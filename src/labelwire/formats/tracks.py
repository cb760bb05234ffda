"""Boxes that move, frame by frame, and tables of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice, pairwise
from typing import IO, Any, ClassVar, Literal, TypeAlias, get_args

from msgspec import Struct

from ..errors import InvalidInput
from .batch import Context, Part, counted
from .images import ANSWER, RELATION, quoted
from .model import Annotation, Media, Region, Sample
from .output import Output
from .report import Report
from .shapes import Frames, Keyframe, Track

Placed: TypeAlias = tuple[int, float, float, float, float, float]
"""Frame, x, y, width, height and rotation; of the box as it was drawn, in percent of the video's sides."""

Size: TypeAlias = tuple[int, int]
Table: TypeAlias = Literal["csv", "jsonl"]

KINDS = ("video",)

NO_VIDEO = "a task without a video"
NO_TRACK = "a region that is no track, nor a stretch of a video"
ELSEWHERE = "a region on another video of its task"
TOO_LONG = "a track that goes beyond a million frames"

LONGEST = 1_000_000
"""Frames of a video: nine hours at thirty frames a second."""

_AT_ONCE = 20_000


def frames(track: Track) -> Iterator[Placed]:
    """Where a track is in each of its frames.

    As the editor has it: straight from one keyframe to the next, rotation too. A keyframe that is not enabled is the
    last one until the next keyframe; one that is enabled and the last stays to the end of the video.
    """
    kept = list({one.frame: one for one in reversed(track.keyframes)}.values())[::-1]
    for one, following in pairwise(kept):
        yield _at(one)
        if one.enabled:
            yield from _between(one, following)
    last = _at(kept[-1])
    yield last
    if kept[-1].enabled and track.frame_count is not None:
        for frame in range(last[0] + 1, track.frame_count + 1):
            yield frame, *last[1:]


def is_too_long(track: Track) -> bool:
    """Whether it reaches frames that no video has."""
    return track.keyframes[0].frame < 0 or max(track.keyframes[-1].frame, track.frame_count or 0) > LONGEST


def size_from(own: Any) -> Size | None:
    """The option `size`: width and height of the videos in pixels.

    Raises:
        InvalidInput: for what is none.
    """
    if own is None:
        return None
    if not isinstance(own, Sequence) or len(own) != 2 or not all(type(one) is int and one > 0 for one in own):
        raise InvalidInput(f"size is {own!r}; it is the width and the height of the videos in pixels, (1920, 1080).")
    return int(own[0]), int(own[1])


def video_of(sample: Sample, name: str, report: Report) -> Media | None:
    """The video of a task; None, and reported, where it has none."""
    media = sample.media.get(name) or next((one for one in sample.media.values() if one.kind in KINDS), None)
    if media is None:
        report.leave_out(NO_VIDEO, sample.id, sample.index)
    return media


def answers_left_out(annotation: Annotation, sample: Sample, report: Report) -> None:
    """Report an annotation's answers and relations, which formats of tracks do not hold."""
    for reply in annotation.replies:
        report.leave_out(ANSWER, sample.id, sample.index, annotation=annotation.id, detail=reply.control)
    for one in annotation.relations:
        ends = f"{one.source} to {one.target}"
        report.leave_out(RELATION, sample.id, sample.index, annotation=annotation.id, detail=ends)


def _at(one: Keyframe) -> Placed:
    return one.frame, one.x, one.y, one.width, one.height, one.rotation


def _between(one: Keyframe, other: Keyframe) -> Iterator[Placed]:
    steps = other.frame - one.frame
    x, dx = one.x, (other.x - one.x) / steps
    y, dy = one.y, (other.y - one.y) / steps
    wide, wider = one.width, (other.width - one.width) / steps
    high, higher = one.height, (other.height - one.height) / steps
    turn, turned = one.rotation, (other.rotation - one.rotation) / steps
    for step in range(1, steps):
        yield (
            one.frame + step,
            x + dx * step,
            y + dy * step,
            wide + wider * step,
            high + higher * step,
            turn + turned * step,
        )


class Moving(Struct, frozen=True):
    """A track on its way to a table: what all of its rows begin with, and what its pixels are counted in."""

    split: str
    head: str
    track: Track
    size: Size | None


class FramesWriter:
    """Writes `frames.csv`, a row for each track and frame, and `ranges.csv`, a row for each stretch of a timeline.

    With a split, `train_frames.csv` and so on. x, y, width and height are of the box as it was drawn, in percent of the
    video's sides, rotation in degrees about its corner x, y; `_px` in pixels, where the size of the video is known.

    Options:
        table: "csv", or "jsonl" for lines of JSON.
        size: width and height of the videos in pixels, for those whose annotations do not say it.
    """

    OPTIONS: ClassVar[dict[str, Any]] = {"table": "csv", "size": None}
    MEDIA = "videos"

    def __init__(self, context: Context) -> None:
        if context.own["table"] not in get_args(Table):
            raise InvalidInput(f'table is {context.own["table"]!r}; it is "csv" or "jsonl".')
        self._csv = context.own["table"] == "csv"
        self._end = "csv" if self._csv else "jsonl"
        self._size = size_from(context.own["size"])
        self._name = context.shown.name if context.shown is not None else ""
        self._splits = tuple(name for name, _ in context.options.split) or ("",)

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """Keyframes and ranges; rows of frames are only made when they are written, for there may be very many."""
        tracks: list[Moving] = []
        ranges: list[tuple[str, str]] = []
        for sample in samples:
            media = video_of(sample, self._name, report)
            if media is None:
                continue
            regions = 0
            for annotation in sample.annotations:
                answers_left_out(annotation, sample, report)
                for region in annotation.regions:
                    reason = self._row(region, annotation, media, sample, tracks, ranges)
                    if reason:
                        report.leave_out(reason, sample.id, sample.index, annotation=annotation.id, region=region.id)
                    else:
                        regions += 1
            counted(report, len(sample.annotations), regions)
        return Part(rows=(tracks, ranges))

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Write the rows of each frame as they are made, and the ranges after them."""
        lines = _csv_lines if self._csv else _json_lines
        with ExitStack() as stack:
            streams: dict[str, IO[bytes]] = {}
            ranges: dict[str, IO[bytes]] = {}
            for split in self._splits:
                streams[split] = stack.enter_context(output.open(self._file("frames", split)))
                ranges[split] = stack.enter_context(output.spool())
                if self._csv:
                    streams[split].write(_FRAMES.encode())
                    ranges[split].write(_RANGES.encode())
            empty = len(_RANGES) if self._csv else 0
            for part in parts:
                tracks, some = part.rows
                for one in tracks:
                    rows = lines(one)
                    while text := "".join(islice(rows, _AT_ONCE)):
                        streams[one.split].write(text.encode("utf-8", "replace"))
                for split, text in some:
                    ranges[split].write(text.encode("utf-8", "replace"))
            for split, stream in ranges.items():
                if (size := stream.tell()) > empty:
                    stream.seek(0)
                    output.copy(self._file("ranges", split), stream, size)

    def _file(self, name: str, split: str) -> str:
        return f"{split}_{name}.{self._end}" if split else f"{name}.{self._end}"

    def _row(
        self,
        region: Region,
        annotation: Annotation,
        media: Media,
        sample: Sample,
        tracks: list[Moving],
        ranges: list[tuple[str, str]],
    ) -> str:
        """Add a region's rows; or why it has none."""
        shape = region.shape
        if not isinstance(shape, (Track, Frames)):
            return NO_TRACK
        if region.object != media.object:
            return ELSEWHERE
        about = (sample.id, annotation.id, media.name or media.url, region.id, "|".join(region.labels))
        head = ",".join(map(_cell, about)) if self._csv else _opening(about)
        if isinstance(shape, Track):
            if is_too_long(shape):
                return TOO_LONG
            tracks.append(Moving(sample.split, head, shape, region.size or self._size))
        elif self._csv:
            ranges += [(sample.split, f"{head},{start},{end}\n") for start, end in shape.ranges]
        else:
            ranges += [(sample.split, f'{head},"start":{start},"end":{end}}}\n') for start, end in shape.ranges]
        return ""


_ABOUT = ("task", "annotation", "video", "region", "label")
_FRAMES = f"{','.join(_ABOUT)},frame,x,y,width,height,rotation,x_px,y_px,width_px,height_px\n"
_RANGES = f"{','.join(_ABOUT)},start,end\n"


def _csv_lines(one: Moving) -> Iterator[str]:
    head = one.head
    if one.size is None:
        for frame, x, y, width, height, turn in frames(one.track):
            yield f"{head},{frame},{x:.4f},{y:.4f},{width:.4f},{height:.4f},{turn:.4f},,,,\n"
        return
    wide, high = one.size[0] / 100, one.size[1] / 100
    for frame, x, y, width, height, turn in frames(one.track):
        pixels = f"{x * wide:.2f},{y * high:.2f},{width * wide:.2f},{height * high:.2f}"
        yield f"{head},{frame},{x:.4f},{y:.4f},{width:.4f},{height:.4f},{turn:.4f},{pixels}\n"


def _json_lines(one: Moving) -> Iterator[str]:
    wide, high = (one.size[0] / 100, one.size[1] / 100) if one.size is not None else (0.0, 0.0)
    for frame, x, y, width, height, turn in frames(one.track):
        line = (
            f'{one.head},"frame":{frame},"x":{x:.4f},"y":{y:.4f},"width":{width:.4f},"height":{height:.4f}'
            f',"rotation":{turn:.4f}'
        )
        if one.size is not None:
            line += f',"x_px":{x * wide:.2f},"y_px":{y * high:.2f}'
            line += f',"width_px":{width * wide:.2f},"height_px":{height * high:.2f}'
        yield line + "}\n"


def _cell(value: Any) -> str:
    said = "" if value is None else str(value)
    if any(mark in said for mark in ',"\r\n'):
        return '"' + said.replace('"', '""') + '"'
    return said


def _opening(about: Sequence[int | str | None]) -> str:
    pairs = zip(_ABOUT, about, strict=True)
    said = {name: quoted(one) if isinstance(one, str) else "null" if one is None else str(one) for name, one in pairs}
    return "{" + ",".join(f'"{name}":{one}' for name, one in said.items())
