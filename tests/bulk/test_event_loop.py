"""Nothing that `AsyncClient` does in bulk holds the event loop up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from labelwire import AsyncClient, Client, LocalServer

from ..conftest import TEXT_CONFIG, choice

pytestmark = [pytest.mark.server, pytest.mark.alone]

LONGEST = 0.05
"""Seconds for which the loop may be held up."""

ATTEMPTS = 3
"""The machine itself may stop everything for a while; what blocks the loop does so each time."""


async def longest_stall(work: Awaitable[Any]) -> float:
    """The longest time, in seconds, that the event loop took for anything but waiting while the work went on."""
    longest, done = 0.0, False

    async def beat() -> None:
        nonlocal longest
        while not done:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before - 0.001)

    heart = asyncio.create_task(beat())
    await asyncio.sleep(0.01)
    try:
        await work
    finally:
        done = True
        await heart
    return longest


TASKS = [
    {"data": {"text": f"text {number} " * 20}, "predictions": [{"result": choice("good"), "score": 0.5}]}
    for number in range(3_000)
]


async def importing(client: AsyncClient, project: int, folder: Path) -> None:
    await client.imports.tasks(project, iter(TASKS), ledger=folder / "ledger")


async def predicting(client: AsyncClient, project: int, folder: Path) -> None:
    tasks = await client.tasks.ids(project=project)
    await client.imports.predictions(project, [{"task": task, "result": choice("bad")} for task in tasks])


async def exporting(client: AsyncClient, project: int, folder: Path) -> None:
    await client.tasks.save(project=project, path=folder / "tasks.jsonl", predictions=False)
    await client.exports.snapshot(project, path=folder / "tasks.json")
    async for _ in client.tasks.read(project=project):
        pass


async def listing(client: AsyncClient, project: int, folder: Path) -> None:
    async for _ in client.tasks.list(project=project, fields="all", page_size=500):
        pass


async def refreshing(client: AsyncClient, project: int, folder: Path) -> None:
    for _ in range(5):
        client._driver.site.credential._until = 0.0  # type: ignore[attr-defined]
        await asyncio.gather(*(client.projects.get(project) for _ in range(10)))


JOBS: dict[str, tuple[Callable[[AsyncClient, int, Path], Awaitable[None]], int]] = {
    "an import": (importing, 0),
    "predictions": (predicting, 1_500),
    "an export": (exporting, 1_500),
    "a listing": (listing, 800),
    "a token refresh": (refreshing, 0),
}


@pytest.mark.parametrize("job", JOBS)
def test_nothing_holds_the_event_loop_up(server: LocalServer, client: Client, tmp_path: Path, job: str) -> None:
    work, tasks = JOBS[job]

    async def attempt(number: int) -> float:
        project = client.projects.create(title="An event loop", label_config=TEXT_CONFIG).id
        if tasks:
            client.imports.tasks(project, TASKS[:tasks])
        try:
            async with server.async_client() as asynchronous:
                await asynchronous.projects.get(project)
                folder = tmp_path / str(number)
                folder.mkdir()
                return await longest_stall(work(asynchronous, project, folder))
        finally:
            client.projects.delete(project)

    stalls: list[float] = []
    for number in range(ATTEMPTS):
        stalls.append(asyncio.run(attempt(number)))
        if stalls[-1] < LONGEST:
            return
    pytest.fail(f"{job} held the event loop up for {stalls} s")
