"""What the tests of the local server share: other processes that use it, and a quick stand-in for faults."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
import venv
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STAND_IN_VERSION = "9.8.7"

# Enough of label_studio.server to be started; what it does on `start` is up to the test.
_STAND_IN = """
import http.server, json, os, sqlite3, sys, time
from pathlib import Path

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"status": "UP"}).encode())

def serve():
    port = int(sys.argv[sys.argv.index("--port") + 1])
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Health).serve_forever()

if sys.argv[1] == "init":
    Path(os.environ["LABEL_STUDIO_BASE_DATA_DIR"], "label_studio.sqlite3").touch()
else:
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Makes an environment whose "Label Studio" runs these lines when it is started; `serve()` is healthy."""
    monkeypatch.setenv("LABELWIRE_CACHE_DIR", str(tmp_path / "cache"))

    def make(lines: str) -> Path:
        folder = tmp_path / "environment"
        venv.create(folder, symlinks=True, with_pip=False)
        (packages,) = folder.glob("lib/python*/site-packages")
        (packages / "label_studio").mkdir()
        (packages / "label_studio" / "__init__.py").touch()
        (packages / "label_studio" / "server.py").write_text(_STAND_IN + textwrap.indent(lines, "    "))
        facts = packages / f"label_studio-{STAND_IN_VERSION}.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: label-studio\nVersion: {STAND_IN_VERSION}\n")
        return folder

    return make


class Other:
    """Another Python process that runs a script, and prints what the test waits for."""

    def __init__(self, script: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def says(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline().strip()
        assert line, f"the process ended with {self.process.wait()}"
        return line

    def go_on(self) -> int:
        """Lets the script go on after its `input()`; returns its exit status."""
        self.process.communicate("\n", timeout=60)
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def other() -> Iterator[Callable[[str], Other]]:
    """Starts other processes, none of which outlives the test."""
    started: list[Other] = []

    def start(script: str) -> Other:
        started.append(Other(script))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def gone(pid: int, *, within: float) -> bool:
    """Whether a process ends within so many seconds; its zombie counts as ended."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not running(pid):
            return True
        time.sleep(0.05)
    return False


def running(pid: int) -> bool:
    state = ps(pid, "stat")
    return bool(state) and not state.startswith("Z")


def ps(pid: int, column: str) -> str:
    command = ["ps", "-ww", "-o", f"{column}=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@contextmanager
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with any server."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
