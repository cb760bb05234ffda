"""A client of either colour for any server, as the fixture `both` has it for the suite's own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from labelwire import AsyncClient, Client, ClientCredentials, LocalServer

from ..conftest import Both


@contextmanager
def reaching(colour: str, url: str, api_key: str | None = None, **options: Any) -> Iterator[Both]:
    """Both through a `Client` or an `AsyncClient` made with these arguments."""
    if colour == "sync":
        with Client(url, api_key, **options) as made:
            yield Both(made, None)
        return
    with asyncio.Runner() as runner:
        asynchronous = AsyncClient(url, api_key, **options)
        try:
            yield Both(asynchronous, runner)
        finally:
            runner.run(asynchronous.close())


def failing(
    kind: type[Exception], colour: str, url: str, api_key: str | None = None, *, call: str = "users.me", **options: Any
) -> Any:
    """The error of a client's first call, which must be of this very class."""
    with pytest.raises(kind) as caught, reaching(colour, url, api_key, **options) as calls:
        calls(call)
    assert type(caught.value) is kind
    return caught.value


PASSWORD = "a-Long-one-99"


def sign_up(server: LocalServer, email: str) -> None:
    """A user who can log in with `PASSWORD`, made as people make one: on the sign-up page, with an invitation."""
    with server.client() as owner:
        invitation = owner.get_organization()["token"]
    where = f"{server.url}/user/signup/?token={invitation}"
    with requests.Session() as browser:
        browser.get(where, timeout=30)
        form = {"email": email, "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        reply = browser.post(where, data=form, timeout=30, allow_redirects=False)
    assert reply.status_code == 302, reply.text


def proofs(colour: str, server: LocalServer, email: str) -> tuple[str, list[str]]:
    """A new user's token, which the first login makes, and the cookies of the second, which has nothing else."""
    sign_up(server, email)
    credentials = ClientCredentials(email=email, password=PASSWORD)
    with reaching(colour, server.url, credentials=credentials) as calls:
        calls("users.me")
        token = calls._client.api_key
    assert token
    with reaching(colour, server.url, credentials=credentials) as calls:
        calls("users.me")
        return token, [*calls._client._driver.site.credential.secrets]
