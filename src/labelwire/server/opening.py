"""A data directory is opened: to the server that runs on it, or to a new one."""

from __future__ import annotations

import dataclasses
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidInput, ServerNotStarted
from . import data, environment, state
from .boot import HOST, Boot, PortTaken, wait_until_up
from .places import locked
from .process import tail

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from .environment import Environment
    from .process import Process
    from .progress import Progress
    from .state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a caller wants of the server."""

    version: str | None
    port: int | None
    legacy_tokens: bool
    environment: Path | None
    settings: Mapping[str, str]
    startup_timeout: float


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers; `child` is None unless this process has started it for itself."""

    process: Process
    url: str
    child: subprocess.Popen[bytes] | None

    def end(self, *, at_once: bool = False) -> None:
        """Ends the process, and waits until it is gone."""
        if at_once:
            self.process.kill()
        else:
            self.process.end()
        if self.child:
            self.child.wait()


def locked_data_dir(data_dir: Path, progress: Progress) -> AbstractContextManager[None]:
    """Only its holder changes the state file, or starts a server there."""
    waiting = f"Waiting for another process that works on {data_dir}"
    return locked(data_dir / state.LOCK_FILE, progress, meanwhile=waiting)


def open_server(data_dir: Path, wish: Wish, *, temporary: bool, detach: bool, progress: Progress) -> Running:
    """Attaches to the server that runs on the data directory, or starts one.

    Raises ServerNotStarted, and InvalidInput for a wish that contradicts what is there.
    """
    data.check(data_dir)
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked_data_dir(data_dir, progress):
        known = state.read(data_dir)
        if known and (process := known.alive) and (attached := _attach(data_dir, known, process, wish, progress)):
            return attached
        found = _environment(wish, known, progress)
        if known and environment.version_key(known.version) > environment.version_key(found.version):
            raise InvalidInput(
                f"{data_dir} was last used by Label Studio {known.version}; the older {found.version} cannot "
                f"read it. Use that version or a newer one, or another data directory."
            )
        data.prepare(data_dir, found, progress)
        boot = Boot(
            data_dir=data_dir,
            environment=found,
            settings=wish.settings,
            legacy_tokens=wish.legacy_tokens,
            detach=detach,
            temporary=temporary,
            timeout=wish.startup_timeout,
        )
        now = dataclasses.replace(known, version=found.version) if known else state.State(version=found.version)
        progress.step(f"Starting Label Studio {found.version}")
        return _boot(boot, now, wish.port, progress)


def _attach(data_dir: Path, known: State, process: Process, wish: Wish, progress: Progress) -> Running | None:
    """Waits for the server that runs; None when it ended meanwhile."""
    if (wish.port or known.port) != known.port or (wish.version or known.version) != known.version:
        raise InvalidInput(
            f"a Label Studio {known.version} already runs on {data_dir}, on port {known.port}: "
            f"stop it first, or leave `port` and `version` out to use it"
        )
    progress.step(f"Joining the Label Studio that runs on {data_dir}")
    deadline = time.monotonic() + wish.startup_timeout
    port = wait_until_up(data_dir / state.LOG_FILE, process, deadline, progress)
    if port:
        url = f"http://{HOST}:{port}"
        state.write(data_dir, dataclasses.replace(known, port=port, url=url))
        return Running(process, url, None)
    if process.alive:
        said = tail(data_dir / state.LOG_FILE, secrets=known.secrets)
        raise ServerNotStarted(
            f"a Label Studio runs on {data_dir} (process {process.pid}), but it did not answer within "
            f"{wish.startup_timeout:g} s. Stop it, then start again. The end of its log:\n{said}"
        )
    return None


def _environment(wish: Wish, known: State | None, progress: Progress) -> Environment:
    chosen = wish.environment or os.environ.get("LABELWIRE_SERVER_ENV")
    if not chosen:
        version = wish.version or (known.version if known else environment.DEFAULT_VERSION)
        return environment.provide(version, progress)
    found = environment.given(Path(chosen).expanduser().absolute())
    if wish.version not in {None, found.version}:
        raise InvalidInput(
            f"the environment {chosen} has Label Studio {found.version} and not {wish.version}: "
            f"leave out `version`, or `environment` and LABELWIRE_SERVER_ENV"
        )
    return found


def _boot(boot: Boot, known: State, wanted: int | None, progress: Progress) -> Running:
    """Starts the server on the wanted port, else on its last one if that is free, else on any."""
    if wanted:
        return _boot_on(wanted, boot, known, progress)
    try:
        return _boot_on(known.port or 0, boot, known, progress)
    except PortTaken:
        return _boot_on(0, boot, known, progress)


def _boot_on(port: int, boot: Boot, known: State, progress: Progress) -> Running:
    """Starts the server and keeps the state file up to date with it."""
    stopped = dataclasses.replace(known, process=None, url=None)
    # Before the first start: the server then makes the owner with this password.
    state.write(boot.data_dir, stopped)

    def launched(process: Process) -> None:
        state.write(boot.data_dir, dataclasses.replace(stopped, process=process))

    try:
        child, process, bound = boot.start(stopped, port, progress, launched)
    except BaseException:
        state.write(boot.data_dir, stopped)
        raise
    url = f"http://{HOST}:{bound}"
    state.write(boot.data_dir, dataclasses.replace(stopped, process=process, port=bound, url=url))
    return Running(process, url, None if boot.detach else child)
