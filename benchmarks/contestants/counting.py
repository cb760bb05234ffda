"""What a contestant has brought, counted whatever its objects are."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Counts = dict[str, int]


def _many(noun: str) -> Callable[[Any], Counts]:
    return lambda found: {noun: len(found)}


def _number(noun: str) -> Callable[[Any], Counts]:
    return lambda number: {noun: number}


def _field(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, dict) else getattr(thing, name)


def whole_tasks(tasks: Sequence[Any]) -> Counts:
    """Tasks with their annotations and predictions."""
    return {
        "tasks": len(tasks),
        "annotations": sum(len(_field(task, "annotations") or ()) for task in tasks),
        "predictions": sum(len(_field(task, "predictions") or ()) for task in tasks),
    }


def task_data(tasks: Sequence[Any]) -> Counts:
    """Tasks whose data holds a text."""
    return {"tasks": sum(1 for task in tasks if _field(task, "data")["text"])}


def file_of_tasks(path: str) -> Counts:
    """The tasks of a JSON file, which is removed."""
    text = Path(path).read_bytes()
    Path(path).unlink()
    return whole_tasks(json.loads(text))


COUNTS: dict[str, Callable[[Any], Counts]] = {
    "whole tasks": whole_tasks,
    "task data": task_data,
    "file of tasks": file_of_tasks,
    "ids": _many("ids"),
    "projects": _many("projects"),
    "tasks": _many("tasks"),
    "calls": _number("calls"),
    "predictions made": _number("predictions"),
    "annotations made": _number("annotations"),
}
