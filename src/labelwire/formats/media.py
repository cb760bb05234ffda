"""The media files of an output: where they are on this machine, how large they are, and how they get in."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ..errors import InvalidInput
from ..files.names import name_in
from .output import Output
from .report import Report

if TYPE_CHECKING:
    from .batch import Record
    from .pages import Page

R = TypeVar("R", "Record", "Page")

Find: TypeAlias = Callable[[str], str | PathLike[str] | None]
"""The file here of a medium, by its address as the task has it; None, or InvalidInput with the reason, for none."""

FILES = frozenset({"image", "audio", "audioplus", "video", "pdf"})
"""Tags that show a file."""

NO_FILE = "a media file that is not there"
UNREADABLE = "a media file that cannot be read"

_UPLOADED = re.compile(r"[0-9a-f]{8}-(?=.)")


class Medium(Struct, frozen=True, array_like=True):
    """A media file on its way: its place in the output, its file here, and its task."""

    member: str
    file: str
    task: int | None
    index: int


class Folder:
    """Finds media in a folder.

    Of an address such as `s3://photos/2024/a.jpg` these are tried in turn: `photos/2024/a.jpg`, `2024/a.jpg`, `a.jpg`,
    and of an upload its name from before it was uploaded.
    """

    def __init__(self, folder: str | PathLike[str]) -> None:
        self._folder = Path(folder).expanduser()
        if not self._folder.is_dir():
            raise InvalidInput(f"{os.fspath(folder)!r} is no folder that media could be taken from.")

    def __call__(self, url: str) -> Path | None:
        """The file of a medium."""
        steps = [step for step in _path(url).replace("\\", "/").split("/") if step]
        if not steps or ".." in steps or "\0" in url:
            return None
        ends = [steps[start:] for start in range(len(steps))] + [[original_name(steps[-1], url)]]
        for end in ends:
            place = self._folder.joinpath(*(step for step in end if ":" not in step))
            if os.path.isfile(place):  # noqa: PTH113 - a Path's own method raises for a name that is too long
                return place
        return None


def _path(url: str) -> str:
    """The path in an address, with the host or bucket before it; of a local file or a cloud file its own."""
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
    except ValueError:
        return ""
    if "d" in query:
        return query["d"][0]
    if "fileuri" in query:
        return name_in(url)
    return f"{parts.netloc}/{unquote(parts.path)}"


def finder(given: str | PathLike[str] | Find) -> Find:
    """What finds media: a folder does, or a function.

    Raises:
        InvalidInput: where there is no such folder, or this is neither.
    """
    if isinstance(given, (str, PathLike)):
        return Folder(given)
    if not callable(given):
        raise InvalidInput(f"with_media is a folder, or a function of an address, and not {type(given).__name__}.")
    return given


def located_in(find: Find, record: Record) -> Record:
    """The record with the file of its medium, or of each of its images, or with why there is none."""
    if record.pages:
        return replace(record, pages=tuple(_located(find, page) for page in record.pages))
    return _located(find, record)


def _located(find: Find, record: R) -> R:
    if not record.url:
        return replace(record, missing="the task has no address of one")
    try:
        place = find(record.url)
    except InvalidInput as reason:
        return replace(record, missing=str(reason))
    return replace(record, missing=shortened(record.url)) if place is None else replace(record, file=os.fspath(place))


def size_in(file: str) -> tuple[int, int] | None:
    """Width and height of an image in pixels, as a viewer shows it; None for what is no image."""
    from .images import size_of

    try:
        wide, high = size_of(Path(file))
    except (InvalidInput, OSError, ValueError, SyntaxError):  # SyntaxError is how Pillow calls a broken PNG
        return None
    return wide, high


def shortened(url: str) -> str:
    """The address without its query, which may hold a signature, and not too long."""
    said = url if "?d=" in url or "fileuri=" in url else url.partition("?")[0]
    return said if len(said) <= 200 else f"{said[:200]}…"


def original_name(stored: str, url: str) -> str:
    """What a file was called before it was uploaded: the server puts eight hexadecimal digits before it."""
    return stored[9:] if "upload" in url and _UPLOADED.match(stored) else stored


def member(folder: str, split: str, name: str) -> str:
    """Where a media file is in the output."""
    return "/".join(part for part in (folder, split, name) if part)


class Waiting:
    """Media that go into an output after everything else, so that their order does not depend on batches."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def add(self, media: Iterable[Medium]) -> None:
        """Note media."""
        for one in media:
            self._stream.write(_encode(one) + b"\n")

    def copy(self, output: Output, report: Report) -> None:
        """Put them all in; what cannot be read is reported."""
        self._stream.seek(0)
        for line in self._stream:
            one = _decode(line)
            try:
                file = Path(one.file).open("rb")  # noqa: SIM115 - closed below
            except OSError as error:
                report.leave_out(UNREADABLE, one.task, one.index, detail=f"{one.file}: {error.strerror}")
                continue
            with file:
                output.copy(one.member, file, os.fstat(file.fileno()).st_size)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Medium).decode
