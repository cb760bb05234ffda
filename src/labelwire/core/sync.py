"""The sync driver: carries steps out with requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Mapping
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from requests.cookies import RequestsCookieJar
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, ReadTimeoutError

from ..errors import InvalidInput
from . import exchange
from .faults import Fault, lost
from .operation import Do, Exclusive, Flow, Operation, Page, Reply, Sleep, Step, Steps, Stream, Together, Wire
from .pager import Pager, listed

if TYPE_CHECKING:
    from .exchange import Site

T = TypeVar("T")

CHUNK = 1 << 18
"""Bytes that a download reads at a time."""

UNSENDABLE = (
    requests.exceptions.InvalidJSONError,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
)
"""What requests says of arguments that it cannot make a request of."""

Timeout = float | tuple[float, float] | None
"""Seconds for connecting and for each wait for data."""


class SyncDriver:
    """Runs steps on a `requests.Session`, one at a time in each thread."""

    def __init__(self, site: Site, session: requests.Session, timeout: Timeout, options: Mapping[str, Any]) -> None:
        self.site = site
        self.session = session
        self.timeout = timeout
        self.options = options
        self._lock = threading.Lock()

    def perform(self, operation: Operation[T]) -> T:
        """The result of one operation."""
        return self.run(exchange.perform(operation, self.site))

    def flow(self, flow: Flow[T]) -> T:
        """The result of several operations in a row."""
        return self.run(exchange.run(flow, self.site))

    def listing(self, operation: Operation[Page[T]]) -> Pager[T]:
        """An iterator over all pages of a listing."""
        return Pager(self, listed(operation))

    def stream(self, stream: Stream[T]) -> Pager[T]:
        """An iterator over all pages of a stream."""
        return Pager(self, stream)

    def run(self, steps: Steps[T]) -> T:
        """Carry the steps out and give their result."""
        try:
            result: T = self._advance(steps).value
            return result
        finally:
            steps.close()

    def pages(self, stream: Stream[T]) -> Generator[Page[T], None, None]:
        """Carry a stream's steps out, and hand its pages out."""
        steps = exchange.run(stream.pages(), self.site)
        try:
            while isinstance(found := self._advance(steps), Page):
                yield found
        finally:
            steps.close()

    def _advance(self, steps: Steps[Any]) -> Any:
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
                answer = self._take(step)
            except Exception as error:
                fault = error

    def _take(self, step: Step) -> Any:
        if isinstance(step, Wire):
            return self._send(step)
        if isinstance(step, Sleep):
            return time.sleep(step.seconds)
        if isinstance(step, Do):
            return step.function()
        if isinstance(step, Together):
            return self._together(step)
        if isinstance(step, Exclusive):
            with self._lock:
                return self.run(step.steps)
        raise TypeError(step)

    def _together(self, step: Together[Any]) -> list[Any]:
        if step.at_once == 1 or len(step.flows) == 1:
            return [self._outcome(steps) for steps in step.flows]
        from concurrent.futures import ThreadPoolExecutor  # here, since few calls need it

        # The last flow stays in this thread where it need not wait: what reads a caller's iterator comes last, and some
        # iterators know their own thread alone.
        here = [step.flows[-1]] if len(step.flows) <= step.at_once else []
        there = step.flows[: len(step.flows) - len(here)]
        pool = ThreadPoolExecutor(min(step.at_once, len(there)))
        try:
            running = [pool.submit(copy_context().run, self._outcome, steps) for steps in there]
            mine = [self._outcome(steps) for steps in here]
            return [*(one.result() for one in running), *mine]
        finally:
            pool.shutdown(cancel_futures=True)

    def _outcome(self, steps: Steps[T]) -> T | Exception:
        try:
            return self.run(steps)
        except Exception as error:
            return error

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self.session.close()

    def _without_cookies(self) -> requests.Session:
        """The session with all it has but its cookies, and one that keeps none that are set: for a login, and for other
        servers. The jar knows a cookie's host and not its port, and another port is another server.
        """
        session = object.__new__(type(self.session))  # requests' own copy forgets what a caller's class adds
        vars(session).update(vars(self.session), cookies=RequestsCookieJar())
        return session

    def _send(self, wire: Wire) -> Reply:
        options: dict[str, Any] = {"timeout": self.timeout, "allow_redirects": False, **self.options, **wire.options}
        # Without an auth of its own, requests would put a login from ~/.netrc in the token's place.
        if self.session.auth is None or wire.foreign:
            options.setdefault("auth", _as_it_is)
        if wire.body is not None:
            options["data"] = wire.body
        if wire.sink is not None:
            options["stream"] = True
        if wire.cookies:
            options["cookies"] = {**wire.cookies, **options.get("cookies", {})}
        headers = {**wire.headers, **(options.pop("headers", None) or {})}
        session = self._without_cookies() if wire.fresh or wire.foreign else self.session
        try:
            response = session.request(wire.method, wire.url, headers=headers, **options)
            if wire.sink is not None and response.ok:
                with response:
                    for chunk in response.iter_content(CHUNK):
                        wire.sink.write(chunk)
                return _reply(response, b"")
            # A caller who streams reads a good answer by themselves; what an error says is wanted here.
            return _reply(response, b"" if wire.options.get("stream") and response.ok else response.content)
        except UNSENDABLE as error:
            raise InvalidInput(f"{wire.method} {wire.url.partition('?')[0]} cannot be sent: {error}") from error
        except requests.RequestException as error:
            raise lost(wire, *_fault(error)) from error


def _reply(response: requests.Response, content: bytes) -> Reply:
    cookies = {cookie.name: cookie.value or "" for cookie in response.cookies}
    return Reply(response.status_code, response.headers, content, response.url, cookies, response)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _fault(error: requests.RequestException) -> tuple[Fault, object]:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, requests.exceptions.SSLError):
        return Fault.TLS, reason or error
    if isinstance(error, requests.exceptions.ProxyError):
        return Fault.PROXY, reason or error
    if isinstance(reason, NameResolutionError):
        return Fault.NAME, ""
    if isinstance(reason, NewConnectionError):  # before the time-out, of which urllib3 makes it a kind
        return Fault.REFUSED, ""
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, ConnectTimeoutError):
        return Fault.CONNECT_TIMEOUT, ""
    late = isinstance(error, requests.Timeout) or (error.args and isinstance(error.args[0], ReadTimeoutError))
    return (Fault.TIMEOUT if late else Fault.BROKEN), ""
