"""Both drivers on a real socket, against a server that misbehaves."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from labelwire import (
    AsyncClient,
    Client,
    ConnectionLost,
    InvalidInput,
    NotFound,
    Retry,
    TimedOut,
    UnexpectedReply,
    Upload,
)
from labelwire.core.operation import Flow, Operation, Request

from ..scenario.colours import reaching
from .test_auth import PAT, jwt
from .wire import Handler, Wire

QUICK = Retry(pause=0.001, patience=2)
KEY = "k" * 40

Call = Callable[..., Any]


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Iterator[Call]:
    """`call(url, operation)` performs it with a client of one colour."""
    if request.param == "sync":

        def plain(url: str, operation: Operation[Any], key: str = KEY, **options: Any) -> Any:
            with Client(url, key, retry=QUICK, **options) as client:
                return client._driver.perform(operation)

        yield plain
        return

    def awaited(url: str, operation: Operation[Any], key: str = KEY, **options: Any) -> Any:
        async def run() -> Any:
            async with AsyncClient(url, key, retry=QUICK, **options) as client:
                return await client._driver.perform(operation)

        return asyncio.run(run())

    yield awaited


def read(method: str = "GET", path: str = "/x", **about: Any) -> Operation[bytes]:
    return Operation(Request(method, path, **about), lambda reply: reply.body)


def lose_first(then: bytes) -> Callable[[Handler], None]:
    return lambda handler: handler.hang_up() if handler.turn == 1 else handler.raw(then)


def test_a_read_whose_connection_broke_is_repeated(call: Call) -> None:
    with Wire(x=lose_first(b"here")) as wire:
        assert call(wire.url, read()) == b"here"
        assert wire.asked["GET /x"] >= 2  # aiohttp repeats a read by itself once more


def test_a_creation_whose_answer_was_lost_is_sent_once(call: Call) -> None:
    with Wire(x=lose_first(b"made")) as wire:
        with pytest.raises(ConnectionLost, match="look before you send it again") as caught:
            call(wire.url, read("POST", json={}))
        assert caught.value.applied is None
        assert wire.asked["POST /x"] == 1


def test_half_an_answer_is_none(call: Call) -> None:
    """The body is shorter than its Content-Length says."""

    def cut(handler: Handler) -> None:
        handler.raw(b"[1, 2", length=400)
        handler.hang_up()

    with Wire(x=cut) as wire, pytest.raises(ConnectionLost, match="before the answer was complete"):
        call(wire.url, read("POST", json={}))


def test_a_download_that_broke_is_whole_in_the_end(call: Call, tmp_path: Path) -> None:
    whole = bytes(range(256)) * 4000

    def cut_first(handler: Handler) -> None:
        if handler.turn == 1:
            handler.raw(whole[:700_000], length=len(whole))
            handler.hang_up()
        else:
            handler.raw(whole)

    with Wire(x=cut_first) as wire, (tmp_path / "file").open("w+b") as sink:
        request = Request("GET", "/x")
        call(wire.url, Operation(request, lambda reply: None, sink))
    assert (tmp_path / "file").read_bytes() == whole


def test_an_error_page_does_not_go_into_the_file(call: Call, tmp_path: Path) -> None:
    with (
        Wire(x=lambda handler: handler.json({"detail": "no"}, 400)) as wire,
        (tmp_path / "file").open("w+b") as sink,
        pytest.raises(requests.HTTPError, match="no"),
    ):
        call(wire.url, Operation(Request("GET", "/x"), lambda reply: None, sink))
    assert (tmp_path / "file").read_bytes() == b""


def test_a_full_disk_is_not_taken_for_a_lost_connection(call: Call) -> None:
    with Wire(x=lambda handler: handler.raw(b"x" * 1_000_000)) as wire, Path("/dev/full").open("wb") as sink:
        with pytest.raises(OSError, match="No space left") as caught:
            call(wire.url, Operation(Request("GET", "/x"), lambda reply: None, sink))
        assert not isinstance(caught.value, ConnectionLost)


def test_no_answer_in_time_is_said(call: Call) -> None:
    released = threading.Event()

    def hang(handler: Handler) -> None:
        released.wait(10)

    with Wire(x=hang) as wire:
        with pytest.raises(TimedOut, match="no answer in time"):
            call(wire.url, read("POST", json={}), timeout=0.2)
        released.set()


def test_nothing_there_is_said_at_once(call: Call) -> None:
    with Wire() as wire:
        url = wire.url
    with pytest.raises(ConnectionLost, match="nothing answers there") as caught:
        call(url, read())
    assert caught.value.applied is False


def test_an_unknown_host_is_said(call: Call) -> None:
    with pytest.raises(ConnectionLost, match="name is not known"):
        call("http://no-such-host.invalid", read())


def test_a_post_keeps_its_method_and_body_over_a_redirect(call: Call) -> None:
    with Wire(
        x=lambda handler: handler.raw(b"", 301, Location="/y"), y=lambda handler: handler.raw(handler.content)
    ) as wire:
        assert call(wire.url, read("POST", json={"a": 1})) == b'{"a":1}'


def test_the_credential_does_not_follow_a_redirect_to_another_server(call: Call) -> None:
    with Wire(file=lambda handler: handler.raw(b"data")) as bucket:
        with Wire(x=lambda handler: handler.raw(b"", 302, Location=bucket.url + "/file?sig=1")) as wire:
            assert call(wire.url, read(), extra_headers={"X-Gate": "pass"}, cookies={"sso": "1"}) == b"data"
        ((_, seen),) = bucket.headers
        assert not {"authorization", "x-gate", "cookie"} & {name.lower() for name in seen}


class Numbered(requests.Session):
    """A session of a program's own."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        self.number += 1
        return super().request(*args, **kwargs)


@pytest.mark.parametrize("directly", [True, False])
@pytest.mark.parametrize(
    ("colour", "options"),
    [("sync", {}), ("sync", {"session": Numbered()}), ("async", {})],
    ids=["own", "given", "async"],
)
def test_no_cookie_goes_from_one_port_of_a_host_to_another(
    colour: str, options: dict[str, Any], directly: bool
) -> None:
    """Not the server's to where a file is, and none that is set there to the server."""

    def away(handler: Handler) -> None:
        handler.raw(b"", 302, Location=bucket.url + "/file", Set_Cookie="sessionid=ours; Path=/")

    def kept(handler: Handler) -> None:
        handler.raw(b"data", Set_Cookie="csrftoken=theirs; Path=/")

    with Wire(file=kept) as bucket, Wire(x=away, y=lambda handler: handler.raw(b"y")) as wire:

        def fetched() -> Flow[bytes]:
            yield from read(follow=False)
            data = yield from read(path=bucket.url + "/file" if directly else "/x")
            yield from read(path="/y")
            return data

        with reaching(colour, wire.url, KEY, **options) as calls:
            assert calls.wait(calls._client._driver.flow(fetched())) == b"data"
        ((_, seen),) = bucket.headers
        assert not {"Cookie", "Authorization"} & set(seen)
        (last,) = [headers for name, headers in wire.headers if name == "GET /y"]
        assert "theirs" not in last.get("Cookie", "")


def test_cookies_and_headers_go_with_every_request_the_refresh_included(call: Call) -> None:
    with Wire(
        api__token__refresh__=lambda handler: handler.json({"access": jwt("access")}),
        x=lambda handler: handler.raw(b"ok"),
    ) as wire:
        call(wire.url, read(), key=PAT, extra_headers={"X-Gate": "pass"}, cookies={"sso": "1"}, oidc_token="oidc")
        assert [name for name, _ in wire.headers] == ["POST /api/token/refresh/", "GET /x"]
        for _, seen in wire.headers:
            assert (seen["X-Gate"], seen["Cookie"], seen["Proxy-Authorization"]) == ("pass", "sso=1", "Bearer oidc")


def test_a_login_from_netrc_does_not_take_the_tokens_place(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Wire(x=lambda handler: handler.raw(handler.headers["Authorization"].encode())) as wire:
        assert call(wire.url, read()) == f"Token {KEY}".encode()


def refreshing(delay: float = 0.05) -> Wire:
    """A server with slow refreshes; only the newest access token is good."""

    def refresh(handler: Handler) -> None:
        time.sleep(delay)
        handler.json({"access": jwt("access", mark=str(handler.turn))})

    return Wire(api__token__refresh__=refresh, x=lambda handler: handler.raw(b"ok"))


def test_many_threads_share_one_refresh() -> None:
    with refreshing() as wire, Client(wire.url, PAT) as client, ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: client._driver.perform(read()), range(32)))
        assert wire.asked == {"POST /api/token/refresh/": 1, "GET /x": 32}


def test_many_tasks_share_one_refresh() -> None:
    async def run(url: str) -> None:
        async with AsyncClient(url, PAT) as client:
            await asyncio.gather(*(client._driver.perform(read()) for _ in range(32)))

    with refreshing() as wire:
        asyncio.run(run(wire.url))
        assert wire.asked == {"POST /api/token/refresh/": 1, "GET /x": 32}


def test_a_cancelled_refresh_does_not_lock_the_others_out() -> None:
    async def run(url: str) -> bytes:
        async with AsyncClient(url, PAT) as client:
            first = asyncio.create_task(client._driver.perform(read()))
            await asyncio.sleep(0.05)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            return await client._driver.perform(read())

    with refreshing(0.2) as wire:
        assert asyncio.run(run(wire.url)) == b"ok"


def test_an_async_client_may_be_used_in_one_loop_after_the_other() -> None:
    async def run(client: AsyncClient) -> bytes:
        try:
            return await client._driver.perform(read())
        finally:
            await client.close()

    with Wire(x=lambda handler: handler.raw(b"ok")) as wire:
        client = AsyncClient(wire.url, KEY)
        assert [asyncio.run(run(client)) for _ in range(2)] == [b"ok", b"ok"]


def test_a_listing_that_fails_on_its_second_page_raises(call: Call) -> None:
    def pages(handler: Handler) -> None:
        if "page=1" in handler.path:
            handler.json({"tasks": [{"id": 1}], "total": 3})
        else:
            handler.raw(b"<html><title>Bad gateway</title>")

    with (
        Wire(api__tasks__=pages) as wire,
        Client(wire.url, KEY) as client,
        pytest.raises(UnexpectedReply, match="web page"),
    ):
        client.tasks.list(project=1, page_size=1).to_list()


@pytest.mark.parametrize("given", [True, False])
def test_a_proxy_is_used_from_the_arguments_or_the_environment(
    call: Call, given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire() as proxy:
        proxy.answers["http://labels.example/x"] = lambda handler: handler.raw(b"through the proxy")
        if not given:
            monkeypatch.setenv("http_proxy", proxy.url)
            monkeypatch.setenv("no_proxy", "")
        options = {"proxies": {"http": proxy.url}} if given else {}
        assert call("http://labels.example", read(), **options) == b"through the proxy"


def test_a_host_may_be_left_out_of_the_environments_proxy(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with Wire(x=lambda handler: handler.raw(b"directly")) as wire:
        assert call(wire.url, read(), proxies={"no_proxy": "127.0.0.1"}) == b"directly"


def test_a_content_type_among_the_clients_headers_does_not_spoil_uploads() -> None:
    """FiftyOne leaves one there, between its uploads."""
    with Wire(x=lambda handler: handler.raw(handler.headers["Content-Type"].encode())) as wire:
        client = Client(wire.url, KEY)
        client.headers.update({"Content-Type": "application/json"})
        assert client.make_request("POST", "/x", files={"file": b"abc"}).text.startswith(
            "multipart/form-data; boundary"
        )
        assert client.make_request("POST", "/x", data="{}").text == "application/json"
        upload = Request("POST", "/x", uploads=[Upload("a.txt", b"abc")])
        sent = client._driver.perform(Operation(upload, lambda reply: reply.body))
        assert sent.startswith(b"multipart/form-data; boundary")


def test_a_session_handed_in_is_used_as_it_is() -> None:
    with Wire(x=lambda handler: handler.raw(b"ok")) as wire:
        session = requests.Session()
        session.headers["X-Mine"] = "yes"
        adapters = dict(session.adapters)
        client = Client(wire.url, KEY, session=session)
        client.make_request("GET", "/x")
        assert wire.headers[0][1]["X-Mine"] == "yes"
        assert dict(session.adapters) == adapters


def test_arguments_that_requests_cannot_send_are_bad_input_and_no_lost_connection() -> None:
    with Wire(x=lambda handler: handler.raw(b"ok")) as wire, Client(wire.url, KEY) as client:
        for value, said in [("a\nb", "line break"), ("ключ", "no form for"), (5, "is int")]:
            with pytest.raises(InvalidInput, match=f"X-Bad.*{said}"):
                client.make_request("GET", "/x", headers={"X-Bad": value})
        with pytest.raises(InvalidInput, match="cannot be sent"):
            client.make_request("POST", "/x", json={"score": float("nan")})
        assert not wire.asked


def test_a_streamed_answer_is_left_to_the_caller_and_an_error_is_read() -> None:
    with (
        Wire(x=lambda handler: handler.raw(b"abc"), y=lambda handler: handler.json({"detail": "gone"}, 404)) as wire,
        Client(wire.url, KEY) as client,
    ):
        response = client.make_request("GET", "/x", stream=True)
        assert list(response.iter_content(1)) == [b"a", b"b", b"c"]
        with pytest.raises(NotFound, match="gone"):
            client.make_request("GET", "/y", stream=True)


def test_no_error_shows_the_token_or_the_query() -> None:
    with Wire(x=lambda handler: handler.json({"detail": "Invalid token."}, 401)) as wire:
        client = Client(wire.url, KEY)
        with pytest.raises(requests.HTTPError) as caught:
            client.make_request("GET", "/x", params={"secret": "word"})
        text = f"{caught.value!s} {caught.value!r} {client!r}"
        assert KEY not in text
        assert "word" not in text
