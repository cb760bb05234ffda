"""What conditions come to, and what is refused before anything is sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from labelwire import F, InvalidInput
from labelwire.data_manager import Column, Filters, Operator, Type, check
from labelwire.resources.actions import Actions
from labelwire.resources.tasks import Tasks
from labelwire.where import Condition

PAST = datetime(2020, 1, 1, tzinfo=UTC)
A, B, C = F.id > 1, F.total_annotations == 0, F.data.city.contains("Oslo")


def said(condition: Condition) -> list[tuple[Any, ...]]:
    """Column, operator, type and value of each filter."""
    items = condition.to_filters()["items"]
    return [(one["filter"].removeprefix("filter:tasks:"), one["operator"], one["type"], one["value"]) for one in items]


def test_a_comparison_is_a_filter_of_the_columns_type() -> None:
    assert said(F.predictions_score < 0.4) == [("predictions_score", "less", "Number", 0.4)]
    assert said(F.data.city.contains("Oslo")) == [("data.city", "contains", "String", "Oslo")]
    assert said(F.data["odd-name"] == 5) == [("data.odd-name", "equal", "Number", 5)]
    assert said(F.data.author.name != "Ann") == [("data.author__name", "not_equal", "String", "Ann")]
    assert said(F.draft_exists == True) == [("draft_exists", "equal", "Boolean", True)]  # noqa: E712
    assert said(F.annotations_ids.isin([3, 5])) == [("annotations_ids", "contains", "String", "3,5")]


def test_times_are_sent_in_utc() -> None:
    oslo = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
    assert said(F.created_at >= oslo)[0][3] == "2026-01-31T10:00:00.000000Z"
    assert said(F.created_at.between(datetime(2026, 1, 1, tzinfo=UTC), oslo))[0][3]["min"].startswith("2026-01-01")


def test_what_is_joined_by_one_sign_is_one_conjunction() -> None:
    assert (A & B & C).to_filters()["conjunction"] == Filters.AND
    assert len(said(A & (B & C))) == 3
    assert (A | B | C).to_filters()["conjunction"] == Filters.OR
    assert len(said((A | B) | C)) == 3


def test_alternatives_may_be_pairs() -> None:
    built = ((A & B) | C).to_filters()
    assert built["conjunction"] == Filters.OR
    assert built["items"][0]["child_filter"]["filter"] == "filter:tasks:total_annotations"
    assert "child_filter" not in built["items"][1]
    check(built)


def test_what_can_be_multiplied_out_is_said_so() -> None:
    assert (A & (B | C)).to_filters() == ((A & B) | (A & C)).to_filters()


def test_what_the_server_cannot_be_told_is_refused_with_the_reason() -> None:
    with pytest.raises(InvalidInput, match="one after the other"):
        ((A & B & C) | (F.id == 9)).to_filters()
    with pytest.raises(InvalidInput, match="has 3"):
        (A & B & (C | (F.id == 9))).to_filters()


def test_not_is_the_opposite_operator_all_the_way_down() -> None:
    assert said(~(F.id == 1)) == said(F.id != 1)
    assert said(~F.data.city.contains("x")) == [("data.city", "not_contains", "String", "x")]
    assert said(~F.completed_at.is_null())[0][1:] == ("empty", "Datetime", False)
    assert (~(A & B)).to_filters() == ((F.id <= 1) | (F.total_annotations != 0)).to_filters()
    assert said(~~(F.id.isin([1, 2]))) == said(F.id.isin([1, 2]))
    with pytest.raises(InvalidInput, match="no opposite"):
        ~F.data.city.matches("^O")


@pytest.mark.parametrize(
    "text",
    [
        "F.predictions_score < 0.4",
        "(F.predictions_score < 0.4) & F.data.city.contains('Oslo')",
        "F.data['odd-name'].isin(['a', 'b']) | ((F.id > 1) & (F.id != 7))",
        "~F.annotators.contains(5)",
        "~F.completed_at.is_null()",
        "F.id.between(1, 9)",
    ],
)
def test_a_condition_shows_itself_as_it_is_written(text: str) -> None:
    condition = eval(text, {"F": F})  # noqa: S307 - the texts above
    assert repr(condition) == text
    assert eval(repr(condition), {"F": F}).to_filters() == condition.to_filters()  # noqa: S307


def test_and_in_the_place_of_the_sign_is_an_error_with_advice() -> None:
    with pytest.raises(InvalidInput, match="Join conditions by &"):
        pytest.fail(str((F.id == 1) and A))
    with pytest.raises(InvalidInput, match="between"):
        assert 1 < F.id < 5
    with pytest.raises(InvalidInput, match="compare it"):
        bool(F.id)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: F.id.contains("5"), "F.id: contains does not fit; what does is .*between"),
        (lambda: F.predictions_score < "0.4", "compared with a number"),
        (lambda: F.id == True, "compared with a number"),  # noqa: E712
        (lambda: F.id == float("nan"), "compared with a number"),
        (lambda: F.created_at > date(2026, 1, 1), "datetime.datetime"),  # type: ignore[operator]
        (lambda: F.created_at > "2026-01-01", "datetime.datetime"),
        (lambda: F.draft_exists == "yes", "True or False"),
        (lambda: F.annotators == 5, "contains, is_null, with the id of a user"),
        (lambda: F.annotators.contains("ann@example.org"), "the id of a user"),
        (lambda: F.completed_at == None, r"F.completed_at.is_null\(\)"),  # noqa: E711
        (lambda: F.data.day == date(2026, 1, 1), "as text"),
        (lambda: F.data.city.isin("Oslo"), "a list of values"),
        (lambda: F.data.city.isin(["Oslo", 5]), "several types"),
        (lambda: F.data.city.contains(5), "takes a string"),
        (lambda: F.data.city.matches("("), "no regular expression"),
        (lambda: F.data["two words"], "with a space"),
        (lambda: F.data["author.name"], r'\["author"\]\["name"\]'),
        (lambda: F.prediction_score, r"did you mean F.predictions_score\?"),  # type: ignore[attr-defined]
        (lambda: F.city, r"F.data.city"),  # type: ignore[attr-defined]
        (lambda: F.storage_filename.is_null(), "does not fit"),
        (lambda: Tasks.list(None, project=1, where=A, filters=B.to_filters()), "not both"),
        (lambda: Tasks.list(None, project=1, where="id > 5"), "not 'id > 5'"),  # type: ignore[arg-type]
        (lambda: Actions.run(None, "delete_tasks", project=1), "where"),
    ],
)
def test_what_does_not_fit_is_refused_before_it_is_sent(wrong: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        wrong()


def test_every_column_of_the_old_names_is_there() -> None:
    old = {name.removeprefix("tasks:") for name in vars(Column).values() if str(name).startswith("tasks:")}
    ours = {name for name in vars(type(F)) if not name.startswith("_")} - {"data"}
    assert old == ours


def test_whatever_fits_a_column_passes_the_check_of_filters() -> None:
    values: dict[str, Any] = {
        Type.Number: 5, Type.Time: 1.5, Type.Datetime: PAST, Type.Boolean: True, Type.String: "a"
    }  # fmt: skip
    for name in {name for name in vars(type(F)) if not name.startswith("_")} - {"data"}:
        column = getattr(F, name)
        kind = column._kind
        value = 5 if "id" in kind.noun.split() else values.get(kind.type, "v1")
        for method in ("contains", "startswith", "endswith", "matches"):
            if method in kind.fits:
                check(getattr(column, method)(value).to_filters())
        if "is_null" in kind.fits:
            check((~column.is_null()).to_filters())
        if "==" in kind.fits:
            check((column == value).to_filters())
        if "isin" in kind.fits:
            check(column.isin([value]).to_filters())
        if "between" in kind.fits:
            check(column.between(value, value).to_filters())
    assert Operator.IN_LIST in str(F.id.isin([]).to_filters())
