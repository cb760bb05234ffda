"""What is built is what a real server takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labelwire import Client
from labelwire import label_config as lc

from .test_build import KINDS

pytestmark = pytest.mark.server

SIZE = (64, 48)


def shapes(config: lc.LabelConfig, data: Any) -> list[Any]:
    cat = config["box"].box(10, 20, 30, 15, label="Cat", image_size=SIZE)
    dog = config["box"].box_about(30, 20, 10, 5, 30, label="Dog", image_size=SIZE)
    return [
        cat,
        dog,
        lc.relation(cat, dog, "next to"),
        config["polygon"].polygon([(1, 2), (30, 4), (20, 40)], label="Road", image_size=SIZE),
        config["keypoint"].keypoint(3, 4, label="eye", image_size=SIZE),
        config["ellipse"].ellipse(30, 20, 10, 5, label="iris", image_size=SIZE),
        config["brush"].mask([[0] * 64] * 24 + [[1] * 64] * 24, label="Sky"),
        config["weather"].choose("sun"),
        config["more"].choose("a", "b"),
        config["taxonomy"].choose(("Animal", "Dog", "Pug")),
        config["rating"].rate(4),
        config["number"].number(3.5),
        config["comment"].write("hm"),
        config["date"].date("2024-02-29"),
    ]


def speech(config: lc.LabelConfig, data: Any) -> list[Any]:
    segment = config["segment"].segment(0.5, 1.5, "Noise", duration=3)
    return [segment, config["transcription"].write("hello", region=segment)]


MADE: dict[str, Callable[[lc.LabelConfig, Any], list[Any]]] = {
    "image": shapes,
    "text": lambda config, data: [config["span"].span(data["text"], 4, 9, "PER"), config["choice"].choose("good")],
    "paragraphs": lambda config, data: [config["span"].utterance(data["dialogue"], 1, 0, 3, "PER")],
    "audio": speech,
    "video": lambda config, data: [
        config["box"].track({1: (1, 2, 3, 4), 5: (10, 20, 30, 20)}, image_size=SIZE, frames=100, fps=25, label="Car"),
        config["timeline"].frames(3, 9, "Crash"),
    ],
    "pairwise": lambda config, data: [config["pairwise"].prefer("left"), config["choice"].choose("same")],
    "series": lambda config, data: [config["segment"].segment(1, 4, "run")],
    "ranking": lambda config, data: [config["rank"].rank({"good": ["1", "2"], "bad": ["3"]})],
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_configuration_that_the_server_takes(client: Client, kind: str) -> None:
    client.projects.validate(str(KINDS[kind]))


@pytest.mark.parametrize("kind", MADE)
def test_samples_and_regions_come_back_as_they_were_sent(client: Client, kind: str) -> None:
    config = KINDS[kind]
    data = config.sample_task()
    result = MADE[kind](config, data)
    config.check(result, data)
    project = client.start_project(title=f"Regions of {kind}", label_config=str(config))
    try:
        (task,) = project.import_tasks([{"data": data, "annotations": [{"result": result}]}])
        stored = client.tasks.get(task).to_dict()
        assert stored["data"] == data
        assert stored["annotations"][0]["result"] == result
        config.check(stored["annotations"][0], stored["data"])
        if kind == "pairwise":
            result[0]["to_name"] = "left"  # see prefer()
        assert predictions(client, project.id, task, result) == 1
    finally:
        client.delete_project(project.id)


def predictions(client: Client, project: int, task: int, result: list[Any]) -> int:
    """How many of one prediction the server takes: what it finds wrong it leaves out, and says 201 all the same."""
    body = [{"task": task, "result": result}]
    reply: dict[str, int] = client.make_request("POST", f"/api/projects/{project}/import/predictions", json=body).json()
    return reply["created"]


def test_what_a_check_refuses_the_server_leaves_out(client: Client) -> None:
    config = lc.image(boxes=["Cat"])
    project = client.start_project(title="Refused", label_config=str(config))
    try:
        (task,) = project.import_tasks([config.sample_task()])
        fine = config["box"].box(1, 2, 3, 4, label="Cat", image_size=SIZE)
        assert predictions(client, project.id, task, [fine]) == 1
        for wrong in (
            {**fine, "from_name": "boxx"},
            {**fine, "to_name": "picture"},
            {**fine, "type": "polygonlabels"},
            {**fine, "value": {**fine["value"], "rectanglelabels": ["Kat"]}},
            {**fine, "value": {**fine["value"], "x": 640}},
        ):
            assert config.problems([wrong])
            assert predictions(client, project.id, task, [wrong]) == 0
    finally:
        client.delete_project(project.id)
