"""Archives, such as exports with their media, unpacked without trusting what is in them."""

from __future__ import annotations

import shutil
import stat
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from lzma import LZMAError
from os import PathLike
from pathlib import Path
from typing import IO, Protocol

from msgspec import Struct

from ..errors import InvalidInput
from .names import OURS, safe_name

MOST_BYTES = 64 << 30
"""Bytes that an archive may unpack to."""

MOST_RATIO = 200.0
"""How many times its own size an archive may unpack to, beyond `SMALL`."""

SMALL = 64 << 20
"""Bytes below which no ratio is looked at: a small file of zeros is packed a thousand times."""

MOST_FILES = 1_000_000
"""Files that an archive may hold."""

CHUNK = 1 << 20

BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, LZMAError, EOFError, RuntimeError)
"""What Python says of an archive that is damaged, locked by a password, or packed in a way it does not know."""


class Entry(Struct, frozen=True):
    """One member of an archive: its name there, and what it is where it is no plain file."""

    name: str
    folder: bool = False
    strange: str = ""


class Opened(Protocol):
    """An archive of either kind, read from its beginning to its end."""

    def __iter__(self) -> Iterator[tuple[Entry, IO[bytes] | None]]: ...


class Zip:
    """A zip archive."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[tuple[Entry, IO[bytes] | None]]:
        with zipfile.ZipFile(self._path) as archive:
            for info in archive.infolist():
                kind = stat.S_IFMT(info.external_attr >> 16)
                strange = "a link" if kind == stat.S_IFLNK else "no plain file"
                plain = kind in (0, stat.S_IFREG, stat.S_IFDIR)
                # orig_filename, since zipfile cuts the name at a null character.
                entry = Entry(info.orig_filename, info.is_dir(), "" if plain else strange)
                if entry.folder or entry.strange:
                    yield entry, None
                    continue
                with archive.open(info) as stream:
                    yield entry, stream


class Tar:
    """A tar archive, compressed or not."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[tuple[Entry, IO[bytes] | None]]:
        with tarfile.open(self._path, "r|*") as archive:
            for info in archive:
                strange = (
                    "" if info.isreg() or info.isdir() else "a link" if info.issym() or info.islnk() else "a device"
                )
                entry = Entry(info.name, info.isdir(), strange)
                yield entry, archive.extractfile(info) if info.isreg() else None


class Bounds:
    """What an archive may unpack to; counts what it does."""

    def __init__(self, archive: Path, most_bytes: int, most_ratio: float) -> None:
        self._archive = archive
        self._most = most_bytes
        self._by_ratio = max(int(archive.stat().st_size * most_ratio), SMALL)
        self._ratio = most_ratio
        self._bytes = self._files = 0

    def file(self) -> None:
        """One more member."""
        self._files += 1
        if self._files > MOST_FILES:
            raise InvalidInput(f"{self._archive} holds more than {MOST_FILES:,} files.")

    def add(self, size: int) -> None:
        """More bytes.

        Raises:
            InvalidInput: when it is too much.
        """
        self._bytes += size
        if self._bytes > self._most:
            raise InvalidInput(f"{self._archive} unpacks to more than {self._most:,} bytes; most_bytes= allows more.")
        if self._bytes > self._by_ratio:
            raise InvalidInput(
                f"{self._archive} unpacks to more than {self._ratio:g} times its own size, as archives do that are "
                "made to fill a disk; most_ratio= allows more."
            )


def unpack(
    archive: str | PathLike[str],
    folder: str | PathLike[str],
    *,
    most_bytes: int = MOST_BYTES,
    most_ratio: float = MOST_RATIO,
) -> list[Path]:
    """The files of a zip or tar archive, unpacked into a folder, in the archive's order: all of them or none.

    They are written aside first, and moved into place when the last one is whole. Names are the archive's, where every
    system takes them; what is too long, or has control characters, is made to fit. Files that are there already are
    replaced.

    Args:
        most_bytes: what it may unpack to.
        most_ratio: how many times its own size it may unpack to.

    Raises:
        InvalidInput: for what is no archive or is damaged; one with absolute paths, "..", links or devices, or two
            files that are one where upper and lower case are the same; one that unpacks to too much. Nothing is there
            then that was not there before.
    """
    source, target = Path(archive).expanduser(), Path(folder).expanduser()
    try:
        opened: Opened = Zip(source) if zipfile.is_zipfile(source) else Tar(source)
        bounds = Bounds(source, most_bytes, most_ratio)
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read: {error.strerror}.") from None
    made = _made(target)
    aside = Path(tempfile.mkdtemp(dir=target, prefix=f"{OURS}unpacking-"))
    try:
        names = _write(opened, source, aside, bounds)
        _check_places(target, names)
        for name in names:
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            (aside / name).replace(place)
    except BROKEN as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(
            f"{source} is no zip or tar archive that can be unpacked: {error or 'it is damaged'}."
        ) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        for empty in made:
            if not any(empty.iterdir()):
                empty.rmdir()
    return [target / name for name in names]


def _made(folder: Path) -> list[Path]:
    """Make the folder; those of it and the ones above that were not there, the innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{folder} is no folder that can be written to: {error.strerror}.") from None
    return missing


def _write(opened: Opened, source: Path, aside: Path, bounds: Bounds) -> list[str]:
    """Unpack all files; their names, as paths in the folder."""
    names: list[str] = []
    seen: dict[str, str] = {}
    for entry, stream in opened:
        bounds.file()
        if entry.strange:
            raise InvalidInput(f"{source} holds {entry.strange}, {entry.name!r}; only files are unpacked.")
        parts = _parts(entry, source)
        if not parts:
            continue
        _claim(parts, entry, seen, source)
        place = aside.joinpath(*parts)
        if stream is None:
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            while chunk := stream.read(CHUNK):
                bounds.add(len(chunk))
                file.write(chunk)
        names.append("/".join(parts))
    return names


def _parts(entry: Entry, source: Path) -> list[str]:
    """The entry's path, made of names that every system takes.

    Raises:
        InvalidInput: when it leads out of the folder.
    """
    path = entry.name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or path[1:3] == ":/" or ".." in parts:
        raise InvalidInput(f"{source} holds {entry.name!r}, which leads out of the folder; nothing was unpacked.")
    return [safe_name(part) for part in parts]


def _claim(parts: list[str], entry: Entry, seen: dict[str, str], source: Path) -> None:
    """Note that these names are taken, each folder under one spelling and each file once.

    Raises:
        InvalidInput: when they are taken, on a system for which upper and lower case are the same.
    """
    for depth in range(1, len(parts) + 1):
        path = "/".join(parts[:depth])
        key = unicodedata.normalize("NFC", path.casefold())
        file = depth == len(parts) and not entry.folder
        kind = f"{'file' if file else 'folder'} {path}"
        if seen.setdefault(key, kind) != kind or (file and f"\0{key}" in seen):
            raise InvalidInput(f"{source} holds two files of the name {entry.name!r}, or of names alike.")
        if file:
            seen[f"\0{key}"] = ""


def _check_places(target: Path, names: list[str]) -> None:
    """See before anything is moved that no folder is in a file's way, and no link leads elsewhere.

    Raises:
        InvalidInput: and what is in the way.
    """
    for name in names:
        place = target / name
        above = [path for path in place.parents if target in path.parents]
        if any(path.is_symlink() or (path.exists() and not path.is_dir()) for path in above) or place.is_dir():
            raise InvalidInput(
                f"{place} cannot be written: a folder, a file or a link is in the way. Nothing was unpacked."
            )
