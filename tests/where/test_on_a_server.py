"""Every comparison of every column finds on a real server what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labelwire import Client, F
from labelwire.resources.projects import Project
from labelwire.where import Condition
from tests.conftest import TEXT_CONFIG, VERSION, Both, choice

NAMES = "abcd"
DATA: list[dict[str, Any]] = [
    {"city": "Oslo", "n": 5, "flag": True, "author": {"name": "Ann", "age": 30}, "odd-name": "x"},
    {"city": "oslo fjord", "n": "7", "flag": False, "author": {"name": "Bo", "age": 40}},
    {"city": "", "n": 9.5, "author": {"name": "Cy.5"}},
    {"city": None},
]
PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=2)
OLD = VERSION.startswith(("1.8", "1.13", "1.20"))


@pytest.fixture(scope="module")
def stocked(client: Client) -> Iterator[tuple[Project, list[int], int]]:
    """A project with the tasks a to d, their ids, and the id of the caller."""
    made = client.projects.create(title="Conditions", label_config=TEXT_CONFIG, model_version="v2")
    ids = list(
        client.imports.tasks(made.id, [{"text": name, **data} for name, data in zip(NAMES, DATA, strict=True)]).task_ids
    )
    client.imports.predictions(
        made.id,
        [
            {"task": ids[0], "result": choice("good"), "score": 0.25, "model_version": "v1"},
            {"task": ids[0], "result": choice("bad"), "score": 0.5, "model_version": "v2"},
            {"task": ids[1], "result": choice("bad"), "score": 0.875, "model_version": "v2"},
        ],
    )
    client.annotations.create(task=ids[0], result=choice("good"), lead_time=4.0)
    client.annotations.create(task=ids[0], result=choice("bad"), lead_time=6.0)
    client.annotations.create(task=ids[2], result=choice("bad"))
    yield made, ids, client.users.me().id
    client.projects.delete(made.id)


CONDITIONS: dict[str, Callable[[list[int], int], Condition]] = {
    # Text, numbers and bools of the data
    "a": lambda ids, me: F.data.city == "Oslo",
    "ab": lambda ids, me: F.data.city.contains("OSLO"),
    "a ": lambda ids, me: F.data.city.startswith("Os"),
    "b": lambda ids, me: F.data.city.endswith("rd"),
    "b ": lambda ids, me: F.data.city.matches("^o.*d$"),
    "cd": lambda ids, me: F.data.city.is_null(),
    "ab ": lambda ids, me: ~F.data.city.is_null(),
    "a  ": lambda ids, me: F.data.city.isin(["Oslo", "Rome"]),
    "bcd": lambda ids, me: ~F.data.city.isin(["Oslo", "Rome"]),
    "a   ": lambda ids, me: F.data.city.between("A", "P"),
    "b  ": lambda ids, me: F.data.n == 7,
    "bc": lambda ids, me: F.data.n > 5,
    "ab  ": lambda ids, me: F.data.n.between(5, 7.5),
    "a    ": lambda ids, me: F.data.flag == True,  # noqa: E712
    "b   ": lambda ids, me: F.data.flag == False,  # noqa: E712
    "a     ": lambda ids, me: F.data.author.name == "Ann",
    "c": lambda ids, me: F.data.author.name.endswith(".5"),
    "b    ": lambda ids, me: F.data["author"]["age"] > 35,
    "a      ": lambda ids, me: F.data["odd-name"] == "x",
    # The columns
    "c ": lambda ids, me: F.id == ids[2],
    "ad": lambda ids, me: F.id.isin([ids[0], ids[3]]),
    "bc ": lambda ids, me: ~F.id.isin([ids[0], ids[3]]),
    "": lambda ids, me: F.id.isin([]),
    "cd ": lambda ids, me: F.inner_id >= 3,
    "abcd": lambda ids, me: F.created_at.between(PAST, FUTURE),
    " ": lambda ids, me: F.created_at.isin([PAST]),
    "abcd ": lambda ids, me: F.updated_at > PAST,
    "ac": lambda ids, me: F.completed_at > PAST,
    "bd": lambda ids, me: F.completed_at.is_null(),
    "abcd  ": lambda ids, me: ~(F.draft_exists == True),  # noqa: E712
    "ac ": lambda ids, me: F.annotators.contains(me),
    "bd ": lambda ids, me: ~F.annotators.contains(me),
    "bd  ": lambda ids, me: F.annotators.is_null(),
    "ac  ": lambda ids, me: F.updated_by.contains(me),
    "bd   ": lambda ids, me: F.annotations_ids.is_null(),
    "a       ": lambda ids, me: F.annotations_results.contains("good"),
    "bcd ": lambda ids, me: ~F.annotations_results.contains("good"),
    "bd    ": lambda ids, me: F.annotations_results.is_null(),
    "bd     ": lambda ids, me: F.total_annotations == 0,
    "a        ": lambda ids, me: F.total_annotations > 1,
    "bd      ": lambda ids, me: F.total_annotations.is_null(),
    "abcd   ": lambda ids, me: F.cancelled_annotations == 0,
    "a         ": lambda ids, me: F.avg_lead_time.between(4, 6),
    "bcd  ": lambda ids, me: F.avg_lead_time.is_null(),
    "a          ": lambda ids, me: F.predictions_score == 0.5,
    "b     ": lambda ids, me: F.predictions_score > 0.5,
    "a           ": lambda ids, me: F.predictions_model_versions.contains("v1"),
    "bcd   ": lambda ids, me: ~F.predictions_model_versions.contains("v1"),
    "cd  ": lambda ids, me: F.predictions_model_versions.is_null(),
    "a            ": lambda ids, me: F.predictions_results.contains("good"),
    "cd   ": lambda ids, me: F.total_predictions == 0,
    "abcd    ": lambda ids, me: F.file_upload.is_null(),
    "  ": lambda ids, me: F.storage_filename.contains("x"),
    "abcd     ": lambda ids, me: F.unresolved_comment_count == 0,
    # Joined
    "a             ": lambda ids, me: F.data.city.contains("oslo") & (F.total_annotations > 0),
    "abd": lambda ids, me: F.data.city.contains("oslo") | (F.data.text == "d"),
    "acd": lambda ids, me: ~(F.data.city.contains("oslo") & (F.data.n == 7)),
    "ad ": lambda ids, me: (F.data.city.contains("oslo") & (F.total_annotations > 1)) | (F.data.text == "d"),
    "ac   ": lambda ids, me: (F.total_annotations > 0) & ((F.data.text == "a") | (F.data.text == "c")),
}
"""The names of the tasks that are found (blanks make the keys distinct), and by what."""


@pytest.mark.parametrize("found", CONDITIONS)
def test_a_condition_finds(client: Client, stocked: tuple[Project, list[int], int], found: str) -> None:
    project, ids, me = stocked
    condition = CONDITIONS[found](ids, me)
    if OLD and "child_filter" in str(condition.to_filters()):
        pytest.skip("this server knows no pairs among alternatives")
    listed = client.tasks.list(project=project.id, where=condition, include=["id", "data"])
    assert "".join(task.data["text"] for task in listed) == found.strip(), condition


def test_one_of_several_annotations(client: Client, stocked: tuple[Project, list[int], int]) -> None:
    project, ids, _ = stocked
    one, other = (client.tasks.get(ids[at]).annotations[-1]["id"] for at in (0, 2))  # type: ignore[index]
    assert client.tasks.ids(project=project.id, where=F.annotations_ids.isin([one, other])) == [ids[0], ids[2]]
    assert client.tasks.ids(project=project.id, where=F.annotations_ids.contains(other)) == [ids[2]]


def test_where_stands_wherever_filters_do(both: Both, stocked: tuple[Project, list[int], int], tmp_path: Any) -> None:
    project, ids, _ = stocked
    where = F.data.city.contains("oslo")
    assert both("tasks.ids", project=project.id, where=where) == ids[:2]
    assert [task.id for task in both.all("tasks.read", project=project.id, where=where)] == ids[:2]
    both("tasks.save", project=project.id, where=where, path=tmp_path / "some.jsonl")
    assert len((tmp_path / "some.jsonl").read_text().splitlines()) == 2
    report = both("exports.dataset", project.id, format="JSON", path=tmp_path / "out.json", where=where)
    assert report.tasks_in == 2
    view = both("views.create", project=project.id, title="Oslo", where=where)
    assert both("tasks.ids", project=project.id, view=view.id) == ids[:2]
    both("views.delete", view.id)


def test_an_action_applies_to_what_the_condition_finds(client: Client) -> None:
    made = client.projects.create(title="Conditions of an action", label_config=TEXT_CONFIG)
    client.imports.tasks(made.id, [{"text": name} for name in NAMES])
    client.actions.run("delete_tasks", project=made.id, where=F.data.text.isin(["b", "c"]))
    assert [task.data["text"] for task in client.tasks.list(project=made.id)] == ["a", "d"]
    client.projects.delete(made.id)
