"""What the scenarios share: a second server for what would break the first one, and users with passwords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from labelwire import Client, ClientCredentials, LocalServer

from ..conftest import VERSION, Both
from .colours import COLOURS, PASSWORD, reaching, sign_up


@pytest.fixture(scope="session", params=COLOURS)
def both(request: pytest.FixtureRequest, server: LocalServer) -> Iterator[Both]:
    """The suite's server through `Client` and through `AsyncClient`."""
    with reaching(request.param, server.url, server.api_key) as calls:
        yield calls


@pytest.fixture(params=COLOURS)
def colour(request: pytest.FixtureRequest) -> str:
    """Whether a client is a `Client` or an `AsyncClient`."""
    return str(request.param)


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder whose files the second server may serve."""
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def spare(media: Path) -> Iterator[LocalServer]:
    """A second server, whose projects may all be deleted; it takes legacy tokens, serves local files, and calls
    other servers on this machine.
    """
    settings = {
        "SSRF_PROTECTION_ENABLED": "false",
        "ML_BLOCK_LOCAL_IP": "false",
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
        "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(media),
    }
    with LocalServer(version=VERSION, legacy_tokens=True, settings=settings) as running:
        yield running


@pytest.fixture(scope="session", params=COLOURS)
def there(request: pytest.FixtureRequest, spare: LocalServer) -> Iterator[Both]:
    """The second server through `Client` and through `AsyncClient`."""
    with reaching(request.param, spare.url, spare.api_key) as calls:
        yield calls


@pytest.fixture
def somebody(server: LocalServer, client: Client) -> Iterator[Callable[[], ClientCredentials]]:
    """Makes users of the suite's server who have a password and no token yet; gone afterwards."""
    made: list[str] = []

    def make() -> ClientCredentials:
        email = f"{uuid4().hex}@example.com"
        sign_up(server, email)
        made.append(email)
        return ClientCredentials(email=email, password=PASSWORD)

    yield make
    for user in client.users.list():
        if user.email in made:
            client.users.delete(user.id)
