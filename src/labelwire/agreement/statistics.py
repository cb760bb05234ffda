"""The coefficients of agreement, on tables of values: a row for each annotator, a column for each unit.

A value that is missing is None. None comes back where a coefficient says nothing: without two values in any unit, or
where all values are the same, so that no agreement could come by chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from importlib import import_module
from math import isfinite
from typing import Any, Literal, TypeAlias

from ..errors import InvalidInput

Value: TypeAlias = Hashable | None
Table: TypeAlias = Sequence[Sequence[Value]]
Scale: TypeAlias = Literal["nominal", "ordinal", "interval"]


def alpha(table: Table, scale: Scale = "nominal") -> float | None:
    """Krippendorff's alpha; values of an ordinal or an interval scale are numbers.

    Raises:
        InvalidInput: where the package is missing.
    """
    krippendorff, numpy = imported("krippendorff"), imported("numpy")
    paired = [column for column in zip(*table, strict=True) if sum(value is not None for value in column) > 1]
    values = {value for column in paired for value in column if value is not None}
    if len(values) < 2:
        return None
    numbers = _numbers(values, scale)
    rows = [[numpy.nan if value is None else numbers[value] for value in row] for row in zip(*paired, strict=True)]
    found = float(krippendorff.alpha(reliability_data=numpy.array(rows, float), level_of_measurement=scale))
    return found if isfinite(found) else None


def cohen(first: Sequence[Value], second: Sequence[Value], scale: Scale = "nominal") -> float | None:
    """Cohen's kappa of two annotators, on the units that both have; weighted by squares unless it is nominal."""
    both = [(one, other) for one, other in zip(first, second, strict=True) if one is not None and other is not None]
    values = {value for pair in both for value in pair}
    if len(values) < 2:
        return None
    numbers = _numbers(values, scale)

    def apart(one: Value, other: Value) -> float:
        return float(one != other) if scale == "nominal" else (numbers[one] - numbers[other]) ** 2

    ones, others = Counter(pair[0] for pair in both), Counter(pair[1] for pair in both)
    chance = sum(apart(one, other) * n * m for one, n in ones.items() for other, m in others.items()) / len(both)
    return 1 - sum(apart(*pair) for pair in both) / chance if chance else None


def fleiss(table: Table) -> float | None:
    """Fleiss' kappa, on the units that have as many values as most units do; they are taken as of anybody's."""
    columns = [[value for value in column if value is not None] for column in zip(*table, strict=True)]
    sizes = Counter(len(column) for column in columns if len(column) > 1)
    if not sizes:
        return None
    raters = max(sizes, key=lambda size: (sizes[size], size))
    counts = [Counter(column) for column in columns if len(column) == raters]
    total = raters * len(counts)
    agreed = sum(sum(n * n for n in count.values()) - raters for count in counts) / (total * (raters - 1))
    shares = sum((Counter(count) for count in counts), Counter[Hashable]())
    chance = sum((n / total) ** 2 for n in shares.values())
    return (agreed - chance) / (1 - chance) if len(shares) > 1 else None


def mean(values: Sequence[float | None]) -> float | None:
    """The mean of those that are known; None where none is."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def imported(name: str) -> Any:
    """A package of the extra, imported.

    Raises:
        InvalidInput: where it is missing.
    """
    try:
        return import_module(name)
    except ImportError:
        raise InvalidInput(f'Agreement is measured with {name}: pip install "labelwire[agreement]".') from None


def _numbers(values: set[Hashable], scale: Scale) -> dict[Value, float]:
    """A number for each value: its own where it has one that counts."""
    if scale == "nominal":
        return {value: float(place) for place, value in enumerate(sorted(values, key=repr))}
    return {value: float(value) for value in values}  # type: ignore[arg-type]  # numbers, by the scale
