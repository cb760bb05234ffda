"""From tasks to a format: the source is read once, in batches, and never held as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias

from msgspec.structs import replace

from ..errors import InvalidInput
from ..files.opening import located
from ..files.sources import texts
from ..label_config import LabelConfig
from .batch import Batches, Job, Part, Record, shown_of
from .inferring import GUESSED, with_config
from .media import FILES, Find, Waiting, finder, located_in
from .options import Choice, Options, classes_of, shares_of
from .output import Output
from .pages import Pages
from .records import Head, Headings, Naming, batched
from .registry import Format, find
from .report import Report
from .schema import Schema, Shown
from .workers import LOOKS, MOST, Workers

Tasks: TypeAlias = Iterable[Any] | str | PathLike[str]
Config: TypeAlias = LabelConfig | str | PathLike[str]
OnReport: TypeAlias = Callable[[Report], None]

BATCH_BYTES = 1 << 18
BATCH_TASKS = 500
"""A batch ends with the task that reaches one of these."""

MOST_WORKERS = 64

WORTH_IT = 2 << 20
"""Bytes of input from which other processes do more than their start costs."""


def convert(
    source: Tasks,
    /,
    format: str,
    path: str | PathLike[str],
    *,
    config: Config | None = None,
    with_media: str | PathLike[str] | Find | None = None,
    overwrite: bool = False,
    progress: OnReport | None = None,
    workers: int | None = None,
    **choice: Any,
) -> Report:
    """Tasks as Label Studio writes them, in another format.

    Args:
        source: tasks, as dicts or as the bytes of their JSON; or the path or fsspec URL of a JSON or JSON Lines file.
        format: one of `labelwire.formats.FORMATS`, or a name that the official exporter has for it.
        path: a folder, or a .zip, .tar or .tar.gz; for formats of one file, that file; here or at an fsspec URL.
        config: the project's labeling configuration, as XML or the path of its file. Without it, a format that needs
            one reads the tasks twice, and takes the objects, controls and labels that their results name.
        with_media: a folder of the media files, which are copied into the output; or a function that says where the
            file of an address is. `client.exports.dataset(…, with_media=True)` fetches them.
        overwrite: whether what is there already may be replaced.
        progress: is told the report so far, after each batch.
        workers: processes that work beside this one; by default one for each other processor, up to 3, and for a
            small input none.
        **choice: `labelwire.formats.Choice`, and the format's own options.

    Raises:
        InvalidInput: for what cannot be read, a format that there is not, one that does not fit the configuration,
            an option that it does not have, or a place where something is already. Nothing is written then.
    """
    begun = monotonic()
    media = None if with_media is None else finder(with_media)
    _workers(workers, source)  # what is wrong is said before anything is read
    _apart(source, path)
    with ExitStack() as stack:
        guessed = config is None and bool(find(format)[0].kinds)
        if guessed:
            source, config = stack.enter_context(with_config(source))
        conversion = Conversion(format, config=config, with_media=media is not None, **choice)
        report = conversion.run(source, path, find=media, overwrite=overwrite, progress=progress, workers=workers)
    if guessed:
        report.note(GUESSED)
    report.seconds = monotonic() - begun
    return report


class Conversion:
    """A conversion that is ready to be done: here, in several processes, or by an engine on many machines.

    It can be pickled. What an engine does with each partition of the tasks' JSON texts: `heads` of them all, from
    which `plan` makes names and splits in one place; then `part` of each, and at the end `write` of all the parts.

    Args and errors are those of `convert`; `with_media` is whether media files come along.
    """

    def __init__(self, format: str, *, config: Config | None = None, with_media: bool = False, **choice: Any) -> None:
        found, implied = find(format)
        options, own = _options(found, {**found.defaults, **implied, **choice})
        schema = Schema(config_of(config))
        classes = options.classes
        if classes is None:
            classes = tuple((name, number) for number, name in enumerate(schema.classes()))
        self.format = found
        self.options = options
        self.job = Job(found.name, schema.xml if schema else "", options, classes, own, with_media=with_media)
        shown = _fitting(found, schema, options)
        if with_media and (shown is None or shown.type not in FILES):
            unknown = bool(FILES.intersection(found.kinds)) and shown is None
            why = "a config has to say which there are" if unknown else "its output has no place for them"
            raise InvalidInput(f"{found.title} cannot be had with media: {why}.")
        pages = Pages(schema, shown if found.pages else None, options.media)
        self._headings = Headings(shown, options, pages, urls=with_media)
        self._here = Batches(self.job)  # what does not fit is an error before anything is written

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_here"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._here = Batches(self.job)

    def run(
        self,
        source: Tasks,
        path: str | PathLike[str],
        *,
        find: Find | None = None,
        overwrite: bool = False,
        progress: OnReport | None = None,
        workers: int | None = None,
    ) -> Report:
        """Do it here; `find` says where the file of an address is, if media come along."""
        begun = monotonic()
        count = _workers(workers, source)
        with self.output(path, overwrite=overwrite) as output:
            report = self.join(self.parts(source, count, output, find), output, progress=progress)
        report.seconds = monotonic() - begun
        return report

    def heads(self, texts: Iterable[bytes]) -> list[Head]:
        """What the names and splits of these tasks depend on."""
        return [self._headings.head(text) for text in texts]

    def plan(self, heads: Iterable[Iterable[Head]]) -> Iterator[list[Record]]:
        """Index, name and split of each task, by partition; their texts are empty."""
        naming = Naming(self.options, stems=self.format.stems)
        for some in heads:
            yield [naming.record(head, b"") for head in some]

    def part(self, texts: Iterable[bytes], planned: Iterable[Record] | None = None) -> Part:
        """The part of the output that these tasks become: a pure function of them and their plan."""
        if planned is None:
            (planned,) = self.plan([self.heads(texts := list(texts))])
        records = (replace(record, text=text) for record, text in zip(planned, texts, strict=True))
        return self._here.part(records)

    def write(self, parts: Iterable[Part], path: str | PathLike[str], *, overwrite: bool = False) -> Report:
        """Write the parts, in the order of the tasks."""
        begun = monotonic()
        with self.output(path, overwrite=overwrite) as output:
            report = self.join(parts, output)
        report.seconds = monotonic() - begun
        return report

    def output(self, path: str | PathLike[str], *, overwrite: bool = False) -> Output:
        """Where it is to be written."""
        return Output(path, single=self.format.suffix, overwrite=overwrite)

    def addresses(self, source: Tasks) -> Iterator[tuple[int | None, str]]:
        """The addresses of each task's media with the task's id, where media come along."""
        media, heads = self.job.with_media, map(self._headings.head, texts(source))
        return ((head.id, one.url) for head in heads for one in (head.pages or (head,)) if one.url and media)

    def parts(self, source: Tasks, workers: int, output: Output, find: Find | None = None) -> Iterator[Part]:
        """The parts that a source becomes; in a folder, their files are written already."""
        naming = Naming(self.options, stems=self.format.stems)
        records = (naming.record(self._headings.head(text), text) for text in texts(source))
        if find is not None:
            records = (located_in(find, record) for record in records)
        batches = batched(records, BATCH_BYTES, BATCH_TASKS)
        job = self.job if output.folder is None else replace(self.job, folder=os.fspath(output.folder))
        if workers == 0:
            yield from map(Batches(job).part, batches)
            return
        with Workers(job, workers) as pool:
            yield from pool.parts(batches)

    def join(self, parts: Iterable[Part], output: Output, *, progress: OnReport | None = None) -> Report:
        """Write the parts to an output."""
        report = Report(format=self.format.name, place=output.place)
        begun = monotonic()

        def told(media: Waiting) -> Iterator[Part]:
            for part in parts:
                media.add(part.media)
                report.add(part.report)
                for name, content in part.files:
                    output.write(name, content)
                report.files -= len(part.files)  # the output counts them too
                yield part
                if progress is not None:
                    report.seconds = monotonic() - begun
                    progress(report)

        with output.spool() as spool:
            media = Waiting(spool)
            self._here.writer.join(told(media), output, report)
            media.copy(output, report)
        report.files += output.count
        return report


def config_of(given: Config | None) -> LabelConfig | None:
    """A configuration from its XML, or from the file that holds it.

    Raises:
        InvalidInput: where there is no such file, or it holds something else.
    """
    if given is None or isinstance(given, LabelConfig):
        return given
    if isinstance(given, str) and given.lstrip()[:1] == "<":
        return LabelConfig.parse(given)
    with located(given).open() as stream:
        return LabelConfig.parse(stream.read())


def _options(found: Format, asked: Mapping[str, Any]) -> tuple[Options, dict[str, Any]]:
    """The choices that all formats have, and the format's own.

    Raises:
        InvalidInput: for one that neither has.
    """
    common: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, value in asked.items():
        (common if name in Options.__struct_fields__ else rest)[name] = value
    common["classes"] = classes_of(common.get("classes"))
    common["split"] = shares_of(common.get("split"))
    known: Mapping[str, Any] = getattr(found.load("writer"), "OPTIONS", {})
    if unknown := set(rest) - set(known):
        there = ", ".join((*Choice.__annotations__, *known))
        raise InvalidInput(f"{found.title} has no option {min(unknown)!r}; there are: {there}.")
    return Options(**common), {**known, **rest}


def _fitting(found: Format, schema: Schema, options: Options) -> Shown | None:
    """The tag that the output is about.

    Raises:
        InvalidInput: where the configuration shows nothing of a kind that the format is about.
    """
    if not found.kinds or not schema:
        return None
    shown = shown_of(schema, found.kinds, options.media)
    if shown is not None:
        return shown
    there = ", ".join(f"{one.name} ({one.type})" for one in schema.objects.values()) or "nothing"
    wanted = f" of the name or key {options.media!r}" if options.media is not None else ""
    raise InvalidInput(f"{found.title} is about {' or '.join(found.kinds)}{wanted}; the configuration shows {there}.")


def _apart(source: Tasks, path: str | PathLike[str]) -> None:
    """Refuse a place that holds the source: it would be gone with what is overwritten."""
    if isinstance(source, (str, PathLike)) and Path(source).absolute().is_relative_to(Path(path).absolute()):
        raise InvalidInput(f"{os.fsdecode(path)} holds the tasks that are to be read; name another place.")


def _workers(wanted: int | None, source: Tasks) -> int:
    if wanted is not None:
        if type(wanted) is not int or not 0 <= wanted <= MOST_WORKERS:
            raise InvalidInput(f"workers is a number of processes from 0 to {MOST_WORKERS}, and not {wanted!r}.")
        return wanted
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    count = min(processors - 1, MOST) if LOOKS else min(processors, MOST)
    if processors < 2 or not isinstance(source, (str, PathLike)):
        return 0
    try:
        return count if os.stat(source).st_size >= WORTH_IT else 0  # noqa: PTH116 - maybe a URL
    except OSError:
        return 0
