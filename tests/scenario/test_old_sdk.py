"""What scripts of the old SDK do, under labelwire's name and under the old one, on a real server."""

from __future__ import annotations

import csv
import importlib
import io
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

import labelwire
from labelwire import EnterpriseOnly, InvalidInput, LocalServer, NotFound, StatusError

from ..conftest import TEXT_CONFIG, choice
from .web import Answer, Asked, data, serving

pytestmark = pytest.mark.server

NAMES = ("labelwire", "label_studio_sdk")
MODULES = ("client", "project", "data_manager", "users", "workspaces", "utils")


@pytest.fixture
def nothing_imported(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No label_studio_sdk is imported, and none afterwards."""

    def forget() -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] == "label_studio_sdk"]:
            del sys.modules[name]

    forget()
    yield
    forget()


@pytest.fixture(params=NAMES)
def sdk(request: pytest.FixtureRequest, nothing_imported: None) -> Any:
    """The old SDK's modules, under the one name and the other."""
    if request.param == "label_studio_sdk":
        labelwire.install_as_label_studio_sdk()
    top = importlib.import_module(request.param)
    found = {name: importlib.import_module(f"{request.param}.{name}") for name in MODULES}
    return SimpleNamespace(Client=top.Client, Project=top.Project, **found)


@pytest.fixture
def old(sdk: Any, server: LocalServer) -> Iterator[Any]:
    """A client of the suite's server."""
    with sdk.Client(server.url, server.api_key) as client:
        yield client


@pytest.fixture
def project(old: Any) -> Iterator[Any]:
    """An empty text project."""
    made = old.start_project(title="An old script's", label_config=TEXT_CONFIG)
    yield made
    old.delete_project(made.id)


def watched(client: Any) -> list[str]:
    """The requests that the client sends from now on."""
    seen: list[str] = []
    client.session.hooks["response"] = [lambda reply, **_: seen.append(f"{reply.request.method} {reply.url}")]
    return seen


# The old name --------------------------------------------------------------------------------------------------


def test_the_old_name_has_the_old_shape(nothing_imported: None) -> None:
    labelwire.install_as_label_studio_sdk()
    labelwire.install_as_label_studio_sdk()  # once more is no harm
    top = importlib.import_module("label_studio_sdk")
    assert top.__version__ == "0.0.34"
    assert top.Client is labelwire.Client
    assert top.Project is labelwire.Project
    script = """
import label_studio_sdk
from label_studio_sdk import Client, Project
from label_studio_sdk.client import Client as SameClient, ClientCredentials
from label_studio_sdk.data_manager import Column, Filters, Operator, Type
from label_studio_sdk.project import (
    ExportSnapshotStatus, LabelStudioAttributeError, LabelStudioException, Project as SameProject, ProjectSampling
)
from label_studio_sdk.users import User, UserRole
from label_studio_sdk.utils import chunk, parse_config
from label_studio_sdk.workspaces import Workspace
from label_studio_sdk import data_manager as dm, project as lsp
assert SameClient is Client is label_studio_sdk.client.Client and SameProject is Project
assert issubclass(LabelStudioAttributeError, AttributeError) and lsp.ProjectSampling is ProjectSampling
assert dm.Filters.create(Filters.AND, [])["conjunction"] == "and"
"""
    exec(compile(script, "an old script", "exec"), {})  # noqa: S102


def test_the_old_name_is_left_to_the_official_sdk(nothing_imported: None, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = ModuleType("label_studio_sdk")
    monkeypatch.setitem(sys.modules, "label_studio_sdk", foreign)
    with pytest.raises(RuntimeError, match="before anything imports it"):
        labelwire.install_as_label_studio_sdk()
    assert sys.modules["label_studio_sdk"] is foreign
    assert "label_studio_sdk.client" not in sys.modules


def test_every_name_of_the_last_release_is_there(sdk: Any) -> None:
    surface = json.loads((Path(__file__).parents[1] / "data" / "legacy-surface.json").read_text("utf-8"))
    everyday = ("client", "data_manager", "users", "workspaces", "utils")
    missing = [
        f"{module}.{kind}.{name}"
        for module in everyday
        for entry, members in surface[f"label_studio_sdk.{module}"].items()
        for kind in [entry.split()[1].partition("(")[0]]
        for name in (members if isinstance(members, dict) else [])
        if not name.startswith("_") and name != "Config" and not hasattr(getattr(getattr(sdk, module), kind), name)
    ]
    assert missing == []


# Client --------------------------------------------------------------------------------------------------------


def test_a_client_knows_its_server(sdk: Any, old: Any, server: LocalServer) -> None:
    assert old.check_connection() == {"status": "UP"}
    assert old.url == server.url
    assert old.get_url("/api/x") == old.get_url("api/x") == f"{server.url}/api/x"
    assert old.versions["release"] == old.get_versions()["release"] == server.version
    assert old.is_enterprise is False
    assert isinstance(old.get_session(), requests.Session)
    assert old.get_organization()["id"] == 1
    with sdk.Client(url=server.url + "/", api_key=server.api_key, versions={"release": "9"}) as knowing:
        assert knowing.url == server.url
        assert knowing.versions == {"release": "9"}


def test_projects_are_made_listed_and_deleted(sdk: Any, old: Any) -> None:
    made = old.create_project(title="An old needle", label_config=TEXT_CONFIG)
    assert isinstance(made, sdk.Project)
    assert isinstance(made.id, int)
    (found,) = old.get_projects(title="old needle")
    assert isinstance(found, sdk.Project)
    assert (found.id, found.title) == (made.id, "An old needle")
    assert [one.id for one in old.list_projects(ids=str(made.id))] == [made.id]
    assert old.get_project(made.id).get_params()["title"] == "An old needle"
    reply = old.delete_project(made.id)
    assert isinstance(reply, requests.Response)
    assert reply.status_code == 204
    with pytest.raises(requests.HTTPError) as caught:
        old.get_project(made.id)
    assert caught.value.response.status_code == 404
    assert caught.value.response.json()["detail"] in ("No Project matches the given query.", "Not found.")


def test_a_project_starts_itself(sdk: Any, server: LocalServer) -> None:
    project = sdk.Project(url=server.url, api_key=server.api_key)
    assert project.start_project(title="By itself", label_config=TEXT_CONFIG) is None
    assert project.title == "By itself"
    again = sdk.Project.get_from_id(project.client, project.id)
    assert again.get_params()["id"] == project.id
    assert project.delete_project(project.id).status_code == 204
    project.client.close()


def test_all_projects_are_deleted(sdk: Any, spare: LocalServer) -> None:
    with sdk.Client(spare.url, spare.api_key) as client:
        made = [client.start_project(title=title).id for title in ("first", "second")]
        replies = client.delete_all_projects()
        assert all(isinstance(reply, requests.Response) for reply in replies)
        assert {reply.status_code for reply in replies} == {204}
        assert len(replies) >= len(made)
        assert client.list_projects() == []


def test_users_are_listed_and_made(sdk: Any, old: Any, caplog: pytest.LogCaptureFixture) -> None:
    made = old.create_user(sdk.users.User(username="old", email="old@example.com", first_name="O", last_name="Ld"))
    assert isinstance(made, sdk.users.User)
    try:
        assert (made.email, made.username, made.first_name, made.last_name) == ("old@example.com", "old", "O", "Ld")
        assert isinstance(made.last_activity, datetime)
        assert made.client is old
        found = {user.id: user for user in old.get_users()}
        assert isinstance(found[made.id], sdk.users.User)
        assert found[made.id].email == "old@example.com"
        again = old.create_user({"username": "old", "email": "old@example.com"})
        assert again.id == made.id, "the existing one"
        assert old.create_user({"username": "old", "email": "old@example.com"}, exist_ok=False) is None
        assert "already exists" in caplog.text
    finally:
        old.users.delete(made.id)
    assert old.create_user({"username": "nobody", "email": "no address"}) is None
    other = old.create_user({"username": "dict", "email": "dict@example.com"})
    old.users.delete(other.id)
    assert other.username == "dict"


def test_workspaces_are_enterprise_only(old: Any, server: LocalServer) -> None:
    for call in (old.get_workspaces, lambda: old.get_workspace_by_title("any")):
        with pytest.raises(EnterpriseOnly) as caught:
            call()
        assert server.version in str(caught.value)
        assert "Community edition" in str(caught.value)


def test_a_storage_is_synchronized(sdk: Any, spare: LocalServer, media: Path) -> None:
    folder = media / "pictures"
    folder.mkdir(exist_ok=True)
    for name in ("one.txt", "two.txt"):
        (folder / name).write_text(name)
    with sdk.Client(spare.url, spare.api_key) as client:
        project = client.start_project(title="Files", label_config=TEXT_CONFIG)
        settings = {"project": project.id, "path": str(folder), "use_blob_urls": True, "regex_filter": ".*txt"}
        storage = client.make_request("POST", "/api/storages/localfiles", json=settings).json()
        done = client.sync_storage("localfiles", storage["id"])
        assert isinstance(done, dict)
        assert (done["id"], done["status"], done["last_sync_count"]) == (storage["id"], "completed", 2)
        assert len(project.get_tasks()) == 2
        client.delete_project(project.id)


# make_request --------------------------------------------------------------------------------------------------


def test_any_request_takes_the_arguments_of_requests(old: Any, project: Any, tmp_path: Path) -> None:
    one = old.make_request("GET", "/api/projects", params={"ids": project.id, "page_size": 5})
    assert isinstance(one, requests.Response)
    assert one.json()["count"] == 1
    assert old.make_request("get", "api/projects", {"ids": project.id}).json()["count"] == 1, "params by position"
    assert old.make_request("GET", "/api/projects?title=http://nowhere").json()["count"] == 0, "a URL in the query"
    new = old.make_request("PATCH", f"/api/projects/{project.id}", json={"title": "Anew"}, timeout=(5, 30))
    assert new.json()["title"] == "Anew"
    (tmp_path / "rows.json").write_text('[{"text": "a"}, {"text": "b"}]')
    with (tmp_path / "rows.json").open("rb") as rows:
        done = old.make_request("POST", f"/api/projects/{project.id}/import", files={"file": rows})
    assert done.json()["task_count"] == 2
    for name, content in (("c.json", b'[{"text": "c"}]'), ("d.csv", io.BytesIO(b"text\nd\n"))):
        old.make_request("POST", f"/api/projects/{project.id}/import", files={"file": (name, content)})
    assert [task["data"]["text"] for task in project.tasks] == ["a", "b", "c", "d"]
    asked = old.make_request("GET", "/api/projects", headers={"X-Mine": "1"}).request
    assert asked.headers["X-Mine"] == "1"
    assert asked.headers["Authorization"].startswith(("Bearer ", "Token ")), "headers are added, and do not replace"
    with old.make_request("GET", f"/api/projects/{project.id}/export", stream=True) as streamed:
        assert json.loads(b"".join(streamed.iter_content(64))) == []


def test_a_failed_request_raises_what_requests_raises(sdk: Any, old: Any, server: LocalServer) -> None:
    with pytest.raises(requests.HTTPError) as caught:
        old.make_request("POST", "/api/projects", json={"title": "x"})
    assert caught.value.response.status_code == 400
    assert "title" in caught.value.response.json()["validation_errors"]
    with sdk.Client(server.url, server.api_key, make_request_raise=False) as calm:
        reply = calm.make_request("GET", "/api/projects/999999999")
        assert (reply.status_code, reply.ok) == (404, False)
        with pytest.raises(StatusError):
            calm.get_project(999999999)
    with sdk.Client("http://127.0.0.1:9", "a-key") as lost, pytest.raises(requests.ConnectionError):
        lost.make_request("GET", "/api/projects")


# What goes out -------------------------------------------------------------------------------------------------


def up(_: Asked) -> Answer:
    return data({"status": "UP"})


def test_headers_cookies_and_the_proxy_token_go_out(sdk: Any) -> None:
    with serving(up) as web:
        client = sdk.Client(
            web.url, "legacy-key", extra_headers={"X-Extra": "1"}, cookies={"sticky": "yes"}, oidc_token="oidc"
        )
        assert client.headers["Authorization"] == "Token legacy-key"
        client.make_request("GET", "/api/one")
        client.headers["X-Later"] = "2"
        client.headers.update({"X-Extra": "changed"})
        client.make_request("GET", "/api/two")
        client.check_connection()
        client.close()
    first, second, health = (asked.headers for asked in web.asked)
    assert first["Authorization"] == "Token legacy-key"
    assert first["Proxy-Authorization"] == "Bearer oidc"
    assert first["X-Extra"] == "1"
    assert "sticky=yes" in first["Cookie"]
    assert first["X-Later"] is None
    assert (second["X-Later"], second["X-Extra"]) == ("2", "changed"), "headers are read when a request goes out"
    assert health["Proxy-Authorization"] == "Bearer oidc"


def test_a_session_handed_in_is_used_as_it_is(sdk: Any, server: LocalServer) -> None:
    class Counting(HTTPAdapter):
        sent = 0

        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            self.sent += 1
            return super().send(request, *args, **kwargs)

    with requests.Session() as session, serving(up) as web:
        adapter = Counting()
        session.mount("http://", adapter)
        session.headers["X-Own"] = "mine"
        session.headers["User-Agent"] = "my-script/1"
        client = sdk.Client(web.url, "legacy-key", session=session)
        assert client.session is session
        client.check_connection()
        assert (web.asked[0].headers["X-Own"], web.asked[0].headers["User-Agent"]) == ("mine", "my-script/1")
        assert adapter.sent == 1
        assert session.get_adapter(web.url) is adapter
        assert "Authorization" not in session.headers
        real = sdk.Client(server.url, server.api_key, session=session)
        assert real.users.me().email == server.email


def test_a_header_put_in_the_place_of_the_credential_goes_out(sdk: Any) -> None:
    with serving(up) as web, sdk.Client(web.url, "legacy-key") as client:
        client.headers["Authorization"] = "Basic abc"
        client.make_request("GET", "/api/one")
        client.headers = {"Authorization": "Token other"}
        client.make_request("GET", "/api/two")
    assert [asked.headers["Authorization"] for asked in web.asked] == ["Basic abc", "Token other"]


# Project -------------------------------------------------------------------------------------------------------


def test_a_projects_fields_are_its_attributes(sdk: Any, old: Any, project: Any) -> None:
    seen = watched(old)
    assert (project.title, project.id) == ("An old script's", project.params["id"])
    assert project.label_config.strip() == TEXT_CONFIG.strip()
    with pytest.raises(AttributeError, match="no attribute 'nonsense'") as caught:
        project.nonsense  # noqa: B018
    assert isinstance(caught.value, sdk.project.LabelStudioAttributeError)
    assert isinstance(caught.value, sdk.project.LabelStudioException)
    assert hasattr(project, "nonsense") is False
    assert project.url == old.url
    assert project.headers is old.headers
    assert seen == [], "none of this is worth a request"


def test_a_projects_fields_are_changed_and_fetched(sdk: Any, old: Any, project: Any) -> None:
    assert project.set_params(title="Changed", description="too") is None
    assert (project.title, project.get_params()["description"]) == ("Changed", "too")
    old.projects.update(project.id, title="By somebody else")
    assert project.title == "Changed"
    assert project.update_params() is None
    assert project.title == "By somebody else"
    project.set_sampling(sdk.project.ProjectSampling.RANDOM)
    assert project.get_params()["sampling"] == "Uniform sampling"
    project.set_published(True)
    assert project.get_params()["is_published"] is True
    (task,) = project.import_tasks([{"text": "a"}])
    project.create_prediction(task, result=choice("good"), model_version="v1")
    project.set_model_version("v1")
    assert project.get_params()["model_version"] == "v1"
    assert project.get_model_versions() == {"v1": 1}


def test_a_label_config_is_parsed(sdk: Any, project: Any) -> None:
    parsed = project.parsed_label_config
    assert parsed == sdk.utils.parse_config(TEXT_CONFIG)
    assert parsed["sentiment"]["type"] == "Choices"
    assert parsed["sentiment"]["to_name"] == ["txt"]
    assert parsed["sentiment"]["inputs"] == [{"type": "Text", "value": "text"}]
    assert parsed["sentiment"]["labels"] == ["good", "bad"]


def test_tasks_are_imported_from_lists_dicts_and_files(sdk: Any, project: Any, tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text('[{"text": "4"}, {"data": {"text": "5"}}]')
    (tmp_path / "rows.csv").write_text("text\n6\n7\n")
    got = [
        *project.import_tasks([{"text": "1"}, {"data": {"text": "2"}}]),
        *project.import_tasks({"text": "3"}),
        *project.import_tasks(str(tmp_path / "rows.json")),
        *project.import_tasks(tmp_path / "rows.csv"),
    ]
    assert all(isinstance(one, int) for one in got)
    assert {task["id"]: str(task["data"]["text"]) for task in project.tasks} == dict(zip(got, "1234567", strict=True))
    (pre,) = project.import_tasks([{"text": "8", "sentiment": "good"}], preannotated_from_fields=["sentiment"])
    assert len(project.get_task(pre)["predictions"]) == 1
    for wrong in (str(tmp_path / "missing.json"), [], ["text"], 5):
        with pytest.raises(sdk.project.LabelStudioException):
            project.import_tasks(wrong)
    assert len(project.tasks_ids) == 8


@pytest.fixture
def tasks(project: Any) -> list[int]:
    """Five tasks of the project, "text 0" to "text 4"; the second has an annotation."""
    got = project.import_tasks([{"text": f"text {number}"} for number in range(5)])
    project.create_annotation(got[1], result=choice("good"))
    return list(got)


def test_tasks_are_read_with_filters_ordering_views_and_ids(sdk: Any, project: Any, tasks: list[int]) -> None:
    dm = sdk.data_manager
    everything = project.get_tasks()
    assert [task["id"] for task in everything] == tasks
    assert everything[1]["annotations"][0]["result"] == choice("good")
    assert {"predictions", "drafts", "total_annotations", "data", "meta"} <= set(everything[0])
    one = dm.Filters.create(
        dm.Filters.AND, [dm.Filters.item(dm.Column.id, dm.Operator.EQUAL, dm.Type.Number, dm.Filters.value(tasks[2]))]
    )
    assert project.get_tasks(filters=one, only_ids=True) == [tasks[2]]
    assert project.get_tasks(ordering=[f"-{dm.Column.id}"], only_ids=True) == tasks[::-1]
    assert project.get_tasks(selected_ids=tasks[1:3], only_ids=True) == tasks[1:3]
    assert project.get_tasks(selected_ids=[]) == []
    assert project.get_tasks_ids(filters=one) == [tasks[2]]
    assert [task["id"] for task in project.tasks] == project.tasks_ids == tasks
    view = project.create_view(filters=one, ordering=[dm.Column.id], title="Only one")
    assert project.get_tasks(view_id=view["id"], only_ids=True) == [tasks[2]]
    assert [task["id"] for task in project.get_labeled_tasks()] == project.get_labeled_tasks_ids() == [tasks[1]]
    unlabeled = [tasks[0], *tasks[2:]]
    assert [task["id"] for task in project.get_unlabeled_tasks()] == project.get_unlabeled_tasks_ids() == unlabeled
    assert project.get_labeled_tasks(only_ids=True) == [tasks[1]]


def test_tasks_come_in_pages(project: Any, tasks: list[int]) -> None:
    page = project.get_paginated_tasks(page=2, page_size=2)
    assert [task["id"] for task in page["tasks"]] == tasks[2:4]
    assert (page["total"], page["total_annotations"], page["total_predictions"]) == (5, 1, 0)
    assert project.get_paginated_tasks(page=3, page_size=2, only_ids=True)["tasks"] == tasks[4:]
    assert project.get_paginated_tasks_ids(page=1, page_size=2)["tasks"] == tasks[:2]
    assert project.get_paginated_tasks(page=4, page_size=2) == {"tasks": [], "end_pagination": True}
    found, number = [], 1
    while not (page := project.get_paginated_tasks(page=number, page_size=2)).get("end_pagination"):
        found += [task["id"] for task in page["tasks"]]
        number += 1
    assert found == tasks


def test_pages_of_a_project_that_is_gone_do_not_look_like_its_end(old: Any) -> None:
    gone = old.start_project(title="Soon gone")
    old.delete_project(gone.id)
    for page in (1, 2):
        with pytest.raises(NotFound):
            gone.get_paginated_tasks(page=page)
    with pytest.raises(NotFound):
        gone.get_tasks()


def test_a_task_is_read_changed_and_deleted(project: Any, tasks: list[int]) -> None:
    assert project.get_task(tasks[1])["annotations"][0]["result"] == choice("good")
    changed = project.update_task(tasks[0], data={"text": "changed"}, meta={"k": 1})
    assert (changed["data"], changed["meta"]) == ({"text": "changed"}, {"k": 1})
    reply = project.delete_task(tasks[0])
    assert (type(reply), reply.status_code) == (requests.Response, 204)
    assert project.tasks_ids == tasks[1:]


def test_tasks_are_deleted_by_their_ids_and_all_but_some(project: Any, tasks: list[int]) -> None:
    with pytest.raises(InvalidInput, match="no task is selected"):
        project.delete_tasks([])
    assert project.tasks_ids == tasks
    reply = project.delete_tasks(tasks[:2])
    assert (type(reply), reply.status_code) == (requests.Response, 200)
    assert reply.json()["processed_items"] == 2
    assert project.tasks_ids == tasks[2:]
    assert project.delete_all_tasks(excluded_ids=tasks[3:]).status_code == 200
    assert project.tasks_ids == tasks[3:]
    assert project.delete_all_tasks().status_code == 200
    assert project.tasks_ids == []


def test_predictions_are_made_and_become_annotations(project: Any, tasks: list[int]) -> None:
    made = project.create_prediction(tasks[0], result=choice("good"), score=0.5, model_version="v1")
    assert (made["task"], made["score"], made["model_version"]) == (tasks[0], 0.5, "v1")
    many = [{"task": task, "result": choice("bad"), "score": 0.25, "model_version": "v2"} for task in tasks[2:]]
    assert project.create_predictions(many) == {"created": 3}
    versions = {version: count for version, count in project.get_model_versions().items() if count}
    assert versions == {"v1": 1, "v2": 3}  # 1.8 counts none for '' too
    report = project.create_annotations_from_predictions(model_versions=["v1"])
    assert report == {"detail": "Created 1 annotations"}
    assert project.get_labeled_tasks_ids() == tasks[:2]
    project.create_annotations_from_predictions(["v2"])
    assert project.get_unlabeled_tasks_ids() == []


def test_a_prediction_can_be_a_value_or_a_word(project: Any, tasks: list[int]) -> None:
    for result in (choice("good"), choice("good")[0]["value"], "good"):
        (region,) = project.create_prediction(tasks[0], result=result)["result"]
        assert (region["from_name"], region["value"]) == ("sentiment", {"choices": ["good"]})


def test_annotations_are_made_read_changed_and_deleted(project: Any, tasks: list[int]) -> None:
    made = project.create_annotation(tasks[0], result=choice("bad"), lead_time=1.5, ground_truth=True)
    assert isinstance(made, dict)
    assert (made["task"], made["result"], made["lead_time"]) == (tasks[0], choice("bad"), 1.5)
    (listed,) = project.list_annotations(tasks[0])
    assert listed["id"] == made["id"]
    assert project.get_annotation(made["id"])["result"] == choice("bad")
    assert project.update_annotation(made["id"], result=choice("good"))["result"] == choice("good")
    assert project.get_annotation(made["id"])["ground_truth"] is True
    assert project.delete_annotation(made["id"]) == 204
    assert project.list_annotations(tasks[0]) == []


def test_views_are_made_listed_and_deleted(sdk: Any, project: Any) -> None:
    assert project.get_views() == []
    view = project.create_view(filters=sdk.data_manager.Filters.create("and", []), title="Mine")
    assert (view["project"], view["data"]["title"]) == (project.id, "Mine")
    assert [one["id"] for one in project.get_views()] == [view["id"]]
    assert project.delete_view(view["id"]) is None
    assert project.get_views() == []


def test_tasks_are_exported(project: Any, tasks: list[int], tmp_path: Path) -> None:
    project.create_annotation(tasks[3], result=choice("bad"))
    annotated = [tasks[1], tasks[3]]
    exported = project.export_tasks()
    assert isinstance(exported, list)
    assert sorted(task["id"] for task in exported) == annotated
    assert sorted(task["id"] for task in project.export_tasks(download_all_tasks=True)) == tasks
    assert [task["id"] for task in project.export_tasks(ids=tasks[3:4])] == tasks[3:4], "ids really filter"
    assert project.export_tasks(ids=[]) == [], "none are not all"
    assert sorted(row["id"] for row in project.export_tasks("JSON_MIN")) == annotated
    table = project.export_tasks("CSV", export_location=str(tmp_path / "all.csv"))
    assert table == tmp_path / "all.csv"
    with table.open(newline="", encoding="utf-8") as file:
        assert sorted(int(row["id"]) for row in csv.DictReader(file)) == annotated
    whole = project.export_tasks("JSON", True, False, None, str(tmp_path / "all.json"))
    assert sorted(task["id"] for task in json.loads(whole.read_bytes())) == tasks
    with pytest.raises(ValueError, match="pass export_location"):
        project.export_tasks("CSV")
    with pytest.raises(ValueError, match="no export format"):
        project.export_tasks("NOPE", export_location=str(tmp_path / "nope"))
    assert not (tmp_path / "nope").exists()


def test_snapshots_are_made_listed_downloaded_and_deleted(
    sdk: Any, project: Any, tasks: list[int], tmp_path: Path
) -> None:
    made = project.export_snapshot_create(title="Old", task_filter_options={"annotated": "only"})
    assert isinstance(made, dict)
    assert (made["title"], made["status"]) == ("Old", "completed")
    assert [one["id"] for one in project.export_snapshot_list()] == [made["id"]]
    status = project.export_snapshot_status(made["id"])
    assert isinstance(status, sdk.project.ExportSnapshotStatus)
    assert status.is_completed()
    assert not any((status.is_created(), status.is_in_progress(), status.is_failed()))
    code, name = project.export_snapshot_download(made["id"], export_type="JSON", path=str(tmp_path / "new" / "folder"))
    assert code == 200
    snapshot = json.loads((tmp_path / "new" / "folder" / name).read_bytes())
    assert [task["id"] for task in snapshot] == [tasks[1]]
    assert "completed_by" in snapshot[0]["annotations"][0]
    code, name = project.export_snapshot_download(made["id"], export_type="CSV", path=str(tmp_path))
    assert (code, Path(name).suffix) == (200, ".csv")
    assert (tmp_path / name).read_text().startswith('"annotation')
    assert project.export_snapshot_delete(made["id"]) == 204
    assert project.export_snapshot_list() == []
