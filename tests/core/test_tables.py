"""Tables of tasks for pandas, polars and Arrow: nothing is lost, types are what the values are."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwire import InvalidInput
from labelwire.core.tables import to_arrow, to_pandas, to_polars
from labelwire.resources.tasks import Task

MOMENT = "2026-01-02T03:04:05.678901Z"
ROWS: list[dict[str, Any]] = [
    {
        "id": 1,
        "data": {"text": "a", "n": 1},
        "annotations": [{"id": 7, "result": [{"value": {"choices": ["good"]}}], "prediction": {}}],
        "created_at": MOMENT,
        "score": 1,
        "is_labeled": True,
    },
    {
        "id": 2,
        "data": {"text": None, "url": "u"},
        "annotations": [],
        "created_at": None,
        "score": 0.5,
        "file_upload": 3,
    },
]
COLUMNS = ["id", "data.text", "data.n", "data.url", "annotations", "created_at", "score", "is_labeled", "file_upload"]
WHEN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def from_polars(rows: Any) -> list[dict[str, Any]]:
    return to_polars(rows).to_dicts()


def from_arrow(rows: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = to_arrow(rows).to_pylist()
    return found


typed = pytest.mark.parametrize("read", [from_polars, from_arrow])
Read = Callable[[Any], list[dict[str, Any]]]


def test_pandas() -> None:
    frame = to_pandas(iter(ROWS))
    assert list(frame.columns) == COLUMNS
    assert list(frame["id"]) == [1, 2]
    assert frame["id"].dtype == "int64"
    assert frame["file_upload"].dtype == "Int64"
    assert list(frame["file_upload"].dropna()) == [3]
    assert frame["score"].dtype == "float64"
    assert frame["created_at"][0] == pd.Timestamp(WHEN)
    assert frame["annotations"][0] is ROWS[0]["annotations"]
    assert list(frame.query("id == 2")["data.url"]) == ["u"]


@typed
def test_typed_tables(read: Read) -> None:
    first, second = read(iter(ROWS))
    assert list(first) == COLUMNS
    assert first["created_at"] == WHEN
    assert first["annotations"] == [{"id": 7, "result": [{"value": {"choices": ["good"]}}]}]
    assert second == dict.fromkeys(COLUMNS) | {
        "id": 2,
        "data.url": "u",
        "annotations": [],
        "score": 0.5,
        "file_upload": 3,
    }


@typed
def test_models_are_rows_as_well(read: Read) -> None:
    assert read([Task(row) for row in ROWS]) == read(ROWS)
    assert to_pandas([Task(row) for row in ROWS]).equals(to_pandas(ROWS))


def test_nothing_gives_an_empty_table() -> None:
    assert to_pandas([]).shape == to_polars([]).shape == to_arrow([]).shape == (0, 0)


@typed
@pytest.mark.parametrize(
    "values",
    [
        [1, "a", None],
        [True, 1],
        [[1], {"a": 1}],
        [{"a": 1}, {"a": "x"}],
        [2**53 + 1, 0.5],
        [2**63, 1],
        [{}, {}],
        [[{}]],
        [{"k": {str(n): 1 for n in range(300)}}],
        ["half \ud83d", "é"],
    ],
)
def test_values_without_a_common_type_are_json(read: Read, values: list[Any]) -> None:
    found = [row["data.x"] for row in read([{"data": {"x": value}} for value in values])]
    assert [None if text is None else json.loads(text) for text in found] == values


@typed
@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([{"a": 1}, {"b": 2.5}], [{"a": 1, "b": None}, {"a": None, "b": 2.5}]),
        ([[1, 2.5], None, []], [[1.0, 2.5], None, []]),
        ([{"v": [1]}, {"v": [0.5]}], [{"v": [1.0]}, {"v": [0.5]}]),
        ([2**53 + 1, 1], [2**53 + 1, 1]),
        ([None, None], [None, None]),
        ([[], []], [[], []]),
        ([[float("inf"), 1]], [[float("inf"), 1.0]]),
        (["é😀", None], ["é😀", None]),
    ],
)
def test_values_with_a_common_type_have_it(read: Read, values: list[Any], wanted: list[Any]) -> None:
    assert [row["data.x"] for row in read([{"data": {"x": value}} for value in values])] == wanted


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)


@typed
@given(st.lists(VALUES, max_size=4))
def test_whatever_the_values_are_the_table_holds_them(read: Read, values: list[Any]) -> None:
    found = [row["data.x"] for row in read([{"data": {"x": value}} for value in values])]
    for value, kept in zip(values, found, strict=True):
        assert _bare(kept) == _bare(value) or json.loads(kept) == value


def _bare(value: Any) -> Any:
    """The value without fields that hold nothing, which a table cannot tell from absent ones."""
    if isinstance(value, dict):
        inner = {field: _bare(item) for field, item in value.items()}
        return {field: item for field, item in inner.items() if item not in (None, {})}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def test_dates_that_are_none_stay_text() -> None:
    rows = [{"created_at": "yesterday"}, {"created_at": MOMENT}]
    assert from_arrow(rows) == from_polars(rows) == rows
    assert list(to_pandas(rows)["created_at"]) == ["yesterday", MOMENT]


def test_tables_can_be_written_as_parquet() -> None:
    sink = io.BytesIO()
    to_polars(ROWS).write_parquet(sink)
    sink.seek(0)
    assert pl.read_parquet(sink).columns == COLUMNS
    sink = io.BytesIO()
    pq.write_table(to_arrow(ROWS), sink)
    assert pq.read_table(sink).schema.field("created_at").type == pa.timestamp("us", "UTC")


@pytest.mark.parametrize("read", [to_pandas, to_polars, to_arrow])
def test_a_row_that_is_none_is_refused(read: Callable[[Any], Any]) -> None:
    with pytest.raises(InvalidInput, match="Row 2 is a int"):
        read([{"id": 1}, 5])


@pytest.mark.parametrize(
    ("read", "module", "extra"),
    [(to_pandas, "pandas", "pandas"), (to_polars, "polars", "polars"), (to_arrow, "pyarrow", "arrow")],
)
def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[Any], Any], module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InvalidInput) as caught:
        read(ROWS)
    assert f'pip install "labelwire[{extra}]"' in str(caught.value)
