"""The official SDK's 0.0.34."""

from __future__ import annotations

from typing import Any

from label_studio_sdk import Client  # type: ignore[import-not-found]

from . import samples
from .worker import serve


def connect(url: str, token: str) -> Any:
    return Client(url, token)


def read(client: Any, call: dict[str, Any]) -> Any:
    return client.get_project(call["project"]).get_tasks()


def ids(client: Any, call: dict[str, Any]) -> Any:
    return client.get_project(call["project"]).get_tasks_ids()


def projects(client: Any, _: dict[str, Any]) -> Any:
    return client.list_projects()


def get_project(client: Any, call: dict[str, Any]) -> int:
    return sum(1 for _ in range(call["times"]) if client.get_project(call["project"]).title)


def request(client: Any, call: dict[str, Any]) -> int:
    path = f"/api/projects/{call['project']}"
    return sum(1 for _ in range(call["times"]) if client.make_request("GET", path).json()["title"])


def predict(client: Any, call: dict[str, Any]) -> int:
    project = client.get_project(call["project"])
    made = (project.create_prediction(task, samples.RESULT, 0.5, "v1") for task in call["tasks"])
    return sum(1 for one in made if one["id"])


def annotate(client: Any, call: dict[str, Any]) -> int:
    project = client.get_project(call["project"])
    return sum(1 for task in call["tasks"] if project.create_annotation(task, result=samples.RESULT)["id"])


def page(client: Any, call: dict[str, Any]) -> Any:
    return client.get_project(call["project"]).get_paginated_tasks(page_size=call["size"])["tasks"]


if __name__ == "__main__":
    serve(connect, globals())
