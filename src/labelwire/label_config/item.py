"""An item of a result while it is looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from .problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .config import LabelConfig
    from .parts import Control, ObjectTag


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether this is a finite number, and no bool."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63


@dataclass
class Item:
    """A region or an answer that is being looked at, with all that it can be compared with."""

    config: LabelConfig
    control: Control
    object: ObjectTag | None
    item: Mapping[str, Any]
    value: Mapping[str, Any]
    data: Mapping[str, Any] | None
    place: str
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, where: str, message: str) -> None:
        """Note what is wrong at this place within the value."""
        self.problems.append(Problem(self.place + where, message))

    def get(self, key: str, expected: str) -> Any:
        """The value's field; None, and noted, where it is missing."""
        found = self.value.get(key)
        if found is None:
            self.wrong(f".{key}", f"is missing: {expected}")
        return found

    def get_list(self, key: str, expected: str) -> list[Any] | None:
        """The value's field where it is a list; None, and noted, where it is missing or something else."""
        found = self.get(key, expected)
        if found is None or isinstance(found, list):
            return found
        self.wrong(f".{key}", f"is {expected}, not {found!r}")
        return None
