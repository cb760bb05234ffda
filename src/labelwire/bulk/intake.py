"""What comes in: tasks from any source, checked one by one; new ones told from those that are there already."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from os import PathLike
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct, field

from ..core.json import encode
from ..core.operation import Flow
from ..core.pager import each_page
from ..errors import InvalidInput
from ..files.sources import rows
from ..resources.tasks import Task, Tasks
from .report import OnRefusal, Refused, Report

Source: TypeAlias = Iterable[Mapping[str, Any]] | str | PathLike[str]
"""Tasks, or the path or URL of a file of them."""

Existing: TypeAlias = Literal["skip", "update"]
"""What happens to a task that is there already."""

WINDOW = 200
"""Updates that are collected before they are sent."""

SIMPLE = frozenset({str, int, bool, type(None)})
"""Types of values that every encoder writes alike."""

FORM = 'A task is its data, such as {"image": "https://…"}, or {"data": {…}, "annotations": […]}.'


class There(Struct, frozen=True):
    """A task that the project has: its id, and what tells whether it is the same."""

    id: int
    data: bytes
    meta: bytes


class Index:
    """The project's tasks by their key: a field of their data, or all of it."""

    def __init__(self, key: str) -> None:
        name = key.removeprefix("data.")
        if key != "data" and (not name or name == key):
            raise InvalidInput(f'key={key!r}: write "data.NAME" for a field of the data, or "data" for all of it.')
        self.field = None if key == "data" else name
        self.tasks: dict[bytes, There] = {}

    def of(self, data: Mapping[str, Any]) -> bytes | None:
        """The key in a task's data, or None where it has none."""
        if self.field is None:
            return digest(data)
        return digest(data[self.field]) if data.get(self.field) is not None else None

    def add(self, tasks: Sequence[Task]) -> None:
        """Remember tasks of the project; of two with one key the first."""
        for task in tasks:
            key = self.of(task.data)
            if key is not None:
                self.tasks.setdefault(key, There(task.id, digest(task.data), digest(task.meta)))


class Update(Struct, frozen=True):
    """An item that changes a task which is there already."""

    position: int
    id: int
    changes: Mapping[str, Any]


class Intake(Struct):
    """Sorts what comes in. Iterated, it gives the position and the JSON of each new task.

    Attributes:
        index: the tasks that are there already, where they are compared.
        updates: filled while it is iterated: what there is to change.
        seen: items so far.
        ids: at each position the id of a task that was there already, else 0.
        again: items with the key of an earlier one: their position, and that one's.
    """

    source: Iterable[Mapping[str, Any]]
    report: Report
    on_refusal: OnRefusal
    index: Index | None = None
    existing: Existing = "skip"
    updates: list[Update] = field(default_factory=list)
    seen: int = 0
    ids: array[int] = field(default_factory=lambda: array("q"))
    again: list[tuple[int, int]] = field(default_factory=list)
    _new: dict[bytes, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for position, item in enumerate(self.source):
            self.seen = position + 1
            self.ids.append(0)
            try:
                task = whole_task(item, position)
                content = self._sorted(position, task, item)
            except InvalidInput as error:
                if self.on_refusal == "raise":
                    raise
                self.report.refused.append(Refused(position, str(error)))
                continue
            if content is not None:
                yield position, content
            elif len(self.updates) >= WINDOW:
                yield position, b""  # so that they are sent before more come together
        if not self.seen:
            raise InvalidInput("There are no tasks to import: the list is empty.")

    def _sorted(self, position: int, task: dict[str, Any], item: Mapping[str, Any]) -> bytes | None:
        """The JSON of a new task; None for one that is there already."""
        if self.index is None:
            return _json(task, item, position)
        key = self.index.of(task["data"])
        if key is None:
            raise InvalidInput(f"Task {position} has no {self.index.field!r} in its data, which is the key.")
        if key in self._new:
            self.again.append((position, self._new[key]))
            self.report.skipped += 1
            return None
        there = self.index.tasks.get(key)
        if there is None:
            content = _json(task, item, position)
            self._new[key] = position
            return content
        self.ids[position] = there.id
        changes = {
            name: task[name]
            for name, before in (("data", there.data), ("meta", there.meta))
            if name in task and digest(task[name]) != before
        }
        if self.existing == "skip" or not changes:
            self.report.skipped += 1
        else:
            more = [name for name in ("annotations", "predictions") if task.get(name)]
            if more:
                raise InvalidInput(
                    f"Task {position} is there already, as {there.id}: an update brings its data and meta. Bring its "
                    f"{' and '.join(more)} with client.imports.{more[0]}."
                )
            self.updates.append(Update(position, there.id, changes))
            # What comes later with the same key is compared with this, and is sent after it.
            self.index.tasks[key] = There(
                there.id,
                digest(task["data"]) if "data" in changes else there.data,
                digest(task["meta"]) if "meta" in changes else there.meta,
            )
            earlier = [index for index, update in enumerate(self.updates[:-1]) if update.id == there.id]
            for index in earlier:  # in one window two writes of one task have no order
                self.updates[-1] = Update(position, there.id, {**self.updates[index].changes, **changes})
                del self.updates[index]
                self.report.skipped += 1
        return None


def tasks_from(source: Source, format: str | None) -> Iterable[Mapping[str, Any]]:
    """The tasks of a source. A list is looked through at once, so that what is no task is said before any is sent.

    Raises:
        InvalidInput: and what is wrong.
    """
    if isinstance(source, (bytes, Mapping)) or not isinstance(source, (Iterable, PathLike)):
        raise InvalidInput(f"Tasks come as a list of dicts, and not as {type(source).__name__}.")
    if isinstance(source, Sequence) and not isinstance(source, str) and not source:
        raise InvalidInput("There are no tasks to import: the list is empty.")
    return rows(source, format=format)


def whole_task(item: object, position: int) -> dict[str, Any]:
    """The item as `{"data": {…}, …}`.

    Raises:
        InvalidInput: for what is no task.
    """
    if not isinstance(item, Mapping):
        raise InvalidInput(f"Task {position} is {type(item).__name__} and not a dict. {FORM}")
    if not item:
        raise InvalidInput(f"Task {position} is empty.")
    if isinstance(item.get("data"), Mapping):
        if not item["data"]:
            raise InvalidInput(f"Task {position} is empty: its data has no fields.")
        return {**item}
    return {"data": {**item}}


def known_tasks(project: int, key: str) -> Flow[Index]:
    """The project's tasks by their key."""
    index = Index(key)
    listed = Tasks.list(None, project=project, include=["id", "data", "meta"], resolve_uri=False)
    yield from each_page(listed, index.add)
    return index


def digest(value: Any) -> bytes:
    """What tells a value from any other, whatever the order of its keys."""
    return blake2b(encode(_ordered(value)), digest_size=12).digest()


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _ordered(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (list, tuple)):
        return [_ordered(item) for item in value]
    return value


def _json(task: dict[str, Any], item: Mapping[str, Any], position: int) -> bytes:
    data = task["data"]
    try:
        if len(task) == 1 and all(type(value) in SIMPLE for value in data.values()):
            try:
                return msgspec.json.encode(task)  # ten times as fast, and the same for what is as simple as most tasks
            except (TypeError, ValueError, OverflowError):
                pass  # a key that is no text, half a surrogate pair: the other one says what is wrong
        return encode(task)
    except InvalidInput:
        encode(item, f"The data[{position}]")  # which says what is wrong in the words of who wrote it
        raise
