"""Read all projects at once: how many boxes of which label were predicted in each.

python examples/async_read.py URL API_KEY    needs: pip install "labelwire[async]"
"""

import asyncio
import sys
from collections import Counter

from labelwire import AsyncClient


async def labels(client: AsyncClient, project: int) -> Counter[str]:
    """The labels of the project's predicted boxes, with their numbers."""
    counts: Counter[str] = Counter()
    async for prediction in client.predictions.list(project=project):
        for region in prediction.result or ():
            counts.update(region["value"].get("rectanglelabels", ()))
    return counts


async def main(url: str, api_key: str) -> None:
    async with AsyncClient(url, api_key) as client:
        projects = [project async for project in client.projects.list()]
        found = await asyncio.gather(*(labels(client, project.id) for project in projects))
        for project, counts in zip(projects, found, strict=True):
            print(project.id, project.title, dict(counts))


asyncio.run(main(*sys.argv[1:]))
