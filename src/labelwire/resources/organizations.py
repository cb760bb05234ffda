"""`/api/organizations/`"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from ..core.endpoint import D, Resource, endpoint, listing
from ..core.model import Model
from ..core.operation import Operation, Page, Request
from ..core.pager import bare, paged
from ._common import nothing
from .users import User


class Organization(Model):
    """An organization: on Community there is one."""

    id: int
    title: str | None
    token: str | None
    contact_info: str | None
    created_by: int | None
    users: list[int] | None
    created_at: datetime | None
    updated_at: datetime | None


class OrganizationMember(Model):
    """A user's place in an organization. `user` is the user in a listing, and the user's id otherwise."""

    shown = ("id", "user", "organization")

    id: int | None
    organization: int | None
    user: User | None
    contributed_projects_count: int | None
    annotations_count: int | None
    created_projects: Sequence[dict[str, Any]] | None
    contributed_to_projects: Sequence[dict[str, Any]] | None
    created_at: datetime | None


class OrganizationChanges(TypedDict, total=False):
    """The fields of an organization that can be written."""

    title: str
    contact_info: str | None


class Organizations(Resource[D]):
    """Organizations and their members."""

    @listing
    def list(self) -> Operation[Page[Organization]]:
        """The organizations of the user."""
        return bare(Request("GET", "/api/organizations/"), Organization)

    @endpoint
    def get(self, id: int) -> Operation[Organization]:
        """The organization."""
        return Operation(Request("GET", f"/api/organizations/{id}"), Organization.decode)

    @endpoint
    def update(self, id: int, **changes: Unpack[OrganizationChanges]) -> Operation[Organization]:
        """The organization after the changes."""
        return Operation(Request("PATCH", f"/api/organizations/{id}", json=changes), Organization.decode)

    @listing
    def members(
        self, id: int, *, contributed_to_projects: bool | None = None, page_size: int = 100
    ) -> Operation[Page[OrganizationMember]]:
        """The members of the organization, on request with the projects that they made and worked on."""
        params = {"page": 1, "page_size": page_size, "contributed_to_projects": contributed_to_projects}
        return paged(Request("GET", f"/api/organizations/{id}/memberships", params), OrganizationMember)

    @endpoint
    def member(
        self, id: int, user: int, *, contributed_to_projects: bool | None = None
    ) -> Operation[OrganizationMember]:
        """One member, with the number of their annotations."""
        params = {"contributed_to_projects": contributed_to_projects}
        request = Request("GET", f"/api/organizations/{id}/memberships/{user}/", params)
        return Operation(request, OrganizationMember.decode)

    @endpoint
    def remove_member(self, id: int, user: int) -> Operation[None]:
        """Takes the user out of the organization; the account stays."""
        return Operation(Request("DELETE", f"/api/organizations/{id}/memberships/{user}/"), nothing)
