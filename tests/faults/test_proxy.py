"""The proxy itself, without a fault: what goes in comes out, and links stay on it."""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

import pytest
import requests

from labelwire import Client, LocalServer, TimedOut

from ..core.wire import Wire
from .conftest import Proxied
from .faults import ANY, Asked, Break, Drip, Fault, Match, Nothing, Once, Phase, Random, Sequence
from .proxy import Proxy, unused_url


def test_method_path_query_headers_and_body_go_through_as_they_are() -> None:
    body = bytes(range(256)) * 500
    with (
        Wire(x=lambda handler: handler.raw(handler.content[::-1], 418, X_Seen=handler.path)) as wire,
        Proxy(wire.url) as proxy,
    ):
        reply = requests.put(f"{proxy.url}/x?a=1&b=%C3%A9%20+", data=body, headers={"X-Mine": "ü"}, timeout=10)
        assert (reply.status_code, reply.content) == (418, body[::-1])
        assert reply.headers["X-Seen"] == "/x?a=1&b=%C3%A9%20+"
        ((_, seen),) = wire.headers
        assert (seen["X-Mine"], seen["Host"]) == ("ü", urlsplit(proxy.url).netloc)
        (asked,) = proxy.asked
        assert (asked.method, asked.status, asked.fault) == ("PUT", 418, None)


def test_connections_are_kept_alive() -> None:
    with Wire(x=lambda handler: handler.raw(b"ok")) as wire, Proxy(wire.url) as proxy, requests.Session() as session:
        for _ in range(3):
            assert session.get(proxy.url + "/x", timeout=10).content == b"ok"
        assert [asked.kept for asked in proxy.asked] == [False, True, True]


def test_a_head_has_no_body_and_links_lead_to_the_proxy(server: LocalServer, proxied: Proxied) -> None:
    calls, proxy = proxied(Nothing())
    listed = calls("make_request", "GET", "/api/projects/?page_size=1")
    assert (listed.json()["next"] or proxy.url).startswith(proxy.url)
    line = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=10)
    line.request("HEAD", "/health")
    assert line.getresponse().read() == b""
    line.close()


def test_a_server_that_is_down_is_a_bad_gateway_and_may_come_back_elsewhere() -> None:
    with Proxy(unused_url()) as proxy, Wire(x=lambda handler: handler.raw(b"ok")) as wire:
        assert requests.get(proxy.url + "/x", timeout=10).status_code == 502
        proxy.upstream = wire.url
        assert requests.get(proxy.url + "/x", timeout=10).content == b"ok"
        assert [asked.status for asked in proxy.asked] == [None, 200]


def test_plans_choose_by_method_path_turn_and_seed() -> None:
    reset, closed = Fault(Break("reset")), Fault(Break("closed"))
    get, post = Asked("GET", "/a?page=2"), Asked("POST", "/b")
    second = Once(Match("GET", r"page=2\b"), reset, nth=2)
    assert [second.choose(asked) for asked in (get, post, get, get)] == [None, None, reset, None]
    several = Sequence(ANY, [reset, None, closed])
    assert [several.choose(get) for _ in range(4)] == [reset, None, closed, None]
    one, other = (Random(7, 0.3, [reset, closed]) for _ in range(2))
    drawn = [one.choose(get) for _ in range(1000)]
    assert drawn == [other.choose(get) for _ in range(1000)]
    assert 200 < 1000 - drawn.count(None) < 400


@pytest.mark.parametrize("phase", [Phase.ANSWERED, Phase.REPLY_BODY])
def test_slow_data_is_whole_however_long_it_takes(proxied: Proxied, client: Client, phase: Phase) -> None:
    """Longer in all than the client waits for any piece."""
    calls, _ = proxied(Once(Match("GET", "/whoami"), Fault(Drip(8, 0.12), phase)), timeout=0.6)
    begun = time.monotonic()
    assert calls("users.me").email == client.users.me().email
    assert time.monotonic() - begun > 0.6


@pytest.mark.parametrize(("phase", "made"), [(Phase.FORWARD, 0), (Phase.ANSWERED, 1), (Phase.REPLY_BODY, 1)])
def test_a_client_that_waits_in_vain_goes_after_its_own_time(
    proxied: Proxied, client: Client, phase: Phase, made: int
) -> None:
    """A bare request that writes is sent once; the endpoint for projects would look for what became of it."""
    calls, proxy = proxied(Once(Match("POST", "/api/projects/"), Fault(Break("hanging"), phase)), timeout=0.5)
    with pytest.raises(TimedOut):
        calls("make_request", "POST", "/api/projects/", json={"title": proxy.url})  # which no other project has
    proxy.settle()
    found = client.projects.list(title=proxy.url).to_list()
    for project in found:
        client.projects.delete(project.id)
    assert (len(proxy.of("POST", "/api/projects/")), len(found)) == (1, made)
