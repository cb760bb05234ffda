"""The tasks and results that everybody sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

CONFIG = (
    '<View><Text name="text" value="$text"/>'
    '<Choices name="mood" toName="text"><Choice value="good"/><Choice value="bad"/></Choices></View>'
)

RESULT = [{"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["good"]}}]


def small_tasks(number: int) -> Iterator[dict[str, Any]]:
    """Tasks with a short text and nothing else."""
    return ({"data": {"text": f"text number {n} of some length"}} for n in range(number))


def labeled_tasks(number: int) -> Iterator[dict[str, Any]]:
    """Tasks with one prediction each, every second one annotated."""
    for n, task in enumerate(small_tasks(number)):
        task["predictions"] = [{"result": RESULT, "score": 0.5, "model_version": "v1"}]
        if n % 2:
            task["annotations"] = [{"result": RESULT}]
        yield task


def new_predictions(tasks: list[int]) -> Iterator[dict[str, Any]]:
    """A prediction for each task."""
    return ({"task": task, "result": RESULT, "score": 0.5, "model_version": "v1"} for task in tasks)


def new_annotations(tasks: list[int]) -> Iterator[dict[str, Any]]:
    """An annotation for each task."""
    return ({"task": task, "result": RESULT} for task in tasks)
