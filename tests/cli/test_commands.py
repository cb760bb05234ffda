"""The commands on a real Label Studio: what they print, in which form, and how they end."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labelwire import Client, LocalServer

from ..conftest import choice
from .conftest import BOXES, Labelwire

pytestmark = pytest.mark.server


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# How results are printed -----------------------------------------------------------------------------------------


def test_programs_get_json_lines_with_every_field(labelwire: Labelwire, client: Client, texts: int) -> None:
    result = labelwire("tasks", "list", texts)
    assert (result.exit_code, result.stderr) == (0, "")
    there = client.tasks.list(project=texts).to_list()
    assert lines(result.stdout) == [task.raw for task in there]


def test_each_form_has_the_same_tasks(labelwire: Labelwire, client: Client, texts: int) -> None:
    ids = client.tasks.ids(project=texts)
    assert json.loads(labelwire("tasks", "list", texts, "-o", "json").stdout) == lines(
        labelwire("tasks", "list", texts, "-o", "jsonl").stdout
    )
    table = csv.DictReader(
        io.StringIO(labelwire("tasks", "list", texts, "-o", "csv", "--columns", "id,data.text").stdout)
    )
    assert list(table) == [{"id": str(one), "data.text": f"text {n}"} for n, one in enumerate(ids)]
    shown = labelwire("tasks", "list", texts, "-o", "table").stdout
    assert all(str(one) in shown for one in ids)
    assert labelwire("tasks", "list", texts, "-q").stdout.split() == [str(one) for one in ids]
    assert labelwire("tasks", "list", texts, "-q", "--limit", 2).stdout.split() == [str(one) for one in ids[:2]]


def test_an_empty_list_is_json_all_the_same(labelwire: Labelwire, texts: int) -> None:
    assert json.loads(labelwire("webhooks", "list", "--project", texts, "-o", "json").stdout) == []
    result = labelwire("webhooks", "list", "--project", texts, "-o", "table")
    assert (result.stdout, result.stderr) == ("", "There are none.\n")


@pytest.mark.parametrize(
    "command", [["projects", "list"], ["users", "list"], ["users", "me"], ["storages", "list"], ["formats"]]
)
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_what_needs_no_project_is_listed_in_each_form(labelwire: Labelwire, command: list[str], form: str) -> None:
    result = labelwire(*command, "-o", form)
    assert result.exit_code == 0, result.output


def test_whose_token_it_is(labelwire: Labelwire, server: LocalServer) -> None:
    assert json.loads(labelwire("users", "me").stdout)["email"] == server.email


# Projects --------------------------------------------------------------------------------------------------------


def test_a_project_is_created_shown_and_deleted(labelwire: Labelwire, client: Client, tmp_path: Path) -> None:
    config = tmp_path / "config.xml"
    config.write_text('<View><Text name="t" value="$text"/></View>')
    made = labelwire("projects", "create", "Of the command", "--config", config, "-q").stdout.strip()
    shown = json.loads(labelwire("projects", "show", made).stdout)
    assert (shown["title"], shown["label_config"]) == ("Of the command", config.read_text())
    assert made in labelwire("projects", "list", "--search", "Of the command", "-q").stdout.split()
    refused = labelwire("projects", "delete", made)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"Project {made}, 'Of the command', with its 0 tasks will be deleted from {client.url}." in refused.stderr
    assert client.projects.get(int(made)).id == int(made), "without an answer nothing is gone"
    done = labelwire("projects", "delete", made, "--yes")
    assert (done.exit_code, done.stdout) == (0, "")
    gone = labelwire("projects", "show", made)
    assert (gone.exit_code, gone.stdout) == (4, "")
    assert "Traceback" not in gone.stderr


# Tasks, predictions, annotations ---------------------------------------------------------------------------------


def test_tasks_go_in_and_come_out(labelwire: Labelwire, client: Client, texts: int, tmp_path: Path) -> None:
    given = tmp_path / "more.csv"
    given.write_text("text\nfrom a file\n")
    assert len(labelwire("tasks", "import", texts, given, "-q").stdout.split()) == 1
    piped = labelwire("tasks", "import", texts, "-", "-q", stdin='{"text": "from a pipe"}\n{"text": "and another"}\n')
    assert len(piped.stdout.split()) == 2
    assert "2 created" in piped.stderr
    out = tmp_path / "all.json"
    assert labelwire("tasks", "export", texts, out).exit_code == 0
    written = [task["data"]["text"] for task in json.loads(out.read_text())]
    assert sorted(written) == ["and another", "from a file", "from a pipe", "text 0", "text 1", "text 2"]
    assert [task["data"]["text"] for task in lines(labelwire("tasks", "export", texts, "-").stdout)] == written


def test_a_dry_run_imports_nothing(labelwire: Labelwire, client: Client, texts: int) -> None:
    result = labelwire("tasks", "import", texts, "-", "--dry-run", stdin='{"text": "x"}\n')
    assert json.loads(result.stdout)["dry_run"] is True
    assert len(client.tasks.ids(project=texts)) == 3


def test_some_tasks_are_deleted_and_some_were_not_there(labelwire: Labelwire, client: Client, texts: int) -> None:
    first, second, third = client.tasks.ids(project=texts)
    refused = labelwire("tasks", "delete", texts, first)
    assert refused.exit_code == 2
    assert "1 tasks of project" in refused.stderr
    assert labelwire("tasks", "delete", texts, "--yes").exit_code == 2, "no ids are not all of them"
    assert labelwire("tasks", "delete", texts, "-", "--yes", stdin=f"{first}\n").exit_code == 0
    assert labelwire("tasks", "delete", texts, first, second, "--yes").exit_code == 5
    assert labelwire("tasks", "delete", texts, first, "--yes").exit_code == 4
    assert client.tasks.ids(project=texts) == [third]
    assert labelwire("tasks", "delete", texts, "--all", "--yes").exit_code == 0
    assert client.tasks.ids(project=texts) == []


def test_predictions_and_annotations_go_onto_tasks(labelwire: Labelwire, client: Client, texts: int) -> None:
    ids = client.tasks.ids(project=texts)
    given = "".join(json.dumps({"task": one, "result": choice("good")}) + "\n" for one in ids)
    assert labelwire("predictions", "import", texts, "-", stdin=given).exit_code == 0
    assert labelwire("annotations", "import", texts, "-", stdin=given).exit_code == 0
    for task in client.tasks.read(project=texts):
        assert len(task.predictions or ()) == len(task.annotations or ()) == 1


def test_what_is_refused_ends_it_with_5_or_takes_all_back(labelwire: Labelwire, client: Client, texts: int) -> None:
    ids = client.tasks.ids(project=texts)
    good, bad = (
        {"task": one, "result": choice(value)} for one, value in zip(ids, ("good", "unheard of"), strict=False)
    )
    given = f"{json.dumps(good)}\n{json.dumps(bad)}\n"
    refused = labelwire("annotations", "import", texts, "-", stdin=given)
    assert refused.exit_code == 2
    assert "unheard of" in refused.stderr
    assert not any(task.annotations for task in client.tasks.read(project=texts))
    partly = labelwire("annotations", "import", texts, "-", "--skip-refused", stdin=given)
    assert partly.exit_code == 5
    assert "item 1:" in partly.stderr
    assert [one["position"] for one in json.loads(partly.stdout)["refused"]] == [1]
    assert sum(len(task.annotations or ()) for task in client.tasks.read(project=texts)) == 1


# Training data ---------------------------------------------------------------------------------------------------


@pytest.fixture
def pictures(client: Client) -> Iterator[int]:
    """A project with a task whose image nobody has, with a box and an answer."""
    asked = '<Choices name="mood" toName="image"><Choice value="good"/></Choices></View>'
    made = client.projects.create(title="A picture", label_config=BOXES.replace("</View>", asked)).id
    box = {"x": 10, "y": 20, "width": 30, "height": 40, "rectanglelabels": ["Cat"]}
    to = {"to_name": "image", "original_width": 100, "original_height": 100}
    result = [
        {"id": "a", "from_name": "label", "type": "rectanglelabels", "value": box, **to},
        {"id": "b", "from_name": "mood", "type": "choices", "value": {"choices": ["good"]}, **to},
    ]
    client.imports.tasks(
        made, [{"data": {"image": "http://127.0.0.1:9/nobody-has.jpg"}, "annotations": [{"result": result}]}]
    )
    yield made
    client.projects.delete(made)


def test_what_a_format_does_not_hold_is_said_and_is_no_failure(
    labelwire: Labelwire, pictures: int, tmp_path: Path
) -> None:
    done = labelwire("export", pictures, tmp_path / "out", "-f", "yolo")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "1 task, 1 annotation, 1 region into" in done.stderr
    assert "left out, 1: an answer, which the format does not hold" in done.stderr
    assert len(list((tmp_path / "out").rglob("labels/**/*.txt"))) == 1


def test_media_that_cannot_be_had_make_it_a_part(labelwire: Labelwire, pictures: int, tmp_path: Path) -> None:
    done = labelwire("export", pictures, tmp_path / "out", "-f", "coco", "--media")
    assert (done.exit_code, done.stdout) == (5, "")
    assert "a media file that is not there" in done.stderr
    assert "nobody-has.jpg" in done.stderr
    written = json.loads(next((tmp_path / "out").rglob("*.json")).read_text())
    assert len(written["annotations"]) == 1, "what could be had is there"
    assert labelwire("tasks", "export", pictures, tmp_path / "tasks.json").exit_code == 0
    (tmp_path / "media").mkdir()
    converted = labelwire(
        "convert", tmp_path / "tasks.json", tmp_path / "again", "-f", "coco", "--media", tmp_path / "media"
    )
    assert converted.exit_code == 5


# The rest of the nouns, and any call -----------------------------------------------------------------------------


def test_webhooks_and_views(labelwire: Labelwire, client: Client, texts: int) -> None:
    # A server refuses addresses of its own network. Nothing happens here that it would call this one for.
    address = "http://1.1.1.1/hook"
    made = labelwire("webhooks", "create", address, "--project", texts, "-a", "PROJECT_UPDATED", "-q")
    assert made.exit_code == 0, made.output
    hook = made.stdout.strip()
    (there,) = lines(labelwire("webhooks", "list", "--project", texts).stdout)
    assert (str(there["id"]), there["actions"]) == (hook, ["PROJECT_UPDATED"])
    assert labelwire("webhooks", "delete", hook).exit_code == 2
    assert labelwire("webhooks", "delete", hook, "--yes").exit_code == 0
    assert labelwire("webhooks", "list", "--project", texts).stdout == ""
    view = client.views.create(project=texts, title="Mine")
    assert labelwire("views", "list", texts, "-q").stdout.split() == [str(view.id)]


def test_a_storage_that_is_none(labelwire: Labelwire) -> None:
    assert labelwire("storages", "sync", "floppy", 1).exit_code == 2
    assert labelwire("storages", "sync", "s3", 10**6).exit_code == 4


def test_any_call_of_the_api(labelwire: Labelwire, client: Client, texts: int, tmp_path: Path) -> None:
    path = f"/api/projects/{texts}"
    assert json.loads(labelwire("api", "get", path).stdout)["id"] == texts
    changed = json.loads(labelwire("api", "PATCH", path, "title=By hand", "maximum_annotations=2").stdout)
    assert (changed["title"], changed["maximum_annotations"]) == ("By hand", 2)
    body = tmp_path / "tasks.json"
    body.write_text('[{"text": "by hand"}]')
    assert json.loads(labelwire("api", "POST", f"{path}/import", "-f", body).stdout)["task_count"] == 1
    labelwire("api", "POST", f"{path}/import", "-f", "-", stdin=body.read_text())
    assert len(client.tasks.ids(project=texts)) == 5
    every = labelwire("api", "GET", "/api/tasks", f"project={texts}", "page_size=2", "--all")
    assert [one["id"] for one in lines(every.stdout)] == client.tasks.ids(project=texts)
    projects = lines(labelwire("api", "GET", "/api/projects", "page_size=1", "--all").stdout)
    assert {one["id"] for one in projects} == {one.id for one in client.projects.list()}
    asked = labelwire("api", "GET", f"/api/tasks?project={texts}&page_size=2&page=2", "--all")
    assert lines(asked.stdout) == lines(every.stdout), "from the first page on, whatever the path says"
    assert {one["id"] for one in lines(labelwire("api", "GET", "/api/users", "--all").stdout)}, "a bare list"
    refused = labelwire("api", "GET", path, "--all")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "is no listing with pages; leave out --all" in refused.stderr
    assert labelwire("api", "GET", "/api/projects/0").exit_code == 4
    assert labelwire("api", "GET", "https://elsewhere.example/api/projects").exit_code == 2


# Logging in ------------------------------------------------------------------------------------------------------


def test_who_logs_in_needs_nothing_more(
    labelwire: Labelwire, server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"):
        monkeypatch.delenv(name)
    assert labelwire("users", "me").exit_code == 2
    done = labelwire("login", server.url, "--profile", "work", stdin=f"{server.api_key}\n")
    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    assert f"knows you as {server.email}" in done.stderr
    assert "labelwire projects list" in done.stderr
    assert json.loads(labelwire("users", "me").stdout)["email"] == server.email
    assert json.loads(labelwire("users", "me", "--profile", "work").stdout)["email"] == server.email
    with Client() as client:
        assert client.users.me().email == server.email
    (profile,) = lines(labelwire("profiles", "list").stdout)
    assert (profile["name"], profile["url"], profile["default"]) == ("work", server.url, True)
    assert server.api_key not in json.dumps(profile) + done.output
    assert labelwire("profiles", "use", "nobody").exit_code == 2
    assert "its token goes on" in labelwire("logout").stderr
    assert labelwire("users", "me").exit_code == 2


def test_a_login_that_fails_keeps_nothing(labelwire: Labelwire, server: LocalServer) -> None:
    assert labelwire("login", server.url, "--api-key", "0" * 40).exit_code == 3
    wrong = labelwire("login", server.url, "--email", server.email, "--password", "not-the-password")
    assert wrong.exit_code == 3
    assert "not-the-password" not in wrong.stderr
    assert labelwire("login", server.url, stdin="").exit_code == 2
    assert labelwire("profiles", "list").stdout == ""


# How it ends -----------------------------------------------------------------------------------------------------


def test_a_wrong_token_ends_with_3(labelwire: Labelwire) -> None:
    result = labelwire("projects", "list", "--api-key", "0" * 40)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "Traceback" not in result.stderr
    assert "Traceback" in labelwire("--debug", "projects", "list", "--api-key", "0" * 40).stderr


def test_a_reader_that_goes_away_is_no_error(labelwire: Labelwire, texts: int) -> None:
    command = [sys.executable, "-m", "labelwire.cli", "tasks", "list", str(texts)]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=buffered) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_an_interruption_ends_with_130(labelwire: Labelwire, texts: int) -> None:
    command = [sys.executable, "-m", "labelwire.cli", "tasks", "import", str(texts), "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ
    ) as running:
        assert running.stdin
        assert running.stderr
        running.stdin.write(b'{"text": "x"}\n' * 10_000)  # more than a pipe holds: once it is taken, it is reading
        running.stdin.flush()
        running.send_signal(signal.SIGINT)
        running.wait(60)
        assert b"Traceback" not in running.stderr.read()
    assert running.returncode == 130


# Completion ------------------------------------------------------------------------------------------------------


def complete(words: str, **more: str) -> subprocess.CompletedProcess[str]:
    asked = {"_LABELWIRE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": words}
    program = [sys.executable, "-c", "from labelwire.cli import main; import sys; sys.argv = ['labelwire']; main()"]
    return subprocess.run(program, env={**os.environ, **asked, **more}, capture_output=True, text=True, check=False)


def test_the_shell_completes_projects_with_titles(labelwire: Labelwire, texts: int) -> None:
    for words in ("labelwire projects show ", f"labelwire export {str(texts)[:1]}"):
        done = complete(words)
        assert done.stderr == ""
        assert f'"{texts}":"A test' in done.stdout


def test_the_shell_completes_formats_and_profiles(labelwire: Labelwire, server: LocalServer) -> None:
    labelwire("login", server.url, "--profile", "work", "--api-key", server.api_key)
    assert '"yolo":' in complete("labelwire export 1 --format yo").stdout
    assert '"work":' in complete("labelwire users me --profile ").stdout
    assert '"texts":' not in complete("labelwire convert a b --format te").stdout, "it is only read"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://nowhere.invalid"])
def test_completion_never_says_an_error(url: str) -> None:
    done = complete("labelwire projects show ", LABEL_STUDIO_URL=url, LABEL_STUDIO_API_KEY="0" * 40)
    assert done.stderr == ""
    assert "Error" not in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(labelwire: Labelwire, shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # typer looks for the shell that it runs in, and there may be none.
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    result = labelwire("--show-completion", shell)
    assert result.exit_code == 0
    assert f"_LABELWIRE_COMPLETE=complete_{shell}" in result.stdout.replace("env ", "")
