"""Tasks of several images: those of a list, of a `<Repeater>`, or of several `<Image>` tags. Each is its own sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from .model import Annotation, Media, Sample
from .schema import Schema, Shown
from .seen import ImageId, Size


class Page(Struct, frozen=True, array_like=True, gc=False):
    """An image of a task with several.

    Attributes:
        url: its address. Tags that show the same one show one image.
        key: the key of the task's data.
        ids: how results name it.
        name: the file name that it has in the output.
        file: where it is on this machine; "" where it is not, and `missing` says why.
    """

    url: str
    key: str
    ids: tuple[ImageId, ...]
    name: str = ""
    file: str = ""
    missing: str = ""


class Pages:
    """Finds the images of tasks that show several. It can be pickled.

    Attributes:
        tags: the tags that show them: all `<Image>` tags, or the one that is `wanted`. None where `shown`, which the
            output is about, is no image.
        always: whether a task may show several though its first tag shows one.
    """

    def __init__(self, schema: Schema, shown: Shown | None, wanted: str | None) -> None:
        self._schema = schema
        self.tags: tuple[Shown, ...] = ()
        if shown is not None and shown.type == "image":
            self.tags = schema.shows({"image"}) if wanted is None else (shown,)
        self.always = len(self.tags) > 1 or any("{{" in one.name for one in self.tags)

    def of(self, data: Mapping[str, Any]) -> tuple[Page, ...]:
        """The images of a task, in the order of the tags; none where it is one that the first tag shows."""
        if not self.always and not (self.tags and type(self.tags[0].of(data)) is list):
            return ()
        found: dict[str, Page] = {}
        for shown in self._shown(data):
            given = shown.of(data)
            for index, url in enumerate(given if isinstance(given, list) else [given]):
                if isinstance(url, str):
                    before = found[url].ids if url in found else ()
                    found[url] = Page(url, shown.key, (*before, (shown.name, index)))
        pages = tuple(found.values())
        return () if [page.ids for page in pages] == [((self.tags[0].name, 0),)] else pages

    def _shown(self, data: Mapping[str, Any]) -> Iterator[Shown]:
        """The tags, and for one that is repeated those that it stands for."""
        for shown in self.tags:
            if "{{" not in shown.name:
                yield shown
                continue
            number = 0
            while (one := self._schema.repeated(shown, number)) is not None and one.of(data) is not None:
                yield one
                number += 1


def divided(sample: Sample, pages: Sequence[Page], main: str, sizes: Mapping[ImageId, Size]) -> Iterator[Sample]:
    """A sample for each image, as if its task showed that one alone, with the tag `main`.

    What is on none of the images stays as it is, with the first one. So do answers about the whole task. `sizes` are
    for images on which no region says one.
    """
    at = {own: number for number, page in enumerate(pages) for own in page.ids}
    annotations = [_by_page(one, at, main, len(pages)) for one in sample.annotations]
    for number, page in enumerate(pages):
        own = tuple(each[number] for each in annotations)
        said = (one.size for each in own for one in each.regions if one.object == main and one.size is not None)
        known = (size for one in page.ids if (size := sizes.get(one)) is not None)
        wide, high = next(said, None) or next(known, None) or (None, None)
        media = Media(main, page.key, "image", page.url, page.name, wide, high)
        yield replace(sample, media={main: media}, annotations=own, page=number)


def _by_page(annotation: Annotation, at: Mapping[ImageId, int], main: str, count: int) -> list[Annotation]:
    """The annotation as it is about each image."""
    regions: list[list[Any]] = [[] for _ in range(count)]
    replies: list[list[Any]] = [[] for _ in range(count)]
    relations: list[list[Any]] = [[] for _ in range(count)]
    of_region: dict[str | None, int] = {}
    for region in annotation.regions:
        number = at.get((region.object, region.index or 0))
        of_region[region.id] = number or 0
        regions[number or 0].append(region if number is None else replace(region, object=main, index=None))
    for reply in annotation.replies:
        replies[of_region.get(reply.region, 0)].append(reply)
    for relation in annotation.relations:
        relations[of_region.get(relation.source, 0)].append(relation)
    return [
        replace(annotation, regions=tuple(drawn), replies=tuple(said), relations=tuple(arrows))
        for drawn, said, arrows in zip(regions, replies, relations, strict=True)
    ]
