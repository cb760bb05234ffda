"""`/api/ml/`: machine learning backends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict, Unpack

from ..core.endpoint import D, Resource, endpoint, listing, workflow
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Flow, Operation, Page, Request
from ..core.pager import bare
from ._common import json_or_nothing, nothing


class MLBackend(Model):
    """A model's server. `state` is CO (connected), DI (disconnected), ER (error), TR (training) or PR (predicting);
    `timeout` is seconds.
    """

    shown = ("id", "title", "url", "state")

    id: int
    project: int | None
    title: str | None
    description: str | None
    url: str | None
    state: str | None
    readable_state: str | None
    is_interactive: bool | None
    error_message: str | None
    auth_method: str | None
    basic_auth_user: str | None
    basic_auth_pass_is_set: bool | None
    extra_params: dict[str, Any] | None
    model_version: str | None
    timeout: float | None
    auto_update: bool | None
    created_at: datetime | None
    updated_at: datetime | None


class MLBackendChanges(TypedDict, total=False):
    """The fields of a backend that can be written."""

    url: str
    title: str
    description: str
    is_interactive: bool
    auth_method: Literal["NONE", "BASIC_AUTH"]
    basic_auth_user: str | None
    basic_auth_pass: str | None
    extra_params: Mapping[str, Any] | None
    timeout: int


class Ml(Resource[D]):
    """Machine learning backends: servers that predict for a project and train on its annotations."""

    @listing
    def list(self, *, project: int) -> Operation[Page[MLBackend]]:
        """The backends of the project."""
        return bare(Request("GET", "/api/ml/", {"project": project}), MLBackend)

    @endpoint
    def get(self, id: int) -> Operation[MLBackend]:
        """The backend."""
        return Operation(Request("GET", f"/api/ml/{id}"), MLBackend.decode)

    @endpoint
    def create(self, *, project: int, **fields: Unpack[MLBackendChanges]) -> Operation[MLBackend]:
        """A new backend, after the server has reached it at its `url`."""
        return Operation(Request("POST", "/api/ml/", json={"project": project, **fields}), MLBackend.decode)

    @workflow
    def update(self, id: int, **changes: Unpack[MLBackendChanges]) -> Flow[MLBackend]:
        """The backend after the changes."""
        # Without the URL and the project the server fails with 500, whatever is changed.
        current = yield from Ml.get(None, id)
        body = {"url": current["url"], "project": current["project"], **changes}
        return (yield from Operation(Request("PATCH", f"/api/ml/{id}", json=body), MLBackend.decode))

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the connection to the backend; its predictions stay."""
        return Operation(Request("DELETE", f"/api/ml/{id}"), nothing)

    @endpoint
    def train(self, id: int, *, use_ground_truth: bool = False) -> Operation[Any]:
        """Tells the backend to train on the project's annotations."""
        body = {"use_ground_truth": use_ground_truth}
        return Operation(Request("POST", f"/api/ml/{id}/train", json=body), json_or_nothing)

    @endpoint
    def predict_test(self, id: int) -> Operation[Any]:
        """The backend's answer for a task of the project, to try it out; nothing is kept."""
        # Only a task that it picks itself is implemented, and it wants to be told so.
        request = Request("POST", f"/api/ml/{id}/predict/test", {"random": True}, json={}, repeatable=True)
        return Operation(request, json_or_nothing)

    @endpoint
    def interactive_annotating(
        self, id: int, *, task: int, context: Mapping[str, Any] | None = None
    ) -> Operation[dict[str, Any]]:
        """The backend's regions for what an annotator has begun on the task; nothing is kept."""
        body = {"task": task, "context": context}
        return Operation(Request("POST", f"/api/ml/{id}/interactive-annotating", json=body, repeatable=True), decode)

    @endpoint
    def versions(self, id: int) -> Operation[Sequence[str]]:
        """The model versions that the backend offers."""
        return Operation(Request("GET", f"/api/ml/{id}/versions"), lambda reply: decode(reply).get("versions", []))
