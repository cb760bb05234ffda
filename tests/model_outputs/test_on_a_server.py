"""What models give goes to the server in one call, and comes back fitting the configuration."""

from __future__ import annotations

import pytest

from labelwire import InvalidInput
from labelwire import label_config as lc
from tests.conftest import Both

from . import outputs as given


def test_boxes_of_many_images_in_one_call(both: Both) -> None:
    config = lc.image(boxes=["Cat", "Dog"])
    project = both("projects.create", title="Modelled", label_config=str(config))
    ids = both("imports.tasks", project.id, [{"image": f"/{place}.jpg"} for place in range(2)]).task_ids
    outputs = {ids[0]: given.ultralytics(boxes=given.Boxes()), ids[1]: given.DETECTED}
    report = both("predictions.from_model", project.id, outputs, model_version="yolo", image_size={ids[1]: given.SIZE})
    assert report.created == 2
    stored = {one.task: one for one in both.all("predictions.list", project=project.id)}
    assert (stored[ids[0]].score, stored[ids[0]].model_version) == (0.5, "yolo")
    assert lc.box_of(stored[ids[1]].result[0]) == pytest.approx((20, 10, 40, 20, 0))
    for one in stored.values():
        config.check(one.result)
    both("projects.delete", project.id)


def test_offsets_point_into_the_tasks_text(both: Both) -> None:
    project = both("projects.create", title="Modelled", label_config=str(lc.text(spans=["PER", "LOC"])))
    (task,) = both("imports.tasks", project.id, [{"text": given.TEXT}]).task_ids
    both("predictions.from_model", project.id, [(task, given.TOKENS)])
    (stored,) = both.all("predictions.list", project=project.id)
    assert [one["value"]["text"] for one in stored.result] == ["Ann", "Bob", "Oslo"]
    with pytest.raises(InvalidInput, match=f"task {task}: 'span' has no label 'PERSON'"):
        both("predictions.from_model", project.id, {task: [{**given.AGGREGATED[0], "entity_group": "PERSON"}]})
    assert len(both.all("predictions.list", project=project.id)) == 1
    both("projects.delete", project.id)
