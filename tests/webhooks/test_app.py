"""The app by itself: what it lets in, what it turns away, and what its handlers get."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from typing import Any

import pytest

from labelwire import InvalidInput
from labelwire.webhooks import SECRET_HEADER, Event, WebhookApp

CREATED = {
    "action": "ANNOTATION_CREATED",
    "annotation": {"id": 7, "result": []},
    "task": {"id": 5, "data": {}},
    "project": {"id": 1, "title": "Cats"},
}


SECRET = "s3cret"


async def post(app: WebhookApp, *bodies: bytes, secret: str | None = SECRET, method: str = "POST") -> int:
    """The status that a request with this body, in pieces, is answered with."""
    pieces = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    messages = iter([*pieces, {"type": "http.request"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [] if secret is None else [(SECRET_HEADER.lower().encode(), secret.encode())]
    await app({"type": "http", "method": method, "headers": headers}, receive, send)
    return int(sent[0]["status"])


def deliver(app: WebhookApp, bodies: Iterable[Any]) -> list[int]:
    """The statuses, after the handlers have done their work."""

    async def run() -> list[int]:
        statuses = [await post(app, json.dumps(body).encode()) for body in bodies]
        await app.drained()
        return statuses

    return asyncio.run(run())


def test_handlers_get_what_they_asked_for_with_typed_parts() -> None:
    app = WebhookApp(secret="s3cret")
    got: list[Any] = []

    @app.on("ANNOTATION_CREATED")
    async def one(event: Event) -> None:
        assert event.annotation is not None
        assert event.task is not None
        got.append((event.annotation.id, event.task.id, event.project and event.project.title))

    @app.on()
    def every(event: Event) -> None:
        got.append((event.action, [task.id for task in event.tasks], [one.id for one in event.annotations]))

    assert (
        deliver(app, [CREATED, {"action": "TASKS_DELETED", "tasks": [{"id": 3}, {"id": 4}]}, {"action": "NEW"}])
        == [202] * 3
    )
    assert got == [
        (7, 5, "Cats"),
        ("ANNOTATION_CREATED", [5], [7]),
        ("TASKS_DELETED", [3, 4], []),
        ("NEW", [], []),
    ]


def test_what_is_repeated_is_handled_once_unless_it_has_no_payload() -> None:
    app = WebhookApp(secret="s3cret")
    got: list[str] = []
    app.on()(lambda event: got.append(event.action))
    assert deliver(app, [CREATED, CREATED, {"action": "NEW"}, {"action": "NEW"}]) == [202, 200, 202, 202]
    assert got == ["ANNOTATION_CREATED", "NEW", "NEW"]


def test_a_handler_that_fails_is_logged_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    app = WebhookApp(secret="s3cret")
    got: list[str] = []

    @app.on("NEW")
    def bad(event: Event) -> None:
        raise RuntimeError("broken on purpose")

    app.on("NEW")(lambda event: got.append(event.action))
    with caplog.at_level(logging.ERROR, "labelwire.webhooks"):
        deliver(app, [{"action": "NEW"}, {"action": "NEW"}])
    assert got == ["NEW", "NEW"]
    assert "broken on purpose" in caplog.text


@pytest.mark.parametrize(
    ("bodies", "how", "status"),
    [
        ([b'{"action": "A"}'], {"secret": None}, 401),
        ([b'{"action": "A"}'], {"secret": "s3cre"}, 401),
        ([b""], {"method": "GET"}, 405),
        ([b"no json"], {}, 400),
        ([b"[]"], {}, 400),
        ([b'{"action": 5}'], {}, 400),
        ([b"x" * 60, b"x" * 60], {}, 413),
    ],
)
def test_what_is_no_event_is_turned_away(bodies: list[bytes], how: dict[str, Any], status: int) -> None:
    assert asyncio.run(post(WebhookApp(secret="s3cret", largest=100), *bodies, **how)) == status


def test_more_events_than_may_wait_are_turned_away_and_taken_later() -> None:
    app = WebhookApp(secret="s3cret", waiting=1)
    got: list[str] = []

    async def run() -> list[int]:
        gate = asyncio.Event()

        @app.on()
        async def slow(event: Event) -> None:
            await gate.wait()
            got.append(event.action)

        bodies = [json.dumps({"action": name, "task": {"id": 1}}).encode() for name in "abc"]
        statuses = [await post(app, bodies[0])]
        await asyncio.sleep(0)  # the worker takes the first
        statuses += [await post(app, body) for body in bodies[1:]]
        gate.set()
        await app.drained()
        statuses.append(await post(app, bodies[2]))
        await app.drained()
        return statuses

    assert asyncio.run(run()) == [202, 202, 503, 202]
    assert got == ["a", "b", "c"]


def test_a_shut_down_waits_for_what_is_being_handled() -> None:
    app = WebhookApp(secret=None)
    got: list[str] = []
    app.on()(lambda event: got.append(event.action))

    async def run() -> list[str]:
        await post(app, b'{"action": "A"}', secret=None)
        messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        sent: list[str] = []

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await app({"type": "lifespan"}, receive, send)
        return sent

    assert asyncio.run(run()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert got == ["A"]


def test_an_app_without_handlers_and_a_secret_that_no_header_holds_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no handlers"):
        WebhookApp(secret=None).register(None, url="http://here")  # type: ignore[call-overload]
    for secret in ("", "é", "a\nb"):
        with pytest.raises(InvalidInput, match="visible ASCII"):
            WebhookApp(secret=secret)
