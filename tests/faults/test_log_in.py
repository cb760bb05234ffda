"""The access token under every fault: renewed once, unnoticed, without holding anybody up."""

from __future__ import annotations

import asyncio

import pytest

from labelwire import AsyncClient, Client, LocalServer, Unauthorized

from . import faults
from .conftest import Played, Proxied
from .faults import Always, Asked, Break, Drip, Fault, Match, Once, Phase, Redirect, Sequence, Several
from .jobs import LogIn
from .proxy import Proxy
from .table import QUICK, Row, rows

REFRESH = Match("POST", "/api/token/refresh/")
ME = Match("GET", "/whoami")


@pytest.mark.parametrize("row", rows(LogIn), ids=str)
def test_under_a_fault(row: Row, played: Played) -> None:
    played(row)


def test_a_token_refused_once_is_renewed_and_the_creation_is_applied_once(proxied: Proxied, direct: Client) -> None:
    calls, proxy = proxied(Once(Match("POST", "/api/projects/"), Fault(faults.TOKEN_REFUSED)))
    made = calls("projects.create", title="Refused once")
    assert [project.id for project in direct.projects.list(title="Refused once").to_list()] == [made.id]
    assert len(proxy.of("POST", "/api/token/refresh/")) == 2
    direct.projects.delete(made.id)


def test_a_refused_token_whose_renewal_meets_a_fault_too(proxied: Proxied) -> None:
    reset = Fault(Break("reset"), Phase.ANSWERED)
    refused = Once(ME, Fault(faults.TOKEN_REFUSED))
    calls, _ = proxied(Several(refused, Sequence(REFRESH, [None, reset, Fault(faults.BAD_GATEWAY), reset])))
    assert calls("users.me").email


def test_a_token_that_is_always_refused_is_renewed_once_and_then_said(proxied: Proxied) -> None:
    calls, proxy = proxied(Always(ME, Fault(faults.TOKEN_REFUSED)))
    with pytest.raises(Unauthorized):
        calls("users.me")
    assert len(proxy.of("GET", "/whoami")) == 2


def test_a_read_that_is_sent_to_another_address_goes_without_the_credential(proxied: Proxied) -> None:
    elsewhere = Redirect(302, "server")
    calls, _ = proxied(Always(ME, Fault(elsewhere)))
    with pytest.raises(Unauthorized):
        calls("users.me")


def test_a_slow_renewal_does_not_hold_up_the_event_loop(server: LocalServer) -> None:
    async def ticks_during(url: str) -> int:
        async with AsyncClient(url, server.api_key, retry=QUICK) as client:
            call = asyncio.ensure_future(client.users.me())
            ticks = 0
            while not call.done():
                await asyncio.sleep(0.01)
                ticks += 1
            assert (await call).email == server.email
            return ticks

    with Proxy(server.url, Once(REFRESH, Fault(Drip(10, 0.05), Phase.ANSWERED))) as proxy:
        assert asyncio.run(ticks_during(proxy.url)) > 10


class UntilRenewed:
    """Refuses the access token, from `armed` on, until the client has asked for another."""

    armed = renewed = False

    def choose(self, asked: Asked) -> Fault | None:
        """The refusal."""
        if REFRESH(asked):
            self.renewed = self.armed
        return Fault(faults.TOKEN_REFUSED) if ME(asked) and self.armed and not self.renewed else None


def test_calls_side_by_side_share_the_renewal_after_a_refusal(server: LocalServer) -> None:
    plan = UntilRenewed()

    async def many(url: str) -> list[str | None]:
        async with AsyncClient(url, server.api_key, retry=QUICK) as client:
            await client.users.me()
            plan.armed = True
            return [user.email for user in await asyncio.gather(*(client.users.me() for _ in range(8)))]

    with Proxy(server.url, plan) as proxy:
        assert asyncio.run(many(proxy.url)) == [server.email] * 8
        assert len(proxy.of("POST", "/api/token/refresh/")) == 2
