"""The files that COCO's annotations become: whole, as results alone, or as the official exporter lays them out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import IO

from msgspec import Struct, field

_INFO = '{"version": "1.0", "description": "", "contributor": "Label Studio", "url": ""}'


class Rows(Struct):
    """A batch's images and annotations.

    Attributes:
        images: their JSON with a hole each, for the id.
        ids: of the images, where tasks give them.
        annotations: their JSON with holes for the id, the image's and the category's, which only the whole output
            gives.
        owners: of each annotation, which of the images it is on.
        labels: of each annotation, its category.
    """

    images: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    annotations: bytes = b""
    owners: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


class Document:
    """A whole COCO file: images as they come, annotations after them."""

    first = 1
    """pycocotools takes an annotation with the id 0 for one that was missed."""

    def __init__(self, later: IO[bytes], stream: IO[bytes], *, by_task: bool) -> None:
        self._stream = stream
        self._later = later
        self._by_task = by_task
        self._images = 0
        self._annotations = 0
        self._start()

    def add(self, rows: Rows, numbers: Mapping[str, int]) -> None:
        """A batch's; its numbers go on from those before."""
        count = len(rows.images)
        ids = rows.ids if self._by_task else range(self._images, self._images + count)
        if count:
            self._put_images((_BETWEEN.join(rows.images) % tuple(ids)).encode(), first=not self._images)
        if rows.owners:
            begin = self._annotations + self.first
            holes = [begin] * (3 * len(rows.owners))
            holes[0::3] = range(begin, begin + len(rows.owners))
            holes[1::3] = [ids[owner] for owner in rows.owners]
            holes[2::3] = [numbers[label] for label in rows.labels]
            self._put_annotations(rows.annotations % tuple(holes), first=not self._annotations)
        self._images += count
        self._annotations += len(rows.owners)

    def finish(self, categories: Sequence[str]) -> None:
        """The rest of the file."""
        self._stream.write(b"\n],\n" if self._images else b"],\n")
        listed = f"\n{_BETWEEN.join(categories)}\n" if categories else ""
        self._stream.write(f'"categories": [{listed}],\n"annotations": ['.encode())
        _append(self._later, self._stream)
        self._stream.write(("\n" if self._annotations else "").encode())
        self._stream.write(f'],\n"info": {_INFO},\n"licenses": []}}\n'.encode())

    def _start(self) -> None:
        self._stream.write(b'{"images": [')

    def _put_images(self, text: bytes, *, first: bool) -> None:
        self._stream.write(_lead(first=first) + text)

    def _put_annotations(self, text: bytes, *, first: bool) -> None:
        self._later.write(_lead(first=first) + text)


class Results(Document):
    """The annotations alone."""

    def _start(self) -> None:
        self._stream.write(b"[")

    def _put_images(self, text: bytes, *, first: bool) -> None:
        """Results name images by id only."""

    def _put_annotations(self, text: bytes, *, first: bool) -> None:
        self._stream.write(_lead(first=first) + text)

    def finish(self, categories: Sequence[str]) -> None:
        """The rest of the file."""
        self._stream.write(b"\n]\n" if self._annotations else b"]\n")


class Official(Document):
    """Laid out as the official exporter does."""

    first = 0

    def finish(self, categories: Sequence[str]) -> None:
        """The rest of the file."""
        self._stream.write(b"\n  ],\n" if self._images else b"],\n")
        listed = f"\n{_indented(_BETWEEN.join(categories).encode()).decode()}\n  " if categories else ""
        self._stream.write(f'  "categories": [{listed}],\n  "annotations": ['.encode())
        _append(self._later, self._stream)
        self._stream.write(("\n  " if self._annotations else "").encode())
        info = json.dumps(json.loads(_INFO), indent=2).replace("\n", "\n  ")
        self._stream.write(f'],\n  "info": {info}\n}}'.encode())

    def _start(self) -> None:
        self._stream.write(b'{\n  "images": [')

    def _put_images(self, text: bytes, *, first: bool) -> None:
        super()._put_images(_indented(text), first=first)

    def _put_annotations(self, text: bytes, *, first: bool) -> None:
        super()._put_annotations(_indented(text), first=first)


_BETWEEN = ",\n"


def _append(later: IO[bytes], stream: IO[bytes]) -> None:
    later.seek(0)
    while block := later.read(1 << 20):
        stream.write(block)


def _lead(*, first: bool) -> bytes:
    return b"\n" if first else b",\n"


def _indented(items: bytes) -> bytes:
    """Items of JSON, one value a line."""
    return json.dumps([json.loads(b"[%b]" % items)], indent=2)[6:-6].encode()
