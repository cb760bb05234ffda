"""`/health` and `/api/version`"""

from __future__ import annotations

from typing import Any

from ..core.endpoint import D, Resource, endpoint
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Operation, Request
from ..core.refusal import edition_of


class Version(Model):
    """Which Label Studio the server is. `edition` is "Community" or "Enterprise"."""

    shown = ("release", "edition")

    release: str | None

    @property
    def edition(self) -> str:
        """ "Community" or "Enterprise"."""
        return edition_of(self.raw)


class System(Resource[D]):
    """The server itself."""

    @endpoint
    def health(self) -> Operation[dict[str, Any]]:
        """`{"status": "UP"}`. Needs no credential, so it says nothing about yours."""
        return Operation(Request("GET", "/health", authenticated=False), decode)

    @endpoint
    def version(self) -> Operation[Version]:
        """The server's version and edition. Needs no credential."""
        return Operation(Request("GET", "/api/version", authenticated=False), Version.decode)
