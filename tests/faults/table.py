"""Every fault times every job: what labelwire does, and what the server then holds.

One table for the tests and the docs: `python -m tests.faults.table` plays all of it on a real server and writes
docs/faults.md.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from unittest.mock import patch

from labelwire import Client, LocalServer, Retry
from labelwire.bulk import doubt
from labelwire.resources import _once

from ..conftest import COLOURS, VERSION, data_dir
from ..scenario.colours import reaching
from . import faults
from .faults import EARLY, Act, Answer, Break, Drip, Fault, Late, Once, Phase, Redirect, Truncated, Twice
from .jobs import JOBS, Create, Delete, Download, Import, Job, LogIn, Outcome, Read, Stage, furnished, perform
from .proxy import Proxy

QUICK = Retry(pause=0.005, patience=20)
BRISK = 0.3
"""Seconds a client waits for data that shall not come."""

DOCS = Path(__file__).parents[2] / "docs" / "faults.md"

ANSWERS: tuple[Act, ...] = (
    *faults.SLOW_DOWN,
    faults.HTML_500,
    faults.JSON_500,
    faults.BAD_GATEWAY,
    faults.UNAVAILABLE,
    faults.GATEWAY_TIMEOUT,
    faults.LOGIN_PAGE,
)
MOVED = (301, 302, 307, 308)
REDIRECTS = (*(Redirect(status, "proxy") for status in MOVED), *(Redirect(status, "server") for status in MOVED))
BREAKS: tuple[Act, ...] = (Break("reset"), Break("closed"), Break("hanging"), Drip())


def all_faults() -> Iterator[Fault]:
    """The faults of the table, in its order."""
    for act, phase in product(BREAKS, Phase):
        yield Fault(act, phase)
    yield Fault(Break("closed"), Phase.ARRIVAL, kept=True)
    # An answer that comes early is read as late as any other: one status stands for all in these three phases.
    for phase in (Phase.ARRIVAL, Phase.HEADERS, Phase.BODY):
        yield Fault(faults.UNAVAILABLE, phase)
    for act, phase in product(ANSWERS, (Phase.FORWARD, Phase.ANSWERED)):
        yield Fault(act, phase)
    yield Fault(faults.TOKEN_REFUSED)
    yield from (Fault(act) for act in REDIRECTS)
    yield from (Fault(act) for act in (Truncated("half"), Truncated("whole"), Twice("first"), Twice("second"), Late()))


@dataclass(frozen=True)
class Row:
    """A fault that a job meets once."""

    fault: Fault
    job: Job

    def __str__(self) -> str:
        return f"{self.job.name}, {self.fault.words}"

    @property
    def possible(self) -> bool:
        """Whether the job's request, or its reply, has the part in which the fault is to happen."""
        if self.fault.phase is Phase.BODY:
            return self.job.sends
        return self.job.gets or not (self.fault.phase is Phase.REPLY_BODY or isinstance(self.fault.act, Truncated))

    @property
    def expected(self) -> Outcome:
        """What it comes to."""
        said = _said(self.fault, self.job)
        if isinstance(self.job, Create):
            return Outcome(said, str(_copies(self.fault, said == "result")))
        if isinstance(self.job, Import):
            return Outcome(said, "30" if said == "result" else "0")
        if isinstance(self.job, Download):
            return Outcome(said, "whole file" if said == "result" else "old file")
        applied = (
            said == "result" or self.fault.phase not in EARLY or isinstance(self.fault.act, (Truncated, Twice, Late))
        )
        after = {"views.update": ("changed", "as before"), "views.delete": ("gone", "there")}
        return Outcome(said, after[self.job.name][0 if applied else 1]) if self.job.name in after else Outcome(said)

    def right(self, outcome: Outcome) -> bool:
        """Whether it may come to this."""
        return outcome == self.expected


def _said(fault: Fault, job: Job) -> str:
    act = fault.act
    elsewhere = isinstance(act, Redirect) and act.to == "server"
    if isinstance(job, (Create, Import)) and not elsewhere:
        # What became of it is looked up, and then it is a result or is sent again; a 500 that is true is final.
        failed = isinstance(act, Answer) and act.status == 500 and fault.phase is Phase.FORWARD
        return "ServerError" if failed and isinstance(job, Create) else "result"
    if isinstance(act, Answer) and act.status in (200, 500):
        return "UnexpectedReply" if act.status == 200 else "ServerError"
    if elsewhere:
        # A read goes there without the credential, is refused, and asks here again; a write is not sent elsewhere.
        return "result" if job.match.method == "GET" else "UnexpectedReply"
    if act == Truncated("half"):
        return "UnexpectedReply"
    throttled = act in faults.SLOW_DOWN and fault.phase is Phase.ANSWERED
    if isinstance(job, Delete) and (throttled or act == Twice("second")):
        return "NotFound"  # no answer was lost and 429 means not applied, so what is gone was gone before
    return "Unauthorized" if isinstance(job, LogIn) and act == faults.TOKEN_REFUSED else "result"


def _copies(fault: Fault, result: bool) -> int:
    """How many projects there are. What is doubled on its way, or applied and then called throttled, no client sees."""
    throttled = fault.act in faults.SLOW_DOWN and fault.phase is Phase.ANSWERED
    return 2 if throttled or isinstance(fault.act, Twice) else int(result)


def rows(*jobs: type[Job]) -> list[Row]:
    """The rows of these jobs, or of all."""
    chosen = [job for job in JOBS if not jobs or isinstance(job, jobs)]
    return [row for job in chosen for fault in all_faults() if (row := Row(fault, job)).possible]


ONE_OF_A_KIND = (
    faults.SLOW_DOWN[0],
    faults.JSON_500,
    faults.UNAVAILABLE,
    Redirect(307, "proxy"),
    Redirect(307, "server"),
)
"""Of the whole answers, those that stand for the others."""

TELLING = {
    "hanging": (Phase.FORWARD, Phase.ANSWERED, Phase.REPLY_BODY),
    "dripping": (Phase.ARRIVAL, Phase.ANSWERED),
    "import": (Phase.BODY, Phase.ANSWERED, Phase.REPLY_BODY),
}
"""Of the phases that take long, those that stand for the others."""


def in_each_run(row: Row, colour: str) -> bool:
    """Whether the row belongs to each run of the suite, and not only to the long one.

    What follows on a whole answer is decided by code that both drivers share, by the request alone: a read and a
    creation on one client have all of it, the others a few. Of what breaks, waits stand for one another, and requests
    that break before they are whole do.
    """
    act = row.fault.act
    if isinstance(row.job, Import) and colour == "async" and row.fault.phase not in TELLING["import"]:
        return False
    if isinstance(act, (Answer, Redirect)):
        chosen = colour == COLOURS[0] and isinstance(row.job, (Read, Create))
        return chosen or (act in ONE_OF_A_KIND and row.fault.phase in (Phase.FORWARD, Phase.ANSWERED))
    if isinstance(act, Drip):
        return row.fault.phase in TELLING["dripping"]
    if isinstance(act, Break) and act.how == "hanging":
        return row.fault.phase in TELLING["hanging"]
    return row.fault.kept or row.fault.phase not in EARLY[:3] or isinstance(row.job, (Read, Create, Import))


@contextmanager
def hurried(late: float) -> Iterator[None]:
    """Imports and creations that look often, and count on late deliveries for so many seconds only."""
    looks = (0.0, late / 2, late / 2)
    with patch.object(doubt, "LATE", late), patch.object(doubt, "LOOK", 0.02), patch.object(_once, "LOOKS", looks):
        yield


def play(row: Row, stages: dict[bool, Stage]) -> Outcome:
    """Do the row's job under its fault; `stages` are those of a patient and of a brisk client."""
    hanging = isinstance(row.fault.act, Break) and row.fault.act.how == "hanging"
    stage = stages[hanging]
    if row.fault.kept:
        stage.calls("system.health")
    plan = stage.proxy.plan = Once(row.job.match, row.fault)
    with hurried(0.8 if isinstance(row.fault.act, Late) else 0.05):
        outcome = perform(row.job, stage)
    assert plan.over, "the fault did not happen"
    return outcome


@contextmanager
def stages(colour: str, server: LocalServer, direct: Client, folder: Path) -> Iterator[dict[bool, Stage]]:
    """The stages of one colour."""
    there = furnished(direct)
    with ExitStack() as stack:
        made = {}
        for brisk in (False, True):
            proxy = stack.enter_context(Proxy(server.url))
            wait = (5.0, BRISK if brisk else 30.0)
            new = partial(reaching, colour, proxy.url, server.api_key, timeout=wait, retry=QUICK)
            calls = stack.enter_context(new())
            calls("system.health")
            made[brisk] = Stage(calls, new, direct, proxy, folder, **there)
        yield made
    for listed in direct.projects.list(title="Faulty", include=["id"]).to_list():
        direct.projects.delete(listed.id)
    for used in ("project", "target"):
        direct.projects.delete(there[used])


def markdown(outcomes: dict[Row, Outcome]) -> str:
    """The table of a run. Phases of one fault that come to the same everywhere share a line."""
    lines: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for fault in all_faults():
        found = {row.job.name: str(outcome) for row, outcome in outcomes.items() if row.fault == fault}
        cells = tuple(found.get(job.name, "-") for job in JOBS)
        act = fault.words.removesuffix(fault.phase.value).rstrip()
        moments = lines.setdefault((act, cells), [])
        if act != fault.words:
            moments.append(fault.phase.value)
    head = ["fault", "when", *(f"`{job.name}`" for job in JOBS)]
    table = [head, ["---"] * len(head)]
    table += [[act, "; ".join(moments), *cells] for (act, cells), moments in lines.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in table)


ABOUT = f"""# What happens under faults

A proxy in front of a real Label Studio {VERSION} does to one request of each kind what the first two columns say, and
lets the next ones through. The other columns say what the caller gets, a result or an error's class, and what the
server, or the folder, holds afterwards: the number of projects or tasks made, the state of what was changed. `Client`
and `AsyncClient` do the same. Written by `python -m tests.faults.table`; `tests/faults` holds it.

"""


def main(arguments: Sequence[str]) -> int:
    """Play all rows, write the docs, and say which rows are wrong: then the docs are written with --anyway alone."""
    wrong, outcomes = 0, dict[Row, Outcome]()
    with (
        data_dir() as data,
        LocalServer(version=VERSION, data_dir=data) as server,
        server.client() as direct,
        tempfile.TemporaryDirectory() as folder,
    ):
        for colour in COLOURS:
            with stages(colour, server, direct, Path(folder)) as both:
                for row in rows():
                    outcome = play(row, both)
                    before = outcomes.setdefault(row, outcome)
                    if row.right(outcome) and before == outcome:
                        continue
                    wrong += 1
                    other = "" if before == outcome else f" The other client: {before}."
                    sys.stdout.write(f"{colour}: {row}: {outcome}; expected {row.expected}.{other}\n")
    if not wrong or "--anyway" in arguments:
        DOCS.write_text(ABOUT + markdown(outcomes) + "\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
