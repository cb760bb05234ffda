"""`/api/annotations/` and `/api/tasks/{id}/annotations/`"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import uuid4

from ..core.endpoint import D, Resource, endpoint, listing, workflow
from ..core.model import Model
from ..core.operation import Flow, Operation, Page, Request
from ..core.pager import bare
from ..errors import Conflict
from ._common import json_or_nothing, nothing


class Annotation(Model):
    """What a person (or an import in their name) has labeled on a task.

    `result` is a list of regions; their x, y, width and height are percent of the image's size. `lead_time` is
    seconds.
    """

    id: int
    task: int | None
    project: int | None
    result: Sequence[dict[str, Any]] | None
    completed_by: Any
    created_username: str | None
    was_cancelled: bool | None
    ground_truth: bool | None
    lead_time: float | None
    import_id: int | None
    last_action: str | None
    parent_prediction: int | None
    parent_annotation: int | None
    updated_by: int | None
    created_at: datetime | None
    updated_at: datetime | None
    draft_created_at: datetime | None


class AnnotationChanges(TypedDict, total=False):
    """The fields of an annotation that can be written."""

    result: Sequence[Mapping[str, Any]]
    completed_by: int
    updated_by: int
    was_cancelled: bool
    ground_truth: bool
    lead_time: float | None
    parent_prediction: int | None
    parent_annotation: int | None
    import_id: int | None
    last_action: str | None


class Annotations(Resource[D]):
    """Annotations: what people have labeled."""

    @listing
    def list(self, *, task: int) -> Operation[Page[Annotation]]:
        """The annotations of a task."""
        return bare(Request("GET", f"/api/tasks/{task}/annotations/"), Annotation)

    @endpoint
    def get(self, id: int) -> Operation[Annotation]:
        """The annotation."""
        return Operation(Request("GET", f"/api/annotations/{id}/"), Annotation.decode)

    @workflow
    def create(self, *, task: int, check: bool = False, **fields: Unpack[AnnotationChanges]) -> Flow[Annotation]:
        """A new annotation of the task, in the name of the user unless `completed_by` says another.

        Args:
            check: compare `result` with the labeling configuration first, for two small requests more.
        """
        if check:
            from ._fitting import check_result  # which needs the tasks, which need this module

            yield from check_result("the annotation", task, fields.get("result"))
        # The server takes an id of the client's own only once, so that a lost answer can be asked for again.
        body = {"unique_id": str(uuid4()), **fields}
        request = Request("POST", f"/api/tasks/{task}/annotations/", json=body, repeatable=True)
        try:
            return (yield from Operation(request, Annotation.decode))
        except Conflict:
            listed = yield from Annotations.list(None, task=task)
            same = [one for one in listed if one.raw.get("result") == fields.get("result")]
            if "unique_id" in fields or not same:
                raise
            return max(same, key=lambda one: one.id)  # what an earlier try has made

    @endpoint
    def update(self, id: int, **changes: Unpack[AnnotationChanges]) -> Operation[Annotation]:
        """The annotation after the changes; `result` is replaced whole."""
        return Operation(Request("PATCH", f"/api/annotations/{id}/", json=changes), Annotation.decode)

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the annotation."""
        return Operation(Request("DELETE", f"/api/annotations/{id}/"), nothing)

    @endpoint
    def convert_to_draft(self, id: int) -> Operation[Any]:
        """The draft that the annotation has become; the annotation itself is gone."""
        return Operation(Request("POST", f"/api/annotations/{id}/convert-to-draft"), json_or_nothing)
