"""What does not fit the labeling configuration is refused before it is sent, and sent with check=False."""

from __future__ import annotations

from typing import Any

import pytest

from labelwire import Client, InvalidInput, UnexpectedReply

from ..conftest import Both

pytestmark = pytest.mark.server

CONFIG = """
<View>
  <Image name="img" value="$image"/>
  <RectangleLabels name="box" toName="img"><Label value="Cat"/></RectangleLabels>
  <Text name="txt" value="$text"/>
  <Labels name="ner" toName="txt"><Label value="PER"/></Labels>
</View>
"""

TEXT = "Ann met Ben."


def box(**changes: Any) -> dict[str, Any]:
    """A good rectangle, with changes to its value."""
    value = {"x": 10, "y": 20, "width": 30, "height": 40, "rectanglelabels": ["Cat"], **changes}
    return {"id": "a", "from_name": "box", "to_name": "img", "type": "rectanglelabels", "value": value}


def span(start: int, end: int) -> dict[str, Any]:
    """A span of the text."""
    value = {"start": start, "end": end, "labels": ["PER"]}
    return {"id": "b", "from_name": "ner", "to_name": "txt", "type": "labels", "value": value}


MALFORMED = [
    ({**box(), "from_name": "bxo"}, "box"),
    (box(rectanglelabels=["Cta"]), "Cat"),
    (box(x=90, width=30), "100"),
    (span(8, 99), "12"),
]


@pytest.fixture
def task(both: Both) -> Any:
    """A task of a project with images and text; the project is gone afterwards."""
    project = both("projects.create", title="Checked", label_config=CONFIG)
    (made,) = both("imports.tasks", project.id, [{"image": "http://x/1.jpg", "text": TEXT}]).task_ids
    yield project.id, made
    both("projects.delete", project.id)


@pytest.mark.parametrize(("region", "said"), MALFORMED)
def test_a_malformed_prediction_is_refused_with_the_reason(
    both: Both, task: tuple[int, int], region: dict[str, Any], said: str
) -> None:
    project, one = task
    for call, arguments in (
        ("imports.predictions", (project, [{"task": one, "result": [box()]}, {"task": one, "result": [region]}])),
        ("predictions.create", ()),
        ("annotations.create", ()),
    ):
        named: dict[str, Any] = {} if arguments else {"task": one, "result": [region], "check": True}
        with pytest.raises(InvalidInput, match="does not fit the labeling configuration") as caught:
            both(call, *arguments, **named)
        assert said in str(caught.value)
        assert "check=False" in str(caught.value)
        if arguments:
            assert f"prediction 1 of task {one}" in str(caught.value)
            assert "prediction 0" not in str(caught.value)
    assert both.all("predictions.list", task=one) == []
    assert both.all("annotations.list", task=one) == []
    both("predictions.create", task=one, result=[region], check=False)
    both("annotations.create", task=one, result=[region], check=False)
    assert len(both.all("predictions.list", task=one)) == 1


@pytest.mark.parametrize("region", [box(), span(0, 3), span(8, 11)])
def test_what_fits_is_sent(both: Both, task: tuple[int, int], region: dict[str, Any]) -> None:
    project, one = task
    assert both("imports.predictions", project, [{"task": one, "result": [region]}]).created == 1
    assert both("predictions.create", task=one, result=[region], check=True).task == one
    assert both("annotations.create", task=one, result=[region], check=True).task == one


def test_what_the_server_leaves_out_without_a_word_is_an_error(both: Both, task: tuple[int, int]) -> None:
    project, one = task
    many = [{"task": one, "result": [box()]}, {"task": one, "result": [box(rectanglelabels=["Cta"])]}]
    with pytest.raises(UnexpectedReply, match="has left out 1 predictions of the batch, at 1"):
        both("imports.predictions", project, many, check=False)


def test_an_old_script_is_told_too(client: Client) -> None:
    project = client.start_project(title="Checked", label_config=CONFIG)
    (one,) = project.import_tasks([{"image": "http://x/1.jpg", "text": TEXT}])
    with pytest.raises(InvalidInput, match="Cat"):
        project.create_prediction(one, result=[box(rectanglelabels=["Cta"])])
    assert project.create_prediction(one, result=[box(rectanglelabels=["Cta"])], check=False)["task"] == one
    client.delete_project(project.id)
