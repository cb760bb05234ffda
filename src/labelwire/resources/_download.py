"""Answers that go into a file: written aside while they arrive, moved into place when they are whole."""

from __future__ import annotations

import os
import tempfile
from email.message import Message
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from ..core.operation import Flow, Operation, Reply, Request
from ..errors import UnexpectedReply

if TYPE_CHECKING:
    from os import PathLike


def save(request: Request, path: str | PathLike[str], fallback: str, *, pages: bool = False) -> Flow[Path]:
    """Write the answer to `path`; into it, under the server's name for it, when that is a directory.

    The directories above are made. An interrupted download leaves nothing behind.

    Args:
        pages: whether a web page may be what was asked for, and no login wall.

    Raises:
        UnexpectedReply: for a web page in the place of the file.
    """
    target = Path(path).expanduser()
    folder = target if target.is_dir() else target.parent
    folder.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=folder, prefix=".labelwire-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as sink:
            name = yield from Operation(request, file_name if pages else no_page, sink)
        place = folder / (name or fallback) if target.is_dir() else target
        Path(aside).chmod(0o666 & ~umask())
        Path(aside).replace(place)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return place


def no_page(reply: Reply) -> str:
    """The name that the server gives the file; an error for a web page."""
    if "html" in reply.headers.get("Content-Type", ""):
        raise UnexpectedReply(
            f"{reply.url.partition('?')[0]} answered {reply.status} with a web page in the place of the file. Check "
            "the URL and any proxy or login page in between."
        )
    return file_name(reply)


def file_name(reply: Reply) -> str:
    """The name that the server gives the file, without any folder in it; "" when it gives none."""
    header = Message()
    header["Content-Disposition"] = reply.headers.get("Content-Disposition", "")
    name = header.get_filename() or reply.headers.get("filename", "")
    name = PureWindowsPath(PurePosixPath(name).name).name
    return "" if name in ("", ".", "..") or name.startswith(".labelwire-") else name


def umask() -> int:
    """What the process takes away from the rights of new files."""
    # mkstemp makes files that only their owner may read; a download is an ordinary file.
    mask = os.umask(0)
    os.umask(mask)
    return mask
