"""The adapter of labelwire's own requests sessions: plain connections that acknowledge at once."""

from __future__ import annotations

from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse

from .quickack import acknowledge_at_once


class Connection(HTTPConnection):
    """A connection without TLS; behind TLS there is a proxy, and no development server."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """The answer to what was sent."""
        acknowledge_at_once(self.sock)
        return super().getresponse()


class Pool(HTTPConnectionPool):
    """The connections to one host."""

    ConnectionCls: Any = Connection


class Adapter(HTTPAdapter):
    """What a session sends through. It never retries: the exchange does, and knows when it may."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools with such connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": HTTPSConnectionPool}
