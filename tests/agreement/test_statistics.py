"""The coefficients against examples from textbooks, and against other people's libraries."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from labelwire.agreement.statistics import Scale, Value, alpha, cohen, fleiss

KRIPPENDORFF = """
* * * * * 3 4 1 2 1 1 3 3 * 3
1 * 2 1 3 3 4 3 * * * * * * *
* * 2 1 3 4 4 * 2 1 1 3 3 * 4
"""
"""The example of the coefficient's article in Wikipedia, of three coders and 15 units."""

FLEISS = (
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
)
"""The worked example of Fleiss' kappa: ten subjects, fourteen raters, five categories."""


def table(text: str) -> list[list[Value]]:
    return [[None if one == "*" else int(one) for one in line.split()] for line in text.strip().splitlines()]


@pytest.mark.parametrize(("scale", "expected"), [("nominal", 0.691), ("interval", 0.811), ("ordinal", 0.807)])
def test_alpha_is_that_of_the_textbook(scale: Scale, expected: float) -> None:
    assert alpha(table(KRIPPENDORFF), scale) == pytest.approx(expected, abs=5e-4)


def test_cohens_kappa_is_that_of_the_textbook() -> None:
    """50 grants: 20 twice yes, 15 twice no, 5 and 10 of which only one said yes: 0.4."""
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohen(first, second) == pytest.approx(0.4)


def test_fleiss_kappa_is_that_of_the_textbook() -> None:
    units = [[value for value, count in enumerate(counts) for _ in range(count)] for counts in FLEISS]
    assert fleiss(list(zip(*units, strict=True))) == pytest.approx(0.210, abs=5e-4)


RATINGS = st.lists(st.tuples(*[st.integers(1, 5)] * 3), min_size=2, max_size=30)


@given(RATINGS)
def test_kappas_are_those_of_other_libraries(units: list[tuple[int, ...]]) -> None:
    rows = list(zip(*units, strict=True))
    assume(len({*rows[0], *rows[1]}) > 1)
    assert cohen(rows[0], rows[1]) == pytest.approx(cohen_kappa_score(rows[0], rows[1]))
    weighted = cohen_kappa_score(rows[0], rows[1], weights="quadratic")
    labels = sorted({*rows[0], *rows[1]})
    if labels == list(range(labels[0], labels[-1] + 1)):  # scikit-learn's weights are of places, not of values
        assert cohen(rows[0], rows[1], "interval") == pytest.approx(weighted)
    assert fleiss(rows) == pytest.approx(fleiss_kappa(aggregate_raters(units)[0]))


def test_where_nothing_can_be_said_nothing_is() -> None:
    assert alpha([[1, None], [None, 2]]) is None
    assert alpha([["a", "a"], ["a", "a"]]) is None
    assert cohen([None], ["a"]) is None
    assert fleiss([["a"], [None]]) is None
