"""`python -m benchmarks`: measure, and write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from labelwire.server.places import cache_dir

from . import client_side, projects, reading, report, writing
from .contest import Kept, run
from .environments import NEW, OLD, interpreter
from .stage import Stage
from .workers import ROOT, Workers

GROUPS = (projects.rows, writing.few, client_side.rows, reading.tasks, writing.many, reading.exports)
"""From a small database to a large one."""

PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    """0 when every target of the rows that ran was kept, else 1."""
    asked = _arguments()
    rows = [row for group in GROUPS for row in group(quick=asked.quick)]
    names = [row.name for row in rows]
    if asked.list:
        sys.stdout.write("\n".join(f"{row.name:20} {row.title}" for row in rows) + "\n")
        return 0
    if unknown := set(asked.only) - set(names):
        sys.stderr.write(f"There is no row {', '.join(sorted(unknown))}. There are: {', '.join(names)}\n")
        return 2
    every, rows = rows, [row for row in rows if not asked.only or row.name in asked.only]
    pythons = {"old": interpreter(OLD, _tell), "new": interpreter(NEW, _tell)}
    logs = cache_dir() / "benchmarks"
    logs.mkdir(parents=True, exist_ok=True)
    kept = Kept(logs / "outcomes.json")
    outcomes = []
    with (logs / "contestants.log").open("w") as log, Stage(_tell) as stage:
        for row in rows:
            with Workers(pythons, log) as workers:
                outcomes.append(run(row, stage, workers, 1 if asked.quick else asked.repeat, _tell))
            sys.stdout.write(report.section(outcomes[-1]) + "\n")
            sys.stdout.flush()
            if not asked.quick:
                kept.put(outcomes[-1])
        server = stage.server.version
    # A row that is measured anew takes its place among those of earlier runs.
    shown = outcomes if asked.quick else kept.of(every)
    text = report.document(shown, server)
    if asked.output:
        asked.output.write_text(text, encoding="utf-8")
    elif not asked.quick and len(shown) == len(every):
        report.put(PAGE, "server", text)
    sys.stdout.write(report.overview(outcomes))
    return 0 if all(verdict.kept for outcome in outcomes for verdict in outcome.verdicts) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="rounds a row (5)")
    parser.add_argument("--only", action="append", default=[], metavar="ROW", help="this row; may be given again")
    parser.add_argument("--quick", action="store_true", help="one round of small sizes: whether everything runs")
    parser.add_argument("--list", action="store_true", help="the rows there are")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="where the page goes (docs/benchmarks.md, after a whole run)",
    )
    return parser.parse_args()


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
