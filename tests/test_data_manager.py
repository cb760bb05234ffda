"""The old names give the old results, and filters that the server would misread are not sent."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from labelwire.data_manager import _UNFIT as UNFIT
from labelwire.data_manager import (
    Column,
    FilterItem,
    Filters,
    FilterSet,
    Operator,
    Type,
    check,
    encode,
    query,
)
from labelwire.errors import InvalidInput

# The constants of label-studio-sdk 0.0.34.
OPERATORS = {
    "EQUAL": "equal",
    "NOT_EQUAL": "not_equal",
    "LESS": "less",
    "GREATER": "greater",
    "LESS_OR_EQUAL": "less_or_equal",
    "GREATER_OR_EQUAL": "greater_or_equal",
    "IN": "in",
    "NOT_IN": "not_in",
    "IN_LIST": "in_list",
    "NOT_IN_LIST": "not_in_list",
    "EMPTY": "empty",
    "CONTAINS": "contains",
    "NOT_CONTAINS": "not_contains",
    "REGEX": "regex",
}
TYPES = ["Number", "Datetime", "Boolean", "String", "List", "Unknown"]
COLUMNS = [
    "id",
    "inner_id",
    "ground_truth",
    "annotations_results",
    "reviewed",
    "predictions_score",
    "predictions_model_versions",
    "predictions_results",
    "file_upload",
    "created_at",
    "updated_at",
    "annotators",
    "total_predictions",
    "cancelled_annotations",
    "total_annotations",
    "completed_at",
    "agreement",
    "reviewers",
    "reviews_rejected",
    "reviews_accepted",
    "comments",
    "unresolved_comment_count",
]
# The columns that GET /api/dm/columns/ of a 1.23.2 lists, without the data's own.
SERVER_COLUMNS = [
    "id",
    "inner_id",
    "completed_at",
    "total_annotations",
    "cancelled_annotations",
    "total_predictions",
    "annotators",
    "annotations_results",
    "annotations_ids",
    "predictions_score",
    "predictions_model_versions",
    "predictions_results",
    "file_upload",
    "storage_filename",
    "created_at",
    "updated_at",
    "updated_by",
    "avg_lead_time",
    "draft_exists",
]

NOON = datetime(2024, 1, 2, 12, 0, 0, 5)  # noqa: DTZ001 - naive on purpose
NOON_TEXT = "2024-01-02T12:00:00.000005Z"


def item(**changes: Any) -> dict[str, Any]:
    return {"filter": "filter:tasks:id", "operator": "equal", "type": "Number", "value": 1} | changes


def one(**changes: Any) -> dict[str, Any]:
    return {"conjunction": "and", "items": [item(**changes)]}


def test_the_constants_of_0_0_34() -> None:
    assert (Filters.OR, Filters.AND) == ("or", "and")
    assert {name: getattr(Operator, name) for name in OPERATORS} == OPERATORS
    assert [getattr(Type, name) for name in TYPES] == TYPES
    assert [getattr(Column, name) for name in COLUMNS] == [f"tasks:{name}" for name in COLUMNS]


def test_the_signatures_of_0_0_34() -> None:
    assert list(inspect.signature(Filters.create).parameters) == ["conjunction", "items"]
    assert list(inspect.signature(Filters.item).parameters) == ["name", "operator", "column_type", "value"]
    assert list(inspect.signature(Filters.datetime).parameters) == ["dt"]
    assert str(inspect.signature(Filters.value).replace(return_annotation=inspect.Signature.empty)) == (
        "(value: 'Any', maximum: 'Any' = None)"
    )
    assert list(inspect.signature(Column.data).parameters) == ["task_field"]


def test_every_column_of_the_server_has_a_name() -> None:
    assert [getattr(Column, name) for name in SERVER_COLUMNS] == [f"tasks:{name}" for name in SERVER_COLUMNS]


# Right: what 0.0.34 gave.
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((1,), 1),
        ((1.5,), 1.5),
        ((False,), False),
        ((None,), None),
        (("a",), "a"),
        (([1],), [1]),
        (({"a": 1},), {"a": 1}),
        ((NOON,), NOON_TEXT),
        ((1, 2), {"min": 1, "max": 2}),
        ((0, 0), {"min": 0, "max": 0}),
        ((5, False), {"min": 5, "max": False}),
        (("a", "b"), {"min": "a", "max": "b"}),
        ((NOON, NOON), {"min": NOON_TEXT, "max": NOON_TEXT}),
        ((NOON, "2024"), {"min": NOON_TEXT, "max": "2024"}),
        ((5, NOON), {"min": 5, "max": NOON_TEXT}),
    ],
)
def test_values_of_0_0_34(arguments: tuple[Any, ...], expected: object) -> None:
    result = Filters.value(*arguments)
    assert result == expected
    assert type(result) is type(expected)


def test_filters_of_0_0_34() -> None:
    items = [
        Filters.item(Column.id, Operator.GREATER, Type.Number, Filters.value(42)),
        Filters.item(Column.data("text"), Operator.CONTAINS, Type.String, Filters.value("x")),
    ]
    filters = Filters.create(Filters.OR, items)
    assert filters == {
        "conjunction": "or",
        "items": [
            {"filter": "filter:tasks:id", "operator": "greater", "type": "Number", "value": 42},
            {"filter": "filter:tasks:data.text", "operator": "contains", "type": "String", "value": "x"},
        ],
    }
    assert filters["items"] is items


def test_a_bare_datetime_in_an_item_can_be_sent() -> None:
    assert Filters.item(Column.created_at, Operator.LESS, Type.Datetime, NOON)["value"] == NOON_TEXT


def test_an_aware_datetime_is_converted() -> None:
    # 0.0.34 gave 12:00Z for noon in Berlin.
    berlin = timezone(timedelta(hours=1))
    assert Filters.datetime(NOON.replace(tzinfo=berlin)) == "2024-01-02T11:00:00.000005Z"
    assert Filters.value(NOON.replace(tzinfo=berlin), NOON.replace(tzinfo=UTC)) == {
        "min": "2024-01-02T11:00:00.000005Z",
        "max": NOON_TEXT,
    }


@settings(deadline=None)
@given(st.datetimes(timezones=st.none() | st.timezones() | st.just(UTC)))
def test_the_server_reads_every_datetime(moment: datetime) -> None:
    try:
        text = Filters.datetime(moment)
    except InvalidInput:
        assume(False)  # the first and last hours of the calendar
    read = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007 - the server's own call
    assert read == (moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment)


@pytest.mark.parametrize("wrong", [date(2024, 1, 2), "2024-01-02", None, 5])
def test_what_is_no_datetime(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match=r"datetime\.datetime"):
        Filters.datetime(wrong)


def test_a_datetime_beyond_the_calendar() -> None:
    with pytest.raises(InvalidInput, match="1 to 9999"):
        Filters.datetime(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))))


@pytest.mark.parametrize("wrong", [None, 1])
def test_what_is_no_name(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="string"):
        Filters.item(wrong, Operator.EQUAL, Type.Number, 1)
    with pytest.raises(InvalidInput, match="string"):
        Column.data(wrong)


# Each of these a 1.23.2 answers with a 500, with every task, or with none.
@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (None, "NoneType"),
        ([item()], "not list"),
        (json.dumps(one()), "not str"),
        ({"items": [item()]}, "conjunction"),
        (one() | {"conjunction": "AND"}, "'AND'"),
        (one() | {"conjunction": []}, "conjunction"),
        ({"conjunction": "and"}, "items"),
        ({"conjunction": "and", "items": item()}, "not dict"),
        ({"conjunction": "and", "items": "x"}, "not str"),
        ({"conjunction": "and", "items": [1]}, "filter 0 is a dict"),
        ({"conjunction": "and", "items": [item(), one()]}, "filter 1 is a group"),
        (
            {"conjunction": "and", "items": [{"filter": "filter:tasks:id", "value": 1}]},
            "lacks operator, type",
        ),
        (one(filter="tasks:id"), "'tasks:id'"),
        (one(filter="id"), "filter:tasks:id"),
        (one(filter="filter:id"), "'filter:id'"),
        (one(filter="filter:annotations:id"), "annotations"),
        (one(filter="filter:tasks:"), "column"),
        (one(filter=None), "column"),
        (one(operator="starts_with"), "'starts_with'"),
        (one(operator="Equal"), "'Equal'"),
        (one(operator="not_exists"), "not_exists"),
        (one(operator=""), "no operator"),
        (one(operator=None), "no operator"),
        (one(operator=["equal"]), "no operator"),
        (one(type=None), "type"),
        (one(value=None), "None"),
        (one(value={"min": 1, "max": 2}), "equal needs"),
        (one(value=date(2024, 1, 2)), r"Filters\.datetime"),
        (one(value=NOON), r"Filters\.datetime"),
        (one(operator="in", value=[1, 2]), '"min"'),
        (one(operator="in", value={"min": 1}), '"max"'),
        (one(operator="not_in", value={"min": None, "max": 1}), '"min"'),
        (one(operator="in_list", value="12"), "a list"),
        (one(operator="not_in_list", value=1), "a list"),
        (one(operator="empty", value=""), "True or False"),
        (one(operator="empty", value="x"), "True or False"),
        (one(operator="empty", value=[True]), "True or False"),
        (one(operator="regex", type="String", value="("), "regular expression"),
        (one(child_filter={}), "child_filter lacks"),
        (one(child_filter=item(filter="tasks:id")), "child_filter: a column"),
        (one(child_filter=item(child_filter=item())), "another one"),
    ],
)
def test_filters_that_are_refused(filters: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        check(filters)
    if filters is not None:
        with pytest.raises(InvalidInput, match=words):
            query(filters)


# Each of these a 1.23.2 takes and understands.
@pytest.mark.parametrize(
    "filters",
    [
        {"conjunction": "or", "items": []},
        {"conjunction": "and", "items": (item(),)},
        one(filter="filter:tasks:data.a__b"),
        one(value="2"),
        one(value=True),
        one(type="Time"),
        one(operator="in", value={"min": "1", "max": 2.5}),
        one(operator="in_list", value=[]),
        one(operator="empty", value="Yes"),
        one(operator="empty", value=0),
        one(operator="contains", value=["v1"], type="List", filter="filter:tasks:predictions_model_versions"),
        one(operator="regex", type="String", value="^a.*"),
        one(child_filter=item(operator="less")),
        one(child_filter=None),
    ],
)
def test_filters_that_pass(filters: dict[str, Any]) -> None:
    check(filters)
    assert query(filters) == {"filters": filters}


scalars = st.text() | st.integers() | st.floats(allow_nan=False) | st.booleans()
columns = st.sampled_from([f"tasks:{name}" for name in SERVER_COLUMNS]) | st.text(min_size=1).map(Column.data)
types = st.sampled_from(TYPES)
comparisons = sorted(set(OPERATORS.values()) - {"in", "not_in", "in_list", "not_in_list", "empty", "regex"})
built_items = (
    st.builds(Filters.item, columns, st.sampled_from(comparisons), types, scalars)
    | st.builds(
        Filters.item,
        columns,
        st.sampled_from(["in", "not_in"]),
        types,
        st.builds(Filters.value, scalars, scalars),
    )
    | st.builds(Filters.item, columns, st.sampled_from(["in_list", "not_in_list"]), types, st.lists(scalars))
    | st.builds(Filters.item, columns, st.just("empty"), types, st.booleans())
)


def fits(item: FilterItem) -> bool:
    """Whether the operator fits the type, and a number is one."""
    number = item["type"] == "Number" and item["operator"] != "empty" and isinstance(item["value"], str)
    return not number and item["type"] not in UNFIT.get(item["operator"], frozenset())


built_filters = st.builds(
    Filters.create, st.sampled_from(["or", "and"]), st.lists(built_items.filter(fits), max_size=4)
)


@settings(deadline=None)
@given(built_filters)
def test_what_is_built_passes_and_survives_the_url(filters: FilterSet) -> None:
    built = query(filters, ordering="-tasks:id", selected=[1, 2])
    text = encode(built)
    assert "%" not in text
    # The server's reading of a parameter that its framework has decoded already.
    assert json.loads(unquote(text)) == built


def test_a_percent_sign_is_not_decoded_twice() -> None:
    text = encode(query(one(type="String", value="100%25 of a%22b")))
    assert json.loads(unquote(text))["filters"]["items"][0]["value"] == "100%25 of a%22b"


def test_an_empty_query() -> None:
    assert query() == {}
    assert query(ordering=[]) == {}  # a null for any of the three is a 500
    assert encode(query()) == "{}"


def test_a_whole_query() -> None:
    filters = Filters.create(Filters.AND, [Filters.item(Column.id, Operator.IN_LIST, Type.List, [1, 2])])
    assert query(filters, ordering=["-tasks:id"], selected=range(1, 3)) == {
        "filters": filters,
        "ordering": ["-tasks:id"],
        "selectedItems": {"all": False, "included": [1, 2]},
    }


def test_one_column_as_ordering() -> None:
    assert query(ordering="-tasks:id") == {"ordering": ["-tasks:id"]}


@pytest.mark.parametrize("wrong", [[""], [1], [None]])
def test_an_ordering_that_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="ordering"):
        query(ordering=wrong)


def test_excluded_tasks() -> None:
    assert query(excluded=(3,)) == {"selectedItems": {"all": True, "excluded": [3]}}
    assert query(excluded=[]) == {"selectedItems": {"all": True, "excluded": []}}


def test_no_selected_task_is_not_every_task() -> None:
    # 1.23.2: delete_tasks with {"all": false, "included": []} deletes all tasks of the project.
    with pytest.raises(InvalidInput, match="no task is selected"):
        query(selected=[])
    with pytest.raises(InvalidInput, match="together"):
        query(selected=[1], excluded=[2])


@pytest.mark.parametrize("wrong", ["12", ["1"], [1.5], 7, [None]])
def test_ids_that_are_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="whole numbers"):
        query(selected=wrong)
    with pytest.raises(InvalidInput, match="whole numbers"):
        query(excluded=wrong)


def test_items_are_plain_dicts() -> None:
    built: FilterItem = Filters.item(Column.id, Operator.EQUAL, Type.Number, 1)
    assert type(built) is dict
    assert json.loads(json.dumps(built)) == built


@pytest.mark.parametrize(
    ("column", "operator", "kind", "value", "said"),
    [
        ("tasks:created", Operator.LESS, Type.Datetime, "x", "did you mean tasks:created_at"),
        ("tasks:nonsense", Operator.EQUAL, Type.String, "x", "no such column"),
        ("tasks:data.", Operator.EQUAL, Type.String, "x", "no such column"),
        (Column.id, Operator.CONTAINS, Type.Number, 1, "contains does not fit the type Number"),
        (Column.id, Operator.REGEX, Type.Number, "1", "regex does not fit the type Number"),
        (Column.draft_exists, Operator.IN, Type.Boolean, {"min": 0, "max": 1}, "in does not fit the type Boolean"),
        (Column.annotators, Operator.REGEX, Type.List, "1", "regex does not fit the type List"),
        (Column.id, Operator.EQUAL, "Numbr", 1, "no type 'Numbr'"),
        (Column.id, Operator.EQUAL, Type.Number, "one", "a Number, not 'one'"),
    ],
)
def test_what_the_server_would_ignore_is_refused(column: str, operator: str, kind: str, value: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        check(Filters.create(Filters.AND, [Filters.item(column, operator, kind, value)]))


@pytest.mark.parametrize(
    ("column", "operator", "kind", "value"),
    [
        (Column.completed_at, Operator.EMPTY, Type.Boolean, True),
        (Column.data("anything__at__all"), Operator.CONTAINS, Type.Unknown, "x"),
        (Column.id, Operator.EQUAL, Type.Number, "12"),
        (Column.annotators, Operator.CONTAINS, Type.List, 1),
        (Column.predictions_results, Operator.REGEX, Type.String, "Cat|Dog"),
        (Column.ground_truth, Operator.EQUAL, Type.Boolean, True),
    ],
)
def test_what_scripts_use_passes(column: str, operator: str, kind: str, value: Any) -> None:
    check(Filters.create(Filters.AND, [Filters.item(column, operator, kind, value)]))
