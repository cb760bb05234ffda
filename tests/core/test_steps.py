"""What a flow may ask for besides requests: work of its own, and other flows side by side; and pages ahead."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labelwire import AsyncClient, Client, NotFound, Retry, ServerError
from labelwire.core.json import decode
from labelwire.core.model import Model
from labelwire.core.operation import Do, Flow, Operation, Request, Together
from labelwire.core.pager import paged

from .wire import Handler, Wire

KEY = "k" * 40
Run = Callable[[str, Callable[[], Flow[Any]]], Any]


@pytest.fixture(params=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """`run(url, flow)` is the flow's result through a client of one colour."""
    if request.param == "sync":

        def plain(url: str, flow: Callable[[], Flow[Any]]) -> Any:
            with Client(url, KEY, retry=Retry(attempts=1)) as client:
                return client._driver.flow(flow())

        yield plain
        return

    def awaited(url: str, flow: Callable[[], Flow[Any]]) -> Any:
        async def go() -> Any:
            async with AsyncClient(url, KEY, retry=Retry(attempts=1)) as client:
                return await client._driver.flow(flow())

        return asyncio.run(go())

    yield awaited


def get(path: str) -> Flow[Any]:
    return (yield from Operation(Request("GET", path), decode))


def test_flows_side_by_side_come_back_in_their_order_and_an_error_ends_nothing(run: Run) -> None:
    def answer(handler: Handler) -> None:
        number = int(handler.path.rpartition("=")[2])
        time.sleep(0.02 if number == 0 else 0)
        handler.json({"detail": "none"}, 404) if number == 2 else handler.json(number)

    def flow() -> Flow[Any]:
        return (yield from Together([get(f"/n?n={number}") for number in range(5)], 3))

    with Wire(n=answer) as wire:
        outcomes = run(wire.url, flow)
    assert [outcome for outcome in outcomes if not isinstance(outcome, Exception)] == [0, 1, 3, 4]
    assert isinstance(outcomes[2], NotFound)


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_flows_run_at_once_than_were_asked_for(run: Run, at_once: int) -> None:
    now, most, counting = 0, 0, threading.Lock()

    def answer(handler: Handler) -> None:
        nonlocal now, most
        with counting:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with counting:
            now -= 1
        handler.json(1)

    with Wire(n=answer) as wire:
        assert run(wire.url, lambda: iter(Together([get("/n") for _ in range(9)], at_once))) == [1] * 9
    assert most == at_once


def test_work_of_the_flow_s_own_gives_its_result_or_its_error(run: Run) -> None:
    def flow() -> Flow[Any]:
        try:
            yield from Do(lambda: 1 // 0)
        except ZeroDivisionError as error:
            return str(error), (yield from Do(lambda: 7))

    with Wire() as wire:
        assert run(wire.url, flow) == ("integer division or modulo by zero", 7)


def test_an_event_loop_does_not_wait_for_work(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> tuple[int, int]:
        here = threading.get_ident()
        async with AsyncClient("http://127.0.0.1:9", KEY) as client:
            there: int = await client._driver.flow(iter(Do(threading.get_ident)))
        return here, there

    here, there = asyncio.run(go())
    assert here != there


class Item(Model):
    id: int


def pages(handler: Handler) -> None:
    number = int(handler.path.partition("page=")[2])
    handler.json({"count": 6, "results": [{"id": number * 10 + i} for i in range(2)]})


def listing() -> Any:
    return paged(Request("GET", "/n", {"page": 1}), Item)


def test_the_next_page_is_asked_for_while_this_one_is_used() -> None:
    with Wire(n=pages) as wire, Client(wire.url, KEY) as client:
        items = iter(client._driver.listing(listing()))
        assert [next(items).id, next(items).id] == [10, 11]
        for _ in range(200):
            if wire.asked["GET /n"] == 2:
                break
            time.sleep(0.01)
        assert wire.asked["GET /n"] == 2
        assert [item.id for item in items] == [20, 21, 30, 31]
        assert wire.asked["GET /n"] == 3, "and none after the last"


def test_the_first_item_costs_one_page() -> None:
    with Wire(n=pages) as wire, Client(wire.url, KEY) as client:
        pager = client._driver.listing(listing())
        assert next(iter(pager)).id == 10
        assert pager.first() == Item({"id": 10})
        assert wire.asked["GET /n"] == 2


def test_the_next_page_is_asked_for_while_this_one_is_used_in_an_event_loop() -> None:
    async def go(wire: Wire) -> list[int]:
        async with AsyncClient(wire.url, KEY) as client:
            found = []
            async for item in client._driver.listing(listing()):
                found.append(item.id)
                if len(found) == 2:
                    await asyncio.sleep(0.3)
                    assert wire.asked["GET /n"] == 2
            async for _ in client._driver.listing(listing()):
                break
            return found

    with Wire(n=pages) as wire:
        assert asyncio.run(go(wire)) == [10, 11, 20, 21, 30, 31]
        assert wire.asked["GET /n"] == 4, "and who takes one item asks for one page"


def test_a_page_that_fails_ahead_of_its_time_is_an_error_in_its_turn() -> None:
    def answer(handler: Handler) -> None:
        handler.json({"detail": "broken"}, 500) if "page=2" in handler.path else pages(handler)

    with Wire(n=answer) as wire, Client(wire.url, KEY) as client:
        items = iter(client._driver.listing(listing()))
        assert [next(items).id, next(items).id] == [10, 11]
        with pytest.raises(ServerError, match="broken"):
            next(items)
