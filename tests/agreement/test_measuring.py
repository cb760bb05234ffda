"""How far the annotators of tasks agree, with numbers that can be worked out by hand."""

from __future__ import annotations

import json
from math import pi
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labelwire import agreement
from labelwire.agreement.geometry import iou, matched
from labelwire.formats.model import Region
from labelwire.formats.shapes import Box, Ellipse, Frames, Keypoint, Mask, Polygon, Segment, Shape, TextSpan
from labelwire.label_config import LabelConfig

CONFIG = """
<View>
  <Image name="img" value="$image"/><Text name="txt" value="$text"/>
  <RectangleLabels name="box" toName="img"><Label value="Cat"/><Label value="Dog"/></RectangleLabels>
  <Choices name="mood" toName="txt" choice="multiple"><Choice value="good"/><Choice value="bad"/></Choices>
  <Rating name="stars" toName="txt"/><Number name="count" toName="txt"/><TextArea name="note" toName="txt"/>
</View>
"""


def answer(name: str, kind: str, value: Any) -> dict[str, Any]:
    return {"from_name": name, "to_name": "txt", "type": kind, "value": {kind if kind != "textarea" else "text": value}}


def box(x: float, y: float, label: str, width: float = 20, height: float = 20) -> dict[str, Any]:
    value = {"x": x, "y": y, "width": width, "height": height, "rotation": 0, "rectanglelabels": [label]}
    made = {"id": f"{x}-{y}-{label}", "from_name": "box", "to_name": "img", "type": "rectanglelabels", "value": value}
    return {**made, "original_width": 100, "original_height": 100}


def task(id: int, **by: Any) -> dict[str, Any]:
    made = [{"id": 10 * id + n, "completed_by": {"id": n, "email": who}, "result": results}
            for n, (who, results) in enumerate(by.items())]  # fmt: skip
    return {"id": id, "data": {"image": "a.png", "text": "a"}, "annotations": made}


def on(shape: Shape, *labels: str, id: str = "r") -> Region:
    return Region(id, "c", "o", "t", shape, labels, size=(100, 100))


def square(side: int, left: int = 0) -> Mask:
    mask = np.zeros((100, 100), np.bool_)
    mask[:side, left : left + side] = True
    return Mask(bytes(LabelConfig.parse(MASKS)["m"].mask(mask, label="a")["value"]["rle"]), 100, 100)


MASKS = '<View><Image name="i" value="$i"/><BrushLabels name="m" toName="i"><Label value="a"/></BrushLabels></View>'


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Box(0, 0, 10, 10), Box(5, 0, 10, 10), 1 / 3),
        (Box(0, 0, 10, 10), Box(20, 0, 10, 10), 0),
        (Box(0, 0, 10, 10), Box(10, 0, 10, 10, 90), 1),  # turned about its corner, it is the same square
        (Box(0, 0, 20, 10), Box(0, 0, 20, 10, 180), 0),
        (Box(0, 0, 10, 10), Polygon(((0, 0), (10, 0), (0, 10))), 0.5),
        (Ellipse(50, 50, 20, 20), Box(30, 30, 40, 40), pi / 4),
        (Polygon(((0, 0), (10, 10), (10, 0), (0, 10))), Box(0, 0, 10, 10), 0.5),  # it crosses itself
        (TextSpan(0, 10), TextSpan(5, 15), 1 / 3),
        (Segment(0.0, 2.0), Segment(1.0, 2.0), 0.5),
        (Segment(0.0, 2.0, 0), Segment(0.0, 2.0, 1), 0),
        (Frames(((1, 10),)), Frames(((6, 15),)), 1 / 3),
        (Keypoint(10, 10), Keypoint(10, 10), 1),
        (Keypoint(10, 10), Keypoint(60, 10), 0),
        (square(10), square(10, left=5), 1 / 3),
        (square(10), Box(0, 0, 10, 20), 0.5),
    ],
)
def test_what_two_regions_share_is_exact(one: Shape, other: Shape, expected: float) -> None:
    assert iou(on(one), on(other)) == pytest.approx(expected, abs=2e-3)
    assert iou(on(other), on(one)) == pytest.approx(expected, abs=2e-3)


def test_regions_that_cannot_be_compared_are_not() -> None:
    assert iou(on(Box(0, 0, 1, 1)), on(TextSpan(0, 1))) is None


def test_regions_are_matched_so_that_all_of_them_share_most() -> None:
    """The nearest one first would leave the second one alone."""
    first = [on(Box(0, 0, 10, 10), id="a"), on(Box(6, 0, 10, 10), id="b")]
    second = [on(Box(4, 0, 10, 10), id="c"), on(Box(-6, 0, 10, 10), id="d")]
    assert {(one.id, other.id) for one, other, _ in matched(first, second)} == {("a", "d"), ("b", "c")}


def test_of_two_ways_that_are_as_good_the_labels_decide() -> None:
    first = [on(Box(0, 0, 10, 10), "Cat"), on(Box(0, 0, 10, 10), "Dog")]
    second = [on(Box(0, 0, 10, 10), "Dog"), on(Box(0, 0, 10, 10), "Cat")]
    assert all(one.labels == other.labels for one, other, _ in matched(first, second))


def test_boxes_score_by_what_they_share_and_nothing_for_those_without_a_partner() -> None:
    tasks = [task(1, ada=[box(0, 0, "Cat"), box(50, 50, "Dog")], bob=[box(10, 0, "Cat")])]
    found = agreement.measure(tasks, config=CONFIG)
    assert found.controls["box"].iou == pytest.approx(1 / 3)
    assert found.controls["box"].score == pytest.approx(1 / 6)
    labels = {one.label: one for one in found.controls["box"].labels}
    assert labels["Cat"].iou == pytest.approx(1 / 3)
    assert labels["Dog"].iou == 0
    assert labels["Cat"].count == 2


def test_the_same_box_under_another_name_counts_in_the_kappa() -> None:
    tasks = [task(n, ada=[box(0, 0, "Cat")], bob=[box(0, 0, "Cat" if n % 2 else "Dog")]) for n in range(4)]
    tasks += [task(9, ada=[box(0, 0, "Dog")], bob=[box(0, 0, "Dog")])]
    found = agreement.measure(tasks, config=CONFIG)
    # ada: 4 cats and a dog; bob: 2 cats and 3 dogs; 3 of 5 agree, and 11 of 25 would by chance.
    assert found.controls["box"].cohen == pytest.approx((3 / 5 - 11 / 25) / (1 - 11 / 25))
    assert found.controls["box"].iou == 1


def test_answers_of_each_kind_have_their_measure() -> None:
    def said(mood: list[str], stars: int, count: int, note: str) -> list[Any]:
        return [answer("mood", "choices", mood), answer("stars", "rating", stars), answer("count", "number", count),
                answer("note", "textarea", [note])]  # fmt: skip

    tasks = [
        task(1, ada=said(["good"], 1, 0, "a dog"), bob=said(["good", "bad"], 3, 5, "a fog")),
        task(2, ada=said(["bad"], 5, 10, "a"), bob=said(["bad"], 5, 10, "a")),
    ]
    first, second = agreement.measure(tasks, config=CONFIG).tasks
    assert first.controls == pytest.approx({"mood": 0.5, "stars": 0.5, "count": 0.5, "note": 0.8})
    assert set(second.controls.values()) == {1}
    kinds = {name: one.kind for name, one in agreement.measure(tasks, config=CONFIG).controls.items()}
    assert kinds == {"mood": "choices", "stars": "rating", "count": "number", "note": "text"}


def test_what_cannot_be_compared_is_counted() -> None:
    good, about = answer("mood", "choices", ["good"]), {**answer("mood", "choices", ["bad"]), "id": "0-0-Cat"}
    skipped = task(4, ada=[good], bob=[good])
    skipped["annotations"][1]["was_cancelled"] = True
    twice = task(5, ada=[answer("mood", "choices", ["bad"])], bob=[good])
    twice["annotations"].append({"id": 99, "completed_by": {"id": 0, "email": "ada"}, "result": [good]})
    tasks = [
        {"id": 1, "data": {}},
        task(2, ada=[good]),
        task(3, ada=[good, box(0, 0, "Cat"), about], bob=[good]),
        skipped,
        twice,
    ]
    found = agreement.measure(tasks, config=CONFIG)
    assert (found.task_count, found.unlabeled, found.single, found.skipped, found.replaced) == (5, 1, 2, 1, 1)
    assert [one.task for one in found.tasks] == [3, 5]
    assert found.left_out == {"an answer about a region": 1}
    assert found.tasks[1].score == 1, "of ada the later annotation counts"


def test_two_who_say_nothing_agree_and_one_alone_does_not() -> None:
    good = answer("mood", "choices", ["good"])
    both, one = agreement.measure([task(1, ada=[], bob=[]), task(2, ada=[good], bob=[])], config=CONFIG).tasks
    assert both.score == 1
    assert one.score == 0


def test_pairs_of_annotators_are_told_apart() -> None:
    good, bad = answer("mood", "choices", ["good"]), answer("mood", "choices", ["bad"])
    found = agreement.measure(
        [task(1, ada=[good], bob=[good], eve=[bad]), task(2, ada=[bad], bob=[bad], eve=[good])], config=CONFIG
    )
    scores = {(one.first, one.second): one.score for one in found.pairs}
    assert scores == {("ada", "bob"): 1, ("ada", "eve"): 0, ("bob", "eve"): 0}
    kappas = {(one.first, one.second): one.kappa["mood"] for one in found.pairs}
    assert kappas == {("ada", "bob"): 1, ("ada", "eve"): -1, ("bob", "eve"): -1}
    assert [one.task for one in found.worst(1)] == [1]


def test_it_reads_files_and_gives_tables_and_words(tmp_path: Path) -> None:
    good = answer("<b>mood", "choices", ["good"])
    place = tmp_path / "export.json"
    place.write_text(json.dumps([task(1, ada=[good], bob=[good])]))
    found = agreement.measure(place)
    assert json.loads(json.dumps(found.to_dict()))["score"] == 1
    assert found.to_pandas().loc[0, "<b>mood"] == 1
    assert "agreement 1.00 on 1 of 1 tasks" in str(found)
    assert "&lt;b&gt;mood" in found._repr_html_()
    assert "<b>" not in found._repr_html_()
