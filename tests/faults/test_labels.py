"""Predictions, annotations and media under faults: each of them once, whichever answer is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labelwire import Client
from labelwire.bulk import onto_tasks

from ..conftest import TEXT_CONFIG, choice
from . import faults
from .conftest import Proxied
from .faults import Break, Fault, Late, Match, Once, Phase, Twice
from .table import hurried

pytestmark = pytest.mark.server

LOST = [
    Fault(Break("closed"), Phase.FORWARD),
    Fault(Break("closed"), Phase.ANSWERED),
    Fault(faults.GATEWAY_TIMEOUT, Phase.ANSWERED),
    Fault(Late(0.3)),
]
"""Answers that are lost: before the server has the request, after it, and long before."""


@pytest.fixture
def project(client: Client) -> Iterator[int]:
    made = client.projects.create(title="Faulty labels", label_config=TEXT_CONFIG)
    yield made.id
    client.projects.delete(made.id)


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.words)
def test_each_prediction_is_there_once(
    proxied: Proxied, client: Client, project: int, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onto_tasks, "AT_ONCE", 15)
    tasks = client.imports.tasks(project, [{"text": str(number)} for number in range(15)]).task_ids
    # Two alike for each task, in two batches: what the first one has brought is not to be taken for the second.
    given = [{"task": task, "result": choice("good")} for _ in range(2) for task in tasks]
    plan = Once(Match("POST", "/import/predictions"), fault)
    calls, proxy = proxied(plan)
    with hurried(0.8):
        report = calls("imports.predictions", project, given)
        proxy.settle()
    assert plan.over
    assert (report.created, report.refused) == (30, [])
    assert Counter(one.task for one in client.predictions.list(project=project)) == dict.fromkeys(tasks, 2)


@pytest.mark.parametrize("path", ["/import/predictions", "/api/dm/actions"])
@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.words)
def test_each_annotation_is_there_once(proxied: Proxied, client: Client, project: int, fault: Fault, path: str) -> None:
    tasks = client.imports.tasks(project, [{"text": str(number)} for number in range(20)]).task_ids
    plan = Once(Match("POST", path), fault)
    calls, proxy = proxied(plan)
    with hurried(0.8):
        report = calls("imports.annotations", project, [{"task": task, "result": choice("bad")} for task in tasks])
        proxy.settle()
    assert plan.over
    assert report.created == 20
    found = client.tasks.list(project=project, fields="all").to_list()
    assert [len(task.annotations or ()) for task in found] == [1] * 20
    assert [len(task.predictions or ()) for task in found] == [0] * 20, "the helpers are gone"


@pytest.mark.parametrize("fault", [*LOST, Fault(Twice("first"))], ids=lambda fault: fault.words)
def test_each_of_a_few_annotations_is_there_once(proxied: Proxied, client: Client, project: int, fault: Fault) -> None:
    tasks = client.imports.tasks(project, [{"text": str(number)} for number in range(3)]).task_ids
    plan = Once(Match("POST", "/annotations/"), fault)
    calls, proxy = proxied(plan)
    given: list[Any] = [{"task": task, "result": choice("bad"), "lead_time": 1.0} for task in tasks]
    assert calls("imports.annotations", project, given).created == 3
    proxy.settle()
    assert plan.over
    assert [len(task.annotations or ()) for task in client.tasks.list(project=project, fields="all")] == [1] * 3


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.words)
def test_each_file_is_there_once(proxied: Proxied, client: Client, fault: Fault, tmp_path: Path) -> None:
    config = '<View><Image name="i" value="$image"/><Choices name="c" toName="i"><Choice value="a"/></Choices></View>'
    project = client.projects.create(title="Faulty files", label_config=config).id
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    for path in paths:
        path.write_bytes(path.name.encode())
    plan = Once(Match("POST", "/import"), fault)
    calls, proxy = proxied(plan)
    with hurried(0.8):
        report = calls("imports.files", project, paths)
        proxy.settle()
    assert plan.over
    data = {task.id: task.data["image"] for task in client.tasks.list(project=project)}
    assert [data[task].rpartition("-")[2] for task in report.task_ids] == [path.name for path in paths]
    assert sorted(file.name for file in client.files.list(project)) == [path.name for path in paths]
    client.projects.delete(project)
