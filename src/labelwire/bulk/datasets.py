"""Datasets out of a project and into one: conversions, with the server at one end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ..core.operation import Do, Flow, Operation, Reply, Request
from ..data_manager import FilterSet
from ..errors import InvalidInput, LabelwireError
from ..formats import Report, read
from ..formats.converting import Conversion
from ..formats.dataset import format_at
from ..formats.media_cache import Cache
from ..resources._fitting import configured
from ..resources.projects import Project, Projects
from .dataset_files import DatasetFiles, import_dataset_files
from .dataset_media import Shelf, fetch_media
from .importing import import_tasks
from .reading import saved
from .report import OnProgress, Progress
from .report import Report as Imported
from .wish import Wish

if TYPE_CHECKING:
    from ..formats.dataset import Dataset
    from ..label_config import LabelConfig

SHORTEST = 3
"""Characters that the server wants a title to have."""


def export_dataset(
    project: int,
    *,
    format: str,
    path: str | PathLike[str],
    with_media: bool,
    config: LabelConfig | str | PathLike[str] | None,
    filters: FilterSet | None,
    view: int | None,
    overwrite: bool,
    cache: str | PathLike[str] | None,
    at_once: int,
    workers: int | None,
    progress: OnProgress | None,
    choice: Mapping[str, Any],
) -> Flow[Report]:
    """The flow behind `client.exports.dataset`."""
    begun = monotonic()
    with_media = with_media or format.upper().endswith("_WITH_IMAGES")  # so the official exporter's names say it
    wish = Wish(project, filters=filters, view=view)
    server, found = yield from _project(project)
    labels = config if config is not None else found.label_config or "<View/>"
    conversion = yield from Do(lambda: Conversion(format, config=labels, with_media=with_media, **choice))
    yield from Do(lambda: conversion.output(path, overwrite=overwrite))  # what is in its way is an error now

    def told(report: Report) -> None:
        if progress is not None:
            progress(Progress(report.tasks_in, None, monotonic() - begun))

    with tempfile.TemporaryDirectory(prefix="labelwire-") as folder:
        tasks = yield from saved(wish, Path(folder) / "tasks.json")
        find = None
        shelf = None
        if with_media:
            shelf = Shelf((yield from Do(lambda: Cache(cache))), server, project)
            find = shelf.find
        try:
            if shelf is not None:
                yield from fetch_media(shelf, conversion.addresses(tasks), at_once, progress)
            report = yield from Do(
                lambda: conversion.run(tasks, path, find=find, overwrite=overwrite, progress=told, workers=workers)
            )
        finally:
            if shelf is not None:
                shelf.cache.close()
    report.seconds = monotonic() - begun
    return report


class DatasetImport(Struct):
    """What became of a dataset.

    Attributes:
        project: the id of the project that it is in.
        format: what it was read as.
        read: what was read of it, and what was left out and why.
        imported: what was brought to the server.
    """

    project: int
    format: str
    read: Report
    imported: Imported

    @property
    def task_ids(self) -> list[int]:
        """The tasks' ids, in the order in which they were imported."""
        return self.imported.task_ids

    def __str__(self) -> str:
        left = [f"  left out, {count:,}: {reason}" for reason, count in self.read.counts.items()]
        return "\n".join([f"Project {self.project}, from {self.format}: {self.imported}", *left, *self.read.notes])


def import_dataset(
    project: int | None,
    path: str | PathLike[str],
    *,
    format: str | None,
    title: str | None,
    config: LabelConfig | str | PathLike[str] | None,
    ledger: str | PathLike[str] | None,
    progress: OnProgress | None,
    own: Mapping[str, Any],
) -> Flow[DatasetImport]:
    """The flow behind `client.imports.dataset`."""
    roots = [Path(images).expanduser()] if (images := own.get("images")) is not None else []
    place = Path(path).expanduser()
    embeds = (yield from Do(lambda: format_at(place, format))).embeds and "media_to" not in own
    with _media_folder(ledger if embeds else None) as taken:
        if embeds:
            own = {**own, "media_to": taken}
        if "media_to" in own:
            roots.append(Path(own["media_to"]).expanduser().absolute())
        reading = partial(read, path, format, **own)
        if project is None:
            return (yield from _into_new(reading, place, title, config, roots, ledger, progress))
        if title is not None:
            raise InvalidInput("A title is for a new project; this one has its own.")
        _, found = yield from _project(project)
        labels = config if config is not None else found.label_config
        if config is None and not configured(found).objects:
            raise InvalidInput(
                f"Project {project} has no labeling configuration yet: give it one, such as "
                "formats.read(path).config, or import without a project, which makes one."
            )
        dataset = yield from Do(lambda: reading(config=labels))
        return (yield from _import(project, dataset, place, roots, ledger, progress))


@contextmanager
def _media_folder(ledger: str | PathLike[str] | None) -> Iterator[Path]:
    """Where media go that are inside of a dataset's files; with a ledger beside it, for the call that goes on."""
    if ledger is None:
        with tempfile.TemporaryDirectory(prefix="labelwire-") as folder:
            yield Path(folder).absolute()
        return
    kept = Path(f"{fspath(ledger)}.media").expanduser().absolute()
    yield kept
    shutil.rmtree(kept, ignore_errors=True)  # not after an error: the next call goes on with them


def _into_new(
    reading: Callable[..., Dataset],
    place: Path,
    title: str | None,
    config: LabelConfig | str | PathLike[str] | None,
    roots: Sequence[Path],
    ledger: str | PathLike[str] | None,
    progress: OnProgress | None,
) -> Flow[DatasetImport]:
    """Into a project that is made for it, and that is gone again where that fails."""
    if ledger is not None:
        raise InvalidInput("A ledger is of one project: create the project, and give its id.")
    dataset = yield from Do(lambda: reading(config=config))
    made = yield from _create(dataset, title or place.absolute().stem)
    try:
        return (yield from _import(made, dataset, place, roots, None, progress))
    except Exception:
        with suppress(LabelwireError):  # the error at hand is what matters
            yield from Projects.delete(None, made)
        raise


def _import(
    project: int,
    dataset: Dataset,
    path: Path,
    roots: Sequence[Path],
    ledger: str | PathLike[str] | None,
    progress: OnProgress | None,
) -> Flow[DatasetImport]:
    files = DatasetFiles(dataset, [path if path.is_dir() else path.parent, *roots])
    try:
        yield from Do(files.begin)
        imported = Imported()
        if files.count:
            imported = yield from import_dataset_files(project, files, ledger=ledger, progress=progress)
        if files.others:
            more = yield from _others(project, files, None if files.count else ledger, progress)
            imported = _joined(imported, more)
    finally:
        files.close()
    return DatasetImport(project, dataset.format, dataset.report, imported)


def _others(
    project: int, files: DatasetFiles, ledger: str | PathLike[str] | None, progress: OnProgress | None
) -> Flow[Imported]:
    """The tasks that need no file."""
    return (yield from import_tasks(project, files.rest(), ledger=ledger, progress=progress))


def _joined(one: Imported, other: Imported) -> Imported:
    for name in ("created", "skipped", "annotation_count", "prediction_count", "requests", "doubts"):
        setattr(one, name, getattr(one, name) + getattr(other, name))
    one.task_ids += other.task_ids
    one.refused += other.refused
    one.notes += other.notes
    one.seconds += other.seconds
    return one


def _create(dataset: Dataset, title: str) -> Flow[int]:
    title = title.strip()[:50]
    if len(title) < SHORTEST:
        title = f"Dataset {title}".strip()
    made = yield from Projects.create(None, title=title, label_config=dataset.config.to_xml())
    return made.id


def _project(project: int) -> Flow[tuple[str, Project]]:
    """The server's own URL, and the project."""
    path = f"/api/projects/{project}/"

    def both(reply: Reply) -> tuple[str, Project]:
        return reply.url.partition(path)[0], Project.decode(reply)

    return (yield from Operation(Request("GET", path), both))
