"""Spans on the real server: what they are called, what is within what, and when they end."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from opentelemetry import context, trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from labelwire import Client, LocalServer, NotFound, Project, tracing

from ..conftest import TEXT_CONFIG, Both
from ..faults.faults import Break, Fault, Match, Once, Phase
from ..faults.proxy import Proxy
from ..faults.table import QUICK
from ..scenario.colours import reaching
from .conftest import Spans

pytestmark = pytest.mark.server

TASKS = 120


@pytest.fixture(scope="module")
def filled(client: Client) -> Iterator[int]:
    """A project with two pages of tasks."""
    made = client.projects.create(title="Traced", label_config=TEXT_CONFIG).id
    client.imports.tasks(made, ({"text": f"number {number}"} for number in range(TASKS)))
    yield made
    client.projects.delete(made)


@pytest.fixture(autouse=True)
def logged_in(both: Both) -> None:
    """No test sees the request for a new access token, unless it wants to."""
    both("users.me")


async def awaited(value: Awaitable[Any]) -> None:
    """What a loop can run."""
    await value


def parents(spans: Spans, children: list[ReadableSpan]) -> set[str]:
    """The names of the spans that these are within; "" for none."""
    names = {span.context.span_id: span.name for span in spans.all if span.context}
    return {names[child.parent.span_id] if child.parent else "" for child in children}


def test_a_call_is_a_span_and_its_request_one_within(
    both: Both, spans: Spans, server: LocalServer, filled: int
) -> None:
    with spans.tracer.start_as_current_span("my work"):
        both("projects.get", filled)
    call, request = spans.one("projects.get"), spans.one("GET /api/projects/{id}/")
    assert spans.within(spans.one("my work")) == [call]
    assert spans.within(call) == [request]
    assert (call.kind, request.kind) == (SpanKind.INTERNAL, SpanKind.CLIENT)
    assert call.status.status_code is request.status.status_code is StatusCode.UNSET
    host, _, port = server.url.removeprefix("http://").partition(":")
    assert dict(request.attributes or {}) == {
        "http.request.method": "GET",
        "url.full": f"{server.url}/api/projects/{filled}/",
        "url.template": "/api/projects/{id}/",
        "server.address": host,
        "server.port": int(port),
        "http.response.status_code": 200,
    }


def test_what_the_server_refuses_is_an_error_of_both_spans(both: Both, spans: Spans) -> None:
    with pytest.raises(NotFound):
        both("tasks.get", 987654321)
    call, request = spans.one("tasks.get"), spans.one("GET /api/tasks/{id}/")
    assert call.status.status_code is request.status.status_code is StatusCode.ERROR
    assert (request.attributes or {})["error.type"] == "404"
    assert (call.attributes or {})["error.type"] == "NotFound"
    (event,) = call.events
    assert event.name == "exception"
    said = dict(event.attributes or {})
    assert said["exception.type"] == "labelwire.errors.NotFound"
    assert str(said["exception.message"]).endswith("/api/tasks/987654321/: 404")


def test_a_workflow_is_one_span_with_all_of_its_requests(both: Both, spans: Spans, client: Client) -> None:
    project = client.projects.create(title="Traced", label_config=TEXT_CONFIG).id
    spans.exporter.clear()
    ids = both("imports.tasks", project, [{"text": f"number {number}"} for number in range(8)]).task_ids
    assert [call.name for call in spans.calls] == ["imports.tasks"]
    assert len(spans.requests) > 1
    assert spans.within(spans.calls[0]) == sorted(spans.requests, key=lambda span: span.end_time or 0)
    spans.exporter.clear()
    both("tasks.update_many", [{"id": one, "meta": {"seen": True}} for one in ids])  # some side by side
    assert [call.name for call in spans.calls] == ["tasks.update_many"]
    assert len(spans.within(spans.calls[0])) == len(spans.requests) == len(ids)
    client.projects.delete(project)


def test_each_page_of_a_listing_is_a_span_where_it_is_fetched(both: Both, spans: Spans, filled: int) -> None:
    with spans.tracer.start_as_current_span("my work"):
        found = both.all("tasks.list", project=filled, page_size=50)
    assert len(found) == TASKS
    pages = spans.named("tasks.list")
    assert len(pages) == 3
    assert sorted(map(id, spans.within(spans.one("my work")))) == sorted(map(id, pages))
    for page in pages:
        (request,) = spans.within(page)
        assert request.name == "GET /api/tasks/"
    assert len(spans.requests) == 3


def test_while_a_listing_is_read_a_program_is_in_its_own_span(both: Both, spans: Spans, filled: int) -> None:
    async def read() -> None:
        async for task in both("tasks.list", project=filled, page_size=50):
            use(task)

    def use(task: Any) -> None:
        assert trace.get_current_span() is mine
        with spans.tracer.start_as_current_span(f"task {task.id}"):
            pass

    with spans.tracer.start_as_current_span("my work") as mine:
        if both._runner is None:
            for task in both("tasks.list", project=filled, page_size=50):
                use(task)
        else:
            both.wait(read())
    assert len(spans.within(spans.one("my work"))) == TASKS + 3
    assert parents(spans, spans.requests) == {"tasks.list"}


def test_a_listing_that_is_dropped_half_way_leaves_no_span_open(both: Both, spans: Spans, filled: int) -> None:
    before = set(threading.enumerate())

    async def drop(items: Any, after: int) -> None:
        for _ in range(after):
            await anext(items)
        await items.aclose()

    for after in (1, 2):  # with the second item, the next page is under way
        items = both("tasks.list", project=filled, page_size=10)
        if both._runner is None:
            reading = iter(items)
            for _ in range(after):
                next(reading)
            reading.close()
            for thread in set(threading.enumerate()) - before:
                thread.join()
        else:
            both.wait(drop(aiter(items), after))
    assert spans.begun == spans.ended
    assert 2 <= len(spans.named("tasks.list")) <= 3
    assert {span.status.status_code for span in spans.all} == {StatusCode.UNSET}


def test_calls_side_by_side_are_each_within_their_own_span(both: Both, spans: Spans, filled: int) -> None:
    first = both.wait(both("tasks.list", project=filled, page_size=20).first()).id
    ids = range(first, first + 8)
    spans.exporter.clear()

    async def fetch(task: int) -> None:
        with spans.tracer.start_as_current_span(f"work on {task}"):
            await both._client.tasks.get(task)  # type: ignore[misc]

    async def all_of_them() -> None:
        await asyncio.gather(*map(fetch, ids))

    def fetch_here(task: int) -> None:
        with spans.tracer.start_as_current_span(f"work on {task}"):
            both("tasks.get", task)

    if both._runner is None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(fetch_here, ids))
    else:
        both.wait(all_of_them())
    for task in ids:
        (call,) = spans.within(spans.one(f"work on {task}"))
        (request,) = spans.within(call)
        assert str((request.attributes or {})["url.full"]).endswith(f"/api/tasks/{task}/")


def test_a_call_that_is_cancelled_ends_with_its_request(spans: Spans, server: LocalServer, filled: int) -> None:
    async def cancel() -> None:
        async with server.async_client() as client:
            await client.users.me()
            spans.exporter.clear()
            task = asyncio.create_task(client.tasks.read(project=filled).to_list())
            while len(spans.begun) - len(spans.ended) < 2:  # the call and its request
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancel())
    assert [call.name for call in spans.calls] == ["tasks.read"]
    assert {span.status.status_code for span in spans.all} == {StatusCode.UNSET}


def test_old_names_are_traced_too(spans: Spans, client: Client, filled: int) -> None:
    project = Project.get_from_id(client, filled)
    spans.exporter.clear()
    with spans.tracer.start_as_current_span("my work"):
        client.make_request("GET", f"/api/projects/{filled}?include=title")
        project.get_tasks(only_ids=True)
    assert spans.within(spans.one("my work"))[0].name == "GET /api/projects/{id}"
    assert parents(spans, spans.requests) <= {"my work", *(call.name for call in spans.calls)}
    assert parents(spans, spans.calls) <= {"my work"}


def test_a_download_that_breaks_off_has_a_span_for_each_try(
    colour: str, spans: Spans, server: LocalServer, filled: int, tmp_path: Path
) -> None:
    broken = Once(Match("GET", r"/api/projects/\d+/export\?"), Fault(Break("closed"), Phase.REPLY_BODY))
    with Proxy(server.url, broken) as proxy, reaching(colour, proxy.url, server.api_key, retry=QUICK) as calls:
        calls("exports.direct", filled, path=tmp_path / "tasks.json")
    assert broken.over
    first, second = spans.named("GET /api/projects/{id}/export")
    assert (first.attributes or {})["error.type"] == "ConnectionLost"
    assert dict(first.events[0].attributes or {})["exception.message"] == "no answer (broken)"
    assert "http.response.status_code" not in (first.attributes or {})
    assert (second.attributes or {})["http.request.resend_count"] == 1
    assert second.status.status_code is StatusCode.UNSET
    assert [call.name for call in spans.calls] == ["exports.direct"]


def test_a_line_of_the_log_is_within_the_span_of_its_request(both: Both, spans: Spans) -> None:
    seen = []

    class Note(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(trace.get_current_span().get_span_context().span_id)

    logger, note = logging.getLogger("labelwire.core"), Note()
    logger.addHandler(note)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    both("users.me")
    logger.setLevel(before)
    logger.removeHandler(note)
    assert seen == [request.context.span_id for request in spans.requests if request.context]


def test_other_instrumentations_are_quiet_within_a_request(spans: Spans, server: LocalServer) -> None:
    seen = []

    def note(response: requests.Response, **_: Any) -> None:
        seen.append(context.get_value(tracing.QUIET))

    with server.client() as client:
        client.session.hooks["response"] = [note]
        client.users.me()
    assert set(seen) == {True}
    assert context.get_value(tracing.QUIET) is None


def test_after_uninstrument_there_are_none_and_what_is_under_way_ends(both: Both, spans: Spans, filled: int) -> None:
    pages = both("tasks.list", project=filled, page_size=50).pages()

    def step() -> None:
        next(pages) if both._runner is None else both.wait(awaited(anext(pages)))

    step()
    tracing.uninstrument()
    step()
    assert len(spans.named("tasks.list")) == 2
    pages.close() if both._runner is None else both.wait(awaited(pages.aclose()))
    both("users.me")
    assert spans.named("users.me") == []
