"""The columns of a task that conditions are about, and which comparisons fit each."""

from __future__ import annotations

import operator as op
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from math import isfinite
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from msgspec import Struct

from ..data_manager import Filters, Operator, Type
from ..errors import InvalidInput
from .condition import Atom, Condition

Value: TypeAlias = str | int | float | bool | datetime
"""What a column is compared with; a naive datetime is UTC."""

COMPARED = "== != < > <= >= between isin"


class Kind(Struct, frozen=True):
    """What a column holds: its type for the server, what its values are in Python, and the comparisons that fit."""

    type: str
    noun: str
    fits: frozenset[str]
    advice: str = ""


def _kind(type: str, noun: str, fits: str, advice: str = "") -> Kind:
    return Kind(type, noun, frozenset(fits.split()), advice)


NUMBER = _kind(Type.Number, "a number", f"{COMPARED} is_null")
SECONDS = _kind(Type.Time, "a number of seconds", f"{COMPARED} is_null")
MOMENT = _kind(Type.Datetime, "a datetime", f"{COMPARED} is_null", "datetime.datetime, UTC where it is naive")
FLAG = _kind(Type.Boolean, "True or False", "== !=")
TEXT = _kind(Type.String, "a string", f"{COMPARED} contains startswith endswith matches is_null")
# A storage's file names are a row of semicolons where there are none, which is_null would never find.
NAMES = _kind(Type.String, "a string", "== != contains startswith endswith matches")
USERS = _kind(Type.List, "the id of a user", "contains is_null", "several are joined by |")
VERSIONS = _kind(Type.List, "a string", "contains is_null", "a part of the version's name is enough")
IDS = _kind(Type.String, "the id of an annotation", "contains isin is_null")
RESULTS = _kind(Type.String, "a string", "contains matches", "the results are compared as JSON text")
# The server takes the annotations' results for the predictions' when it looks whether there are any.
ANSWERS = _kind(Type.String, "a string", "contains matches is_null", "the results are compared as JSON text")
DATA = _kind(Type.String, "a string, a number or a bool", f"{COMPARED} contains startswith endswith matches is_null")

UNSENDABLE = re.compile(r"""[\s'"`;\[\]]|--|/\*|\*/""")
"""What a name of a data field must not hold: the server fails with 500."""


class Column:
    """A column of the Data Manager: `F.id > 5`, `F.created_at.between(start, end)`, `F.annotators.contains(user)`.

    Raises InvalidInput for a comparison that does not fit what the column holds, and for a value of another type.
    """

    def __init__(self, name: str, kind: Kind) -> None:
        self._name = name
        self._kind = kind

    def __repr__(self) -> str:
        return f"F.{self._name}"

    __hash__ = None  # type: ignore[assignment]  # equality makes a condition

    def __eq__(self, other: Value) -> Condition:  # type: ignore[override]
        return self._compare("==", Operator.EQUAL, other)

    def __ne__(self, other: Value) -> Condition:  # type: ignore[override]
        return self._compare("!=", Operator.NOT_EQUAL, other)

    def __lt__(self, other: Value) -> Condition:
        return self._compare("<", Operator.LESS, other)

    def __gt__(self, other: Value) -> Condition:
        return self._compare(">", Operator.GREATER, other)

    def __le__(self, other: Value) -> Condition:
        return self._compare("<=", Operator.LESS_OR_EQUAL, other)

    def __ge__(self, other: Value) -> Condition:
        return self._compare(">=", Operator.GREATER_OR_EQUAL, other)

    def __bool__(self) -> NoReturn:
        raise InvalidInput(f"{self!r} is a column, no yes or no: compare it, {self!r} == …, or ask .is_null()")

    def between(self, low: Value, high: Value) -> Condition:
        """The tasks whose value is `low`, `high` or between them."""
        kind, sent = self._checked("between", [low, high])
        return self._atom(Operator.IN, kind, {"min": sent[0], "max": sent[1]}, f"between({low!r}, {high!r})")

    def isin(self, values: Iterable[Value]) -> Condition:
        """The tasks whose value is one of these; for `annotations_ids`, that have one of these annotations."""
        if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
            raise InvalidInput(f"{self!r}.isin() takes a list of values, not {values!r}")
        given = list(values)
        kind, sent = self._checked("isin", given)
        call = f"isin({given!r})"
        if self._kind is IDS:
            return self._atom(Operator.CONTAINS, kind, ",".join(map(str, sent)), call)
        return self._atom(Operator.IN_LIST, kind, sent, call)

    def contains(self, value: str | int) -> Condition:
        """The tasks whose text has this in it, upper or lower case; whose list has this user, version or annotation.

        Case counts in results and in model versions, of which a part is enough.
        """
        kind, sent = self._checked("contains", [value])
        as_sent = [sent[0]] if self._kind is VERSIONS else str(sent[0])
        return self._atom(Operator.CONTAINS, kind, as_sent, f"contains({value!r})")

    def startswith(self, text: str) -> Condition:
        """The tasks whose text begins with this, upper and lower case told apart."""
        kind, sent = self._checked("startswith", [text])
        return self._atom(Operator.REGEX, kind, "^" + re.escape(sent[0]), f"startswith({text!r})")

    def endswith(self, text: str) -> Condition:
        """The tasks whose text ends with this, upper and lower case told apart."""
        kind, sent = self._checked("endswith", [text])
        return self._atom(Operator.REGEX, kind, re.escape(sent[0]) + "$", f"endswith({text!r})")

    def matches(self, pattern: str) -> Condition:
        """The tasks in whose text the regular expression finds something."""
        kind, sent = self._checked("matches", [pattern])
        try:
            re.compile(sent[0])
        except re.error as error:
            raise InvalidInput(f"{self!r}.matches({pattern!r}): no regular expression: {error}") from None
        return self._atom(Operator.REGEX, kind, sent[0], f"matches({pattern!r})")

    def is_null(self) -> Condition:
        """The tasks that have no value here; of a text, an empty one is none. `~` finds the others."""
        self._fit("is_null")
        return self._atom(Operator.EMPTY, self._kind.type, True, "is_null()")

    def _compare(self, sign: str, operator: str, other: object) -> Condition:
        kind, sent = self._checked(sign, [other])
        return Atom(self._path, repr(self), operator, kind, sent[0])

    def _atom(self, operator: str, kind: str, value: Any, call: str) -> Condition:
        return Atom(self._path, repr(self), operator, kind, value, call)

    @property
    def _path(self) -> str:
        return f"tasks:{self._name}"

    def _fit(self, comparison: str) -> None:
        if comparison not in self._kind.fits:
            fitting = ", ".join(sorted(self._kind.fits))
            advice = f" ({self._kind.advice})" if self._kind.advice else ""
            noun = self._kind.noun
            raise InvalidInput(f"{self!r}: {comparison} does not fit; what does is {fitting}, with {noun}{advice}")

    def _checked(self, comparison: str, values: Sequence[object]) -> tuple[str, list[Any]]:
        """The server's type for these values, and the values as they are sent."""
        self._fit(comparison)
        return self._kind.type, [self._sent(comparison, value) for value in values]

    def _sent(self, comparison: str, value: object) -> Any:
        kind = self._kind
        if kind.type == Type.Datetime and isinstance(value, datetime):
            return Filters.datetime(value)
        if kind.type == Type.Boolean and isinstance(value, bool):
            return value
        if kind in (NUMBER, SECONDS) and (found := number(value)) is not None:
            return found
        if kind in (USERS, IDS) and isinstance(found := number(value), int):
            return found
        if kind.noun == "a string" and isinstance(value, str):
            return value
        raise self._unfit(comparison, value)

    def _unfit(self, comparison: str, value: object) -> InvalidInput:
        if value is None:
            return InvalidInput(f"{self!r} {comparison} None: for tasks without a value, {self!r}.is_null()")
        hint = f" ({self._kind.advice})" if self._kind.advice else ""
        return InvalidInput(f"{self!r} {comparison} {value!r}: it is compared with {self._kind.noun}{hint}")


class DataColumn(Column):
    """A field of the tasks' data: `F.data.city`, `F.data["odd-name"]`; inside another, `F.data.author.name`.

    A number is compared as a number, whether the data holds it as one or as text.
    """

    def __init__(self, *keys: str) -> None:
        for key in keys:
            _check_key(key)
        super().__init__("data." + "__".join(keys), DATA)
        self._keys = keys

    def __repr__(self) -> str:
        return "F.data" + "".join(f".{key}" if key.isidentifier() else f"[{key!r}]" for key in self._keys)

    def __getattr__(self, key: str) -> DataColumn:
        if key.startswith("_"):
            raise AttributeError(key)
        return DataColumn(*self._keys, key)

    def __getitem__(self, key: str) -> DataColumn:
        return DataColumn(*self._keys, key)

    def _checked(self, comparison: str, values: Sequence[object]) -> tuple[str, list[Any]]:
        if comparison in ("contains", "startswith", "endswith", "matches") and not isinstance(values[0], str):
            raise InvalidInput(f"{self!r}.{comparison}({values[0]!r}): it takes a string")
        kinds = {self._type_of(comparison, value) for value in values}
        if len(kinds) > 1:
            raise InvalidInput(f"{self!r}.{comparison}: the values are of several types: {list(values)!r}")
        kind = kinds.pop() if kinds else Type.Unknown
        return kind, [number(value) if kind in (Type.Number, Type.Unknown) else value for value in values]

    def _type_of(self, comparison: str, value: object) -> str:
        if isinstance(value, bool) and comparison in ("==", "!="):
            return Type.Boolean
        if isinstance(value, str):
            return Type.String
        if number(value) is not None:
            # The server casts a field at the top only; further inside it has to be a number already.
            return Type.Number if len(self._keys) == 1 else Type.Unknown
        if isinstance(value, date):
            raise InvalidInput(f"{self!r} {comparison} {value!r}: data holds times as text; pass the text")
        raise self._unfit(comparison, value)


class Data:
    """The tasks' data: `F.data.city`, or `F.data["odd-name"]`."""

    def __getattr__(self, key: str) -> DataColumn:
        if key.startswith("__"):
            raise AttributeError(key)
        return DataColumn(key)

    def __getitem__(self, key: str) -> DataColumn:
        return DataColumn(key)

    def __repr__(self) -> str:
        return "F.data"


def _check_key(key: object) -> None:
    if not isinstance(key, str) or not key:
        raise InvalidInput(f"F.data[{key!r}]: a field's name is a string")
    if UNSENDABLE.search(key):
        raise InvalidInput(f"F.data[{key!r}]: the server cannot filter by a name with a space, a quote or a bracket")
    if "." in key or "__" in key:
        raise InvalidInput(f'F.data[{key!r}]: a field inside another is F.data["author"]["name"]; no dot, no __')


def number(value: object) -> int | float | None:
    """The value as an int or a finite float, from a NumPy scalar too; None where it is neither."""
    if isinstance(value, (bool, str, bytes)):
        return None
    try:
        return op.index(value)  # type: ignore[arg-type]
    except TypeError:
        found = float(value) if isinstance(value, float) else None
        return found if found is not None and isfinite(found) else None


class Columns:
    """The columns of a task, as the Data Manager knows them.

    Enterprise alone has `agreement`, `comments`, `ground_truth`, `reviewed`, `reviewers`, `reviews_accepted`,
    `reviews_rejected` and `state`.
    """

    id = Column("id", NUMBER)
    inner_id = Column("inner_id", NUMBER)
    data = Data()
    created_at = Column("created_at", MOMENT)
    updated_at = Column("updated_at", MOMENT)
    completed_at = Column("completed_at", MOMENT)
    updated_by = Column("updated_by", USERS)
    file_upload = Column("file_upload", TEXT)
    storage_filename = Column("storage_filename", NAMES)
    draft_exists = Column("draft_exists", FLAG)
    unresolved_comment_count = Column("unresolved_comment_count", NUMBER)

    annotators = Column("annotators", USERS)
    annotations_ids = Column("annotations_ids", IDS)
    annotations_results = Column("annotations_results", ANSWERS)
    total_annotations = Column("total_annotations", NUMBER)
    cancelled_annotations = Column("cancelled_annotations", NUMBER)
    avg_lead_time = Column("avg_lead_time", SECONDS)

    # The average of the predictions of the model version that the project shows; none, where it shows none.
    predictions_score = Column("predictions_score", NUMBER)
    predictions_model_versions = Column("predictions_model_versions", VERSIONS)
    predictions_results = Column("predictions_results", RESULTS)
    total_predictions = Column("total_predictions", NUMBER)

    agreement = Column("agreement", NUMBER)
    comments = Column("comments", NUMBER)
    ground_truth = Column("ground_truth", FLAG)
    reviewed = Column("reviewed", FLAG)
    reviewers = Column("reviewers", USERS)
    reviews_accepted = Column("reviews_accepted", NUMBER)
    reviews_rejected = Column("reviews_rejected", NUMBER)
    state = Column("state", TEXT)

    if not TYPE_CHECKING:  # a type checker shall know the columns above and no others

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            known = [key for key in vars(type(self)) if not key.startswith("_")]
            near = get_close_matches(name, known, 1)
            meant = f"did you mean F.{near[0]}?" if near else f"there are {', '.join(known)}."
            raise InvalidInput(f"F.{name}: no such column; {meant} A field of the data is F.data.{name}.")


F = Columns()
"""What conditions are about: `F.total_annotations == 0`, `F.data.city.contains("Oslo")`."""
