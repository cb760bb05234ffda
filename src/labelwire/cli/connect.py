"""From --url, --api-key and --profile to a client."""

from __future__ import annotations

from typing import Any

from .. import settings
from ..client import Client
from ..errors import InvalidInput


def client(url: str | None, api_key: str | None, profile: str | None = None, **options: Any) -> Client:
    """A client of the server that these options, the environment and the profiles name; `options` are of `Client`.

    A token of the environment goes to the environment's server alone.

    Raises:
        InvalidInput: where there is no token for the server.
    """
    found = settings.resolve(url, api_key, profile=profile, own_server=True)
    if found.key is None:
        said = (f"There is no token for {found.url}.", found.key_from, f"Log in: labelwire login {found.url}")
        raise InvalidInput(f"{' '.join(filter(None, said))}, or pass --api-key.")
    return Client(found.url, found.key, **options)
