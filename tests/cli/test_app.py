"""The command line without any server: help, versions, errors, exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import labelwire
from labelwire.cli import complete, output, server
from labelwire.cli.app import app
from labelwire.server import ServerStatus

from ..scenario.web import by_path, data, page, serving

NOBODY = "http://127.0.0.1:9"
"""Where nothing answers: the port of the discard service."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """Runs the command: exit status, stdout, stderr."""
    for name in ("LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, list(arguments))
        return result.exit_code, result.stdout, result.stderr

    return command


Run = Callable[..., tuple[int, str, str]]


def python(lines: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_version_goes_to_stdout(run: Run) -> None:
    assert run("--version") == (0, f"labelwire {labelwire.__version__}\n", "")


@pytest.mark.parametrize(
    "command", [[], ["demo"], ["server"], ["server", "start"], ["server", "stop"], ["server", "status"]]
)
def test_every_command_explains_itself(run: Run, command: list[str]) -> None:
    status, said, complained = run(*command, "--help")
    assert (status, complained) == (0, "")
    assert said.startswith("Usage: labelwire")
    assert len(said.splitlines()) > 5


def test_help_imports_nothing_heavy() -> None:
    heavy = ["rich", "requests", "PIL", "aiohttp", "platformdirs", "labelwire.server", "labelwire.demo"]
    done = python(
        "import sys\n"
        "from labelwire.cli import main\n"
        "sys.argv = ['labelwire', '--help']\n"
        "try:\n    main()\n"
        f"finally:\n    print([name for name in {heavy} if name in sys.modules], file=sys.stderr)\n"
    )
    assert (done.returncode, done.stderr) == (0, "[]\n")
    assert "demo" in done.stdout


@pytest.mark.parametrize("package", ["typer", "rich"])
def test_without_its_extra_the_command_says_how_to_get_it(package: str) -> None:
    done = python(
        f"import sys\nsys.modules[{package!r}] = None\nsys.argv = ['labelwire', 'server', 'status']\n"
        "from labelwire.cli import main\nmain()"
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == ['The command labelwire needs typer and rich: pip install "labelwire[cli]"']


@pytest.mark.parametrize(
    ("package", "extra", "arguments"),
    [
        ("PIL", "demo", ["demo", "--url", NOBODY, "--api-key", "0" * 40]),
        ("PIL", "demo", ["demo"]),
        ("platformdirs", "server", ["server", "status"]),
        ("filelock", "server", ["server", "stop"]),
    ],
)
def test_without_an_extra_a_command_says_how_to_get_it(package: str, extra: str, arguments: list[str]) -> None:
    done = python(
        f"import sys\nsys.modules[{package!r}] = None\nsys.argv = ['labelwire', *{arguments}]\n"
        "from labelwire.cli import main\nmain()"
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f'Error: This needs {package}: pip install "labelwire[{extra}]"'
    assert "Traceback" not in done.stderr


# Errors and exit statuses ----------------------------------------------------------------------------------------


def test_an_unknown_command_is_wrong_usage(run: Run) -> None:
    status, said, complained = run("bogus")
    assert (status, said) == (2, "")
    assert "No such command 'bogus'" in complained


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--api-key", "k"], "--api-key needs --url"),
        (["--url", NOBODY, "--api-key", "k", "--data-dir", "d"], "--data-dir is for a local server"),
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(run: Run, arguments: list[str], why: str) -> None:
    status, said, complained = run("demo", *arguments)
    assert (status, said) == (2, "")
    assert why in complained


COMMANDS = [
    ["demo"],
    ["projects", "list"],
    ["tasks", "export", "1", "-"],
    ["api", "GET", "/api/projects"],
    ["doctor", "-o", "json"],
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["LABEL_STUDIO_URL", "LABEL_STUDIO_HOST"])
def test_a_key_of_another_server_is_not_sent(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: list[str], name: str
) -> None:
    monkeypatch.setenv(name, "https://labels.example/")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "secret-of-labels-example")
    with serving(by_path({"/api/version": data({"release": "1.23.2"})})) as web:
        status, said, complained = run(*command, "--url", web.url)
    told = said + complained
    assert status == (1 if command[0] == "doctor" else 2)
    assert f"LABEL_STUDIO_API_KEY is for https://labels.example ({name}), and goes nowhere else" in told
    assert f"labelwire login {web.url}" in told
    assert "secret" not in told
    assert "secret" not in str([(asked.target, asked.headers.items(), asked.body) for asked in web.asked])


def test_completion_sends_a_key_to_its_own_server_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "0" * 40)
    for home, asked in [("https://labels.example", False), (None, True)]:
        if home:
            monkeypatch.setenv("LABEL_STUDIO_URL", home)
        else:
            monkeypatch.delenv("LABEL_STUDIO_URL")
        with serving(lambda asked: page(404)) as web:
            assert complete.projects(SimpleNamespace(params={"url": web.url}), "") == []
        assert bool(web.asked) == asked


def test_a_broken_url_in_the_environment_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABEL_STUDIO_URL", "labels.example")
    status, said, complained = run("projects", "list")
    assert (status, said) == (2, "")
    assert "Error: LABEL_STUDIO_URL: 'labels.example' is not the URL of a server." in complained


@pytest.mark.parametrize("home", [None, NOBODY, f"{NOBODY}/"])
def test_the_key_of_the_environment_is_used_for_its_server(
    run: Run, monkeypatch: pytest.MonkeyPatch, home: str | None
) -> None:
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "0" * 40)
    if home:
        monkeypatch.setenv("LABEL_STUDIO_URL", home)
    status, said, complained = run("demo", "--url", NOBODY)
    assert (status, said) == (1, ""), "it went as far as asking the server"
    assert "Error: GET http://127.0.0.1:9/api/projects/" in complained
    assert "Traceback" not in complained


def test_debug_shows_where_an_error_comes_from(run: Run) -> None:
    status, _, complained = run("--debug", "demo", "--url", NOBODY, "--api-key", "0" * 40)
    assert status == 1
    assert "Traceback (most recent call last)" in complained
    assert "ConnectionLost" in complained


def test_what_is_no_address_is_wrong_usage(run: Run) -> None:
    status, _, complained = run("demo", "--url", "nonsense", "--api-key", "0" * 40)
    assert status == 2
    assert "Error: 'nonsense' is not the URL of a server" in complained


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (labelwire.InvalidInput("x"), 2),
        (labelwire.Unauthorized("x", status=401), 3),
        (labelwire.Forbidden("x", status=403), 3),
        (labelwire.NotFound("x", status=404), 4),
        (labelwire.ServerError("x", status=500), 1),
        (labelwire.EnterpriseOnly("x", status=404), 1),
        (labelwire.ConnectionLost("x"), 1),
        (labelwire.ServerNotStarted("x"), 1),
        (PermissionError(13, "Permission denied", "/data"), 1),
        (ImportError("x", name="PIL.Image"), 1),
        (ImportError("x", name="labelwire.nowhere"), None),
        (KeyError("x"), None),
    ],
)
def test_the_exit_status_says_what_kind_of_error_it_was(error: Exception, status: int | None) -> None:
    assert output.status_of(error) == status


def test_a_fault_of_the_program_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_data_dir: object) -> None:
        raise KeyError("a fault")

    monkeypatch.setattr("labelwire.server.status", broken)
    result = CliRunner().invoke(app, ["server", "status"])
    assert isinstance(result.exception, KeyError)


# The server's commands, as far as they go without one ------------------------------------------------------------


def test_status_of_no_server_is_an_error_without_output(run: Run, tmp_path: Path) -> None:
    assert run("server", "status", "--data-dir", str(tmp_path)) == (1, "", f"No server runs on {tmp_path}\n")


def test_stopping_no_server_is_none(run: Run, tmp_path: Path) -> None:
    assert run("server", "stop", "--data-dir", str(tmp_path)) == (0, "", f"No server runs on {tmp_path}\n")


def test_a_directory_with_other_things_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    for command in (["server", "start"], ["demo"], ["demo", "--keep"]):
        status, said, complained = run(*command, "--data-dir", str(tmp_path))
        assert (status, said) == (2, "")
        assert f"Error: {tmp_path} holds 'thesis.tex' and no Label Studio database" in complained


def test_facts_are_lines_that_programs_can_read(capsys: pytest.CaptureFixture[str]) -> None:
    place = Path("/data") / ("long" * 40)
    server.describe(
        ServerStatus(
            running=True,
            data_dir=place,
            url="http://127.0.0.1:1",
            pid=7,
            version="1.23.2",
            email="a@b.c",
            password="[red]p:1[/red]",
        )
    )
    said, complained = capsys.readouterr()
    assert complained == ""
    assert said.splitlines() == [
        "url       http://127.0.0.1:1",
        "email     a@b.c",
        "password  [red]p:1[/red]",
        "version   1.23.2",
        "pid       7",
        f"data dir  {place}",
    ]


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "table"])
def test_any_text_can_be_printed(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")  # as on Windows, more or less
    done = python(
        "import sys\nfrom labelwire.cli import main\nfrom labelwire.cli.command import Form\n"
        "from labelwire.cli.show import Show\nsys.argv = ['labelwire', '--version']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "item = {'id': 1, 'title': '\\ud83d 猫 \\U0001f408'}\n"  # the first is half of a pair, which JSON can hold
        f"Show(Form('{form}')).items([item], ('id', 'title'))\nShow(Form('{form}')).item(item, ('id', 'title'))\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout.partition("\n")[2]
    assert "\\ud83d" in shown
    if form == "jsonl":
        assert {json.loads(line)["title"] for line in shown.splitlines()} == {"\ud83d 猫 \U0001f408"}
    if form == "table":
        assert shown.count("猫 🐈") == 2


# Progress --------------------------------------------------------------------------------------------------------


def test_where_nobody_watches_every_step_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    with output.Watch() as watch:
        watch.say("Starting Label Studio 1.23.2")
        watch.say("Starting Label Studio 1.23.2 … 4 s")
        for done in range(3):
            watch.show("Uploading", done, 2)
    assert capsys.readouterr() == ("", "Starting Label Studio 1.23.2\nUploading\n")


def test_on_a_terminal_bars_show_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    with output.Watch() as watch:
        watch.show("Uploading", 0, 2)
        watch.show("Uploading", 2, 2)
        watch.show("Exporting")
    said, complained = capsys.readouterr()
    assert said == ""
    assert "✓ Uploading" in complained
    assert "Exporting" in complained
    assert "━" in complained


def test_no_colour_where_none_is_wanted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    output.complain(labelwire.InvalidInput("no"), traceback=False)
    assert "\x1b[31m" in capsys.readouterr().err
    monkeypatch.setenv("NO_COLOR", "1")
    output.complain(labelwire.InvalidInput("no"), traceback=False)
    assert "\x1b[31m" not in capsys.readouterr().err
