"""Many files, downloaded side by side, and gone on with where an earlier call was interrupted.

Each file is asked for in pieces that take some seconds each. Only a piece that has come whole counts, with the length
and the validators that its own answer gave: so what was kept of a file always belongs to one version of it. Without a
range Label Studio does not say how long an upload is, and half of one would look whole.
"""

from __future__ import annotations

import io
import json
import mimetypes
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sized
from hashlib import blake2b
from itertools import islice
from os import PathLike
from pathlib import Path
from time import monotonic
from typing import Any

from msgspec import Struct, field
from msgspec.structs import asdict

from ..core.operation import Do, Flow, Operation, Reply, Request, Together
from ..errors import (
    ConnectionLost,
    InvalidInput,
    InvalidRequest,
    LabelwireError,
    ServerError,
    Unauthorized,
    UnexpectedReply,
)
from ..files.names import OURS, Names, name_in
from ..resources.files import place_of
from .report import OnProgress, Progress, Refused

FIRST = 8 << 20
"""Bytes of a file's first piece; most files have no second."""

SECONDS = 10.0
"""How long a piece shall take: what is lost with a connection at the most."""

TRIES = 5
"""How often in a row a piece may break off."""

WINDOW = 16
"""Files for each of those at once that are taken off the input together."""

NOTES = f"{OURS}downloads.jsonl"
"""The file that says what is in the folder already, while not all is."""

UPLOADS = "/data/upload/"
"""Where uploads are. Their names on the server are given once, so that one name is always one content."""

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)$")


class Downloads(Struct):
    """What came of a download of many files.

    Attributes:
        paths: where each file is, in the order of the input; None for one that could not be had.
        refused: which those are, and why.
        there_already: how many an earlier call had brought.
        size: bytes that were received.
        seconds: how long it took.
    """

    paths: list[Path | None] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    there_already: int = 0
    size: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        here = sum(path is not None for path in self.paths)
        text = f"{here:,} files are here, {self.size:,} bytes received in {self.seconds:.1f} s"
        text += f"; {self.there_already:,} were there already" if self.there_already else ""
        text += f"; {len(self.refused):,} could not be had." if self.refused else "."
        for refusal in self.refused[:5]:
            text += f"\n  file {refusal.position}: {refusal.reason}"
        return text + (f"\n  and {len(self.refused) - 5:,} more in .refused" if len(self.refused) > 5 else "")


class Note(Struct):
    """What is here of a file: its place, its name in the folder, its bytes, its length and its validators."""

    place: str
    name: str
    here: int = 0
    total: int | None = None
    tag: str = ""
    modified: str = ""
    done: bool = False


class Notes:
    """What is in a folder of downloads, written down while it is not complete."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NOTES
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], Note] = {}
        with self.path.open("a+", encoding="utf-8") as file:
            file.seek(0)
            for line in file:
                try:
                    note = Note(**json.loads(line))
                except (ValueError, TypeError):
                    continue  # the line at which an earlier call was killed
                self._found[note.place, note.name] = note

    def of(self, place: str, name: str) -> Note:
        """What is here of this file under this name."""
        return self._found.get((place, name)) or Note(place, name)

    def write(self, note: Note) -> None:
        """Write down how far a file is."""
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(note)) + "\n")

    def remove(self) -> None:
        """Everything is here."""
        self.path.unlink(missing_ok=True)


class Rest(io.FileIO):
    """What a file lacks yet: for a request that begins anew, its start is where the file ended before."""

    def __init__(self, path: Path, start: int) -> None:
        super().__init__(path, "r+" if path.exists() else "w+")
        self.start = start
        self.seek(0)
        self.truncate()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place within the rest."""
        return super().seek(self.start + offset if whence == 0 else offset, whence) - self.start


class Piece(Struct, frozen=True):
    """What an answer said of a piece: whether it is one, where it begins and ends, and of what."""

    status: int
    start: int
    end: int
    total: int
    tag: str
    modified: str


class Work(Struct):
    """A download under way. `reached` is whether the server itself gave any of the files taken last."""

    folder: Path
    notes: Notes
    result: Downloads
    progress: OnProgress | None
    total: int | None
    begun: float
    lock: Any = field(default_factory=threading.Lock)
    speed: float = 0.0
    done: int = 0
    reached: bool = False

    def told(self) -> None:
        """Say that one more file is settled."""
        with self.lock:
            self.done += 1
            self.result.seconds = monotonic() - self.begun
            if self.progress is not None:
                self.progress(Progress(self.done, self.total, self.result.seconds))

    def received(self, size: int, seconds: float) -> None:
        """Count bytes, and learn how fast they came."""
        with self.lock:
            self.result.size += size
            self.speed = size / max(seconds, 1e-3)


def download_files(
    files: Iterable[str], *, path: str | PathLike[str], at_once: int, progress: OnProgress | None
) -> Flow[Downloads]:
    """The flow behind `client.files.download_many`."""
    if isinstance(files, (str, bytes)):
        raise InvalidInput("Files come as a list of addresses; for a single one there is client.files.download.")
    if not isinstance(at_once, int) or at_once < 1:
        raise InvalidInput(f"at_once={at_once!r}: at least 1 at a time.")
    begun = monotonic()
    folder = Path(path).expanduser()
    notes = yield from Do(lambda: _open(folder))
    total = len(files) if isinstance(files, Sized) else None
    work = Work(folder, notes, Downloads(), progress, total, begun)
    wanted = _wanted(files)
    first: dict[str, int] = {}
    while some := (yield from Do(lambda: [*islice(wanted, WINDOW * at_once)])):
        new = [(place, name) for place, name in some if name]
        work.reached = False
        outcomes = yield from Together([_one(work, place, name) for place, name in new], at_once)
        settled = dict(zip([place for place, _ in new], outcomes, strict=True))
        _give_up(work, settled)
        for place, _ in some:
            position = len(work.result.paths)
            outcome = settled.get(place) if first.setdefault(place, position) == position else None
            _settle(work, position, first[place], outcome)
    work.result.seconds = monotonic() - begun
    if not work.result.refused:
        yield from Do(notes.remove)
    return work.result


def _open(folder: Path) -> Notes:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Notes(folder)
    except OSError as error:
        raise InvalidInput(f"{str(folder)!r} is no folder that can be written to: {error.strerror}.") from None


def _wanted(files: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each file's place, and the name that it gets; no name for one that was there before in the input."""
    names = Names()
    seen: set[str] = set()
    for position, file in enumerate(files):
        if not isinstance(file, str) or not file:
            raise InvalidInput(f"File {position} is {file!r}, and no address of a file.")
        place = place_of(file)
        yield place, "" if place in seen else names.give(name_in(place))
        seen.add(place)


def _give_up(work: Work, settled: Mapping[str, Path | Exception]) -> None:
    """Raise what the other files would meet as well: the server is gone, or does not know the user, or ours fails."""
    for place, outcome in settled.items():
        if isinstance(outcome, Path):
            continue
        if not isinstance(outcome, LabelwireError):
            raise outcome
        lost = isinstance(outcome, ConnectionLost) and not work.reached
        if place.startswith("/") and (lost or isinstance(outcome, Unauthorized)):
            outcome.report = work.result
            outcome.args = (f"{outcome.args[0]}\nThe same call goes on where this one broke off.", *outcome.args[1:])
            raise outcome


def _settle(work: Work, position: int, first: int, outcome: Path | Exception | None) -> None:
    """Note what became of the file at a position; `first` is where it was in the input at first."""
    result = work.result
    if first != position:
        result.paths.append(result.paths[first])
        result.refused += [Refused(position, one.reason) for one in result.refused if one.position == first][:1]
    elif isinstance(outcome, Path):
        result.paths.append(outcome)
    else:
        result.paths.append(None)
        result.refused.append(Refused(position, str(outcome)))


def _one(work: Work, place: str, name: str) -> Flow[Path]:
    """Where the file is, once it is there whole."""
    note = work.notes.of(place, name)
    target = work.folder / name
    part = work.folder / f"{OURS}{blake2b(repr((place, name)).encode(), digest_size=10).hexdigest()}.part"
    if note.done and (yield from Do(lambda: _size(target))) == note.here:
        work.result.there_already += 1
        work.told()
        return target
    if note.done or (yield from Do(lambda: _size(part))) < note.here:
        note = Note(place, name)
    try:
        yield from fetch(work, note, part)
        yield from Do(lambda: part.replace(target))
    except (LabelwireError, OSError) as error:
        if not note.here:
            yield from Do(lambda: part.unlink(missing_ok=True))
        if isinstance(error, ServerError) and "has_permission" in error.detail:
            error.args = (f"{error.args[0]}\nThis is how Label Studio says that it has no such upload.",)
        raise
    note.done = True
    work.reached = work.reached or place.startswith("/")
    yield from Do(lambda: work.notes.write(note))
    work.told()
    return target


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def fetch(work: Work, note: Note, part: Path) -> Flow[None]:
    """The whole file, in as many pieces as it takes."""
    ranged, broken, anew = True, 0, 0
    while note.total is None or note.here < note.total:
        begun, before = monotonic(), note.here
        length = max(FIRST, int(work.speed * SECONDS))
        try:
            piece = yield from _piece(note, part, length if ranged else None)
        except ConnectionLost:
            # The exchange has tried several times already; only what goes on moving is worth more of them.
            broken += 1
            if not note.here or broken >= TRIES:
                raise
            continue
        except InvalidRequest as error:
            if error.status != 416 or not ranged:
                raise
            piece = None  # an empty file, or one that is shorter now
        if piece is None and not ranged:
            raise UnexpectedReply(f"{note.place.partition('?')[0]} answered with a part where the whole was asked for.")
        whole = piece is not None and piece.status != 206
        if piece is None or not (whole or _continues(note, piece)):
            anew += 1
            # The file has changed, or the server's ranges cannot be relied on: all of it in one piece.
            ranged, note.here, note.total = ranged and bool(before) and anew == 1, 0, None
            continue
        broken = 0
        note.here, note.total = piece.end, piece.end if whole else piece.total
        note.tag, note.modified = piece.tag, piece.modified
        work.received(note.here - (0 if whole else before), monotonic() - begun)
        if note.here < note.total:
            yield from Do(lambda: work.notes.write(note))


def _piece(note: Note, part: Path, length: int | None) -> Flow[Piece | None]:
    """The next piece, in the part; None when what came is not what was asked for."""
    start = note.here
    # Packed on the way, a range would be one of the packed file.
    headers = {"Accept-Encoding": "identity"}
    if length is not None:
        headers["Range"] = f"bytes={start}-{start + length - 1}"
    sink = yield from Do(lambda: Rest(part, start))
    try:
        reply = yield from Operation(Request("GET", note.place, headers=headers), _as_it_is, sink)
        came = yield from Do(lambda: _size(part) - start)
    finally:
        sink.close()
    tag, modified = reply.headers.get("ETag", ""), reply.headers.get("Last-Modified", "")
    if reply.status == 206:
        found = _RANGE.match(reply.headers.get("Content-Range", ""))
        if found is None or reply.headers.get("Content-Encoding", "identity") != "identity":
            return None
        first, last, total = (int(number) for number in found.groups())
        fits = first == start and last - first + 1 == came and last < total
        return Piece(206, first, last + 1, total, tag, modified) if fits else None
    _no_page(note, reply)
    return Piece(reply.status, 0, came, came, tag, modified) if not start else None


def _continues(note: Note, piece: Piece) -> bool:
    """Whether a piece belongs to what is here, and to the same version of the file."""
    if piece.start == 0 and piece.end == piece.total:
        return True
    known = bool(piece.tag or piece.modified) or UPLOADS in note.place
    same = (piece.total, piece.tag, piece.modified) == (note.total, note.tag, note.modified)
    return known and (same or piece.start == 0)


def _as_it_is(reply: Reply) -> Reply:
    return reply


def _no_page(note: Note, reply: Reply) -> None:
    """Refuse a web page, a login's mostly, in the place of what is no web page by its name."""
    kind = mimetypes.guess_type(note.name)[0] or "text/html"
    if "html" in reply.headers.get("Content-Type", "") and "html" not in kind:
        raise UnexpectedReply(
            f"{note.place.partition('?')[0]} answered {reply.status} with a web page in the place of {note.name!r}. "
            "Check the address, and any proxy or login page in between."
        )
