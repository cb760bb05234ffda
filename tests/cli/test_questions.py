"""What the commands ask a person at a terminal, and what becomes of the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from labelwire import Client, LocalServer, NotFound, settings

from ..scenario.colours import PASSWORD, sign_up
from .conftest import Labelwire
from .terminal import typing

pytestmark = pytest.mark.server

TOKEN = "Token (Account & Settings → Personal Access Token): "


@pytest.fixture(autouse=True)
def nobody(labelwire: Labelwire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who is not logged in."""
    for name in (*settings.URL_NAMES, settings.KEY_NAME):
        monkeypatch.delenv(name, raising=False)


# Logging in ------------------------------------------------------------------------------------------------------


def test_login_asks_for_the_server_and_the_token_and_shows_no_token(server: LocalServer) -> None:
    with typing("login") as terminal:
        terminal.expect(f"Server [{settings.DEFAULT_URL}]: ")
        terminal.type(f"{server.url}\n")
        terminal.expect(TOKEN)
        terminal.type(f"{server.api_key}\n")
        terminal.expect(f"knows you as {server.email}")
        assert terminal.status() == 0
        assert server.api_key not in terminal.seen
        assert server.api_key[:12] not in terminal.seen
    assert settings.resolve().url == server.url
    assert settings.resolve().key == server.api_key


@pytest.fixture
def email(server: LocalServer, client: Client) -> Iterator[str]:
    """The address of a user who has a password and no token yet; gone afterwards."""
    made = f"{uuid4().hex}@example.com"
    sign_up(server, made)
    yield made
    client.users.delete(next(user.id for user in client.users.list() if user.email == made))


def test_login_with_an_email_asks_for_the_password_and_hides_it(server: LocalServer, email: str) -> None:
    with typing("login", server.url, "--email", email) as terminal:
        terminal.expect("Password: ")
        terminal.type(f"{PASSWORD}\n")
        terminal.expect(f"knows you as {email}")
        assert terminal.status() == 0
        assert PASSWORD not in terminal.seen
    with Client() as found:
        assert found.users.me().email == email


def test_a_password_may_come_through_a_pipe(labelwire: Labelwire, server: LocalServer, email: str) -> None:
    done = labelwire("login", server.url, "--email", email, stdin=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.stderr
    assert PASSWORD not in done.output
    assert json.loads(labelwire("users", "me").stdout)["email"] == email
    again = labelwire("login", server.url, "--email", email, "--password", PASSWORD)
    assert again.exit_code == 2
    assert "has a personal access token already" in again.stderr
    assert settings.resolve().key, "the first login counts on"


def test_a_wrong_token_that_was_typed_is_not_kept(server: LocalServer) -> None:
    with typing("login", server.url) as terminal:
        terminal.expect(TOKEN)
        terminal.type(f"{'0' * 40}\n")
        assert terminal.status() == 3
        assert "0" * 40 not in terminal.seen
    assert settings.read().profiles == {}


def test_a_url_that_was_mistyped_is_asked_for_no_token(server: LocalServer) -> None:
    with typing("login", "labels.example") as terminal:
        assert terminal.status() == 2
    assert "'labels.example' is not the URL of a server. Did you mean http://labels.example?" in terminal.seen
    assert "Token" not in terminal.seen


def test_ctrl_c_at_a_question_is_an_interruption(server: LocalServer) -> None:
    with typing("login", server.url) as terminal:
        terminal.expect(TOKEN)
        terminal.type("\x03")
        assert terminal.status() == 130
        assert "Traceback" not in terminal.seen


# Before something is gone ----------------------------------------------------------------------------------------


@pytest.fixture
def logged_in(server: LocalServer) -> None:
    """Somebody who is."""
    settings.keep("suite", server.url, server.api_key)


@pytest.mark.usefixtures("logged_in")
@pytest.mark.parametrize(("answer", "status"), [("n\n", 1), ("\n", 1), ("y\n", 0)])
def test_deleting_a_project_goes_on_after_a_yes_alone(
    server: LocalServer, client: Client, answer: str, status: int
) -> None:
    made = client.projects.create(title="To be asked about")
    try:
        with typing("projects", "delete", made.id) as terminal:
            terminal.expect(f"Project {made.id}, 'To be asked about', with its 0 tasks will be deleted")
            terminal.expect("Go on? [y/N]: ")
            terminal.type(answer)
            assert terminal.status() == status
        gone = status == 0
        assert ("is deleted" in terminal.seen) == gone
        if gone:
            with pytest.raises(NotFound):
                client.projects.get(made.id)
        else:
            assert client.projects.get(made.id).id == made.id
    finally:
        if status:
            client.projects.delete(made.id)


@pytest.mark.usefixtures("logged_in")
def test_deleting_tasks_asks_once_for_all_of_them(client: Client, texts: int) -> None:
    with typing("tasks", "delete", texts, "--all") as terminal:
        terminal.expect(f"3 tasks of project {texts}")
        terminal.expect("Go on? [y/N]: ")
        terminal.type("n\n")
        assert terminal.status() == 1
    assert len(client.tasks.ids(project=texts)) == 3
    with typing("tasks", "delete", texts, "--all") as terminal:
        terminal.expect("Go on? [y/N]: ")
        terminal.type("y\n")
        assert terminal.status() == 0
    assert client.tasks.ids(project=texts) == []


@pytest.mark.usefixtures("logged_in")
def test_on_a_terminal_lists_are_tables_and_bars_are_gone_in_the_end(client: Client, texts: int) -> None:
    with typing("tasks", "list", texts, "--columns", "id,data.text") as terminal:
        assert terminal.status() == 0
    assert "data.text" in terminal.seen
    assert '{"' not in terminal.seen
