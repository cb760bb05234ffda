"""What all annotators of a task say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwire.formats.agreement import agreed
from labelwire.formats.model import Annotation, Region, Sample
from labelwire.formats.report import Report
from labelwire.formats.shapes import Box, Keypoint, Polygon, Segment, Shape, TextSpan
from labelwire.label_config import text

from .conftest import IMAGE, Convert, annotation, box, choice, task


def sample(*annotations: list[tuple[Shape, str]]) -> Sample:
    given = []
    for place, drawn in enumerate(annotations):
        regions = (
            Region(f"{place}-{turn}", "tool", "image", "labels", shape, (label,))
            for turn, (shape, label) in enumerate(drawn)
        )
        given.append(Annotation(place, tuple(regions)))
    return Sample(1, 0, {}, {}, tuple(given))


def kept(*annotations: list[tuple[Shape, str]]) -> list[tuple[Shape, str]]:
    found = agreed(sample(*annotations), Report())
    return [(region.shape, region.labels[0]) for region in found.regions]


def test_boxes_that_overlap_by_half_become_the_box_between_them() -> None:
    assert kept([(Box(0, 0, 10, 10), "Cat")], [(Box(2, 0, 10, 12), "Cat")]) == [(Box(1, 0, 10, 11), "Cat")]
    assert not kept([(Box(0, 0, 10, 10), "Cat")], [(Box(4, 0, 10, 10), "Cat")])


def test_another_label_is_another_object() -> None:
    assert not kept([(Box(0, 0, 10, 10), "Cat")], [(Box(0, 0, 10, 10), "Dog")])


def test_each_box_is_matched_once_and_with_the_nearest_one() -> None:
    near, far = Box(0, 0, 10, 10), Box(2, 0, 10, 10)
    found = kept([(near, "Cat"), (far, "Cat")], [(far, "Cat"), (near, "Cat")])
    assert found == [(near, "Cat"), (far, "Cat")]
    assert kept([(near, "Cat"), (near, "Cat")], [(near, "Cat")]) == [(near, "Cat")]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Box(0, 0, 9, 9, 10), Box(0, 0, 9, 9, 12), Box(0, 0, 9, 9, 10)),
        (TextSpan(0, 10, "a"), TextSpan(2, 10, "b"), TextSpan(0, 10, "a")),
        (TextSpan(0, 10), TextSpan(6, 16), None),
        (Segment(0.0, 4.0), Segment(1.0, 4.0), Segment(0.5, 4.0)),
        (Segment("2020-01", "2020-02"), Segment("2020-01", "2020-03"), None),
        (Keypoint(1, 1), Keypoint(1, 1), Keypoint(1, 1)),
        (Keypoint(1, 1), Keypoint(2, 1), None),
        (Polygon(((0, 0), (9, 0), (9, 9))), Polygon(((0, 0), (9, 0), (9, 8))), Polygon(((0, 0), (9, 0), (9, 9)))),
        (Box(0, 0, 9, 9), Polygon(((0, 0), (9, 0), (9, 9))), None),
    ],
)
def test_shapes_agree_each_in_its_own_way(one: Shape, other: Shape, both: Shape | None) -> None:
    assert kept([(one, "x")], [(other, "x")]) == ([(both, "x")] if both is not None else [])


def test_a_third_annotator_who_differs_counts() -> None:
    same = (Box(0, 0, 10, 10), "Cat")
    assert kept([same], [same], [same]) == [same]
    assert not kept([same], [same], [(Box(50, 50, 5, 5), "Cat")])


def test_what_is_not_agreed_on_is_reported_for_everyone() -> None:
    report = Report()
    one, other, third = (Box(0, 0, 10, 10), "Cat"), (Box(50, 0, 10, 10), "Cat"), (Box(90, 0, 5, 5), "Dog")
    found = agreed(sample([one, other], [one, third]), report)
    assert [region.id for region in found.regions] == ["0-0"]
    assert report.counts == {"a region that not all annotators have": 2}
    assert [(left.annotation, left.region) for left in report.left_out] == [(0, "0-1"), (1, "1-1")]


def test_a_task_with_one_annotation_stays_as_it_is() -> None:
    one = sample([(Box(0, 0, 10, 10), "Cat")])
    assert agreed(one, Report()) is one


boxes = st.builds(Box, *[st.integers(1, 40).map(float)] * 4)
drawings = st.lists(st.tuples(boxes, st.sampled_from(["Cat", "Dog"])), max_size=5)


@given(drawings)
def test_annotators_who_say_the_same_agree_on_all_of_it(drawn: list[tuple[Shape, str]]) -> None:
    assert kept(drawn, list(drawn), list(drawn)) == drawn


@given(drawings, drawings)
def test_no_annotator_has_fewer_regions_than_are_agreed_on(
    one: list[tuple[Shape, str]], other: list[tuple[Shape, str]]
) -> None:
    report = Report()
    count = len(list(agreed(sample(one, other), report).regions))
    assert count <= min(len(one), len(other))
    assert sum(report.counts.values()) == len(one) + len(other) - 2 * count


def test_a_dataset_of_what_is_agreed_on(convert: Convert) -> None:
    cat, near, dog = box(10, 10, 50, 50), box(12, 10, 50, 50), box(300, 10, 50, 50, "Dog")
    both = task(id=1, annotations=[annotation(cat, dog, choice("sun"), id=1), annotation(near, choice("sun"), id=2)])
    none = task(id=2, annotations=[annotation(cat, id=3), annotation(dog, id=4)])
    empty = task(id=3, annotations=[annotation(id=5), annotation(id=6)])
    report, folder = convert([both, none, empty], "coco", config=IMAGE, annotations="agreement")
    coco = json.loads(next(folder.rglob("*.json")).read_text())
    (found,) = coco["annotations"]
    assert found["bbox"] == pytest.approx([11, 10, 50, 50])
    assert len(coco["images"]) == 2
    assert report.counts["a region that not all annotators have"] == 3
    assert report.counts["a task without an annotation that counts"] == 1


def test_answers_and_relations_have_to_be_the_same(convert: Convert) -> None:
    def labeled(id: int, mood: list[str], way: str) -> dict[str, Any]:
        def span(start: int, name: str) -> dict[str, Any]:
            value = {"start": start, "end": start + 3, "labels": ["Person"]}
            return {"id": f"{name}{id}", "from_name": "span", "to_name": "text", "type": "labels", "value": value}

        ends = (f"a{id}", f"b{id}") if way == "right" else (f"b{id}", f"a{id}")
        return annotation(
            span(0, "a"),
            span(4, "b"),
            {"id": "c", "from_name": "several", "to_name": "text", "type": "choices", "value": {"choices": mood}},
            {"type": "relation", "from_id": ends[0], "to_id": ends[1], "direction": way, "labels": []},
            id=id,
        )

    config = str(text(spans=["Person"], several={"several": ["good", "calm"]}))
    one = {"id": 1, "data": {"text": "Ann Bob"}}
    same = {**one, "annotations": [labeled(1, ["good", "calm"], "right"), labeled(2, ["calm", "good"], "left")]}
    report, folder = convert([same], "json", config=config, annotations="agreement")
    (made,) = json.loads((folder / "tasks.json").read_text())[0]["annotations"]
    assert [result["type"] for result in made["result"]] == ["labels", "labels", "choices", "relation"]
    assert not report.counts
    other = {**one, "annotations": [labeled(1, ["good"], "right"), labeled(2, ["calm"], "right")]}
    report, _ = convert([other], "json", config=config, annotations="agreement")
    assert report.counts == {"an answer that not all annotators give": 2}
