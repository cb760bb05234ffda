"""Filters, ordering and selection of tasks, as the Data Manager understands them.

`Filters`, `Operator`, `Type` and `Column` build a filters object; `query` puts it, checked, into the object
that the API's `query` parameter (or the body of an action) takes, and `encode` writes that object for a URL.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from difflib import get_close_matches
from operator import index
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from labelwire.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_Datetime = datetime  # for Filters, where a method has that name

__all__ = [
    "Column",
    "FilterItem",
    "FilterSet",
    "Filters",
    "Operator",
    "Query",
    "SelectedItems",
    "Type",
    "check",
    "encode",
    "query",
]


class FilterItem(TypedDict):
    """One condition: `filter` is a column with its prefix, `filter:tasks:total_annotations`.

    A `child_filter` is joined to its parent by "and", whatever the conjunction; it has no child of its own.
    """

    filter: str
    operator: str
    type: str
    value: Any
    child_filter: NotRequired[FilterItem]


class FilterSet(TypedDict):
    """Conditions that are joined by one conjunction, "and" or "or"."""

    conjunction: str
    items: list[FilterItem]


class SelectedItems(TypedDict):
    """Task ids: only `included` ones (`all` is False), or all but the `excluded` ones (`all` is True)."""

    all: bool
    included: NotRequired[list[int]]
    excluded: NotRequired[list[int]]


class Query(TypedDict, total=False):
    """What the `query` parameter holds; every key may be absent, none may be null."""

    filters: FilterSet
    ordering: list[str]
    selectedItems: SelectedItems


class Filters:
    """Builds filters: `create(AND, [item(Column.id, Operator.EQUAL, Type.Number, 1)])`, say."""

    OR = "or"
    AND = "and"

    @staticmethod
    def create(conjunction: str, items: list[FilterItem]) -> FilterSet:
        """The items joined by `Filters.OR` or `Filters.AND`."""
        return {"conjunction": conjunction, "items": items}

    @staticmethod
    def item(name: str, operator: str, column_type: str, value: Any) -> FilterItem:
        """One condition on a column; `name` comes from `Column`, `tasks:` included."""
        if not isinstance(name, str):
            raise InvalidInput(f"a column's name is a string such as Column.id, not {name!r}")
        # A bare datetime could never be sent: JSON has none.
        return {
            "filter": f"filter:{name}",
            "operator": operator,
            "type": column_type,
            "value": Filters.value(value),
        }

    @staticmethod
    def datetime(dt: _Datetime) -> str:
        """The time as `2024-01-31T23:59:59.000000Z`: an aware one in UTC, a naive one as it is.

        The server reads this spelling only: it fails with 500 without microseconds, or with +00:00 for Z.
        """
        if not isinstance(dt, _Datetime):
            raise InvalidInput(f"a datetime.datetime is needed, not {dt!r}")
        if dt.utcoffset() is not None:
            try:
                dt = dt.astimezone(UTC)
            except OverflowError:
                raise InvalidInput(f"{dt!r} is outside the years 1 to 9999 in UTC") from None
        return f"{dt.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"

    @classmethod
    def value(cls, value: Any, maximum: Any = None) -> Any:
        """The value, datetimes written for the server; with a maximum `{"min", "max"}`, both inclusive."""
        low = cls.datetime(value) if isinstance(value, _Datetime) else value
        if maximum is None:
            return low
        return {"min": low, "max": cls.datetime(maximum) if isinstance(maximum, _Datetime) else maximum}


class Operator:
    """How a column is compared with the value.

    The server's documentation names `exists`, `not_exists`, `starts_with` and `ends_with` too. There is no
    code behind them: it takes them, as any word it does not know, for `equal`, or for `not_equal` if they
    begin with `not_`. What starts with abc is found by `Operator.REGEX` and `^abc`.
    """

    EQUAL = "equal"
    NOT_EQUAL = "not_equal"
    LESS = "less"
    GREATER = "greater"
    LESS_OR_EQUAL = "less_or_equal"
    GREATER_OR_EQUAL = "greater_or_equal"
    IN = "in"
    NOT_IN = "not_in"
    IN_LIST = "in_list"
    NOT_IN_LIST = "not_in_list"
    EMPTY = "empty"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    REGEX = "regex"


class Type:
    """What the server casts the value to: Number, Datetime and Boolean; other types leave it as it is.

    So the value "2" finds a 2 in the tasks' data as a Number, and not as a String.
    """

    Number = "Number"
    Datetime = "Datetime"
    Boolean = "Boolean"
    String = "String"
    List = "List"
    Unknown = "Unknown"

    # Of a current server's columns: `avg_lead_time`, and data fields that the labeling config shows as media.
    Time = "Time"
    Image = "Image"
    Audio = "Audio"
    AudioPlus = "AudioPlus"
    Video = "Video"


class Column:
    """The columns of a task.

    Community has no `ground_truth`, `reviewed`, `agreement`, `reviewers`, `reviews_rejected`,
    `reviews_accepted` and `comments`, and fails with 500 when asked for them.
    """

    id = "tasks:id"
    inner_id = "tasks:inner_id"
    ground_truth = "tasks:ground_truth"
    annotations_results = "tasks:annotations_results"
    reviewed = "tasks:reviewed"
    predictions_score = "tasks:predictions_score"
    predictions_model_versions = "tasks:predictions_model_versions"
    predictions_results = "tasks:predictions_results"
    file_upload = "tasks:file_upload"
    created_at = "tasks:created_at"
    updated_at = "tasks:updated_at"
    annotators = "tasks:annotators"  # a List, but the value is one user id: a list of them is a 500
    total_predictions = "tasks:total_predictions"
    cancelled_annotations = "tasks:cancelled_annotations"
    total_annotations = "tasks:total_annotations"
    completed_at = "tasks:completed_at"
    agreement = "tasks:agreement"
    reviewers = "tasks:reviewers"
    reviews_rejected = "tasks:reviews_rejected"
    reviews_accepted = "tasks:reviews_accepted"
    comments = "tasks:comments"
    unresolved_comment_count = "tasks:unresolved_comment_count"

    # Of a current server.
    annotations_ids = "tasks:annotations_ids"  # CONTAINS with "1,2 3" finds any of them; a number is a 500
    storage_filename = "tasks:storage_filename"  # EMPTY finds nothing: without a file it is a row of semicolons
    updated_by = "tasks:updated_by"  # as `annotators`: one user id
    avg_lead_time = "tasks:avg_lead_time"  # seconds
    draft_exists = "tasks:draft_exists"
    state = "tasks:state"  # 500 where the server's feature of that name is off, as it is in Community

    @staticmethod
    def data(task_field: str) -> str:
        """The column of a field of the task's data.

        A field inside a field is joined by two underscores, `Column.data("author__name")`: with a dot the
        server finds nothing. It fails with 500 for a field with a space in its name.
        """
        if not isinstance(task_field, str):
            raise InvalidInput(f"a data field's name is a string, not {task_field!r}")
        return f"tasks:data.{task_field}"


_PREFIX = "filter:tasks:"
_OPERATORS = frozenset(word for name, word in vars(Operator).items() if name.isupper())
_RANGES = frozenset({Operator.IN, Operator.NOT_IN})
_LISTS = frozenset({Operator.IN_LIST, Operator.NOT_IN_LIST})
_COLUMNS = frozenset(word for word in vars(Column).values() if isinstance(word, str) and word.startswith("tasks:"))
_TYPES = frozenset(word for name, word in vars(Type).items() if not name.startswith("_"))
_NO_TEXT = frozenset({Type.Number, Type.Datetime, Type.Boolean, Type.Time})
_UNFIT = {
    # Found on a server: a 500, or every task or none whatever the value.
    Operator.REGEX: _NO_TEXT | {Type.List},
    Operator.CONTAINS: _NO_TEXT,
    Operator.NOT_CONTAINS: _NO_TEXT,
    Operator.IN: frozenset({Type.Boolean}),
    Operator.NOT_IN: frozenset({Type.Boolean}),
}
"""The types that an operator does not fit."""
_YES_OR_NO = frozenset({"1", "0", "true", "false", "yes", "no"})
_SCALARS = (str, int, float)  # bool is an int


def check(filters: object) -> None:
    """Raises InvalidInput for filters whose shape the server would ignore in silence or answer with a 500."""
    if not isinstance(filters, dict):
        raise InvalidInput(f"filters are a dict, from Filters.create(), not {type(filters).__name__}")
    conjunction = filters.get("conjunction")
    if conjunction not in (Filters.OR, Filters.AND):
        raise InvalidInput(f'the conjunction of filters is "or" or "and", not {conjunction!r}')
    items = filters.get("items")
    if not isinstance(items, (list, tuple)):
        raise InvalidInput(f"the items of filters are a list, not {type(items).__name__}")
    # No items at all is fine, and finds every task.
    for position, item in enumerate(items):
        _check_item(item, f"filter {position}")


def _check_item(item: object, where: str) -> None:
    if not isinstance(item, dict):
        raise InvalidInput(f"{where} is a dict, from Filters.item(), not {type(item).__name__}")
    if "items" in item:
        raise InvalidInput(f"{where} is a group of filters: they cannot be nested; a filter may have a child_filter")
    missing = [key for key in ("filter", "operator", "type", "value") if key not in item]
    if missing:
        raise InvalidInput(f"{where} lacks {', '.join(missing)}")
    column = item["filter"]
    # The server drops a filter on any other name, and then fails with 500; in a child_filter it says nothing.
    if not isinstance(column, str) or not column.startswith(_PREFIX) or column == _PREFIX:
        raise InvalidInput(f'{where}: a column is named like "{_PREFIX}id", not {column!r}')
    where = f"{where} ({column})"
    _check_column(column.removeprefix("filter:"), where)
    kind, operator = item["type"], item["operator"]
    if not isinstance(kind, str) or kind not in _TYPES:
        raise InvalidInput(f"{where}: there is no type {kind!r}, only {', '.join(sorted(_TYPES))}")
    if not isinstance(operator, str) or operator not in _OPERATORS:
        known = ", ".join(sorted(_OPERATORS))
        raise InvalidInput(f"{where}: there is no operator {operator!r}, only {known}")
    if kind in _UNFIT.get(operator, frozenset()):
        raise InvalidInput(f"{where}: {operator} does not fit the type {kind}: the server would find all tasks or none")
    _check_value(operator, item["value"], where)
    if operator != Operator.EMPTY:
        _check_number(kind, item["value"], where)
    child = item.get("child_filter")
    if child is not None:
        _check_item(child, f"{where}, child_filter")
        if child.get("child_filter") is not None:
            # The server's own limit: what is deeper it leaves out and says nothing.
            raise InvalidInput(f"{where}: a child_filter cannot have another one")


def _check_column(column: str, where: str) -> None:
    # The server fails with 500 for a column that it does not know, and finds nothing in a data field that no task has.
    if column in _COLUMNS or (column.startswith("tasks:data.") and column != "tasks:data."):
        return
    near = get_close_matches(column, sorted(_COLUMNS), 1)
    raise InvalidInput(
        f"{where}: there is no such column{f'; did you mean {near[0]}?' if near else ''} A field of the data is "
        f'Column.data("name").'
    )


def _check_number(kind: str, value: object, where: str) -> None:
    if kind != Type.Number or not isinstance(value, str):
        return
    try:
        float(value)
    except ValueError:
        raise InvalidInput(f"{where}: a Number, not {value!r}") from None


def _check_value(operator: str, value: object, where: str) -> None:
    """The shape that the operator needs; what suits the column and the type is not looked at."""
    if isinstance(value, date):
        raise InvalidInput(f"{where}: a date is sent as a string: Filters.datetime(...)")
    if operator in _RANGES:
        if not isinstance(value, dict) or not all(isinstance(value.get(key), _SCALARS) for key in ("min", "max")):
            raise InvalidInput(f'{where}: {operator} needs {{"min": ..., "max": ...}}, not {value!r}')
    elif operator in _LISTS:
        # The server would take a string for the list of its characters.
        if not isinstance(value, (list, tuple)):
            raise InvalidInput(f"{where}: {operator} needs a list, not {value!r}")
    elif not isinstance(value, (*_SCALARS, list, tuple)):
        raise InvalidInput(f"{where}: {operator} needs a string, a number, a boolean or a list, not {value!r}")
    elif operator == Operator.EMPTY:
        if not isinstance(value, (int, float)) and str(value).lower() not in _YES_OR_NO:
            raise InvalidInput(f"{where}: empty needs True or False, not {value!r}")
    elif operator == Operator.REGEX:
        # The server answers with no task at all when it cannot read the expression.
        try:
            re.compile(str(value))
        except re.error as error:
            raise InvalidInput(f"{where}: {value!r} is no regular expression: {error}") from None


def showing(*columns: str) -> dict[str, Any]:
    """What has a listing compute these columns and no other, beside a query's filters.

    The server says of columns that are no fields of a task only what is shown or asked about: without this, a task's
    `file_upload` is null, whatever file it is from.
    """
    hidden = sorted(_COLUMNS - set(columns))
    return {"hiddenColumns": {"explore": hidden, "labeling": hidden}}


def query(
    filters: FilterSet | Mapping[str, Any] | None = None,
    ordering: str | Iterable[str] | None = None,
    selected: Iterable[int] | None = None,
    *,
    excluded: Iterable[int] | None = None,
) -> Query:
    """The object for the `query` parameter of `GET /api/tasks`, or for the body of a Data Manager action.

    Args:
        ordering: a column, `tasks:id`, with a minus in front for the other way round. Of several the server
            reads only the first.
        selected: ids of the only tasks meant, within the filters. None means all; an empty one is an error.
        excluded: ids of tasks that are not meant; not together with `selected`.
    """
    # The server ignores what it does not know: filters beside this object (`&filters=`) or in the place of it
    # (`query={"conjunction": ...}`) find every task. A null ordering or null selectedItems is a 500.
    built: Query = {}
    if filters is not None:
        check(filters)
        built["filters"] = {"conjunction": filters["conjunction"], "items": filters["items"]}
    if ordering:
        columns = [ordering] if isinstance(ordering, str) else list(ordering)
        if not all(isinstance(column, str) and column for column in columns):
            raise InvalidInput(f'the ordering is made of columns such as "-tasks:id", not {columns!r}')
        built["ordering"] = columns
    if selected is not None:
        if excluded is not None:
            raise InvalidInput("selected and excluded tasks cannot be given together")
        included = _ids(selected)
        if not included:
            # {"all": false, "included": []} means every task to the server: delete_tasks deletes them all.
            raise InvalidInput("no task is selected; the server would take that for all of them")
        built["selectedItems"] = {"all": False, "included": included}
    elif excluded is not None:
        built["selectedItems"] = {"all": True, "excluded": _ids(excluded)}
    return built


CHILD_FILTERS = "1.23"
"""The release since which the server looks at a `child_filter`; an older one finds too much, and says nothing."""


def since(filters: object) -> str:
    """The oldest release that understands the filters, or "" where any does; what are none, any may have."""
    items = filters.get("items") if isinstance(filters, dict) else None
    found = items if isinstance(items, (list, tuple)) else ()
    return CHILD_FILTERS if any(isinstance(item, dict) and item.get("child_filter") for item in found) else ""


def _ids(ids: Iterable[int]) -> list[int]:
    try:
        return [index(task) for task in ids]
    except TypeError:
        raise InvalidInput(f"task ids are whole numbers in a list, not {ids!r}") from None


def encode(query: Query | Mapping[str, Any]) -> str:
    """The query as JSON for a URL.

    The server decodes the parameter once more after its web framework has done so, which would turn "100%25"
    into "100%" and fail on "%22"; here no percent sign is left for it to find. A body needs none of this.
    """
    return json.dumps(query, separators=(",", ":")).replace("%", "\\u0025")
