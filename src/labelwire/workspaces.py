"""`Workspace`, as the old SDK hands it out (Enterprise)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import Client
    from .project import Project
    from .users import User


class Workspace:
    """A group of projects. Every field that the server sent is an attribute."""

    class Config:
        """What the old class told its validator; kept for scripts that look at it."""

        arbitrary_types_allowed = True

    id: int
    title: str
    description: str | None
    color: str | None
    is_personal: bool
    created_by: int | None

    def __init__(self, *, client: Client, **fields: Any) -> None:
        defaults = {"description": None, "color": None, "is_personal": False, "created_by": None}
        vars(self).update({**defaults, **fields})
        self.client = client

    def add_user(self, user: User) -> Any:
        """The server's answer to adding the user to the workspace."""
        return self.client.workspaces.add_member(self.id, user=user.id)

    def remove_user(self, user: User) -> Any:
        """The server's answer to taking the user out of the workspace."""
        return self.client.workspaces.remove_member(self.id, user=user.id)

    def get_projects(self) -> list[Project]:
        """All projects of the workspace."""
        from .project import Project

        found = self.client.workspaces.projects(self.id)
        return [Project._create_from_id(self.client, project.id, params=project.raw) for project in found]  # noqa: SLF001

    def __repr__(self) -> str:
        return f"Workspace(id={self.id}, title={self.title!r})"
