"""From a `Request` to the bytes and headers that go out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from urllib3.filepost import encode_multipart_formdata

from ..errors import InvalidInput
from . import json
from .operation import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .operation import Request, Upload


def encode(request: Request) -> tuple[bytes | None, dict[str, str]]:
    """The body, and the headers that describe it. Made once, so that a repeat sends the same bytes."""
    if request.content is not None:
        return request.content, {"Content-Type": "application/json"}
    if request.json is not UNSET:
        return json.encode(request.json), {"Content-Type": "application/json"}
    if request.uploads:
        body, content_type = encode_multipart_formdata([_part(*numbered) for numbered in enumerate(request.uploads)])
        return body, {"Content-Type": content_type}
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


def _part(position: int, upload: Upload) -> tuple[str, tuple[str, bytes, str]]:
    content = upload.content
    if not isinstance(content, bytes):
        try:
            content = Path(content).read_bytes()
        except OSError as error:
            raise InvalidInput(f"The file {str(upload.content)!r} cannot be read: {error.strerror}.") from None
    # Of several parts of one name the server sees the last alone.
    return f"{upload.field}{position or ''}", (upload.name, content, upload.content_type)
