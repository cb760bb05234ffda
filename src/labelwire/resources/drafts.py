"""`/api/drafts/` and `/api/tasks/{id}/drafts`, which the server's document leaves out"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from ..core.endpoint import D, Resource, endpoint, listing
from ..core.model import Model
from ..core.operation import Operation, Page, Request
from ..core.pager import bare
from ._common import nothing


class Draft(Model):
    """An annotation that somebody has begun and not submitted. `lead_time` is seconds."""

    shown = ("id", "task", "annotation")

    id: int
    task: int | None
    annotation: int | None
    user: str | None
    result: Sequence[dict[str, Any]] | None
    lead_time: float | None
    was_postponed: bool | None
    import_id: int | None
    created_username: str | None
    created_at: datetime | None
    updated_at: datetime | None


class DraftChanges(TypedDict, total=False):
    """The fields of a draft that can be written."""

    result: Sequence[Mapping[str, Any]]
    lead_time: float | None
    was_postponed: bool


class Drafts(Resource[D]):
    """Drafts: annotations that are not submitted yet."""

    @listing
    def list(self, *, task: int) -> Operation[Page[Draft]]:
        """The drafts of the task, everybody's."""
        return bare(Request("GET", f"/api/tasks/{task}/drafts"), Draft)

    @endpoint
    def get(self, id: int) -> Operation[Draft]:
        """The draft."""
        return Operation(Request("GET", f"/api/drafts/{id}/"), Draft.decode)

    @endpoint
    def create(self, *, task: int, annotation: int | None = None, **fields: Unpack[DraftChanges]) -> Operation[Draft]:
        """A new draft of the user's own, for the task or for changing one of its annotations."""
        path = (
            f"/api/tasks/{task}/drafts" if annotation is None else f"/api/tasks/{task}/annotations/{annotation}/drafts"
        )
        return Operation(Request("POST", path, json=fields), Draft.decode)

    @endpoint
    def update(self, id: int, **changes: Unpack[DraftChanges]) -> Operation[Draft]:
        """The draft after the changes; `result` is replaced whole."""
        return Operation(Request("PATCH", f"/api/drafts/{id}/", json=changes), Draft.decode)

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the draft."""
        return Operation(Request("DELETE", f"/api/drafts/{id}/"), nothing)
