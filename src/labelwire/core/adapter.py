"""labelwire's own requests sessions: connections acknowledge at once, and the environment is read once."""

from __future__ import annotations

import os
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.sessions import merge_setting
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ProtocolError
from urllib3.response import HTTPResponse

from .quickack import acknowledge_at_once


def whole(response: Any) -> HTTPResponse:
    """The answer, if its headers are whole.

    http.client takes a connection that ends in the middle of the headers for one that ends after them: the answer is
    then empty, and nothing says that it was to be longer.
    """
    ends = response.headers.get("Connection", "").lower() == "close"
    if response.version == 11 and response.length_remaining is None and not response.chunked and not ends:
        response.close()
        raise ProtocolError("The connection ended in the middle of the answer's headers.")
    found: HTTPResponse = response
    return found


class Connection(HTTPConnection):
    """A connection without TLS; behind TLS there is a proxy, and no development server."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """The answer to what was sent."""
        acknowledge_at_once(self.sock)
        return whole(super().getresponse())


class SecureConnection(HTTPSConnection):
    """A connection with TLS."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """The answer to what was sent."""
        return whole(super().getresponse())


class Pool(HTTPConnectionPool):
    """The connections to one host."""

    ConnectionCls: Any = Connection


class SecurePool(HTTPSConnectionPool):
    """The connections with TLS to one host."""

    ConnectionCls: Any = SecureConnection


class Adapter(HTTPAdapter):
    """What a session sends through. It never retries: the exchange does, and knows when it may.

    It remembers the pool of the server that is asked again and again, which is looked up for each request otherwise: a
    twentieth of what a small call costs.
    """

    _last: tuple[Any, Any] | None = None

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools with such connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        """The pool that the request's connection is taken from."""
        url = request.url
        wanted = url[: url.find("/", 8)], verify, cert
        last = self._last
        if not proxies and last is not None and last[0] == wanted and last[1].pool is not None:
            return last[1]
        found: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        if not proxies:
            self._last = wanted, found
        return found


class Session(requests.Session):
    """A session that looks once for each server what the environment says of proxies and certificates.

    requests looks for each request anew, which is a fifth of what a small call costs.
    """

    __attrs__ = [*requests.Session.__attrs__, "_environment"]  # noqa: RUF012 - as requests has it
    """What a copy of it gets."""

    def __init__(self) -> None:
        super().__init__()
        self._environment: dict[str, tuple[dict[str, str], str | None]] = {}
        self.mount("http://", Adapter())
        self.mount("https://", Adapter())

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """The arguments of a request, with what the environment and the session add to them."""
        if not self.trust_env or "no_proxy" in (proxies or ()):
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        origin = url[: url.find("/", 8)]
        if origin not in self._environment:
            bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
            self._environment[origin] = get_environ_proxies(url), bundle
        found, bundle = self._environment[origin]
        given = {
            "proxies": {**found, **(proxies or {})},
            "stream": stream,
            "verify": bundle or verify if verify in (None, True) else verify,
            "cert": cert,
        }
        merge: Any = merge_setting  # which requests has not typed
        return {name: merge(value, getattr(self, name)) for name, value in given.items()}
