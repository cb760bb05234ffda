"""`/api/users/` and `/api/current-user/`"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from ..core.endpoint import D, Resource, endpoint, listing
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Operation, Page, Request
from ..core.pager import bare
from ._common import nothing


class User(Model):
    """Somebody with an account."""

    id: int
    email: str | None
    username: str | None
    first_name: str | None
    last_name: str | None
    initials: str | None
    phone: str | None
    avatar: str | None
    active_organization: int | None
    active_organization_meta: dict[str, Any] | None
    org_membership: list[dict[str, Any]] | None
    permissions: list[str] | None
    custom_hotkeys: dict[str, Any] | None
    allow_newsletters: bool | None
    last_activity: datetime | None
    date_joined: datetime | None


class UserChanges(TypedDict, total=False):
    """The fields of a user that can be written."""

    email: str
    username: str
    first_name: str
    last_name: str
    phone: str
    allow_newsletters: bool


class Users(Resource[D]):
    """Users: the people of the organization."""

    @listing
    def list(self) -> Operation[Page[User]]:
        """All users of the organization."""
        return bare(Request("GET", "/api/users/"), User)

    @endpoint
    def get(self, id: int) -> Operation[User]:
        """The user."""
        return Operation(Request("GET", f"/api/users/{id}/"), User.decode)

    @endpoint
    def create(self, **fields: Unpack[UserChanges]) -> Operation[User]:
        """A new user, who cannot log in before a password is set through an invitation."""
        return Operation(Request("POST", "/api/users/", json=fields), User.decode)

    @endpoint
    def update(self, id: int, **changes: Unpack[UserChanges]) -> Operation[User]:
        """The user after the changes. The server ignores a changed `email`."""
        return Operation(Request("PATCH", f"/api/users/{id}/", json=changes), User.decode)

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the user."""
        return Operation(Request("DELETE", f"/api/users/{id}/"), nothing)

    @endpoint
    def me(self) -> Operation[User]:
        """The user whose credential this client has."""
        return Operation(Request("GET", "/api/current-user/whoami"), User.decode)

    @endpoint
    def hotkeys(self) -> Operation[dict[str, Any]]:
        """The user's own keyboard shortcuts."""
        return Operation(Request("GET", "/api/current-user/hotkeys/"), lambda reply: decode(reply)["custom_hotkeys"])

    @endpoint
    def update_hotkeys(self, hotkeys: Mapping[str, Any]) -> Operation[dict[str, Any]]:
        """The user's own keyboard shortcuts after the change."""
        request = Request("PATCH", "/api/current-user/hotkeys/", json={"custom_hotkeys": hotkeys})
        return Operation(request, lambda reply: decode(reply)["custom_hotkeys"])
