"""Predictions of what models give, onto existing tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..core.operation import Do, Flow
from ..errors import InvalidInput
from ..model_outputs.building import Reading, prediction_of
from ..resources._fitting import configuration, selected
from .predicting import import_predictions
from .report import OnProgress, OnRefusal, Report

if TYPE_CHECKING:
    from ..label_config import LabelConfig


def import_outputs(
    project: int,
    outputs: Mapping[int, Any] | Iterable[tuple[int, Any]],
    model_version: str | None,
    options: Mapping[str, Any],
    image_size: tuple[int, int] | Mapping[int, tuple[int, int]] | None,
    on_refusal: OnRefusal,
    progress: OnProgress | None,
) -> Flow[Report]:
    """The flow behind `client.predictions.from_model`."""
    config = yield from configuration(project)
    pairs = yield from Do(lambda: _pairs(outputs))
    texts: dict[int, str] = {}
    if any(one.type == "text" for one in config.objects.values()):
        for task in (yield from selected(project, (task for task, _ in pairs), ["id", "data"])):
            if (shown := _text(config, task.data)) is not None:
                texts[task.id] = shown

    def predictions() -> Iterator[dict[str, Any]]:
        for task, output in pairs:
            size = image_size.get(task) if isinstance(image_size, Mapping) else image_size
            reading = Reading(**options, image_size=size)
            try:
                made = prediction_of(output, config, text=texts.get(task), model_version=model_version, reading=reading)
            except InvalidInput as error:
                raise InvalidInput(f"The output for task {task}: {error}") from None
            yield {"task": task, **made}

    made = yield from Do(lambda: list(predictions()))
    return (yield from import_predictions(project, made, check=True, on_refusal=on_refusal, progress=progress))


def _pairs(outputs: Any) -> list[tuple[int, Any]]:
    return list(outputs.items() if isinstance(outputs, Mapping) else outputs)


def _text(config: LabelConfig, data: Mapping[str, Any]) -> str | None:
    """What the first text of the configuration shows of a task."""
    shown = next(one for one in config.objects.values() if one.type == "text").shown(data)
    return shown if isinstance(shown, str) else None
