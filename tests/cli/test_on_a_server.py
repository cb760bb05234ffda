"""The commands with a real Label Studio, and the examples, which are run as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner, Result

from labelwire import Client, LocalServer
from labelwire.cli.app import app
from labelwire.demo.job import TITLE
from labelwire.server import status, stop

pytestmark = pytest.mark.server

EXAMPLES = Path(__file__).parents[2] / "examples"

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


@pytest.fixture
def tidy(client: Client) -> Iterator[None]:
    """Projects that the test makes are gone afterwards."""
    before = {project.id for project in client.projects.list(include=["id"])}
    yield
    for project in client.projects.list(include=["id"]):
        if project.id not in before:
            client.projects.delete(project.id)


def facts(stdout: str) -> dict[str, str]:
    """The lines `name  value` of the output."""
    lines = re.findall(r"^(url|email|password|version|pid|data dir) {2,}(.+)$", stdout, re.MULTILINE)
    return dict(lines)


@pytest.mark.usefixtures("tidy")
def test_the_demo_on_an_existing_server(run: Run, server: LocalServer, client: Client) -> None:
    result = run("demo", "--url", server.url, "--api-key", server.api_key)
    assert result.exit_code == 0, result.output
    assert "It all came back as it went in: 12 tasks" in result.stderr
    for stage in ("project", "upload", "detect", "predict", "read", "annotate", "export", "check", "in all"):
        assert re.search(rf"^ *{stage} .* \d+\.\d\d *$", result.stdout, re.MULTILINE), stage
    assert max(map(len, result.stdout.splitlines())) <= 80
    url = facts(result.stdout)["url"]
    number = re.fullmatch(rf"{re.escape(server.url)}/projects/(\d+)/data", url)
    assert number
    assert client.projects.get(int(number[1])).title == TITLE
    assert server.running


def test_a_wrong_key_ends_with_3_and_one_message(run: Run, server: LocalServer) -> None:
    result = run("demo", "--url", server.url, "--api-key", "0" * 40)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "Error: GET" in result.stderr
    assert "Traceback" not in result.stderr
    assert "0" * 40 not in result.stderr


def test_the_demo_on_a_server_of_its_own(run: Run) -> None:
    result = run("demo")
    assert result.exit_code == 0, result.output
    assert "It all came back as it went in" in result.stderr
    assert "The server is stopped and its data are removed" in result.stderr
    assert facts(result.stdout) == {}, "no address where nothing answers"
    assert "server" in result.stdout


def test_a_kept_server_is_found_and_stopped(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "kept here"
    named = ["--data-dir", str(place)]
    try:
        result = run("demo", "--keep", *named)
        assert result.exit_code == 0, result.output
        assert f"stop it with: labelwire server stop --data-dir '{place}'" in result.stderr
        told = facts(result.stdout)
        assert requests.get(f"{told['url'].partition('/projects/')[0]}/health", timeout=30).json() == {"status": "UP"}

        known = facts(run("server", "status", *named).stdout)
        assert known.keys() == {"url", "email", "password", "version", "pid", "data dir"}
        assert told["url"].startswith(known["url"] + "/projects/")
        assert (known["email"], known["password"]) == (told["email"], told["password"])
        assert known["data dir"] == str(place)

        again = run("server", "start", *named)
        assert again.exit_code == 0
        assert facts(again.stdout) == known

        visited = run("demo", *named)
        assert visited.exit_code == 0, visited.output
        assert facts(visited.stdout)["url"].startswith(known["url"]), "one that ran before goes on"

        stopped = run("server", "stop", *named)
        assert stopped.exit_code == 0
        assert stopped.stderr == f"The server is stopped. Its data stay in {place}\n"
        assert run("server", "status", *named).exit_code == 1
    finally:
        stop(place)
    assert not status(place).running


@pytest.mark.usefixtures("tidy")
@pytest.mark.parametrize(
    ("example", "said"),
    [
        ("pre_annotate.py", r"12 created; 1 requests in .* s.\n\d+ of 12 tasks annotated: bright-things.json"),
        ("old_script.py", r"2 of 4 tasks have a sure prediction\n\[\{\"choices\": \[\"Positive\"\]\}\]"),
        ("async_read.py", r""),
    ],
)
def test_an_example_runs(example: str, said: str, server: LocalServer, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / example), server.url, server.api_key],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(said, done.stdout)
