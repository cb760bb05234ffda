"""The check says no to everything that is not as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from labelwire.demo.check import NAMED, Different, Sent, check, upload_name
from labelwire.demo.detector import Box
from labelwire.demo.job import regions
from labelwire.errors import LabelwireError

BOXES = regions([Box(7, 11, 31, 17, "Red", 0.98), Box(100, 3, 5, 9, "Blue", 0.6)], 240, 240)
SENT = {
    1: Sent(image="xdf-01.jpg", result=BOXES, annotated=True),
    2: Sent(image="xdf-02.jpg", result=BOXES[:1]),
    3: Sent(image="xdf-03.jpg", result=[]),
}


@pytest.fixture
def tasks() -> list[dict[str, Any]]:
    """What a server that changes nothing exports."""
    exported = [
        {
            "id": number,
            "data": {"image": f"/data/upload/4/1c9f03ab-{sent.image}"},
            "predictions": [{"result": sent.result}],
            "annotations": [{"result": sent.result}] if sent.annotated else [],
        }
        for number, sent in SENT.items()
    ]
    again: list[dict[str, Any]] = json.loads(json.dumps(exported))
    return again


def test_what_came_back_as_it_went_in_is_accepted(tasks: list[dict[str, Any]]) -> None:
    check(SENT, tasks, where="The export")
    check(SENT, reversed(tasks), where="The export")


def test_the_last_digit_of_a_number_may_differ(tasks: list[dict[str, Any]]) -> None:
    tasks[0]["predictions"][0]["result"][0]["value"]["x"] += 1e-9
    check(SENT, tasks, where="The export")


def moved(tasks: list[dict[str, Any]]) -> None:
    tasks[0]["annotations"][0]["result"][1]["value"]["y"] += 1e-5


def relabeled(tasks: list[dict[str, Any]]) -> None:
    tasks[0]["predictions"][0]["result"][0]["value"]["rectanglelabels"] = ["Blue"]


def without_side(tasks: list[dict[str, Any]]) -> None:
    del tasks[1]["predictions"][0]["result"][0]["value"]["width"]


def of_another_size(tasks: list[dict[str, Any]]) -> None:
    tasks[0]["predictions"][0]["result"][0]["original_width"] = 480


def without_box(tasks: list[dict[str, Any]]) -> None:
    tasks[0]["annotations"][0]["result"].pop()


def without_annotation(tasks: list[dict[str, Any]]) -> None:
    tasks[0]["annotations"] = []


def with_annotation(tasks: list[dict[str, Any]]) -> None:
    tasks[1]["annotations"] = [{"result": BOXES[:1]}]


def with_prediction_twice(tasks: list[dict[str, Any]]) -> None:
    tasks[1]["predictions"] *= 2


def without_task(tasks: list[dict[str, Any]]) -> None:
    del tasks[2]


def with_task(tasks: list[dict[str, Any]]) -> None:
    tasks.append({**tasks[2], "id": 9})


def with_another_image(tasks: list[dict[str, Any]]) -> None:
    tasks[0]["data"] = tasks[1]["data"]


def without_image(tasks: list[dict[str, Any]]) -> None:
    tasks[0]["data"] = {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (moved, "task 1: box 2 of the annotation has y "),
        (relabeled, "task 1: box 1 of the prediction has rectanglelabels ['Blue'] and not ['Red']"),
        (without_side, "task 2: box 1 of the prediction has width None"),
        (of_another_size, "task 1: box 1 of the prediction has original_width 480 and not 240"),
        (without_box, "task 1: annotation with 1 of 2 boxes"),
        (without_annotation, "task 1: 0 annotations and not 1"),
        (with_annotation, "task 2: 1 annotations and not 0"),
        (with_prediction_twice, "task 2: 2 predictions and not 1"),
        (without_task, "task 3 is missing"),
        (with_task, "task 9 was never made"),
        (with_another_image, "task 1: its image is '/data/upload/4/1c9f03ab-xdf-02.jpg' and not 'xdf-01.jpg'"),
        (without_image, "task 1: its image is 'None' and not 'xdf-01.jpg'"),
    ],
)
def test_a_difference_is_named(
    tasks: list[dict[str, Any]], change: Callable[[list[dict[str, Any]]], None], said: str
) -> None:
    change(tasks)
    with pytest.raises(Different) as caught:
        check(SENT, tasks, where="The export")
    assert isinstance(caught.value, LabelwireError)
    assert len(caught.value.differences) == 1
    assert said in str(caught.value)


def test_many_differences_are_counted() -> None:
    many = dict.fromkeys(range(1, 21), SENT[3])
    with pytest.raises(Different, match=f"and {20 - NAMED} more") as caught:
        check(many, [], where="The export")
    assert len(caught.value.differences) == 20


def test_an_upload_keeps_its_name_behind_a_prefix() -> None:
    assert upload_name("/data/upload/4/1c9f03ab-xdf-01.jpg") == "xdf-01.jpg"
    assert upload_name("None") == ""
