"""The doctor names the fault that there is, and what to do about it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from labelwire import LocalServer, doctor
from labelwire.cli.app import app
from labelwire.doctor import Finding

from ..scenario.web import behind, by_path, data, page, serving

LEGACY = "0" * 40
NOBODY = "http://127.0.0.1:9"
"""Where nothing answers: the port of the discard service."""


def wrong(url: str, key: str = LEGACY) -> Finding:
    """The one thing that is wrong; whatever it is, it is said in a sentence, with another of what to do."""
    (found,) = [one for one in doctor.examine(url, key, timeout=5) if one.state == "wrong"]
    assert found.found
    assert found.advice
    assert key not in f"{found}"
    return found


def test_a_server_that_is_fine(server: LocalServer) -> None:
    findings = list(doctor.examine(server.url, server.api_key))
    assert [(one.check, one.state) for one in findings] == [
        ("settings", "fine"),
        ("way", "fine"),
        ("version", "fine"),
        ("token", "fine"),
    ]
    said = " ".join(one.found for one in findings)
    for fact in (server.version, "Community", server.email):
        assert fact in said
    assert not server.api_key.startswith("eyJ") or "a personal access token, good until 2" in said


def test_a_server_that_is_down() -> None:
    assert "Nothing answers at 127.0.0.1:9" in wrong(NOBODY).found


def test_a_name_that_is_not_known() -> None:
    assert wrong("http://nowhere.invalid").found == "The name nowhere.invalid is not known."


def test_https_where_http_is_spoken(server: LocalServer) -> None:
    found = wrong(server.url.replace("http:", "https:"))
    assert "speaks http" in found.found
    assert "http://" in found.advice


@pytest.mark.parametrize("status", [404, 405, 500])
def test_another_program_on_the_port(status: int) -> None:
    with serving(lambda asked: page(status)) as web:
        found = wrong(web.url)
    assert found.found == f"Something else than Label Studio answers there ({status} titled 'Welcome to nginx!')."
    assert "port" in found.advice


def test_json_of_another_program_on_the_port() -> None:
    with serving(lambda asked: data({"version": "9"})) as web:
        assert "Something else than Label Studio answers there (200)" in wrong(web.url).found


@pytest.fixture
def mute() -> Iterator[str]:
    """A port whose program closes every connection without a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def close() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connection.recv(65536)
                connection.close()

        threading.Thread(target=close, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def test_what_does_not_speak_http(mute: str) -> None:
    assert "closes the connection without an answer" in wrong(mute).found


def test_a_proxy_whose_server_is_down() -> None:
    with serving(lambda asked: page(502)) as web:
        found = wrong(web.url)
    assert "A proxy answers 502" in found.found
    assert "Start Label Studio" in found.advice


@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_proxy_that_answers_with_a_page(status: int) -> None:
    with serving(lambda asked: page(status)) as web:
        found = wrong(web.url)
    assert (
        f"A proxy answers with a web page titled 'Welcome to nginx!' in Label Studio's place ({status})" in found.found
    )
    assert "extra_headers=" in found.advice


def test_a_sub_path_that_the_url_lacks(server: LocalServer) -> None:
    with serving(behind("/ls", server.url)) as web:
        found = wrong(web.url)
        assert "under the sub-path /ls, which the URL lacks" in found.found
        assert found.advice == f"Use {web.url}/ls as the URL."


def test_a_path_that_the_url_has_too_much(server: LocalServer) -> None:
    assert wrong(f"{server.url}/projects/1/data").advice == f"Use {server.url} as the URL."


@pytest.mark.parametrize("release", ["1.7.3", "1.4.1post1", "0.9.1"])
def test_a_stub_of_a_server_that_is_too_old(release: str) -> None:
    stub = by_path({"/api/version": data({"release": release}), "/api/current-user/whoami": data({"email": "a@b.c"})})
    with serving(stub) as web:
        found = wrong(web.url)
    assert f"Label Studio {release} Community, older than 1.8" in found.found
    assert "Update the server" in found.advice


def test_legacy_tokens_that_are_disabled(server: LocalServer) -> None:
    if not server.api_key.startswith("eyJ"):
        pytest.skip("this version takes legacy tokens")
    with server.client() as client:
        found = wrong(server.url, client.tokens.legacy())
    assert "a legacy token, and the organization has legacy tokens disabled" in found.found
    assert "personal access token" in found.advice


def test_a_wrong_token(server: LocalServer) -> None:
    assert "a legacy token, and the server does not take it" in wrong(server.url).found
    if server.api_key.startswith("eyJ"):
        head, _, tail = server.api_key.rpartition(".")
        forged = f"{head}.{tail[::-1]}"
        assert "a personal access token, and the server does not take it" in wrong(server.url, forged).found


@pytest.mark.parametrize("key", ["Token abc", "eyJhalf.token", ""])
def test_what_is_no_token(server: LocalServer, key: str) -> None:
    (found,) = [one for one in doctor.examine(server.url, key) if one.state == "wrong"]
    assert found.check == "token"
    assert "labelwire login" in found.advice


def test_no_token_at_all(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABEL_STUDIO_API_KEY", raising=False)
    (found,) = [one for one in doctor.examine(server.url) if one.state == "wrong"]
    assert found.found == "There is no token."


def test_the_command_ends_with_1_where_something_is_wrong(server: LocalServer) -> None:
    result = CliRunner().invoke(app, ["doctor", "--url", NOBODY, "--api-key", LEGACY, "-o", "table"])
    assert result.exit_code == 1
    assert "✗ way: Nothing answers at 127.0.0.1:9" in result.stdout
    assert "labelwire server start" in result.stdout
    result = CliRunner().invoke(app, ["doctor", "--url", server.url, "--api-key", server.api_key])
    assert result.exit_code == 0
    assert server.api_key not in result.output
