"""What a benchmark's row is: who does what, what they have to bring, and what is wanted of labelwire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .stage import Stage

Measure = Literal["seconds", "cpu", "peak_mb", "over_mb"]
Prepare = Callable[[Stage], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A contestant in a row.

    Attributes:
        label: its name in the row.
        does: the call, in code.
        program: the module in `contestants` and `row` its function.
        arguments: further arguments of the function.
        share: how many of the tasks it gets, where all would take too long; the time is scaled up.
        prepare, counted: its own, where they differ from the row's.
    """

    label: str
    does: str
    program: str
    row: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    share: int | None = None
    prepare: Prepare | None = None
    counted: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """`ours` is to be that many times as fast as each of `than`."""

    times: float
    ours: str
    than: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost:
    """`ours` is to take that many times what the best of `than` takes, and no more."""

    times: float
    ours: str
    than: tuple[str, ...]
    measure: Measure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """`ours` is to stay within that many MB; `over_mb` is what the call adds to a client that is ready."""

    mb: float
    ours: str
    measure: Literal["peak_mb", "over_mb"]


Target = AtLeast | AtMost | Under


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison.

    Attributes:
        prepare: makes the arguments of one measurement; its time does not count.
        counts: how results are counted (`contestants.counting`), `counted` what has to come out.
        measure: what the row compares.
        per: how many equal calls the functions make, so that the table can show one.
        loops: how often one measurement runs the function; the table shows one.
        warm: whether the function runs once before it is measured, for rows of milliseconds.
        fresh: whether each measurement gets a new process, because its memory is wanted.
        changes: whether the project on the server must have grown by what was counted, and by nothing else.
        most: the most repeats, for rows that take long or vary little.
        least: the fewest, for rows so short that whatever else the machine does shows in them.
        says: what a reader has to know.
    """

    name: str
    title: str
    entries: tuple[Entry, ...]
    prepare: Prepare
    counts: str
    counted: Mapping[str, int]
    targets: tuple[Target, ...] = ()
    measure: Measure = "seconds"
    per: int = 1
    loops: int = 1
    warm: bool = False
    fresh: bool = False
    changes: bool = False
    most: int | None = None
    least: int = 1
    says: str = ""

    @property
    def ours(self) -> str:
        """The label of the entry that the others are compared with."""
        return next(entry.label for entry in self.entries if entry.program in ("ours", "ours_async"))
