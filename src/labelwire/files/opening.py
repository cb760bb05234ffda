"""Files wherever they are, on this machine or at an fsspec URL, opened as often as somebody needs, and decompressed."""

from __future__ import annotations

import os
import re
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from msgspec import Struct

from ..errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from os import PathLike

    Open = Callable[[], AbstractContextManager[IO[bytes]]]

COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zst": "zstd"}

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)::?//|[a-z]+::")


class File(Struct, frozen=True):
    """A file that can be opened again and again.

    Attributes:
        place: its path or URL.
        name: what errors call it; no query and no password of a URL.
        suffix: what says its format, such as ".json" for "tasks.json.gz".
        compression: "gzip", "bz2", "xz", "zstd" or "".
        remote: whether fsspec opens it.
    """

    place: str
    name: str
    suffix: str
    compression: str
    remote: bool

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The file's bytes from its beginning, decompressed; closed at the end of the block.

        Raises:
            InvalidInput: when there is no such file, it cannot be opened, or what it is compressed with is damaged.
        """
        with self._stored() as stored:
            if not self.compression:
                yield stored
                return
            try:
                with _decompressed(stored, self.compression, self.name) as stream:
                    yield stream
            except _damages() as error:
                raise InvalidInput(f"{self.name} cannot be decompressed ({self.compression}): {error}.") from None

    def _stored(self) -> IO[bytes]:
        try:
            return _remote(self.place, self.name) if self.remote else Path(self.place).open("rb")
        except FileNotFoundError:
            raise InvalidInput(f"There is no {self.name}.") from None
        except OSError as error:
            raise InvalidInput(f"{self.name} cannot be opened: {error.strerror or error}.") from None


def located(place: str | PathLike[str]) -> File:
    """The file at a path or URL.

    Raises:
        InvalidInput: for a path where no file is, and for a web address.
    """
    text = os.fsdecode(place)
    url = _URL.match(text) if isinstance(place, str) else None
    name = _name_of_url(text) if url else repr(text)
    if url is None:
        path = Path(text).expanduser()
        # Path's own methods raise for a text that is too long to be a name.
        if os.path.isdir(path):  # noqa: PTH112
            raise InvalidInput(f"{name} is a folder; name one file of it.")
        if not os.path.isfile(path):  # noqa: PTH113
            shown = name if len(name) <= 200 else f"{name[:200]}…"
            raise InvalidInput(f"There is no file {shown}. Tasks come as a list of dicts, or as the path of a file.")
        text = str(path)
    elif url[1] and url[1].lower() in ("http", "https"):
        raise InvalidInput(f"{name} is a web address, which is not fetched from here; download it and name the file.")
    path_alone = text.partition("?")[0] if url else text
    suffix = _suffix(path_alone)
    compression = COMPRESSIONS.get(suffix, "")
    if compression:
        suffix = _suffix(path_alone[: -len(suffix)])
    return File(text, name, suffix, compression, bool(url))


def not_utf8(open_file: Open, name: str) -> InvalidInput:
    """The error for a file whose text could not be decoded, with the line, which is looked for only now."""
    with open_file() as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return InvalidInput(
                    f"{name} is not UTF-8: line {number:,} has a byte {line[error.start]:#04x}. Save it as UTF-8."
                )
    return InvalidInput(f"{name} is not UTF-8. Save it as UTF-8.")


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()  # noqa: PTH122 - of URLs as well


def _name_of_url(url: str) -> str:
    return repr(re.sub(r"//[^/@]*@", "//", url.partition("?")[0]))


def _remote(url: str, name: str) -> IO[bytes]:
    try:
        import fsspec
    except ImportError:
        raise InvalidInput(f'Reading {name} needs fsspec: pip install "labelwire[fsspec]".') from None
    try:
        filesystem, path = fsspec.core.url_to_fs(url)
        return cast("IO[bytes]", filesystem.open(path, "rb"))
    except (ImportError, ValueError) as error:
        # The protocol's own package is missing, which fsspec names, or nobody knows the protocol.
        raise InvalidInput(f"{name} cannot be opened: {error}.") from None


def _decompressed(stream: IO[bytes], compression: str, name: str) -> IO[bytes]:
    # Imported here since few need them, and an interpreter may be built without one.
    if compression == "gzip":
        import gzip

        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if compression == "bz2":
        import bz2

        return cast("IO[bytes]", bz2.BZ2File(stream))
    if compression == "xz":
        import lzma

        return cast("IO[bytes]", lzma.LZMAFile(stream))
    try:
        import pyarrow as pa
    except ImportError:
        raise InvalidInput(f'Decompressing {name} needs pyarrow: pip install "labelwire[arrow]".') from None
    import io

    return cast("IO[bytes]", io.BufferedReader(pa.CompressedInputStream(stream, "zstd")))


def _damages() -> tuple[type[Exception], ...]:
    from lzma import LZMAError

    return (OSError, EOFError, zlib.error, LZMAError)
