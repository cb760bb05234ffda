"""`AsyncClient`: a Label Studio server, reached asynchronously."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, Self

import aiohttp
import requests

from ._version import __version__
from .core import exchange, refusal
from .core.aio import AsyncDriver
from .core.operation import UNSET, Reply, Request
from .core.retry import Retry
from .credentials import ClientCredentials, make_site
from .namespaces import Namespaces

__all__ = ["AsyncClient"]

CONNECTIONS = 100
"""How many requests are under way at once at the most."""


class AsyncClient(Namespaces[AsyncDriver]):
    """A Label Studio server, with the same namespaces as `Client`, awaited.

        async with AsyncClient("http://localhost:8080", api_key="…") as client:
            project = await client.projects.create(title="New")
            async for task in client.tasks.list(project=project.id): ...

    The arguments are those of `Client`. A login by email and password happens with the first call.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        credentials: ClientCredentials | None = None,
        extra_headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        oidc_token: str | None = None,
        timeout: float | tuple[float, float] | None = (10.0, 180.0),
        verify: bool | str = True,
        cert: str | tuple[str, str] | None = None,
        proxies: Mapping[str, str] | None = None,
        retry: Retry | None = None,
        profile: str | None = None,
    ) -> None:
        site = make_site(
            url,
            api_key,
            credentials,
            extra_headers=extra_headers,
            cookies=cookies,
            oidc_token=oidc_token,
            retry=retry or Retry(),
            profile=profile,
        )
        connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        options = {
            "ssl": _tls(verify, cert),
            "limit": CONNECTIONS,
            "proxies": proxies,
            "headers": {"User-Agent": f"labelwire/{__version__} aiohttp/{aiohttp.__version__}"},
        }
        clock = aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=read)
        self._driver = AsyncDriver(site, clock, options)

    @property
    def url(self) -> str:
        """The server's URL, without a slash at its end."""
        return self._driver.site.url

    @property
    def api_key(self) -> str | None:
        """The key, where there is one: a login has none before the first call."""
        return self._driver.site.credential.key

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request, read whenever one goes out: change them at any time."""
        return self._driver.site.headers

    async def make_request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = UNSET,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The response to any request, with the right credential.

        Args:
            url: a path such as "/api/projects".
            json: the body; None is sent as null.

        Raises:
            StatusError: for an error status.
            ConnectionLost: when there is no answer.
        """
        request = Request(
            method.upper(), exchange.path_of(url, self.url), params=params or {}, json=json, headers=headers or {}
        )
        reply: Reply = await self._driver.run(exchange.exchange(request, self._driver.site))
        if reply.status >= 400:
            raise refusal.from_reply(request, reply, self._driver.site.credential.secrets)
        return refusal.response_of(reply)

    async def check_connection(self) -> dict[str, Any]:
        """`{"status": "UP"}` from a server that is up. It says nothing about the credential."""
        return await self.system.health()

    async def close(self) -> None:
        """Close the connections that are kept alive."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"


def _tls(verify: bool | str, cert: str | tuple[str, str] | None) -> ssl.SSLContext | bool:
    if cert is None and isinstance(verify, bool):
        return verify
    context = ssl.create_default_context(cafile=verify if isinstance(verify, str) else None)
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert is not None:
        context.load_cert_chain(*((cert,) if isinstance(cert, str) else cert))
    return context
