"""What is decided of each task before it is converted: its place, the name of its file, and its split.

Names are unique and so depend on the tasks before; all else of a conversion does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ..files.names import Names, name_in
from .batch import Record, decoded
from .media import original_name
from .options import Options
from .pages import Page, Pages
from .parsing import id_of
from .schema import Shown


class _Task(Struct, gc=False):
    id: Any = None
    data: Any = None


_head = msgspec.json.Decoder(_Task).decode


class Head(Struct, frozen=True, array_like=True, gc=False):
    """What the name and the split of a task depend on: its id, and the name that its file would have.

    `url` is the address of its medium, where media come along. A task with several images has the wished names in its
    `pages`.
    """

    id: int | None = None
    wished: str = ""
    url: str = ""
    pages: tuple[Page, ...] = ()


_IN_TASKS = frozenset({"text", "hypertext", "paragraphs"})


class Headings:
    """Reads heads. It can be pickled, and runs anywhere."""

    def __init__(self, shown: Shown | None, options: Options, pages: Pages, *, urls: bool = False) -> None:
        # A text is in the task itself: it has no file, and what it says is no name.
        in_task = shown is not None and shown.type in _IN_TASKS and shown.value_type != "url"
        self._shown = None if in_task else shown
        self._key = shown.key if shown is not None and len(shown.path) == 1 else ""
        self._pages = pages
        self._urls = urls
        self._naming = options.names
        self._needed = self._shown is not None or bool(options.split)

    def head(self, text: bytes) -> Head:
        """The head of a task, by its JSON text; an empty one of what is no task."""
        if not self._needed:
            return _NONE
        try:
            task = _head(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            try:
                found = decoded(text)
            except (ValueError, RecursionError):
                return _NONE
            if not isinstance(found, dict):
                return _NONE
            task = _Task(found.get("id"), found.get("data"))
        data = task.data
        if self._shown is None or type(data) is not dict:
            return Head(id_of(task.id))
        url = data.get(self._key) if self._key else self._shown.of(data)
        if type(url) is not str or self._pages.always:
            pages = self._pages.of(data)
            if pages:
                return Head(id_of(task.id), pages=tuple(self._page(page, turn) for turn, page in enumerate(pages, 1)))
            if isinstance(url, list) and url:
                url = url[0]
            url = url if isinstance(url, str) else ""
        return Head(id_of(task.id), self._wished(url), url if self._urls else "")

    def _page(self, page: Page, turn: int) -> Page:
        return replace(page, name=self._wished(page.url, f"_{turn:04}"))

    def _wished(self, url: str, turn: str = "") -> str:
        """The name of a file; "{}" stands for its task's id, and has the image's turn behind it."""
        stored = name_in(url)
        if self._naming == "id" or not stored:
            return f"{{}}{turn}{PurePosixPath(stored).suffix}"
        return stored if self._naming == "stored" else original_name(stored, url)


_NONE = Head()


class Naming:
    """Gives each task its name and its split, in the order of the tasks. For `stems` see `Names`."""

    def __init__(self, options: Options, *, stems: bool = False) -> None:
        self._names = Names(stems=stems)
        self._split = Split(options.split, options.seed) if options.split else None
        self._index = 0

    def record(self, head: Head, text: bytes) -> Record:
        """The next task."""
        index = self._index
        self._index += 1
        if head.wished and head.wished[0] != "{" and self._split is None:  # what nearly all are
            return Record(index, text, self._names.give(head.wished), "", head.url)
        own = str(head.id if head.id is not None else index)
        name = self._given(head.wished, own) if head.wished else ""
        pages = head.pages and tuple([replace(page, name=self._given(page.name, own)) for page in head.pages])
        split = ""
        if self._split is not None:
            split = self._split.of(name or (pages[0].name if pages else own))
        return Record(index, text, name, split, head.url, pages=pages)

    def _given(self, wished: str, own: str) -> str:
        return self._names.give(wished.replace("{}", own, 1) if wished[:2] == "{}" else wished)


class Split:
    """Where a task goes: by the hash of its name, so that it is the same whatever comes before or after it."""

    def __init__(self, shares: Iterable[tuple[str, float]], seed: int) -> None:
        self._seed = seed.to_bytes(16, "big", signed=True)
        self._ends: list[tuple[float, str]] = []
        end = 0.0
        for name, share in shares:
            end += share
            self._ends.append((end, name))

    def of(self, name: str) -> str:
        """The split of the task of this name."""
        digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8, key=self._seed).digest()
        at = int.from_bytes(digest, "big") / 2**64
        return next((split for end, split in self._ends if at < end), self._ends[-1][1])


def batched(records: Iterable[Record], most_bytes: int, most: int) -> Iterator[list[Record]]:
    """Records, some at a time: a batch ends with the one that reaches one of the bounds."""
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.text)
        if size >= most_bytes or len(batch) >= most:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
