"""A personal access token, an email with a password, a legacy token: each on a server with its default settings."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests

import labelwire.core.auth
from labelwire import Client, ClientCredentials, Conflict, LocalServer, Unauthorized

from ..conftest import Both
from .colours import PASSWORD, failing, reaching

pytestmark = pytest.mark.server


def reads_and_writes(calls: Both) -> None:
    """What every credential has to be good for: a GET, a POST, a multipart POST, a PATCH and a DELETE."""
    made = calls("projects.create", title="Written")
    assert calls("projects.get", made.id).title == "Written"
    assert calls("imports.tasks", made.id, [{"text": "a"}]).created == 1
    assert calls("projects.update", made.id, title="Changed").title == "Changed"
    calls("projects.delete", made.id)


def test_a_personal_access_token(colour: str, server: LocalServer) -> None:
    with reaching(colour, server.url, server.api_key) as calls:
        assert calls("users.me").email == server.email
        reads_and_writes(calls)
        assert calls._client.api_key == server.api_key


def test_an_email_and_a_password_make_a_token(
    colour: str, server: LocalServer, somebody: Callable[[], ClientCredentials]
) -> None:
    who = somebody()
    with reaching(colour, server.url, credentials=who) as calls:
        assert calls("users.me").email == who.email
        reads_and_writes(calls)
        token = calls._client.api_key
        assert token
    with reaching(colour, server.url, token) as calls:
        assert calls("users.me").email == who.email


def test_an_email_and_a_password_serve_where_a_token_exists_already(
    colour: str, server: LocalServer, somebody: Callable[[], ClientCredentials]
) -> None:
    who = somebody()
    for _ in ("makes the token", "finds it"):
        with reaching(colour, server.url, credentials=who) as calls:
            assert calls("users.me").email == who.email
            reads_and_writes(calls)
            last = calls._client.api_key
    assert last is None
    with reaching(colour, server.url, credentials=ClientCredentials(email=server.email, password=server.password)) as (
        owner
    ):
        assert owner("users.me").email == server.email


def test_a_login_that_the_server_has_ended_is_renewed(
    colour: str, server: LocalServer, somebody: Callable[[], ClientCredentials]
) -> None:
    who = somebody()
    with Client(server.url, credentials=who):
        """Makes the token, so that from now on only the login itself serves."""
    with reaching(colour, server.url, credentials=who) as calls:
        calls("make_request", "GET", "/logout")
        assert calls("users.me").email == who.email
        reads_and_writes(calls)


def test_the_key_for_an_email_and_a_password(
    server: LocalServer, client: Client, somebody: Callable[[], ClientCredentials]
) -> None:
    who = somebody()
    key = client.get_api_key(who)
    with Client(server.url, api_key=key) as theirs:
        assert theirs.users.me().email == who.email
    assert client.get_api_key(ClientCredentials(api_key="as it is")) == "as it is"


def test_asking_for_the_key_of_somebody_else_changes_nothing_for_oneself(
    server: LocalServer, somebody: Callable[[], ClientCredentials]
) -> None:
    with server.client() as client:
        client.get_api_key(somebody())
        assert client.users.me().email == server.email
        mine = client.projects.create(title="Whose is it?")
        client.projects.delete(mine.id)
        assert mine.created_by is not None
        assert mine.created_by.email == server.email
        assert client.get_api_key(somebody()), "once more, on the same client"


def test_two_people_on_one_session_stay_two(server: LocalServer, somebody: Callable[[], ClientCredentials]) -> None:
    people = [somebody(), somebody()]
    for who in people:
        with Client(server.url, credentials=who):
            """Makes the token, so that from now on only the login itself serves."""
    with requests.Session() as shared:
        clients = [Client(server.url, credentials=who, session=shared) for who in people]
        assert [client.users.me().email for client in clients] == [who.email for who in people]
        for client, who in zip(clients, people, strict=True):
            made = client.projects.create(title="Whose is it?")
            client.projects.delete(made.id)
            assert made.created_by is not None
            assert made.created_by.email == who.email


def test_a_key_that_exists_already_cannot_be_shown_again(
    server: LocalServer, somebody: Callable[[], ClientCredentials]
) -> None:
    who = somebody()
    with server.client() as client:
        client.get_api_key(who)
    with server.client() as client, pytest.raises(Conflict, match="has a personal access token already") as caught:
        client.get_api_key(who)
    assert PASSWORD not in str(caught.value)


def test_the_environment_is_read(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABEL_STUDIO_URL", server.url + "/")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", server.api_key)
    with Client() as client:
        assert client.users.me().email == server.email


def test_a_legacy_token_is_refused_by_default_and_the_error_says_what_to_do(
    colour: str, server: LocalServer, client: Client
) -> None:
    token = client.tokens.legacy()
    error = failing(Unauthorized, colour, server.url, token)
    assert error.status == 401
    assert "takes no legacy tokens" in str(error)
    assert "Make a personal access token" in str(error)
    assert token not in str(error) + repr(error) + error.detail


def test_a_legacy_token_is_taken_where_it_is_allowed(colour: str, spare: LocalServer) -> None:
    with reaching(colour, spare.url, spare.legacy_token) as calls:
        assert calls._client.headers["Authorization"] == f"Token {spare.legacy_token}"
        assert calls("users.me").email == spare.email
        reads_and_writes(calls)


def test_a_token_revoked_in_the_middle(
    colour: str,
    server: LocalServer,
    somebody: Callable[[], ClientCredentials],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Client(server.url, credentials=somebody()) as first:
        token = first.api_key
        assert token
        with reaching(colour, server.url, token) as calls:
            calls("users.me")
            first.tokens.revoke(token)
            now = time.monotonic
            monkeypatch.setattr(labelwire.core.auth, "monotonic", lambda: now() + 400)  # as if minutes had passed
            with pytest.raises(Unauthorized, match=r"was revoked.*Make a new one") as caught:
                calls("users.me")
    assert caught.value.status == 401
    assert token not in str(caught.value)
