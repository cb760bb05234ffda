"""From a data directory to a server that answers."""

from __future__ import annotations

import http.client
import json
import re
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..errors import ServerNotStarted
from .process import Process, launch, tail
from .settings import secrets_in, server_env
from .state import LOG_FILE

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .environment import Environment
    from .progress import Progress
    from .state import State

HOST = "127.0.0.1"
SECONDS_BETWEEN_LOOKS = 0.1


class PortTaken(ServerNotStarted):
    """The wanted port cannot be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """How a server is to be started."""

    data_dir: Path
    environment: Environment
    settings: Mapping[str, str]
    legacy_tokens: bool
    detach: bool
    temporary: bool
    timeout: float

    def start(
        self, state: State, port: int, progress: Progress, on_launch: Callable[[Process], None]
    ) -> tuple[subprocess.Popen[bytes], Process, int]:
        """Starts the server on `port` (0: any) and waits until it answers.

        Returns the child, the server's process (another one when detached) and the port. Raises
        ServerNotStarted, or PortTaken at once when the port cannot be had; then nothing is left running.
        """
        log = self.data_dir / LOG_FILE
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        child = launch(
            self.environment.python,
            "label_studio.server",
            self._arguments(),
            env=server_env(self.data_dir, self.settings, self._login(state)),
            log=log,
            port=port,
            detach=self.detach,
            leftovers=self.data_dir if self.temporary else None,
        )
        deadline = time.monotonic() + self.timeout
        process: Process | None = None
        bound: int | None = None
        try:
            process = wait_for_process(log, child, deadline)
            if process:
                on_launch(process)
                bound = wait_until_up(log, process, deadline, progress)
        except BaseException:
            _end(child, process)
            raise
        if process and bound:
            if process.pid != child.pid:
                child.wait()  # a launcher, which ends when it has told of the server
            return child, process, bound
        failure = self._failure(log, state, deadline, process)
        _end(child, process)
        raise failure

    def _arguments(self) -> list[str]:
        arguments = ["start", "--no-browser", "--internal-host", HOST, "--data-dir", str(self.data_dir)]
        arguments += ["--log-level", "ERROR"]
        if self.legacy_tokens and self._knows("--enable-legacy-api-token"):
            arguments.append("--enable-legacy-api-token")
        return arguments

    def _knows(self, option: str) -> bool:
        """Whether this version has an option; older ones stop at one that they do not know."""
        packages = self.environment.python.parent.parent
        found = packages.glob("[Ll]ib/**/site-packages/label_studio/core/argparser.py")
        return any(option in parser.read_text("utf-8") for parser in found)

    def _login(self, state: State) -> dict[str, str]:
        # In the environment and not among the arguments, which everybody on the machine can read.
        return {"USERNAME": state.email, "PASSWORD": state.password, "USER_TOKEN": state.legacy_token}

    def _failure(self, log: Path, state: State, deadline: float, process: Process | None) -> ServerNotStarted:
        said = tail(log, secrets=[*state.secrets, *secrets_in(self.settings)])
        if taken := _port_taken(log):
            return PortTaken(f"Label Studio did not start: {taken}. Name another port, or leave `port` out.")
        version = self.environment.version
        if process and process.alive and time.monotonic() >= deadline:
            return ServerNotStarted(
                f"Label Studio {version} on {self.data_dir} did not answer within {self.timeout:g} s and was "
                f"ended. On a slow machine give it longer with `startup_timeout`. The end of its log:\n{said}"
            )
        kept = "" if self.temporary else f" (all of it is in {log})"
        return ServerNotStarted(
            f"Label Studio {version} on {self.data_dir} ended while it started. The end of its log says why"
            f"{kept}:\n{said}\nIf the data directory is damaged, start on another one."
        )


def _end(child: subprocess.Popen[bytes], process: Process | None) -> None:
    if process:
        process.kill()
    else:
        child.kill()
    child.wait()


def wait_for_process(log: Path, child: subprocess.Popen[bytes], deadline: float) -> Process | None:
    """The process that is to become the server, as soon as the launcher tells it; None when it has ended."""
    while time.monotonic() < deadline:
        ended = child.poll() is not None
        if told := re.search(r"^labelwire: process (\d+)$", _text(log), re.MULTILINE):
            return Process.of(int(told[1]))
        if ended:
            return None
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return None


def wait_until_up(log: Path, process: Process, deadline: float, progress: Progress) -> int | None:
    """The server's port once it answers there; None when the process has ended or the time is over."""
    while time.monotonic() < deadline and process.alive:
        told = re.search(rf"^labelwire: listening on {re.escape(HOST)}:(\d+)$", _text(log), re.MULTILINE)
        if told and answers(int(told[1])):
            return int(told[1])
        progress.tick()
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return None


def answers(port: int) -> bool:
    """Whether a Label Studio on this port says that it is up."""
    try:
        status, body = _get(f"{HOST}:{port}", "/health")
        return status == HTTPStatus.OK and json.loads(body) == {"status": "UP"}
    except (OSError, http.client.HTTPException, ValueError):
        return False


def accepts(url: str, legacy_token: str) -> bool:
    """Whether the server at `url` takes this legacy token."""
    headers = {"Authorization": f"Token {legacy_token}"}
    return _get(url.removeprefix("http://"), "/api/current-user/whoami", headers)[0] == HTTPStatus.OK


def _get(host: str, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    # No proxy of the user's, and no .netrc: this goes to the machine itself.
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def _port_taken(log: Path) -> str | None:
    told = re.search(r"^labelwire: (port \d+ cannot be used: .*)$", _text(log), re.MULTILINE)
    return told[1] if told else None


def _text(log: Path) -> str:
    """The beginning of the log, where the launcher's lines are."""
    try:
        with log.open("rb") as file:
            return file.read(100_000).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
