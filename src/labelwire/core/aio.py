"""The async driver: carries steps out with aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
from requests.utils import get_environ_proxies, select_proxy
from yarl import URL

from . import exchange
from .aio_bodies import CHUNK, Response, sent
from .faults import Fault, lost
from .operation import Do, Exclusive, Flow, Operation, Page, Reply, Sleep, Step, Steps, Stream, Together, Wire
from .pager import AsyncPager, listed

if TYPE_CHECKING:
    from .exchange import Site

T = TypeVar("T")


class AsyncDriver:
    """Runs steps on an `aiohttp.ClientSession`, any number of them side by side."""

    def __init__(self, site: Site, timeout: aiohttp.ClientTimeout, options: Mapping[str, Any]) -> None:
        self.site = site
        self.timeout = timeout
        self.options = options
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = asyncio.Lock()
        self._proxies: dict[str, str | None] = {}

    async def perform(self, operation: Operation[T]) -> T:
        """The result of one operation."""
        return await self.run(exchange.perform(operation, self.site))

    async def flow(self, flow: Flow[T]) -> T:
        """The result of several operations in a row."""
        return await self.run(exchange.run(flow, self.site))

    def listing(self, operation: Operation[Page[T]]) -> AsyncPager[T]:
        """An iterator over all pages of a listing."""
        return AsyncPager(self, listed(operation))

    def stream(self, stream: Stream[T]) -> AsyncPager[T]:
        """An iterator over all pages of a stream."""
        return AsyncPager(self, stream)

    async def run(self, steps: Steps[T]) -> T:
        """Carry the steps out and give their result."""
        try:
            result: T = (await self._advance(steps)).value
            return result
        finally:
            steps.close()

    async def pages(self, stream: Stream[T]) -> AsyncGenerator[Page[T], None]:
        """Carry a stream's steps out, and hand its pages out."""
        steps = exchange.run(stream.pages(), self.site)
        try:
            while isinstance(found := await self._advance(steps), Page):
                yield found
        finally:
            steps.close()

    async def _advance(self, steps: Steps[Any]) -> Any:
        """Carry steps out as far as to the next page, or to the end: a `StopIteration` with the result."""
        answer: Any = None
        fault: Exception | None = None
        while True:
            try:
                step = steps.throw(fault) if fault else steps.send(answer)
            except StopIteration as end:
                return end
            if isinstance(step, Page):
                return step
            answer = fault = None
            try:
                answer = await self._take(step)
            except Exception as error:
                fault = error

    async def _take(self, step: Step) -> Any:
        if isinstance(step, Wire):
            return await self._send(step)
        if isinstance(step, Sleep):
            return await asyncio.sleep(step.seconds)
        if isinstance(step, Do):
            return await asyncio.to_thread(step.function)
        if isinstance(step, Together):
            gate = asyncio.Semaphore(step.at_once)
            return await asyncio.gather(*(self._outcome(steps, gate) for steps in step.flows))
        if isinstance(step, Exclusive):
            async with self._exclusive():
                return await self.run(step.steps)
        raise TypeError(step)

    async def _outcome(self, steps: Steps[T], gate: asyncio.Semaphore) -> T | Exception:
        async with gate:
            try:
                return await self.run(steps)
            except Exception as error:
                return error

    async def close(self) -> None:
        """Close the connections that are kept alive."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _exclusive(self) -> asyncio.Lock:
        self._here()
        return self._lock

    def _here(self) -> aiohttp.ClientSession:
        """The session of the running loop. A client used in a second `asyncio.run` gets a new one."""
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            self._loop = loop
            self._lock = asyncio.Lock()
            connector = aiohttp.TCPConnector(ssl=self.options["ssl"], limit=self.options["limit"])
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),  # the exchange says which cookies go out
                headers=self.options["headers"],
                response_class=Response,
                timeout=self.timeout,
                # Not trust_env: with a login in ~/.netrc, aiohttp then refuses every request that has a token.
            )
            # aiohttp would send again what a kept-alive connection was closed upon; whether that may be, others decide.
            self._session._retry_connection = False  # noqa: SLF001 - there is no other way
        return self._session

    def _proxy(self, url: str) -> str | None:
        """The proxy for a URL: from the client's own, else from the environment."""
        origin = url[: url.find("/", 8)]
        if origin not in self._proxies:
            given = self.options["proxies"]
            self._proxies[origin] = select_proxy(url, get_environ_proxies(url) if given is None else dict(given))
        return self._proxies[origin]

    async def _send(self, wire: Wire) -> Reply:
        headers = dict(wire.headers)
        if wire.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in wire.cookies.items())
        try:
            async with self._here().request(
                wire.method,
                URL(wire.url, encoded=True),
                data=sent(wire.body),
                headers=headers,
                allow_redirects=False,
                proxy=self._proxy(wire.url),
                **wire.options,
            ) as response:
                if wire.sink is not None and response.ok:
                    async for chunk in response.content.iter_chunked(CHUNK):
                        await asyncio.to_thread(wire.sink.write, chunk)
                    body = b""
                else:
                    body = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise lost(wire, *_fault(error)) from error
        return Reply(response.status, response.headers, body, str(response.url), _cookies(response.cookies), response)


def _cookies(cookies: SimpleCookie) -> dict[str, str]:
    return {name: morsel.value for name, morsel in cookies.items()}


def _fault(error: Exception) -> tuple[Fault, object]:
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError)):
        return Fault.TLS, error
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Fault.CONNECT_TIMEOUT, ""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Fault.NAME, ""
    if isinstance(error, (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)):
        return Fault.PROXY, error
    if isinstance(error, aiohttp.ClientConnectorError):
        return Fault.REFUSED, ""
    return (Fault.TIMEOUT if isinstance(error, TimeoutError) else Fault.BROKEN), ""
