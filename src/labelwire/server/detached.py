"""Servers that outlive the process that starts them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from . import state
from .local import LocalServer
from .opening import locked_data_dir
from .places import default_data_dir
from .progress import Progress

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """What is known of the server on a data directory; the fields are None where there is nothing to know."""

    running: bool
    data_dir: Path
    url: str | None = None
    pid: int | None = None
    version: str | None = None
    email: str | None = None
    password: str | None = field(default=None, repr=False)


def launch(
    *,
    data_dir: str | os.PathLike[str] | None = None,
    version: str | None = None,
    port: int | None = None,
    legacy_tokens: bool = False,
    environment: str | os.PathLike[str] | None = None,
    settings: Mapping[str, str] | None = None,
    on_progress: Callable[[str], None] | None = None,
    startup_timeout: float = 180.0,
) -> LocalServer:
    """A server that goes on when this process ends, on a kept data directory; arguments as of LocalServer.

    Where one already runs, that one is returned and goes on as its starter meant it.
    """
    server = LocalServer(
        data_dir=_chosen(data_dir),
        version=version,
        port=port,
        legacy_tokens=legacy_tokens,
        environment=environment,
        settings=settings,
        on_progress=on_progress,
        startup_timeout=startup_timeout,
    )
    return server.start(detach=True)


def stop(data_dir: str | os.PathLike[str] | None = None) -> bool:
    """Ends the server on a data directory, whoever started it; False when none runs there."""
    chosen = _chosen(data_dir)
    known = state.read(chosen)
    process = known.alive if known else None
    if not process:
        return False
    # Without the lock, which belongs to its starter as long as it has not come up.
    process.end()
    with locked_data_dir(chosen, Progress(None)):
        known = state.read(chosen)
        if known and known.process == process:
            state.write(chosen, dataclasses.replace(known, process=None, url=None))
    return True


def status(data_dir: str | os.PathLike[str] | None = None) -> ServerStatus:
    """Whether a server runs on a data directory, and where and how to log in."""
    chosen = _chosen(data_dir)
    known = state.read(chosen)
    if not known:
        return ServerStatus(running=False, data_dir=chosen)
    process = known.alive
    return ServerStatus(
        running=process is not None,
        data_dir=chosen,
        url=known.url if process else None,
        pid=process.pid if process else None,
        version=known.version,
        email=known.email,
        password=known.password,
    )


def _chosen(data_dir: str | os.PathLike[str] | None) -> Path:
    return Path(data_dir).expanduser().absolute() if data_dir is not None else default_data_dir()
