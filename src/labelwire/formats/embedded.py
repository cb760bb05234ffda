"""Media that are inside a dataset's own files, written into a folder as files of their own."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ..files.names import Names, name_in

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

    A dataset may be read twice, of which the first time is for its classes alone: the names are the same then.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names = Names()
        self._writes = False

    def begin(self, *, writes: bool) -> None:
        """The dataset is read from its beginning."""
        self._names = Names()
        self._writes = writes
        if writes:
            self.folder.mkdir(parents=True, exist_ok=True)

    def take(self, content: bytes, path: str | None, otherwise: str) -> str:
        """The name of the file that has this content now; `otherwise` where it had none, without its suffix."""
        wished = (name_in(path) if path else "") or otherwise
        if not PurePosixPath(wished).suffix:
            wished += suffix_of(content)
        name = self._names.give(wished)
        if self._writes:
            (self.folder / name).write_bytes(content)
        return name
