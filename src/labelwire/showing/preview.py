"""The picture of a task: in notebooks, and as a PNG, SVG or HTML file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import InvalidInput
from ..formats.schema import Schema
from ..label_config import LabelConfig
from .colours import Colours
from .page import document, task_page
from .photos import LONGEST, Fitted, fitted
from .png import png
from .scene import Scene
from .sheets import Photos, Sheet, addresses, sheets
from .stacked import stacked
from .svg import svg

Images: TypeAlias = Mapping[str, bytes | str | PathLike[str]]
"""Image files by their addresses in the task's data: their bytes, or where they are."""


class Preview:
    """A task with what was said of it, as a picture. It holds all that it shows; no server is asked again."""

    def __init__(self, title: str, sheets: Sequence[Sheet], colours: Colours) -> None:
        self.title = title
        self.sheets = tuple(sheets)
        self._colours = colours

    @property
    def scene(self) -> Scene:
        """All of it as one drawing, one below another."""
        return stacked(self.title, self.sheets, self._colours)

    def to_html(self) -> str:
        """A page of its own."""
        return document(self.title, task_page(self.title, self.sheets, self._colours))

    def to_svg(self) -> str:
        """A drawing that scales, as an SVG file has it."""
        return svg(self.scene)

    def to_png(self, width: int = 1280) -> bytes:
        """The bytes of a PNG file of this width in pixels. Needs Pillow, and no browser."""
        return png(self.scene, width)

    def save(self, path: str | PathLike[str]) -> Path:
        """The path of the file that was written: .png, .svg or .html.

        Raises:
            InvalidInput: for another ending.
        """
        target = Path(path).expanduser()
        make = _KINDS.get(target.suffix.lower())
        if make is None:
            raise InvalidInput(f"{os.fspath(path)!r}: name a file that ends in {', '.join(_KINDS)}.")
        target.write_bytes(make(self))
        return target

    def _repr_html_(self) -> str:
        return task_page(self.title, self.sheets, self._colours)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Preview({self.title!r}, {', '.join(sheet.title for sheet in self.sheets)})"


_KINDS: dict[str, Callable[[Preview], bytes]] = {
    ".png": lambda one: one.to_png(),
    ".svg": lambda one: one.to_svg().encode(),
    ".html": lambda one: one.to_html().encode(),
}


def preview(
    task: Mapping[str, Any],
    *,
    config: LabelConfig | str | None = None,
    images: Images | None = None,
    annotations: bool = True,
    predictions: bool = True,
    link: bool = False,
    longest: int = LONGEST,
) -> Preview:
    """The picture of a task as Label Studio exports it.

    Args:
        config: the labeling configuration; without it, what the results say of themselves has to do.
        images: the image files, by their addresses in the task's data. Others are left blank.
        annotations, predictions: False leaves them out.
        link: whether images at http:// and https:// that are not given are shown by their address; a browser fetches
            them then.
        longest: pixels of the longer side of an image that is put in; larger ones are made smaller.
    """
    schema = Schema(config)
    photos = dict(_photos(task, schema, images or {}, longest=longest, link=link))
    number = task.get("id")
    title = f"task {number}" if number is not None else "a task"
    return Preview(title, sheets(task, schema, photos, annotations, predictions, min(longest, 800)), Colours(schema))


def image_addresses(task: Mapping[str, Any], config: LabelConfig | str | None) -> list[str]:
    """Where the images of a task are, as its data says it, each once."""
    return _addresses(task, Schema(config))


def _addresses(task: Mapping[str, Any], schema: Schema) -> list[str]:
    data = task.get("data")
    if not isinstance(data, Mapping):
        return []
    return list(dict.fromkeys(url for shown in schema.shows({"image"}) for url in addresses(shown, data)))


def _photos(task: Mapping[str, Any], schema: Schema, images: Images, *, longest: int, link: bool) -> Photos:
    found: dict[str, Fitted | str] = {}
    for url in _addresses(task, schema):
        given = images.get(url)
        content = given if isinstance(given, bytes) or given is None else Path(given).read_bytes()
        photo = fitted(content, longest) if content is not None else None
        if photo is not None:
            found[url] = photo
        elif link and url.startswith(("http://", "https://")):
            found[url] = url
    return found
