"""LocalServer with the real Label Studio; the first run installs it."""

from __future__ import annotations

import json
import re
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from labelwire.errors import InvalidInput, ServerNotStarted
from labelwire.server import LocalServer, launch, status, stop
from labelwire.server import environment as environments
from labelwire.server.progress import Progress

from .conftest import gone, ps, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Other

pytestmark = pytest.mark.server


def logged_in(server: LocalServer) -> requests.Session:
    session = requests.Session()
    page = f"{server.url}/user/login/"
    session.get(page, timeout=30)
    form = {
        "email": server.email,
        "password": server.password,
        "csrfmiddlewaretoken": session.cookies["csrftoken"],
    }
    reply = session.post(page, data=form, headers={"Referer": page}, allow_redirects=False, timeout=30)
    assert reply.status_code == 302, "a wrong password is answered with the login page"
    session.headers.update({"X-CSRFToken": session.cookies["csrftoken"], "Referer": server.url})
    return session


def test_a_temporary_server_lives_as_long_as_its_block() -> None:
    told: list[str] = []
    with LocalServer(legacy_tokens=True, on_progress=told.append) as server:
        health = requests.get(f"{server.url}/health", timeout=30)
        assert health.json() == {"status": "UP"}
        assert server.running
        assert server.version == environments.DEFAULT_VERSION
        assert any(sentence.startswith("Starting Label Studio") for sentence in told)
        assert any("…" in sentence for sentence in told), "a person sees that it is alive"

        with logged_in(server) as session:
            user = session.get(f"{server.url}/api/current-user/whoami", timeout=30).json()
        assert user["email"] == server.email

        with server.client() as client:
            assert client.make_request("GET", "/api/current-user/whoami").json()["email"] == server.email

        token = {"Authorization": f"Token {server.legacy_token}"}
        assert requests.get(f"{server.url}/api/projects", headers=token, timeout=30).ok

        port = int(server.url.rpartition(":")[2])
        with socket.socket() as elsewhere:
            # One that listens on every address would answer here.
            assert elsewhere.connect_ex(("127.0.0.2", port)) != 0

        assert server.pid
        arguments = ps(server.pid, "args")
        assert "label_studio.server" in arguments
        assert server.password not in arguments
        assert server.legacy_token not in arguments
        assert server.password not in repr(server)
        kept = server.data_dir / "labelwire-server.json"
        assert kept.stat().st_mode & 0o777 == 0o600
        assert json.loads(kept.read_text())["url"] == server.url

        pid, data_dir = server.pid, server.data_dir
    assert not running(pid)
    assert not data_dir.exists()
    assert not server.running


def test_a_kept_directory_keeps_its_data_through_restart_kill_and_a_new_object(tmp_path: Path) -> None:
    with LocalServer(data_dir=tmp_path / "kept") as server:
        url, password = server.url, server.password
        key = (tmp_path / "kept" / ".env").read_text()
        assert re.fullmatch(r"SECRET_KEY=[0-9a-f]{64}\n", key), "Label Studio itself may make one that it cannot read"
        with logged_in(server) as session:
            made = session.post(f"{url}/api/projects", json={"title": "kept over a restart"}, timeout=30)
            assert made.status_code == 201
            with pytest.raises(InvalidInput, match="legacy_tokens=True"):
                _ = server.legacy_token

        first = server.pid
        server.restart()
        assert server.url == url
        assert server.pid != first

        server.kill()
        assert not server.running
        assert server.pid is None
        server.start()
        assert server.url == url
        assert (tmp_path / "kept" / ".env").read_text() == key

    with (
        LocalServer(data_dir=tmp_path / "kept") as server,
        LocalServer(data_dir=tmp_path / "kept") as attached,
    ):
        assert (attached.url, attached.pid) == (server.url, server.pid)
        assert server.password == password
        assert attached.api_key == server.api_key
        with pytest.raises(InvalidInput, match="did not start"):
            attached.kill()
        attached.stop()
        with logged_in(server) as session:
            projects = session.get(f"{server.url}/api/projects", timeout=30).json()
        assert [project["title"] for project in projects["results"]] == ["kept over a restart"]


def test_a_server_goes_with_its_starter_however_that_ends(tmp_path: Path, other: Callable[[str], Other]) -> None:
    script = f"""
        from labelwire.server import LocalServer
        with LocalServer(data_dir={str(tmp_path / "kept")!r}) as server:
            print(server.pid, server._running.child is not None, flush=True)
            input()
    """
    both = [other(script), other(script)]
    first, second = [process.says().split() for process in both]
    assert first[0] == second[0], "two at once on one directory: one starts and the other attaches"
    assert {first[1], second[1]} == {"True", "False"}
    pid = int(first[0])

    starter, guest = both if first[1] == "True" else reversed(both)
    assert guest.go_on() == 0
    assert running(pid), "a guest leaves the server alone"
    starter.kill()
    assert gone(pid, within=5)
    assert not status(tmp_path / "kept").running


def test_two_temporary_servers_come_up_at_once_on_an_empty_cache(
    tmp_path: Path, other: Callable[[str], Other], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = environments.provide(environments.DEFAULT_VERSION, Progress(None)).python.parent.parent
    monkeypatch.setenv("LABELWIRE_SERVER_ENV", str(folder))
    monkeypatch.setenv("LABELWIRE_CACHE_DIR", str(tmp_path / "cache"))
    script = """
        from labelwire.server import LocalServer
        with LocalServer() as server:
            print(server.url, server.pid, server.data_dir, flush=True)
            input()
    """
    both = [other(script), other(script)]
    (url, pid, data_dir), (other_url, other_pid, _) = [process.says().split() for process in both]
    assert url != other_url
    assert pid != other_pid
    assert requests.get(f"{url}/health", timeout=30).ok
    assert requests.get(f"{other_url}/health", timeout=30).ok
    both[0].kill()
    assert gone(int(pid), within=5)
    assert not Path(data_dir).exists(), "what a killed starter cannot remove, its server does"
    assert both[1].go_on() == 0
    assert not running(int(other_pid))


def test_a_detached_server_outlives_its_starter(tmp_path: Path, other: Callable[[str], Other]) -> None:
    data_dir = tmp_path / "kept"
    starter = other(f"""
        from labelwire.server import launch
        print(launch(data_dir={str(data_dir)!r}).url, flush=True)
        input()
    """)
    url = starter.says()
    starter.kill()
    time.sleep(1.5)  # Longer than a server that is not detached takes to notice.
    found = status(data_dir)
    assert found.running
    assert found.url == url
    assert found.password
    assert found.password not in repr(found)
    try:
        assert requests.get(f"{url}/health", timeout=30).ok
        again = launch(data_dir=data_dir)
        assert again.pid == found.pid
        again.stop()
        assert again.pid is None
        assert status(data_dir).running
    finally:
        assert stop(data_dir)
    assert found.pid
    assert not running(found.pid)
    assert not status(data_dir).running
    assert not stop(data_dir)


def test_a_wanted_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerNotStarted, match=rf"port {port} cannot be used.*Name another port"):
            LocalServer(port=port).start()


def test_a_broken_database_is_told_with_the_end_of_the_log(tmp_path: Path) -> None:
    (tmp_path / "label_studio.sqlite3").write_bytes(b"no database at all" * 100)
    server = LocalServer(data_dir=tmp_path)
    with pytest.raises(ServerNotStarted, match="file is not a database") as caught:
        server.start()
    said = str(caught.value)
    assert re.search(r"start on another one", said)
    assert 5 < said.count("\n") < 40
    assert server.password not in said
    assert not server.running
    assert not status(tmp_path).running
