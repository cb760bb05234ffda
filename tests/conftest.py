"""What the whole suite shares: one real Label Studio, started once."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from labelwire import AsyncClient, Client, LocalServer
from labelwire.server import DEFAULT_VERSION

os.environ["LABELWIRE_CONFIG_DIR"] = os.devnull + "/labelwire"  # whoever runs the suite may have profiles
os.environ.pop("LABELWIRE_PROFILE", None)

IMAGE_CONFIG = """
<View>
  <Image name="img" value="$image"/>
  <RectangleLabels name="box" toName="img"><Label value="Cat"/><Label value="Dog"/></RectangleLabels>
</View>
"""

VERSION = os.environ.get("LABELWIRE_TEST_VERSION") or DEFAULT_VERSION
"""The Label Studio that the suite runs on."""

TEXT_CONFIG = """
<View>
  <Text name="txt" value="$text"/>
  <Choices name="sentiment" toName="txt"><Choice value="good"/><Choice value="bad"/></Choices>
</View>
"""


MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it
ROOM = 4 << 30
"""Bytes that the servers' data may need."""


@contextmanager
def data_dir() -> Iterator[Path | None]:
    """Where a server of the suite keeps its data: on Linux's memory disk where it has room, for a third of the time."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="labelwire-test-", dir=MEMORY) as folder:
        yield Path(folder)


def choice(value: str) -> list[dict[str, Any]]:
    """A result for TEXT_CONFIG."""
    return [{"from_name": "sentiment", "to_name": "txt", "type": "choices", "value": {"choices": [value]}}]


@pytest.fixture(scope="session")
def server() -> Iterator[LocalServer]:
    """A real Label Studio with its default settings, for the whole run; `make test-matrix` says which version."""
    with data_dir() as folder, LocalServer(version=VERSION, data_dir=folder) as running:
        yield running


@pytest.fixture(scope="session")
def client(server: LocalServer) -> Iterator[Client]:
    """A client of the suite's server, with a personal access token."""
    with server.client() as made:
        yield made


@pytest.fixture
def project(client: Client) -> Iterator[Any]:
    """A text project of the old kind, gone afterwards."""
    made = client.start_project(title="A test's own", label_config=TEXT_CONFIG)
    yield made
    client.delete_project(made.id)


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that some servers may read."""
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def reader(media: Path) -> Iterator[LocalServer]:
    """A server that reads local files, and other servers on this machine."""
    settings = {
        "SSRF_PROTECTION_ENABLED": "false",
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
        "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(media),
    }
    with data_dir() as folder, LocalServer(data_dir=folder, settings=settings) as running:
        yield running


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 server, as moto speaks it."""
    from moto.server import ThreadedMotoServer

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


COLOURS = ("sync", "async")


@pytest.fixture(params=COLOURS)
def colour(request: pytest.FixtureRequest) -> str:
    """Whether a client is a `Client` or an `AsyncClient`."""
    return str(request.param)


class Both:
    """Calls the same endpoint through a client of either colour, so that one scenario serves both."""

    def __init__(self, client: Client | AsyncClient, runner: asyncio.Runner | None) -> None:
        self._client = client
        self._runner = runner

    def __call__(self, endpoint: str, /, *args: Any, **kwargs: Any) -> Any:
        """`both("tasks.get", 5)` is the result of `client.tasks.get(5)`, awaited where it has to be."""
        return self.wait(attrgetter(endpoint)(self._client)(*args, **kwargs))

    def wait(self, value: Any) -> Any:
        """The value, after waiting for it where it is a coroutine."""
        if not asyncio.iscoroutine(value) or self._runner is None:
            return value
        return self._runner.run(value, context=copy_context())

    def all(self, endpoint: str, /, *args: Any, **kwargs: Any) -> list[Any]:
        """Every item of a listing."""
        return list(self.wait(self(endpoint, *args, **kwargs).to_list()))


@pytest.fixture(scope="session", params=COLOURS)
def both(request: pytest.FixtureRequest, server: LocalServer) -> Iterator[Both]:
    """The suite's server through `Client` and through `AsyncClient`."""
    if request.param == "sync":
        with server.client() as made:
            yield Both(made, None)
        return
    with asyncio.Runner() as runner:
        asynchronous = server.async_client()
        yield Both(asynchronous, runner)
        runner.run(asynchronous.close())
