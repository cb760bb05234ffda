"""A task's picture: its project's configuration and its images, fetched with the client and put inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ..core.json import decode
from ..core.operation import Do, Flow, Operation, Request
from ..errors import InvalidInput, LabelwireError, NotFound
from .files import CLOUD, places_of

if TYPE_CHECKING:
    from ..showing import Preview

LARGEST = 32 << 20
"""Bytes of an image that is fetched for a picture."""


def pictured(task: Mapping[str, Any], foreign: bool, annotations: bool, predictions: bool) -> Flow[Preview]:
    """The picture of a task.

    `foreign` says whether images that are not on the server are fetched too, and not left to a browser; the others are
    those of `labelwire.showing.preview`.
    """
    from ..showing import preview

    config = yield from config_of(task.get("project"))
    urls = image_addresses(task, config)
    images = yield from images_of(task, urls if foreign else [url for url in urls if ours(url)])
    shown = partial(preview, task, config=config, images=images, link=not foreign)
    return (yield from Do(lambda: shown(annotations=annotations, predictions=predictions)))


def image_addresses(task: Mapping[str, Any], config: str | None) -> list[str]:
    """Where the images of a task are, as its data says it, each once."""
    from ..showing.preview import image_addresses as found

    return found(task, config)


def ours(url: str) -> bool:
    """Whether the server itself has the file, or opens it."""
    return url.startswith("/") or bool(CLOUD.match(url))


def config_of(project: Any) -> Flow[str | None]:
    """A project's labeling configuration; None where nobody says which project it is."""
    if not isinstance(project, int):
        return None
    asked = Request("GET", f"/api/projects/{project}/", {"include": "label_config"})
    said = yield from Operation(asked, decode)
    config = said.get("label_config") if isinstance(said, dict) else None
    return config if isinstance(config, str) and config else None


def images_of(task: Mapping[str, Any], urls: Iterable[str]) -> Flow[dict[str, bytes]]:
    """The image files at these addresses; those that cannot be had are left out."""
    found: dict[str, bytes] = {}
    number = task.get("id")
    for url in urls:
        try:
            places = places_of(url, number if isinstance(number, int) else None)
            content = yield from _first_of(places)
        except LabelwireError:
            continue
        found[url] = content
    return found


def _first_of(places: tuple[str, ...]) -> Flow[bytes]:
    try:
        return (yield from _file(places[0]))
    except NotFound:
        if len(places) == 1:
            raise
        return (yield from _file(places[1]))


def _file(place: str) -> Flow[bytes]:
    sink = _Bounded()
    yield from Operation(Request("GET", place, headers={"Accept-Encoding": "identity"}), lambda _: None, sink)
    return sink.getvalue()


class _Bounded(BytesIO):
    """Takes so many bytes, and not more."""

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > LARGEST:
            raise InvalidInput(f"an image of more than {LARGEST >> 20} MB is not shown")
        return super().write(data)
