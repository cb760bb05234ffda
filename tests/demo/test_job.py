"""The job on a real server, and what it does when something there is changed behind its back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from labelwire import Client
from labelwire.demo.check import Different
from labelwire.demo.job import IMAGES, Step, run

pytestmark = pytest.mark.server


@pytest.fixture
def title(client: Client) -> Iterator[str]:
    """A title of its own; its project is gone afterwards."""
    own = f"demo {uuid4()}"
    yield own
    for project in client.projects.list(title=own):
        client.projects.delete(project.id)


def test_everything_comes_back_as_it_went_in(client: Client, tmp_path: Path, title: str) -> None:
    steps: list[Step] = []
    outcome = run(client, tmp_path, title=title, watch=steps.append)

    assert outcome.tasks == len(IMAGES) == 12
    assert outcome.boxes > 100
    assert 0 < outcome.annotations < 12
    assert [stage.name for stage in outcome.stages] == list(dict.fromkeys(step.name for step in steps))
    assert all(0 <= step.done <= step.total for step in steps)
    assert all(stage.seconds >= 0 for stage in outcome.stages)
    assert {step.name for step in steps if step.done == step.total} == {stage.name for stage in outcome.stages}
    assert outcome.url == f"{client.url}/projects/{outcome.project}/data"

    assert [path.name for path in tmp_path.iterdir()] == [outcome.export.name], "the images it compared are gone"
    exported = json.loads(outcome.export.read_text("utf-8"))
    assert sum(len(task["predictions"][0]["result"]) for task in exported) == outcome.boxes
    assert sum(len(task["annotations"]) for task in exported) == outcome.annotations

    # What the Data Manager shows: a score for every task.
    tasks = list(client.tasks.list(project=outcome.project, fields="all"))
    assert all(task.predictions_score and task.predictions_score > 0.5 for task in tasks)


@pytest.mark.parametrize("behind", ["read", "export"])
def test_a_change_on_the_server_is_found(client: Client, tmp_path: Path, title: str, behind: str) -> None:
    def meddle(step: Step) -> None:
        if step.name != behind or step.done:
            return
        (project,) = client.projects.list(title=title)
        prediction = next(iter(client.predictions.list(project=project.id)))
        result = [dict(region) for region in prediction.result or ()]
        result[0]["value"] = {**result[0]["value"], "x": result[0]["value"]["x"] + 0.5}
        client.predictions.update(prediction.id, result=result)

    with pytest.raises(Different, match=r"box 1 of the prediction has x") as caught:
        run(client, tmp_path, images=IMAGES[:3], title=title, watch=meddle)
    assert len(caught.value.differences) == 1


def test_a_task_that_is_lost_is_found(client: Client, tmp_path: Path, title: str) -> None:
    def meddle(step: Step) -> None:
        if step.name == "export" and step.done == 0:
            (project,) = client.projects.list(title=title)
            client.tasks.delete(next(iter(client.tasks.list(project=project.id))).id)

    with pytest.raises(Different, match=r"The export is not what went in:\n  - task \d+ is missing"):
        run(client, tmp_path, images=IMAGES[:2], title=title, watch=meddle)


def test_an_image_that_is_another_is_found(client: Client, tmp_path: Path, title: str) -> None:
    own = tmp_path / "own"
    own.mkdir()
    image = own / "sky.jpg"
    image.write_bytes(IMAGES[0].read_bytes())

    def meddle(step: Step) -> None:
        if step.name == "check" and step.done == 0:
            image.write_bytes(IMAGES[1].read_bytes())

    with pytest.raises(Different, match=r"sky\.jpg"):
        run(client, tmp_path, images=[image], title=title, watch=meddle)
