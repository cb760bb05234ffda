"""The official SDK's 2.1.2, sync and async."""

from __future__ import annotations

import asyncio
from typing import Any

from label_studio_sdk import AsyncLabelStudio, LabelStudio  # type: ignore[import-not-found]

from . import samples
from .worker import serve


def connect(url: str, token: str) -> Any:
    client = LabelStudio(base_url=url, api_key=token)
    client.asynchronous = AsyncLabelStudio(base_url=url, api_key=token)
    client.versions.get()
    _ = client.projects, client.tasks, client.annotations, client.predictions  # each is imported when first used
    return client


def read(client: Any, call: dict[str, Any]) -> Any:
    return list(client.tasks.list(project=call["project"], fields="all"))


def data(client: Any, call: dict[str, Any]) -> Any:
    return list(client.tasks.list(project=call["project"], fields="task_only"))


def ids(client: Any, call: dict[str, Any]) -> Any:
    return [task.id for task in client.tasks.list(project=call["project"], include="id")]


def projects(client: Any, _: dict[str, Any]) -> Any:
    return list(client.projects.list())


def projects_page(client: Any, _: dict[str, Any]) -> Any:
    return client.projects.list(page_size=100).items


def import_tasks(client: Any, call: dict[str, Any]) -> Any:
    tasks = list(samples.small_tasks(call["size"]))
    return client.projects.import_tasks(call["project"], request=tasks, return_task_ids=True).task_ids


def get_project(client: Any, call: dict[str, Any]) -> int:
    return sum(1 for _ in range(call["times"]) if client.projects.get(call["project"]).title)


def predict(client: Any, call: dict[str, Any]) -> int:
    made = (client.predictions.create(**one) for one in samples.new_predictions(call["tasks"]))
    return sum(1 for one in made if one.id)


def annotate(client: Any, call: dict[str, Any]) -> int:
    return sum(1 for task in call["tasks"] if client.annotations.create(task, result=samples.RESULT).id)


def page(client: Any, call: dict[str, Any]) -> Any:
    return client.tasks.list(project=call["project"], page_size=call["size"], fields="all").items


def page_used(client: Any, call: dict[str, Any]) -> Any:
    return [
        (
            task.data["text"],
            task.created_at.year,
            [one["result"] for one in task.annotations],
            [one.result for one in task.predictions],
        )
        for task in page(client, call)
    ]


async def one_by_one(client: Any, call: dict[str, Any]) -> int:
    done = 0
    for _ in range(call["times"]):
        done += bool((await client.asynchronous.projects.get(call["project"])).title)
    return done


async def at_once(client: Any, call: dict[str, Any]) -> int:
    share = {**call, "times": call["times"] // call["at_once"]}
    return sum(await asyncio.gather(*(one_by_one(client, share) for _ in range(call["at_once"]))))


if __name__ == "__main__":
    serve(connect, globals())
