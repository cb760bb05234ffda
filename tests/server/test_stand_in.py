"""Faults and races of starting and ending, with a stand-in that is quicker than Label Studio to fail."""

from __future__ import annotations

import os
import signal
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from labelwire.errors import InvalidInput, ServerNotStarted
from labelwire.server import LocalServer, state, status, stop
from labelwire.server.process import Process

from .conftest import STAND_IN_VERSION, bystander, gone, running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Other


def test_no_secret_is_told_when_it_dies(stand_in: Callable[[str], Path], tmp_path: Path) -> None:
    dies = stand_in("""
print("settings", *map(os.environ.get, ("LABEL_STUDIO_PASSWORD", "LABEL_STUDIO_USER_TOKEN", "MY_TOKEN")))
raise SystemExit("no space left on device")
""")
    server = LocalServer(environment=dies, data_dir=tmp_path / "data", settings={"MY_TOKEN": "a-token-of-mine"})
    with pytest.raises(ServerNotStarted, match="no space left on device") as caught:
        server.start()
    assert "settings … … …" in str(caught.value)
    assert server.password in server.log_path.read_text()


def test_one_that_never_answers_is_given_up_and_ended(stand_in: Callable[[str], Path], tmp_path: Path) -> None:
    hangs = stand_in("print('here is', os.getpid(), flush=True)\ntime.sleep(60)")
    server = LocalServer(environment=hangs, data_dir=tmp_path / "data", startup_timeout=1.5)
    with pytest.raises(ServerNotStarted, match=r"did not answer within 1.5 s.*startup_timeout"):
        server.start()
    pid = int(server.log_path.read_text().rpartition("here is")[2])
    assert not running(pid)


def test_a_temporary_directory_does_not_stay_behind_a_failed_start(stand_in: Callable[[str], Path]) -> None:
    server = LocalServer(environment=stand_in("raise SystemExit(1)"))
    with pytest.raises(ServerNotStarted) as caught:
        server.start()
    assert "labelwire-" in str(caught.value)
    with pytest.raises(ServerNotStarted, match=r"call start\(\)"):
        _ = server.data_dir


def test_an_environment_without_label_studio(tmp_path: Path) -> None:
    with pytest.raises(ServerNotStarted, match="is not a Python environment"):
        LocalServer(environment=tmp_path).start()


def test_a_recycled_process_id_is_nobody_we_know(stand_in: Callable[[str], Path], tmp_path: Path) -> None:
    server = LocalServer(environment=stand_in("serve()"), data_dir=tmp_path / "data")
    with bystander() as stranger:
        present = Process.of(stranger.pid)
        assert present
        (tmp_path / "data").mkdir()
        recycled = state.State(version=STAND_IN_VERSION, process=replace(present, started="in another life"))
        state.write(tmp_path / "data", recycled)
        assert not status(tmp_path / "data").running
        assert not stop(tmp_path / "data")
        with server:
            assert server.pid != stranger.pid
        recycled_process = recycled.process
        assert recycled_process
        recycled_process.end()
        recycled_process.kill()
        assert stranger.poll() is None


def test_a_fork_does_not_end_the_server_of_its_parent(stand_in: Callable[[str], Path]) -> None:
    with LocalServer(environment=stand_in("serve()")) as server:
        child = os.fork()
        if not child:
            server.stop()
            os._exit(0)
        os.waitpid(child, 0)
        assert server.running
        assert server.data_dir.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_the_starter_ends_the_server(
    stand_in: Callable[[str], Path], other: Callable[[str], Other], number: signal.Signals
) -> None:
    starter = other(f"""
        import signal, sys
        from labelwire.server import LocalServer
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
        server = LocalServer(environment={str(stand_in("serve()"))!r}).start()
        print(server.pid, server.data_dir, flush=True)
        sys.stderr.close()
        input()
    """)
    pid, data_dir = starter.says().split()
    os.kill(starter.process.pid, number)
    assert gone(int(pid), within=5)
    starter.process.wait()
    deadline = time.monotonic() + 5
    while os.path.exists(data_dir) and time.monotonic() < deadline:  # noqa: PTH110
        time.sleep(0.05)
    assert not os.path.exists(data_dir)  # noqa: PTH110


def test_the_end_of_the_interpreter_ends_the_server(
    stand_in: Callable[[str], Path], other: Callable[[str], Other]
) -> None:
    starter = other(f"""
        from labelwire.server import LocalServer
        server = LocalServer(environment={str(stand_in("serve()"))!r}).start()
        print(server.pid, flush=True)
        input()
    """)
    pid = int(starter.says())
    assert starter.go_on() == 0
    assert not running(pid)


def test_what_contradicts_the_directory_is_refused(stand_in: Callable[[str], Path], tmp_path: Path) -> None:
    fake = stand_in("serve()")
    data_dir = tmp_path / "data"
    with LocalServer(environment=fake, data_dir=data_dir) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(InvalidInput, match="already runs on"):
            LocalServer(environment=fake, data_dir=data_dir, port=port + 1).start()
        assert LocalServer(environment=fake, data_dir=data_dir, port=port).start().pid == server.pid
    with pytest.raises(InvalidInput, match=rf"has Label Studio {STAND_IN_VERSION} and not 1\.0\.0"):
        LocalServer(environment=fake, data_dir=data_dir, version="1.0.0").start()
    known = state.read(data_dir)
    assert known
    state.write(data_dir, replace(known, version="10.0.0"))
    with pytest.raises(InvalidInput, match=r"last used by Label Studio 10\.0\.0"):
        LocalServer(environment=fake, data_dir=data_dir).start()

    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").touch()
    with pytest.raises(InvalidInput, match=r"'thesis.tex'"):
        LocalServer(environment=fake, data_dir=tmp_path / "full").start()
    with pytest.raises(InvalidInput, match=r"needs a `data_dir`"):
        LocalServer(environment=fake).start(detach=True)


def test_settings_reach_the_server_and_the_shell_does_not(
    stand_in: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "a key for another server")
    monkeypatch.setenv("HOST", "https://elsewhere.example")
    fake = stand_in("print(json.dumps(dict(os.environ)), flush=True)\nserve()")
    settings = {"LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true", "LABEL_STUDIO_COLLECT_ANALYTICS": "true"}
    with LocalServer(environment=fake, settings=settings) as server:
        log = server.log_path.read_text()
    assert '"LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true"' in log
    assert '"LABEL_STUDIO_COLLECT_ANALYTICS": "false"' in log
    assert '"SENTRY_DSN": ""' in log
    assert "another server" not in log
    assert "elsewhere" not in log


def test_of_two_that_want_the_same_port_one_gets_it(
    stand_in: Callable[[str], Path], other: Callable[[str], Other]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    fake = stand_in("time.sleep(0.5)\nserve()")
    script = f"""
        from labelwire.errors import ServerNotStarted
        from labelwire.server import LocalServer
        try:
            server = LocalServer(environment={str(fake)!r}, port={port}).start()
            print("up", server.url, flush=True)
        except ServerNotStarted as error:
            print(error, flush=True)
        input()
    """
    loser, winner = sorted(process.says() for process in [other(script), other(script)])
    assert winner == f"up http://127.0.0.1:{port}"
    assert f"port {port} cannot be used" in loser
