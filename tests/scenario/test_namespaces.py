"""One scenario for each noun of the API, on a real server, through `Client` and through `AsyncClient`."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from labelwire import (
    AsyncClient,
    ClientCredentials,
    Conflict,
    EnterpriseOnly,
    Forbidden,
    InvalidInput,
    InvalidRequest,
    LocalServer,
    NotFound,
    Unauthorized,
    Upload,
)
from labelwire.data_manager import Column, Filters, FilterSet, Operator, Type

from ..conftest import TEXT_CONFIG, Both, choice
from .colours import reaching

pytestmark = pytest.mark.server

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100"
    "c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
def project(both: Both) -> Iterator[int]:
    """The id of an empty text project."""
    made = both("projects.create", title="A scenario", label_config=TEXT_CONFIG)
    yield made.id
    both("projects.delete", made.id)


def filled(both: Both, project: int, number: int) -> list[int]:
    """The ids of that many tasks, "text 0" and so on."""
    done = both("imports.tasks", project, [{"text": f"text {i}"} for i in range(number)])
    return list(done.task_ids)


def text_is(value: str) -> FilterSet:
    return Filters.create(Filters.AND, [Filters.item(Column.data("text"), Operator.EQUAL, Type.String, value)])


def ids(items: list[Any]) -> list[int]:
    return [item.id for item in items]


# Projects ------------------------------------------------------------------------------------------------------


def test_a_project_is_made_read_changed_and_gone(both: Both) -> None:
    made = both("projects.create", title="Made here", label_config=TEXT_CONFIG, description="as it was")
    assert (made.title, made.description) == ("Made here", "as it was")
    assert isinstance(made.created_at, datetime)
    assert made.created_by.email

    changed = both("projects.update", made.id, title="Changed here")
    assert (changed.title, changed.description) == ("Changed here", "as it was"), "what is absent is not touched"
    emptied = both("projects.update", made.id, description=None)
    assert (emptied.title, emptied.description) == ("Changed here", None), "None is null"
    project = both("projects.get", made.id)
    assert (project.title, project.task_number) == ("Changed here", 0)
    assert project.label_config.strip() == TEXT_CONFIG.strip()

    both("projects.delete", made.id)
    with pytest.raises(NotFound) as caught:
        both("projects.get", made.id)
    assert caught.value.detail  # the project is not found, and not the route


def test_projects_are_found_by_title_and_by_id(both: Both) -> None:
    made = [both("projects.create", title=title) for title in ("Needle one", "Needle two", "Haystack")]
    try:
        assert set(ids(both.all("projects.list", title="needle"))) == set(ids(made[:2]))
        assert set(ids(both.all("projects.list", ids=ids(made[1:])))) == set(ids(made[1:]))
        assert set(ids(both.all("projects.list", title="needle", page_size=1))) == set(ids(made[:2]))
        assert both.wait(both("projects.list", title="needle").count()) == 2
        assert both.wait(both("projects.list", title="no such needle").first()) is None
        slim = both.all("projects.list", ids=ids(made), include=["id", "title"])
        assert {project.title for project in slim} == {"Needle one", "Needle two", "Haystack"}
    finally:
        for project in made:
            both("projects.delete", project.id)


def test_counts_say_how_far_a_project_is(both: Both, project: int) -> None:
    first, _ = filled(both, project, 2)
    both("annotations.create", task=first, result=choice("good"))
    (counts,) = both.all("projects.counts", ids=[project])
    assert (counts.id, counts.task_number, counts.total_annotations_number) == (project, 2, 1)
    assert (counts.finished_task_number, counts.total_predictions_number) == (1, 0)


def test_a_label_config_is_checked_before_it_is_used(both: Both, project: int) -> None:
    assert both("projects.validate", TEXT_CONFIG) is None
    assert both("projects.validate", TEXT_CONFIG, project=project) is None
    for target in (None, project):
        with pytest.raises(InvalidRequest, match="'toName' is a required property"):
            both("projects.validate", "<View><Choices name='c'><Choice value='a'/></Choices></View>", project=target)


def test_a_project_tells_who_and_which_models_have_worked_in_it(both: Both, project: int) -> None:
    first, second = filled(both, project, 2)
    assert both("projects.annotators", project) == []
    both("annotations.create", task=first, result=choice("good"))
    both("imports.predictions", project, [{"task": one, "result": choice("bad")} for one in (first, second)])
    both("predictions.create", task=first, result=choice("good"), model_version="v2")

    (me,) = both("projects.annotators", project)
    assert me.email == both("users.me").email
    assert both("projects.model_versions", project)["v2"] == 1


# Imports -------------------------------------------------------------------------------------------------------


def test_tasks_come_in_whole_and_their_ids_in_the_order_of_the_input(both: Both, project: int) -> None:
    whole = {
        "data": {"text": "with everything"},
        "annotations": [{"result": choice("good"), "ground_truth": True}],
        "predictions": [{"result": choice("bad"), "score": 0.25, "model_version": "v1"}],
        "meta": {"source": "a test"},
    }
    done = both("imports.tasks", project, [{"text": "plain"}, whole, {"data": {"text": "ünï😀"}}])
    assert (done.created, done.annotation_count, done.prediction_count) == (3, 1, 1)
    found = [both("tasks.get", one) for one in done.task_ids]
    assert [task.data["text"] for task in found] == ["plain", "with everything", "ünï😀"]
    assert found[1].meta == {"source": "a test"}
    assert found[1].annotations[0].result == choice("good")
    assert found[1].annotations[0].ground_truth is True
    assert (found[1].predictions[0].score, found[1].predictions[0].model_version) == (0.25, "v1")


def test_a_data_field_can_become_a_prediction(both: Both, project: int) -> None:
    done = both("imports.tasks", project, [{"text": "t", "sentiment": "good"}], preannotated_from_fields=["sentiment"])
    assert done.prediction_count == 1


def test_files_with_tasks_come_in_from_disk_and_from_memory(both: Both, project: int, tmp_path: Path) -> None:
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps([{"text": "one"}, {"text": "two"}]))
    done = both("imports.upload", project, [rows, Upload("more.csv", b"text\nthree\n")])
    assert done.task_count == 3
    assert [both("tasks.get", one).data["text"] for one in done.task_ids] == ["one", "two", "three"]
    assert both("imports.upload", project, [str(rows)]).task_count == 2, "a path may be text"


def test_an_image_keeps_its_name(both: Both, project: int) -> None:
    done = both("imports.upload", project, [Upload("Katze 1.png", PNG, content_type="image/png")])
    (task,) = both.all("tasks.list", project=project)
    assert done.task_ids == [task.id]
    (file,) = both.all("files.list", project)
    assert file.file.endswith("Katze_1.png")
    assert any(value.endswith("Katze_1.png") for value in task.data.values())


def test_a_file_can_be_stored_without_making_tasks(both: Both, project: int) -> None:
    done = both("imports.upload", project, [Upload("later.json", b'[{"text": "later"}]')], commit_to_project=False)
    assert ids(both.all("files.list", project)) == done.file_upload_ids
    assert both.wait(both("tasks.list", project=project).count()) == 0


def test_predictions_come_in_bulk(both: Both, project: int) -> None:
    tasks = filled(both, project, 3)
    many = [{"task": one, "result": choice("good"), "score": 0.5, "model_version": "bulk"} for one in tasks]
    assert both("imports.predictions", project, many).created == 3
    found = both.all("predictions.list", project=project)
    assert {(prediction.task, prediction.model_version) for prediction in found} == {(one, "bulk") for one in tasks}


def test_predictions_are_sent_as_they_are_and_deleted_by_their_version(both: Both, project: int) -> None:
    (one,) = filled(both, project, 1)
    many = [{"task": one, "result": choice("good"), "model_version": version} for version in ("old", "old", "new")]
    assert both("imports.send_predictions", project, many) == 3
    both("projects.delete_predictions", project, model_version="old")
    assert [prediction.model_version for prediction in both.all("predictions.list", project=project)] == ["new"]


def test_files_can_be_imported_anew_and_nothing_doubles(both: Both, project: int) -> None:
    rows = Upload("rows.json", b'[{"text": "1"}, {"text": "2"}]')
    stored = both("imports.upload", project, [rows], commit_to_project=False).file_upload_ids
    for _ in ("first", "again"):
        assert both("imports.reimport", project, stored).task_count == 2
        assert [task.data["text"] for task in both.all("tasks.list", project=project)] == ["1", "2"]


def test_community_imports_at_once_and_has_no_import_to_ask_for(both: Both, project: int) -> None:
    for call in ("imports.get", "imports.get_reimport"):
        with pytest.raises(NotFound, match=r"No Project(Imp|Reimp)ort matches|404 Not found\."):
            both(call, project, 1)


# Tasks ---------------------------------------------------------------------------------------------------------


def test_a_task_is_made_read_changed_and_gone(both: Both, project: int) -> None:
    made = both("tasks.create", project=project, data={"text": "new"}, meta={"by": "hand"})
    assert (made.project, made.data, made.meta) == (project, {"text": "new"}, {"by": "hand"})
    assert both("tasks.update", made.id, data={"text": "changed"}).data == {"text": "changed"}
    task = both("tasks.get", made.id)
    assert (task.data, task.meta) == ({"text": "changed"}, {"by": "hand"}), "what is absent is not touched"
    both("tasks.delete", made.id)
    with pytest.raises(NotFound):
        both("tasks.get", made.id)


def test_every_task_is_listed_over_as_many_pages_as_it_takes(both: Both, project: int) -> None:
    tasks = filled(both, project, 7)
    listing = both("tasks.list", project=project, page_size=3)
    assert ids(both.wait(listing.to_list())) == tasks
    assert both.wait(listing.count()) == 7
    assert both.wait(listing.first()).id == tasks[0]
    assert ids(both.all("tasks.list", project=project)) == tasks
    assert ids(both.all("tasks.list", project=project, page_size=7)) == tasks, "the last page is full"


def test_an_empty_project_has_no_tasks(both: Both, project: int) -> None:
    listing = both("tasks.list", project=project)
    assert both.wait(listing.to_list()) == []
    assert both.wait(listing.count()) == 0
    assert both.wait(listing.first()) is None


def test_pages_come_one_request_each_and_know_the_total(both: Both, project: int) -> None:
    tasks = filled(both, project, 5)

    async def collect(pages: Any) -> list[Any]:
        return [page async for page in pages]

    pages = both("tasks.list", project=project, page_size=2).pages()
    found = both.wait(collect(pages)) if hasattr(pages, "__aiter__") else list(pages)
    assert [ids(page.items) for page in found] == [tasks[:2], tasks[2:4], tasks[4:]]
    assert {page.total for page in found} == {5}


def test_tasks_are_filtered_ordered_and_selected(both: Both, project: int) -> None:
    tasks = filled(both, project, 5)
    both("annotations.create", task=tasks[3], result=choice("good"))

    assert ids(both.all("tasks.list", project=project, filters=text_is("text 2"))) == [tasks[2]]
    percent = Filters.create(Filters.AND, [Filters.item(Column.data("text"), Operator.CONTAINS, Type.String, "100%")])
    assert both.all("tasks.list", project=project, filters=percent) == []
    annotated = Filters.create(Filters.AND, [Filters.item(Column.total_annotations, Operator.GREATER, Type.Number, 0)])
    assert ids(both.all("tasks.list", project=project, filters=annotated)) == [tasks[3]]
    assert both.wait(both("tasks.list", project=project, filters=annotated).count()) == 1
    assert ids(both.all("tasks.list", project=project, ordering=[f"-{Column.id}"])) == tasks[::-1]
    assert ids(both.all("tasks.list", project=project, selected=tasks[1:3])) == tasks[1:3]


def test_a_listing_sends_only_what_it_is_asked_for(both: Both, project: int) -> None:
    done = both("imports.tasks", project, [{"data": {"text": "a"}, "annotations": [{"result": choice("good")}]}])
    (slim,) = both.all("tasks.list", project=project, include=["id"])
    assert slim.raw == {"id": done.task_ids[0]}
    assert slim.data is None
    (whole,) = both.all("tasks.list", project=project, fields="all")
    assert whole.annotations[0].result == choice("good")
    assert whole.predictions == []


def test_all_tasks_of_a_project_can_be_deleted(both: Both, project: int) -> None:
    filled(both, project, 3)
    both("tasks.delete_all", project=project)
    assert both.wait(both("tasks.list", project=project).count()) == 0


def test_the_queue_has_a_next_task_until_all_are_done(both: Both, project: int) -> None:
    tasks = filled(both, project, 2)
    for wanted in tasks:
        assert both("tasks.next", project=project).id == wanted
        both("annotations.create", task=wanted, result=choice("good"))
    with pytest.raises(NotFound):
        both("tasks.next", project=project)


def test_a_page_of_tasks_by_hand(both: Both, project: int) -> None:
    tasks = filled(both, project, 3)
    pages = [ids(both("tasks.page", project=project, page=page, page_size=2)) for page in (1, 2)]
    assert [len(page) for page in pages] == [2, 1]
    assert sorted(pages[0] + pages[1]) == tasks


def test_agreement_is_a_feature_of_enterprise(both: Both, project: int) -> None:
    (task,) = filled(both, project, 1)
    with pytest.raises(Forbidden, match="Feature not enabled"):
        both("tasks.agreement", task)


# Annotations and predictions -----------------------------------------------------------------------------------


def test_an_annotation_is_made_read_changed_and_gone(both: Both, project: int) -> None:
    (task,) = filled(both, project, 1)
    made = both("annotations.create", task=task, result=choice("good"), lead_time=1.5)
    assert (made.task, made.result, made.lead_time, made.ground_truth) == (task, choice("good"), 1.5, False)
    changed = both("annotations.update", made.id, result=choice("bad"), ground_truth=True)
    assert (changed.result, changed.ground_truth, changed.lead_time) == (choice("bad"), True, 1.5)
    assert both("annotations.get", made.id).result == choice("bad")
    assert ids(both.all("annotations.list", task=task)) == [made.id]
    both("annotations.delete", made.id)
    assert both.all("annotations.list", task=task) == []
    with pytest.raises(NotFound):
        both("annotations.get", made.id)


def test_an_annotation_can_go_back_to_being_a_draft(both: Both, project: int) -> None:
    (task,) = filled(both, project, 1)
    made = both("annotations.create", task=task, result=choice("good"))
    draft = both("annotations.convert_to_draft", made.id)
    assert draft["result"] == choice("good")
    assert both.all("annotations.list", task=task) == []
    assert len(both("tasks.get", task).drafts) == 1


def test_a_draft_is_made_read_changed_and_gone(both: Both, project: int) -> None:
    (task,) = filled(both, project, 1)
    made = both("drafts.create", task=task, result=choice("good"), lead_time=2.0)
    assert (made.task, made.annotation, made.result, made.lead_time) == (task, None, choice("good"), 2.0)
    assert both("drafts.update", made.id, result=choice("bad")).result == choice("bad")
    assert both("drafts.get", made.id).result == choice("bad")
    annotation = both("annotations.create", task=task, result=choice("good"))
    change = both("drafts.create", task=task, annotation=annotation.id, result=choice("bad"))
    assert change.annotation == annotation.id
    assert made.id in ids(both.all("drafts.list", task=task))
    both("drafts.delete", made.id)
    with pytest.raises(NotFound):
        both("drafts.get", made.id)


def test_a_prediction_is_made_read_changed_replaced_and_gone(both: Both, project: int) -> None:
    first, second = filled(both, project, 2)
    made = both("predictions.create", task=first, result=choice("good"), score=0.5, model_version="v1")
    assert (made.task, made.result, made.score, made.model_version) == (first, choice("good"), 0.5, "v1")
    changed = both("predictions.update", made.id, score=0.75)
    assert (changed.score, changed.result) == (0.75, choice("good"))
    replaced = both("predictions.replace", made.id, task=first, result=choice("bad"), model_version="v2")
    assert (replaced.result, replaced.model_version) == (choice("bad"), "v2")
    assert both("predictions.get", made.id).model_version == "v2"
    other = both("predictions.create", task=second, result=choice("good"))
    assert ids(both.all("predictions.list", task=first)) == [made.id]
    assert set(ids(both.all("predictions.list", project=project))) == {made.id, other.id}
    both("predictions.delete", made.id)
    with pytest.raises(NotFound):
        both("predictions.get", made.id)


# Views and actions ---------------------------------------------------------------------------------------------


def test_a_view_filters_and_orders_the_tasks(both: Both, project: int) -> None:
    tasks = filled(both, project, 3)
    view = both("views.create", project=project, title="Backwards", ordering=[f"-{Column.id}"])
    assert (view.project, view.data["title"]) == (project, "Backwards")
    assert ids(both.all("tasks.list", view=view.id)) == tasks[::-1]
    one = both("views.create", project=project, title="One", filters=text_is("text 1"))
    assert ids(both.all("tasks.list", view=one.id)) == [tasks[1]]


def test_a_view_is_read_changed_and_gone(both: Both, project: int) -> None:
    view = both("views.create", project=project, title="First name", filters=text_is("text 1"))
    assert both("views.update", view.id, data={"title": "Second name"}).data["title"] == "Second name"
    assert both("views.replace", view.id, data={"title": "Third name"}, project=project).data["title"] == "Third name"
    assert both("views.get", view.id).data["title"] == "Third name"
    both("views.delete", view.id)
    with pytest.raises(NotFound):
        both("views.get", view.id)


def test_views_are_put_in_order_and_all_removed(both: Both, project: int) -> None:
    made = [both("views.create", project=project, title=title).id for title in ("a view", "b view", "c view")]
    both("views.order", made[::-1], project=project)
    assert ids(both.all("views.list", project=project)) == made[::-1]
    both("views.reset", project=project)
    assert both.all("views.list", project=project) == []


def test_columns_and_state_are_what_the_data_manager_shows(both: Both, project: int) -> None:
    filled(both, project, 2)
    columns = {column["id"]: column["type"] for column in both("views.columns", project=project)}
    assert (columns["id"], columns["text"], columns["total_annotations"]) == ("Number", "String", "Number")
    assert both("views.state", project=project)["task_count"] == 2


def test_actions_are_listed_and_some_have_a_form(both: Both, project: int) -> None:
    offered = {action.id for action in both.all("actions.list", project=project)}
    assert {"delete_tasks", "predictions_to_annotations", "remove_duplicates"} <= offered
    (form,) = both("actions.form", "delete_tasks_annotations", project=project)
    assert form["fields"][0]["name"] == "annotator"


def test_an_action_meets_the_tasks_it_names_and_no_others(both: Both, project: int) -> None:
    tasks = filled(both, project, 6)

    def left() -> list[int]:
        return ids(both.all("tasks.list", project=project, include=["id"]))

    with pytest.raises(InvalidInput, match="to which tasks"):
        both("actions.run", "delete_tasks", project=project)
    with pytest.raises(InvalidInput, match="no task is selected"):
        both("actions.run", "delete_tasks", project=project, selected=[])
    assert left() == tasks

    both("actions.run", "delete_tasks", project=project, selected=tasks[:2])
    assert left() == tasks[2:]
    both("actions.run", "delete_tasks", project=project, filters=text_is("text 3"))
    assert left() == [tasks[2], *tasks[4:]]
    view = both("views.create", project=project, title="Fourth", filters=text_is("text 4"))
    both("actions.run", "delete_tasks", project=project, view=view.id)
    assert left() == [tasks[2], tasks[5]]
    both("actions.run", "delete_tasks", project=project, excluded=[tasks[5]])
    assert left() == [tasks[5]]
    both("actions.run", "delete_tasks", project=project, excluded=())
    assert left() == []


def test_predictions_become_annotations(both: Both, project: int) -> None:
    tasks = filled(both, project, 2)
    both(
        "imports.predictions", project, [{"task": one, "result": choice("good"), "model_version": "m"} for one in tasks]
    )
    both("actions.run", "predictions_to_annotations", project=project, selected=tasks, model_version="m")
    for one in tasks:
        (annotation,) = both.all("annotations.list", task=one)
        assert annotation.result == choice("good")
        assert annotation.parent_prediction is not None


# Exports and files ---------------------------------------------------------------------------------------------


@pytest.fixture
def labeled(both: Both, project: int) -> list[int]:
    """Three tasks of the project, of which the first two have an annotation."""
    tasks = filled(both, project, 3)
    for one in tasks[:2]:
        both("annotations.create", task=one, result=choice("good"))
    return tasks


def exported(path: Path) -> list[int]:
    return sorted(task["id"] for task in json.loads(path.read_bytes()))


def rows(path: Path) -> list[int]:
    with path.open(newline="", encoding="utf-8") as file:
        return sorted(int(row["id"]) for row in csv.DictReader(file))


def test_an_export_comes_as_values(both: Both, project: int, labeled: list[int]) -> None:
    names = {known["name"] for known in both("exports.formats", project)}
    assert {"JSON", "JSON_MIN", "CSV", "TSV", "COCO", "YOLO"} <= names
    found = both("exports.inline", project)
    assert sorted(task["id"] for task in found) == labeled[:2]
    assert found[0]["annotations"][0]["result"] == choice("good")
    assert sorted(task["id"] for task in both("exports.inline", project, download_all_tasks=True)) == labeled
    assert [task["id"] for task in both("exports.inline", project, ids=labeled[1:2])] == labeled[1:2]
    assert {row["sentiment"] for row in both("exports.inline", project, export_type="JSON_MIN")} == {"good"}


def test_an_export_goes_into_a_file(both: Both, project: int, labeled: list[int], tmp_path: Path) -> None:
    wanted = tmp_path / "deep" / "down" / "rows.csv"
    assert both("exports.direct", project, path=wanted, export_type="CSV") == wanted
    assert rows(wanted) == labeled[:2]
    named = both("exports.direct", project, path=tmp_path, download_all_tasks=True)
    assert named.parent == tmp_path
    assert named.suffix == ".json"
    assert exported(named) == labeled
    assert exported(both("exports.direct", project, path=tmp_path / "one.json", ids=labeled[:1])) == labeled[:1]


def test_an_unknown_format_is_refused_by_name(both: Both, project: int, tmp_path: Path) -> None:
    for call in ("exports.direct", "exports.snapshot"):
        with pytest.raises(InvalidInput, match=r"no export format 'NOPE'. It has: .*CSV"):
            both(call, project, path=tmp_path, export_type="NOPE")
    assert list(tmp_path.iterdir()) == []
    assert both.all("exports.list", project) == []


def test_a_snapshot_is_one_call(both: Both, project: int, labeled: list[int], tmp_path: Path) -> None:
    assert exported(both("exports.snapshot", project, path=tmp_path / "all.json")) == labeled
    assert rows(both("exports.snapshot", project, path=tmp_path, export_type="CSV")) == labeled
    only: dict[str, Any] = {"task_filter_options": {"annotated": "only"}}
    assert exported(both("exports.snapshot", project, path=tmp_path / "some.json", **only)) == labeled[:2]
    assert both.all("exports.list", project) == [], "nothing stays on the server"
    assert not list(tmp_path.glob("*.part")), "nothing half-written stays on the disk"
    both("exports.snapshot", project, path=tmp_path / "kept.json", keep=True, title="A keepsake")
    assert [kept.title for kept in both.all("exports.list", project)] == ["A keepsake"]


def test_a_snapshot_is_made_awaited_converted_and_downloaded_in_steps(
    both: Both, project: int, labeled: list[int], tmp_path: Path
) -> None:
    made = both("exports.create", project, title="In steps")
    done = both("exports.wait", project, made.id)
    assert (done.status, done.title, done.counters["task_number"]) == ("completed", "In steps", 3)
    assert exported(both("exports.download", project, made.id, path=tmp_path)) == labeled
    both("exports.convert", project, made.id, export_type="CSV")
    (converted,) = both("exports.get", project, made.id).converted_formats
    assert (converted.export_type, converted.status) == ("CSV", "completed")
    table = both("exports.download", project, made.id, path=tmp_path / "table.csv", export_type="CSV")
    assert rows(table) == labeled
    both("exports.delete", project, made.id)
    with pytest.raises(NotFound):
        both("exports.get", project, made.id)


def test_an_upload_comes_back_byte_for_byte(both: Both, project: int, tmp_path: Path) -> None:
    both("imports.upload", project, [Upload("cat.png", PNG, content_type="image/png")])
    (file,) = both.all("files.list", project)
    assert both("files.get", file.id).size in (len(PNG), None)  # older servers do not say
    assert both("files.download", file.file, path=tmp_path / "again.png").read_bytes() == PNG
    named = both("files.download", file.file, path=tmp_path)
    assert named.parent == tmp_path
    assert named.name.endswith("cat.png")
    assert named.read_bytes() == PNG


def test_uploads_are_replaced_and_deleted(both: Both, project: int, tmp_path: Path) -> None:
    files = [Upload(f"{name}.json", b'[{"text": "a"}]') for name in "abc"]
    stored = both("imports.upload", project, files, commit_to_project=False).file_upload_ids
    new = both("files.update", stored[0], file=Upload("new.json", b"[]"))
    assert (new.id, new.size) in ((stored[0], 2), (stored[0], None))
    assert both("files.download", new.file, path=tmp_path / "new.json").read_bytes() == b"[]"
    assert ids(both.all("files.list", project, ids=stored[1:2])) == stored[1:2]
    both("files.delete", stored[0])
    with pytest.raises(NotFound):
        both("files.get", stored[0])
    assert both("files.delete_many", project, ids=stored[1:2]) == {"deleted": 1}
    assert ids(both.all("files.list", project)) == stored[2:]
    both("files.delete_all", project)
    assert both.all("files.list", project) == []


# People, tokens and the server itself --------------------------------------------------------------------------


def test_a_user_is_made_read_changed_and_gone(both: Both) -> None:
    made = both("users.create", email="colleague@example.com", username="colleague", first_name="A")
    assert (made.email, made.username) == ("colleague@example.com", "colleague")
    assert both("users.update", made.id, last_name="Colleague").last_name == "Colleague"
    assert both("users.get", made.id).first_name == "A"
    both("users.delete", made.id)
    with pytest.raises(NotFound):
        both("users.get", made.id)


def test_i_am_one_of_the_users(both: Both, server: LocalServer) -> None:
    me = both("users.me")
    assert me.email == server.email
    assert me.active_organization is not None
    assert me.id in ids(both.all("users.list"))


def test_hotkeys_are_kept(both: Both) -> None:
    wanted = {"annotation:submit": {"key": "ctrl+k", "active": True}}
    assert both("users.update_hotkeys", wanted) == wanted
    assert both("users.hotkeys") == wanted
    assert both("users.update_hotkeys", {}) == {}


def test_an_organization_and_its_members(both: Both, somebody: Callable[[], ClientCredentials]) -> None:
    (organization,) = both.all("organizations.list")
    guest = somebody()
    changed = both("organizations.update", organization.id, contact_info="desk@example.com")
    assert changed.contact_info == "desk@example.com"
    assert both("organizations.update", organization.id, contact_info=None).contact_info is None
    assert both("organizations.get", organization.id).title == changed.title

    members = {member.user.email: member.user for member in both.all("organizations.members", organization.id)}
    assert guest.email in members
    member = both("organizations.member", organization.id, members[guest.email].id)
    assert (member.user, member.annotations_count) == (members[guest.email].id, 0)
    (one,) = both.all("organizations.members", organization.id, page_size=1)[:1]
    assert one.organization == organization.id

    both("organizations.remove_member", organization.id, members[guest.email].id)
    assert guest.email not in [one.user.email for one in both.all("organizations.members", organization.id)]


def test_tokens_are_listed_without_their_secret(both: Both, server: LocalServer) -> None:
    listed = both("tokens.list")
    assert len(listed) == 1
    assert server.api_key.startswith(listed[0])
    assert server.api_key not in listed
    with pytest.raises(Conflict, match="revoke it before"):
        both("tokens.create")


def test_tokens_are_made_refreshed_rotated_and_revoked(
    colour: str, server: LocalServer, somebody: Callable[[], ClientCredentials]
) -> None:
    with reaching(colour, server.url, credentials=somebody()) as theirs:
        me = theirs("users.me").id  # the login made a first token
        (first,) = theirs("tokens.list")
        theirs("tokens.revoke", theirs._client.api_key)
        assert theirs("tokens.list") == []
        second = theirs("tokens.create")
        assert not second.startswith(first)
        assert theirs("tokens.refresh", second).count(".") == 2
        third = theirs("tokens.rotate", second)
        with pytest.raises(Unauthorized):
            theirs("tokens.refresh", second)
        with reaching(colour, server.url, third) as rotated:
            assert rotated("users.me").id == me
        theirs("tokens.revoke", third)
        with pytest.raises(NotFound):
            theirs("tokens.revoke", third)


def test_a_legacy_token_is_shown_and_changed(
    colour: str, server: LocalServer, somebody: Callable[[], ClientCredentials]
) -> None:
    with reaching(colour, server.url, credentials=somebody()) as theirs:
        old = theirs("tokens.legacy")
        new = theirs("tokens.reset_legacy")
        assert new != old
        assert theirs("tokens.legacy") == new


def test_the_server_says_how_it_is_and_what(both: Both, server: LocalServer) -> None:
    assert both("system.health") == {"status": "UP"}
    version = both("system.version")
    assert (version.release, version.edition) == (server.version, "Community")


ENTERPRISE: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("workspaces.list", [], {}),
    ("workspaces.get", [1], {}),
    ("workspaces.create", [], {"title": "New"}),
    ("workspaces.update", [1], {"title": "Changed"}),
    ("workspaces.delete", [1], {}),
    ("workspaces.projects", [1], {}),
    ("workspaces.members", [1], {}),
    ("workspaces.add_member", [1], {"user": 1}),
    ("workspaces.remove_member", [1], {"user": 1}),
    ("members.set_role", [], {"organization": 1, "user": 1, "role": "AN"}),
]


@pytest.mark.parametrize(("call", "args", "options"), ENTERPRISE, ids=[row[0] for row in ENTERPRISE])
def test_what_only_enterprise_has_says_so(
    both: Both, server: LocalServer, call: str, args: list[Any], options: dict[str, Any]
) -> None:
    with pytest.raises(EnterpriseOnly, match=rf"Enterprise.*Label Studio {server.version}, Community edition"):
        both(call, *args, **options)


def test_members_and_assignment_of_a_project_are_enterprise_only(both: Both, project: int) -> None:
    tasks = filled(both, project, 1)
    user = both("users.me").id
    for call, options in (
        ("members.list", {}),
        ("members.add", {"user": user}),
        ("members.assign", {"users": [user], "tasks": tasks, "type": "AN"}),
        ("members.unassign", {"tasks": tasks, "type": "RE"}),
    ):
        with pytest.raises(EnterpriseOnly, match="Community edition"):
            both(call, project=project, **options)
    assert ids(both.all("tasks.list", project=project)) == tasks


def test_any_other_path_can_be_asked_for(both: Both, project: int) -> None:
    reply = both("make_request", "GET", f"/api/projects/{project}", params={"include": "id"})
    assert reply.status_code == 200
    assert both("make_request", "PATCH", f"/api/projects/{project}/", json={"title": "By hand"}).json()["title"] == (
        "By hand"
    )
    with pytest.raises(NotFound):
        both("make_request", "GET", "/api/projects/999999999/")
    assert both("check_connection") == {"status": "UP"}


def test_async_calls_go_out_side_by_side(both: Both, project: int) -> None:
    if not isinstance(both._client, AsyncClient):
        return
    client = both._client

    async def all_at_once() -> set[int]:
        return {found.id for found in await asyncio.gather(*(client.projects.get(project) for _ in range(8)))}

    assert both.wait(all_at_once()) == {project}
