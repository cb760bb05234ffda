"""Spans of requests that servers answer in odd ways; and what no span may hold."""

from __future__ import annotations

import subprocess
import sys
from functools import cached_property
from operator import attrgetter
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry import baggage, context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from labelwire import (
    AsyncClient,
    Client,
    ConnectionLost,
    InvalidRequest,
    LocalServer,
    NotFound,
    Retry,
)
from labelwire.core.endpoint import Resource
from labelwire.namespaces import Namespaces

from ..conftest import TEXT_CONFIG
from ..core.wire import Handler, Wire
from ..scenario.colours import PASSWORD, proofs, reaching
from .conftest import Spans

KEY = "k" * 40


def attributes(spans: list[ReadableSpan], name: str) -> list[Any]:
    """This attribute of each of them."""
    return [(span.attributes or {}).get(name) for span in spans]


def traceparent(span: ReadableSpan) -> str:
    """What a server is told of a span, but for the flags."""
    assert span.context is not None
    return f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}"


def up(handler: Any) -> None:
    handler.json({"status": "UP"})


def test_each_try_has_a_span_and_is_told_to_the_server(colour: str, spans: Spans) -> None:
    def moody(handler: Any) -> None:
        up(handler) if handler.turn == 3 else handler.json({}, 503) if handler.turn == 1 else handler.hang_up()

    with Wire(health=moody) as wire, reaching(colour, wire.url, KEY, retry=Retry(pause=0.01)) as calls:
        calls("system.health")
    assert [span.name for span in spans.requests] == ["GET /health"] * 3
    assert attributes(spans.requests, "http.request.resend_count") == [None, 1, 2]
    assert attributes(spans.requests, "error.type") == ["503", "ConnectionLost", None]
    assert [headers["traceparent"][:-3] for _, headers in wire.headers] == [
        traceparent(span) for span in spans.requests
    ]
    (call,) = spans.calls
    assert call.status.status_code is StatusCode.UNSET
    assert spans.within(call) == spans.requests


def test_no_trace_goes_to_another_server(colour: str, spans: Spans) -> None:
    def away(handler: Any) -> None:
        handler.raw(b"", 302, Location=f"{other.url}/elsewhere?signature=hidden")

    def further(handler: Any) -> None:
        handler.raw(b"", 307, Location=f"{wire.url}/api/tasks/7/")

    token = context.attach(baggage.set_baggage("customer", "4711"))
    with (
        Wire(elsewhere=up) as other,
        Wire(api__tasks__5__=away, api__tasks__6__=further, api__tasks__7__=up) as wire,
        reaching(colour, wire.url, KEY) as calls,
    ):
        calls("tasks.get", 5)
        calls("tasks.get", 6)
    context.detach(token)
    carried = {"traceparent", "baggage"}
    assert [carried & set(headers) for _, headers in other.headers] == [set()]
    assert [carried & set(headers) for _, headers in wire.headers] == [carried] * 3
    there = spans.requests[1]
    assert there.name == "GET"
    assert (there.attributes or {})["url.full"] == f"{other.url}/elsewhere"
    assert attributes(spans.requests, "http.request.resend_count") == [None, 1, None, 1]


def test_a_request_that_gets_no_answer_says_why_and_nothing_of_what_was_asked(colour: str, spans: Spans) -> None:
    def gone(handler: Any) -> None:
        handler.hang_up()

    with (
        Wire(api__projects=gone) as wire,
        reaching(colour, wire.url, KEY, retry=Retry(attempts=2, pause=0.01)) as calls,
        pytest.raises(ConnectionLost),
    ):
        calls("make_request", "GET", "/api/projects?title=hidden", headers={"X-Secret": "hidden"})
    assert spans.calls == []
    assert [dict(span.events[0].attributes or {}) for span in spans.requests] == [
        {"exception.type": "labelwire.errors.ConnectionLost", "exception.message": "no answer (broken)"}
    ] * 2
    assert "hidden" not in told(spans)


def test_what_differs_from_call_to_call_is_in_no_name(
    colour: str, spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Handler, "do_PROPFIND", Handler.do_GET, raising=False)
    paths = {
        "/sub/api/projects/12/exports/7/download": "PROPFIND",
        "/sub/api/files/3f2a9c": "GET",
        "/sub/data/upload/4/photo.jpg": "GET",
    }
    with (
        Wire(**{path[1:].replace("/", "__"): up for path in paths}) as wire,
        reaching(colour, f"{wire.url}/sub", KEY) as calls,
    ):
        for path, method in paths.items():
            calls("make_request", method, path.removeprefix("/sub"))
    assert [span.name for span in spans.requests] == ["HTTP /api/projects/{id}/exports/{id}/download", "GET", "GET"]
    assert attributes(spans.requests, "http.request.method") == ["_OTHER", "GET", "GET"]
    assert attributes(spans.requests, "http.request.method_original") == ["PROPFIND", None, None]


def test_spans_are_named_as_calls_are_typed(colour: str) -> None:
    client: Any = (Client if colour == "sync" else AsyncClient)("http://localhost:8080", KEY)
    found = dict(everything(client))
    assert {"tasks", "label_links", "storages", "storages.export", "storages.export.s3", "storages.localfiles"} <= set(
        found
    )
    for name, resource in found.items():
        assert resource.namespace == name
        assert attrgetter(name)(client) is resource


def everything(holder: Any, before: str = "") -> Any:
    """Every namespace and those within it, by name."""
    kinds = [Namespaces] if isinstance(holder, Namespaces) else type(holder).__mro__
    for name in {name for kind in kinds for name, value in vars(kind).items() if isinstance(value, cached_property)}:
        inner = getattr(holder, name)
        if isinstance(inner, Resource):
            yield before + name, inner
            yield from everything(inner, f"{before}{name}.")


@pytest.mark.server
def test_no_span_shows_a_secret_or_a_body(colour: str, spans: Spans, server: LocalServer, client: Client) -> None:
    email = f"{uuid4().hex}@localhost.example"
    token, cookies = proofs(colour, server, email)
    with reaching(colour, server.url, token) as calls:
        made = calls("projects.create", title="words of a body")
        with pytest.raises(NotFound):
            calls("tasks.get", 987654321)
        config = TEXT_CONFIG.replace('toName="txt"', 'toName="words of a body"')
        with pytest.raises(InvalidRequest, match="words of a body"):
            calls("projects.update", made.id, label_config=config)
        calls("make_request", "GET", f"/api/projects?title={token}")
        calls("projects.delete", made.id)
        access = calls._client._driver.site.credential.secrets
    legacy = client.tokens.legacy()
    assert "POST /user/login/" in {span.name for span in spans.requests}
    assert "POST /api/token/refresh/" in {span.name for span in spans.requests}
    for secret in (email, PASSWORD, token, legacy, *cookies, *access, "words of a body"):
        assert secret
        assert secret not in told(spans)
    assert "?" not in told(spans)


def told(spans: Spans) -> str:
    """All that an exporter gets."""
    return "\n".join(span.to_json() for span in spans.all)


def test_without_opentelemetry_everything_else_works(colour: str) -> None:
    script = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        f"from labelwire import {'Client' if colour == 'sync' else 'AsyncClient'}\n"
        "try: from labelwire import tracing\n"
        "except ImportError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == 'labelwire.tracing needs opentelemetry-api: pip install "labelwire[otel]"\n'
