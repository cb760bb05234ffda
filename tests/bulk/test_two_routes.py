"""Tasks of which many have no annotations, on a real server: the same as a snapshot of the whole, or a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labelwire import Client, InvalidRequest, NotFound
from labelwire.bulk import reading, trimmed, two_routes
from labelwire.resources.exports import Exports

from ..conftest import Both, choice
from .test_reading import aged, declining, failing

pytestmark = pytest.mark.server

ALONE_IN_EXPORTS = {"allow_skip"}


def prediction(score: float) -> dict[str, Any]:
    return {"result": choice("bad"), "score": score, "model_version": "v1"}


@pytest.fixture
def mixed(both: Both, mine: int) -> list[int]:
    """The ids of eight tasks: annotated, skipped, both, neither, from a file, with predictions and without."""
    submitted, skipped = {"result": choice("good"), "lead_time": 1.5}, {"result": [], "was_cancelled": True}
    tasks: list[dict[str, Any]] = [
        {"data": {"text": "one"}, "annotations": [submitted], "predictions": [prediction(0.5), prediction(0.25)]},
        {"data": {"text": "two"}, "annotations": [skipped]},
        {"data": {"text": "three"}, "annotations": [submitted, skipped, submitted], "meta": {"a": 1}},
        {"data": {"text": "four", "annotations": [1]}, "predictions": [prediction(0.125)], "meta": {"id": 3}},
        *({"data": {"text": f"number {n} 😀"}} for n in range(4)),
    ]
    return list(both("imports.tasks", mine, tasks).task_ids)


@pytest.fixture
def snapshots(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the snapshots that are taken are asked for."""
    noted: list[Any] = []
    snapshot = Exports.snapshot

    def noting(*args: Any, **kwargs: Any) -> Any:
        noted.append(kwargs["task_filter_options"])
        return snapshot(*args, **kwargs)

    monkeypatch.setattr(Exports, "snapshot", noting)
    return noted


def values(tasks: list[Any]) -> list[dict[str, Any]]:
    return [aged(task.to_dict()) for task in tasks]


def whole(both: Both, project: int) -> list[dict[str, Any]]:
    """The tasks as a snapshot of the whole has them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "two_routes", declining)
        return values(both.all("tasks.read", project=project))


@pytest.mark.parametrize("page_size", [1, 3, 500])
def test_both_routes_together_are_the_snapshot_to_the_value(
    both: Both, mine: int, mixed: list[int], snapshots: list[Any], page_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = whole(both, mine)
    snapshots.clear()
    monkeypatch.setattr(trimmed, "PAGE_SIZE", page_size)
    monkeypatch.setattr(two_routes, "AT_ONCE", page_size)
    found = values(both.all("tasks.read", project=mine))
    assert snapshots == list(two_routes.ANNOTATED)
    assert [task["id"] for task in found] == mixed
    for task, other in zip(found, expected, strict=True):
        lost = {} if task["annotations"] else {name: other[name] for name in ALONE_IN_EXPORTS if name in other}
        assert {**lost, **task} == other
    without = values(both.all("tasks.read", project=mine, predictions=False))
    for task in found:
        del task["predictions"]
    assert without == found
    assert both.all("exports.list", mine) == []


def test_a_task_of_a_file_keeps_its_name(both: Both, mine: int, tmp_path: Any) -> None:
    (tmp_path / "some.json").write_text('[{"text": "one"}, {"text": "two"}]')
    both("imports.upload", mine, [tmp_path / "some.json"])
    both("imports.tasks", mine, [{"text": "three"}])
    expected: list[Any] = [task.get("file_upload") for task in whole(both, mine)]
    assert "some.json" in expected[0]
    for wish in ({}, {"annotations": False}):
        found = both.all("tasks.read", project=mine, **wish)
        assert [task.to_dict().get("file_upload") for task in found] == expected


def test_drafts_come_along(
    both: Both, mine: int, mixed: list[int], snapshots: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for task in (mixed[0], mixed[5], mixed[5]):
        both("drafts.create", task=task, result=choice("good"))
    found = values(both.all("tasks.read", project=mine))
    assert snapshots == list(two_routes.ANNOTATED)
    assert [[draft["result"] for draft in task["drafts"]] for task in found] == [
        [choice("good")] * number for number in (1, 0, 0, 0, 0, 2, 0, 0)
    ]
    expected = whole(both, mine)
    assert [set(draft) for draft in found[5]["drafts"]] == [set(draft) for draft in expected[5]["drafts"]]
    snapshots.clear()
    monkeypatch.setattr(two_routes, "MOST_DRAFTED", 0)
    assert values(both.all("tasks.read", project=mine)) == whole(both, mine)
    assert snapshots[0] == {}


def delete_a_task(client: Client, mine: int, mixed: list[int]) -> None:
    client.tasks.delete(mixed[6])


def add_a_task(client: Client, mine: int, mixed: list[int]) -> None:
    client.tasks.create(project=mine, data={"text": "new"})


def annotate_a_task(client: Client, mine: int, mixed: list[int]) -> None:
    client.annotations.create(task=mixed[4], result=choice("bad"))


def take_an_annotation_away(client: Client, mine: int, mixed: list[int]) -> None:
    client.annotations.delete(client.annotations.list(task=mixed[0]).to_list()[0].id)


def take_one_away_and_add_a_task(client: Client, mine: int, mixed: list[int]) -> None:
    take_an_annotation_away(client, mine, mixed)
    add_a_task(client, mine, mixed)


@pytest.mark.parametrize(
    "change",
    [delete_a_task, add_a_task, annotate_a_task, take_an_annotation_away, take_one_away_and_add_a_task],
    ids=lambda one: one.__name__,
)
def test_what_changes_between_the_routes_makes_it_a_snapshot(
    both: Both,
    client: Client,
    mine: int,
    mixed: list[int],
    snapshots: list[Any],
    change: Callable[[Client, int, list[int]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exported = two_routes._exported
    done: list[bool] = []

    def late(*args: Any) -> Any:
        if not done:
            done.append(True)
            change(client, mine, mixed)
        return exported(*args)

    monkeypatch.setattr(two_routes, "_exported", late)
    found = values(both.all("tasks.read", project=mine))
    assert snapshots[-1] == {}
    assert found == whole(both, mine)


def test_routes_that_the_server_lacks(
    both: Both, mine: int, mixed: list[int], snapshots: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = whole(both, mine)
    snapshots.clear()
    for name, error in (
        ("counts_of", NotFound("no such page", status=404)),
        ("predictions_onto", InvalidRequest("not this", status=400)),
        ("_exported", two_routes.NotServed("it has something else")),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(two_routes, name, failing(error))
            assert values(both.all("tasks.read", project=mine)) == expected
    assert snapshots == [{}] * 3


def test_few_without_annotations_are_a_snapshot(both: Both, mine: int, mixed: list[int], snapshots: list[Any]) -> None:
    for task in mixed[3:7]:
        both("annotations.create", task=task, result=choice("good"))
    assert len(both.all("tasks.read", project=mine)) == len(mixed)
    assert snapshots == [{}]


def test_a_project_that_asks_its_models_is_a_snapshot(
    both: Both, mine: int, mixed: list[int], snapshots: list[Any]
) -> None:
    both("projects.update", mine, evaluate_predictions_automatically=True)
    assert len(both.all("tasks.read", project=mine)) == len(mixed)
    assert snapshots == [{}]


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_swap_between_two_pages_passes_over_nothing(
    both: Both, client: Client, mine: int, mixed: list[int], turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimmed, "PAGE_SIZE", 2)
    listing, asked = trimmed.listing, []

    def late(*args: Any) -> Any:
        asked.append(args)
        if len(asked) == turn:  # one goes and one comes: the number stays
            client.tasks.delete(mixed[3])
            client.tasks.create(project=mine, data={"text": "new"})
        return listing(*args)

    monkeypatch.setattr(two_routes, "listing", late)
    found = {task.id for task in both.all("tasks.read", project=mine)}
    assert found >= set(mixed) - {mixed[3]}


def test_a_draft_that_does_not_show_makes_it_a_snapshot(
    both: Both, mine: int, mixed: list[int], snapshots: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    both("drafts.create", task=mixed[5], result=choice("good"))
    monkeypatch.setattr(two_routes, "gathered", lambda _: nothing())
    found = values(both.all("tasks.read", project=mine))
    assert snapshots[-1] == {}
    assert len(found[5]["drafts"]) == 1


def nothing() -> Any:
    yield from ()
    return []
