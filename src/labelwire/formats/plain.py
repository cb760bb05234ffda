"""The short way for what most tasks of images are: upright boxes of one annotation, each with one label.

A task that is anything else takes the long way, through `Parser` and `Scenes`, which would give the same for these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import Struct

from .options import Options
from .parsing import id_of
from .report import Report
from .schema import Shown
from .seen import WIDEST
from .shapes import Box

WHICH = frozenset({"latest", "first", "all"})
"""The strategies that take an annotation that is the only one."""


class Plain(Struct, frozen=True, gc=False):
    """A task of boxes, all of them within its image; `size` is that of the image in pixels."""

    id: int | None
    index: int
    name: str
    split: str
    size: tuple[int, int]
    labels: list[str]
    boxes: list[Box]
    page: ClassVar[None] = None


class PlainTasks:
    """Finds them, where a conversion is one that they are known in. `classes` are the labels that boxes may have."""

    def __init__(self, shown: Shown | None, options: Options, classes: Mapping[str, int]) -> None:
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

    def of(self, task: Any, index: int, name: str, split: str, report: Report) -> Plain | None:
        """The task; None, and nothing is reported, for one that is not as plain as that."""
        labels, boxes, ids = [], [], set()
        try:
            (annotation,) = task["annotations"]
            result = annotation["result"]
            wide, high = result[0]["original_width"], result[0]["original_height"]
            if annotation.get("was_cancelled") or type(task["data"][self._key]) is not str or not name:
                return None
            if type(wide) is not int or type(high) is not int or not 0 < wide <= WIDEST or not 0 < high <= WIDEST:
                return None
            for item in result:
                get, value = item.get, item["value"]
                (label,) = value["rectanglelabels"]
                x, y, width, height = value["x"], value["y"], value["width"], value["height"]
                if (
                    get("type") != "rectanglelabels"
                    or get("to_name") != self._object
                    or get("original_width") != wide
                    or get("original_height") != high
                    or label not in self._classes
                    or not (type(x) is type(y) is type(width) is type(height) is float)
                    or not (x >= 0 <= y and width > 0 < height and x + width <= 100 >= y + height)
                    or value.get("rotation")
                    or get("item_index")
                    or get("parentID")
                    or get("meta")
                    or get("score") is not None
                    or type(own := item["id"]) is not str
                ):
                    return None
                ids.add(own)
                labels.append(label)
                boxes.append(Box(x * wide / 100, y * high / 100, width * wide / 100, height * high / 100))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            return None
        if len(ids) < len(boxes) or "" in ids:
            return None
        report.tasks_in += 1
        report.annotations_in += 1
        report.regions_in += len(boxes)
        return Plain(id_of(task.get("id")), index, name, split, (wide, high), labels, boxes)
