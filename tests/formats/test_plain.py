"""The short ways for tasks of boxes, of polygons and of spans give what the long one does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwire import formats
from labelwire.formats.marked_texts import MarkedTexts
from labelwire.formats.plain import PlainTasks
from labelwire.formats.simple import SimpleTasks

from .conftest import contents

CONFIG = """
<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image"><Label value="Cat"/><Label value="Dog &lt;%d&gt;"/></RectangleLabels>
  <PolygonLabels name="shape" toName="image"><Label value="Cat"/><Label value="Dog &lt;%d&gt;"/></PolygonLabels>
</View>
"""

numbers = st.one_of(
    st.floats(-20, 120), st.sampled_from([0.0, 100.0, 33.3, 1e-9, 1e300]), st.integers(-5, 105), st.just("7"), st.none()
)
points = st.lists(st.floats(0, 100) | st.integers(0, 100), min_size=2, max_size=2)
odd_points = st.one_of(
    st.lists(points, max_size=3),
    st.lists(st.lists(numbers, max_size=3), min_size=3, max_size=5),
    st.lists(st.lists(st.floats(), min_size=2, max_size=2), min_size=3, max_size=5),
    st.just([[1e306, 10**400], [2, 3], [4, 9]]),
    st.just("abc"),
    st.none(),
)
sizes = st.one_of(st.integers(1, 4000), st.sampled_from([0, 640, None, "640", 1 << 20]))


BOX = {"x": st.floats(0, 50), "y": st.floats(0, 50), "width": st.floats(0.1, 50), "height": st.floats(0.1, 50)}
POLYGON = {"points": st.lists(points, min_size=3, max_size=8)}


@st.composite
def items(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    plain = draw(st.integers(0, 4))
    value: dict[str, Any] = draw(st.fixed_dictionaries(BOX if kind == "rectanglelabels" else POLYGON))
    value |= {"rotation": 0} if kind == "rectanglelabels" else {"closed": True}
    value[kind] = ["Cat" if draw(st.booleans()) else "Dog <%d>"]
    item: dict[str, Any] = {
        "id": draw(st.text("abc", min_size=1, max_size=6)),
        "type": kind,
        "from_name": "box",
        "to_name": "image",
        "original_width": 640,
        "original_height": 480,
        "value": value,
    }
    if not plain:
        odd = draw(st.sampled_from([*value, *item]))
        where = value if odd in value else item
        choice = draw(st.integers(0, 2))
        if choice == 0:
            where.pop(odd)
        elif odd in ("original_width", "original_height"):
            where[odd] = draw(sizes)
        elif odd == kind:
            where[odd] = draw(st.sampled_from([[], ["Cat", "Dog <%d>"], ["Cow"], "Cat", [1], None]))
        elif odd == "value":
            where[odd] = None
        elif odd == "points":
            where[odd] = draw(odd_points)
        elif odd == "closed":
            where[odd] = draw(st.sampled_from([False, None, 1]))
        else:
            where[odd] = draw(numbers)
        item |= draw(
            st.sampled_from([{}, {"item_index": 1}, {"parentID": "a"}, {"meta": {"text": ["x"]}}, {"score": 0.5}])
        )
    return item


CHOICE = {"id": "c", "type": "choices", "from_name": "good", "to_name": "image", "value": {"choices": ["yes"]}}
ABOUT: list[dict[str, Any]] = [
    {},
    {"completed_by": {"id": 1, "email": "ö@b.c"}, "created_at": "2026-01-02", "lead_time": 1.5},
    {"completed_by": 3, "updated_at": None, "lead_time": float("inf")},
    {"completed_by": {"id": 2}, "result": [CHOICE]},
    {"result": [{**CHOICE, "value": ["yes"]}]},
    {"result": [{**CHOICE, "type": "relation", "from_name": None}]},
    {"result": [{**CHOICE, "type": "number", "value": {}, "original_width": 5}]},
    {"result": [{**CHOICE, "type": "number", "value": {"original_width": 4}, "original_width": 5}]},
]
DATA: list[dict[str, Any]] = [
    {},
    {"id": 1},
    {"box": [1.0, {"a": "é\t"}]},
    {"a": "\ud83d"},
    {"agreement": 1, "b": 10**30},
]


@st.composite
def tasks(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for number in range(draw(st.integers(1, 3))):
        kinds = st.sampled_from(["rectanglelabels", "polygonlabels"])
        kind = draw(kinds)
        mixed = draw(st.integers(0, 5)) == 0
        result = draw(st.lists(kinds.flatmap(items) if mixed else items(kind), max_size=3))
        annotation = {
            "id": 7,
            "result": result,
            "was_cancelled": draw(st.integers(0, 5)) == 0,
            **draw(st.sampled_from(ABOUT)),
        }
        url = draw(st.sampled_from(["/data/upload/1/0123abcd-a %.jpg", "s3://b/ö.png", "", None]))
        task: dict[str, Any] = {"id": number + 1, "data": {"image": url, **draw(st.sampled_from(DATA))}}
        task["annotations"] = [annotation]
        if draw(st.integers(0, 5)) == 0:
            task["annotations"].append({"id": 8, "result": []})
        made.append(task)
    return made


@pytest.mark.parametrize("format", ["coco", "yolo", "voc"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tasks=tasks())
def test_both_ways_write_the_same(
    format: str, tasks: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ways")
    short = converted(tasks, format, folder / "short")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainTasks, "of", lambda *_: None)
        long = converted(tasks, format, folder / "long")
    assert short == long


def noting(monkeypatch: pytest.MonkeyPatch, ways: type[Any]) -> list[Any]:
    """What a short way makes of the tasks that it is asked about."""
    taken: list[Any] = []
    of = ways.of

    def noted(*given: Any) -> Any:
        taken.append(of(*given))
        return taken[-1]

    monkeypatch.setattr(ways, "of", noted)
    return taken


def converted(tasks: list[dict[str, Any]], format: str, folder: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    report = formats.convert(tasks, format, folder, config=CONFIG).to_dict()
    del report["seconds"], report["place"]
    return contents(folder), report


@pytest.mark.parametrize(
    ("format", "kind", "short"),
    [
        ("coco", "rectanglelabels", True),
        ("yolo", "rectanglelabels", True),
        ("voc", "rectanglelabels", True),
        ("coco", "polygonlabels", True),
        ("voc", "polygonlabels", False),
    ],
)
def test_the_short_way_is_taken(
    format: str, kind: str, short: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = {"x": 1.5, "y": 2.5, "width": 3.5, "height": 4.5, "rotation": 0}
    shape = {"points": [[0, 1.5], [20.5, 30], [100, 0]], "closed": True}
    value = {**(box if kind == "rectanglelabels" else shape), kind: ["Cat"]}
    item: dict[str, Any] = {"id": "a", "type": kind, "to_name": "image", "value": value}
    item |= {"original_width": 640, "original_height": 480}
    task = {"id": 1, "data": {"image": "a.jpg"}, "annotations": [{"id": 1, "result": [item]}]}
    taken = noting(monkeypatch, PlainTasks)
    formats.convert([task], format, tmp_path / "out", config=CONFIG)
    assert [one is not None for one in taken] == [short]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tasks=tasks())
def test_both_ways_to_json_min_say_the_same(
    tasks: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ways")
    short, told = converted(tasks, "json-min", folder / "short")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SimpleTasks, "of", lambda *_: None)
        long, told_before = converted(tasks, "json-min", folder / "long")
    assert told == told_before
    assert json.loads(short["result.json"]) == json.loads(long["result.json"])


@pytest.mark.parametrize("format", ["coco", "yolo", "voc"])
@pytest.mark.parametrize(
    ("change", "out"),
    [
        ({"type": None}, 0),  # without a type it is no region
        ({"value": {"x": 100, "y": 5, "width": 1e-15, "height": 5, "rectanglelabels": ["Cat"]}}, 0),
        ({"value": {"x": 0, "y": 5, "width": 5e-324, "height": 5, "rectanglelabels": ["Cat"]}, "original_width": 1}, 0),
        ({}, 1),
    ],
)
def test_regions_at_the_edge_of_what_is_plain(format: str, change: dict[str, Any], out: int, tmp_path: Path) -> None:
    item: dict[str, Any] = {"id": "a", "type": "rectanglelabels", "to_name": "image", "from_name": "box"}
    item |= {"original_width": 640, "original_height": 480}
    item["value"] = {"x": 1.5, "y": 2.5, "width": 3.5, "height": 4.5, "rotation": 0, "rectanglelabels": ["Cat"]}
    item = {name: value for name, value in {**item, **change}.items() if value is not None}
    tasks = [{"id": 1, "data": {"image": "a.jpg"}, "annotations": [{"id": 1, "result": [item]}]}]
    files, report = converted(tasks, format, tmp_path / "short")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainTasks, "of", lambda *_: None)
        assert converted(tasks, format, tmp_path / "long") == (files, report)
    assert report["regions_in"] == 1
    if format == "voc":  # which has no place for what has no pixel
        assert report["regions_out"] == out


def test_classes_with_half_a_surrogate_pair(tmp_path: Path) -> None:
    report = formats.convert([], "coco", tmp_path / "out", config=CONFIG, classes=["Cat", "\ud83d"])
    assert report.tasks_in == 0


TEXT = """
<View>
  <Text name="text" value="$text"/>
  <Labels name="span" toName="text"><Label value="PER"/><Label value="a b"/></Labels>
  <Choices name="good" toName="text"><Choice value="yes"/></Choices>
</View>
"""
TEXTS = [
    "Ada wrote in Zürich.",
    "one two three four",
    "a 😀 b \U0001f469\u200d\U0001f467 ok 東京",
    "two\n\nparts of it",
    "it\r\nends",
    "",
    " a  b ",
]
SPAN = {"id": "s", "type": "labels", "from_name": "span", "to_name": "text"}
ODD_SPANS: list[dict[str, Any]] = [
    {"id": ""},
    {"id": None},
    {"to_name": "other"},
    {"type": "choices", "from_name": "good", "value": {"choices": ["yes"]}},
    {"type": "relation", "from_id": "a", "to_id": "b"},
    {"original_width": "wide", "original_height": 3},
    {"value": {"start": 0, "end": 2, "labels": []}},
    {"value": {"start": 0, "end": 2, "labels": ["PER", "a b"]}},
    {"value": {"start": 0, "end": 2, "labels": "PER"}},
    {"value": {"start": 0, "end": 2, "labels": ["PER"], "x": 3}},
    {"value": {"start": "0", "end": 2, "labels": ["PER"]}},
    {"value": {"start": 1.5, "end": 2, "labels": ["PER"]}},
    {"value": {"start": 0, "end": 10**20, "labels": ["PER"]}},
    {"value": {"labels": ["PER"]}},
]


@st.composite
def marked(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for number in range(draw(st.integers(1, 3))):
        text = draw(st.sampled_from(TEXTS))
        offsets = st.integers(-1, len(text) + 3)
        result = []
        for turn in range(draw(st.integers(0, 3))):
            start, end = draw(offsets), draw(offsets)
            if draw(st.integers(0, 4)):
                start, end = min(start, end), max(start, end)
            label = draw(st.sampled_from(["PER", "a b", "new"]))
            item = {**SPAN, "id": f"s{turn}", "value": {"start": start, "end": end, "text": "x", "labels": [label]}}
            if not draw(st.integers(0, 5)):
                item |= draw(st.sampled_from(ODD_SPANS))
            if not draw(st.integers(0, 5)):
                item["id"] = "s0"
            result.append(item)
        annotation = {"id": 7, "result": result, "was_cancelled": draw(st.integers(0, 5)) == 0}
        shown = draw(st.sampled_from([text, text, text, None, ["a"]]))
        made.append({"id": number + 1, "data": {"text": shown}, "annotations": [annotation]})
    return made


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tasks=marked(), scheme=st.sampled_from(["BIO", "BILOU"]))
def test_both_ways_to_conll_write_the_same(
    tasks: list[dict[str, Any]], scheme: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ways")

    def written(name: str) -> tuple[dict[str, bytes], dict[str, Any]]:
        report = formats.convert(tasks, "conll", folder / name, config=TEXT, scheme=scheme).to_dict()
        del report["seconds"], report["place"]
        return contents(folder / name), report

    short = written("short")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MarkedTexts, "of", lambda *_: None)
        assert written("long") == short


@pytest.mark.parametrize(
    ("text", "start", "short"), [("Ada wrote", 0, True), ("😀 Ada", 3, True), ("Ada\r\nwrote", 0, False)]
)
def test_the_short_way_of_texts_is_taken(
    text: str, start: int, short: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = noting(monkeypatch, MarkedTexts)
    item = {**SPAN, "value": {"start": start, "end": start + 3, "text": "Ada", "labels": ["PER"]}}
    task = {"id": 1, "data": {"text": text}, "annotations": [{"id": 1, "result": [item]}]}
    formats.convert([task], "conll", tmp_path / "out", config=TEXT)
    assert [one is not None for one in taken] == [short]
    assert b"Ada -X- _ B-PER\n" in (tmp_path / "out" / "result.conll").read_bytes()
