"""All tasks read, by whatever route, on a real server: the same tasks by each."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from labelwire import Client, InvalidInput, NotFound, ServerError, UnexpectedReply
from labelwire.bulk import reading, shelf, trimmed
from labelwire.bulk.shelf import Shelf
from labelwire.bulk.wish import Wish
from labelwire.core.operation import Do
from labelwire.data_manager import Column, Filters, FilterSet, Operator, Type
from labelwire.resources.exports import Exports

from ..conftest import Both, choice

pytestmark = pytest.mark.server

LACKING = {"drafts", "comment_authors", "allow_skip", "file_upload"}
"""What exports have of a task and trimmed pages have not; `file_upload` where it came in no file."""


@pytest.fixture
def filled(both: Both, mine: int) -> list[int]:
    """The ids of seven tasks, each with a prediction, every second one with an annotation."""
    tasks = [
        {
            "data": {"text": f'text {number}\n"ünï" 😀'},
            "predictions": [{"result": choice("bad"), "score": 0.5, "model_version": "v1"}],
            "annotations": [{"result": choice("good"), "lead_time": 1.5}] if number % 2 else [],
            "meta": {"number": number},
        }
        for number in range(7)
    ]
    return list(both("imports.tasks", mine, tasks).task_ids)


def first_three(filled: list[int]) -> FilterSet:
    return Filters.create(Filters.AND, [Filters.item(Column.id, Operator.LESS, Type.Number, filled[3])])


def told(task: Any) -> tuple[Any, ...]:
    """What every route has to tell of a task."""
    return (
        task.id,
        task.data,
        task.meta,
        [(one.result, one.lead_time, one.completed_by) for one in task.annotations or ()],
        [(one.result, one.score, one.model_version) for one in task.predictions or ()],
    )


def failing(error: Exception) -> Any:
    """A flow that fails with the error when it is run."""

    def flow(*args: Any, **kwargs: Any) -> Any:
        yield from ()
        raise error

    return flow


def declining(*args: Any) -> Any:
    """A route that serves nobody."""
    yield from ()
    return False


@pytest.mark.parametrize("routes", ["best", "snapshot", "export", "pages"])
def test_every_route_tells_the_same(
    both: Both, mine: int, filled: list[int], routes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = {task.id: told(task) for task in both.all("tasks.list", project=mine, fields="all")}
    if routes != "best":
        monkeypatch.setattr(reading, "trimmed_pages", declining)
    if routes in ("export", "pages"):
        monkeypatch.setattr(Exports, "snapshot", failing(ServerError("no snapshots here", status=500)))
    if routes == "pages":
        monkeypatch.setattr(Exports, "direct", failing(NotFound("no export here", status=404)))
    found = both.all("tasks.read", project=mine)
    assert sorted(task.id for task in found) == filled
    assert {task.id: told(task) for task in found} == listed
    found = both.all("tasks.read", project=mine, predictions=False)
    assert {task.id: told(task) for task in found} == {one: (*rest[:-1], []) for one, rest in listed.items()}
    found = both.all("tasks.read", project=mine, annotations=False)
    assert {task.id: told(task) for task in found} == {one: (*rest[:3], [], rest[4]) for one, rest in listed.items()}
    found = both.all("tasks.read", project=mine, filters=first_three(filled))
    assert {task.id: told(task) for task in found} == {one: listed[one] for one in filled[:3]}


@pytest.fixture
def rich(both: Both, mine: int) -> list[int]:
    """The ids of three tasks with all that a task can have, of which the last has nothing."""
    nested = {"id": {"data": [{"id": 7, "result": [], "annotations": {"meta": None}}]}, "predictions": [1, "zwei"]}
    region = {**choice("good")[0], "id": "r1", "meta": {"text": ["why"], "id": {"score": 1}}, "extra": nested}
    tasks = [
        {
            "data": {"text": "one", "id": 5, "annotations": [nested], "result": nested, "updated_by": []},
            "meta": {"id": 1, "nested": nested, "result": [None, 1.5, "\u2028 😀"]},
            "annotations": [
                {"result": [region, *choice("bad")], "lead_time": 12.25, "ground_truth": True},
                {"result": [], "was_cancelled": True},
                {"result": choice("good"), "lead_time": 0.1},
            ],
            "predictions": [
                {"result": [region], "score": 0.25, "model_version": "v2"},
                {"result": choice("good"), "score": 0.125, "model_version": "v1"},
                {"result": choice("bad"), "model_version": "v1"},
            ],
        },
        {"data": {"text": "two"}, "predictions": [{"result": choice("bad"), "score": 1.0, "model_version": "v2"}]},
        {"data": {"text": "three"}},
    ]
    made = list(both("imports.tasks", mine, tasks).task_ids)
    both("drafts.create", task=made[1], result=choice("good"))
    guess = both.all("predictions.list", task=made[1])[0]
    both("annotations.create", task=made[1], result=choice("bad"), parent_prediction=guess.id, lead_time=3)
    return made


def aged(task: dict[str, Any]) -> dict[str, Any]:
    """The task with nothing in it that depends on when it was asked for."""
    for prediction in task.get("predictions", ()):
        prediction.pop("created_ago", None)
    return task


@pytest.mark.parametrize("page_size", [1, 2, 500])
def test_pages_have_what_exports_have_to_the_value(
    both: Both, mine: int, rich: list[int], tmp_path: Path, page_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = both("tasks.save", project=mine, path=tmp_path / "t.json", annotations=False)
    exported = {task["id"]: aged(task) for task in json.loads(saved.read_text())}
    monkeypatch.setattr(trimmed, "PAGE_SIZE", page_size)
    monkeypatch.setattr(Exports, "snapshot", failing(AssertionError("pages would have served")))
    found = {task.id: aged(task.to_dict()) for task in both.all("tasks.read", project=mine, annotations=False)}
    assert list(found) == rich
    assert [len(task["predictions"]) for task in found.values()] == [3, 1, 0]
    for number, task in found.items():
        whole = exported[number]
        assert set(whole) - set(task) <= LACKING
        assert set(task) - set(whole) <= {"is_labeled", "overlap", "file_upload"}
        assert {name: task[name] for name in whole if name in task} == {
            name: value for name, value in whole.items() if name in task
        }


def test_pages_are_not_taken_where_they_serve_badly(
    both: Both, mine: int, filled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = {task.id: told(task) for task in both.all("tasks.read", project=mine, annotations=False)}
    snapshots: list[Any] = []
    snapshot = Exports.snapshot

    def noted(*args: Any, **kwargs: Any) -> Any:
        snapshots.append(args)
        return snapshot(*args, **kwargs)

    monkeypatch.setattr(Exports, "snapshot", noted)
    assert len(both.all("tasks.read", project=mine, annotations=False)) == 7
    assert not snapshots
    assert len(both.all("tasks.read", project=mine, filters=first_three(filled), annotations=False)) == 3
    assert len(snapshots) == 1, "most predictions belong to other tasks"
    more = Filters.create(Filters.AND, [Filters.item(Column.id, Operator.LESS, Type.Number, filled[5])])
    found = both.all("tasks.read", project=mine, filters=more, annotations=False)
    assert {task.id: told(task) for task in found} == {one: listed[one] for one in filled[:5]}
    assert len(snapshots) == 1
    for module, name, value in (
        (trimmed, "MOST", 6),
        (shelf, "_predictions", lambda file: iter([(filled[0], 1, b"{}")])),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, value)
            before = len(snapshots)
            assert {task.id: told(task) for task in both.all("tasks.read", project=mine, annotations=False)} == listed
            assert len(snapshots) == before + 1, name
    both("projects.update", mine, evaluate_predictions_automatically=True)
    before = len(snapshots)
    assert len(both.all("tasks.read", project=mine, annotations=False)) == 7
    assert len(snapshots) == before + 1


def test_predictions_that_come_and_go_while_tasks_are_read(
    client: Client, mine: int, filled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimmed, "PAGE_SIZE", 2)
    pages = client.tasks.read(project=mine, annotations=False).pages()
    seen = list(next(pages))
    client.predictions.create(task=filled[6], result=choice("good"))
    client.predictions.delete(client.predictions.list(task=filled[0]).to_list()[0].id)
    client.predictions.delete(client.predictions.list(task=filled[5]).to_list()[0].id)
    seen += [task for page in pages for task in page]
    assert [task.id for task in seen] == filled
    assert [len(task.predictions or ()) for task in seen] == [1] * 7, "as they were when reading began"


def test_tasks_that_go_while_they_are_read_are_an_error(
    client: Client, mine: int, filled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimmed, "PAGE_SIZE", 2)
    pages = client.tasks.read(project=mine, annotations=False).pages()
    next(pages)
    client.tasks.delete(filled[0])
    with pytest.raises(UnexpectedReply, match="some were skipped"):
        list(pages)


@pytest.mark.parametrize(
    "answer", ["", "no", "{}", '{"count": 0, "results": []}', '[{"id": 1}]', '[{"id": 1, "task": null}]', '[{"id"']
)
def test_a_list_of_predictions_that_is_none(answer: str) -> None:
    store = Shelf()
    with pytest.raises(UnexpectedReply, match="not as expected"):
        store.fill(io.BytesIO(answer.encode()))
    store.close()


def test_predictions_wait_by_task_and_in_order() -> None:
    store = Shelf()
    given = [{"id": one, "task": task, "result": [{"id": "x"}]} for one, task in ((5, 1), (3, 2), (4, 1))]
    assert store.fill(io.BytesIO(json.dumps(given).encode())) == 3
    assert [one["id"] for one in store.of(1)] == [4, 5]
    assert store.of(2) == [given[1]]
    assert store.of(3) == []
    store.close()
    empty = Shelf()
    assert empty.fill(io.BytesIO(b"[]")) == 0
    empty.close()


def test_what_is_not_wanted_does_not_come(both: Both, mine: int, filled: list[int]) -> None:
    data = both.all("tasks.read", project=mine, annotations=False, predictions=False)
    assert [set(task) for task in data] == [{"id", "data", "meta"}] * 7
    assert data[0].data["text"] == 'text 0\n"ünï" 😀'
    annotated = both.all("tasks.read", project=mine, predictions=False)
    assert [len(task.annotations) for task in annotated] == [0, 1, 0, 1, 0, 1, 0]
    assert all("predictions" not in task for task in annotated)
    predicted = both.all("tasks.read", project=mine, annotations=False)
    assert [task.predictions[0].score for task in predicted] == [0.5] * 7
    assert all("annotations" not in task for task in predicted)


def test_views_and_counts(both: Both, mine: int, filled: list[int]) -> None:
    view = both("views.create", project=mine, title="Three", filters=first_three(filled))
    assert [task.id for task in both.all("tasks.read", project=mine, view=view.id)] == filled[:3]
    assert both("tasks.ids", project=mine, view=view.id) == filled[:3]
    assert both("tasks.ids", project=mine) == filled
    assert both.wait(both("tasks.read", project=mine, view=view.id).count()) == 3
    assert both.wait(both("tasks.read", project=mine).count()) == 7


def test_nothing_of_it_stays_on_the_server(both: Both, mine: int, filled: list[int], tmp_path: Path) -> None:
    views = len(both.all("views.list", project=mine))
    both.all("tasks.read", project=mine)
    both.all("tasks.read", project=mine, filters=first_three(filled))
    both("tasks.save", project=mine, path=tmp_path / "t.json")
    assert both.all("exports.list", mine) == []
    assert len(both.all("views.list", project=mine)) == views


@pytest.mark.parametrize("name", ["tasks.json", "tasks.jsonl"])
@pytest.mark.parametrize(
    "wish",
    [{}, {"predictions": False}, {"annotations": False, "predictions": False}, {"filters": True}],
    ids=["all", "annotations", "data", "filtered"],
)
def test_a_file_holds_what_reading_gives(
    both: Both, mine: int, filled: list[int], tmp_path: Path, name: str, wish: dict[str, Any]
) -> None:
    wish = {**wish, "filters": first_three(filled)} if "filters" in wish else wish
    path = both("tasks.save", project=mine, path=tmp_path / "in" / name, **wish)
    assert path == tmp_path / "in" / name
    text = path.read_text()
    written = json.loads(text) if name.endswith(".json") else [json.loads(line) for line in text.splitlines()]
    read = [task.raw for task in both.all("tasks.read", project=mine, **wish)]
    assert [task["id"] for task in written] == [task["id"] for task in read]
    for one, other in zip(written, read, strict=True):
        assert {name: one[name] for name in ("data", "meta")} == {name: other[name] for name in ("data", "meta")}
        assert set(one) - set(other) <= LACKING
    assert [file.name for file in path.parent.iterdir()] == [name], "nothing is left beside it"


def test_an_interrupted_save_leaves_the_file_that_was_there(
    both: Both, mine: int, filled: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.json").write_text("before")
    monkeypatch.setattr(reading, "_exported", failing(OSError("the disk is full")))
    with pytest.raises(OSError, match="the disk is full"):
        both("tasks.save", project=mine, path=tmp_path / "t.json")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("t.json", "before")]


@pytest.mark.parametrize("place", ["", "tasks.csv", "tasks"])
def test_a_place_that_is_none(both: Both, mine: int, tmp_path: Path, place: str) -> None:
    with pytest.raises(InvalidInput, match=r"ends in \.json or \.jsonl"):
        both("tasks.save", project=mine, path=tmp_path / place)


def test_an_empty_project_and_none(both: Both, mine: int, tmp_path: Path) -> None:
    assert both.all("tasks.read", project=mine) == []
    assert both("tasks.ids", project=mine) == []
    assert both("tasks.save", project=mine, path=tmp_path / "a.json").read_text() == "[]"
    assert both("tasks.save", project=mine, path=tmp_path / "a.jsonl", predictions=False).read_text() == ""
    for wish in ({}, {"annotations": False, "predictions": False}):
        with pytest.raises(NotFound):
            both.all("tasks.read", project=10**6, **wish)


def test_tables(both: Both, mine: int, filled: list[int]) -> None:
    for way in ("to_pandas", "to_polars", "to_arrow"):
        pager = both("tasks.read", project=mine, annotations=False)
        table = both.wait(getattr(pager, way)())
        columns = list(getattr(table, "column_names", None) or table.columns)
        assert columns[0] == "id"
        assert "data.text" in columns
        assert len(table) == 7


def test_a_view_and_filters_together_are_refused(both: Both, mine: int, filled: list[int]) -> None:
    view = both("views.create", project=mine, title="Three", filters=first_three(filled))
    with pytest.raises(InvalidInput, match="A view has filters of its own"):
        both("tasks.ids", project=mine, view=view.id, filters=first_three(filled))


def test_a_reading_that_is_given_up_ends_as_it_was_told(client: Client, mine: int, filled: list[int]) -> None:
    def stops(step: Any) -> Any:
        raise KeyboardInterrupt

    flow = reading._exported(Wish(mine, filters=first_three(filled)), Path("nowhere"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Exports, "snapshot", lambda *given, **options: iter(Do(partial(stops, None))))
        with pytest.raises(KeyboardInterrupt):
            client._driver.flow(flow)
