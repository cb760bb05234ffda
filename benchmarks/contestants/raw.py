"""Bare requests: the best route there is, without models, checks or repeats."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import requests

from . import samples
from .worker import serve


class Api:
    """A session that is kept alive, and the server's URL."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Token {token}"
        self.ask("GET", "/api/version")

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """The decoded answer, None where there is none."""
        response = self.session.request(method, self.url + path, **options)
        response.raise_for_status()
        return json.loads(response.content) if response.content else None

    def pages(self, page_size: int, **query: Any) -> list[dict[str, Any]]:
        """All tasks, page by page."""
        found: list[dict[str, Any]] = []
        total = 1
        while len(found) < total:
            page = 1 + len(found) // page_size
            answer = self.ask("GET", "/api/tasks/", params={**query, "page": page, "page_size": page_size})
            found += answer["tasks"]
            total = answer["total"]
        return found


def read_snapshot(api: Api, call: dict[str, Any]) -> Any:
    exports = f"/api/projects/{call['project']}/exports/"
    whole = {"serialization_options": {"predictions": {"only_id": False}}}  # else they are ids
    made = api.ask("POST", exports, json=whole)["id"]
    tasks = api.ask("GET", f"{exports}{made}/download", params={"exportType": "JSON"})
    api.ask("DELETE", f"{exports}{made}")
    return tasks


PAGED = (
    "id,data,meta,project,inner_id,total_annotations,cancelled_annotations,total_predictions,comment_count,"
    "unresolved_comment_count,last_comment_updated_at,file_upload,updated_by,created_at,updated_at"
)


def read_two_routes(api: Api, call: dict[str, Any]) -> Any:
    """Annotated tasks from a snapshot, the others from pages, the predictions from a list of all."""
    project = call["project"]
    predictions: dict[int, list[Any]] = {}
    for one in api.ask("GET", "/api/predictions/", params={"task__project": project}):
        predictions.setdefault(one["task"], []).append(one)
    bare = {"filter": "filter:tasks:annotations_ids", "operator": "empty", "type": "String", "value": True}
    query = json.dumps({"filters": {"conjunction": "and", "items": [bare]}})
    tasks = api.pages(1000, project=project, include=PAGED, query=query, resolve_uri="false")
    for task in tasks:
        task["annotations"] = []
    exports = f"/api/projects/{project}/exports/"
    made = api.ask("POST", exports, json={"task_filter_options": {"annotated": "only"}})["id"]
    tasks += api.ask("GET", f"{exports}{made}/download", params={"exportType": "JSON"})
    api.ask("DELETE", f"{exports}{made}")
    for task in tasks:
        task["predictions"] = predictions.get(task["id"], [])
    return sorted(tasks, key=lambda task: int(task["id"]))


def data(api: Api, call: dict[str, Any]) -> Any:
    return api.pages(1000, project=call["project"], include="id,data")


def ids(api: Api, call: dict[str, Any]) -> Any:
    return [task["id"] for task in api.pages(call["page_size"], project=call["project"], include="id")]


def projects(api: Api, _: dict[str, Any]) -> Any:
    found: list[dict[str, Any]] = []
    total = 1
    while len(found) < total:
        answer = api.ask("GET", "/api/projects/", params={"page": 1 + len(found) // 100, "page_size": 100})
        found += answer["results"]
        total = answer["count"]
    return found


def import_tasks(api: Api, call: dict[str, Any]) -> Any:
    path = f"/api/projects/{call['project']}/import"
    body = list(samples.small_tasks(call["size"]))
    return api.ask("POST", path, params={"return_task_ids": "true"}, json=body)["task_ids"]


def get_project(api: Api, call: dict[str, Any]) -> int:
    return sum(1 for _ in range(call["times"]) if api.ask("GET", f"/api/projects/{call['project']}/")["title"])


def predict(api: Api, call: dict[str, Any]) -> int:
    made = (api.ask("POST", "/api/predictions/", json=one) for one in samples.new_predictions(call["tasks"]))
    return sum(1 for one in made if one["id"])


def annotate(api: Api, call: dict[str, Any]) -> int:
    body = {"result": samples.RESULT}
    made = (api.ask("POST", f"/api/tasks/{task}/annotations/", json=body) for task in call["tasks"])
    return sum(1 for one in made if one["id"])


def page(api: Api, call: dict[str, Any]) -> Any:
    query = {"project": call["project"], "page": 1, "page_size": call["size"], "fields": "all"}
    return api.ask("GET", "/api/tasks/", params=query)["tasks"]


def page_used(api: Api, call: dict[str, Any]) -> Any:
    return [
        (
            task["data"]["text"],
            datetime.fromisoformat(task["created_at"]).year,
            [one["result"] for one in task["annotations"]],
            [one["result"] for one in task["predictions"]],
        )
        for task in page(api, call)
    ]


if __name__ == "__main__":
    serve(Api, globals())
