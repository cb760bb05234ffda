"""Which measure is for which control.

| controls | two annotations of a task, 0 to 1 | the whole project |
|---|---|---|
| choices, pairwise | what both chose, as a part of what either chose | alpha, kappas: nominal; by label too |
| taxonomy | the same, of paths | the same |
| rating | how near, on the scale of the ratings that were given | alpha: ordinal; Cohen's kappa with squared weights |
| number | how near, on the scale of the numbers that were given | alpha: interval; Cohen's kappa with squared weights |
| text | the part of the characters that are the same, in their order | none |
| date, ranker | 1 where they are equal, else 0 | alpha, kappas: nominal |
| regions | the mean IoU of all regions of either, 0 where one has no partner of the same labels | mean IoU; alpha and \
kappas of the labels of regions that match by half or more |
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

from msgspec import Struct

from ..formats.model import Answer, Choices, Moment, Number, Preference, Ranking, Rating, Taxonomy, Text
from .statistics import Scale

Kind: TypeAlias = Literal["choices", "taxonomy", "rating", "number", "text", "date", "pairwise", "ranker", "regions"]

LONGEST = 5_000
"""Characters of a text that are compared."""


class Measure(Struct, frozen=True):
    """How answers of a kind are compared.

    Attributes:
        value: the answer as one value that equals another or not; a number where the scale is not nominal.
        likeness: of two values, 0 to 1, by the distance of the least and the greatest value that were given.
        scale: that of alpha; None where chance says nothing.
        labels: the names that an answer chooses, where each can be measured on its own.
    """

    kind: Kind
    value: Callable[[Answer], Hashable]
    likeness: Callable[[Hashable, Hashable, float], float]
    scale: Scale | None = "nominal"
    labels: Callable[[Hashable], frozenset[str]] | None = None


def shared(one: Hashable, other: Hashable, _: float) -> float:
    """What two sets have in common, as a part of what they have together."""
    first, second = _set(one), _set(other)
    either = first | second
    return len(first & second) / len(either) if either else 1.0


def near(one: Hashable, other: Hashable, width: float) -> float:
    """How near two numbers are."""
    distance = abs(float(one) - float(other))  # type: ignore[arg-type]  # numbers, by the kind
    return 1 - distance / width if width else 1.0


def alike(one: Hashable, other: Hashable, _: float) -> float:
    """How much two texts have in common, white space aside."""
    first, second = (" ".join(str(text)[:LONGEST].split()) for text in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() if first or second else 1.0


def same(one: Hashable, other: Hashable, _: float) -> float:
    """Whether they are equal."""
    return float(one == other)


def _set(value: Hashable) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset({str(value)})


def _ranked(answer: Answer) -> Hashable:
    return tuple(sorted(answer.buckets.items())) if isinstance(answer, Ranking) else None


MEASURES: dict[type, Measure] = {
    Choices: Measure("choices", lambda one: frozenset(one.values), shared, labels=_set),  # type: ignore[union-attr]
    Taxonomy: Measure(
        "taxonomy",
        lambda one: frozenset(" / ".join(path) for path in one.paths),  # type: ignore[union-attr]
        shared,
        labels=_set,
    ),
    Rating: Measure("rating", lambda one: one.stars, near, "ordinal"),  # type: ignore[union-attr]
    Number: Measure("number", lambda one: one.value, near, "interval"),  # type: ignore[union-attr]
    Text: Measure("text", lambda one: "\n".join(one.lines), alike, None),  # type: ignore[union-attr]
    Moment: Measure("date", lambda one: one.value, same),  # type: ignore[union-attr]
    Preference: Measure("pairwise", lambda one: frozenset({one.side}), shared, labels=_set),  # type: ignore[union-attr]
    Ranking: Measure("ranker", _ranked, same),
}
"""The measure of each kind of answer."""
