"""All tasks read, by whatever route, on a real server: the same tasks by each."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from labelwire import Client, InvalidInput, NotFound, ServerError
from labelwire.bulk import reading
from labelwire.core.operation import Do
from labelwire.data_manager import Column, Filters, FilterSet, Operator, Type
from labelwire.resources.exports import Exports

from ..conftest import Both, choice

pytestmark = pytest.mark.server


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


@pytest.mark.parametrize("routes", ["snapshot", "export", "pages"])
def test_every_route_tells_the_same(
    both: Both, mine: int, filled: list[int], routes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = {task.id: told(task) for task in both.all("tasks.list", project=mine, fields="all")}
    if routes != "snapshot":
        monkeypatch.setattr(Exports, "snapshot", failing(ServerError("no snapshots here", status=500)))
    if routes == "pages":
        monkeypatch.setattr(Exports, "direct", failing(NotFound("no export here", status=404)))
    found = both.all("tasks.read", project=mine)
    assert sorted(task.id for task in found) == filled
    assert {task.id: told(task) for task in found} == listed
    found = both.all("tasks.read", project=mine, predictions=False)
    assert {task.id: told(task) for task in found} == {one: (*rest[:-1], []) for one, rest in listed.items()}
    found = both.all("tasks.read", project=mine, filters=first_three(filled))
    assert {task.id: told(task) for task in found} == {one: listed[one] for one in filled[:3]}


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
        assert set(one) == set(other)
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

    flow = reading._exported(reading.Wish(mine, filters=first_three(filled)), Path("nowhere"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Exports, "snapshot", lambda *given, **options: iter(Do(partial(stops, None))))
        with pytest.raises(KeyboardInterrupt):
            client._driver.flow(flow)
