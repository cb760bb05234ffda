"""What the methods that make results have in common."""

from __future__ import annotations

import difflib
import math
import operator
import secrets
from functools import cached_property
from typing import TYPE_CHECKING, Any, SupportsFloat, TypedDict

from labelwire.errors import InvalidInput

from .labels import Label, every, names_of
from .tags import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Result = dict[str, Any]
"""One item of an annotation's or a prediction's `result`, as Label Studio stores it."""


class Around(TypedDict, total=False):
    """What every method that makes a result takes.

    `id` names the region, else it gets a name of its own; `to` is the object that it is on, needed only where the
    control has several; `score` is the model's confidence in this region.
    """

    id: str
    to: str
    score: float


def closest(word: object, known: Iterable[str]) -> str:
    """What may have been meant, for the end of a message."""
    names = list(dict.fromkeys(known))
    by_case = {name.lower(): name for name in reversed(names)}
    found = difflib.get_close_matches(str(word).lower(), list(by_case), 1)
    if found:
        return f"; did you mean {by_case[found[0]]!r}?"
    return f"; there is {', '.join(map(repr, names[:10]))}{' and more' * (len(names) > 10)}" if names else ""


def plain(number: SupportsFloat, what: str) -> float:
    """An int or a finite float that JSON can hold, from what may be a NumPy scalar or a tensor."""
    try:
        return operator.index(number)  # type: ignore[arg-type]
    except TypeError:
        pass
    try:
        found = float(number)
    except (TypeError, ValueError):
        raise InvalidInput(f"{what} is {number!r}, no number") from None
    if not math.isfinite(found):
        raise InvalidInput(f"{what} is {found}, which is no number to store")
    return found


class Maker(Tag):
    """A control as far as making results needs it: its names and its labels."""

    @property
    def name(self) -> str:
        """What a result calls `from_name`."""
        return self.attributes["name"]

    @property
    def type(self) -> str:
        """What a result calls its `type`: the tag's name in lower case."""
        return self.tag.lower()

    @cached_property
    def to_name(self) -> tuple[str, ...]:
        """The names of the objects that it labels."""
        return tuple(name.strip() for name in self.attributes.get("toName", "").split(",") if name.strip())

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """Its labels, the topmost ones of nested choices."""
        return tuple(_direct(self))

    @cached_property
    def label_names(self) -> tuple[str, ...]:
        """What results may say, nested choices included, each once."""
        return tuple(dict.fromkeys(label.key for label in every(self.labels) if label.key))

    @cached_property
    def spellings(self) -> frozenset[str]:
        """All that the editor knows its labels by: aliases and values."""
        return frozenset(name for label in every(self.labels) for name in names_of(label))

    @cached_property
    def dynamic(self) -> bool:
        """Whether labels come from the task's data or from a service."""
        own = self.get("value") if self.tag != "TextArea" else ""
        values = (own, *(label.get("value") for label in every(self.labels)))
        return bool(self.get("apiUrl")) or any("$" in value for value in values)

    def _only(self, method: str, *tags: str) -> None:
        if self.tag not in tags:
            fitting = " or ".join(f"<{tag}>" for tag in tags)
            raise InvalidInput(f"{self.name!r} is a <{self.tag}>; {method}() is for {fitting}")

    def _result(self, value: Mapping[str, Any], around: Around, region: Mapping[str, Any] | None = None) -> Result:
        """An item with this value; of a region that is there already, with its id and its place."""
        unknown = set(around) - set(Around.__annotations__)
        if unknown:
            raise TypeError(f"unknown argument {sorted(unknown)[0]!r}")
        own: Result = {}
        if region is not None:
            own = {key: region[key] for key in _OF_REGION if key in region}
            own["value"] = {key: part for key, part in region["value"].items() if not key.endswith("labels")}
        to = around.get("to") or own.get("to_name") or (self.to_name[0] if self.to_name else "")
        if not to or (self.to_name and to not in self.to_name):
            raise InvalidInput(f"{self.name!r} does not label {to!r}{closest(to, self.to_name)}")
        own.update(
            id=around.get("id") or own.get("id") or secrets.token_urlsafe(8)[:10],
            from_name=self.name,
            to_name=to,
            type=self.type,
            value={**own.get("value", {}), **value},
        )
        if "score" in around:
            own["score"] = float(plain(around["score"], "score"))
        return own

    def _labelled(self, label: str | Sequence[str] | None) -> dict[str, list[str]]:
        """The part of a value that says which labels a region has."""
        if not self.type.endswith("labels"):
            if label is not None:
                raise InvalidInput(f"<{self.tag}> {self.name!r} has no labels: leave out label={label!r}")
            return {}
        if label is None:
            raise InvalidInput(f"{self.name!r} needs a label{closest('', self.label_names)}; label=[] says none")
        return {self.type: [self._known(one) for one in ([label] if isinstance(label, str) else label)]}

    def _known(self, label: str) -> str:
        """The label as results say it, by its alias if it has one."""
        if not isinstance(label, str):
            raise InvalidInput(f"a label is a string, not {label!r}")
        if label in self.label_names or self.dynamic or not self.labels:
            return label
        for one in every(self.labels):
            if one.value == label:
                return one.key
        raise InvalidInput(f"{self.name!r} has no label {label!r}{closest(label, self.label_names)}")


_OF_REGION = ("id", "to_name", "original_width", "original_height", "original_length", "image_rotation", "item_index")


def _direct(tag: Tag) -> Iterator[Label]:
    """The labels within, the views between passed through, those of other controls and of labels left out."""
    for child in tag.tags:
        if isinstance(child, Label):
            yield child
        elif not isinstance(child, Maker):
            yield from _direct(child)
