"""The policy of one call, fed scripted answers and faults."""

from __future__ import annotations

import io
from typing import Any

import pytest

from labelwire import (
    Conflict,
    ConnectionLost,
    Forbidden,
    InvalidInput,
    InvalidRequest,
    NotFound,
    RateLimited,
    ServerError,
    Unauthorized,
    UnexpectedReply,
)
from labelwire.core import exchange
from labelwire.core.json import decode
from labelwire.core.operation import Flow, Operation, Reply, Request, Sleep

from .scripted import LOST, REFUSED, URL, Script, reply, site

GET = Request("GET", "/api/projects/1/")
POST = Request("POST", "/api/projects/", json={"title": "New"})
DELETE = Request("DELETE", "/api/projects/1/")


def call(request: Request, *answers: Reply | ConnectionLost, **about: Any) -> tuple[Any, Script]:
    script = Script(answers)
    return script.run(exchange.perform(Operation(request, lambda got: got), site(**about))), script


def test_a_good_answer_takes_one_request() -> None:
    got, script = call(GET, reply(200, {"id": 1}))
    assert decode(got) == {"id": 1}
    assert script.asked == ["GET /api/projects/1/"]
    assert script.sent[0].headers["Authorization"] == "Token " + "k" * 40


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (413, InvalidRequest),
        (429, RateLimited),
        (500, ServerError),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        call(POST, *[reply(status, {"detail": "no"})] * 8)
    assert type(caught.value) is kind
    assert "POST http://server:8080/api/projects/" in str(caught.value)
    assert "no" in str(caught.value)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_is_repeated_after_a_gateway_fault(status: int) -> None:
    got, script = call(GET, reply(status), reply(status), reply(200, 1))
    assert got.ok
    assert len(script.sent) == 3
    assert script.slept == sorted(script.slept)


@pytest.mark.parametrize("fault", [reply(502), reply(503), reply(504), LOST])
def test_a_creation_whose_fate_is_unknown_is_never_sent_twice(fault: Reply | ConnectionLost) -> None:
    script = Script([fault, reply(201, {"id": 1})])
    with pytest.raises((ServerError, ConnectionLost)):
        script.run(exchange.perform(Operation(POST, decode), site()))
    assert len(script.sent) == 1


def test_a_creation_that_never_left_is_sent_again() -> None:
    got, script = call(POST, REFUSED, REFUSED, reply(201, {"id": 1}))
    assert got.ok
    assert [wire.body for wire in script.sent] == [b'{"title":"New"}'] * 3


def test_a_server_that_never_answered_is_a_wrong_address_and_not_a_restart() -> None:
    script = Script([REFUSED])
    with pytest.raises(ConnectionLost):
        script.run(exchange.perform(Operation(GET, decode), site(reached=False)))
    assert script.slept == []


def test_patience_ends() -> None:
    script = Script([LOST] * 20)
    with pytest.raises(ConnectionLost):
        script.run(exchange.perform(Operation(GET, decode), site()))
    assert len(script.sent) == 8


def test_too_many_requests_waits_as_long_as_the_server_asks() -> None:
    got, script = call(POST, reply(429, Retry_After="7"), reply(201))
    assert got.ok
    assert script.slept == [7.0]


def test_retry_after_may_be_a_date_by_the_servers_own_clock() -> None:
    dates = {"Retry_After": "Mon, 23 Nov 2026 12:00:30 GMT", "Date": "Mon, 23 Nov 2026 12:00:00 GMT"}
    _, script = call(GET, reply(429, **dates), reply(200))
    assert script.slept == [30.0]


def test_a_wait_that_is_too_long_is_the_callers_decision() -> None:
    with pytest.raises(RateLimited) as caught:
        call(GET, reply(429, Retry_After="3600"))
    assert caught.value.retry_after == 3600


def test_a_deletion_that_was_applied_before_the_connection_broke_is_done() -> None:
    got, script = call(DELETE, LOST, reply(404, {"detail": "gone"}))
    assert got.status == 204
    assert len(script.sent) == 2


def test_a_deletion_of_what_is_not_there_is_an_error() -> None:
    with pytest.raises(NotFound):
        call(DELETE, reply(404, {"detail": "No Project matches"}))


def test_a_deletion_that_had_not_reached_the_server_is_not_taken_for_done() -> None:
    with pytest.raises(NotFound):
        call(DELETE, REFUSED, reply(404, {"detail": "No Project matches"}))


def test_what_never_reached_the_server_is_certainly_not_applied_however_busy_it_was_between() -> None:
    last = ConnectionLost("nothing answers there", applied=False)
    with pytest.raises(ConnectionLost) as caught:
        call(POST, REFUSED, reply(429), *[last] * 6)
    assert caught.value.applied is False


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_keeps_method_and_body(status: int) -> None:
    target = "https://server/api/projects/"
    _, script = call(POST, reply(status, Location=target), reply(201), url="http://server")
    assert [(wire.method, wire.url, wire.body) for wire in script.sent][1] == ("POST", target, b'{"title":"New"}')
    assert "Authorization" in script.sent[1].headers


def test_a_read_sent_on_to_another_host_leaves_the_credential_at_home() -> None:
    secret = site()
    secret.headers["X-Gate"] = "pass"
    secret.cookies = {"sso": "1"}
    script = Script([reply(302, Location="https://bucket.example/file"), reply(200, b"x")])
    script.run(exchange.perform(Operation(GET, lambda got: got), secret))
    assert script.sent[1].headers == {}
    assert script.sent[1].cookies == {}


def test_a_write_sent_on_to_another_host_is_refused() -> None:
    with pytest.raises(UnexpectedReply, match=r"elsewhere\.example"):
        call(POST, reply(301, Location="https://elsewhere.example/api/projects/"))


def test_a_downgrade_from_https_leaves_the_credential_at_home() -> None:
    _, script = call(GET, reply(302, Location="http://server/x"), reply(200, 1), url="https://server")
    assert script.sent[1].headers == {}


def test_a_file_is_sent_whole_to_where_a_redirect_leads() -> None:
    stream = io.BytesIO(b"DATA")
    steps = exchange.exchange(Request("POST", "/x", options={"data": stream}), site(url="http://server"))
    next(steps)
    stream.read()
    steps.send(reply(307, Location="https://server/x"))
    assert stream.read() == b"DATA"


def test_a_stream_that_cannot_be_sent_twice_is_not_sent_empty() -> None:
    request = Request("POST", "/x", options={"data": iter([b"DATA"])})
    with pytest.raises(UnexpectedReply, match="cannot be sent twice"):
        call(request, reply(307, Location=URL + "/y"))


def test_a_login_of_the_callers_own_stays_at_home_too() -> None:
    request = Request("GET", "/x", options={"auth": ("me", "word"), "cert": "c.pem", "timeout": 3})
    _, script = call(request, reply(302, Location="https://evil.example/x"), reply(200, 1))
    assert script.sent[1].options == {"timeout": 3}
    assert script.sent[1].foreign


@pytest.mark.parametrize(
    ("url", "target", "home"),
    [
        ("http://server", "https://server/x", True),
        ("https://server", "https://server:443/x", True),
        ("http://server:8080", "https://server:8080/x", True),
        ("http://server", "https://server:9999/x", False),
        ("https://server", "https://server.evil.example/x", False),
    ],
)
def test_the_servers_own_origin(url: str, target: str, home: bool) -> None:
    _, script = call(GET, reply(302, Location=target), reply(200, 1), url=url)
    assert ("Authorization" in script.sent[1].headers) is home


def test_a_whole_url_on_the_server_gets_the_credential_and_another_none() -> None:
    for path, home in ((URL + "/data/upload/1/a.png", True), ("https://bucket.example/a.png", False)):
        _, script = call(Request("GET", path), reply(200, b"x"))
        assert ("Authorization" in script.sent[0].headers) is home
        assert script.sent[0].url == path


def test_a_path_or_a_url_of_the_server() -> None:
    assert exchange.path_of("api/projects?title=http://x", URL) == "/api/projects?title=http://x"
    assert exchange.path_of(URL + "/api/projects", URL) == "/api/projects"
    with pytest.raises(InvalidInput, match="goes nowhere else"):
        exchange.path_of("http://other/api/projects", URL)


def test_redirects_end() -> None:
    with pytest.raises(UnexpectedReply, match="redirects"):
        call(GET, *[reply(302, Location=URL + "/again")] * 9)


def test_a_download_that_breaks_starts_from_the_beginning() -> None:
    sink = io.BytesIO()
    script = Script([LOST, reply(200)])
    steps = exchange.exchange(GET, site(), sink)
    wire = next(steps)
    sink.write(b"half of it")
    assert isinstance(steps.throw(LOST), Sleep)
    assert sink.getvalue() == b""
    assert next(steps) == wire
    del script


def test_the_same_file_goes_out_again_after_a_fault() -> None:
    stream = io.BytesIO(b"abc")
    stream.read(1)
    request = Request("PUT", "/x", options={"data": stream})
    steps = exchange.exchange(request, site())
    next(steps)
    stream.read()
    steps.throw(LOST)
    next(steps)
    assert stream.read() == b"bc"


def test_what_cannot_be_sent_again_is_not() -> None:
    script = Script([LOST, reply(200)])
    request = Request("PUT", "/x", options={"data": iter([b"abc"])})
    with pytest.raises(ConnectionLost):
        script.run(exchange.perform(Operation(request, decode), site()))


def test_validation_messages_are_by_field() -> None:
    body = {
        "id": "7a0f",
        "detail": "Validation error",
        "validation_errors": {"title": ["too short"], "items": [{"data": ["missing"]}]},
    }
    with pytest.raises(InvalidRequest) as caught:
        call(POST, reply(400, body))
    assert caught.value.fields == {"title": ["too short"], "items[0].data": ["missing"]}
    assert caught.value.error_id == "7a0f"
    assert "title: too short" in str(caught.value)


def test_no_message_shows_a_secret_or_the_query() -> None:
    key = "k" * 40
    request = Request("GET", "/api/tasks/", {"query": "secret words"})
    with pytest.raises(InvalidRequest) as caught:
        call(request, reply(400, {"detail": f"what is {key}?"}))
    assert key not in str(caught.value)
    assert "secret words" not in str(caught.value)


def test_an_error_survives_pickling() -> None:
    import pickle

    with pytest.raises(NotFound) as caught:
        call(GET, reply(404, {"detail": "No Project matches", "id": "7a0f"}))
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert (type(again), str(again), again.error_id, again.status) == (NotFound, str(caught.value), "7a0f", 404)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8080",
        "",
        "ftp://host",
        "http://",
        "http:// bad host",
        "http://host:99999",
        "http://h/?a=1",
        "http://me:word@h",
    ],
)
def test_a_url_that_cannot_be_a_server_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        exchange.base_url(url)


def test_a_url_keeps_its_sub_path() -> None:
    assert exchange.base_url(" https://host/labels/ ") == "https://host/labels"


def test_a_path_that_the_server_lacks_is_told_with_the_servers_version_asked_once() -> None:
    script, where = Script([reply(404, b"<html>"), reply(200, {"release": "1.13.1"}), reply(405)]), site()
    for _ in range(2):
        with pytest.raises((NotFound, InvalidRequest), match=r"Label Studio 1\.13\.1 Community, has no such path"):
            script.run(exchange.perform(Operation(GET, decode), where))
    assert script.asked == ["GET /api/projects/1/", "GET /api/version", "GET /api/projects/1/"]


class TestFlow:
    """Several calls in a row."""

    def test_results_and_faults_reach_the_flow(self) -> None:
        def flow() -> Flow[str]:
            first = yield from Operation(GET, decode)
            try:
                yield from Operation(GET, decode)
            except NotFound:
                yield from Sleep(2)
            return f"got {first}"

        script = Script([reply(200, 1), reply(404, {"detail": "x"})])
        assert script.run(exchange.run(flow(), site())) == "got 1"
        assert script.slept == [2]

    def test_an_error_that_the_flow_does_not_handle_ends_it(self) -> None:
        closed = []

        def flow() -> Flow[None]:
            try:
                yield from Operation(GET, decode)
            finally:
                closed.append(True)

        with pytest.raises(NotFound):
            Script([reply(404, {"detail": "x"})]).run(exchange.run(flow(), site()))
        assert closed
