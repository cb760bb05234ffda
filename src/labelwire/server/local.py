"""LocalServer: a real Label Studio for as long as a `with` block, or for good."""

from __future__ import annotations

import atexit
import dataclasses
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ..errors import InvalidInput, ServerNotStarted
from . import state
from .boot import HOST, accepts
from .opening import Running, Wish, locked_data_dir, open_server
from .progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from ..async_client import AsyncClient
    from ..client import Client
    from .state import State


NO_PROXY = {"no_proxy": HOST}
"""A proxy that the environment names is for other machines."""


class LocalServer:
    """A Label Studio on this machine, reachable from this machine only.

    The first use of a version installs it, which takes minutes; a start then takes 5 to 15 seconds.

    Args:
        data_dir: where the server keeps its data, made if need be; without it a temporary directory, removed
            by `stop()`. Where a server of labelwire already runs on it, this object attaches to that one.
        version: the Label Studio to run; without it that of the data directory, or else labelwire's default.
        port: the wanted port; without it the last one of the data directory if free, or any.
        legacy_tokens: whether legacy tokens are accepted by a server that knows personal access tokens. It
            counts only at the first start on a data directory.
        environment: a venv that has Label Studio; without it LABELWIRE_SERVER_ENV, or one made in the cache.
        settings: more environment variables for the server. Of this process's own it sees next to none.
        on_progress: is told what goes on, in sentences for people.
        startup_timeout: seconds until a server that does not answer is given up, installation not counted.
    """

    def __init__(
        self,
        *,
        data_dir: str | os.PathLike[str] | None = None,
        version: str | None = None,
        port: int | None = None,
        legacy_tokens: bool = False,
        environment: str | os.PathLike[str] | None = None,
        settings: Mapping[str, str] | None = None,
        on_progress: Callable[[str], None] | None = None,
        startup_timeout: float = 180.0,
    ) -> None:
        self._kept_dir = Path(data_dir).expanduser().absolute() if data_dir is not None else None
        self._temporary_dir: Path | None = None
        self._wish = Wish(
            version=version,
            port=port,
            legacy_tokens=legacy_tokens,
            environment=Path(environment).expanduser().absolute() if environment is not None else None,
            settings=dict(settings or {}),
            startup_timeout=startup_timeout,
        )
        self._progress = Progress(on_progress)
        self._running: Running | None = None
        self._here = os.getpid()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<LocalServer {self.url if self.running else 'not running'}>"

    def start(self, *, detach: bool = False) -> Self:
        """Starts the server, or attaches to one that runs on the data directory, and waits until it answers.

        A detached server needs a data directory of its own and outlives this process; stop it with
        `labelwire.server.stop()`. Raises ServerNotStarted, and InvalidInput for what contradicts the data
        directory.
        """
        if self.running:
            return self
        if detach and self._kept_dir is None:
            raise InvalidInput("a detached server needs a `data_dir`: a temporary one is removed with its starter")
        if self._kept_dir is None and self._temporary_dir is None:
            self._temporary_dir = Path(tempfile.mkdtemp(prefix="labelwire-"))
        self._here = os.getpid()
        # At the interpreter's end too; a process that is killed leaves it to the launcher.
        atexit.register(self.stop)
        try:
            self._running = open_server(
                self.data_dir,
                self._wish,
                temporary=self._kept_dir is None,
                detach=detach,
                progress=self._progress,
            )
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Ends the server that this object started and removes its temporary data directory.

        A server that is detached, or that this object only attached to, is left alone. Stopping twice is no
        error.
        """
        atexit.unregister(self.stop)
        if self._here != os.getpid():
            return  # A fork's copy of this object: the server is its parent's.
        if self._running and self._running.child:
            self._end(self._running, at_once=False)
        self._running = None
        if self._temporary_dir:
            shutil.rmtree(self._temporary_dir, ignore_errors=True)
            self._temporary_dir = None

    def kill(self) -> None:
        """Ends the server in the middle of what it does, as a crash would; `start()` brings it back."""
        self._end(self._own("kill"), at_once=True)

    def restart(self) -> Self:
        """Stops the server and starts it again on the same data and, if it is still free, the same port."""
        self._end(self._own("restart"), at_once=False)
        return self.start()

    @property
    def running(self) -> bool:
        """Whether the server's process runs."""
        return self.pid is not None

    @property
    def pid(self) -> int | None:
        """The id of the server's process, or None when it does not run."""
        return self._running.process.pid if self._running and self._running.process.alive else None

    @property
    def data_dir(self) -> Path:
        """The directory with the server's data; a temporary one exists from `start()` to `stop()`."""
        if data_dir := self._kept_dir or self._temporary_dir:
            return data_dir
        raise ServerNotStarted("the server has no data directory yet: call start(), or use it in a `with` statement")

    @property
    def log_path(self) -> Path:
        """The server's output since its last start."""
        return self.data_dir / state.LOG_FILE

    @property
    def url(self) -> str:
        """The server's address, without a slash at its end; it stays the same after `kill()`."""
        if self._running:
            return self._running.url
        raise ServerNotStarted("the server does not run: call start(), or use it in a `with` statement")

    @property
    def version(self) -> str:
        """The version of Label Studio on the data directory."""
        return self._state().version

    @property
    def email(self) -> str:
        """The login name of the server's owner."""
        return self._state().email

    @property
    def password(self) -> str:
        """The password of the server's owner, random for each data directory."""
        return self._state().password

    @property
    def api_key(self) -> str:
        """A personal access token of the owner (a legacy token where the version has none), made once."""
        from .. import Client, ClientCredentials

        with locked_data_dir(self.data_dir, self._progress):
            known = self._state()
            if known.api_key:
                return known.api_key
            credentials = ClientCredentials(email=known.email, password=known.password)
            with Client(self.url, credentials=credentials, proxies=NO_PROXY) as client:
                made = client.api_key
            if not made:
                raise InvalidInput(
                    f"{known.email} already has a personal access token that labelwire did not make, and the server "
                    f"does not tell it again: use that one, or revoke it on the server's account page"
                )
            state.write(self.data_dir, dataclasses.replace(known, api_key=made))
            return made

    @property
    def legacy_token(self) -> str:
        """The owner's legacy token; raises InvalidInput when the server does not accept such tokens."""
        token = self._state().legacy_token
        if not accepts(self.url, token):
            raise InvalidInput(
                f"the server on {self.data_dir} refuses legacy tokens, which is decided at its first start: "
                f"use LocalServer(legacy_tokens=True) on a new data directory, or `api_key`"
            )
        return token

    def client(self) -> Client:
        """A client that is logged in as the server's owner."""
        from .. import Client

        return Client(self.url, api_key=self.api_key, proxies=NO_PROXY)

    def async_client(self) -> AsyncClient:
        """An asynchronous client that is logged in as the server's owner."""
        from .. import AsyncClient

        return AsyncClient(self.url, api_key=self.api_key, proxies=NO_PROXY)

    def _state(self) -> State:
        if known := state.read(self.data_dir):
            return known
        raise ServerNotStarted(f"no server was ever started on {self.data_dir}: call start()")

    def _own(self, verb: str) -> Running:
        if self._running and self._running.child and self._here == os.getpid():
            return self._running
        raise InvalidInput(f"cannot {verb} a server that this object did not start; its starter can")

    def _end(self, running: Running, *, at_once: bool) -> None:
        running.end(at_once=at_once)
        if not self.data_dir.exists():
            return
        with locked_data_dir(self.data_dir, self._progress):
            known = state.read(self.data_dir)
            if known and known.process == running.process:
                state.write(self.data_dir, dataclasses.replace(known, process=None, url=None))
