"""`/api/labels/`: labels that are kept beside the label configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from ..core.endpoint import D, Resource, endpoint, listing
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Operation, Page, Request
from ..core.pager import paged
from ._common import nothing


class Label(Model):
    """A label of the organization; `links` are the ids of its links to projects."""

    shown = ("id", "title", "value")

    id: int
    title: str | None
    value: Any
    description: str | None
    approved: bool | None
    approved_by: int | None
    created_by: int | None
    organization: int | None
    projects: list[int] | None
    links: list[int] | None
    created_at: datetime | None
    updated_at: datetime | None


class LabelChanges(TypedDict, total=False):
    """The fields of a label that can be written."""

    value: Any
    title: str
    description: str | None
    approved: bool
    approved_by: int | None


class Labels(Resource[D]):
    """Labels that annotators have added, or that a taxonomy keeps outside of its configuration."""

    @listing
    def list(self) -> Operation[Page[Label]]:
        """All such labels."""
        return paged(Request("GET", "/api/labels/", {"page": 1}), Label)

    @endpoint
    def get(self, id: int) -> Operation[Label]:
        """The label."""
        return Operation(Request("GET", f"/api/labels/{id}/"), Label.decode)

    @endpoint
    def create(self, labels: Sequence[Mapping[str, Any]]) -> Operation[Sequence[dict[str, Any]]]:
        """The new labels, as the server sends them.

        Args:
            labels: each `{"project": id, "from_name": "tag", "value": […], "title": "…"}`.
        """
        return Operation(Request("POST", "/api/labels/", json=[dict(label) for label in labels]), decode)

    @endpoint
    def update(self, id: int, **changes: Unpack[LabelChanges]) -> Operation[Label]:
        """The label after the changes."""
        return Operation(Request("PATCH", f"/api/labels/{id}/", json=changes), Label.decode)

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the label; annotations keep it."""
        return Operation(Request("DELETE", f"/api/labels/{id}/"), nothing)

    @endpoint
    def bulk(self, *, old_label: Any, new_label: Any, project: int | None = None) -> Operation[int]:
        """Renames a label in saved annotations, and gives the number of those that changed."""
        body = {"old_label": old_label, "new_label": new_label, "project": project}
        request = Request("POST", "/api/labels/bulk", json=body, repeatable=True)
        return Operation(request, lambda reply: int(decode(reply)["annotations_updated"]))
