"""The ASGI app: takes a request, answers at once, and then lets the handlers work, one event after the other."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import inspect
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeVar, get_args, overload

from ..errors import InvalidInput
from ..resources.webhooks import Webhook, WebhookAction
from .events import Event

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from .. import AsyncClient, Client

logger = logging.getLogger("labelwire.webhooks")

Handler = Callable[[Event], Any]
H = TypeVar("H", bound=Handler)
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

SECRET_HEADER = "X-Labelwire-Secret"  # noqa: S105 - the header's name
"""The header that the server is told to send the secret in."""

EVERY = "*"
REMEMBERED = 10_000
"""Events whose repetition is noticed."""


class WebhookApp:
    """An ASGI app for a server's webhooks.

    Handlers run after the answer, each event's in the order they were added, one event after the other; plain functions
    run in a thread. What a handler raises is logged and keeps nobody else from the event.

    Args:
        secret: what the server has to send along; `register` tells it. None takes events from anybody.
        largest: bytes that a request may have.
        waiting: events that may wait for their handlers; more are answered with 503.
    """

    def __init__(self, *, secret: str | None, largest: int = 64 << 20, waiting: int = 1_000) -> None:
        if secret is not None and (not secret or not secret.isascii() or not secret.isprintable()):
            raise InvalidInput("a secret is of visible ASCII characters; secrets.token_urlsafe() makes one")
        self._secret = secret
        self._largest = largest
        self._waiting = waiting
        self._handlers: dict[str, list[Handler]] = {}
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._queue: asyncio.Queue[Event] | None = None
        self._worker: asyncio.Task[None] | None = None

    def on(self, *actions: WebhookAction | str) -> Callable[[H], H]:
        """Decorates a function of an `Event`, plain or async, for these actions, or for all if none is named."""

        def add(handler: H) -> H:
            for action in actions or (EVERY,):
                self._handlers.setdefault(action, []).append(handler)
            return handler

        return add

    @overload
    def register(self, client: Client, *, url: str, project: int | None = None) -> Webhook: ...
    @overload
    def register(
        self, client: AsyncClient, *, url: str, project: int | None = None
    ) -> Coroutine[Any, Any, Webhook]: ...
    def register(self, client: Any, *, url: str, project: int | None = None) -> Any:
        """The webhook by which the server calls this app for the actions that it has handlers for.

        One that the project has for the same URL is changed, not doubled. Add the handlers first.

        Args:
            url: where the server finds this app.
            project: whose events; None for the whole organization, which is Enterprise's.
        """
        if not self._handlers:
            raise InvalidInput("there are no handlers yet: add them with @app.on(…) before register()")
        everything = EVERY in self._handlers or not set(self._handlers) <= set(get_args(WebhookAction))
        return client.webhooks.ensure(
            url=url,
            project=project,
            send_payload=True,
            send_for_all_actions=everything,
            actions=[] if everything else sorted(self._handlers),
            headers={} if self._secret is None else {SECRET_HEADER: self._secret},
            is_active=True,
        )

    @overload
    def unregister(self, client: Client, *, url: str, project: int | None = None) -> int: ...
    @overload
    def unregister(self, client: AsyncClient, *, url: str, project: int | None = None) -> Coroutine[Any, Any, int]: ...
    def unregister(self, client: Any, *, url: str, project: int | None = None) -> Any:
        """How many webhooks of the project for this URL were deleted."""
        return client.webhooks.remove(url=url, project=project)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """The app, as ASGI calls it."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            status, said = await self._take(scope, receive)
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(said))]
            if status == 405:
                headers.append((b"allow", b"POST"))
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": said})

    async def drained(self) -> None:
        """Waits until the handlers have done with all events that came so far."""
        if self._queue is not None:
            await self._queue.join()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.drained()
                if self._worker is not None:
                    self._worker.cancel()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _take(self, scope: MutableMapping[str, Any], receive: Receive) -> tuple[int, bytes]:
        """The status of the answer, and its words."""
        if scope["method"] != "POST":
            return 405, b"Send events by POST."
        if not self._trusted(dict(scope["headers"])):
            return 401, b"The secret is missing or another."
        body = await _body(receive, self._largest)
        if body is None:
            return 413, b"The event is too large."
        try:
            event = Event.read(body)
        except InvalidInput as error:
            return 400, str(error).encode()
        if len(event.raw) > 1 and self._again(body):  # without a payload, different events look the same
            return 200, b"Known already."
        queue = self._running()
        try:
            queue.put_nowait(event)
        except asyncio.QueueFull:
            self._seen.pop(_digest(body), None)  # so that it counts as new when it comes again
            logger.warning("%s was turned away: %d events wait for their handlers", event.action, self._waiting)
            return 503, b"Too many events wait."
        return 202, b"Taken."

    def _trusted(self, headers: MutableMapping[bytes, bytes]) -> bool:
        if self._secret is None:
            return True
        return hmac.compare_digest(headers.get(SECRET_HEADER.lower().encode(), b""), self._secret.encode())

    def _again(self, body: bytes) -> bool:
        digest = _digest(body)
        known = digest in self._seen
        self._seen[digest] = None
        self._seen.move_to_end(digest)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return known

    def _running(self) -> asyncio.Queue[Event]:
        """The queue, with somebody who works through it: a mounted app hears of no start."""
        if self._queue is None or self._worker is None or self._worker.done():
            self._queue = asyncio.Queue(self._waiting)
            self._worker = asyncio.get_running_loop().create_task(self._work(self._queue))
        return self._queue

    async def _work(self, queue: asyncio.Queue[Event]) -> None:
        while True:
            event = await queue.get()
            for handler in [*self._handlers.get(event.action, ()), *self._handlers.get(EVERY, ())]:
                try:
                    if inspect.iscoroutinefunction(handler):
                        await handler(event)
                    else:
                        await asyncio.to_thread(handler, event)
                except Exception:
                    logger.exception("the handler %r of %s has failed", handler, event.action)
            queue.task_done()


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()


async def _body(receive: Receive, largest: int) -> bytes | None:
    """The request's body, or None for one that is too large or breaks off."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > largest:
            return None
        if not message.get("more_body"):
            return b"".join(parts)
