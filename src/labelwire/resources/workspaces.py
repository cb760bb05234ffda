"""`/api/workspaces/` (Enterprise)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, TypeVar, Unpack

from ..core.endpoint import D, Resource, workflow
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Flow, Operation, Request
from ._common import json_or_nothing, nothing
from ._enterprise import enterprise
from .projects import Project

T = TypeVar("T")


class Workspace(Model):
    """A group of projects."""

    id: int
    title: str | None
    description: str | None
    color: str | None
    is_personal: bool | None
    created_by: Any


class WorkspaceChanges(TypedDict, total=False):
    """The fields of a workspace that can be written."""

    title: str
    description: str
    color: str


class Workspaces(Resource[D]):
    """Workspaces: groups of projects. Enterprise only; a Community server raises EnterpriseOnly."""

    @workflow
    def list(self) -> Flow[Sequence[Workspace]]:
        """All workspaces."""
        return (yield from _ask(Operation(Request("GET", "/api/workspaces"), Workspace.decode_list)))

    @workflow
    def get(self, id: int) -> Flow[Workspace]:
        """The workspace."""
        return (yield from _ask(Operation(Request("GET", f"/api/workspaces/{id}"), Workspace.decode)))

    @workflow
    def create(self, **fields: Unpack[WorkspaceChanges]) -> Flow[Workspace]:
        """A new workspace."""
        return (yield from _ask(Operation(Request("POST", "/api/workspaces", json=fields), Workspace.decode)))

    @workflow
    def update(self, id: int, **changes: Unpack[WorkspaceChanges]) -> Flow[Workspace]:
        """The workspace after the changes."""
        return (yield from _ask(Operation(Request("PATCH", f"/api/workspaces/{id}", json=changes), Workspace.decode)))

    @workflow
    def delete(self, id: int) -> Flow[None]:
        """Deletes the workspace."""
        yield from _ask(Operation(Request("DELETE", f"/api/workspaces/{id}"), nothing))

    @workflow
    def projects(self, id: int) -> Flow[Sequence[Project]]:
        """The projects of the workspace."""
        return (yield from _ask(Operation(Request("GET", f"/api/workspaces/{id}/projects"), Project.decode_list)))

    @workflow
    def members(self, id: int) -> Flow[Sequence[dict[str, Any]]]:
        """The members of the workspace."""
        request = Request("GET", f"/api/workspaces/{id}/memberships")
        return (yield from _ask(Operation[Sequence[dict[str, Any]]](request, decode)))

    @workflow
    def add_member(self, id: int, *, user: int) -> Flow[Any]:
        """The server's answer to adding a user to the workspace."""
        request = Request("POST", f"/api/workspaces/{id}/memberships", json={"workspace": id, "user": user})
        return (yield from _ask(Operation(request, json_or_nothing)))

    @workflow
    def remove_member(self, id: int, *, user: int) -> Flow[Any]:
        """The server's answer to taking a user out of the workspace; None when it says nothing."""
        request = Request("DELETE", f"/api/workspaces/{id}/memberships", json={"workspace": id, "user": user})
        return (yield from _ask(Operation(request, json_or_nothing)))


def _ask(operation: Operation[T]) -> Flow[T]:
    return (yield from enterprise("Workspaces", operation))
