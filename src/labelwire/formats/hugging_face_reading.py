"""A Hugging Face dataset on disk as tasks: Parquet files, or a folder of media with metadata.jsonl."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct

from ..errors import InvalidInput
from ..files.sources import rows
from ..label_config import LabelConfig
from .batch import decoded
from .embedded import Taken
from .image_reading import IMAGE_SUFFIXES, known_size, relative
from .inferring import inferred, tag_of
from .json_tasks import json_text
from .model import Sample
from .parsing import Parser
from .report import Report
from .schema import Schema
from .seen import in_units
from .table_reading import asked_of, items_of

Row: TypeAlias = Mapping[str, Any]
Feature: TypeAlias = Mapping[str, Any]
Result: TypeAlias = dict[str, Any]
Size: TypeAlias = tuple[int, int]

METADATA = "metadata.jsonl"
INSIDE = "an image, sound or video that is inside the dataset's file: name a folder that takes it, media_to="

_LABELS = ("category", "categories", "label", "labels")
_MEDIA = frozenset({"Image", "Audio", "Video"})
_SIZES = frozenset({"width", "height"})


class Group(Struct, frozen=True):
    """A column of regions: the list in it that has their classes, those, and the key of the data that they are on."""

    labels: str
    names: tuple[str, ...]
    on: str


class Plan(Struct, frozen=True):
    """What the columns are.

    Attributes:
        one, several: those of classes, one or several a row, with their names.
        groups: those of regions.
        tags: those of the tags of `tokens`, with their names; they are looked at where there are no groups.
        media: those of images, sounds and videos, as `datasets` stores them.
        image, text, main: the keys of the data that have an image, a text, and what answers are about.
    """

    one: Mapping[str, tuple[str, ...]]
    several: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, Group]
    tags: Mapping[str, tuple[str, ...]]
    media: frozenset[str]
    image: str
    text: str
    main: str


class HuggingFaceReader:
    """Reads `data/*.parquet`, or `metadata.jsonl` beside images, sounds or videos.

    Columns of classes, and a column `label` of words, become choices; `objects` with lists `bbox` (x, y, width, height
    in pixels) and `category` boxes, or polygons where there is a `segmentation`; lists `start`, `end` and `label`
    spans of the text, or segments of a sound; `tokens` with tags B-… and I-… a text with its spans. A column that is
    called like a control of `config` holds what that says. All else is data.

    Options:
        media_to: a folder into which images, sounds and videos are written that are inside of Parquet files; the data
            has their paths. Without it they are reported.
    """

    def __init__(
        self,
        place: Path,
        report: Report,
        *,
        config: LabelConfig | None = None,
        media_to: str | PathLike[str] | None = None,
    ) -> None:
        self._place = place
        self._report = report
        self._taken = Taken(media_to) if media_to is not None else None
        self._files = _files(place)
        if not self._files:
            raise InvalidInput(f"{place} holds no data/*.parquet and no {METADATA}.")
        self._plan = _plan(_features(self._files[0]), next(_rows(self._files[0]), {}))
        self._asked = asked_of(config) if config is not None else {}
        if config is None:
            config = inferred(json_text(task) for task in chain([self._classes()], self._tasks(Report())))
        self.config = config

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether this is the folder of a dataset."""
        return place.is_dir() and bool(_files(place))

    def samples(self) -> Iterator[Sample]:
        """The rows as tasks."""
        parser = Parser(Schema(self.config))
        for index, task in enumerate(self._tasks(self._report)):
            sample = parser.sample(task, index, self._report)
            if sample is not None:
                self._report.tasks_out += 1
                self._report.annotations_out += len(sample.annotations)
                self._report.regions_out += sum(len(one.regions) for one in sample.annotations)
                yield sample

    def _tasks(self, report: Report) -> Iterator[dict[str, Any]]:
        """The rows as Label Studio writes tasks."""
        index = 0
        if self._taken is not None:
            self._taken.begin(writes=report is self._report)
        for file in self._files:
            split = (file.stem if file.suffix == ".parquet" else file.parent.name).partition("-")[0]
            for row in _rows(file):
                task = self._task(row, file, report, index)
                if len(self._files) > 1:
                    task["data"]["split"] = split
                index += 1
                yield task

    def _task(self, row: Row, file: Path, report: Report, index: int) -> dict[str, Any]:
        plan = self._plan
        head = {"id": row["id"]} if type(row.get("id")) is int else {}
        data = {key: cell for key, cell in row.items() if cell is not None and self._is_data(key) and key not in head}
        for key in plan.media & row.keys():
            cell = row[key] if isinstance(row[key], Mapping) else {}
            path, content = cell.get("path"), cell.get("bytes")
            if isinstance(path, str):
                data[key] = path
            if isinstance(content, bytes) and self._taken is not None:
                data[key] = self._taken.take(content, path if isinstance(path, str) else None, f"{key}-{index:06}")
            elif content is not None:
                report.leave_out(INSIDE, head.get("id"), index, detail=key)
        if isinstance(name := row.get("file_name"), str):
            data[plan.image or "file"] = relative(file.parent / name, self._place)
        result = [item for key, group in plan.groups.items() for item in self._regions(key, group, row, data)]
        for key, names in plan.tags.items() if not plan.groups else ():
            result += _tagged(key, names, row, data)
        for key, names in chain(plan.one.items(), plan.several.items()):
            cell = row.get(key)
            cells = cell if isinstance(cell, list) else [] if cell is None else [cell]
            if cells:
                result.append(_item(key, plan.main, "choices", {"choices": [_word(one, names) for one in cells]}))
        for key, asked in self._asked.items():
            if key in row and self._is_column(key) and key not in plan.one and key not in plan.several:
                result += items_of(key, asked, row[key])
        there = plan.one or plan.several or plan.groups or plan.tags or self._asked
        return {**head, "data": data, "annotations": [{"result": result}] if there else []}

    def _is_column(self, key: str) -> bool:
        """Whether it is of no kind that is known without a configuration."""
        plan = self._plan
        tokens = {"tokens"} if plan.tags or plan.groups else set()
        return not (key in plan.groups or key in plan.tags or key in plan.media or key in tokens or key == "file_name")

    def _is_data(self, key: str) -> bool:
        plan = self._plan
        known = key in plan.one or key in plan.several or key in self._asked or (plan.groups and key in _SIZES)
        return self._is_column(key) and not known

    def _regions(self, key: str, group: Group, row: Row, data: Row) -> Iterator[Result]:
        cell = row.get(key)
        lists = cell if isinstance(cell, Mapping) else {}
        labels = lists.get(group.labels)
        labels = [_word(one, group.names) for one in labels] if isinstance(labels, list) else []
        if "bbox" in lists:
            path = data.get(group.on)
            file = self._place / path if isinstance(path, str) and len(path) < 1000 else None
            yield from _drawn(key, group.on, lists, labels, known_size(file, row.get("width"), row.get("height")))
        elif labels:
            yield from _marked(key, group.on, lists, labels, data.get(group.on))

    def _classes(self) -> dict[str, Any]:
        """A task that has all the classes in their order, so that the configuration has them too."""
        plan = self._plan
        result = [
            _item(key, plan.main, "choices", {"choices": [one]}) for key, names in plan.one.items() for one in names
        ]
        result += [_item(key, plan.main, "choices", {"choices": list(names)}) for key, names in plan.several.items()]
        for key, group in plan.groups.items():
            # What tells a text's span from a sound's segment is that it has a text.
            place: dict[str, Any] = {"start": 0, "end": 0, **({"text": ""} if group.on == plan.text else {})}
            kind = "labels"
            if group.on == plan.image:
                place, kind = {"x": 0, "y": 0, "width": 0, "height": 0}, "rectanglelabels"
            result += [_item(key, group.on, kind, {**place, kind: [one]}) for one in group.names]
        for key, names in plan.tags.items() if not plan.groups else ():
            labels = dict.fromkeys(name[2:] for name in names if name[1:2] == "-")
            place = {"start": 0, "end": 0, "text": ""}
            result += [_item(key, "text", "labels", {**place, "labels": [one]}) for one in labels]
        return {"data": {}, "annotations": [{"result": result}]}


def _plan(features: Mapping[str, Feature], first: Row) -> Plan:
    one, several, groups, tags = {}, {}, {}, {}
    media = {key for key, feature in features.items() if feature.get("_type") in _MEDIA}
    file = first.get("file_name")
    images = [key for key in first if features.get(key, {}).get("_type") == "Image" or tag_of(first[key]) == "Image"]
    if isinstance(file, str):
        image = "image" if Path(file).suffix.lower() in IMAGE_SUFFIXES else ""
    else:
        image = next((key for key in images if key != "file_name"), "image" if "image" in first else "")
    texts = [key for key in first if tag_of(first[key]) in ("Text", "HyperText") and key not in ("file_name", "label")]
    text = next((key for key in ("text", "tokens") if key in first), texts[0] if texts else "")
    text = "text" if text == "tokens" else text
    main = image or ("file" if isinstance(file, str) else "") or text or next(iter(media), "")
    for key, cell in first.items():
        feature = features.get(key, {})
        inner = _inner(feature)
        if isinstance(cell, Mapping) and ("bbox" in cell or {"start", "end"} <= cell.keys()):
            labels = next((name for name in _LABELS if name in cell), "")
            names = tuple(_inner(feature.get(labels) or {}).get("names") or ())
            groups[key] = Group(labels, names, image if "bbox" in cell else text if "text" in cell else main)
        elif feature.get("_type") == "ClassLabel":
            one[key] = tuple(feature["names"])
        elif inner.get("_type") == "ClassLabel" and any(name[:2] in ("B-", "I-") for name in inner["names"]):
            tags[key] = tuple(inner["names"])
        elif inner.get("_type") == "ClassLabel":
            several[key] = tuple(inner["names"])
        elif key == "label" and isinstance(cell, str):
            one[key] = ()
    return Plan(one, several, groups, tags, frozenset(media), image, text, main)


def _drawn(key: str, on: str, lists: Row, labels: Sequence[str], size: Size | None) -> Iterator[Result]:
    """Boxes and polygons."""
    wide, high = (size[0] / 100, size[1] / 100) if size is not None else (1.0, 1.0)
    sizes = {} if size is None else {"original_width": size[0], "original_height": size[1]}
    outlines = lists.get("segmentation") or [()] * len(labels)
    for at, (label, bounds, outline) in enumerate(zip(labels, lists["bbox"], outlines, strict=False)):
        x, y, width, height = bounds
        corners = [x, y, x + width, y, x + width, y + height, x, y + height]
        if outline and list(outline) != corners:
            points = [[px / wide, py / high] for px, py in zip(outline[::2], outline[1::2], strict=False)]
            value: Result = {"points": points, "closed": True, "polygonlabels": [label]}
            item = _item(f"{key}_polygon", on, "polygonlabels", value)
        else:
            value = {"x": x / wide, "y": y / high, "width": width / wide, "height": height / high, "rotation": 0}
            item = _item(key, on, "rectanglelabels", {**value, "rectanglelabels": [label]})
        yield {**item, **sizes, "id": f"{key}{at}"}


def _marked(key: str, on: str, lists: Row, labels: Sequence[str], text: Any) -> Iterator[Result]:
    """Spans of a text, and segments."""
    for at, (label, start, end) in enumerate(zip(labels, lists["start"], lists["end"], strict=False)):
        value = {"start": start, "end": end, "labels": [label]}
        if isinstance(text, str) and type(start) is int and type(end) is int:
            value |= {"start": in_units(text, start), "end": in_units(text, end), "text": text[start:end]}
        yield {**_item(key, on, "labels", value), "id": f"{key}{at}"}


def _tagged(key: str, names: Sequence[str], row: Row, data: dict[str, Any]) -> Iterator[Result]:
    """The spans of tokens, whose text, with spaces between them, is put into the data where it has none."""
    tokens, tags = row.get("tokens"), row.get(key)
    if not isinstance(tokens, list) or not isinstance(tags, list):
        return
    text = data.setdefault("text", " ".join(map(str, tokens)))
    found: list[tuple[int, int, str]] = []
    at = 0
    for token, tag in zip(map(str, tokens), tags, strict=False):
        start = text.find(token, at)
        if start < 0:
            return
        at = start + len(token)
        letter, _, label = _word(tag, names).partition("-")
        if letter == "I" and found and found[-1][2] == label:
            found[-1] = (found[-1][0], at, label)
        elif label:
            found.append((start, at, label))
        else:
            found.append((at, at, ""))
    spans = [span for span in found if span[2]]
    starts, ends, labels = ([span[part] for span in spans] for part in range(3))
    yield from _marked(key, "text", {"start": starts, "end": ends}, [str(one) for one in labels], text)


def _item(control: str, shown: str, kind: str, value: dict[str, Any]) -> Result:
    return {"from_name": control, "to_name": shown, "type": kind, "value": value}


def _inner(feature: Feature) -> Feature:
    """The type of what is in lists."""
    inner = feature.get("feature")
    return inner if isinstance(inner, Mapping) else {}


def _word(cell: Any, names: Sequence[str]) -> str:
    """What a class is called, of its number or its name."""
    return names[cell] if type(cell) is int and 0 <= cell < len(names) else str(cell)


def _files(place: Path) -> list[Path]:
    """The files with rows, in the order of their names."""
    told = sorted(path for path in place.rglob(METADATA) if path.is_file())
    return told or sorted(path for path in place.glob("data/*.parquet") if path.is_file())


def _rows(file: Path) -> Iterator[Row]:
    for row in rows(file):
        data = row.get("data")
        yield data if isinstance(data, Mapping) else row


def _features(file: Path) -> Mapping[str, Feature]:
    """What the file says of its columns."""
    if file.suffix != ".parquet":
        return {}
    import pyarrow.parquet as pq

    told = (pq.read_schema(file).metadata or {}).get(b"huggingface")
    try:
        features = decoded(told)["info"]["features"] if told else {}
    except (ValueError, KeyError, TypeError):
        return {}
    return {key: one for key, one in features.items() if isinstance(one, Mapping)} if isinstance(features, dict) else {}
