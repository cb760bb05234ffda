"""From a `Request` to the bytes and headers that go out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

from msgspec import Struct
from urllib3.fields import RequestField

from ..errors import InvalidInput
from . import json
from .operation import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .operation import Request, Upload


IN_MEMORY = 1 << 20
"""Bytes of files up to which a body is made at once."""

CHUNK = 1 << 18
"""Bytes of a file that are read at a time."""


class Streamed(Struct, frozen=True):
    """A body that is too large for memory: bytes, and files that are read while they are sent; anew for each try."""

    pieces: Sequence[bytes | Path]
    length: int

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[bytes]:
        left = self.length
        for piece in self.pieces:
            for chunk in [piece] if isinstance(piece, bytes) else _chunks(piece):
                left -= len(chunk)
                yield chunk
        if left:
            raise InvalidInput("A file has changed while it was sent.")


def encode(request: Request) -> tuple[bytes | Streamed | None, dict[str, str]]:
    """The body, and the headers that describe it. Made once, so that a repeat sends the same bytes."""
    if request.content is not None:
        return request.content, {"Content-Type": "application/json"}
    if request.json is not UNSET:
        return json.encode(request.json), {"Content-Type": "application/json"}
    if request.uploads:
        return _multipart(request.uploads)
    if request.form is not None:
        return urlencode(request.form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    return None, {}


def query(params: Mapping[str, Any]) -> str:
    """`?a=1&b=true`, or nothing. None and UNSET are left out; a list gives one pair an item."""
    pairs = [(name, _text(value)) for name, value in _pairs(params)]
    return "?" + urlencode(pairs) if pairs else ""


def sendable(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    """The headers themselves.

    Raises:
        InvalidInput: for one that HTTP has no form for, before anything is sent. The value is not shown.
    """
    for name, value in headers.items():
        if isinstance(value, str) and value.isascii() and value.isprintable():
            continue
        if value is None or isinstance(value, bytes):
            continue  # None takes a session's own header away
        if not isinstance(value, str):
            raise InvalidInput(f"The header {name} is {type(value).__name__}; a header's value is text.")
        if any(character in value for character in "\r\n\0"):
            raise InvalidInput(f"The header {name} has a line break in it.")
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            raise InvalidInput(f"The header {name} has characters that HTTP's headers have no form for.") from None
    return headers


def rewinder(options: Mapping[str, Any]) -> Callable[[], None] | None:
    """What puts the open files among a driver's arguments back to where they are now, or None where one cannot be:
    sent again as they stand, they would send nothing.
    """
    files = options.get("files") or ()
    streams = [options.get("data"), *(files.values() if isinstance(files, dict) else (file[1] for file in files))]
    marks = []
    for stream in streams:
        opened: Any = stream[1] if isinstance(stream, tuple) and len(stream) > 1 else stream
        if hasattr(opened, "read"):
            try:
                marks.append((opened, opened.tell()))
            except (OSError, AttributeError):
                return None
        elif isinstance(opened, Iterator):
            return None

    def rewind() -> None:
        for opened, position in marks:
            opened.seek(position)

    return rewind


def _pairs(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in params.items():
        if value is None or value is UNSET:
            continue
        if isinstance(value, (list, tuple, set, frozenset)):
            yield from ((name, item) for item in value)
        else:
            yield name, value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _multipart(uploads: Sequence[Upload]) -> tuple[bytes | Streamed, dict[str, str]]:
    boundary = uuid4().hex
    pieces: list[bytes | Path] = []
    length = 0
    for position, upload in enumerate(uploads):
        content, size = _content(upload)
        # Of several parts of one name the server sees the last alone.
        part = RequestField(f"{upload.field}_{position}" if position else upload.field, b"", filename=upload.name)
        part.make_multipart(content_type=upload.content_type)
        head = f"--{boundary}\r\n{part.render_headers()}".encode()
        pieces += [head, content, b"\r\n"]
        length += len(head) + size + 2
    end = f"--{boundary}--\r\n".encode()
    body = Streamed([*pieces, end], length + len(end))
    described = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(len(body))}
    return (body, described) if len(body) > IN_MEMORY else (b"".join(body), described)


def _content(upload: Upload) -> tuple[bytes | Path, int]:
    if isinstance(upload.content, bytes):
        return upload.content, len(upload.content)
    path = Path(upload.content)
    try:
        with path.open("rb") as file:
            return path, os.fstat(file.fileno()).st_size
    except OSError as error:
        raise _unreadable(path, error) from None


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput(f"The file {str(path)!r} cannot be read: {error.strerror}.")
