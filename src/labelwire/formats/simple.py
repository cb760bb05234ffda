"""The short way to JSON_MIN for what most tasks are: one annotation, of regions that are copied as they are.

The values of regions and of the data are not decoded: what the input says of them goes into the output. A task with
anything else takes the long way, which gives the same but for how numbers and letters are written.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from .batch import Context, Short, ShortWay
from .parsing import id_of, is_region, maker_of
from .plain import WHICH
from .report import Report
from .schema import Schema

STRINGS = {"choices": "choices", "textarea": "text"}
"""Controls whose only answer is written as a string, by the key of the value that has it."""

CHATS = frozenset({"chat", "chatmessage"})

_SIZE = b'"original_'


class Simple(Short, frozen=True, gc=False):
    """Such a task: as `Sample` and `Row` have it, but for its values, which are JSON."""

    split: str
    data: dict[str, Raw]
    answers: dict[str, list[Raw]]
    about: tuple[Any, ...]
    agreement: Raw | UnsetType
    regions: int


class _Item(Struct, gc=False):
    from_name: str
    value: Raw
    id: Any = None
    type: Any = None
    original_width: int | UnsetType = UNSET
    original_height: int | UnsetType = UNSET


_NULL = Raw(b"null")


class _Annotation(Struct, gc=False):
    result: list[_Item]
    id: Raw = _NULL
    completed_by: Any = None
    created_at: Raw = _NULL
    updated_at: Raw = _NULL
    lead_time: Raw = _NULL
    was_cancelled: Any = None


class _Task(Struct, gc=False):
    data: dict[str, Raw]
    annotations: tuple[_Annotation]
    id: Any = None
    agreement: Raw | UnsetType = UNSET


_decode = msgspec.json.Decoder(_Task).decode


def simple_tasks(context: Context) -> ShortWay | None:
    """The short way of a conversion in which there are such tasks."""
    options = context.options
    if options.source != "annotations" or options.annotations not in WHICH or options.official:
        return None
    return SimpleTasks(context.schema).of


class SimpleTasks:
    """Finds them."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def of(self, text: bytes, index: int, _name: str, split: str, report: Report) -> Simple | None:
        """The task; None, and nothing is reported, for one that is not as simple as that."""
        try:
            if not text.isascii():
                text.decode()  # of what is not decoded, nobody would look
            if b"\\ud" in text or b"\\uD" in text:  # maybe half of a pair
                return None
            task = _decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        (annotation,) = task.annotations
        if annotation.was_cancelled:
            return None
        answers: dict[str, list[Raw]] = {}
        regions: set[Any] = set()
        for position, item in enumerate(annotation.result):
            name = item.from_name
            if name not in answers:
                control = self._schema.control(name) if self._schema else None
                kind = control.type if control is not None else item.type
                if not name or kind in STRINGS or kind in CHATS:
                    return None
                answers[name] = []
            said = _sized(item)
            if said is None:
                return None
            answers[name].append(said)
            if is_region(item.type):
                regions.add(item.id if type(item.id) is str else position)
        by, email = maker_of(annotation.completed_by)
        about = (email or by, annotation.id, annotation.created_at, annotation.updated_at, annotation.lead_time)
        report.tasks_in += 1
        report.annotations_in += 1
        report.regions_in += len(regions)
        return Simple(id_of(task.id), index, split, task.data, answers, about, task.agreement, len(regions))


def _sized(item: _Item) -> Raw | None:
    """The value with the size of its image; None for one that is no object, or has a size that is not usual."""
    value, wide, high = bytes(item.value), item.original_width, item.original_height
    if value[:1] != b"{":
        return None
    if wide is high is UNSET:
        return Raw(value)
    body = value[:-1].rstrip()
    if wide is UNSET or high is UNSET or body == b"{" or _SIZE in body:
        return None
    return Raw(b'%b,"original_width":%d,"original_height":%d}' % (body, wide, high))
