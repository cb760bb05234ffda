"""`/api/invite`"""

from __future__ import annotations

from ..core.endpoint import D, Resource, endpoint
from ..core.model import Model
from ..core.operation import Operation, Request


class Invite(Model):
    """The way into the organization: whoever opens `invite_url`, a path on the server, can sign up."""

    shown = ("invite_url",)

    token: str | None
    invite_url: str | None


class Invites(Resource[D]):
    """Invitations to the organization."""

    @endpoint
    def get(self) -> Operation[Invite]:
        """The organization's invitation link."""
        return Operation(Request("GET", "/api/invite"), Invite.decode)

    @endpoint
    def reset_token(self) -> Operation[Invite]:
        """A new link; the old one ends."""
        return Operation(Request("POST", "/api/invite/reset-token"), Invite.decode)
