"""`/api/workspaces/` (Enterprise)"""

from __future__ import annotations

from typing import Any

from ..core.endpoint import D, Resource, workflow
from ..core.model import Model
from ..core.operation import Flow, Request
from ..core.pager import bare
from ._enterprise import enterprise


class Workspace(Model):
    """A group of projects."""

    id: int
    title: str | None
    description: str | None
    color: str | None
    is_personal: bool | None
    created_by: Any


class Workspaces(Resource[D]):
    """Workspaces: groups of projects. Enterprise only."""

    @workflow
    def list(self) -> Flow[tuple[Workspace, ...]]:
        """All workspaces.

        Raises:
            EnterpriseOnly: on a Community server.
        """
        page = yield from enterprise("Workspaces", bare(Request("GET", "/api/workspaces/"), Workspace))
        return tuple(page.items)
