"""A server under a sub-path, https://host/labels/ as it were: every URL keeps it, the token's refresh included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labelwire import Client, ClientCredentials, LocalServer, NotFound, Upload

from ..conftest import TEXT_CONFIG, choice
from .colours import failing, reaching
from .web import Web, behind, serving

pytestmark = pytest.mark.server

PREFIX = "/labels"


@pytest.fixture
def proxy(server: LocalServer) -> Iterator[Web]:
    with serving(behind(PREFIX, server.url)) as web:
        yield web


@pytest.mark.parametrize("slash", ["", "/"])
def test_everything_works_below_it(colour: str, server: LocalServer, proxy: Web, slash: str, tmp_path: Path) -> None:
    with reaching(colour, proxy.url + PREFIX + slash, server.api_key) as calls:
        assert calls("users.me").email == server.email
        project = calls("projects.create", title="Below", label_config=TEXT_CONFIG).id
        tasks = calls("imports.tasks", project, [{"text": "a"}, {"text": "b"}]).task_ids
        calls("imports.upload", project, [Upload("more.csv", b"text\nc\n")])
        calls("annotations.create", task=tasks[0], result=choice("good"))
        assert len(calls.all("tasks.list", project=project, page_size=2)) == 3
        assert calls("exports.snapshot", project, path=tmp_path / "all.json").stat().st_size
        (file,) = calls.all("files.list", project)
        assert calls("files.download", file.file, path=tmp_path / "more.csv").read_bytes() == b"text\nc\n"
        assert calls("make_request", "GET", f"/api/projects/{project}").json()["title"] == "Below"
        calls("projects.delete", project)
        with pytest.raises(NotFound):
            calls("projects.get", project)
    assert {asked.path.split("/")[1] for asked in proxy.asked} == {"labels"}
    if server.api_key.startswith("eyJ"):
        assert f"{PREFIX}/api/token/refresh/" in [asked.path for asked in proxy.asked]


def test_an_email_and_a_password_log_in_below_it(
    colour: str, proxy: Web, somebody: Callable[[], ClientCredentials]
) -> None:
    who = somebody()
    for _ in ("with a new token", "with the session"):
        with reaching(colour, proxy.url + PREFIX, credentials=who) as calls:
            assert calls("users.me").email == who.email
            project = calls("projects.create", title="Below").id
            calls("projects.delete", project)
    assert {asked.path.split("/")[1] for asked in proxy.asked} == {"labels"}


def test_old_projects_work_below_it(server: LocalServer, proxy: Web) -> None:
    with Client(proxy.url + PREFIX + "/", api_key=server.api_key) as client:
        assert client.get_url("/api/projects") == f"{proxy.url}{PREFIX}/api/projects"
        assert client.make_request("GET", client.get_url("/api/version")).ok
        project = client.start_project(title="Below", label_config=TEXT_CONFIG)
        assert len(project.import_tasks([{"text": "a"}])) == 1
        assert client.get_project(project.id).tasks[0]["data"] == {"text": "a"}
        assert client.delete_project(project.id).status_code == 204


def test_without_the_sub_path_the_error_asks_for_it(colour: str, server: LocalServer, proxy: Web) -> None:
    for url in (proxy.url, f"{proxy.url}{PREFIX}/projects"):
        error = failing(NotFound, colour, url, server.api_key)
        assert "sub-path" in str(error)
        assert server.api_key not in str(error)
