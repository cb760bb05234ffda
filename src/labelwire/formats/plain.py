"""The short way for what most tasks of images are: upright boxes and polygons of one annotation with a label each.

A task that is anything else takes the long way, through `Parser` and `Scenes`, which would give the same for these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
from msgspec import Struct, field

from .batch import Context, Short, ShortWay
from .parsing import id_of
from .report import Report
from .seen import WIDEST
from .shapes import Box, Polygon

WHICH = frozenset({"latest", "first", "all"})
"""The strategies that take an annotation that is the only one."""


class Plain(Short, frozen=True, gc=False):
    """A task of shapes that are all within its image; `size` is that of the image in pixels."""

    name: str
    split: str
    size: tuple[int, int]
    labels: list[str]
    shapes: Sequence[Any]


class _Box(Struct, gc=False):
    x: float
    y: float
    width: float
    height: float
    labels: tuple[str] = field(name="rectanglelabels")
    rotation: float | None = None

    def shape(self, wide: int, high: int) -> Box | None:
        x, y, width, height = self.x, self.y, self.width, self.height
        if x >= 0 <= y and width > 0 < height and x + width <= 100 >= y + height and not self.rotation:
            return Box(x * wide / 100, y * high / 100, width * wide / 100, height * high / 100)
        return None


class _Polygon(Struct, gc=False):
    points: list[tuple[float, float]]
    labels: tuple[str] = field(name="polygonlabels")
    closed: bool = True

    def shape(self, wide: int, high: int) -> Polygon | None:
        flat = [*chain.from_iterable(self.points)]
        if not self.closed or len(set(self.points[:4])) < 3 or not (min(flat) >= 0 and max(flat) <= 100):
            return None
        return Polygon(tuple([(x * wide / 100, y * high / 100) for x, y in self.points]))


class _Item(Struct, gc=False, kw_only=True, tag_field="type"):
    """A result; of what is not here, nothing matters."""

    id: str
    to_name: str
    original_width: int
    original_height: int
    item_index: Any = None
    parent: Any = field(name="parentID", default=None)
    meta: Any = None
    score: Any = None


class _BoxItem(_Item, gc=False, kw_only=True, tag="rectanglelabels"):
    value: _Box


class _PolygonItem(_Item, gc=False, kw_only=True, tag="polygonlabels"):
    value: _Polygon


_Of = TypeVar("_Of", bound=_BoxItem | _PolygonItem)


class _Annotation(Struct, Generic[_Of], gc=False):
    result: list[_Of]
    was_cancelled: Any = None


class _Task(Struct, Generic[_Of], gc=False):
    data: dict[str, Any]
    annotations: tuple[_Annotation[_Of]]
    id: Any = None


Decode: TypeAlias = Callable[[bytes], _Task[Any]]

BOXES: Decode = msgspec.json.Decoder(_Task[_BoxItem]).decode
OUTLINES: Decode = msgspec.json.Decoder(_Task[_BoxItem | _PolygonItem]).decode
"""What reads a task of nothing but boxes, or of nothing but boxes and polygons; all else is an error to it."""


def plain_tasks(context: Context, classes: Mapping[str, int], decode: Decode = BOXES) -> ShortWay | None:
    """The short way of a conversion in which there are such tasks; `classes` are the labels that they may have."""
    shown, options = context.shown, context.options
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
    return PlainTasks(shown.name, shown.key, classes, decode).of


class PlainTasks:
    """Finds them: shapes on the image of that name, which the data has at that key."""

    def __init__(self, name: str, key: str, classes: Mapping[str, int], decode: Decode) -> None:
        self._object = name
        self._key = key
        self._classes = classes
        self._decode = decode

    def of(self, text: bytes, index: int, name: str, split: str, report: Report) -> Plain | None:
        """The task; None, and nothing is reported, for one that is not as plain as that."""
        try:
            task = self._decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        (annotation,) = task.annotations
        result = annotation.result
        if not result or annotation.was_cancelled or type(task.data.get(self._key)) is not str or not name:
            return None
        wide, high = result[0].original_width, result[0].original_height
        if not 0 < wide <= WIDEST or not 0 < high <= WIDEST:
            return None
        labels, shapes, ids = [], [], {""}
        for item in result:
            (label,) = item.value.labels
            shape = item.value.shape(wide, high)
            if (
                shape is None
                or item.to_name != self._object
                or item.original_width != wide
                or item.original_height != high
                or label not in self._classes
                or item.item_index
                or item.parent
                or item.meta
                or item.score is not None
            ):
                return None
            ids.add(item.id)
            labels.append(label)
            shapes.append(shape)
        if len(ids) <= len(shapes):  # one has none, or two have the same
            return None
        report.tasks_in += 1
        report.annotations_in += 1
        report.regions_in += len(shapes)
        return Plain(id_of(task.id), index, name, split, (wide, high), labels, shapes)
