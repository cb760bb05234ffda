"""Imports of any number of tasks on a real server: order, batches, refusals, upserts, ledgers, files."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labelwire import Client, InvalidInput, InvalidRequest, TimedOut
from labelwire.bulk import batches, doubt, importing, marked

from ..conftest import TEXT_CONFIG, Both, choice
from .conftest import Counting

pytestmark = pytest.mark.server


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of three, so that few tasks make many of them."""
    monkeypatch.setattr(importing, "Pace", lambda: batches.Pace(count=3, most=3))


def texts(start: int, end: int) -> Iterator[dict[str, Any]]:
    return ({"text": f"text {number}"} for number in range(start, end))


def test_an_iterator_of_any_length_comes_in_batches_and_the_ids_in_its_order(
    both: Both, mine: int, there: Counting, small: None
) -> None:
    told: list[Any] = []
    report = both("imports.tasks", mine, texts(0, 11), progress=told.append)
    on_server = there.texts(mine)
    assert [on_server[task] for task in report.task_ids] == [f"text {number}" for number in range(11)]
    assert (report.created, report.requests, report.refused) == (11, 4, [])
    assert [one.done for one in told] == [3, 6, 9, 11, 11]
    assert both.all("files.list", mine) == [], "what the tasks came in is not left behind"
    assert str(report).startswith("11 created; 4 requests")


def taken(cutter: batches.Cutter) -> batches.Batch:
    """The next batch, which is there."""
    batch = cutter.take()
    assert batch is not None
    return batch


def test_batches_follow_the_server_s_speed() -> None:
    pace = batches.Pace()
    items = iter([(number, b"{}") for number in range(100_000)])
    cutter = batches.Cutter(items, pace)
    first = taken(cutter)
    assert len(first) == batches.FIRST
    pace.taken(first, 0.1)
    second = taken(cutter)
    assert len(second) == 4 * batches.FIRST, "a fast server gets more, but not all at once"
    pace.taken(second, 40.0)
    third = taken(cutter)
    assert len(third) == len(second) // 10, "a slow one gets what it can do in four seconds"
    pace.too_large(third)
    assert len(taken(cutter)) == len(third) // 2
    pace.taken(first, 0.001)
    assert len(taken(cutter)) <= len(third) // 2, "what was too large once is too large"


def test_a_batch_is_limited_by_its_bytes_too() -> None:
    items = iter([(number, b"x" * 400) for number in range(10)] + [(10, b"x" * 5000)])
    cutter = batches.Cutter(items, batches.Pace(most_bytes=1000))
    assert [len(cutter.take() or ()) for _ in range(7)] == [2, 2, 2, 2, 2, 1, 0], "what is larger goes alone"


def test_one_task_that_the_server_refuses_takes_everything_back(
    both: Both, mine: int, there: Counting, small: None
) -> None:
    both("imports.tasks", mine, [{"text": "was there before"}])
    with pytest.raises(InvalidRequest, match='Task 7: "text" key is expected') as caught:
        both("imports.tasks", mine, [*texts(0, 7), {"other": "no text"}, *texts(8, 12)])
    assert "The 6 tasks that it had brought before were taken back" in str(caught.value)
    assert caught.value.report.created == 0
    assert list(there.texts(mine).values()) == ["was there before"]
    assert both.all("files.list", mine) == []


def test_a_task_that_is_none_in_the_middle_takes_everything_back(
    both: Both, mine: int, there: Counting, small: None
) -> None:
    bad: Any = [*texts(0, 7), "no task"]
    with pytest.raises(InvalidInput, match="Task 7 is str and not a dict"):
        both("imports.tasks", mine, iter(bad))
    assert there(mine) == 0


def test_refusals_can_be_skipped_and_are_reported(both: Both, mine: int, there: Counting, small: None) -> None:
    given: list[Any] = [*texts(0, 2), {"other": "a"}, 5, {"text": float("nan")}, *texts(5, 9), {"other": "b"}]
    report = both("imports.tasks", mine, given, on_refusal="skip")
    assert [one.position for one in report.refused] == [3, 4, 2, 9]
    assert sorted(there.texts(mine).values()) == [f"text {number}" for number in (0, 1, 5, 6, 7, 8)]
    assert [bool(task) for task in report.task_ids] == [True, True, False, False, False, True, True, True, True, False]
    assert (report.created, report.done) == (6, 10)
    assert "item 3: Task 3 is int and not a dict" in str(report)


def test_a_ledger_remembers_and_a_further_call_goes_on(
    both: Both, mine: int, there: Counting, small: None, tmp_path: Path
) -> None:
    ledger = tmp_path / "run.ledger"

    def interrupted() -> Iterator[dict[str, Any]]:
        yield from texts(0, 7)
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError, match="the disk is gone"):
        both("imports.tasks", mine, interrupted())
    assert there(mine) == 0, "nothing is left half done"
    with pytest.raises(RuntimeError, match="the disk is gone"):
        both("imports.tasks", mine, interrupted(), ledger=ledger)
    assert there(mine) == 6, "two whole batches"
    first = both("imports.tasks", mine, texts(0, 10), ledger=ledger)
    on_server = there.texts(mine)
    assert [on_server[task] for task in first.task_ids] == [f"text {number}" for number in range(10)]
    assert len(on_server) == 10
    again = both("imports.tasks", mine, texts(0, 10), ledger=ledger)
    assert (again.task_ids, again.requests) == (first.task_ids, 0), "a run that is done is not done again"
    with pytest.raises(InvalidInput, match="items 0 to 2 differ"):
        both("imports.tasks", mine, texts(1, 11), ledger=ledger)
    assert there(mine) == 10


def test_with_a_ledger_a_refusal_leaves_what_is_there(
    both: Both, mine: int, there: Counting, small: None, tmp_path: Path
) -> None:
    ledger = tmp_path / "run.ledger"
    with pytest.raises(InvalidRequest, match="6 of its tasks are on the server: call again with the same ledger"):
        both("imports.tasks", mine, [*texts(0, 7), {"other": "bad"}], ledger=ledger)
    assert there(mine) == 6
    mended = both("imports.tasks", mine, texts(0, 8), ledger=ledger)
    assert sorted(there.texts(mine)) == sorted(mended.task_ids)
    assert len(mended.task_ids) == 8


def test_skipped_refusals_stay_skipped_when_it_goes_on(
    both: Both, mine: int, there: Counting, small: None, tmp_path: Path
) -> None:
    given: list[Any] = [*texts(0, 4), {"other": "a"}, *texts(5, 8)]
    first = both("imports.tasks", mine, given, ledger=tmp_path / "l", on_refusal="skip")
    again = both("imports.tasks", mine, given, ledger=tmp_path / "l", on_refusal="skip")
    assert [one.position for one in again.refused] == [4]
    assert (again.task_ids, there(mine)) == (first.task_ids, 7)


def test_a_ledger_is_of_one_project(both: Both, mine: int, tmp_path: Path) -> None:
    both("imports.tasks", mine, texts(0, 1), ledger=tmp_path / "l")
    other = both("projects.create", title="Another", label_config=TEXT_CONFIG)
    with pytest.raises(InvalidInput, match=f"of an import into project {mine}"):
        both("imports.tasks", other.id, texts(0, 1), ledger=tmp_path / "l")
    both("projects.delete", other.id)
    (tmp_path / "text").write_text("no ledger, but some text that is long enough to be looked at as a database")
    with pytest.raises(InvalidInput, match="cannot be used as a ledger"):
        both("imports.tasks", mine, texts(0, 1), ledger=tmp_path / "text")


def test_what_is_there_already_is_skipped(both: Both, mine: int, there: Counting, small: None) -> None:
    before = both("imports.tasks", mine, texts(0, 5)).task_ids
    rehearsed = both("imports.tasks", mine, texts(3, 8), key="data.text", dry_run=True)
    assert (rehearsed.created, rehearsed.skipped, there(mine)) == (3, 2, 5)
    assert str(rehearsed).startswith("A dry run: 3 created, 2 there already; 0 requests")
    report = both("imports.tasks", mine, texts(3, 8), key="data.text")
    assert report.task_ids[:2] == before[3:]
    assert (report.created, report.skipped, there(mine)) == (3, 2, 8)
    again = both("imports.tasks", mine, texts(0, 8), key="data")
    assert (again.created, again.skipped, there(mine)) == (0, 8, 8), "by their whole data too"


def test_what_is_there_already_is_updated(both: Both, mine: int, there: Counting) -> None:
    before = both("imports.tasks", mine, texts(0, 3)).task_ids
    given = [
        {"text": "text 0"},
        {"data": {"text": "text 1", "more": 1}},
        {"data": {"text": "text 2"}, "meta": {"a": 1}},
        {"text": "text 9"},
    ]
    report = both("imports.tasks", mine, given, key="data.text", existing="update")
    assert (report.created, report.updated, report.skipped) == (1, 2, 1)
    assert report.task_ids[:3] == before
    found = there.tasks(mine)
    assert [task.data for task in found[:2]] == [{"text": "text 0"}, {"text": "text 1", "more": 1}]
    assert found[2].meta == {"a": 1}
    assert len(found) == 4


def test_one_key_twice_in_the_input_is_one_task(both: Both, mine: int, there: Counting) -> None:
    report = both("imports.tasks", mine, [{"text": "a"}, {"text": "b"}, {"text": "a"}], key="data.text")
    assert report.task_ids[0] == report.task_ids[2]
    assert there(mine) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"key": "text"}, 'write "data.NAME"'),
        ({"key": "data.nothing"}, "Task 0 has no 'nothing' in its data"),
        ({"key": "data.text", "ledger": "x"}, "leave ledger out"),
    ],
)
def test_a_key_that_is_none(both: Both, mine: int, there: Counting, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        both("imports.tasks", mine, texts(0, 2), **options)
    assert there(mine) == 0


def test_an_update_does_not_drop_annotations_in_silence(both: Both, mine: int) -> None:
    both("imports.tasks", mine, texts(0, 1))
    given = [{"data": {"text": "text 0", "n": 1}, "annotations": [{"result": choice("good")}]}]
    with pytest.raises(InvalidInput, match=r"client\.imports\.annotations"):
        both("imports.tasks", mine, given, key="data.text", existing="update")


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl", "rows.csv", "rows.tsv", "rows.txt"])
def test_files_of_tasks(both: Both, mine: int, there: Counting, tmp_path: Path, name: str) -> None:
    rows = [{"text": "one"}, {"text": "zwei, drei"}]
    written = {
        "rows.json": json.dumps(rows),
        "rows.jsonl": "\n".join(map(json.dumps, rows)),
        "rows.csv": 'text\none\n"zwei, drei"\n',
        "rows.tsv": "text\none\nzwei, drei\n",
        "rows.txt": "one\nzwei, drei\n",
    }
    (tmp_path / name).write_text(written[name])
    report = both("imports.tasks", mine, tmp_path / name)
    field = "$undefined$" if name == "rows.txt" else "text"
    found = {task.id: task.data for task in there.tasks(mine)}
    assert [found[task].get(field) or found[task].get("text") for task in report.task_ids] == ["one", "zwei, drei"]


def test_a_source_that_knows_its_own_thread_alone(client: Client, mine: int, there: Counting, small: None) -> None:
    with sqlite3.connect(":memory:") as database:
        database.execute("create table texts (text text)")
        database.executemany("insert into texts values (?)", [(f"text {number}",) for number in range(10)])
        told: list[int] = []
        client.imports.tasks(
            mine,
            ({"text": text} for (text,) in database.execute("select text from texts")),
            progress=lambda progress: told.append(threading.get_ident()),
        )
    assert there(mine) == 10
    assert set(told) == {threading.get_ident()}, "who asked is told in the same thread"


def test_of_two_updates_of_one_task_the_last_one_stays(both: Both, mine: int, there: Counting) -> None:
    both("imports.tasks", mine, texts(0, 2))
    given = [{"text": "text 0", "n": 1}, {"text": "text 1", "n": 1}, {"text": "text 0", "n": 2}, {"text": "text 0"}]
    both("imports.tasks", mine, given, key="data.text", existing="update")
    assert [task.data for task in there.tasks(mine)] == [{"text": "text 0"}, {"text": "text 1", "n": 1}]


def test_an_item_whose_key_was_refused_before_is_not_dropped_in_silence(both: Both, mine: int) -> None:
    given = [{"data": {"text": "a"}, "annotations": 5}, {"text": "a"}, {"text": "b"}]
    report = both("imports.tasks", mine, given, key="data.text", on_refusal="skip")
    assert [one.position for one in report.refused] == [0, 1]
    assert (report.created, report.skipped) == (1, 0)


def test_what_an_interrupted_run_has_left_is_tidied_up_by_the_next_one(
    both: Both, mine: int, there: Counting, small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(run: Any) -> Any:
        yield from ()
        raise OSError("the machine goes down")

    with monkeypatch.context() as patched:
        patched.setattr(importing, "tidy", breaks)
        with pytest.raises(OSError, match="the machine goes down"):
            both("imports.tasks", mine, texts(0, 4), ledger=tmp_path / "l")
    assert len(both.all("files.list", mine)) == 2
    assert both("imports.tasks", mine, texts(0, 4), ledger=tmp_path / "l").created == 4
    assert both.all("files.list", mine) == []
    assert there(mine) == 4


def test_what_the_server_has_no_patience_for_goes_in_halves(
    both: Both, mine: int, there: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubt, "LOOK", 0.01)
    monkeypatch.setattr(doubt, "LATE", 0.05)
    send = marked._send

    def impatient(run: Any, batch: batches.Batch, mark: str) -> Any:
        if len(batch) > 3:
            yield from ()
            raise TimedOut("no answer in time")
        return (yield from send(run, batch, mark))

    monkeypatch.setattr(marked, "_send", impatient)
    report = both("imports.tasks", mine, texts(0, 10))
    on_server = there.texts(mine)
    assert [on_server[task] for task in report.task_ids] == [f"text {number}" for number in range(10)]
