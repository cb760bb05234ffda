"""`/api/token/` and the user's legacy token"""

from __future__ import annotations

from collections.abc import Sequence

from ..core.endpoint import D, Resource, endpoint
from ..core.json import decode
from ..core.operation import Operation, Reply, Request
from ..errors import UnexpectedReply
from ._common import nothing


class Tokens(Resource[D]):
    """Tokens: what programs log in with."""

    @endpoint
    def list(self) -> Operation[Sequence[str]]:
        """The user's personal access tokens, without their last part: the server shows a token whole only once."""
        return Operation(Request("GET", "/api/token/"), lambda reply: [token["token"] for token in decode(reply)])

    @endpoint
    def create(self) -> Operation[str]:
        """A new personal access token, whole. The server refuses a second one with `Conflict`."""
        return Operation(Request("POST", "/api/token/"), _field("token"))

    @endpoint
    def refresh(self, token: str) -> Operation[str]:
        """An access token, good for minutes, for a personal access token. The client does this by itself."""
        request = Request("POST", "/api/token/refresh/", json={"refresh": token}, repeatable=True, authenticated=False)
        return Operation(request, _field("access"))

    @endpoint
    def revoke(self, token: str) -> Operation[None]:
        """Ends a personal access token. Access tokens already made from it live on for up to five minutes."""
        return Operation(Request("POST", "/api/token/blacklist/", json={"refresh": token}, repeatable=True), nothing)

    @endpoint
    def rotate(self, token: str) -> Operation[str]:
        """A new personal access token in the place of this one, which is ended."""
        return Operation(Request("POST", "/api/token/rotate/", json={"refresh": token}), _field("refresh"))

    @endpoint
    def legacy(self) -> Operation[str]:
        """The user's legacy token. A current server hands it out even where it does not take it."""
        return Operation(Request("GET", "/api/current-user/token"), _field("token"))

    @endpoint
    def reset_legacy(self) -> Operation[str]:
        """A new legacy token; the old one ends."""
        return Operation(Request("POST", "/api/current-user/reset-token/"), _field("token"))

    @endpoint
    def settings(self) -> Operation[dict[str, bool]]:
        """Which tokens the organization allows: `api_tokens_enabled` and `legacy_api_tokens_enabled`."""
        return Operation(Request("GET", "/api/jwt/settings"), decode)

    @endpoint
    def update_settings(
        self, *, api_tokens_enabled: bool, legacy_api_tokens_enabled: bool
    ) -> Operation[dict[str, bool]]:
        """The settings after the change. A client that lives on the kind switched off is locked out by it."""
        body = {"api_tokens_enabled": api_tokens_enabled, "legacy_api_tokens_enabled": legacy_api_tokens_enabled}
        return Operation(Request("POST", "/api/jwt/settings", json=body, repeatable=True), decode)


class _field:  # noqa: N801 - reads like the function it stands for, and compares by value
    """Reads one text field of the answer."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, reply: Reply) -> str:
        value = decode(reply)
        if isinstance(value, dict) and isinstance(value.get(self.name), str):
            return str(value[self.name])
        raise UnexpectedReply(f"{reply.url} answered without {self.name!r}.")
