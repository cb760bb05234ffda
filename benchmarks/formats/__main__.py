"""`python -m benchmarks.formats`: measure, and write the formats' half of docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from labelwire.server.places import cache_dir

from ..environments import NEW, interpreter
from ..report import machine, put
from ..stage import MEMORY
from ..workers import ROOT
from . import sets
from .memory import Peak
from .rows import MOST_MB, ROWS, Row

MOST_AT_LARGEST = 3
"""Rounds of the largest sets."""

PROGRAM = Path(__file__).with_name("one.py")


@dataclass(slots=True)
class Taken:
    """What a contestant took for a row of one size: the times of its rounds, and the memory of one not timed."""

    seconds: list[float] = field(default_factory=list)
    mb: float = 0.0
    failed: str = ""

    @property
    def cell(self) -> tuple[str, str]:
        """Both medians, as the table shows them."""
        if not self.seconds or self.failed:
            return f"failed: {self.failed}", ""
        return f"{statistics.median(self.seconds):.3g} s", f"{self.mb:.0f} MB"


def main() -> int:
    """0 when every target was kept, else 1."""
    asked = _arguments()
    pythons = {"official": interpreter(NEW, _tell), "ours": sys.executable}
    data = cache_dir() / "benchmarks" / "sets"
    data.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    missed: list[str] = []
    for row in ROWS:
        if asked.only and row.name not in asked.only:
            continue
        for size in row.sizes:
            if size > asked.most:
                continue
            taken = _measure(row, size, asked.repeat, pythons, data)
            line, kept = _line(row, size, taken)
            lines.append(line)
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
            if not kept:
                missed.append(f"{row.name}, {size:,}")
    what = _WHAT.format(new=NEW, repeat=asked.repeat, most=min(asked.repeat, MOST_AT_LARGEST))
    page = "\n".join(["## Formats", "", what, *_HEAD, *lines, ""])
    if asked.output:
        asked.output.write_text(page, encoding="utf-8")
    elif not asked.only and asked.most >= max(size for row in ROWS for size in row.sizes):
        put(ROOT / "docs" / "benchmarks.md", "formats", page)
    sys.stdout.write(f"missed: {'; '.join(missed)}\n" if missed else "all kept\n")
    return 1 if missed else 0


def _measure(row: Row, size: int, repeat: int, pythons: dict[str, str], data: Path) -> dict[str, Taken]:
    """The contestants in turn, every second round backwards."""
    source = sets.cached(data, row.kind, size)
    taken = {"official": Taken(), "ours": Taken()}
    # The largest sizes take the official converter long and vary little.
    rounds = min(repeat, MOST_AT_LARGEST) if size >= 50_000 else repeat
    for number in range(rounds):
        for who in [*taken] if number % 2 == 0 else reversed([*taken]):
            _tell(f"{row.name}, {size:,} tasks, {number + 1}/{rounds}: {who}")
            _run(who, row, size, source, pythons[who], taken[who])
    # Looking at a process holds it up, and one that uses every processor more than others: that is no timed round.
    for who in taken:
        _tell(f"{row.name}, {size:,} tasks, memory: {who}")
        _run(who, row, size, source, pythons[who], taken[who], timed=False)
    return taken


def _run(who: str, row: Row, size: int, source: Path, python: str, taken: Taken, *, timed: bool = True) -> None:
    shared = MEMORY if MEMORY.is_dir() and not row.zip else None
    with tempfile.TemporaryDirectory(prefix="labelwire-bench-", dir=shared) as folder:
        call = {
            "config": sets.KINDS[row.kind].config,
            "source": str(source),
            "folder": f"{folder}/made",
            "name": row.ours if who == "ours" else row.official,
            "zip": row.zip,
            "tasks": size,
        }
        process = subprocess.Popen(  # noqa: S603
            [python, str(PROGRAM), who, json.dumps(call)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        )
        peak = None if timed else Peak(process)
        said, wrong = process.communicate()
        if process.returncode:
            taken.failed = (wrong.strip().splitlines() or ["it ended"])[-1][:200]
            return
        if peak is None:
            taken.seconds.append(float(said.split()[-1]))
        else:
            taken.mb = peak.mb
        shutil.rmtree(f"{folder}/made", ignore_errors=True)


def _line(row: Row, size: int, taken: dict[str, Taken]) -> tuple[str, bool]:
    ours, official = taken["ours"], taken["official"]
    times = ""
    kept = bool(ours.seconds)
    if ours.seconds and official.seconds:
        factor = statistics.median(official.seconds) / statistics.median(ours.seconds)
        judged = size == max(row.sizes)
        kept = (factor >= row.times or not judged) and ours.mb <= MOST_MB
        times = f"{factor:.1f}" + (f" (wanted: {row.times:g})" if judged else "")
    cells = [row.name, f"{size:,}", *official.cell, *ours.cell, times, "kept" if kept else "**missed**"]
    return f"| {' | '.join(cells)} |", kept


_WHAT = """\
`labelwire.formats.convert` beside the official converter ({new}) on generated exports: `make bench-formats`. A task has
three boxes, three polygons of 20 corners, three spans in 30 words, or two brush masks of 640 by 480 pixels. The input
is a JSON file; the output goes into a folder on a memory disk, or to a zip on the real one. Times are of the conversion
alone, medians of {repeat} ({most} for 50,000 tasks), the two in turn; memory is the most that the process had with all
that it started, in a round of its own.
"""

_HEAD = [
    machine(),
    "",
    "| format | tasks | official | its memory | labelwire | its memory | times as fast | |",
    "|---|---|---|---|---|---|---|---|",
]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.formats", description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="rounds a row (5)")
    parser.add_argument("--only", action="append", default=[], metavar="ROW", help="this row; may be given again")
    parser.add_argument("--most", type=int, default=50_000, metavar="TASKS", help="no larger set than this")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where the table goes")
    return parser.parse_args()


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
