"""The calls that FiftyOne 1.22's Label Studio backend makes, in its order and with its arguments.

FiftyOne itself needs a MongoDB of its own; what it asks of the client is this.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import labelwire
from labelwire import LocalServer

from ..conftest import IMAGE_CONFIG
from .test_namespaces import PNG

pytestmark = pytest.mark.server


@pytest.mark.parametrize("times", [1, 2])
def test_fiftyones_calls(server: LocalServer, tmp_path: Path, times: int) -> None:
    client = labelwire.Client(server.url, server.api_key)
    client.check_connection()
    release = client.make_request("GET", "/api/version").json()["release"]
    assert tuple(int(part) for part in release.split(".")) >= (1, 5, 0)
    assert "FiftyOne_here" not in [one.params["title"] for one in client.list_projects()]
    project = client.start_project(title="FiftyOne_here", label_config=IMAGE_CONFIG)
    sources = [f"sample-{number}" for number in range(3)]
    for _ in range(times):
        paths = [tmp_path / f"{source}.png" for source in sources]
        for path in paths:
            path.write_bytes(PNG)
        files = [(source, path.open("rb")) for source, path in zip(sources, paths, strict=True)]
        reply = client.make_request(
            "POST", f"/api/projects/{project.id}/import", params={"commit_to_project": True}, files=files
        )
        for _, opened in files:
            opened.close()
        payload = json.dumps({"file_upload_ids": reply.json()["file_upload_ids"], "files_as_tasks_list": False})
        client.headers.update({"Content-Type": "application/json"})
        client.make_request("POST", f"/api/projects/{project.id}/reimport", data=payload)
    ids = project.get_tasks(only_ids=True)
    assert len(ids) == 3 * times
    value = {"x": 1, "y": 2, "width": 3, "height": 4, "rectanglelabels": ["Cat"]}
    region = {"from_name": "box", "to_name": "img", "type": "rectanglelabels", "value": value}
    project.create_predictions([{"task": task, "result": [region]} for task in ids])
    project.create_prediction(ids[0], [region])
    matched = project.get_tasks(selected_ids=ids[:2])
    assert [task["id"] for task in matched if task["is_labeled"] or bool(task.get("predictions"))] == ids[:2]
    for task in ids:
        client.make_request("DELETE", f"/api/tasks/{task}")
    again = client.get_project(project.id)
    assert again.tasks == []
    client.make_request("DELETE", f"/api/projects/{project.id}")
