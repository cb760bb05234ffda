"""`/api/session-policy/`"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict, Unpack

from ..core.endpoint import D, Resource, endpoint
from ..core.model import Model
from ..core.operation import Operation, Request


class SessionTimeoutPolicy(Model):
    """When people have to log in again: minutes since the login, and minutes without activity."""

    shown = ("max_session_age", "max_time_between_activity")

    max_session_age: int | None
    max_time_between_activity: int | None
    created_at: datetime | None
    updated_at: datetime | None


class SessionPolicyChanges(TypedDict, total=False):
    """The fields of the policy, in minutes."""

    max_session_age: int
    max_time_between_activity: int


class SessionPolicy(Resource[D]):
    """How long people stay logged in."""

    @endpoint
    def get(self) -> Operation[SessionTimeoutPolicy]:
        """The organization's policy."""
        return Operation(Request("GET", "/api/session-policy/"), SessionTimeoutPolicy.decode)

    @endpoint
    def update(self, **changes: Unpack[SessionPolicyChanges]) -> Operation[SessionTimeoutPolicy]:
        """The policy after the changes."""
        return Operation(Request("PATCH", "/api/session-policy/", json=changes), SessionTimeoutPolicy.decode)
