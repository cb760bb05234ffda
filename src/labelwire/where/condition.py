"""Conditions on tasks, joined by &, | and ~, and what the Data Manager can be told of them.

The server knows one conjunction for a list of filters, and beside each filter one more that holds as well. So it can be
told any number of conditions joined by &, or by | any number of conditions and of pairs joined by &. Whatever comes to
that when it is multiplied out can be said; the rest is an error before anything is sent.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NoReturn

from ..data_manager import Filters, Operator
from ..errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..data_manager import FilterItem, FilterSet

PAIR = 2
"""Conditions that one alternative among several can hold."""

SYMBOLS = {
    Operator.EQUAL: "==",
    Operator.NOT_EQUAL: "!=",
    Operator.LESS: "<",
    Operator.GREATER: ">",
    Operator.LESS_OR_EQUAL: "<=",
    Operator.GREATER_OR_EQUAL: ">=",
}

_PAIRS = (
    (Operator.EQUAL, Operator.NOT_EQUAL),
    (Operator.LESS, Operator.GREATER_OR_EQUAL),
    (Operator.GREATER, Operator.LESS_OR_EQUAL),
    (Operator.IN, Operator.NOT_IN),
    (Operator.IN_LIST, Operator.NOT_IN_LIST),
    (Operator.CONTAINS, Operator.NOT_CONTAINS),
)
OPPOSITES = {**dict(_PAIRS), **{other: one for one, other in _PAIRS}}


class Condition:
    """Which tasks are meant: conditions on columns of `F`, joined by `&`, `|` and `~`.

    `~` is the server's opposite operator. A task that has no value at all is in neither of the two where the column is
    a number or a field of the data: `F.x.is_null()` finds it.
    """

    def to_filters(self) -> FilterSet:
        """The condition as the Data Manager's filters, which `filters=` takes too.

        One among alternatives that is a pair joined by `&` needs a server that knows child filters, as 1.23 and newer
        do; an older one would look at the pair's first condition alone, so it is not asked.

        Raises:
            InvalidInput: for what the server cannot be told in one question.
        """
        clauses = self.clauses()
        if len(clauses) == 1:
            return Filters.create(Filters.AND, [atom.item() for atom in clauses[0]])
        return Filters.create(Filters.OR, [_with_child(clause) for clause in clauses])

    def clauses(self) -> list[list[Atom]]:
        """The alternatives, each as conditions that all have to hold."""
        raise NotImplementedError

    def __and__(self, other: Condition) -> Condition:
        return Joined("&", _parts("&", self, other)) if isinstance(other, Condition) else NotImplemented

    def __or__(self, other: Condition) -> Condition:
        return Joined("|", _parts("|", self, other)) if isinstance(other, Condition) else NotImplemented

    def __invert__(self) -> Condition:
        raise NotImplementedError

    def __bool__(self) -> NoReturn:
        raise InvalidInput(
            f"{self!r} is no yes or no: only the server knows. Join conditions by & for “and”, | for “or” and ~ for "
            "“not”, each in brackets: (F.id > 5) & (F.id < 9); a range is F.id.between(5, 9)."
        )


class Atom(Condition):
    """A condition on one column."""

    def __init__(self, column: str, name: str, operator: str, kind: str, value: Any, call: str = "") -> None:
        self.column = column
        self.name = name
        self.operator = operator
        self.kind = kind
        self.value = value
        self.call = call

    def item(self) -> FilterItem:
        """The condition as one filter."""
        return Filters.item(self.column, self.operator, self.kind, self.value)

    def clauses(self) -> list[list[Atom]]:
        """Itself alone."""
        return [[self]]

    def __invert__(self) -> Condition:
        if self.operator == Operator.EMPTY:
            return Atom(self.column, self.name, Operator.EMPTY, self.kind, not self.value, self.call)
        opposite = OPPOSITES.get(self.operator)
        if opposite is None:
            raise InvalidInput(f"~ {self!r}: the server has no opposite of a regular expression, or of its kin")
        return Atom(self.column, self.name, opposite, self.kind, self.value, self.call)

    def __repr__(self) -> str:
        if not self.call:
            return f"{self.name} {SYMBOLS[self.operator]} {self.value!r}"
        negated = self.operator in _NEGATED or (self.operator == Operator.EMPTY and not self.value)
        return f"{'~' if negated else ''}{self.name}.{self.call}"


_NEGATED = frozenset({Operator.NOT_IN, Operator.NOT_IN_LIST, Operator.NOT_CONTAINS})


class Joined(Condition):
    """Conditions that are joined by `&` or by `|`."""

    def __init__(self, sign: str, parts: Sequence[Condition]) -> None:
        self.sign = sign
        self.parts = tuple(parts)

    def clauses(self) -> list[list[Atom]]:
        """The alternatives, by multiplying out."""
        inside = [part.clauses() for part in self.parts]
        if self.sign == "|":
            return self._sayable([clause for clauses in inside for clause in clauses])
        found: list[list[Atom]] = [[]]
        for clauses in inside:
            found = self._sayable([[*one, *other] for one, other in product(found, clauses)])
        return found

    def _sayable(self, clauses: list[list[Atom]]) -> list[list[Atom]]:
        if len(clauses) > 1 and any(len(clause) > PAIR for clause in clauses):
            long = next(clause for clause in clauses if len(clause) > PAIR)
            raise InvalidInput(
                f"{self!r} cannot be asked in one question. The server joins conditions all by & or all by |; of the "
                f"alternatives, each may be {PAIR} conditions joined by &, and one here has {len(long)}: "
                f"{' & '.join(_bracketed(atom) for atom in long)}. Ask for the alternatives one after the other."
            )
        return clauses

    def __invert__(self) -> Condition:
        return Joined("|" if self.sign == "&" else "&", [~part for part in self.parts])

    def __repr__(self) -> str:
        return f" {self.sign} ".join(_bracketed(part) for part in self.parts)


def filters_from(filters: FilterSet | None, where: Condition | None) -> FilterSet | None:
    """The filters that are meant, by whichever of the two arguments is given.

    Raises:
        InvalidInput: for both, and for a `where` that is no condition.
    """
    if where is None:
        return filters
    if filters is not None:
        raise InvalidInput("pass where= or filters=, not both: F's conditions can say what the filters do")
    if not isinstance(where, Condition):
        raise InvalidInput(f"where= is a condition on F's columns, such as F.id > 5, not {where!r}")
    return where.to_filters()


def _parts(sign: str, *conditions: Condition) -> list[Condition]:
    """The conditions, those joined by the same sign already taken apart."""
    found: list[Condition] = []
    for one in conditions:
        found += one.parts if isinstance(one, Joined) and one.sign == sign else [one]
    return found


def _with_child(clause: Sequence[Atom]) -> FilterItem:
    item = clause[0].item()
    if len(clause) == PAIR:
        item["child_filter"] = clause[1].item()
    return item


def _bracketed(part: Condition) -> str:
    """The part as Python needs it beside & and |, which bind more tightly than a comparison."""
    return repr(part) if isinstance(part, Atom) and part.call else f"({part!r})"
