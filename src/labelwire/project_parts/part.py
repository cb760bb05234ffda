"""What every part of a project may rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..client import Client


class Part:
    """A project as its parts see it: its id, its fields and the client that it came from."""

    if TYPE_CHECKING:
        id: int

    client: Client
    params: dict[str, Any]
