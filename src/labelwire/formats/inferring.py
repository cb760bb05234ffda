"""A labeling configuration for tasks that come without one, made of what their results and their data say."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from typing import IO, Any, TypeAlias, TypeGuard

from ..files.sources import texts as texts_of
from ..label_config import Control, Label, LabelConfig, ObjectTag, Tag
from .batch import decoded

GUESSED = "There was no labeling configuration: the tags and the labels are those that the results name, as they came."

Tree: TypeAlias = dict[str, "Tree"]
"""Labels, and those within each."""

TAGS: dict[str, tuple[str, str]] = {
    "rectangle": ("Rectangle", "Image"),
    "rectanglelabels": ("RectangleLabels", "Image"),
    "ellipse": ("Ellipse", "Image"),
    "ellipselabels": ("EllipseLabels", "Image"),
    "polygon": ("Polygon", "Image"),
    "polygonlabels": ("PolygonLabels", "Image"),
    "keypoint": ("KeyPoint", "Image"),
    "keypointlabels": ("KeyPointLabels", "Image"),
    "vector": ("Vector", "Image"),
    "vectorlabels": ("VectorLabels", "Image"),
    "brush": ("Brush", "Image"),
    "brushlabels": ("BrushLabels", "Image"),
    "bitmask": ("Bitmask", "Image"),
    "bitmasklabels": ("BitmaskLabels", "Image"),
    "hypertextlabels": ("HyperTextLabels", "HyperText"),
    "paragraphlabels": ("ParagraphLabels", "Paragraphs"),
    "timeserieslabels": ("TimeSeriesLabels", "TimeSeries"),
    "timelinelabels": ("TimelineLabels", "Video"),
    "videorectangle": ("VideoRectangle", "Video"),
    "labels": ("Labels", ""),
    "choices": ("Choices", ""),
    "taxonomy": ("Taxonomy", ""),
    "textarea": ("TextArea", ""),
    "number": ("Number", ""),
    "rating": ("Rating", ""),
    "datetime": ("DateTime", ""),
    "pairwise": ("Pairwise", ""),
    "ranker": ("Ranker", "List"),
}
"""By the type of a result, the control that gives it, and the object that it is on where that is certain."""

_ANSWERS = frozenset({"choices", "taxonomy", "textarea", "number", "rating", "datetime", "pairwise", "ranker"})

_SUFFIXES = {
    "Image": "jpg jpeg png gif bmp webp tif tiff svg avif heic",
    "Audio": "wav mp3 flac ogg oga opus m4a aac aiff",
    "Video": "mp4 webm mov avi mkv m4v ogv mpg mpeg",
    "Pdf": "pdf",
    "TimeSeries": "csv tsv",
}
_TAG_OF = {suffix: tag for tag, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_SUFFIX = re.compile(r"\.([A-Za-z0-9]{2,4})(?:$|[?#&])")
_HTML = re.compile(r"<(?:!doctype|html|body|div|p|span|table|h[1-6]|ul|ol|br)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\S{1,4000}")
_NO_XML = re.compile(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]")

DEEPEST = 50
"""Steps of a taxonomy's path; a longer one is left out of the configuration."""


@contextmanager
def with_config(
    source: Iterable[Any] | str | PathLike[str],
) -> Iterator[tuple[Iterable[Any] | str | PathLike[str], LabelConfig]]:
    """The tasks, from the first one on, with the configuration that they could have been labeled with.

    A file is read twice; the tasks of an iterable are kept in a file meanwhile.
    """
    if isinstance(source, (str, PathLike)):
        yield source, inferred(texts_of(source))
        return
    with tempfile.TemporaryFile() as kept:
        config = inferred(_copied(texts_of(source), kept))
        kept.seek(0)
        yield (line[:-1] for line in kept), config


def _copied(texts: Iterable[bytes], kept: IO[bytes]) -> Iterator[bytes]:
    """The texts, of which each becomes a line: a line break is only ever white space in JSON."""
    for text in texts:
        kept.write(text.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n")
        yield text


class _Object:
    def __init__(self) -> None:
        self.tag = ""
        self.attributes: dict[str, str] = {}


class _Control:
    def __init__(self, type: str) -> None:
        self.type = type
        self.objects: dict[str, None] = {}
        self.labels: Tree = {}
        self.several = False
        self.per_region = False
        self.most = 5


def inferred(texts: Iterable[bytes]) -> LabelConfig:
    """The configuration that the tasks, as JSON texts, could have been labeled with.

    Controls, objects and labels are in the order in which they first appear. Only labels that were used are there.
    """
    return _Found(texts).config()


class _Found:
    """What the tasks say."""

    def __init__(self, texts: Iterable[bytes]) -> None:
        self.controls: dict[str, _Control] = {}
        self.objects: dict[str, _Object] = {}
        self.values: dict[str, Any] = {}
        for text in texts:
            try:
                task = decoded(text)
            except (ValueError, RecursionError):
                continue  # the conversion reports it
            if isinstance(task, dict) and isinstance(task.get("data"), dict):
                self._task(task)

    def _task(self, task: Mapping[str, Any]) -> None:
        for key, value in task["data"].items():
            if self.values.get(key) is None:
                self.values[key] = value
        for field in ("annotations", "predictions"):
            annotations = task.get(field)
            for one in annotations if isinstance(annotations, list) else ():
                result = one.get("result") if isinstance(one, dict) else None
                if isinstance(result, list):
                    self._result([item for item in result if isinstance(item, dict)])

    def _result(self, result: Iterable[Mapping[str, Any]]) -> None:
        places: set[Any] = set()
        for item in result:
            kind, value = item.get("type"), item.get("value")
            name, to = item.get("from_name"), item.get("to_name")
            if not (
                isinstance(name, str) and isinstance(to, str) and isinstance(kind, str) and isinstance(value, dict)
            ):
                continue
            if kind not in TAGS or not _is_name(name) or not _is_name(to):
                continue
            control = self.controls.get(name)
            if control is None:
                control = self.controls[name] = _Control(kind)
            if name != to:
                control.objects[to] = None
                shown = self.objects.setdefault(to, _Object())
                shown.tag = shown.tag or TAGS[kind][1] or (_of_labels(value) if kind == "labels" else "")
            region = item.get("id")
            if kind in _ANSWERS:
                control.per_region = control.per_region or (isinstance(region, str) and region in places)
            elif isinstance(region, str):
                places.add(region)
            self._said(control, kind, value)

    def _said(self, control: _Control, kind: str, value: Mapping[str, Any]) -> None:
        if kind == "rating" and isinstance(stars := value.get("rating"), int):
            control.most = min(max(control.most, stars), 100)
        given = value.get(kind)
        if given is None and kind.endswith("labels"):
            given = value.get("labels")
        if kind not in ("choices", "taxonomy") and not kind.endswith("labels"):
            return
        paths = list(_paths(given))
        control.several = control.several or len(paths) > 1
        for path in paths:
            tree = control.labels
            for step in path:
                tree = tree.setdefault(step, {})

    def config(self) -> LabelConfig:
        """The configuration; an empty `<View>` where nothing is known."""
        keys = {key: tag_of(value) for key, value in self.values.items() if re.fullmatch(r"\w+", key)}
        objects = self._objects(keys)
        controls = [one for name, control in self.controls.items() if (one := self._control(name, control, objects))]
        return LabelConfig(Tag("View", *objects.values(), *controls))

    def _objects(self, keys: Mapping[str, str]) -> dict[str, ObjectTag]:
        """The objects by name, each with the key of the data that it shows: of its own name, or the first that fits."""
        free = {key: tag for key, tag in keys.items() if key not in self.objects}
        found: dict[str, ObjectTag] = {}
        for name, shown in self.objects.items():
            if name in self.controls:
                continue
            key = name if name in keys else next((key for key, tag in free.items() if tag == shown.tag), "")
            if not key and shown.tag != "Image":
                key = next((key for key, tag in free.items() if tag), "")
            key = key or next(iter(free), "") or re.sub(r"\W", "_", name)
            free.pop(key, None)
            found[name] = self._object(name, key, shown.tag or keys.get(key) or "Text")
        if not found:
            shown_first = sorted((tag == "Text", place) for place, tag in enumerate(keys.values()) if tag)
            names = list(keys)
            wanted = 2 if any(one.type == "pairwise" for one in self.controls.values()) else 1
            for _, place in shown_first[:wanted]:
                key = names[place]
                if key not in self.controls:
                    found[key] = self._object(key, key, keys[key])
        return found

    def _object(self, name: str, key: str, tag: str) -> ObjectTag:
        value = self.values.get(key)
        if tag == "Image" and isinstance(value, list):
            return ObjectTag(tag, name=name, valueList=f"${key}")
        attributes, inside = _attributes(tag, value)
        return ObjectTag(tag, *inside, name=name, value=f"${key}", **attributes)

    def _control(self, name: str, control: _Control, objects: Mapping[str, ObjectTag]) -> Control | None:
        fitting = list(objects)[: 2 if control.type == "pairwise" else 1]
        aimed = [one for one in control.objects if one in objects] or fitting
        if not aimed or name in objects:
            return None
        tag = TAGS[control.type][0]
        attributes: dict[str, Any] = {"perRegion": True} if control.per_region else {}
        if control.type == "choices":
            attributes["choice"] = "multiple" if control.several else "single"
        if control.type == "rating":
            attributes["maxRating"] = control.most
        return Control(tag, *_labels(control.labels), name=name, to_name=aimed, **attributes)


def tag_of(value: Any) -> str:
    """The tag that shows a value of a task's data; "" for one that none shows."""
    if isinstance(value, str):
        if _ADDRESS.fullmatch(value) and (suffix := _SUFFIX.search(value)):
            tag = _TAG_OF.get(suffix[1].lower())
            if tag is not None:
                return tag
        return "HyperText" if _HTML.search(value[:2000]) else "Text"
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        if "id" in value[0] and ("title" in value[0] or "body" in value[0]):
            return "List"
        return "Paragraphs"
    if isinstance(value, list) and value and isinstance(value[0], str) and tag_of(value[0]) == "Image":
        return "Image"
    if isinstance(value, dict) and value:
        return "TimeSeries" if all(isinstance(one, list) for one in value.values()) else "Table"
    return ""


def _attributes(tag: str, value: Any) -> tuple[dict[str, str], list[Tag]]:
    """What a tag needs besides its name and its value."""
    if tag == "Paragraphs" and isinstance(value, list) and value and isinstance(value[0], dict):
        keys = [key for key, one in value[0].items() if isinstance(one, str) and _is_label(key)]
        said = next(
            (key for key in ("text", "message", "content", "phrase") if key in keys), keys[-1] if keys else "text"
        )
        who = next((key for key in keys if key != said), "author")
        return {"layout": "dialogue", "nameKey": who, "textKey": said}, []
    if tag == "TimeSeries" and isinstance(value, dict):
        columns = [key for key in value if _is_label(key)]
        time = next((key for key in columns if key.lower() in ("time", "timestamp", "date", "datetime")), "")
        inside = [Tag("Channel", column=key) for key in columns if key != time]
        return {"valueType": "json", **({"timeColumn": time} if time else {})}, inside
    return {}, []


def _of_labels(value: Mapping[str, Any]) -> str:
    """The object that a result of `<Labels>` is on."""
    if "sequence" in value or "ranges" in value:
        return "Video"
    if "startOffset" in value or "globalOffsets" in value:
        return "HyperText"
    if "start" in value:
        return "Text" if "text" in value else "Audio"
    return "Image" if "x" in value or "points" in value or "rle" in value else ""


def _paths(given: Any) -> Iterator[tuple[str, ...]]:
    """Labels as paths from the topmost one down."""
    if not isinstance(given, list):
        given = [given]
    for one in given:
        steps = one if isinstance(one, list) else [one]
        if 0 < len(steps) <= DEEPEST and all(_is_label(step) for step in steps):
            yield tuple(steps)


def _labels(tree: Tree) -> list[Label]:
    return [Label(value, *_labels(within)) for value, within in tree.items()]


def _is_label(label: Any) -> TypeGuard[str]:
    return isinstance(label, str) and bool(label) and not _NO_XML.search(label)


def _is_name(name: str) -> bool:
    return _is_label(name) and bool(name.strip()) and "," not in name
