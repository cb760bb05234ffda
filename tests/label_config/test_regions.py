"""Results from pixels, offsets and seconds, and back."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire import InvalidInput
from labelwire import label_config as lc

SIZE = (640, 480)
IMAGE = lc.image(
    boxes=["Cat", lc.Label("Dog", alias="d")],
    polygons=["a"],
    keypoints=["a"],
    ellipses=["a"],
    brushes=["a"],
    rating=True,
)
PLAIN = lc.image(boxes=True, keypoints=True)
TEXT = lc.text(spans=["PER"], relations=["knows"])


def test_a_box_as_label_studio_stores_it() -> None:
    made = IMAGE["box"].box(64, 120, 320, 240, label="Cat", image_size=SIZE, id="b1", score=0.9)
    assert made == {
        "id": "b1",
        "from_name": "box",
        "to_name": "image",
        "type": "rectanglelabels",
        "value": {"x": 10.0, "y": 25.0, "width": 50.0, "height": 50.0, "rotation": 0.0, "rectanglelabels": ["Cat"]},
        "original_width": 640,
        "original_height": 480,
        "image_rotation": 0,
        "score": 0.9,
    }
    IMAGE.check([made])
    assert len(IMAGE["box"].box(1, 1, 1, 1, label="Cat", image_size=SIZE)["id"]) == 10


def test_a_label_is_stored_by_its_alias() -> None:
    assert IMAGE["box"].box(1, 1, 1, 1, label="Dog", image_size=SIZE)["value"]["rectanglelabels"] == ["d"]
    assert IMAGE["box"].box(1, 1, 1, 1, label=["d", "Cat"], image_size=SIZE)["value"]["rectanglelabels"] == ["d", "Cat"]


@pytest.mark.parametrize("angle", [0, 30, 90, 135, 200, -20])
def test_a_turned_box_has_the_corners_it_was_given(angle: float) -> None:
    """Expected from the definition: each corner is turned about the centre, clockwise where y points down."""
    x, y, width, height = 300.0, 200.0, 100.0, 40.0
    made = IMAGE["box"].box_about(x, y, width, height, angle, label="Cat", image_size=SIZE)
    turn = math.radians(angle)
    expected = [
        (x + dx * math.cos(turn) - dy * math.sin(turn), y + dx * math.sin(turn) + dy * math.cos(turn))
        for dx, dy in ((-50, -20), (50, -20), (50, 20), (-50, 20))
    ]
    assert lc.corners_of(made) == [pytest.approx(corner) for corner in expected]
    assert 0 <= made["value"]["rotation"] < 360
    IMAGE.check([made])


def test_a_quarter_turn_puts_the_corner_at_the_right() -> None:
    made = IMAGE["box"].box_about(100, 100, 60, 20, 90, label="Cat", image_size=(200, 200))
    assert lc.box_of(made) == pytest.approx((110, 70, 60, 20, 90))


def test_a_box_may_be_cut_to_the_image() -> None:
    made = IMAGE["box"].box(-5, 470, 50, 50, label="Cat", image_size=SIZE, clip=True)
    assert lc.box_of(made)[:4] == pytest.approx((0, 470, 45, 10))
    IMAGE.check([made])
    with pytest.raises(InvalidInput, match="outside 0 to 100"):
        IMAGE.check([IMAGE["box"].box(-5, 470, 50, 50, label="Cat", image_size=SIZE)])
    with pytest.raises(InvalidInput, match="must be more than 0"):
        IMAGE["box"].box(700, 0, 5, 5, label="Cat", image_size=SIZE, clip=True)


pixels = st.floats(0, 5000, allow_nan=False)
sizes = st.tuples(st.integers(1, 10_000), st.integers(1, 10_000))


@settings(deadline=None)
@given(sizes, st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.001, 0.1), st.floats(0.001, 0.1), st.floats(0, 359))
def test_pixels_come_back(size: tuple[int, int], x: float, y: float, width: float, height: float, angle: float) -> None:
    wide, high = size
    given_box = (x * wide, y * high, width * wide, height * high)
    made = IMAGE["box"].box(*given_box, label="Cat", image_size=size, rotation=angle)
    assert lc.box_of(made) == (*(pytest.approx(number) for number in given_box), angle)
    round_one = IMAGE["ellipse"].ellipse(*given_box, label="a", image_size=size, rotation=angle)
    assert lc.ellipse_of(round_one) == (*(pytest.approx(number) for number in given_box), angle)
    points = [(0.0, 0.0), (given_box[0], given_box[1]), (float(wide), float(high))]
    polygon = IMAGE["polygon"].polygon(points, label="a", image_size=size)
    assert lc.points_of(polygon) == [pytest.approx(point) for point in points]
    dot = PLAIN["keypoint"].keypoint(given_box[0], given_box[1], image_size=size)
    assert lc.points_of(dot) == [pytest.approx(given_box[:2])]
    assert IMAGE.problems([made, round_one, polygon]) == []
    assert PLAIN.problems([dot]) == []


emoji_texts = st.text(st.sampled_from("ab é\n😀🏳️‍🌈🎓"), max_size=20)


@given(emoji_texts, st.data())
def test_offsets_come_back(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    made = TEXT["span"].span(text, start, end, "PER")
    units = text.encode("utf-16-le")
    assert units[2 * made["value"]["start"] : 2 * made["value"]["end"]].decode("utf-16-le") == text[start:end]
    assert lc.span_of(made, text) == (start, end)
    assert TEXT.problems([made], {"text": text}) == []


def test_offsets_count_an_emoji_twice() -> None:
    text = "Ada 😀 met Ben"
    at = text.index("Ben")
    made = TEXT["span"].span(text, at, at + 3, "PER")
    assert made["value"] == {"start": 11, "end": 14, "text": "Ben", "labels": ["PER"]}
    assert (lc.offset_in(text, 5), lc.position_in(text, 6)) == (6, 5)
    with pytest.raises(InvalidInput, match="not within the text of 14 UTF-16 units"):
        lc.position_in(text, 15)


def test_answers_and_relations() -> None:
    config = lc.text(
        choices=["good", "bad"], several={"tags": ["a", "b"]}, rating=5, number=True, comment=True, date=True,
        taxonomy=[lc.Label("Animal", "Cat")], spans=["PER"], relations=["knows"],
    )  # fmt: skip
    text = "Ada met Ben"
    ada, ben = (config["span"].span(text, text.index(name), text.index(name) + 3, "PER") for name in ("Ada", "Ben"))
    made = [
        ada,
        ben,
        lc.relation(ada, ben, "knows"),
        config["choice"].choose("good"),
        config["tags"].choose("a", "b"),
        config["taxonomy"].choose(("Animal", "Cat"), "Animal"),
        config["rating"].rate(4),
        config["number"].number(2.5),
        config["comment"].write("well", "done"),
        config["date"].date(dt.date(2024, 2, 29)),
    ]
    config.check(made, {"text": text})
    assert made[2] == {
        "from_id": ada["id"],
        "to_id": ben["id"],
        "type": "relation",
        "direction": "right",
        "labels": ["knows"],
    }
    assert [one["value"] for one in made[3:]] == [
        {"choices": ["good"]},
        {"choices": ["a", "b"]},
        {"taxonomy": [["Animal", "Cat"], ["Animal"]]},
        {"rating": 4},
        {"number": 2.5},
        {"text": ["well", "done"]},
        {"datetime": "2024-02-29"},
    ]
    moment = config["date"].date(dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.UTC))
    assert moment["value"] == {"datetime": "2024-02-29T12:30+00:00"}


def test_an_answer_about_a_region_has_its_id_and_its_place() -> None:
    config = lc.audio(segments=["Speech"], transcription=True)
    speech = config["segment"].segment(0.5, 2.0, "Speech", duration=3.5)
    words = config["transcription"].write("hello", region=speech)
    assert words["id"] == speech["id"]
    assert words["original_length"] == 3.5
    assert words["value"] == {"start": 0.5, "end": 2.0, "channel": 0, "text": ["hello"]}
    config.check([speech, words])
    config = lc.LabelConfig(
        lc.ObjectTag("Image", name="img", value="$i"),
        lc.Control("Rectangle", name="rect"),
        lc.Control("Labels", "Cat", name="tag"),
    )
    rect = config["rect"].box(1, 2, 3, 4, image_size=SIZE)
    tag = config["tag"].label(rect, "Cat")
    assert (tag["id"], tag["type"], tag["value"]["labels"], tag["value"]["x"]) == (
        rect["id"], "labels", ["Cat"], rect["value"]["x"],
    )  # fmt: skip
    config.check([rect, tag])


def test_videos_series_paragraphs_pairs_and_ranks() -> None:
    video = lc.video(boxes=["Car"], timeline=["Crash"])
    track = video["box"].track(
        {9: (64, 48, 64, 48), 1: (0, 0, 64, 48)}, image_size=SIZE, frames=50, fps=25, label="Car"
    )
    assert [key["frame"] for key in track["value"]["sequence"]] == [1, 9]
    assert track["value"]["sequence"][1]["x"] == 10
    assert (track["value"]["framesCount"], track["value"]["duration"]) == (50, 2.0)
    video.check([track, video["timeline"].frames(3, 9, "Crash")])
    series = lc.time_series(columns=["a"], segments=["run"])
    assert series["segment"].segment(3, 3, "run")["value"] == {
        "start": 3, "end": 3, "instant": True, "timeserieslabels": ["run"],
    }  # fmt: skip
    talk = lc.paragraphs(spans=["PER"])
    dialogue = [{"author": "A", "text": "😀 Hi Ben"}, {"author": "B", "text": "Ciao"}]
    made = [talk["span"].utterance(dialogue, 0, 5, 8, "PER"), talk["span"].utterance(dialogue, 1, label="PER")]
    assert (made[0]["value"]["startOffset"], made[0]["value"]["text"], made[1]["value"]["endOffset"]) == (6, "Ben", 4)
    talk.check(made, {"dialogue": dialogue})
    pair = lc.pairwise()["pairwise"].prefer("right")
    assert (pair["to_name"], pair["value"]) == ("pairwise", {"selected": "right"})
    lc.pairwise().check([pair])
    rank = lc.ranking(buckets=["good"])
    rank.check([rank["rank"].rank({"good": [2, 1]})], {"list": [{"id": 1}, {"id": 2}]})


REFUSED: list[tuple[str, str, tuple[Any, ...], dict[str, Any], str]] = [
    ("box", "box", (1, 1, 1, 1), {"label": "cat"}, "'box' has no label 'cat'; did you mean 'Cat'"),
    ("box", "box", (1, 1, 1, 1), {}, "'box' needs a label; there is 'Cat', 'd'"),
    ("box", "box", (1, 1, 0, 1), {"label": "Cat"}, "width is 0; it must be more than 0"),
    ("box", "box", (float("nan"), 1, 1, 1), {"label": "Cat"}, "x is nan, which is no number"),
    ("box", "box", ("a", 1, 1, 1), {"label": "Cat"}, "x is 'a', no number"),
    ("box", "box", (1, 1, 1, 1), {"label": "Cat", "to": "picture"}, "'box' does not label 'picture'"),
    ("box", "polygon", ([(1, 1)] * 3,), {"label": "Cat"}, r"'box' is a <RectangleLabels>; polygon\(\) is for <Polygon"),
    ("polygon", "polygon", ([(1, 1)],), {"label": "a"}, "three corners at least, not 1"),
]


@pytest.mark.parametrize(("control", "method", "arguments", "options", "words"), REFUSED)
def test_what_cannot_be_made_is_refused(
    control: str, method: str, arguments: tuple[Any, ...], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        getattr(IMAGE[control], method)(*arguments, image_size=SIZE, **options)


def test_more_that_is_refused() -> None:
    with pytest.raises(InvalidInput, match="has no labels"):
        PLAIN["box"].box(1, 1, 1, 1, label="Cat", image_size=SIZE)
    with pytest.raises(InvalidInput, match="in whole pixels"):
        PLAIN["box"].box(1, 1, 1, 1, image_size=(0, 3))
    with pytest.raises(InvalidInput, match="9 to 2 is no part of a text of 3 characters"):
        TEXT["span"].span("abc", 9, 2, "PER")
    with pytest.raises(InvalidInput, match="'right', 'left' or 'bi'"):
        lc.relation({"id": "a"}, {"id": "b"}, direction="up")
    with pytest.raises(InvalidInput, match="pass image_size"):
        lc.box_of({"type": "rectangle", "value": {"x": 1, "y": 1, "width": 1, "height": 1}})
    with pytest.raises(TypeError, match="unknown argument 'scor'"):
        IMAGE["rating"].rate(3, scor=1)  # type: ignore[call-arg]


class Scalar:
    """As much of a NumPy scalar or of a tensor as is asked for."""

    def __init__(self, number: float) -> None:
        self.number = number

    def __float__(self) -> float:
        return self.number


def test_numbers_of_other_libraries_become_plain_ones() -> None:
    x: Any = Scalar(64.0)
    made = [
        IMAGE["box"].box(x, x, x, x, label="Cat", image_size=SIZE, score=x),
        IMAGE["polygon"].polygon([(x, x)] * 3, label="a", image_size=SIZE),
        IMAGE["keypoint"].keypoint(x, x, label="a", image_size=SIZE),
        IMAGE["rating"].rate(Scalar(3.0)),  # type: ignore[arg-type]
    ]
    assert json.loads(json.dumps(made)) == made
    assert made[0]["value"]["x"] == 10
    with pytest.raises(InvalidInput, match="whole pixels, not 10"):
        PLAIN["box"].box(1, 1, 1, 1, image_size=10)  # type: ignore[arg-type]
