"""What connects a server with others, and what holds for a whole organization, through both kinds of client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labelwire import InvalidRequest, LocalServer, NotFound

from ..conftest import TEXT_CONFIG, Both, choice
from .web import Answer, Asked, Rule, Web, by_path, data, serving

pytestmark = pytest.mark.server


@pytest.fixture
def project(there: Both) -> Iterator[int]:
    """The id of an empty text project on the second server."""
    made = there("projects.create", title="Connected", label_config=TEXT_CONFIG)
    yield made.id
    there("projects.delete", made.id)


@pytest.fixture
def web() -> Iterator[Web]:
    """A server that takes webhooks and is a model besides."""

    def predict(asked: Asked) -> Answer:
        tasks = json.loads(asked.body)["tasks"]
        return data({"results": [{"result": choice("good"), "score": 0.5} for _ in tasks], "model_version": "m1"})

    rules: dict[str, Rule | Answer] = {
        "/predict": predict,
        "/setup": data({"model_version": "m1"}),
        "/versions": data({"versions": ["m1", "m2"]}),
        "/train": data({"status": "ok"}, 201),
    }
    with serving(by_path(rules, otherwise=data({"status": "UP", "model_class": "Model"}))) as running:
        yield running


def asked_for(web: Web, path: str) -> list[Any]:
    return [json.loads(asked.body) for asked in web.asked if asked.path == path]


# Storages ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(media: Path, tmp_path: Path) -> Path:
    """A folder with two files that the server may serve."""
    made = media / tmp_path.name
    made.mkdir()
    for name in ("one.txt", "two.txt", "three.log"):
        (made / name).write_text(name)
    return made


def test_tasks_come_from_a_storage(there: Both, project: int, folder: Path) -> None:
    settings: dict[str, Any] = {"path": str(folder), "regex_filter": ".*txt", "use_blob_urls": True}
    assert there("storages.localfiles.validate", project=project, **settings) is None
    with pytest.raises(InvalidRequest, match=r"must (be a subdirectory|start with)"):
        there("storages.localfiles.validate", project=project, path="/")
    made = there("storages.localfiles.create", project=project, title="Pictures", **settings)
    assert (made.type, made.title, made.status) == ("localfiles", "Pictures", "initialized")
    done = there("storages.localfiles.sync", made.id, wait=True)
    assert (done.status, done.last_sync_count) == ("completed", 2)
    assert there.wait(there("tasks.list", project=project).count()) == 2
    assert there("storages.localfiles.sync", made.id, wait=True).last_sync_count == 0, "nothing doubles"
    assert there("storages.localfiles.get", made.id).status == "completed"
    assert [one.id for one in there.all("storages.localfiles.list", project=project)] == [made.id]
    assert [one.id for one in there.all("storages.list", project=project)] == [made.id]
    assert there("storages.localfiles.update", made.id, title="Renamed", path=str(folder)).title == "Renamed"
    there("storages.localfiles.delete", made.id)
    with pytest.raises(NotFound):
        there("storages.localfiles.get", made.id)
    assert there.wait(there("tasks.list", project=project).count()) == 2, "the tasks stay"


def test_one_setting_of_a_storage_can_be_changed(there: Both, project: int, folder: Path) -> None:
    made = there("storages.localfiles.create", project=project, path=str(folder), title="Before")
    assert there("storages.localfiles.update", made.id, title="After").title == "After"


def test_annotations_go_to_a_storage(there: Both, project: int, folder: Path) -> None:
    (task,) = there("imports.tasks", project, [{"text": "a"}]).task_ids
    there("annotations.create", task=task, result=choice("good"))
    made = there("storages.export.localfiles.create", project=project, path=str(folder))
    assert there("storages.export.localfiles.sync", made.id, wait=True).status == "completed"
    (written,) = [file for file in folder.iterdir() if file.suffix not in (".txt", ".log")]
    assert json.loads(written.read_text())["result"] == choice("good")
    assert [one.id for one in there.all("storages.export.list", project=project)] == [made.id]
    there("storages.export.localfiles.delete", made.id)
    assert there.all("storages.export.localfiles.list", project=project) == []


def test_every_kind_of_storage_is_there_on_both_sides(there: Both, project: int) -> None:
    for side in ("storages", "storages.export"):
        kinds = [kind["name"] for kind in there(f"{side}.types")]
        assert set(kinds) == {"azure", "gcs", "localfiles", "redis", "s3"}
        for kind in kinds:
            assert there.all(f"{side}.{kind}.list", project=project) == []
    assert len(there("storages.types")) == 5


def test_a_storage_that_cannot_be_reached_is_refused(there: Both, project: int) -> None:
    for call, settings in (
        ("storages.gcs.validate", {"bucket": "b", "google_application_credentials": "{}"}),
        ("storages.azure.create", {"container": "c", "account_name": "a", "account_key": "x"}),
        ("storages.redis.create", {"host": "127.0.0.1", "port": "9", "path": "p"}),
    ):
        with pytest.raises(InvalidRequest) as caught:
            there(call, project=project, **settings)
        assert len(str(caught.value)) > 40
    assert there.all("storages.list", project=project) == []


# Webhooks, models and labels -----------------------------------------------------------------------------------


def test_a_webhook_is_called_for_its_actions(there: Both, project: int, web: Web) -> None:
    made = there(
        "webhooks.create",
        url=f"{web.url}/first",
        project=project,
        send_for_all_actions=False,
        actions=["TASKS_CREATED"],
        headers={"X-Mine": "1"},
    )
    assert (made.project, made.actions, made.headers) == (project, ["TASKS_CREATED"], {"X-Mine": "1"})
    tasks = there("imports.tasks", project, [{"text": "a"}]).task_ids
    (called,) = asked_for(web, "/first")
    assert (called["action"], [task["id"] for task in called["tasks"]]) == ("TASKS_CREATED", tasks)
    assert there("webhooks.update", made.id, is_active=False).url == f"{web.url}/first"
    assert there("webhooks.replace", made.id, url=f"{web.url}/second").url == f"{web.url}/second"
    assert there("webhooks.get", made.id).url == f"{web.url}/second"
    assert [one.id for one in there.all("webhooks.list", project=project)] == [made.id]
    assert "ANNOTATION_CREATED" in there("webhooks.info")
    there("webhooks.delete", made.id)
    with pytest.raises(NotFound):
        there("webhooks.get", made.id)


def test_one_setting_of_a_webhook_can_be_changed(there: Both, project: int, web: Web) -> None:
    mine: dict[str, Any] = {"project": project, "send_for_all_actions": False, "actions": ["TASKS_CREATED"]}
    made = there("webhooks.create", url=f"{web.url}/hook", **mine)
    changed = there("webhooks.update", made.id, send_payload=False)
    assert (changed.send_payload, changed.actions) == (False, ["TASKS_CREATED"]), "what is absent is not touched"


def test_a_webhook_for_the_whole_organization_is_refused(there: Both, web: Web) -> None:
    with pytest.raises(NotFound, match="Project not found"):
        there("webhooks.create", url=f"{web.url}/all", actions=["PROJECT_CREATED"], send_for_all_actions=False)
    assert there.all("webhooks.list") == []


def test_a_model_is_connected_trained_and_asked(there: Both, project: int, web: Web) -> None:
    (task,) = there("imports.tasks", project, [{"text": "a"}]).task_ids
    made = there("ml.create", project=project, url=web.url, title="Model", is_interactive=True)
    assert (made.url, made.title, made.state) == (web.url, "Model", "CO")
    assert [one.id for one in there.all("ml.list", project=project)] == [made.id]
    assert there("ml.get", made.id).title == "Model"
    assert there("ml.versions", made.id) == ["m1", "m2"]
    answer = there("ml.interactive_annotating", made.id, task=task, context={"result": []})
    assert answer["data"]["result"] == choice("good")
    assert asked_for(web, "/predict")
    there("ml.train", made.id)
    there("ml.delete", made.id)
    with pytest.raises(NotFound):
        there("ml.get", made.id)


def test_a_model_is_tried_out(there: Both, project: int, web: Web) -> None:
    there("imports.tasks", project, [{"text": "a"}])
    made = there("ml.create", project=project, url=web.url, title="Model")
    there("ml.predict_test", made.id)
    assert asked_for(web, "/predict")
    assert there.all("predictions.list", project=project) == [], "nothing is kept"


def test_one_setting_of_a_model_can_be_changed(there: Both, project: int, web: Web) -> None:
    made = there("ml.create", project=project, url=web.url, title="Before")
    assert there("ml.update", made.id, title="After").title == "After"


def test_labels_are_kept_beside_the_config(there: Both, project: int) -> None:
    (made,) = there(
        "labels.create", [{"project": project, "from_name": "sentiment", "value": ["fine"], "title": "fine"}]
    )
    label = made["id"]
    assert there("labels.get", label).value == ["fine"]
    assert there("labels.update", label, title="very fine").title == "very fine"
    assert label in [one.id for one in there.all("labels.list")]

    (link,) = there.all("label_links.list", project=project)
    assert (link.label, link.from_name) == (label, "sentiment")
    assert there("label_links.get", link.id).project == project
    assert there("label_links.update", link.id, from_name="other").from_name == "other"
    there("label_links.delete", link.id)
    again = there("label_links.create", project=project, label=label, from_name="sentiment")
    assert [one.id for one in there.all("label_links.list", project=project)] == [again.id]

    (task,) = there("imports.tasks", project, [{"text": "a"}]).task_ids
    annotation = there("annotations.create", task=task, result=choice("good"))
    assert there("labels.bulk", old_label=["good"], new_label=["fine"], project=project) == 1
    assert there("annotations.get", annotation.id).result == choice("fine")
    there("labels.delete", label)
    with pytest.raises(NotFound):
        there("labels.get", label)


def test_more_labels_than_a_page_holds_are_all_listed(there: Both, project: int) -> None:
    many = [{"project": project, "from_name": "sentiment", "value": [str(n)], "title": str(n)} for n in range(105)]
    made = {label["id"] for label in there("labels.create", many)}
    assert len(made) == 105
    assert {label.id for label in there.all("labels.list")} >= made
    assert {link.label for link in there.all("label_links.list", project=project)} == made


def test_states_are_told(there: Both, project: int) -> None:
    assert there.all("fsm.history", "project", project) == [], "Community keeps none"
    with pytest.raises(InvalidRequest, match="Unknown transition"):
        there("fsm.transition", "project", project, transition_name="nothing_known")


# The organization ----------------------------------------------------------------------------------------------


def test_an_invitation_is_shown_and_renewed(there: Both, spare: LocalServer) -> None:
    old = there("invites.get")
    assert old.invite_url.endswith(old.token)
    new = there("invites.reset_token")
    assert new.token != old.token
    assert there("invites.get").token == new.token


def test_the_session_policy_is_changed(there: Both) -> None:
    before = there("session_policy.get")
    assert there("session_policy.update", max_session_age=600).max_session_age == 600
    again = there("session_policy.update", max_session_age=before.max_session_age)
    assert again.max_session_age == before.max_session_age


def test_the_kinds_of_token_that_are_allowed_are_changed(there: Both, spare: LocalServer) -> None:
    assert there("tokens.settings") == {"api_tokens_enabled": True, "legacy_api_tokens_enabled": True}
    off = there("tokens.update_settings", api_tokens_enabled=True, legacy_api_tokens_enabled=False)
    assert off["legacy_api_tokens_enabled"] is False
    on = there("tokens.update_settings", api_tokens_enabled=True, legacy_api_tokens_enabled=True)
    assert on["legacy_api_tokens_enabled"] is True
