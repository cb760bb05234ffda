"""Media files of any number, each uploaded once and made into one task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from contextlib import suppress
from os import PathLike
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from msgspec import Struct

from ..core.operation import Do, Flow, Operation, Request
from ..errors import ConnectionLost, InvalidInput, InvalidRequest, LabelwireError
from ..resources._fitting import configured
from ..resources.imports import into
from ..resources.projects import Project
from .doubt import LOST, patiently
from .importing import import_tasks
from .media_files import Attached, File, Incoming, Results, Supply, checked
from .media_shelf import Shelf
from .report import OnProgress, Progress, Refused, Report, interrupted
from .uploads import MARKERS, Cutter, Run, send, settle_earlier, tidy

if TYPE_CHECKING:
    from ..label_config import LabelConfig


class Target(Struct, frozen=True):
    """Where the files go: the server's own URL, and the data key whose value they become, alone or in a list."""

    project: int
    server: str
    key: str
    in_list: bool
    config: LabelConfig

    def data(self, stored: str) -> dict[str, Any]:
        """The data of the task of a file, as the server would write it."""
        address = urlsplit(self.server).path + "/data/" + quote(stored, safe="/~!*()'")
        return {self.key: [address] if self.in_list else address}


class Tasks(Struct):
    """The tasks of the files that are on the server, read off the shelf as they are sent."""

    target: Target
    shelf: Shelf

    def __len__(self) -> int:
        return self.shelf.count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for stored, name, results in self.shelf.stored():
            more, meta = results.pop("data", {}), results.pop("meta", {})
            yield {"data": {**more, **self.target.data(stored)}, **results, "meta": {"file_name": name, **meta}}


def import_files(
    project: int,
    paths: Iterable[File],
    *,
    annotations: Results | None,
    predictions: Results | None,
    data_key: str | None,
    ledger: str | PathLike[str] | None,
    progress: OnProgress | None,
) -> Flow[Report]:
    """The flow behind `client.imports.files`."""
    files = checked(paths)
    target = yield from target_of(project, data_key)
    attached = [
        ("annotations", Attached("annotations", annotations, target.config)),
        ("predictions", Attached("predictions", predictions, target.config)),
    ]
    total = len(files) if isinstance(files, Sized) else None
    return (yield from bring(project, target, Incoming(files, attached), total, ledger=ledger, progress=progress))


def bring(
    project: int,
    target: Target,
    incoming: Supply,
    total: int | None,
    *,
    ledger: str | PathLike[str] | None,
    progress: OnProgress | None,
) -> Flow[Report]:
    """Upload files, and make a task of each with what belongs to it."""
    begun = monotonic()
    yield from Do(incoming.check)
    shelf = yield from Do(lambda: Shelf(ledger, target.server, project))
    run = Run(project, shelf, Report())

    def told() -> None:
        run.report.seconds = monotonic() - begun
        if progress is not None:
            progress(Progress(cutter.seen, total, run.report.seconds))

    cutter = Cutter(incoming, run, shelf.lasting)
    try:
        yield from settle_earlier(run)
        while batch := (yield from Do(cutter.take)):
            yield from send(run, batch)
            told()
        made = yield from _tasks(run, target, ledger)
        made.refused += [Refused(-1, reason) for reason in incoming.unused()]
    except Exception as error:
        yield from _broken_off(run, error)
        raise
    else:
        try:
            yield from patiently(lambda: tidy(run))
        except LabelwireError as error:  # every task is there
            made.notes.append(f"Small files named {MARKERS[0]} and {MARKERS[1]} stay among the uploads: {error}")
    finally:
        shelf.close()
    told()
    return made


def target_of(project: int, data_key: str | None, *, others: bool = False) -> Flow[Target]:
    """The project's server, data key and labeling configuration, of one request.

    `others` is whether what comes with a file has the values of further data keys.
    """
    path = f"/api/projects/{project}/"
    read = Operation(Request("GET", path), lambda reply: (reply.url.partition(path)[0], Project.decode(reply)))
    server, found = yield from into(project, read)
    config = configured(found)
    shown = {tag.data_key: tag for tag in config.objects.values() if tag.data_key}
    if data_key is None:
        if len(shown) != 1:
            keys = ", ".join(repr(key) for key in shown) or "none"
            raise InvalidInput(
                f"The labeling configuration of project {project} has not one data key but {keys}: say which one the "
                "files are for, data_key='…'."
            )
        data_key, tag = next(iter(shown.items()))
        if tag.type in ("text", "hypertext") and tag.get("valueType") != "url":
            raise InvalidInput(
                f"<{tag.tag} name={tag.name!r}> of project {project} shows text, and no file. Bring the text with "
                f"client.imports.tasks, or say data_key={data_key!r} to show the file's address."
            )
    further = [key for key in shown if key != data_key]
    if further and not others:
        raise InvalidInput(
            f"A task of project {project} wants {', '.join(map(repr, further))} too, and a file is only its "
            f"{data_key!r}. Bring the files with client.imports.upload(…, commit_to_project=False), and then "
            "tasks that name them with client.imports.tasks."
        )
    in_list = data_key in shown and not shown[data_key].get("value")
    return Target(project, server, data_key, in_list, config)


def _tasks(run: Run, target: Target, ledger: str | PathLike[str] | None) -> Flow[Report]:
    """The report of the import that makes the tasks."""
    run.tasks_begun = True
    try:
        made = yield from import_tasks(run.project, Tasks(target, run.shelf), ledger=ledger)
    except LabelwireError as error:
        if isinstance(error.report, Report):
            _join(run, error.report)
        raise
    _join(run, made)
    return made


def _join(run: Run, made: Report) -> None:
    made.requests += run.report.requests
    made.doubts += run.report.doubts
    run.report = made


def _broken_off(run: Run, error: Exception) -> Flow[None]:
    """Take back what was done before the error, or say in it what stays."""
    report = run.report
    count = yield from Do(lambda: run.shelf.count)
    made = report.created
    said = ""
    if run.shelf.lasting:
        if isinstance(error, (InvalidInput, InvalidRequest)):
            with suppress(LabelwireError):  # the error at hand is what matters
                yield from tidy(run)
        if not made:
            said = f"{count:,} of its files are on the server: call again with the same ledger, and it goes on there."
    elif made or isinstance(error, ConnectionLost) or (run.tasks_begun and isinstance(error, LOST)):
        said = (
            f"{count:,} of its files stay on the server. With ledger='…' a further call goes on where this one broke "
            "off."
            if count and not made
            else ""  # what became of its tasks is open, or they are there: the error says so
        )
    else:
        try:
            yield from tidy(run, everything=True)
        except LabelwireError as later:
            said = f"{count:,} of its files could not be removed from the server again ({later.args[0]})."
        else:
            said = f"The {count:,} files that it had uploaded before were removed again." if count else ""
    if isinstance(error, LabelwireError):
        interrupted(error, report, said)
