"""labelwire's `AsyncClient`."""

from __future__ import annotations

import asyncio
from typing import Any

from labelwire import AsyncClient

from .worker import serve


async def connect(url: str, token: str) -> AsyncClient:
    client = AsyncClient(url, token)
    await client.system.version()
    return client


async def read(client: AsyncClient, call: dict[str, Any]) -> Any:
    return await client.tasks.read(project=call["project"]).to_list()


async def one_by_one(client: AsyncClient, call: dict[str, Any]) -> int:
    done = 0
    for _ in range(call["times"]):
        done += bool((await client.projects.get(call["project"])).title)
    return done


async def at_once(client: AsyncClient, call: dict[str, Any]) -> int:
    share = {**call, "times": call["times"] // call["at_once"]}
    return sum(await asyncio.gather(*(one_by_one(client, share) for _ in range(call["at_once"]))))


if __name__ == "__main__":
    serve(connect, globals())
