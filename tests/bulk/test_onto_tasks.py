"""Predictions and annotations onto existing tasks, changes and deletions, many at a time, on a real server."""

from __future__ import annotations

from typing import Any

import pytest

from labelwire import Client, ConnectionLost, InvalidInput, InvalidRequest, NotFound
from labelwire.bulk import onto_tasks, side_by_side

from ..conftest import TEXT_CONFIG, Both, choice
from ..core.wire import Answer, Wire
from ..scenario.colours import reaching
from .conftest import Counting

pytestmark = pytest.mark.server


@pytest.fixture
def tasks(both: Both, mine: int) -> list[int]:
    """The ids of thirty tasks."""
    return list(both("imports.tasks", mine, [{"text": str(number)} for number in range(30)]).task_ids)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of twelve."""
    monkeypatch.setattr(onto_tasks, "AT_ONCE", 12)


def guess(task: int, value: str = "good", **more: Any) -> dict[str, Any]:
    return {"task": task, "result": choice(value), **more}


def test_predictions_of_any_number(both: Both, mine: int, tasks: list[int], there: Counting, small: None) -> None:
    told: list[Any] = []
    given = (guess(task, score=0.5, model_version="v1") for task in tasks)
    report = both("imports.predictions", mine, given, progress=told.append)
    assert (report.created, report.requests, report.refused) == (30, 3, [])
    assert [one.done for one in told] == [12, 24, 30, 30]
    for task in there.tasks(mine):
        (made,) = task.predictions
        assert (made.result, made.score, made.model_version) == (choice("good"), 0.5, "v1")


def test_what_does_not_fit_is_reported_and_the_rest_done(
    both: Both, mine: int, tasks: list[int], there: Counting, small: None
) -> None:
    given: list[Any] = [guess(task) for task in tasks]
    given[3] = guess(tasks[3], "no such choice")
    given[5] = {"result": []}
    given[7] = guess(10**7)
    given[9] = guess(tasks[9], score=float("nan"))
    for noun in ("predictions", "annotations"):
        report = both(f"imports.{noun}", mine, given, on_refusal="skip")
        assert sorted(one.position for one in report.refused) == [3, 5, 7, 9]
        assert report.created == 26
        reasons = {one.position: one.reason for one in report.refused}
        assert "no such choice" in reasons[3]
        assert "names no task" in reasons[5]
        assert f"Project {mine} has no task {10**7}" in reasons[7]
        assert "nan, which JSON does not have" in reasons[9]
    for task in there.tasks(mine):
        expected = 0 if tasks.index(task.id) in (3, 5, 7, 9) else 1
        assert (len(task.predictions), len(task.annotations)) == (expected, expected)


def test_a_task_that_is_not_there_is_named(both: Both, mine: int, tasks: list[int], there: Counting) -> None:
    for noun in ("predictions", "annotations"):
        with pytest.raises(InvalidRequest, match=f"Project {mine} has no task {10**7}"):
            both(f"imports.{noun}", mine, [*(guess(task) for task in tasks), guess(10**7)])
    assert not any(task.predictions or task.annotations for task in there.tasks(mine))


def test_what_the_server_would_leave_out_in_silence_is_reported(
    both: Both, mine: int, tasks: list[int], client: Client
) -> None:
    given = [guess(task, model_version="m") for task in tasks[:3]] + [guess(tasks[0], "no such choice")]
    report = both("imports.predictions", mine, given, check=False, on_refusal="skip")
    assert (report.created, [one.position for one in report.refused]) == (3, [3])
    assert "left it out" in report.refused[0].reason


def test_annotations_in_bulk_are_the_caller_s_and_leave_nothing_else_behind(
    both: Both, mine: int, tasks: list[int], there: Counting
) -> None:
    both("imports.predictions", mine, [guess(tasks[0], "bad", model_version="theirs")])
    report = both("imports.annotations", mine, (guess(task) for task in tasks))
    assert (report.created, report.requests) == (30, 2), "in bulk"
    me = both("users.me").id
    for task in there.tasks(mine):
        (made,) = task.annotations
        assert made.result == choice("good")
        assert made.completed_by["id"] if isinstance(made.completed_by, dict) else made.completed_by == me
        assert (made.parent_prediction, made.lead_time, made.was_cancelled) == (None, None, False)
        assert len(task.predictions) == task.total_predictions == (1 if task.id == tasks[0] else 0)
    assert both("projects.model_versions", mine) == {"theirs": 1}
    assert both("projects.get", mine).num_tasks_with_annotations == 30


def test_helpers_can_stay(both: Both, mine: int, tasks: list[int]) -> None:
    report = both("imports.annotations", mine, [guess(task) for task in tasks], helpers="keep")
    (version,) = both("projects.model_versions", mine)
    assert report.notes == [f"The helper predictions stay, as model versions {version}."]


def test_what_an_annotation_says_of_itself_is_kept(both: Both, mine: int, tasks: list[int], there: Counting) -> None:
    given = [guess(task) for task in tasks]
    given[1] |= {"lead_time": 12.5}
    given[2] |= {"was_cancelled": True}
    given[3] |= {"ground_truth": True}
    given[4] |= {"result": []}
    report = both("imports.annotations", mine, given)
    assert (report.created, report.requests) == (30, 2 + 4)
    made = {task.id: task.annotations[0] for task in there.tasks(mine)}
    assert made[tasks[1]].lead_time == 12.5
    assert made[tasks[2]].was_cancelled is True
    assert made[tasks[3]].ground_truth is True
    assert made[tasks[4]].result == []
    assert made[tasks[5]].result == choice("good")


def test_a_few_go_one_by_one(both: Both, mine: int, tasks: list[int], there: Counting) -> None:
    report = both("imports.annotations", mine, [guess(task) for task in tasks[:3]])
    assert (report.created, report.requests) == (3, 3)
    assert [len(task.annotations) for task in there.tasks(mine)] == [1, 1, 1, *[0] * 27]


@pytest.mark.parametrize("check", [True, False])
def test_the_project_is_asked_for_once(colour: str, check: bool) -> None:
    answers: dict[str, Answer] = {
        "api__projects__1__": lambda handler: handler.json({"id": 1, "label_config": TEXT_CONFIG, "task_number": 1}),
        "api__current-user__whoami": lambda handler: handler.json({"id": 1}),
        "api__tasks__5__annotations__": lambda handler: handler.json({"id": 2}, 201),
    }
    with Wire(**answers) as wire, reaching(colour, wire.url, "k" * 40) as calls:
        assert calls("imports.annotations", 1, [guess(5)], check=check).created == 1
        assert wire.asked["GET /api/projects/1/"] == 1


def test_exported_annotations_can_be_brought_back(both: Both, mine: int, tasks: list[int], there: Counting) -> None:
    both("imports.annotations", mine, [guess(task) for task in tasks])
    exported = [one for task in both.all("tasks.read", project=mine) for one in task.annotations]
    both("annotations.delete_many", [one.id for one in exported])
    assert both("imports.annotations", mine, exported).created == 30
    assert all(len(task.annotations) == 1 for task in there.tasks(mine))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "There are no annotations to import"),
        ({"task": 1}, "come as a list of dicts, and not as dict"),
        ("text", "and not as str"),
        ([{"task": "one"}], "Annotation 0 names no task"),
    ],
)
def test_what_is_no_annotation(both: Both, mine: int, given: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        both("imports.annotations", mine, given)


# Changes and deletions -----------------------------------------------------------------------------------------


def test_many_tasks_are_changed(both: Both, mine: int, tasks: list[int], there: Counting) -> None:
    report = both("tasks.update_many", ({"id": task, "meta": {"n": task}} for task in tasks))
    assert (report.updated, report.refused) == (30, [])
    assert all(task.meta == {"n": task.id} for task in there.tasks(mine))


def test_one_change_that_is_refused_ends_nothing(both: Both, mine: int, tasks: list[int], there: Counting) -> None:
    changes = [{"id": task, "meta": {"done": True}} for task in tasks]
    changes[2]["id"] = 10**7
    with pytest.raises(NotFound, match="1 of 30 were refused, and the others are done") as caught:
        both("tasks.update_many", changes)
    assert caught.value.report.updated == 29
    report = both("tasks.update_many", changes, on_refusal="skip")
    assert [one.position for one in report.refused] == [2]
    assert sum(task.meta == {"done": True} for task in there.tasks(mine)) == 29
    with pytest.raises(InvalidInput, match="is the form of a change"):
        both("tasks.update_many", [{"meta": {}}])


def test_many_tasks_are_deleted(both: Both, mine: int, tasks: list[int], there: Counting) -> None:
    assert both("tasks.delete_many", project=mine, ids=[]).deleted == 0
    assert there(mine) == 30
    report = both("tasks.delete_many", project=mine, ids=[*tasks[:20], 10**7, tasks[0]])
    assert (report.deleted, report.skipped, report.requests) == (20, 1, 1)
    assert [task.id for task in there.tasks(mine)] == tasks[20:]


def test_annotations_and_predictions_are_changed_and_deleted(
    both: Both, mine: int, tasks: list[int], there: Counting
) -> None:
    both("imports.annotations", mine, [guess(task) for task in tasks])
    both("imports.predictions", mine, [guess(task) for task in tasks])
    found = there.tasks(mine)
    annotations = [one.id for task in found for one in task.annotations]
    predictions = [one.id for task in found for one in task.predictions]
    report = both("annotations.update_many", [{"id": one, "result": choice("bad")} for one in annotations])
    assert report.updated == 30
    assert all(one.result == choice("bad") for task in there.tasks(mine) for one in task.annotations)
    assert both("annotations.delete_many", [*annotations, annotations[0]]).deleted == 30
    report = both("predictions.delete_many", predictions)
    assert (report.deleted, both("predictions.delete_many", predictions).skipped) == (30, 30)
    assert not any(task.annotations or task.predictions for task in there.tasks(mine))


def test_the_number_of_writers_is_found_by_trying() -> None:
    width = side_by_side.Width()
    assert width.trial() == 1
    width.learn(1, 12, 1.2)
    assert (width.now, width.trial()) == (1, 2)
    width.learn(2, 12, 0.7)
    assert (width.now, width.trial()) == (2, 4)
    width.learn(4, 12, 0.9)
    assert (width.now, width.trial()) == (2, None)
    width.learn(2, 200, 30)
    assert width.now == 4, "when the server slows down, what was faster once is taken again"


def test_a_change_that_is_none_is_named_by_its_position(both: Both, mine: int, tasks: list[int]) -> None:
    changes: list[Any] = [{"id": task, "meta": {"n": 1}} for task in tasks[:3]]
    changes[1] = {"id": tasks[1]}
    with pytest.raises(InvalidInput, match="It is item 1; 0 before it are done"):
        both("tasks.update_many", changes)
    report = both("tasks.update_many", changes, on_refusal="skip")
    assert (report.updated, [one.position for one in report.refused]) == (2, [1])


def test_no_more_is_begun_when_the_server_is_gone() -> None:
    asked = 0

    def gone() -> Any:
        nonlocal asked
        asked += 1
        yield from ()
        raise ConnectionLost("nothing answers there", applied=False)

    with Client("http://127.0.0.1:9", "k" * 40) as client:
        outcomes = client._driver.flow(side_by_side.side_by_side([gone() for _ in range(50)], side_by_side.Width()))
    assert len(outcomes) == 50
    assert all(isinstance(outcome, ConnectionLost) for outcome in outcomes)
    assert asked < 5
