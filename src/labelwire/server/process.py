"""Processes: recognised beyond doubt, started through the launcher, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ServerNotStarted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .progress import Progress

LAUNCHER = Path(__file__).with_name("launcher.py")
SECONDS_BETWEEN_LOOKS = 0.1
LINES_OF_LOG = 30


@dataclass(frozen=True, slots=True)
class Process:
    """A process id together with the moment its process began: a recycled id is another process."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """The process that has this id now, or None."""
        started = _started(pid)
        return cls(pid, started) if started else None

    @property
    def alive(self) -> bool:
        """Whether it is still this process that has the id."""
        return _started(self.pid) == self.started

    def end(self, *, patience: float = 10.0) -> None:
        """Asks the process to end and, after `patience` seconds, makes it; never another with its id."""
        if self._signal(signal.SIGTERM) and not self._gone_within(patience):
            self.kill()

    def kill(self) -> None:
        """Ends the process at once."""
        # Windows has no SIGKILL; any other signal than its console events terminates there.
        if self._signal(getattr(signal, "SIGKILL", signal.SIGTERM)):
            self._gone_within(10.0)

    def _signal(self, number: int) -> bool:
        if not self.alive:
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True

    def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return True


if sys.platform == "linux":

    def _started(pid: int) -> str | None:
        """When the process began, in the system's own terms; None when there is none, or only its zombie."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        state, *fields = stat.rpartition(")")[2].split()
        # Ticks since the boot, so the boot belongs to it.
        boot = Path("/proc/sys/kernel/random/boot_id")
        named = boot.read_text().strip() if boot.exists() else ""
        return None if state in "ZX" else f"{named}:{fields[18]}"

elif sys.platform == "win32":

    def _started(pid: int) -> str | None:
        question = f"(Get-Process -Id {pid}).StartTime.ToFileTimeUtc()"
        return _answer("powershell", "-NoProfile", "-Command", question) or None

else:

    def _started(pid: int) -> str | None:
        state, _, started = _answer("ps", "-o", "stat=,lstart=", "-p", str(pid)).partition(" ")
        return None if state.startswith("Z") else started.strip() or None


def _answer(*command: str) -> str:
    """What a command of the system prints; a moment reads the same in every user's shell."""
    env = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env).stdout.strip()  # noqa: S603


def launch(
    python: Path | str,
    module: str,
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    port: int | None = None,
    detach: bool = False,
    leftovers: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Starts `python -m module arguments` under the launcher, its output in `log`.

    Unless detached it ends when this process does, and then removes `leftovers`.
    """
    command = [str(python), "-I", "-u", "-X", "utf8", str(LAUNCHER)]
    command += ["--detach"] if detach else ["--owner", str(os.getpid())]
    if leftovers:
        command += ["--leftovers", str(leftovers)]
    if port is not None:
        command += ["--port", str(port)]
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    watched = sys.platform == "win32" and not detach
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603
            [*command, module, *arguments],
            env=env,
            stdin=subprocess.PIPE if watched else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal is for this process, which then decides about that one.
            start_new_session=True,
            creationflags=flags,
        )
    finally:
        os.close(output)


def run(
    python: Path | str,
    module: str,
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    progress: Progress,
    doing: str,
) -> None:
    """Runs `python -m module arguments` to its end, its output in `log`.

    Raises ServerNotStarted with the end of the output when it fails; `doing` says at what.
    """
    child = launch(python, module, arguments, env=env, log=log)
    try:
        while (status := _wait(child)) is None:
            progress.tick()
    except BaseException:
        child.kill()
        child.wait()
        raise
    if status:
        raise ServerNotStarted(f"{doing} failed with exit status {status}. It said:\n{tail(log)}")


def _wait(child: subprocess.Popen[bytes]) -> int | None:
    try:
        return child.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        return None


def tail(log: Path, *, secrets: Iterable[str] = ()) -> str:
    """The last lines of a log, indented, with the secrets blotted out."""
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    for secret in filter(None, secrets):
        text = text.replace(secret, "…")
    lines = [f"    {line}" for line in text.splitlines() if not line.startswith("labelwire: ")]
    return "\n".join(lines[-LINES_OF_LOG:]) or "    (nothing)"
