"""Many tasks over a bad line, with the server killed, and the client too: each task is there once, in order."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from labelwire import Client, LabelwireError, LocalServer, Retry
from labelwire.bulk import importing
from labelwire.bulk.batches import Pace

from ..conftest import COLOURS, TEXT_CONFIG, VERSION, data_dir
from ..scenario.colours import reaching
from . import faults
from .conftest import SOAK
from .faults import Asked, Break, Fault, Late, Match, Nothing, Phase, Random, Truncated
from .jobs import held
from .proxy import Proxy
from .table import hurried

PATIENT = Retry(attempts=500, pause=0.05, longest_pause=1.0, patience=180.0)
"""A restart takes its time on a busy machine."""

RUNS = 5
"""Calls with one ledger. One is enough on most lines; a server's own 500 twice in a row for one batch ends it."""
BATCH = 250
"""Tasks in one request: far fewer than labelwire sends by itself, so that there are enough requests to go wrong."""

SECONDS = 1.0
"""For which a connection hangs before it ends; an import takes longer than any time-out fit for a test."""

BREAKS = [Fault(act, phase) for act in (Break("reset"), Break("closed"), Break("hanging", SECONDS)) for phase in Phase]
GATEWAY = [
    Fault(act, phase)
    for act in (faults.BAD_GATEWAY, faults.UNAVAILABLE, faults.GATEWAY_TIMEOUT, faults.JSON_500, faults.HTML_500)
    for phase in (Phase.FORWARD, Phase.ANSWERED)
]
REFUSALS = [Fault(act) for act in (*faults.SLOW_DOWN, faults.TOKEN_REFUSED, faults.LOGIN_PAGE, Late(0.3))]
FAILING = [*BREAKS, *GATEWAY, *REFUSALS, Fault(Truncated("whole"))]


@pytest.fixture(scope="session")
def mortal() -> Iterator[LocalServer]:
    """A server of the soak's own, which is killed in the middle."""
    with data_dir() as folder, LocalServer(version=VERSION, data_dir=folder) as server:
        yield server


def task(number: int) -> dict[str, Any]:
    """Data of which no two are alike."""
    return {"text": f"task {number}"}


class Killing:
    """Kills the server during these of the matching requests, after the plan's own choice, and starts it again."""

    def __init__(self, server: LocalServer, plan: Random, during: set[int], match: Match) -> None:
        self._server = server
        self._plan = plan
        self._during = during
        self._match = match
        self._seen = 0
        self._threads: list[threading.Thread] = []
        self.kills = 0

    def choose(self, asked: Asked) -> Fault | None:
        """No fault of its own for a request in whose middle the server dies."""
        if self._match(asked):
            self._seen += 1
            if self._seen in self._during:
                self._threads.append(threading.Thread(target=self._kill))
                self._threads[-1].start()
                return None
        return self._plan.choose(asked)

    def _kill(self) -> None:
        # A moment after the request has come: while the server works on it, or just after.
        threading.Event().wait(0.1)
        self._server.kill()
        self.kills += 1
        self._server.start()

    def wait(self) -> None:
        """Until the server is up again."""
        for thread in self._threads:
            thread.join(120)


def soak(server: LocalServer, colour: str, count: int, rate: float, kills: set[int], ledger: Path) -> None:
    """Import that many tasks and compare with what the server holds."""
    with server.client() as direct:
        project = direct.projects.create(title="Soak", label_config=TEXT_CONFIG).id
    plan = Killing(server, Random(count, rate, FAILING), kills, Match("POST", "/import"))
    port = server.url
    with (
        Proxy(server.url, plan) as proxy,
        reaching(colour, proxy.url, server.api_key, retry=PATIENT, timeout=(5.0, 60.0)) as calls,
        hurried(1.0),
        patch.object(importing, "Pace", partial(Pace, BATCH, BATCH)),
    ):
        ids: Sequence[int] | None = None
        last: LabelwireError | None = None
        runs = 0
        while ids is None and runs < RUNS:
            runs += 1
            try:
                ids = calls("imports.tasks", project, (task(number) for number in range(count)), ledger=ledger).task_ids
            except LabelwireError as error:
                last = error  # of those that the client does not repeat, such as a 500: the ledger goes on from there
        met = sum(asked.fault is not None for asked in proxy.asked)
        sys.stdout.write(f"{colour}: {count:,} tasks, {len(proxy.asked)} requests, {met} faults, {runs} calls\n")
        assert ids is not None, f"{RUNS} runs did not suffice: {last}"
        plan.wait()
        proxy.settle()
        assert plan.kills == len(kills), "the import was over before the server was killed"
        assert sum(asked.fault is not None for asked in proxy.asked) >= 3, "hardly a fault happened"
    assert server.url == port
    with server.client() as direct:
        there = held(direct, project)
        direct.projects.delete(project)
    assert len(there) == count
    assert [data for _, data in there] == [task(number) for number in range(count)]
    assert [id for id, _ in there] == list(ids)  # noqa: A001


@pytest.mark.parametrize("colour", [*COLOURS] if SOAK else ["sync"], scope="session")
def test_5_000_tasks_and_one_kill(mortal: LocalServer, colour: str, tmp_path: Path) -> None:
    soak(mortal, colour, 5_000, 0.15, {8}, tmp_path / "ledger")


# It takes minutes, which belong to a release and not to each run of the suite: LABELWIRE_SOAK=1 has it run.
@pytest.mark.skipif(not SOAK, reason="takes minutes; run with LABELWIRE_SOAK=1")
def test_50_000_tasks_and_two_kills(mortal: LocalServer, colour: str, tmp_path: Path) -> None:
    soak(mortal, colour, 50_000, 0.05, {60, 140}, tmp_path / "ledger")


SCRIPT = """
import asyncio, functools, sys
from labelwire import AsyncClient, Client
from labelwire.bulk import batches, doubt, importing

doubt.LATE, doubt.LOOK, importing.Pace = 0.3, 0.02, functools.partial(batches.Pace, 400, 400)
colour, url, key, project, ledger, count = sys.argv[1:]
tasks = ({"text": f"task {number}"} for number in range(int(count)))

async def run():
    async with AsyncClient(url, key) as client:
        return await client.imports.tasks(int(project), tasks, ledger=ledger)

report = asyncio.run(run()) if colour == "async" else Client(url, key).imports.tasks(int(project), tasks, ledger=ledger)
print(*report.task_ids)
"""


class Fatal:
    """Kills the client's process when its nth matching request has come so far, and cuts the connection there."""

    def __init__(self, match: Match, nth: int, phase: Phase) -> None:
        self._match = match
        self._left = nth
        self._phase = phase
        self.process: subprocess.Popen[str] | None = None

    def choose(self, asked: Asked) -> Fault | None:
        """The cut, once."""
        if not self._match(asked):
            return None
        self._left -= 1
        if self._left:
            return None
        if self._phase in (Phase.ARRIVAL, Phase.FORWARD):
            self._kill()
            return Fault(Break("reset"), self._phase)
        # The server applies it, and nobody is there any more to hear of it.
        threading.Timer(0.02, self._kill).start()
        return Fault(Break("hanging", 5.0), self._phase)

    def _kill(self) -> None:
        if self.process:
            self.process.kill()


KILLED = [
    ("sync", 1, Phase.FORWARD),
    ("sync", 1, Phase.ANSWERED),
    ("sync", 2, Phase.ANSWERED),
    ("async", 2, Phase.ANSWERED),
]


@pytest.mark.parametrize(("colour", "nth", "phase"), KILLED, ids=str, scope="session")
def test_a_client_that_was_killed_goes_on_where_it_was(
    server: LocalServer, direct: Client, target: int, colour: str, tmp_path: Path, nth: int, phase: Phase
) -> None:
    count = 1_000
    plan = Fatal(Match("POST", r"/import\?"), nth, phase)
    with Proxy(server.url, plan) as proxy:
        arguments = [colour, proxy.url, server.api_key, str(target), str(tmp_path / "ledger"), str(count)]
        command = [sys.executable, "-c", SCRIPT, *arguments]
        plan.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        plan.process.communicate(timeout=60)
        assert plan.process.returncode == -9
        proxy.plan = Nothing()
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
        proxy.settle()
    assert held(direct, target) == [(int(id), task(number)) for number, id in enumerate(done.stdout.split())]  # noqa: A001
