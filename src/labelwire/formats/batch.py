"""A batch of records becomes a part of the output: a pure function, which runs in any process on any machine."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Protocol, TypeAlias

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from .building import task_of
from .choosing import chooser
from .media import NO_FILE, Medium, member, size_in
from .model import Sample
from .options import Options
from .output import inside, write_file
from .pages import Page, Pages, divided
from .parsing import NO_TASK, Parser
from .registry import FORMATS
from .report import Report
from .schema import Schema, Shown
from .seen import ImageId, Size

UNLABELED = "a task without an annotation that counts"

_decode = msgspec.json.Decoder().decode


class Record(Struct, frozen=True, array_like=True, gc=False):
    """A task on its way.

    Attributes:
        index: its place in the input.
        text: its JSON.
        name: the file name that its medium has in the output.
        split: where a split puts it.
        url: the address of its medium, if media come along.
        file: where that is on this machine; "" where it is not, and `missing` says why.
        pages: the images of a task with several, in place of all that.
    """

    index: int
    text: bytes
    name: str = ""
    split: str = ""
    url: str = ""
    file: str = ""
    missing: str = ""
    pages: tuple[Page, ...] = ()


class Short(Struct, frozen=True, gc=False):
    """A task that took a writer's short way."""

    id: int | None
    index: int
    page: ClassVar[None] = None


File: TypeAlias = tuple[str, bytes]
Taken: TypeAlias = list[tuple[Record, Sample | Short]]
ShortWay: TypeAlias = Callable[[bytes, int, str, str, Report], Short | None]
"""From a task's JSON, index, name and split to what a writer encodes; None for one that has to go the long way.

What it makes of a task counts as read in the report.
"""


class Part(Struct):
    """What a batch has become: whole files, what the writer has to join in order, and the media that belong to it."""

    files: list[File] = field(default_factory=list)
    rows: Any = None
    media: list[Medium] = field(default_factory=list)
    report: Report = field(default_factory=Report)


class Job(Struct, frozen=True):
    """All that a batch needs to know. It can be pickled.

    Attributes:
        format: its name in the registry.
        xml: the labeling configuration, "" where there is none.
        classes: the classes in their order, with their numbers.
        own: the format's own options.
        folder: where files are written at once; "" where the caller gets them.
        with_media: whether media files come along.
    """

    format: str
    xml: str
    options: Options
    classes: tuple[tuple[str, int], ...]
    own: Mapping[str, Any]
    folder: str = ""
    with_media: bool = False


class Context(Struct, frozen=True):
    """What a writer knows.

    Attributes:
        schema: the configuration.
        shown: the tag whose media the output is about; None where the format is not about media.
        numbers: the classes' numbers, in their order.
        options: what was asked for.
        own: the format's own options.
        with_media: whether media files come along, into the writer's folder `MEDIA`, "images" where it names none.
        objects: the names of the tags whose images become samples.
    """

    schema: Schema
    shown: Shown | None
    numbers: dict[str, int]
    options: Options
    own: Mapping[str, Any]
    with_media: bool = False
    objects: tuple[str, ...] = ()


class Writer(Protocol):
    """A format's writer.

    `encode` sees a batch and nothing else; `join` gets all parts, in the order of the input. What they write together
    must not depend on where batches begin and end. Both note in the report what they leave out and what they write
    (`tasks_out`, `annotations_out`, `regions_out`).

    A writer may have a `short` way of its own for the most usual tasks: what it makes of one is given to `encode` in
    place of a sample.

    Where media come along, the frame puts them to `member(MEDIA, split, name)`; without the split where the writer
    says `SPLITS_MEDIA = False`.
    """

    def __init__(self, context: Context) -> None: ...

    def encode(self, samples: Sequence[Any], report: Report) -> Part:
        """The part of the output that these samples become."""
        ...

    def join(self, parts: Iterable[Part], output: Any, report: Report) -> None:
        """Write the parts to the output."""
        ...


class Batches:
    """Does a job's batches."""

    def __init__(self, job: Job) -> None:
        self._job = job
        options = job.options
        self._schema = Schema(job.xml or None)
        found = FORMATS[job.format]
        shown = shown_of(self._schema, found.kinds, options.media) if found.kinds else None
        self._main = shown.name if shown is not None else ""
        self._parser = Parser(
            self._schema,
            predictions=options.source == "predictions",
            choose=chooser(options.annotations, options.by),
            main=self._main,
            skipped=options.skipped == "keep",
            raw=found.raw and options.annotations != "agreement",
        )
        self._raw = found.raw
        pages = Pages(self._schema, shown if found.pages else None, options.media)
        objects = tuple(one.name for one in pages.tags) or (self._main,)
        self.context = Context(self._schema, shown, dict(job.classes), options, job.own, job.with_media, objects)
        self.writer: Writer = found.load("writer")(self.context)
        self._short: ShortWay | None = getattr(self.writer, "short", None)
        self._images = shown is not None and shown.type == "image"
        self._made: set[str] = set()

    def part(self, records: Iterable[Record]) -> Part:
        """The part that these records become; its files are written already where the job names a folder."""
        with without_collecting():
            return self._part(records)

    def _part(self, records: Iterable[Record]) -> Part:
        report = Report()
        taken: Taken = [(record, one) for record in records if (one := self._sample(record, report)) is not None]
        several = any(record.pages for record, _ in taken)
        if several:
            taken = [pair for record, sample in taken for pair in self._divided(record, sample)]
        part = self.writer.encode([sample for _, sample in taken], report)
        if several or self._job.with_media:
            without = {(one.index, one.page) for one in report.left_out if one.is_task}
            taken = [(record, one) for record, one in taken if (one.index, one.page) not in without]
        if several:
            _count_once([one for _, one in taken if isinstance(one, Sample) and one.page is not None], report)
        if self._job.with_media:
            part.media = self._media(taken, report)
        report.files += len(part.files)
        part.report = report
        if self._job.folder:
            for name, content in part.files:
                self._write(name, content)
            part.files = []
        return part

    def _sample(self, record: Record, report: Report) -> Sample | Short | None:
        if self._short is not None:
            short = self._short(record.text, record.index, record.name, record.split, report)
            if short is not None:
                return short
        try:
            task = decoded(record.text)
        except (ValueError, RecursionError) as error:
            report.tasks_in += 1
            report.leave_out(NO_TASK, None, record.index, detail=str(error)[:200])
            return None
        sizes = self._sizes(record) if self._images and self._job.with_media else {}
        sample = self._parser.sample(task, record.index, report, name=record.name, split=record.split, sizes=sizes)
        if sample is None:
            return None
        if self._job.options.annotations == "agreement":
            from .agreement import agreed

            sample = agreed(sample, report)
            if self._raw:
                there = self._job.options.source
                sample = replace(sample, raw={**sample.raw, there: task_of(sample, self._schema)[there]})
        if not sample.annotations and self._job.options.unlabeled == "leave out":
            report.leave_out(UNLABELED, sample.id, sample.index)
            return None
        return sample

    def _sizes(self, record: Record) -> dict[ImageId, Size]:
        """Those of the images that are here."""
        files = [(page.file, page.ids) for page in record.pages] or [(record.file, ((self._main, 0),))]
        return {own: size for file, ids in files if file and (size := size_in(file)) is not None for own in ids}

    def _divided(self, record: Record, sample: Sample | Short) -> Taken:
        """Of a task with several images, a sample and a record for each."""
        if not record.pages or isinstance(sample, Short):
            return [(record, sample)]
        records = [replace(record, name=one.name, file=one.file, missing=one.missing) for one in record.pages]
        return [*zip(records, divided(sample, record.pages, self._main, self._sizes(record)), strict=True)]

    def _media(self, taken: Taken, report: Report) -> list[Medium]:
        """The media of the tasks that are written."""
        folder = getattr(self.writer, "MEDIA", "images")
        by_split = getattr(self.writer, "SPLITS_MEDIA", True)
        found = []
        for record, sample in taken:
            if record.file:
                split = record.split if by_split else ""
                found.append(Medium(member(folder, split, record.name), record.file, sample.id, sample.index))
            else:
                report.leave_out(NO_FILE, sample.id, sample.index, detail=record.missing, page=sample.page)
        return found

    def _write(self, name: str, content: bytes) -> None:
        inside(name)
        above = name.rpartition("/")[0]
        if above and above not in self._made:
            os.makedirs(f"{self._job.folder}/{above}", exist_ok=True)  # noqa: PTH103
            self._made.add(above)
        write_file(f"{self._job.folder}/{name}", content)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Without Python's search for cycles, which finds none here and is half of the time: all is freed by counting."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def decoded(text: bytes) -> Any:
    """The task. Exports written by Python may hold NaN, and text half a surrogate pair: read, not refused."""
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return json.loads(text)


def _count_once(pages: Iterable[Sample], report: Report) -> None:
    """A task whose images are samples counts once, and so do its annotations."""
    seen: set[int] = set()
    for one in pages:
        if one.index in seen:
            report.tasks_out -= 1
            report.annotations_out -= len(one.annotations)
        seen.add(one.index)


def shown_of(schema: Schema, kinds: Sequence[str], wanted: str | None) -> Shown | None:
    """The tag whose media an output is about: the wanted one, by its name or key, or the first of a fitting kind."""
    there = schema.shows(frozenset(kinds))
    if wanted is None:
        return there[0] if there else None
    return next((one for one in there if wanted in (one.name, one.key)), None)


def counted(report: Report, annotations: int, regions: int) -> None:
    """Note that a task is written with so many annotations, and so many of their regions."""
    report.tasks_out += 1
    report.annotations_out += annotations
    report.regions_out += regions
