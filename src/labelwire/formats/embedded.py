"""Media that are inside a dataset's own files, written into a folder as files of their own."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from ..errors import InvalidInput
from ..files.names import OURS, Names

_MARKS = (
    (0, b"\x89PNG", ".png"),
    (0, b"\xff\xd8\xff", ".jpg"),
    (0, b"GIF8", ".gif"),
    (8, b"WEBP", ".webp"),
    (0, b"BM", ".bmp"),
    (0, b"II*\0", ".tif"),
    (0, b"MM\0*", ".tif"),
    (8, b"WAVE", ".wav"),
    (0, b"fLaC", ".flac"),
    (0, b"OggS", ".ogg"),
    (0, b"ID3", ".mp3"),
    (0, b"\xff\xfb", ".mp3"),
    (4, b"ftyp", ".mp4"),
    (0, b"\x1aE\xdf\xa3", ".webm"),
)
"""What files of a kind have at a place, and their suffix."""


def suffix_of(content: bytes) -> str:
    """The suffix of a file with this content, "" of one that is of no known kind."""
    return next((suffix for at, mark, suffix in _MARKS if content[at : at + len(mark)] == mark), "")


class Taken:
    """Files in a folder, under the names that they had, made different.

    A dataset may be read twice, of which the first time is for its classes alone, and an import that was interrupted
    reads it again: the names are the same then. A file that is there and has something else in it is never replaced.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._names = Names()
        self._writes = False

    def begin(self, *, writes: bool) -> None:
        """The dataset is read from its beginning.

        Raises:
            InvalidInput: where there can be no such folder.
        """
        self._names = Names()
        self._writes = writes
        if writes:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InvalidInput(f"{self.folder} cannot be the folder of the media: {error.strerror}.") from None

    def take(self, content: bytes, path: str | None, otherwise: str) -> str:
        """The path of the file that has this content; `otherwise` is its name where it had none, without a suffix.

        Raises:
            InvalidInput: where another file is in its place.
        """
        wished = PurePosixPath((path or "").replace("\\", "/")).name or otherwise
        if not PurePosixPath(wished).suffix:
            wished += suffix_of(content)
        place = self.folder / self._names.give(wished)
        if self._writes:
            if not os.path.lexists(place):
                aside = self.folder / f"{OURS}{place.name}"
                aside.write_bytes(content)
                aside.replace(place)
            elif not place.is_file() or place.read_bytes() != content:
                raise InvalidInput(f"{place} is another file than the dataset's: name an empty folder.")
        return str(place)
