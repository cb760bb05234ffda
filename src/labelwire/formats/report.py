"""What a conversion did: how much went in and came out, and what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct, field

SHOWN = 5
"""Tasks that the text names for each reason."""

MOST = 10_000
"""Of a reason, how many are kept one by one; further ones are counted."""


WHOLE = ("a task ", "an item ", "an image ")
"""How the reasons begin with which a whole task is left out, and no others."""


class LeftOut(Struct, frozen=True):
    """Something that is not in the output.

    Attributes:
        reason: why, in words that are the same for all of the kind.
        task: the task's id, or None where it has none; `index` is its place in the input, from 0.
        annotation, region: their ids, where it is one of them.
        detail: what there is to say of this one.
        page: of a task with several images which one, from 0; None of one that shows one.
    """

    reason: str
    task: int | None
    index: int
    annotation: int | None = None
    region: str | None = None
    detail: str = ""
    page: int | None = None

    @property
    def is_task(self) -> bool:
        """Whether it is a whole task: its reason says so."""
        return self.reason.startswith(WHOLE)

    @property
    def place(self) -> str:
        """What a message calls it."""
        parts = [f"task {self.task}" if self.task is not None else f"item {self.index}"]
        if self.page is not None:
            parts.append(f"image {self.page}")
        if self.annotation is not None:
            parts.append(f"annotation {self.annotation}")
        if self.region is not None:
            parts.append(f"region {self.region}")
        return ", ".join(parts) + (f": {self.detail}" if self.detail else "")


class Report(Struct):
    """What was read and written; batches' reports add up.

    Attributes:
        tasks_in, annotations_in, regions_in: what the input had; predictions count as annotations where they are the
            source. Annotations that were not chosen, by the strategy that was asked for, are `not_chosen`.
        tasks_out, annotations_out, regions_out: what of it the output has. Answers without a region are not counted.
        left_out: what the output does not have, of each reason the first 10,000.
        counts: by reason, how many.
        files: how many files were written.
        notes: what else is worth knowing, each once.
        seconds: how long it took.
    """

    format: str = ""
    place: str = ""
    tasks_in: int = 0
    annotations_in: int = 0
    regions_in: int = 0
    not_chosen: int = 0
    tasks_out: int = 0
    annotations_out: int = 0
    regions_out: int = 0
    files: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def leave_out(
        self,
        reason: str,
        task: int | None,
        index: int,
        *,
        annotation: int | None = None,
        region: str | None = None,
        detail: str = "",
        page: int | None = None,
    ) -> None:
        """Note what is not written."""
        seen = self.counts.get(reason, 0)
        self.counts[reason] = seen + 1
        if seen < MOST:
            self.left_out.append(
                LeftOut(reason, task, index, annotation, region and shown(region), shown(detail), page)
            )

    def note(self, said: str) -> None:
        """Something to know, said once."""
        if said not in self.notes:
            self.notes.append(said)

    def add(self, other: Report) -> None:
        """Another batch's."""
        for name in (
            "tasks_in",
            "annotations_in",
            "regions_in",
            "not_chosen",
            "tasks_out",
            "annotations_out",
            "regions_out",
            "files",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        room = Counter({reason: MOST - count for reason, count in self.counts.items()})
        for one in other.left_out:
            if room.setdefault(one.reason, MOST) > 0:
                room[one.reason] -= 1
                self.left_out.append(one)
        for reason, count in other.counts.items():
            self.counts[reason] = self.counts.get(reason, 0) + count
        for said in other.notes:
            self.note(said)

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def to_json(self) -> str:
        """All of it, as JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()

    def __str__(self) -> str:
        """A few lines for people."""
        counted = (
            _of(self.tasks_out, self.tasks_in, "task"),
            _of(self.annotations_out, self.annotations_in, "annotation"),
            _of(self.regions_out, self.regions_in, "region"),
        )
        said = ", ".join(counted)
        where = f" into {self.place}" if self.place else ""
        lines = [f"{self.format}: {said}{where}, in {self.seconds:.1f} s."]
        if self.not_chosen:
            lines.append(f"  {self.not_chosen:,} more annotations were not chosen.")
        for reason, count in sorted(self.counts.items(), key=lambda pair: -pair[1]):
            lines.append(f"  left out, {count:,}: {reason}")
            lines += [f"    {place}" for place in self._places(reason, count)]
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def _places(self, reason: str, count: int) -> Iterable[str]:
        shown = [one.place for one in self.left_out if one.reason == reason][:SHOWN]
        return [*shown, f"and {count - len(shown):,} more"] if count > len(shown) else shown


def shown(text: str) -> str:
    """The text as it can be printed: without half surrogate pairs and control characters."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _of(out: int, there: int, noun: str) -> str:
    said = f"{out:,}" if out == there else f"{out:,} of {there:,}"
    return f"{said} {noun}{'' if there == 1 else 's'}"
