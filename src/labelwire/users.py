"""`User` and its roles, as the old SDK hands them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from .errors import InvalidInput

if TYPE_CHECKING:
    import requests

    from .client import Client


class UserRole(Enum):
    """A user's role in an organization (Enterprise)."""

    ANNOTATOR = "AN"
    REVIEWER = "RE"
    MANAGER = "MA"
    ADMINISTRATOR = "AD"
    OWNER = "OW"
    NOT_ACTIVATED = "NO"
    DISABLED = "DI"


@dataclass
class OrgMembership:
    """A user's place in an organization (Enterprise)."""

    role: UserRole
    active: bool
    organization_id: int


class User:
    """Somebody with an account. Every field that the server sent is an attribute.

    Made by hand, `User(username=…, email=…, first_name=…, last_name=…)` is what `Client.create_user` takes.
    """

    class Config:
        """What the old class told its validator; kept for scripts that look at it."""

        arbitrary_types_allowed = True

    id: int
    first_name: str
    last_name: str
    username: str
    email: str
    initials: str
    phone: str
    last_activity: datetime | None
    active_organization: int | None
    org_membership: list[OrgMembership]

    def __init__(self, *, client: Client | None = None, **fields: Any) -> None:
        defaults = {"first_name": "", "last_name": "", "username": "", "email": "", "phone": "", "initials": ""}
        vars(self).update({**defaults, "id": None, "active_organization": None, **fields})
        seen = fields.get("last_activity")
        self.last_activity = datetime.fromisoformat(seen) if isinstance(seen, str) else seen
        self.org_membership = [_membership(item) for item in fields.get("org_membership") or ()]
        self._client = client

    @property
    def client(self) -> Client:
        """The client this user came from.

        Raises:
            InvalidInput: for a user who was made by hand.
        """
        if self._client is None:
            raise InvalidInput(f"{self!r} was made by hand: get one from client.get_users() or create_user().")
        return self._client

    def payload(self) -> dict[str, Any]:
        """What the server wants to know of a new user."""
        names = ("username", "email", "first_name", "last_name", "phone")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def set_role(self, role: UserRole) -> requests.Response:
        """The response to changing the user's role in their active organization (Enterprise)."""
        if self.active_organization is None:
            raise InvalidInput(f"{self!r} has no active organization to have a role in.")
        response = self.client.members.set_role(organization=self.active_organization, user=self.id, role=role.value)
        for membership in self.org_membership:
            if membership.organization_id == self.active_organization:
                membership.role = role
        return response

    def __repr__(self) -> str:
        return f"User(id={self.id}, email={self.email!r})"


def _membership(value: OrgMembership | dict[str, Any]) -> OrgMembership:
    if isinstance(value, OrgMembership):
        return value
    return OrgMembership(UserRole(value["role"]), bool(value["active"]), int(value["organization_id"]))
