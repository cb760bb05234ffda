"""Every kind of output becomes regions that fit the configuration and lie where the model has seen something."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import spacy
from PIL import Image
from spacy.tokens import Doc, Span

from labelwire import InvalidInput
from labelwire import label_config as lc
from labelwire.model_outputs import Reading, prediction_of

from . import outputs as given

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "OpenCV")
    import supervision

BOXES = lc.image(boxes=["Cat", "Dog"])
POLYGONS = lc.image(polygons=["Cat", "Dog"])
BRUSHES = lc.image(brushes=["Cat", "Dog"])
SPANS = lc.text(spans=["PER", "LOC"])
CHOICES = lc.text(choices=["Cat", "Dog"])
SEVERAL = lc.text(several=["Cat", "Dog"])


def made(output: Any, config: Any, text: str | None = None, **reading: Any) -> Any:
    """The prediction, which fits the configuration."""
    found = prediction_of(output, config, text=text, reading=Reading(**reading), model_version="v1")
    assert found["model_version"] == "v1"
    config.check(found["result"], {"text": given.TEXT})
    return found


def label_of(region: dict[str, Any]) -> str:
    """Its only label."""
    return str(region["value"][region["type"]][0])


def doc() -> Any:
    """A real Doc with entities, a group of spans with scores, and categories."""
    made = Doc(spacy.blank("en").vocab, words=["Ann", "👩", "met", "Bob", "in", "Oslo"], spaces=[True] * 5 + [False])
    made.ents = [Span(made, 0, 1, label="PER"), Span(made, 3, 4, label="PER")]
    made.spans["sc"] = [Span(made, 5, 6, label="LOC")]
    made.spans["sc"].attrs["scores"] = [0.25]
    made.cats = {"Cat": 0.25, "Dog": 0.75}
    return made


def detections(**more: Any) -> Any:
    """Real Detections of two things."""
    boxes = given.Boxes()
    data = {"class_name": np.array(["Dog", "Cat"])}
    return supervision.Detections(
        xyxy=boxes.xyxy,
        confidence=boxes.conf,
        class_id=np.array([1, 0]),
        **{**more, "data": {**data, **more.get("data", {})}},
    )


@pytest.mark.parametrize(
    "output",
    [given.ultralytics(boxes=given.Boxes()), [given.ultralytics(boxes=given.Boxes())], detections()],
    ids=["ultralytics", "list of one", "supervision"],
)
def test_boxes_come_where_they_were_seen(output: Any) -> None:
    found = made(output, BOXES, image_size=given.SIZE)
    first, second = found["result"]
    assert lc.box_of(first) == pytest.approx((20, 10, 40, 20, 0))
    assert (label_of(first), first["score"], label_of(second)) == ("Dog", 0.75, "Cat")
    assert first["value"]["x"] == 10  # percent of the image's width
    assert found["score"] == 0.5


@pytest.mark.parametrize(
    "output",
    [given.ultralytics(boxes=given.Boxes(), masks=given.masks()), detections(mask=given.masks().data)],
    ids=["ultralytics", "supervision"],
)
def test_masks_become_what_the_configuration_has(output: Any) -> None:
    brushed = made(output, BRUSHES)["result"]
    assert np.array_equal(np.array(lc.mask_of(brushed[0])), given.mask())
    assert lc.box_of(made(output, BOXES)["result"][0]) == pytest.approx((20, 10, 40, 20, 0))


def test_outlines_become_polygons() -> None:
    output = given.ultralytics(boxes=given.Boxes(), masks=given.masks())
    assert lc.points_of(made(output, POLYGONS)["result"][0])[0] == pytest.approx((20, 10))


def test_turned_boxes_keep_their_corners() -> None:
    ours = made(given.ultralytics(obb=given.obb()), BOXES)["result"][0]
    corners = sorted(lc.corners_of(ours))
    # Computed by ultralytics 8.4 for the same box.
    ultralytics = [(60.7666, 51.5793), (65.5609, 42.8035), (39.2334, 28.4207), (34.4391, 37.1965)]
    assert corners == [pytest.approx(corner, abs=1e-3) for corner in sorted(ultralytics)]
    polygon = np.array([ultralytics, ultralytics])
    again = made(detections(data={"xyxyxyxy": polygon}), BOXES, image_size=given.SIZE)["result"][0]
    assert sorted(lc.corners_of(again)) == [pytest.approx(corner, abs=1e-3) for corner in corners]


def test_keypoints_come_beside_the_boxes_and_unseen_ones_do_not() -> None:
    both = lc.image(boxes=["Cat", "Dog"], keypoints=["Cat", "Dog"])
    result = made(given.ultralytics(boxes=given.Boxes(), keypoints=given.keypoints()), both)["result"]
    assert [one["type"] for one in result] == ["rectanglelabels"] * 2 + ["keypointlabels"] * 3
    assert [label_of(one) for one in result[2:]] == ["Dog", "Cat", "Cat"]


def test_detections_of_transformers_need_the_images_size() -> None:
    assert lc.box_of(made(given.DETECTED, BOXES, image_size=given.SIZE)["result"][0]) == pytest.approx(
        (20, 10, 40, 20, 0)
    )
    with pytest.raises(InvalidInput, match="image_size"):
        made(given.DETECTED, BOXES)


def test_segments_of_images_are_masks() -> None:
    output = [{"score": None, "label": "Cat", "mask": Image.fromarray(given.mask().astype(np.uint8) * 255)}]
    assert np.array_equal(np.array(lc.mask_of(made(output, BRUSHES)["result"][0])), given.mask())


@pytest.mark.parametrize("output", [given.TOKENS, given.AGGREGATED], ids=["tokens", "aggregated"])
def test_tokens_become_spans_whole_and_behind_an_emoji(output: Any) -> None:
    result = made(output, SPANS, given.TEXT)["result"]
    assert [(one["value"]["text"], label_of(one)) for one in result] == [
        ("Ann", "PER"),
        ("Bob", "PER"),
        ("Oslo", "LOC"),
    ]
    assert [given.TEXT[slice(*lc.span_of(one, given.TEXT))] for one in result] == ["Ann", "Bob", "Oslo"]
    assert [one["score"] for one in result] == [0.75, 0.75, 0.25]


def test_a_doc_gives_its_entities_spans_and_categories() -> None:
    found = made(doc(), lc.text(spans=["PER", "LOC"], choices=["Cat", "Dog"]))
    assert [one["value"].get("text") for one in found["result"]] == ["Ann", "Bob", "Oslo", None]
    assert found["result"][-1]["value"] == {"choices": ["Dog"]}
    assert found["score"] == 0.5
    with pytest.raises(InvalidInput, match="not the task's"):
        made(doc(), SPANS, "Another text")


@pytest.mark.parametrize("output", [given.CLASSES, given.ZERO_SHOT], ids=["classification", "zero-shot"])
def test_one_choice_is_the_best_and_several_are_the_sure_ones(output: Any) -> None:
    assert made(output, CHOICES)["result"][0]["value"] == {"choices": ["Dog"]}
    several = made(given.ZERO_SHOT, SEVERAL)
    assert (several["result"][0]["value"], several["score"]) == ({"choices": ["Dog", "Cat"]}, 0.6875)
    assert made(given.CLASSES, SEVERAL, threshold=0.9)["result"] == []


def test_an_answer_is_a_span_or_a_text() -> None:
    span = made(given.ANSWER, lc.text(spans=["answer"]), given.TEXT)["result"][0]
    assert (span["value"]["text"], label_of(span)) == ("Oslo", "answer")
    assert made(given.ANSWER, SPANS, given.TEXT, label="LOC")["result"][0]["score"] == 0.5
    assert made(given.ANSWER, lc.text(comment=True))["result"][0]["value"] == {"text": ["Oslo"]}
    with pytest.raises(InvalidInput, match="label="):
        made(given.ANSWER, SPANS, given.TEXT)


def test_speech_is_a_text_or_stretches_with_what_is_said_in_each() -> None:
    whole = made(given.SPEECH, lc.audio(transcription=True))["result"]
    assert [one["value"] for one in whole] == [{"text": ["Hello there. Bye."]}]
    parts = made(given.SPEECH, lc.audio(segments=["speech"], transcription=True))["result"]
    assert [one["value"].get("text") for one in parts] == [None, ["Hello there."], None, ["Bye."]]
    assert parts[1]["id"] == parts[0]["id"]
    assert (parts[2]["value"]["start"], parts[2]["value"]["end"]) == (2, 2.5)


def test_labels_are_mapped_left_out_or_refused_by_name() -> None:
    output = given.ultralytics(boxes=given.Boxes())
    animals = lc.image(boxes=["Animal"])
    with pytest.raises(InvalidInput, match=r"no label 'Dog'; it has Animal\. .*unknown=\"skip\""):
        made(output, animals)
    assert [label_of(one) for one in made(output, animals, labels={"Dog": "Animal", "Cat": None})["result"]] == [
        "Animal"
    ]
    assert made(output, animals, unknown="skip")["result"] == []


def test_which_control_is_seen_or_asked_for() -> None:
    output = given.ultralytics(boxes=given.Boxes(), masks=given.masks())
    two = lc.image(boxes=["Cat", "Dog"], brushes=["Cat", "Dog"])
    with pytest.raises(InvalidInput, match=r"'box' \(<RectangleLabels>\), 'brush' \(<BrushLabels>\).*control="):
        made(output, two)
    assert {one["from_name"] for one in made(output, two, control="box")["result"]} == {"box"}
    with pytest.raises(InvalidInput, match="no control 'boxes'"):
        made(output, two, control="boxes")
    with pytest.raises(InvalidInput, match="needs <"):
        made(given.CLASSES, BOXES)


def test_what_no_model_gives_is_refused() -> None:
    for strange in (5, "cat", {"a": 1}, [1, 2], [given.ultralytics(), given.ultralytics()]):
        with pytest.raises(InvalidInput):
            made(strange, BOXES)


def test_nothing_found_is_a_prediction_without_regions() -> None:
    assert made([], BOXES)["result"] == []
    assert made(supervision.Detections.empty(), BOXES)["result"] == []
