"""What bulk work says of itself: how far it is, and what it has done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias, TypeVar

from msgspec import Struct, field

from ..errors import LabelwireError

E = TypeVar("E", bound=Exception)

OnRefusal: TypeAlias = Literal["raise", "skip"]
"""What happens when something is refused: an error, or an entry in the report while the rest goes on."""

SHOWN = 5
"""Refusals that a report's text shows."""


class Refused(Struct, frozen=True):
    """One item that was not taken: its position in the input, from 0, and why."""

    position: int
    reason: str


class Progress(Struct, frozen=True):
    """How far bulk work is: items done, how many there are in all where that is known, seconds since the start."""

    done: int
    total: int | None
    seconds: float


OnProgress: TypeAlias = Callable[[Progress], object]
"""Called whenever a part of the work is done."""


class Report(Struct):
    """What bulk work has done.

    Attributes:
        task_ids: of an import, the tasks' ids in the order of the input: new ones, and those that were there already;
            0 for an item that was refused, or that a dry run would create.
        created, updated, deleted: how many were.
        skipped: how many were there already and are as they were.
        refused: what was not taken, and why.
        annotation_count, prediction_count: of an import, how many came with the tasks.
        requests: writes that were sent.
        doubts: how often an answer was lost, so that it had to be looked up whether a write was applied.
        seconds: how long it took.
        notes: what else is worth knowing.
        dry_run: whether nothing was sent, and all of this only would have happened.
    """

    task_ids: list[int] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    deleted: int = 0
    skipped: int = 0
    refused: list[Refused] = field(default_factory=list)
    annotation_count: int = 0
    prediction_count: int = 0
    requests: int = 0
    doubts: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    dry_run: bool = False

    @property
    def done(self) -> int:
        """Items of the input whose fate is settled."""
        return self.created + self.updated + self.deleted + self.skipped + len(self.refused)

    def progress(self, total: int | None) -> Progress:
        """How far it is, of that many items."""
        return Progress(self.done, total, self.seconds)

    def __str__(self) -> str:
        counts = {
            "created": self.created,
            "updated": self.updated,
            "deleted": self.deleted,
            "there already": self.skipped,
            "refused": len(self.refused),
        }
        done = ", ".join(f"{number:,} {what}" for what, number in counts.items() if number) or "nothing to do"
        text = f"{'A dry run: ' if self.dry_run else ''}{done}; {self.requests:,} requests in {self.seconds:.1f} s"
        if self.doubts:
            text += f", {self.doubts} of them looked up after their answer was lost"
        text += "."
        for refusal in self.refused[:SHOWN]:
            text += f"\n  item {refusal.position}: {refusal.reason}"
        if len(self.refused) > SHOWN:
            text += f"\n  and {len(self.refused) - SHOWN:,} more in .refused"
        return "\n".join([text, *self.notes])


def interrupted(error: E, report: Report, said: str) -> E:
    """The error, with what was done before it and what to do next."""
    if not isinstance(error, LabelwireError):
        if said:
            error.add_note(said)  # it is somebody else's
        return error
    error.report = report
    if said:
        error.args = (f"{error.args[0]}\n{said}", *error.args[1:])
    return error
