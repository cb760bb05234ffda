"""labelwire's `Client`."""

from __future__ import annotations

from typing import Any

import labelwire
from labelwire import Client

from . import samples
from .worker import serve


def connect(url: str, token: str) -> Client:
    client = Client(url, token)
    client.get_versions()
    _ = labelwire.Project  # imported when first used
    return client


def read(client: Client, call: dict[str, Any]) -> Any:
    return client.tasks.read(project=call["project"]).to_list()


def data(client: Client, call: dict[str, Any]) -> Any:
    return client.tasks.read(project=call["project"], annotations=False, predictions=False).to_list()


def ids(client: Client, call: dict[str, Any]) -> Any:
    return client.tasks.ids(project=call["project"])


def save(client: Client, call: dict[str, Any]) -> Any:
    return client.tasks.save(project=call["project"], path=call["path"])


def snapshot(client: Client, call: dict[str, Any]) -> Any:
    return client.exports.snapshot(call["project"], path=call["path"])


def projects(client: Client, _: dict[str, Any]) -> Any:
    return client.list_projects()


def projects_page(client: Client, _: dict[str, Any]) -> Any:
    return client.list_projects(page=1)


def import_tasks(client: Client, call: dict[str, Any]) -> Any:
    return client.imports.tasks(call["project"], samples.small_tasks(call["size"])).task_ids


def import_predictions(client: Client, call: dict[str, Any]) -> int:
    client.imports.predictions(call["project"], samples.new_predictions(call["tasks"]))
    return len(call["tasks"])


def import_annotations(client: Client, call: dict[str, Any]) -> int:
    client.imports.annotations(call["project"], samples.new_annotations(call["tasks"]))
    return len(call["tasks"])


def import_annotations_keep(client: Client, call: dict[str, Any]) -> int:
    client.imports.annotations(call["project"], samples.new_annotations(call["tasks"]), helpers="keep")
    return len(call["tasks"])


def get_project(client: Client, call: dict[str, Any]) -> int:
    return sum(1 for _ in range(call["times"]) if client.projects.get(call["project"]).title)


def get_old_project(client: Client, call: dict[str, Any]) -> int:
    return sum(1 for _ in range(call["times"]) if client.get_project(call["project"]).title)


def request(client: Client, call: dict[str, Any]) -> int:
    path = f"/api/projects/{call['project']}"
    return sum(1 for _ in range(call["times"]) if client.make_request("GET", path).json()["title"])


def annotate(client: Client, call: dict[str, Any]) -> int:
    return sum(1 for task in call["tasks"] if client.annotations.create(task=task, result=samples.RESULT).id)


def page(client: Client, call: dict[str, Any]) -> Any:
    return client.tasks.list(project=call["project"], page_size=call["size"], fields="all").to_list()


def page_used(client: Client, call: dict[str, Any]) -> Any:
    return [
        (
            task.data["text"],
            task.created_at.year,
            [one.result for one in task.annotations],
            [one.result for one in task.predictions],
        )
        for task in page(client, call)
    ]


if __name__ == "__main__":
    serve(connect, globals())
