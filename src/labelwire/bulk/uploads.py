"""Files brought into a project's storage, each exactly once.

The server keeps the files of a request in their order, one by one. So each request has a small text file of a name that
nothing else has before and after its files: with both of them there, the files between them are those of the request.
When an answer is lost, that tells whether it was applied. It tells too where the server stores files and then refuses
to make tasks of them, as it does with a labeling configuration of several data keys: the tasks are made elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import PurePath
from time import monotonic
from typing import Any

from msgspec import Struct

from ..core.operation import Do, Flow, Request, Sleep, Upload
from ..core.pager import gathered
from ..errors import InvalidInput, InvalidRequest, LabelwireError, ServerError, UnexpectedReply, certainly_not_applied
from ..resources.files import Files, FileUpload, stored_name
from ..resources.imports import MOST_FILES, finished, params_of
from . import doubt
from .marked import AT_ONCE
from .media_files import Media, Supply
from .media_shelf import Sending, Shelf
from .report import Report

MOST_BYTES = 16 << 20
"""Bytes of one request's files; a single file may be larger. The client's memory holds them three times."""

NEAR = 300
"""Ids after the highest one known in which new uploads are looked for before all are listed."""

TOO_MANY = "number of files exceeded"
"""What the server says to more files in one request than it is set to take."""

MARKERS = ("-begin.txt", "-end.txt")
"""How the names of the files end that stand before and after those of a request."""

Batch = Sequence[tuple[Media, Upload, dict[str, Any]]]
"""Files of one request, each with its content and its results."""


class Run(Struct):
    """An import under way. Times are seconds."""

    project: int
    shelf: Shelf
    report: Report
    most_files: int = MOST_FILES - len(MARKERS)
    most_bytes: int = MOST_BYTES
    highest: int | None = None
    slowest: float = 0.0
    doubted: float | None = None
    tasks_begun: bool = False


class Cutter:
    """Takes batches of files off the input, read, and leaves out those that an earlier run has brought."""

    def __init__(self, incoming: Supply, run: Run, earlier: bool) -> None:
        self._incoming = incoming
        self._files = iter(incoming)
        self._run = run
        self._earlier = earlier
        self._kept: Media | None = None
        self.seen = 0

    def take(self) -> Batch:
        """The next files; none when no more are left."""
        room = self._run.most_bytes
        taken: list[tuple[Media, Upload, dict[str, Any]]] = []
        while (media := self._next()) is not None:
            room -= media.size
            full = room < 0 or len(taken) >= self._run.most_files
            if taken and (full or media.position != taken[-1][0].position + 1):
                self._kept = media
                break
            taken.append((media, media.upload(), self._incoming.results_of(media)))
        self.seen += len(taken)
        return taken

    def _next(self) -> Media | None:
        kept, self._kept = self._kept, None
        if kept is not None:
            return kept
        for media in self._files:
            known = self._run.shelf.known(media.position) if self._earlier else None
            if known and known[:2] != (media.path, media.size):
                raise InvalidInput(
                    f"The input is not that of the ledger: file {media.position} was {known[0]!r} of {known[1]:,} "
                    f"bytes and is {media.path!r} of {media.size:,}. Give the same files, or another ledger."
                )
            if not known or known[2] is None:
                return media
            self.seen += 1
        return None


def settle_earlier(run: Run) -> Flow[None]:
    """Find out what became of requests whose answers an earlier run did not get."""
    for sending in (yield from Do(run.shelf.unsettled)):
        there = yield from doubt.patiently(partial(_fate, run, sending))
        yield from _settle(run, sending, there)


def send(run: Run, batch: Batch) -> Flow[None]:
    """These files, in as many requests as the server wants them in."""
    begun = monotonic()
    try:
        yield from _bring(run, batch)
    except (InvalidRequest, ServerError) as error:
        if not _too_large(error) or len(batch) == 1:
            raise _named(error, batch) from error.__cause__
        half = len(batch) // 2
        if TOO_MANY in str(error):
            run.most_files = max(half, 1)
        else:
            run.most_bytes = max(sum(media.size for media, _, _ in batch) // 2, 1)
        yield from send(run, batch[:half])
        yield from send(run, batch[half:])
        return
    run.slowest = max(run.slowest, monotonic() - begun)


def _bring(run: Run, batch: Batch) -> Flow[None]:
    """These files, in one request, exactly once."""
    tries = 0
    while True:
        mark = yield from Do(lambda: run.shelf.sending([(media, results) for media, _, results in batch]))
        sending = Sending(mark, batch[0][0].position, [media.name for media, _, _ in batch])
        there: Sequence[FileUpload] | None
        try:
            there = yield from _post(run, sending, batch)
        except InvalidRequest as error:
            there = (yield from _find(run, sending)) if error.status == 400 else None
            if there is None:
                yield from Do(partial(run.shelf.refused, mark))
                raise
        except doubt.LOST as error:
            if _too_large(error) or certainly_not_applied(error):
                yield from Do(partial(run.shelf.refused, mark))
                raise
            doubt.told(run.report, error)
            try:
                there = yield from doubt.patiently(partial(_fate, run, sending))
            except LabelwireError as later:
                raise error from later
            tries += doubt.cost(error)
            if there is None and tries >= doubt.TRIES:
                yield from _settle(run, sending, there)
                raise
        yield from _settle(run, sending, there)
        if there is not None:
            return
        yield from doubt.pause(tries)


def _post(run: Run, sending: Sending, batch: Batch) -> Flow[Sequence[FileUpload]]:
    """The uploads of one request, its markers included."""
    before, after = (Upload(f"{sending.mark}{end}", b"labelwire", "text/plain") for end in MARKERS)
    run.report.requests += 1
    path = f"/api/projects/{run.project}/import"
    uploads = [before, *(upload for _, upload, _ in batch), after]
    done = yield from finished(Request("POST", path, params_of((), commit_to_project=False), uploads=uploads))
    ids = done.file_upload_ids
    listed = (yield from _listed(run, ids)) if ids else (yield from _all(run))
    there = _between(listed, sending)
    if there is None:
        raise UnexpectedReply(f"Of {len(batch)} files the server has kept {max(len(ids or ()) - 2, 0)}.")
    return there


def _settle(run: Run, sending: Sending, there: Sequence[FileUpload] | None) -> Flow[None]:
    """Note what became of a request."""
    if there is None:
        run.doubted = monotonic()
        yield from Do(lambda: run.shelf.lost(sending.mark))
        return
    files = [(file.id, file.file or "") for file in there[1:-1]]
    markers = (there[0].id, there[-1].id)
    run.highest = max(run.highest or 0, markers[1])
    yield from Do(lambda: run.shelf.arrived(sending.mark, sending.first, markers, files))


def _fate(run: Run, sending: Sending) -> Flow[Sequence[FileUpload] | None]:
    """The uploads of a request whose answer was lost; None when they are not there, and are not to come."""
    looks = 0

    def look() -> Flow[tuple[Sequence[FileUpload] | None, bool]]:
        nonlocal looks
        looks += 1
        listed = yield from _all(run)
        there = _between(listed, sending)
        return there, there is not None or (looks > 1 and not any(_marks(file, sending.mark) for file in listed))

    return (yield from doubt.settled(look, doubt.patience(run.slowest)))


def _find(run: Run, sending: Sending) -> Flow[Sequence[FileUpload] | None]:
    if run.highest is not None:
        near = yield from _listed(run, range(run.highest + 1, run.highest + NEAR))
        if (there := _between(near, sending)) is not None:
            return there
    return _between((yield from _all(run)), sending)


def _listed(run: Run, ids: Iterable[int]) -> Flow[list[FileUpload]]:
    return (yield from gathered(Files.list(None, run.project, ids=[*ids])))


def _all(run: Run) -> Flow[list[FileUpload]]:
    return (yield from gathered(Files.list(None, run.project)))


def _marks(file: FileUpload, mark: str) -> bool:
    """Whether it is one of the markers of this attempt."""
    return file.name in (f"{mark}{MARKERS[0]}", f"{mark}{MARKERS[1]}")


def _between(listed: Iterable[FileUpload], sending: Sending) -> list[FileUpload] | None:
    """The markers and the files between them, or None where they are not all there and certainly ours."""
    files = sorted(listed, key=lambda file: file.id)
    places = [index for index, file in enumerate(files) if _marks(file, sending.mark)]
    if len(places) != len(MARKERS):
        return None
    inner = files[places[0] + 1 : places[1]]
    if len(inner) > len(sending.names):  # the same user is uploading something else too
        names = [stored_name(name) for name in sending.names]
        inner = [file for file in inner if file.name in names]
        if [file.name for file in inner] != names:
            return None
    return [files[places[0]], *inner, files[places[1]]] if len(inner) == len(sending.names) else None


def _too_large(error: LabelwireError) -> bool:
    """Whether the server says that there was too much in one request; then it has kept nothing of it."""
    said = str(error)
    return getattr(error, "status", 0) == 413 or TOO_MANY in said or "Maximum total size" in said


def _named(error: InvalidRequest | ServerError, batch: Batch) -> LabelwireError:
    """The error, with the paths of the files that it is about, as far as the server says."""
    found = re.search(r"(\S*) extension is not supported", str(error))
    about = [media for media, _, _ in batch if found and PurePath(media.name).suffix.lower() == found[1].lower()]
    if not about and len(batch) == 1:
        about = [batch[0][0]]
    if about:
        shown = ", ".join(repr(media.path) for media in about[:3])
        more = f" and {len(about) - 3} more" if len(about) > 3 else ""
        error.args = (f"{error.args[0]}\nIt is about {shown}{more}.", *error.args[1:])
    return error


def tidy(run: Run, *, everything: bool = False) -> Flow[None]:
    """Remove the markers, and what attempts that were given up have left after all.

    Args:
        everything: also the files themselves, which no task shows.
    """
    ours = yield from Do(run.shelf.markers)
    doubtful = yield from Do(run.shelf.doubtful)
    if doubtful:
        if run.doubted is not None:
            yield from Sleep(max(run.doubted + doubt.LATE - monotonic(), 0.0))
        listed = yield from _all(run)
        for sending in doubtful:
            ours += [file.id for file in _between(listed, sending) or ()]
            ours += [file.id for file in listed if _marks(file, sending.mark)]
    if everything:
        ours += yield from Do(run.shelf.uploads)
    ours = sorted(set(ours))
    for start in range(0, len(ours), AT_ONCE):
        yield from Files.delete_many(None, run.project, ids=ours[start : start + AT_ONCE])
    yield from Do(run.shelf.tidied)
