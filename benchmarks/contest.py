"""A row is run: its contestants in turn, again and again, and the medians compared with what is wanted."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, assert_never

import msgspec

from .rows import AtLeast, AtMost, Entry, Measure, Row, Target, Under
from .stage import Stage
from .workers import NotMeasured, Workers

HUNG_UP = re.compile("Connection|Disconnected|RemoteProtocol|ReadError")
"""Under keep-alive the development server closes a connection instead of answering, now and then."""

TRIES = 4


@dataclass(slots=True)
class Taken:
    """What a contestant took in a row, one item a round."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    over_mb: list[float] = field(default_factory=list)
    hung_up: int = 0
    wrong: str = ""
    failed: str = ""

    def median(self, measure: Measure) -> float:
        """The middle one of what was measured."""
        found: list[float] = getattr(self, measure)
        return statistics.median(found)

    def add(self, answer: Mapping[str, float], scale: float) -> None:
        """One round's, scaled to the whole row or down to one call."""
        self.seconds.append(answer["seconds"] * scale)
        self.cpu.append(answer["cpu"] * scale)
        self.peak_mb.append(answer["peak_mb"])
        self.over_mb.append(answer["over_mb"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a target; `kept` is None where it could not be judged."""

    says: str
    kept: bool | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row with all that was measured."""

    row: Row
    taken: Mapping[str, Taken]
    repeats: int

    @property
    def verdicts(self) -> list[Verdict]:
        """The row's targets, judged."""
        return [judge(target, self.row.measure, self.taken) for target in self.row.targets]


class Kept:
    """The newest outcome of each row, in a file: of a whole run, and of rows that were run by themselves later."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, outcome: Outcome) -> None:
        """Keep it in the place of an older one."""
        there = {**self._there(), outcome.row.name: (outcome.taken, outcome.repeats)}
        self._path.write_bytes(msgspec.json.encode(there))

    def of(self, rows: Sequence[Row]) -> list[Outcome]:
        """Those of these rows that there are."""
        there = self._there()
        return [Outcome(row, *there[row.name]) for row in rows if row.name in there]

    def _there(self) -> dict[str, tuple[dict[str, Taken], int]]:
        if not self._path.exists():
            return {}
        return msgspec.json.decode(self._path.read_bytes(), type=dict[str, tuple[dict[str, Taken], int]])


def run(row: Row, stage: Stage, workers: Workers, repeats: int, tell: Callable[[str], None]) -> Outcome:
    """The row's contestants interleaved; every second round goes backwards."""
    repeats = max(min(repeats, row.most or repeats), row.least)
    taken = {entry.label: Taken() for entry in row.entries}
    for number in range(repeats):
        for entry in row.entries if number % 2 == 0 else reversed(row.entries):
            if not taken[entry.label].failed:
                tell(f"{row.name} {number + 1}/{repeats}: {entry.label}")
                _measure(row, entry, stage, workers, taken[entry.label])
    return Outcome(row, taken, repeats)


def _measure(row: Row, entry: Entry, stage: Stage, workers: Workers, taken: Taken) -> None:
    for _ in range(TRIES):
        call, scale = _call(row, entry, stage)
        try:
            answer = workers.call(entry.program, call, fresh=row.fresh)
        except NotMeasured as reason:
            taken.failed = str(reason)
            if not HUNG_UP.search(taken.failed):
                return
            taken.hung_up += 1
            continue
        taken.failed = ""
        taken.add(answer, scale / row.per / row.loops)
        wanted = _wanted(row, entry, scale)
        if row.changes:
            answer["count"] = {name: n for name, n in stage.held(call["project"]).items() if n or name in wanted}
        if answer["count"] != wanted:
            taken.wrong = f"{_counted(answer['count'])} instead of {_counted(wanted)}"
        return


def _call(row: Row, entry: Entry, stage: Stage) -> tuple[dict[str, Any], float]:
    common: dict[str, Any] = {"url": stage.server.url, "token": stage.token, "row": entry.row, "counts": row.counts}
    common |= {"loops": row.loops, "warm": row.warm}
    call = {**common, **(entry.prepare or row.prepare)(stage), **entry.arguments}
    if entry.share is None:
        return call, 1.0
    whole = len(call["tasks"])
    return {**call, "tasks": call["tasks"][: entry.share]}, whole / entry.share


def _wanted(row: Row, entry: Entry, scale: float) -> dict[str, int]:
    counted = {name: round(number / scale) for name, number in (entry.counted or row.counted).items()}
    if row.changes and "tasks" not in counted:
        counted["tasks"] = next(iter(row.counted.values()))  # those that were there before
    return counted


def _counted(count: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in count.items())


def judge(target: Target, measure: Measure, taken: Mapping[str, Taken]) -> Verdict:
    """The target in words, with what was measured."""
    ours = taken[target.ours]
    if not ours.seconds:
        return Verdict(f"{target.ours}: not measured", None)
    right = not ours.wrong and not ours.failed
    match target:
        case AtLeast():
            there = [label for label in target.than if taken[label].seconds]
            times = {label: taken[label].median(measure) / ours.median(measure) for label in there}
            said = ", ".join(f"{factor:.1f} times as fast as {label}" for label, factor in times.items())
            kept = right and min(times.values()) >= target.times if len(there) == len(target.than) else None
            return Verdict(f"{target.ours}: {said} (wanted: {target.times:g})", kept)
        case AtMost():
            by = target.measure or measure
            there = [label for label in target.than if taken[label].seconds]
            if not there:
                return Verdict(f"{target.ours}: nothing to compare with", None)
            best = min(there, key=lambda label: taken[label].median(by))
            factor = ours.median(by) / taken[best].median(by)
            what = "memory" if by.endswith("_mb") else "time"
            said = f"{factor:.2f} times the {what} of {best} (wanted: {target.times:.3g} at most)"
            return Verdict(f"{target.ours}: {said}", right and factor <= target.times)
        case Under():
            mb = ours.median(target.measure)
            what = "over the ready client" if target.measure == "over_mb" else "in all"
            return Verdict(
                f"{target.ours}: {mb:.0f} MB {what} (wanted: {target.mb:g} at most)", right and mb <= target.mb
            )
        case _:
            assert_never(target)
