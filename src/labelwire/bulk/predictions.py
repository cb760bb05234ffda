"""`client.predictions`: those of a model's outputs, and many of them deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from ..core.endpoint import D, workflow
from ..core.operation import Flow
from ..resources.predictions import Predictions as Single
from .one_by_one import one_by_one
from .report import OnProgress, OnRefusal, Report


class Predictions(Single[D]):
    """Predictions, any number of them; `client.imports.predictions` makes new ones."""

    @workflow
    def from_model(
        self,
        project: int,
        outputs: Mapping[int, Any] | Iterable[tuple[int, Any]],
        *,
        model_version: str | None = None,
        labels: Mapping[str, str | None] | None = None,
        unknown: Literal["raise", "skip"] = "raise",
        label: str | None = None,
        control: str | Sequence[str] | None = None,
        threshold: float | None = None,
        image_size: tuple[int, int] | Mapping[int, tuple[int, int]] | None = None,
        on_refusal: OnRefusal = "raise",
        progress: OnProgress | None = None,
    ) -> Flow[Report]:
        """Makes predictions of what a model gives for tasks, each exactly once, and reports them.

        An output is ultralytics' `Results`, supervision's `Detections`, spaCy's `Doc`, or what a transformers pipeline
        gives for one input. Pixels become percent, scores go to the regions, and their mean to the prediction; which
        control takes it is seen by the project's labeling configuration.

        Args:
            outputs: the output for each task's id, or any iterable of (id, output).
            labels: the configuration's label for each of the model's, None to leave those out.
            unknown: "skip" leaves out what the configuration has no label for.
            label: for what the model gives no label: an answer, a stretch of speech.
            control: the control's name, or several, where more than one fits.
            threshold: the score below which something is left out; 0.5 for choices of which several can be made.
            image_size: (width, height) in pixels where the output does not say it; for all, or by the task's id.

        Raises:
            InvalidInput: for an output, a label or a configuration that does not fit; nothing was sent.
        """
        from .modelled import import_outputs  # which few calls need

        options = {"labels": labels or {}, "unknown": unknown, "label": label, "control": control}
        return (
            yield from import_outputs(
                project, outputs, model_version, {**options, "threshold": threshold}, image_size, on_refusal, progress
            )
        )

    @workflow
    def delete_many(
        self, ids: Iterable[int], *, on_refusal: OnRefusal = "raise", progress: OnProgress | None = None
    ) -> Flow[Report]:
        """Deletes many predictions, several at once; `skipped` counts those that were not there.

        All of one model version go in one request: `client.projects.delete_predictions`.
        """
        return (yield from one_by_one(ids, partial(Single.delete, None), "deleted", on_refusal, progress))
