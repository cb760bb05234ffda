"""From the `value` of a result that is no region to an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .model import Answer, Choices, Moment, Number, Other, Preference, Ranking, Rating, Taxonomy, Text
from .seen import Misfit, number

Value: TypeAlias = Mapping[str, Any]


def strings(given: Any, what: str) -> tuple[str, ...]:
    """One string or a list of them."""
    if type(given) is list and len(given) == 1 and type(given[0]) is str:
        return (given[0],)  # what nearly every region has
    if isinstance(given, str):
        return (given,)
    if isinstance(given, list) and all(type(one) is str for one in given):
        return tuple(given)
    if isinstance(given, list) and all(isinstance(one, (str, int, float)) for one in given):
        return tuple(map(str, given))  # a label such as 1, which some importers write as a number
    raise Misfit(f"its {what} is no list of strings" if given is not None else f"its {what} is missing")


def choices(value: Value) -> Answer:
    """What was chosen."""
    given = value.get("choices")
    if isinstance(given, list) and given and all(isinstance(one, list) for one in given):
        return Taxonomy(tuple(strings(one, "choices") for one in given))
    return Choices(strings(given, "choices"))


def taxonomy(value: Value) -> Answer:
    """What was chosen of a tree."""
    given = value.get("taxonomy")
    if not isinstance(given, list):
        raise Misfit("its taxonomy is no list")
    if all(isinstance(one, str) for one in given):
        return Taxonomy((tuple(given),) if given else ())
    return Taxonomy(tuple(strings(one, "taxonomy") for one in given))


def text(value: Value) -> Answer:
    """What was written."""
    return Text(strings(value.get("text"), "text"))


def entered(value: Value) -> Answer:
    """A number."""
    return Number(number(value.get("number"), "number"))


def stars(value: Value) -> Answer:
    """A rating."""
    return Rating(number(value.get("rating"), "rating"))


def moment(value: Value) -> Answer:
    """A date or time."""
    given = value.get("datetime")
    if not isinstance(given, str):
        raise Misfit("its datetime is no string")
    return Moment(given)


def preference(value: Value) -> Answer:
    """One of two."""
    given = value.get("selected")
    if not isinstance(given, str):
        raise Misfit("its selected is no string")
    return Preference(given)


def ranking(value: Value) -> Answer:
    """Items in order."""
    given = value.get("ranker")
    if isinstance(given, list):
        return Ranking({"": strings(given, "ranker")})
    if isinstance(given, dict):
        return Ranking({str(bucket): strings(items, "ranker") for bucket, items in given.items()})
    raise Misfit("its ranker is no list of items")


ANSWERS: dict[str, Callable[[Value], Answer]] = {
    "choices": choices,
    "taxonomy": taxonomy,
    "textarea": text,
    "number": entered,
    "rating": stars,
    "datetime": moment,
    "pairwise": preference,
    "ranker": ranking,
    "list": ranking,
}
"""The function for each type of result."""


def answer_of(type: str, value: Value) -> Answer:
    """The answer; one of a type that has no function here is kept as it is."""
    found = ANSWERS.get(type)
    return found(value) if found is not None else Other(value)
