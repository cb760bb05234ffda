"""Where a conversion writes: a folder, a zip, a tar or one file, on this machine or wherever fsspec reaches.

All of it is written aside and moved into place at the end, so that what is there is whole. The same input gives the
same bytes: archives hold their members in the order in which they were written, without times or owners.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import GzipFile
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self, cast

from ..errors import InvalidInput
from ..files.names import OURS

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_SPOOL = 1 << 22

TAR = (".tar", ".tar.gz", ".tgz")


class Members(Protocol):
    """What takes the members of an output, one after another."""

    def write(self, name: str, content: bytes, /) -> None:
        """A member, whole."""

    def copy(self, name: str, stream: IO[bytes], size: int, /) -> None:
        """A member of that many bytes."""

    def open(self, name: str, /) -> IO[bytes] | None:
        """A member as a stream beside others; None where members come one after another."""

    def close(self) -> None:
        """Write what comes after the last member."""


class Output:
    """The members of one output, written within a `with` block that moves them into place, or leaves nothing.

    Attributes:
        folder: where workers may write members by themselves, if the output is a folder.
        count: how many members it has.
    """

    def __init__(self, place: str | PathLike[str], *, single: str = "", overwrite: bool = False) -> None:
        """An output at a place: `single` is the suffix of what may be one file, such as ".json".

        Raises:
            InvalidInput: where something is already that is not to be overwritten, or nothing can be written.
        """
        self.place = os.fsdecode(place)
        if "\0" in self.place:
            raise InvalidInput(f"{self.place!r} is no place: it has a null character.")
        self._remote = bool(_URL.match(self.place))
        lower = self.place.lower()
        self.is_single = bool(single) and lower.endswith(single)
        self._kind = ".zip" if lower.endswith(".zip") else next((one for one in TAR if lower.endswith(one)), "")
        self._overwrite = overwrite
        self.count = 0
        place = Path(tempfile.gettempdir(), "remote") if self._remote else Path(self.place)
        self._target = place.expanduser().absolute()
        if self._remote:
            self._refuse_remote()
        else:
            self._refuse_local()
        self._missing: list[Path] = []
        self._aside = self._made = self._target
        self._members: Members = _One(self._target)
        self.folder: Path | None = None

    def __enter__(self) -> Self:
        above = self._target.parent
        self._missing = [path for path in self._target.parents if not path.exists()]
        try:
            above.mkdir(parents=True, exist_ok=True)
            self._aside = Path(tempfile.mkdtemp(dir=above, prefix=f"{OURS}writing-"))
        except OSError as error:
            self._forget_empty()
            raise InvalidInput(f"{self.place} cannot be written: {error.strerror or error}.") from None
        self._made = self._aside / "made"
        self._members = self._opened()
        self.folder = self._made if not self._kind and not self.is_single else None
        return self

    def write(self, name: str, content: bytes) -> None:
        """A member, whole. `name` is a path with "/", made of names that `labelwire.files.names` gives."""
        self.count += 1
        with placed(self.place):
            self._members.write(inside(name), content)

    def copy(self, name: str, stream: IO[bytes], size: int) -> None:
        """A member of that many bytes, from a stream."""
        self.count += 1
        with placed(self.place):
            self._members.copy(inside(name), stream, size)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A member of any length, as a stream to write to. Other members may be written meanwhile."""
        direct = self._members.open(inside(name))
        if direct is not None:
            self.count += 1
            with placed(self.place), direct:
                yield direct
            return
        with self.spool() as stream:
            yield stream
            size = stream.tell()
            stream.seek(0)
            self.copy(name, stream, size)

    @contextmanager
    def spool(self) -> Iterator[IO[bytes]]:
        """A stream for what has to wait, on disk when it is long; gone at the end of the block."""
        with tempfile.SpooledTemporaryFile(_SPOOL, dir=os.fspath(self._aside)) as stream:
            yield cast("IO[bytes]", stream)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with placed(self.place):
                self._close(failed=error is not None)
        finally:
            shutil.rmtree(self._aside, ignore_errors=True)
            if error is not None:
                self._forget_empty()

    def _forget_empty(self) -> None:
        """Remove the folders that were made for nothing."""
        for empty in self._missing:
            if empty.is_dir() and not any(empty.iterdir()):
                empty.rmdir()

    def _close(self, *, failed: bool) -> None:
        try:
            self._members.close()
        except OSError:
            if not failed:  # else the error at hand is what matters: the disk is full again
                raise
        if not failed:
            self._put_in_place()

    def _opened(self) -> Members:
        if self.is_single:
            return _One(self._made)
        if self._kind == ".zip":
            return _Zip(self._made)
        if self._kind:
            return _Tar(self._made, compressed=self._kind != ".tar")
        self._made.mkdir()
        return _Folder(self._made)

    def _refuse_local(self) -> None:
        target = self._target
        try:
            empty = not target.exists() or (target.is_dir() and not any(target.iterdir()))
        except OSError as error:
            raise InvalidInput(f"{self.place} cannot be written: {error.strerror or error}.") from None
        if empty:
            return
        if not self._overwrite:
            raise InvalidInput(f"{self.place} is there already; name another place, or say overwrite=True.")
        if target.is_dir() and (self._kind or self.is_single):
            raise InvalidInput(f"{self.place} is a folder, and no file that could be overwritten.")
        for one in (Path.cwd(), Path.home()):
            if target.is_dir() and one.is_relative_to(target):
                raise InvalidInput(f"{self.place} holds {one}, and is not overwritten; name a folder of its own.")

    def _refuse_remote(self) -> None:
        system, path = self._filesystem()
        if system.exists(path) and not self._overwrite:
            raise InvalidInput(f"{self.place} is there already; name another place, or say overwrite=True.")

    def _put_in_place(self) -> None:
        if self._remote:
            self._upload()
            return
        target = self._target
        if not target.is_dir():
            self._made.replace(target)
            return
        # A folder cannot be replaced in one step: the old one goes aside first, and is removed last.
        old = self._aside / "old"
        target.rename(old)
        try:
            self._made.rename(target)
        except OSError:
            old.rename(target)
            raise

    def _upload(self) -> None:
        system, path = self._filesystem()
        if self.folder is None:
            system.put_file(os.fspath(self._made), path)
            return
        aside = f"{path.rstrip('/')}{OURS}writing"
        if system.exists(aside):
            system.rm(aside, recursive=True)
        system.put(f"{os.fspath(self._made)}/", f"{aside}/", recursive=True)
        if system.exists(path):
            system.rm(path, recursive=True)
        system.mv(aside, path, recursive=True)

    def _filesystem(self) -> tuple[Any, str]:
        try:
            import fsspec
        except ImportError:
            raise InvalidInput(f'Writing {self.place} needs fsspec: pip install "labelwire[fsspec]".') from None
        try:
            system, path = fsspec.core.url_to_fs(self.place)
        except (ImportError, ValueError) as error:
            raise InvalidInput(f"{self.place} cannot be written: {error}.") from None
        return system, str(path)


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[str] = set()

    def write(self, name: str, content: bytes) -> None:
        self._ready(name)
        write_file(f"{self._folder}/{name}", content)

    def copy(self, name: str, stream: IO[bytes], _size: int) -> None:
        with self.open(name) as file:
            shutil.copyfileobj(stream, file, 1 << 20)

    def open(self, name: str) -> IO[bytes]:
        self._ready(name)
        return (self._folder / name).open("xb")

    def close(self) -> None:
        """Nothing is open."""

    def _ready(self, name: str) -> None:
        above = name.rpartition("/")[0]
        if above and above not in self._known:
            (self._folder / above).mkdir(parents=True, exist_ok=True)
            self._known.add(above)


def inside(name: str) -> str:
    """The name of a member, which leads nowhere else.

    Raises:
        InvalidInput: for one that does.
    """
    if name[:1] in "/\\" or "\0" in name or (".." in name and ".." in re.split(r"[/\\]", name)):
        raise InvalidInput(f"{name!r} is no name of a file in the output.")
    return name


@contextmanager
def placed(place: str) -> Iterator[None]:
    """What the system refuses, with the place where; a full disk is told without one."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, place) from None


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_file(path: str, content: bytes) -> None:
    """A new file. By the system's own calls: half of the time of a small one is Python's otherwise."""
    descriptor = os.open(path, _NEW, 0o666)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    finally:
        os.close(descriptor)


class _One:
    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, _name: str, content: bytes) -> None:
        self._path.write_bytes(content)

    def copy(self, name: str, stream: IO[bytes], _size: int) -> None:
        with self.open(name) as file:
            shutil.copyfileobj(stream, file, 1 << 20)

    def open(self, _name: str) -> IO[bytes]:
        return self._path.open("xb")

    def close(self) -> None:
        """Nothing is open."""


class _Zip:
    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6)

    def write(self, name: str, content: bytes) -> None:
        self._zip.writestr(zip_info(name), content)

    def copy(self, name: str, stream: IO[bytes], size: int) -> None:
        info = zip_info(name)
        info.file_size = size
        with self._zip.open(info, "w", force_zip64=size > 1 << 30) as member:
            shutil.copyfileobj(stream, member, 1 << 20)

    def open(self, _name: str) -> None:
        """Only one member is open at a time."""

    def close(self) -> None:
        self._zip.close()


def zip_info(name: str) -> zipfile.ZipInfo:
    """What a zip says of a member: a plain file without a time."""
    info = zipfile.ZipInfo(name, _LONG_AGO)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    return info


class _Tar:
    def __init__(self, path: Path, *, compressed: bool) -> None:
        self._file = path.open("xb")
        # Without a time and a name in its header, which gzip writes by itself.
        self._gzip = GzipFile("", "wb", 6, self._file, mtime=0) if compressed else None
        self._tar = tarfile.open(fileobj=self._gzip or self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - until close()

    def write(self, name: str, content: bytes) -> None:
        self.copy(name, io.BytesIO(content), len(content))

    def copy(self, name: str, stream: IO[bytes], size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size = size
        info.mode = 0o644
        self._tar.addfile(info, stream)

    def open(self, _name: str) -> None:
        """A member's size comes before it."""

    def close(self) -> None:
        self._tar.close()
        if self._gzip is not None:
            self._gzip.close()
        self._file.close()
