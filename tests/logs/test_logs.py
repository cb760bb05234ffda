"""What labelwire writes into the log: each request at DEBUG, what goes wrong above it, and never a secret."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

import labelwire.core.auth
from labelwire import Client, InvalidInput, LocalServer, NotFound, Retry, Unauthorized

from ..core.wire import Wire
from ..scenario.colours import PASSWORD, failing, proofs, reaching


class Log:
    """What was logged; `text` is all of it."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    @property
    def text(self) -> str:
        return self._stream.getvalue()


@pytest.fixture
def log() -> Iterator[Log]:
    """The log of labelwire at DEBUG."""
    made, logger = Log(), logging.getLogger("labelwire")
    before = logger.level
    logger.addHandler(made.handler)
    logger.setLevel(logging.DEBUG)
    yield made
    logger.setLevel(before)
    logger.removeHandler(made.handler)


@pytest.mark.server
def test_no_kind_of_credential_shows_in_the_log(
    colour: str, log: Log, server: LocalServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = f"{uuid4().hex}@localhost.example"
    token, cookies = proofs(colour, server, email)
    access: list[str] = []
    with reaching(colour, server.url, token) as calls:
        calls("users.me")
        access += calls._client._driver.site.credential.secrets
        now = time.monotonic
        monkeypatch.setattr(labelwire.core.auth, "monotonic", lambda: now() + 400)  # as if minutes had passed
        calls("users.me")
        access += calls._client._driver.site.credential.secrets
        with pytest.raises(NotFound):
            calls("tasks.get", 987654321)
        calls("make_request", "GET", f"/api/projects?title={token}")
    legacy = client.tokens.legacy()
    failing(Unauthorized, colour, server.url, legacy)
    assert "DEBUG labelwire.core GET /api/projects: 200 after" in log.text
    assert "DEBUG labelwire.core GET /api/tasks/987654321/: 404 after" in log.text
    assert "New access token" in log.text
    for secret in (PASSWORD, token, legacy, *cookies, *access):
        assert secret
        assert secret not in log.text
    assert "?" not in log.text


def test_a_request_that_is_sent_again_is_a_warning_and_says_why(colour: str, log: Log) -> None:
    def moody(handler: Any) -> None:
        handler.json({}, 503) if handler.turn == 1 else handler.json({"status": "UP"})

    with Wire(health=moody) as wire, reaching(colour, wire.url, "k" * 40, retry=Retry(pause=0.01)) as calls:
        calls("system.health")
    assert "DEBUG labelwire.core GET /health: 503 after" in log.text
    assert "WARNING labelwire.core.exchange GET /health: 503 Sent again in" in log.text
    assert ", sent for the 2. time" in log.text


def test_a_connection_that_breaks_is_told_without_the_query(log: Log) -> None:
    def gone(handler: Any) -> None:
        handler.hang_up()

    with Wire(api__projects=gone) as wire, Client(wire.url, "k" * 40, retry=Retry(attempts=2, pause=0.01)) as client:
        with pytest.raises(Exception, match="connection broke"):
            client.make_request("GET", "/api/projects?title=hidden")
        with pytest.raises(InvalidInput):
            client.make_request("GET", "/api/../projects")
    assert "GET /api/projects: no answer (broken) after" in log.text
    assert "hidden" not in log.text


def test_nothing_is_written_unless_a_program_asks() -> None:
    script = (
        "from labelwire import Client, Retry\n"
        "try: Client('http://127.0.0.1:9', 'k' * 40).users.me()\n"
        "except Exception: pass\n"
        "import logging; logging.getLogger('labelwire.core').warning('x')"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout + run.stderr == ""


@pytest.mark.server
def test_debug_shows_the_requests_of_a_command_on_stderr(server: LocalServer) -> None:
    command = [sys.executable, "-m", "labelwire.cli", "--debug", "projects", "list", "--url", server.url]
    run = subprocess.run([*command, "--api-key", server.api_key], capture_output=True, text=True, check=True)
    assert "DEBUG labelwire.core: GET /api/projects" in run.stderr
    assert "labelwire.core" not in run.stdout
    assert server.api_key not in run.stderr
