"""The manifest of speech recognition: a line of JSON for each clip or stretch, with what is said in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ..errors import InvalidInput
from ..files.sources import texts
from ..label_config import Control, LabelConfig, audio
from .batch import Context, Part, counted, decoded
from .by_split import Lines
from .images import ANSWER, RELATION
from .json_tasks import json_text
from .media import member
from .model import Annotation, Media, Region, Reply, Sample, Text
from .report import Report
from .schema import Schema
from .shapes import Segment

NO_SOUND = "a task without a sound"
NO_WORDS = "a task without a transcription"
SILENT = "a segment without a transcription"
NOT_A_SEGMENT = "a region that is no segment of the sound"
NO_PATH = "a line without an audio_filepath"
NO_SEGMENT = "a segment without a duration, or for which the configuration has no control"

UNKNOWN_LENGTH = "Nobody says how long some of the clips are; their duration is null."

KINDS = ("audio", "audioplus")


class AsrWriter(Lines):
    """Writes `manifest.json`, or with a split `train_manifest.json` and so on, for NeMo and alike.

    A clip that is transcribed as a whole is a line with audio_filepath, duration, text and annotator. A segment with a
    transcription of its own is one with offset, duration and label besides. Where media come along, they are in
    `audio`, as the paths say; else the path is the address that the task has.

    Options:
        transcription: the name of the control that has the transcriptions, where there are several; by default the
            first one of the configuration, of clips and of segments each.
        label: the key of a segment's labels, such as "speaker".
    """

    OPTIONS: ClassVar[dict[str, Any]] = {"transcription": None, "label": "label"}
    MEDIA = "audio"
    whole = "manifest.json"
    of_split = "{}_manifest.json"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        shown = context.shown
        self._name = shown.name if shown is not None else ""
        self._key = context.own["label"]
        self._source = context.options.source
        self._with_media = context.with_media
        wanted = context.own["transcription"]
        own = [
            one
            for one in context.schema.controls.values()
            if one.type == "textarea" and self._name in one.objects and wanted in (None, one.name)
        ]
        if wanted is not None and not own:
            raise InvalidInput(f"There is no <TextArea> {wanted!r} for {self._name or 'a sound'}; name another one.")
        self._controls = [one.name for one in own]

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """The lines, by split."""
        lines: list[tuple[str, str]] = []
        for sample in samples:
            media = sample.media.get(self._name) or next(
                (one for one in sample.media.values() if one.kind in KINDS), None
            )
            if media is None:
                report.leave_out(NO_SOUND, sample.id, sample.index)
                continue
            regions = 0
            found: list[dict[str, Any]] = []
            for annotation in sample.annotations:
                there, segments = self._lines(annotation, media, sample, report)
                found += there
                regions += segments
            if not found:
                report.leave_out(NO_WORDS, sample.id, sample.index)
                continue
            lines += [(sample.split, json_text(line).decode() + "\n") for line in found]
            counted(report, len(sample.annotations), regions)
        return self.part(lines)

    def _lines(
        self, annotation: Annotation, media: Media, sample: Sample, report: Report
    ) -> tuple[list[dict[str, Any]], int]:
        """The lines of an annotation, and how many of them are segments."""

        def leave_out(reason: str, region: str | None, detail: str = "") -> None:
            report.leave_out(reason, sample.id, sample.index, annotation=annotation.id, region=region, detail=detail)

        of_clip = self._said([one for one in annotation.replies if one.region is None])
        of_regions: dict[str, list[Reply]] = {}
        for reply in annotation.replies:
            if reply.region is not None:
                of_regions.setdefault(reply.region, []).append(reply)
        used = {id(of_clip)}
        path = member(self.MEDIA, sample.split, media.name) if self._with_media else media.url
        who = annotation.email or annotation.by
        by = "" if who is None else str(who)
        found: list[dict[str, Any]] = []
        if of_clip is not None:
            length = self._length(sample)
            if length is None:
                report.note(UNKNOWN_LENGTH)
            found.append({"audio_filepath": path, "duration": length, "text": _words(of_clip), "annotator": by})
        segments = 0
        for region in annotation.regions:
            shape = region.shape
            if not isinstance(shape, Segment) or isinstance(shape.start, str) or isinstance(shape.end, str):
                leave_out(NOT_A_SEGMENT, region.id)
                continue
            said = self._said(of_regions.get(region.id, ()))
            if said is None or shape.end <= shape.start:
                leave_out(SILENT, region.id, ", ".join(region.labels))
                continue
            used.add(id(said))
            segments += 1
            line = {
                "audio_filepath": path,
                "offset": shape.start,
                "duration": round(float(shape.end) - float(shape.start), 6),
                "text": _words(said),
                "annotator": by,
            }
            if region.labels:
                line[self._key] = ", ".join(region.labels)
            if shape.channel is not None:
                line["channel"] = shape.channel
            found.append(line)
        for reply in annotation.replies:
            if id(reply) not in used:
                leave_out(ANSWER, reply.region, reply.control)
        for one in annotation.relations:
            leave_out(RELATION, None, f"{one.source} to {one.target}")
        return found, segments

    def _said(self, replies: Sequence[Reply]) -> Reply | None:
        """The transcription among answers: that of the first control; without a configuration, the first text."""
        there = [one for one in replies if isinstance(one.answer, Text) and any(one.answer.lines)]
        if not self._controls:
            return there[0] if there else None
        by_control = {one.control: one for one in reversed(there)}
        return next((by_control[name] for name in self._controls if name in by_control), None)

    def _length(self, sample: Sample) -> float | None:
        """How long the clip is, in seconds, as its results say."""
        for one in sample.raw.get(self._source) or ():
            result = one.get("result") if isinstance(one, Mapping) else None
            for item in result if isinstance(result, list) else ():
                length = item.get("original_length") if isinstance(item, Mapping) else None
                if isinstance(length, (int, float)) and 0 < length < 1e9:
                    return float(length)
        return None


def _words(reply: Reply) -> str:
    """What is said, on one line: a manifest's reader takes a text of any kind, but trains on words."""
    lines = reply.answer.lines if isinstance(reply.answer, Text) else ()
    return " ".join(" ".join(lines).split())


class AsrReader:
    """Reads a manifest: each clip with its transcription, or with its segments and theirs."""

    def __init__(self, place: Path, report: Report, *, config: LabelConfig | None = None, label: str = "label") -> None:
        self._files = _manifests(place)
        if not self._files:
            raise InvalidInput(f"{place} holds no manifest.json.")
        self._report = report
        self._label = label
        if config is None:
            config = self._config()
        schema = Schema(config)
        shown = next(iter(schema.shows(KINDS)), None)
        if shown is None:
            raise InvalidInput("The configuration shows no sound; give one with an <Audio>, or none.")
        self.config = config
        self._shown = shown
        own = [one for one in schema.controls.values() if shown.name in one.objects]
        asked = [one for one in own if one.type == "textarea"]
        self._whole = next((one.name for one in asked if not one.per_region), None)
        self._part = next((one.name for one in asked if one.per_region), self._whole)
        self._whole = self._whole or self._part
        self._segments = next((one.name for one in own if one.type == "labels"), None)

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether this is a manifest, or a folder with one."""
        try:
            line = next((decoded(item) for file in _manifests(place) for item in texts(file, format="jsonl")), None)
        except (ValueError, RecursionError):
            return False
        return isinstance(line, dict) and isinstance(line.get("audio_filepath"), str)

    def samples(self) -> Iterator[Sample]:
        """The clips, in the order of the lines; lines of one clip that follow one another are its segments."""
        path: str | None = None
        found: list[Mapping[str, Any]] = []
        index = 0
        for line in self._lines(self._report):
            if line["audio_filepath"] != path and path is not None:
                yield self._sample(index, path, found)
                found = []
                index += 1
            path = line["audio_filepath"]
            found.append(line)
        if path is not None:
            yield self._sample(index, path, found)

    def _lines(self, report: Report | None) -> Iterator[Mapping[str, Any]]:
        items = (item for file in self._files for item in texts(file, format="jsonl"))
        for number, item in enumerate(items):
            try:
                line = decoded(item)
            except (ValueError, RecursionError):
                line = None
            if isinstance(line, dict) and isinstance(line.get("audio_filepath"), str):
                yield line
            elif report is not None:
                report.leave_out(NO_PATH, None, number)

    def _config(self) -> LabelConfig:
        """A configuration for clips, for segments, or for both."""
        labels: dict[str, None] = {}
        parts = whole = False
        for line in self._lines(None):
            if _number(line.get("offset")) is None:
                whole = True
                continue
            parts = True
            if isinstance(label := line.get(self._label), str) and label:
                labels[label] = None
        if not parts:
            return audio(transcription=True)
        name = "whole_transcription"
        more = [Control("TextArea", name=name, rows=2, editable=True)] if whole else []
        return audio(*more, segments=list(labels) or ["Speech"], transcription=True)

    def _sample(self, index: int, path: str, lines: Sequence[Mapping[str, Any]]) -> Sample:
        report = self._report
        report.tasks_in += 1
        report.annotations_in += 1
        shown = self._shown
        regions: list[Region] = []
        replies: list[Reply] = []
        for line in lines:
            start, length = _number(line.get("offset")), _number(line.get("duration"))
            said = line.get("text")
            answer = Text((said,)) if isinstance(said, str) else None
            if start is None:
                if answer is not None and self._whole is not None:
                    replies.append(Reply(self._whole, shown.name, "textarea", answer))
                continue
            report.regions_in += 1
            if length is None or self._segments is None:
                report.leave_out(NO_SEGMENT, None, index, detail=f"at {start:g}")
                continue
            given = line.get(self._label)
            channel = line.get("channel")
            region = Region(
                f"s{len(regions)}",
                self._segments,
                shown.name,
                "labels",
                Segment(start, round(start + length, 6), channel if type(channel) is int else None),
                (given,) if isinstance(given, str) and given else (),
            )
            regions.append(region)
            if answer is not None and self._part is not None:
                replies.append(Reply(self._part, shown.name, "textarea", answer, region.id))
        annotation = Annotation(regions=tuple(regions), replies=tuple(replies))
        counted(report, 1, len(regions))
        media = Media(shown.name, shown.key, shown.type, path, path.rpartition("/")[2])
        return Sample(None, index, {shown.key: path}, {shown.name: media}, (annotation,))


def _manifests(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted(file for file in place.glob("*manifest.json*") if file.is_file())
    return [place] if place.is_file() and (place.suffix == ".jsonl" or "manifest" in place.name) else []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and 0 <= value < 1e9 else None
