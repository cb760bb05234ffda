"""Results that do not fit are refused with the reason; whatever real servers hold passes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import labelwire
from labelwire import label_config as lc

Result = dict[str, Any]

IMAGE = lc.image(
    boxes=["Cat", "Dog"],
    polygons=["Road"],
    keypoints=["eye"],
    ellipses=["iris"],
    brushes=["Sky"],
    choices={"weather": ["sun", "rain"]},
    several={"extras": ["hat", "scarf"]},
    taxonomy=[lc.Label("Animal", "Cat", lc.Label("Dog", "Pug", alias="d"))],
    rating=True,
    number=(0, 10),
    comment=True,
    date=True,
    relations=["next to"],
)
TEXT = lc.text(spans=["PER", lc.Label("Place", alias="LOC")])
TALK = "Ada 😀 met Ben"


def item(name: str, kind: str, to: str = "image", /, **value: Any) -> Result:
    return {"id": "r1", "from_name": name, "to_name": to, "type": kind, "value": value}


def box(**changes: Any) -> Result:
    value = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["Cat"]}
    return item("box", "rectanglelabels", **{**value, **changes})


def span(start: Any, end: Any, text: str | None = None, label: str = "PER") -> Result:
    return item("span", "labels", "text", start=start, end=end, labels=[label], **({"text": text} if text else {}))


def said(config: lc.LabelConfig, result: Any, data: dict[str, Any] | None = None) -> list[str]:
    return [str(problem) for problem in config.problems(result, data)]


WRONG: list[tuple[Result, str]] = [
    ({**box(), "from_name": "boxx"}, "result[0].from_name: no control is named 'boxx'; did you mean 'box'?"),
    ({**box(), "to_name": "img"}, "result[0].to_name: 'box' does not label 'img'; did you mean 'image'?"),
    (
        {**box(), "type": "choices"},
        "result[0].type: is 'choices'; a result of <RectangleLabels> 'box' has ",
    ),
    (box(rectanglelabels=["cat"]), "result[0].value.rectanglelabels[0]: 'box' has no label 'cat'; did you mean 'Cat'?"),
    (
        box(rectanglelabels=["Zebra"]),
        "result[0].value.rectanglelabels[0]: 'box' has no label 'Zebra'; there is 'Cat',",
    ),
    (box(rectanglelabels="Cat"), "result[0].value.rectanglelabels: is a list of labels, not 'Cat': write ['Cat']"),
    (box(x=-5), "result[0].value.x: is -5, outside 0 to 100: the left side, in percent of the image's width"),
    (
        box(height=480),
        "result[0].value.height: is 480, outside 0 to 100: percent of the image's height; are these pixels?",
    ),
    (box(x=80), "result[0].value.width: 80 and 30 put the right side at 110; it may be 100 percent at most"),
    (box(y=None), "result[0].value.y: is missing: the top, in percent of the image's height"),
    (box(y="3"), "result[0].value.y: is '3', no number: the top, in percent of the image's height"),
    (box(y=float("nan")), "result[0].value.y: is nan, no number: the top, in percent of the image's height"),
    (
        {**box(), "value": None},
        "result[0].value: is NoneType, not an object: it holds the region's place ",
    ),
    (
        {**box(), "original_width": 0},
        "result[0].original_width: is 0; it is the image's size in whole pixels",
    ),
    ({**box(), "id": 1.5}, "result[0].id: an id is a string, not 1.5"),
    (
        item("box", "rectanglelabels", x=1, y=1, width=1, height=1, labels=["Cat"]),
        "result[0].value.labels: the labels of a 'rectanglelabels' result are its value's 'rectanglelabels'",
    ),
    (
        item("polygon", "polygonlabels", points=[[1, 2], [3, 4]], polygonlabels=["Road"]),
        "result[0].value.points: a polygon has three corners at least, not 2",
    ),
    (
        item("polygon", "polygonlabels", points="1,2 3,4", polygonlabels=["Road"]),
        "result[0].value.points: is a list of [x, y] in percent of the image, not '1,2 3,4'",
    ),
    (
        item("polygon", "polygonlabels", points=[[1, 2], [3, 4], [5]], polygonlabels=["Road"]),
        "result[0].value.points[2]: is [x, y] in percent of the image, not [5]",
    ),
    (
        item("polygon", "polygonlabels", points=[[1, 2], [3, 4], [5, 101]], polygonlabels=["Road"]),
        "result[0].value.points[2][1]: is 101, outside 0 to 100: percent of the image's height; are these pixels?",
    ),
    (
        item("keypoint", "keypointlabels", x=1, y=2, width=-1, keypointlabels=["eye"]),
        "result[0].value.width: is -1, outside 0 to 100: the dot's size, in percent of the image's width",
    ),
    (
        item("ellipse", "ellipselabels", x=1, y=2, radiusX=-1, radiusY=3, ellipselabels=["iris"]),
        "result[0].value.radiusX: is -1, outside 0 to 100: percent of the image's width",
    ),
    (
        item("brush", "brushlabels", format="rle", rle=[1, 2, 300], brushlabels=["Sky"]),
        "result[0].value.rle: is a list of ints from 0 to 255: Label Studio's own RLE, which ",
    ),
    (
        item("brush", "brushlabels", format="coco", rle=[0] * 8, brushlabels=["Sky"]),
        "result[0].value.format: is 'coco'; with rle it is 'rle'",
    ),
    (
        item("weather", "choices", choices=["sun", "rain"]),
        "result[0].value.choices: 'weather' takes one choice",
    ),
    (
        item("weather", "choices", choices=["snow"]),
        "result[0].value.choices[0]: 'weather' has no choice 'snow'; there",
    ),
    (item("weather", "choices", choices="sun"), "result[0].value.choices: is a list of what was chosen, not "),
    (item("weather", "choices"), "result[0].value.choices: is missing: a list of what was chosen"),
    (
        item("taxonomy", "taxonomy", taxonomy=["Animal"]),
        "result[0].value.taxonomy: is a list of paths, each a ",
    ),
    (
        item("taxonomy", "taxonomy", taxonomy=[["Animal", "Pug"]]),
        "result[0].value.taxonomy[0]: there is no ['Animal', 'Pug']; did you mean 'Animal > d > Pug'?",
    ),
    (item("rating", "rating", rating=6), "result[0].value.rating: is 6; 'rating' takes 1 to 5 stars"),
    (item("number", "number", number=11), "result[0].value.number: is 11; 'number' takes 10 at most"),
    (item("number", "number", number="3"), "result[0].value.number: is a number, not '3'"),
    (
        item("comment", "textarea", text="hi"),
        "result[0].value.text: is a list of the texts written, not 'hi': write ",
    ),
    (item("date", "datetime", datetime=["2024"]), "result[0].value.datetime: is a date as a string, such as "),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG)
def test_what_is_wrong_is_named(wrong: Result, words: str) -> None:
    (found,) = said(IMAGE, [wrong])
    assert found.startswith(words)


def test_a_check_raises_every_reason() -> None:
    with pytest.raises(labelwire.InvalidInput) as caught:
        IMAGE.check([{**box(), "from_name": "boxx"}, {**box(x=640), "id": "r2"}])
    assert "no control is named 'boxx'; did you mean 'box'?" in str(caught.value)
    assert "result[1].value.x: is 640, outside 0 to 100" in str(caught.value)
    IMAGE.check({"result": [box()], "model_version": "m", "score": 0.5})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            span(0, 99),
            "result[0].value.end: is 99, past the text's end at 14 (UTF-16 units, of which an emoji has two)",
        ),
        (span(9, 3), "result[0].value.start: a span from 9 to 3 is none: 0 <= start <= end"),
        (span(0, 3, "Ben"), "result[0].value.text: is 'Ben', and the text from 0 to 3 is 'Ada'"),
        (
            span(10, 13, "Ben"),
            "result[0].value.text: is 'Ben', and the text from 10 to 13 is ' Be'; the offsets seem to count code",
        ),
        (span(None, 3), "result[0].value.start: is None; it is an offset in the text, in UTF-16 units"),
        (span(0, 3, label="PERS"), "result[0].value.labels[0]: 'span' has no label 'PERS'; did you mean 'PER'?"),
    ],
)
def test_spans_are_compared_with_the_text(wrong: Result, words: str) -> None:
    (found,) = said(TEXT, [wrong], {"text": TALK})
    assert found.startswith(words)


@pytest.mark.parametrize(
    "fine",
    [
        span(0, 3, "Ada"),
        span(4, 6, "😀"),
        span(11, 14, "Ben"),
        span("11", "14", "Ben"),
        span(0, 14),
        span(0, 3, label="LOC"),
        span(0, 3, label="Place"),
        span("/div[1]/text()[1]", "/div[1]/text()[1]"),
    ],
)
def test_spans_that_fit(fine: Result) -> None:
    assert said(TEXT, [fine], {"text": TALK}) == []


def test_line_breaks_in_a_span_are_as_the_editor_writes_them() -> None:
    assert said(TEXT, [span(0, 7, "one\\ntwo")], {"text": "one\ntwo"}) == []


def test_a_text_that_the_task_only_points_to_is_not_measured() -> None:
    assert said(TEXT, [span(0, 999, "far away")], {"text": "https://example.com/a.txt"}) == []
    by_url = lc.parse(
        '<View><Labels name="span" toName="text"><Label value="PER"/></Labels>'
        '<Text name="text" value="$text" valueType="url"/></View>'
    )
    assert said(by_url, [span(0, 999)], {"text": "files/a.txt"}) == []


def test_what_editors_really_store_passes() -> None:
    fine = [
        box(),
        box(x=70.00000001),
        box(x=33.34, width=66.67),
        box(x=-0.00000001),
        box(x=96, y=-3, rotation=45),
        box(rectanglelabels=[]),
        item("box", "rectangle", x=1, y=2, width=3, height=4),
        {**box(), "score": 0.3, "origin": "manual", "image_rotation": 90, "meta": {"text": ["a"]}, "parentID": "x"},
        {**box(), "original_width": 640, "original_height": None},
        item("polygon", "polygonlabels", points=[[1, 2], [3, 4]], closed=False, polygonlabels=["Road"]),
        item("keypoint", "keypointlabels", x=1, y=2, keypointlabels=["eye"]),
        item("brush", "brushlabels", touches=[], brushlabels=["Sky"]),
        item("extras", "choices", choices=["hat", "scarf"]),
        item("taxonomy", "taxonomy", taxonomy=[["Animal"], ["Animal", "d", "Pug"], ["Animal", "Dog"]]),
        item("rating", "rating", rating=0),
        item("comment", "textarea", text=["a", "b"]),
        {**box(), "extra": {"anything": 1}},
    ]
    for one in fine:
        assert said(IMAGE, [one]) == [], one
        assert said(IMAGE, json.loads(json.dumps([one]))) == []
    without_id = {key: part for key, part in box().items() if key != "id"}
    assert said(IMAGE, [without_id, without_id]) == []


def test_items_that_share_an_id_are_one_region() -> None:
    config = lc.parse(
        '<View><Image name="image" value="$image"/><Rectangle name="rect" toName="image"/>'
        '<Labels name="tag" toName="image"><Label value="Cat"/></Labels>'
        '<TextArea name="note" toName="image" perRegion="true"/></View>'
    )
    place = {"x": 1, "y": 2, "width": 3, "height": 4}
    region = [
        item("rect", "rectangle", **place),
        item("tag", "labels", **place, labels=["Cat"]),
        item("note", "textarea", **place, text=["a"]),
    ]
    assert said(config, region) == []
    assert said(config, region[2:]) == [
        "result[0].id: 'note' is per region, and no region of this result has the id 'r1'"
    ]
    lost = [{key: part for key, part in region[2].items() if key != "id"}]
    assert said(config, lost) == ["result[0].id: 'note' is per region: it needs the id of the region that it is about"]
    assert said(config, [region[0], region[0]]) == [
        "result[1].id: 'r1' is the id of another region of 'rect': give each one of its own"
    ]


def test_relations_join_regions_that_are_there() -> None:
    two = [box(), {**box(), "id": "r2"}]
    arrow = {"type": "relation", "from_id": "r1", "to_id": "r2", "direction": "right", "labels": ["next to"]}
    assert said(IMAGE, [*two, arrow]) == []
    assert said(IMAGE, [*two, {**arrow, "labels": [], "direction": None}]) == []
    assert said(IMAGE, [*two, {**arrow, "to_id": "r3", "direction": "up", "labels": ["near"]}]) == [
        "result[2].to_id: no region of this result has the id 'r3'",
        "result[2].direction: is 'up'; it is 'right', 'left' or 'bi'",
        "result[2].labels[0]: no relation is called 'near'; there is 'next to'",
    ]


def test_labels_may_come_from_the_task() -> None:
    config = lc.parse(
        '<View><Text name="text" value="$text"/><Labels name="span" toName="text" value="$labels"/>'
        '<Choices name="c" toName="text" value="$options" allowNested="true" choice="multiple"/></View>'
    )
    data = {
        "text": "abc",
        "labels": [{"value": "PER"}, {"value": "Place", "alias": "LOC"}],
        "options": [{"value": "a", "children": [{"value": "b"}]}, {"value": "c"}],
    }
    assert said(config, [span(0, 1)], data) == []
    assert said(config, [span(0, 1, label="LOC")], data) == []
    assert said(config, [span(0, 1, label="anything")]) == []
    assert said(config, [span(0, 1, label="XYZ")], data) == [
        "result[0].value.labels[0]: 'span' has no label 'XYZ'; there is 'LOC', 'PER', 'Place'"
    ]
    chosen = item("c", "choices", "text", choices=[["a", "b"], ["c"]])
    assert said(config, [chosen], data) == []
    chosen["value"]["choices"] = [["a", "z"]]
    assert said(config, [chosen], data)[0].startswith("result[0].value.choices[0]: 'c' has no choice 'z'")


def test_other_kinds_of_regions() -> None:
    audio = lc.audio(segments=["Speech"])
    assert said(audio, [item("segment", "labels", "audio", start=0.5, end=2, channel=0, labels=["Speech"])]) == []
    assert said(audio, [item("segment", "labels", "audio", start=3, end=2, labels=["Speech"])]) == [
        "result[0].value.start: is 3, behind the end at 2"
    ]
    series = lc.time_series(columns=["a"], segments=["run"])
    days = item("segment", "timeserieslabels", "series", start="2020-01-01", end="2020-02-01", timeserieslabels=["run"])
    assert said(series, [days]) == []
    video = lc.video(boxes=["Car"], timeline=["Crash"])
    key = {"frame": 1, "x": 1, "y": 1, "width": 5, "height": 5, "enabled": True, "rotation": 0, "time": 0.04}
    assert said(video, [item("box", "videorectangle", "video", sequence=[key], labels=["Car"])]) == []
    assert said(video, [item("box", "videorectangle", "video", sequence=[{**key, "x": 640}], labels=["Cat"])]) == [
        "result[0].value.labels[0]: 'label' has no label 'Cat'; did you mean 'Car'?",
        "result[0].value.sequence[0].x: is 640, outside -100 to 200: percent of the frame's width; are these pixels?",
    ]
    backwards = item("timeline", "timelinelabels", "video", ranges=[{"start": 9, "end": 3}], timelinelabels=["Crash"])
    assert said(video, [backwards]) == ["result[0].value.ranges[0]: starts at frame 9, behind its end at 3"]
    assert said(video, [item("timeline", "timelinelabels", "video", ranges={}, timelinelabels=["Crash"])]) == [
        "result[0].value.ranges: is a list of {start, end} in frames, not {}"
    ]
    assert said(video, [item("box", "videorectangle", "video", sequence={}, labels=["Car"])]) == [
        "result[0].value.sequence: is a list of key frames, not {}"
    ]
    pair = lc.pairwise()
    assert said(pair, [item("pairwise", "pairwise", "pairwise", selected="left")]) == []
    assert said(pair, [item("pairwise", "pairwise", "left,right", selected="right")]) == []
    assert said(pair, [item("pairwise", "pairwise", "pairwise", selected="both")]) == [
        "result[0].value.selected: is 'left' or 'right', not 'both'"
    ]
    rank = lc.ranking(buckets=["good"])
    data = {"list": [{"id": 1}, {"id": "b"}]}
    assert said(rank, [item("rank", "ranker", "list", ranker={"good": ["b", "1"]})], data) == []
    assert said(rank, [item("rank", "ranker", "list", ranker={"good": ["c"]})], data)[0].startswith(
        "result[0].value.ranker.good: no item of the task's list has the id 'c'"
    )


def test_paragraphs_and_html() -> None:
    talk = lc.paragraphs(spans=["PER"])
    data = {"dialogue": [{"author": "A", "text": "Hi 😀"}, {"author": "B", "text": "Ciao"}]}
    spot = {"start": "0", "end": "1", "startOffset": 0, "endOffset": 4, "paragraphlabels": ["PER"]}
    assert said(talk, [item("span", "paragraphlabels", "dialogue", **spot)], data) == []
    assert said(talk, [item("span", "paragraphlabels", "dialogue", **{**spot, "end": "2"})], data) == [
        "result[0].value.end: is 2; the task has 2 paragraphs, counted from 0"
    ]
    assert said(talk, [item("span", "paragraphlabels", "dialogue", **{**spot, "endOffset": 5})], data) == [
        "result[0].value.endOffset: is 5, past the paragraph's end at 4 (UTF-16 units)"
    ]
    page = lc.html(spans=["PER"])
    spot = {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0, "endOffset": 4}
    assert said(page, [item("span", "hypertextlabels", "html", **spot, hypertextlabels=["PER"])]) == []
    assert said(page, [item("span", "hypertextlabels", "html", **spot, htmllabels=["PER"])]) == []
    assert said(page, [item("span", "hypertextlabels", "html", **{**spot, "start": None}, hypertextlabels=["PER"])])


def test_required_answers_are_asked_for_where_that_is_wanted() -> None:
    config = lc.parse(
        '<View><Text name="text" value="$text"/>'
        '<Choices name="a" toName="text" required="true"><Choice value="x"/></Choices>'
        '<View visibleWhen="choice-selected"><Rating name="b" toName="text" required="true"/></View>'
        '<TextArea name="c" toName="text" required="true" perRegion="true"/></View>'
    )
    assert config.problems([]) == []
    assert [str(problem) for problem in config.problems([], complete=True)] == [
        "result: 'a' is required and has no answer"
    ]
    config.check([item("a", "choices", "text", choices=["x"])], complete=True)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 200)
    | st.floats()
    | st.sampled_from(["box", "image", "r1", "", "relation"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "value", "x", "points", "choices", "taxonomy", "rle", "text", "start", "end", "sequence"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
ALL = [
    IMAGE,
    TEXT,
    lc.paragraphs(spans=["a"]),
    lc.video(boxes=["a"], timeline=["b"]),
    lc.ranking(),
    lc.html(spans=["a"]),
]


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(ALL), st.data())
def test_nothing_that_is_json_makes_it_stumble(config: lc.LabelConfig, data: st.DataObject) -> None:
    control = data.draw(st.sampled_from(list(config.controls.values())))
    given_value = data.draw(st.dictionaries(st.sampled_from([
        "x", "y", "width", "points", "choices", "taxonomy", "rle", "format", "text", "start", "end", "startOffset",
        "endOffset", "sequence", "ranges", "ranker", "rating", "labels", "rectanglelabels", "rotation", "globalOffsets",
    ]), json_values, max_size=6))  # fmt: skip
    made = {"id": data.draw(json_values), "from_name": control.name, "type": control.type, "value": given_value}
    made["to_name"] = data.draw(st.just(control.to_name[0]) | json_values)
    task = data.draw(st.none() | st.fixed_dictionaries(dict.fromkeys(config.data_keys, json_values)))
    result = data.draw(st.just([made]) | st.lists(json_values | st.just(made), max_size=3) | json_values)
    assert isinstance(config.problems(result, task, complete=True), list)
