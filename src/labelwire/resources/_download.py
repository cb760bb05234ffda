"""Answers that go into a file: written aside while they arrive, moved into place when they are whole."""

from __future__ import annotations

import hashlib
import os
import tempfile
from email.message import Message
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from ..core.operation import Do, Flow, Operation, Reply, Request
from ..errors import UnexpectedReply

if TYPE_CHECKING:
    from os import PathLike


def save(
    request: Request, path: str | PathLike[str], fallback: str, *, pages: bool = False, md5: str | None = None
) -> Flow[Path]:
    """Write the answer to `path`; into it, under the server's name for it, when that is a directory.

    The directories above are made. An interrupted download leaves nothing behind.

    Args:
        pages: whether a web page may be what was asked for, and no login wall.
        md5: the file's, where it is known.

    Raises:
        UnexpectedReply: for a web page in the place of the file, or a file that is not the one that it should be.
    """
    target = Path(path).expanduser()
    folder = target if target.is_dir() else target.parent
    folder.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=folder, prefix=".labelwire-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as sink:
            name = yield from Operation(request, file_name if pages else no_page, sink)
        yield from Do(lambda: _check(Path(aside), md5, request.path))
        place = folder / (name or fallback) if target.is_dir() else target
        Path(aside).chmod(0o666 & ~umask())
        Path(aside).replace(place)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return place


def _check(file: Path, md5: str | None, asked: str) -> None:
    if md5 is None:
        return
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found != md5:
        raise UnexpectedReply(
            f"{asked} has sent something else than the file that the server has made: only a part of it, or changed on "
            "the way. Ask again."
        )


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
