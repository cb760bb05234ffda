"""The short way for what most tasks of images are: upright boxes, or polygons, of one annotation with a label each.

A task that is anything else takes the long way, through `Parser` and `Scenes`, which would give the same for these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar, TypeAlias

from msgspec import Struct

from .options import Options
from .parsing import id_of
from .report import Report
from .schema import Shown
from .seen import LONGEST, WIDEST
from .shapes import Box, Polygon

WHICH = frozenset({"latest", "first", "all"})
"""The strategies that take an annotation that is the only one."""


PlainShape: TypeAlias = Box | Polygon
Make: TypeAlias = Callable[[Mapping[str, Any], int, int], PlainShape | None]


class Plain(Struct, frozen=True, gc=False):
    """A task of shapes of one type, all of them within its image; `size` is that of the image in pixels."""

    id: int | None
    index: int
    name: str
    split: str
    size: tuple[int, int]
    labels: list[str]
    shapes: Sequence[Any]
    page: ClassVar[None] = None


def _box(value: Mapping[str, Any], wide: int, high: int) -> Box | None:
    x, y, width, height = value["x"], value["y"], value["width"], value["height"]
    if (
        type(x) is type(y) is type(width) is type(height) is float
        and x >= 0 <= y
        and width > 0 < height
        and x + width <= 100 >= y + height
        and not value.get("rotation")
    ):
        return Box(x * wide / 100, y * high / 100, width * wide / 100, height * high / 100)
    return None


def _polygon(value: Mapping[str, Any], wide: int, high: int) -> Polygon | None:
    given = value["points"]
    flat = [*chain.from_iterable(given)]
    if (
        not set(map(type, flat)) <= _NUMBERS
        or set(map(len, given)) != {2}
        or not (min(flat) >= 0 and max(flat) <= 100 and sum(flat) < LONGEST)  # the sum, for NaN
        or value.get("closed", True) is not True
    ):
        return None
    points = tuple([(x * wide / 100, y * high / 100) for x, y in given])
    return Polygon(points) if len(set(points[:4])) > 2 else None


_NUMBERS = {int, float}

BOXES: Mapping[str, Make] = {"rectanglelabels": _box}
OUTLINES: Mapping[str, Make] = {**BOXES, "polygonlabels": _polygon}
"""By the type of a result: what makes its shape, or None where it is not that plain."""


class PlainTasks:
    """Finds them, where a conversion is one that they are known in.

    Args:
        shapes: what the writer takes, `BOXES` or `OUTLINES`.
        classes: the labels that they may have.
    """

    def __init__(
        self, shown: Shown | None, options: Options, classes: Mapping[str, int], shapes: Mapping[str, Make]
    ) -> None:
        self.known = (
            shown is not None
            and shown.type == "image"
            and len(shown.path) == 1
            and bool(classes)
            and options.source == "annotations"
            and options.annotations in WHICH
            and not options.official
        )
        self._object, self._key = (shown.name, shown.key) if shown is not None else ("", "")
        self._classes = classes
        self._makes = shapes

    def of(self, task: Any, index: int, name: str, split: str, report: Report) -> Plain | None:
        """The task; None, and nothing is reported, for one that is not as plain as that."""
        labels, shapes, ids = [], [], set()
        try:
            (annotation,) = task["annotations"]
            result = annotation["result"]
            first = result[0]
            kind, wide, high = first["type"], first["original_width"], first["original_height"]
            make = self._makes[kind]
            if annotation.get("was_cancelled") or type(task["data"][self._key]) is not str or not name:
                return None
            if type(wide) is not int or type(high) is not int or not 0 < wide <= WIDEST or not 0 < high <= WIDEST:
                return None
            for item in result:
                get, value = item.get, item["value"]
                (label,) = value[kind]
                shape = make(value, wide, high)
                if (
                    shape is None
                    or get("type") != kind
                    or get("to_name") != self._object
                    or get("original_width") != wide
                    or get("original_height") != high
                    or label not in self._classes
                    or get("item_index")
                    or get("parentID")
                    or get("meta")
                    or get("score") is not None
                    or type(own := item["id"]) is not str
                ):
                    return None
                ids.add(own)
                labels.append(label)
                shapes.append(shape)
        except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError):
            return None
        if len(ids) < len(shapes) or "" in ids:
            return None
        report.tasks_in += 1
        report.annotations_in += 1
        report.regions_in += len(shapes)
        return Plain(id_of(task.get("id")), index, name, split, (wide, high), labels, shapes)
