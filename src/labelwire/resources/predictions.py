"""`/api/predictions/`"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from ..core.endpoint import D, Resource, endpoint, listing, workflow
from ..core.model import Model
from ..core.operation import Flow, Operation, Page, Request
from ..core.pager import bare
from ._common import nothing


class Prediction(Model):
    """What a model has found on a task. `score` is the model's own, mostly 0 to 1."""

    id: int
    task: int | None
    project: int | None
    result: Sequence[dict[str, Any]] | None
    score: float | None
    model_version: str | None
    model: int | None
    model_run: int | None
    cluster: int | None
    mislabeling: float | None
    neighbors: Any
    created_at: datetime | None
    updated_at: datetime | None


class PredictionChanges(TypedDict, total=False):
    """The fields of a prediction that can be written."""

    result: Sequence[Mapping[str, Any]] | Mapping[str, Any] | str
    score: float | None
    model_version: str | None
    cluster: int | None
    mislabeling: float
    neighbors: Any


class Predictions(Resource[D]):
    """Predictions: what models have found, shown to annotators as a start."""

    @listing
    def list(self, *, task: int | None = None, project: int | None = None) -> Operation[Page[Prediction]]:
        """The predictions of a task or of a project, in one answer."""
        return bare(Request("GET", "/api/predictions/", {"task": task, "task__project": project}), Prediction)

    @endpoint
    def get(self, id: int) -> Operation[Prediction]:
        """The prediction."""
        return Operation(Request("GET", f"/api/predictions/{id}/"), Prediction.decode)

    @workflow
    def create(self, *, task: int, check: bool = False, **fields: Unpack[PredictionChanges]) -> Flow[Prediction]:
        """A new prediction for the task. For many, `client.imports.predictions` takes one request for all.

        Args:
            check: compare `result` with the labeling configuration first, for two small requests more.
        """
        if check:
            from ._fitting import check_result  # which needs the tasks, which need this module

            yield from check_result("the prediction", task, fields.get("result"))
        request = Request("POST", "/api/predictions/", json={"task": task, **fields})
        return (yield from Operation(request, Prediction.decode))

    @endpoint
    def update(self, id: int, **changes: Unpack[PredictionChanges]) -> Operation[Prediction]:
        """The prediction after the changes; `result` is replaced whole."""
        return Operation(Request("PATCH", f"/api/predictions/{id}/", json=changes), Prediction.decode)

    @endpoint
    def replace(self, id: int, *, task: int, **fields: Unpack[PredictionChanges]) -> Operation[Prediction]:
        """The prediction with all of its fields written anew."""
        return Operation(Request("PUT", f"/api/predictions/{id}/", json={"task": task, **fields}), Prediction.decode)

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the prediction."""
        return Operation(Request("DELETE", f"/api/predictions/{id}/"), nothing)
