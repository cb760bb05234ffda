"""A real Label Studio on this machine: installed, started and stopped.

    with LocalServer() as server:
        client = server.client()

`launch`, `status` and `stop` are for servers that outlive the process that starts them.
"""

from __future__ import annotations

from .detached import ServerStatus, launch, status, stop
from .environment import DEFAULT_VERSION
from .local import LocalServer

__all__ = ["DEFAULT_VERSION", "LocalServer", "ServerStatus", "launch", "status", "stop"]
