"""The short way for what most tasks of images are: upright boxes and polygons of one annotation with a label each.

Which tasks these are, a decoder knows that is made for the conversion: what a task may not have is an error to it. Such
a task takes the long way, through `Parser` and `Scenes`, which would give the same for all others too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct, defstruct, field

from .batch import Context, Short, ShortWay
from .parsing import id_of
from .report import Report
from .seen import LARGEST, WIDEST
from .shapes import Bounds

HALVES = re.compile("[\ud800-\udfff]")
"""Halves of surrogate pairs, which a decoder cannot be told to look for."""

WHICH = frozenset({"latest", "first", "all"})
"""The strategies that take an annotation that is the only one."""

_Share = Annotated[float, Meta(ge=0, le=100)]
_Extent = Annotated[float, Meta(gt=0, le=100)]
_Zero = Annotated[float, Meta(ge=0, le=0)]
_Pixels = Annotated[int, Meta(ge=1, le=WIDEST)]


class Outline(Struct, frozen=True, gc=False):
    """A polygon: the places of its corners across and down, in pixels."""

    xs: Sequence[float]
    ys: Sequence[float]

    @property
    def flat(self) -> list[float]:
        """x, y, x, y …"""
        return [*chain.from_iterable(zip(self.xs, self.ys, strict=True))]


class Plain(Short, frozen=True, gc=False):
    """A task of shapes that are all within its image; `size` is that of the image in pixels."""

    name: str
    split: str
    size: tuple[int, int]
    labels: list[str]
    shapes: list[Any]


class _Box(Struct, gc=False, kw_only=True):
    x: _Share
    y: _Share
    width: _Extent
    height: _Extent
    rotation: _Zero | None = None

    def shape(self, wide: int, high: int) -> Bounds | None:
        if self.x + self.width > 100 or self.y + self.height > 100:
            return None
        left, top = self.x * wide / 100, self.y * high / 100
        across, down = self.width * wide / 100, self.height * high / 100
        if left < wide and top < high and left + across > 0 < top + down:  # else it has no pixel
            return left, top, across, down
        return None


class _Polygon(Struct, gc=False, kw_only=True):
    points: Annotated[list[tuple[_Share, _Share]], Meta(min_length=3)]
    closed: bool = True

    def shape(self, wide: int, high: int) -> Outline | None:
        points = self.points
        if not self.closed or len(set(points[:4])) < 3:
            return None
        return Outline([x * wide / 100 for x, _ in points], [y * high / 100 for _, y in points])


class _Item(Struct, gc=False, kw_only=True):
    """A result; of what is not here, nothing matters."""

    id: Annotated[str, Meta(min_length=1)]
    original_width: _Pixels
    original_height: _Pixels
    item_index: _Zero | None = None
    parent: None = field(name="parentID", default=None)
    meta: None = None
    score: None = None


_VALUES: dict[str, type[Struct]] = {"rectanglelabels": _Box, "polygonlabels": _Polygon}

Decode: TypeAlias = Callable[[bytes], Any]


def _decoder(on: str, classes: Iterable[str], kinds: Sequence[str]) -> Decode:
    """What reads a task of nothing but results of these kinds, on the image of this name, with one of the labels."""
    image: Any = Literal[on]
    label: Any = tuple[Literal[tuple(classes)]]  # type: ignore[misc]
    items: Any = None
    for kind in kinds:
        value = defstruct("_Value", [("labels", label, field(name=kind))], bases=(_VALUES[kind],), gc=False)
        fields: list[Any] = [("to_name", image), ("value", value)]
        # Of one kind alone, a tag may be missing.
        tag: dict[str, Any] = {"tag_field": "type", "tag": kind} if len(kinds) > 1 else {}
        if not tag:
            fields.append(("type", Literal[kind]))
        item: Any = defstruct("_Result", fields, bases=(_Item,), gc=False, **tag)
        items = item if items is None else items | item
    annotation: Any = defstruct("_Annotation", [("result", list[items]), ("was_cancelled", Any, None)], gc=False)
    fields = [("data", dict[str, Any]), ("annotations", tuple[annotation]), ("id", Any, None)]
    return msgspec.json.Decoder(defstruct("_Task", fields, gc=False)).decode


def plain_tasks(
    context: Context, classes: Iterable[str], kinds: Sequence[str] = ("rectanglelabels",)
) -> ShortWay | None:
    """The short way of a conversion in which there are such tasks; `classes` are the labels that they may have."""
    shown, options = context.shown, context.options
    classes = tuple(label for label in classes if not HALVES.search(label))
    if (
        shown is None
        or shown.type != "image"
        or len(shown.path) != 1
        or not classes
        or options.source != "annotations"
        or options.annotations not in WHICH
        or options.official
    ):
        return None
    return PlainTasks(shown.key, _decoder(shown.name, classes, kinds)).of


class PlainTasks:
    """Finds them: shapes on the image that the data has at that key."""

    def __init__(self, key: str, decode: Decode) -> None:
        self._key = key
        self._decode = decode

    def of(self, text: bytes, index: int, name: str, split: str, report: Report) -> Plain | None:
        """The task; None, and nothing is reported, for one that is not as plain as that."""
        try:
            if not text.isascii():
                text.decode()  # of what is not decoded, nobody would look
            task = self._decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        (annotation,) = task.annotations
        result = annotation.result
        if not result or annotation.was_cancelled or type(task.data.get(self._key)) is not str or not name:
            return None
        wide, high = result[0].original_width, result[0].original_height
        labels, shapes, ids = [], [], set()
        for item in result:
            value = item.value
            shape = value.shape(wide, high)
            if shape is None or item.original_width != wide or item.original_height != high:
                return None
            ids.add(item.id)
            labels.append(value.labels[0])
            shapes.append(shape)
        if len(ids) < len(shapes) or wide * high > LARGEST:
            return None
        report.tasks_in += 1
        report.annotations_in += 1
        report.regions_in += len(shapes)
        return Plain(id_of(task.id), index, name, split, (wide, high), labels, shapes)
