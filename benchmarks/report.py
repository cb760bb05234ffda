"""What was measured, as Markdown."""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from .contest import Outcome, Taken, Verdict
from .environments import NEW, OLD
from .rows import Measure

PARTS = ["server", "formats"]
"""The parts of docs/benchmarks.md, in their order."""

INTRODUCTION = """\
# Benchmarks

labelwire beside the official SDK's releases {old} ("old") and {new} ("new") and beside bare `requests` ("raw"), in one
run, on one real Label Studio {server} that was started for it: `make bench`. The contestants take turns within each
row, every second round backwards, each in a process of its own; starting it and connecting is not in the times. The
numbers are medians, with the lowest and the highest in brackets. The server has its data on a memory disk, where the
machine has one: what a disk costs is the same for all of them. What each contestant brought, or left on the
server, is counted every time. All log in with the same legacy token. What can be compared between machines is the
ratios: nearly all of the time in most rows is the server's. A row that was measured by itself later has taken the place
of its older numbers.

Memory is the most that the process ever had, of a new process for each measurement.

{machine}
"""


def document(outcomes: Sequence[Outcome], server: str) -> str:
    """The whole page."""
    parts = [
        INTRODUCTION.format(old=OLD, new=NEW, server=server, machine=machine()),
        overview(outcomes),
        *(section(outcome) for outcome in outcomes),
    ]
    return "\n".join(parts)


def put(page: Path, part: str, text: str) -> None:
    """Replace one part of a page that several benchmarks write: from its mark to the next one."""
    there = page.read_text(encoding="utf-8") if page.exists() else ""
    parts = dict(re.findall(r"<!-- (\w+) -->\n(.*?)(?=<!-- \w+ -->\n|\Z)", there, re.DOTALL)) | {part: text}
    order = sorted(parts, key=PARTS.index)
    page.write_text("".join(f"<!-- {name} -->\n{parts[name].strip()}\n\n" for name in order).rstrip() + "\n", "utf-8")


def machine() -> str:
    """What it ran on, and when."""
    try:
        system = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        system = platform.system()
    packages = ", ".join(f"{name} {version(name)}" for name in ("labelwire", "requests", "aiohttp", "msgspec"))
    return (
        f"Measured on {datetime.now(UTC).date()} with {os.cpu_count()} CPUs ({platform.machine()}), {system}, "
        f"Python {platform.python_version()}, {packages}."
    )


def overview(outcomes: Sequence[Outcome]) -> str:
    """Every target on one screen."""
    lines = ["## What is wanted, and what was measured", "", "| | | |", "|---|---|---|"]
    for outcome in outcomes:
        title = outcome.row.title
        for verdict in outcome.verdicts:
            lines.append(f"| {title} | {verdict.says} | {_mark(verdict)} |")
            title = ""
    return "\n".join([*lines, ""])


def section(outcome: Outcome) -> str:
    """A row's table, its targets, and what went wrong."""
    row = outcome.row
    times = "once" if outcome.repeats == 1 else f"{outcome.repeats} times"
    one = "; the numbers are of one call" if row.per * row.loops > 1 else ""
    lines = [
        f"## {row.title}",
        "",
        f"Measured {times}{one}. {row.says}".rstrip(),
        "",
    ]
    ours = outcome.taken[row.ours]
    memory = "| most memory | over the ready client " if row.fresh else ""
    lines += [
        f"| | call | time | processor time {memory}| times ours |",
        f"|---|---|---|---{'|---|---' if row.fresh else ''}|---|",
    ]
    for entry in row.entries:
        taken = outcome.taken[entry.label]
        lines.append(f"| {entry.label} | `{entry.does}` | {' | '.join(_cells(taken, ours, row.measure, row.fresh))} |")
    lines.append("")
    lines += [f"- {verdict.says}: {_mark(verdict)}" for verdict in outcome.verdicts]
    lines += [f"- {remark}" for label, taken in outcome.taken.items() for remark in _remarks(label, taken)]
    return "\n".join(lines).rstrip() + "\n"


def _cells(taken: Taken, ours: Taken, measure: Measure, fresh: bool) -> Iterator[str]:
    if not taken.seconds:
        yield from ["not measured", *[""] * (4 if fresh else 2)]
        return
    yield _spread(taken.seconds)
    yield _seconds(taken.median("cpu"))
    if fresh:
        yield f"{taken.median('peak_mb'):.0f} MB"
        yield f"{taken.median('over_mb'):.0f} MB"
    yield (
        f"{taken.median(measure) / ours.median(measure):.2f}" if ours and ours.seconds and ours.median(measure) else ""
    )


def _remarks(label: str, taken: Taken) -> Iterator[str]:
    if taken.wrong:
        yield f"{label} is **not complete**: {taken.wrong}."
    if taken.failed:
        yield f"{label} was not measured: {taken.failed}"
    if taken.hung_up:
        yield f"{label}: {taken.hung_up} measurements were done again, since the server had closed a connection."


def _mark(verdict: Verdict) -> str:
    return {True: "kept", False: "**missed**", None: "**not judged**"}[verdict.kept]


def _spread(seconds: Sequence[float]) -> str:
    middle = statistics.median(seconds)
    spread = f" ({_seconds(min(seconds))} to {_seconds(max(seconds))})" if len(seconds) > 1 else ""
    return f"{_seconds(middle)}{spread}"


def _seconds(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size or unit == "µs":
            number = seconds / size
            return f"{number:.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"
    raise AssertionError
