"""FUNSD, read: a region for each item of a form, with its text and its links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ..errors import InvalidInput
from ..label_config import Control, LabelConfig
from ..label_config import image as image_config
from .batch import counted, decoded
from .image_reading import NO_SIZE, NO_TOOL, Tools, images_in, known_size, relative
from .model import Region, Relation, Reply, Sample, Text
from .report import Report
from .schema import Schema
from .shapes import Box

NO_ITEM = "an item that cannot be understood"
NO_FORM = "a file that is no form"
NO_IMAGE = "a form whose image is not in the dataset"

WORDS = "The boxes of single words are not taken; those of the items are."


class FunsdReader:
    """Reads a folder of forms, one JSON file an image; the images are those of the same names below it.

    Options:
        images: the folder of the images, where they are elsewhere.
    """

    def __init__(
        self, place: Path, report: Report, *, config: LabelConfig | None = None, images: str | Path | None = None
    ) -> None:
        self._root = place
        self._files = _forms(place)
        if not self._files:
            raise InvalidInput(f"{place} holds no forms; theirs are JSON files in a folder `annotations`.")
        self._report = report
        there = Path(images).expanduser() if images is not None else place
        self._images = {file.stem: file for file in images_in(there)}
        if config is None:
            labels = dict.fromkeys(item[1] for file in self._files for item in _items(file, None))
            written = Control("TextArea", name="transcription", to_name="image", editable=True, perRegion=True)
            config = image_config(written, boxes=list(labels) or ["other"])
        self.config = config
        self._tools = Tools(config)
        asked = (one for one in Schema(config).controls.values() if self._tools.object in one.objects)
        self._written = next((one.name for one in asked if one.type == "textarea"), None)

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether the first JSON file is a form."""
        return next((_form(file) for file in _forms(place)), None) is not None

    def samples(self) -> Iterator[Sample]:
        """The images."""
        for index, file in enumerate(self._files):
            self._report.tasks_in += 1
            if _form(file) is None:
                self._report.leave_out(NO_FORM, None, index, detail=file.name)
                continue
            picture = self._images.get(file.stem)
            if picture is None:
                self._report.leave_out(NO_IMAGE, None, index, detail=file.name)
                continue
            size = known_size(picture)
            if size is None:
                self._report.leave_out(NO_SIZE, None, index, detail=picture.name)
                continue
            yield self._sample(file, index, picture, size)

    def _sample(self, file: Path, index: int, picture: Path, size: tuple[int, int]) -> Sample:
        report = self._report
        report.annotations_in += 1
        regions: list[Region] = []
        replies: list[Reply] = []
        links: dict[tuple[Any, Any], None] = {}
        ids: dict[Any, str] = {}
        for place, (shape, label, said, item) in enumerate(_items(file, (report, index))):
            report.regions_in += 1
            name = f"i{place}"
            region = self._tools.region(name, shape, label, size)
            if region is None:
                report.leave_out(NO_TOOL, None, index, region=name, detail=label)
                continue
            regions.append(region)
            number = item.get("id")
            if isinstance(number, (int, str)):
                ids[number] = name
            if said and self._written is not None:
                replies.append(Reply(self._written, self._tools.object, "textarea", Text((said,)), name))
            links.update(dict.fromkeys(_links(item)))
            if len(item.get("words") or ()) > 1:
                report.note(WORDS)
        relations = tuple(Relation(ids[one], ids[other]) for one, other in links if one in ids and other in ids)
        sample = self._tools.sample(index, relative(picture, self._root), size, regions)
        (annotation,) = sample.annotations
        annotation = replace(annotation, replies=tuple(replies), relations=relations)
        counted(report, 1, len(regions))
        return replace(sample, annotations=(annotation,))


def _forms(place: Path) -> list[Path]:
    if place.is_file():
        return [place] if place.suffix == ".json" else []
    return sorted(file for file in place.rglob("*.json") if file.is_file())


def _form(file: Path) -> list[Any] | None:
    try:
        found = decoded(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    form = found.get("form") if isinstance(found, Mapping) else None
    return form if isinstance(form, list) else None


def _items(file: Path, told: tuple[Report, int] | None) -> Iterator[tuple[Box, str, str, Mapping[str, Any]]]:
    """Box in pixels, label and text of each item, and the item."""
    for item in _form(file) or ():
        box = item.get("box") if isinstance(item, Mapping) else None
        label = item.get("label") if isinstance(item, Mapping) else None
        if (
            not isinstance(box, list)
            or len(box) != 4
            or not all(type(edge) in (int, float) and -1e6 < edge < 1e6 for edge in box)
            or not isinstance(label, str)
            or not (box[0] < box[2] and box[1] < box[3])
        ):
            if told is not None:
                report, index = told
                report.regions_in += 1
                report.leave_out(NO_ITEM, None, index, detail=f"{file.name}: {str(item)[:80]}")
            continue
        said = item.get("text")
        left, top, right, bottom = box
        yield Box(left, top, right - left, bottom - top), label, said if isinstance(said, str) else "", item


def _links(item: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    given = item.get("linking")
    for link in given if isinstance(given, list) else ():
        if isinstance(link, list) and len(link) == 2 and all(isinstance(end, (int, str)) for end in link):
            yield link[0], link[1]
