"""Whatever a task holds, a conversion ends with an error or a report, writes nowhere else, and counts right."""

from __future__ import annotations

import copy
import json
import shutil
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwire import InvalidInput, formats
from labelwire.formats import Report
from labelwire.formats.parsing import NO_TASK, NOT_UNDERSTOOD, Parser
from labelwire.formats.report import MOST, WHOLE
from labelwire.formats.schema import Schema

from .conftest import IMAGE, box, task
from .every_kind import CONFIGS, WRITTEN, kind_of, tasks_of

NASTY: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    0.5,
    100,
    1e308,
    -1e308,
    float("nan"),
    float("inf"),
    float("-inf"),
    2**53,
    2**63,
    10**40,
    -(10**400),
    "",
    " ",
    "x",
    "1",
    "NaN",
    "9" * 400,
    "..",
    "../../outside",
    "/etc/passwd",
    "C:\\windows\\con",
    "file:///etc/passwd",
    "https://[broken/",
    "/tasks/1/resolve/?fileuri=%FF%FE!!",
    "/data/local-files/?d=../../../outside.jpg",
    "a\0b\n\r\t\x1b[31m",
    "\ud83d",
    "\ud83d\ude00" * 50,
    "e\u0301\u202e",
    "n" * 300,
    '"\\</name>&amp;]]>',
    [],
    {},
    [[]],
    [None],
    ["Cat", "Cat"],
    ["../Cat", "Dog/../../x", ""],
    [1, 2.5],
    {"x": {"y": []}},
    [[0, 0], [1, 1]],
    [[0, 0], [1, "a"], [2]],
    [0, 0, 0, 4, 0, 0, 0],
    [255] * 40,
    [64, 0, 0, 0, 3, 3, 7, 15, 255, 255],
    {"choices": ["Cat"]},
    "data:image/png;base64,AAAA",
]
"""What may stand anywhere in a task in the place of what should."""

KEYS = [
    *("id", "type", "value", "from_name", "to_name", "original_width", "original_height", "rotation", "x", "width"),
    *("points", "rle", "imageDataURL", "sequence", "ranges", "start", "end", "text", "labels", "rectanglelabels"),
    *("result", "annotations", "predictions", "data", "image", "parentID", "item_index", "globalOffsets", "taxonomy"),
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with every key or index in it."""
    found: list[tuple[Any, Any]] = []
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        found.append((value, key))
        found += places(inner)
    return found


change = st.tuples(
    st.integers(0, 10**6),
    st.sampled_from(["replace", "replace", "replace", "remove", "repeat", "wrap", "add"]),
    st.integers(0, len(NASTY) - 1),
    st.sampled_from(KEYS),
)


def changed(whole: Any, changes: list[tuple[int, str, int, str]]) -> Any:
    """The value with some places of it changed."""
    root = [copy.deepcopy(whole)]
    for at, how, which, key in changes:
        there = places(root)
        holder, where = there[at % len(there)]
        value = copy.deepcopy(NASTY[which])
        if how == "replace":
            holder[where] = value
        elif how == "wrap":
            holder[where] = [holder[where]]
        elif how == "add" and isinstance(holder[where], dict):
            holder[where][key] = value
        elif how == "repeat" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[where]))
        elif how == "remove" and holder is not root:
            del holder[where]
    return root[0]


def consistent(report: Report) -> None:
    """What went in came out, or is in the report."""
    whole = sum(count for reason, count in report.counts.items() if reason.startswith(WHOLE))
    assert report.tasks_in == report.tasks_out + whole, report
    assert 0 <= report.regions_out <= report.regions_in, report
    assert 0 <= report.annotations_out <= report.annotations_in, report
    assert sum(min(count, MOST) for count in report.counts.values()) == len(report.left_out)
    regions = sum(one.region is not None or one.reason == NOT_UNDERSTOOD for one in report.left_out)
    if whole == report.counts.get(NO_TASK, 0) + report.counts.get("a task without an annotation that counts", 0):
        assert report.regions_in <= report.regions_out + regions, report
    assert str(report)
    assert report.to_json()


def tried(source: Any, format: str, config: str | None, **choice: Any) -> Report | None:
    """The report of a conversion that has left everything else alone; None where it was refused."""
    above = Path(tempfile.mkdtemp())
    try:
        (above / "in").mkdir()
        report = None
        try:
            report = formats.convert(source, format, above / "in" / "out", config=config, workers=0, **choice)
        except InvalidInput:
            assert not (above / "in" / "out").exists()
        else:
            consistent(report)
            files = [path for path in (above / "in" / "out").rglob("*") if path.is_file()]
            assert len(files) == report.files
        assert {path.name for path in above.iterdir()} == {"in"}
        assert {path.name for path in (above / "in").iterdir()} <= {"out"}
        return report
    finally:
        shutil.rmtree(above)


@pytest.mark.parametrize("format", WRITTEN)
def test_mutated_tasks(format: str) -> None:
    kind = kind_of(format)
    sound = tasks_of(kind, 7)
    some = st.lists(st.tuples(st.integers(0, 6), st.lists(change, max_size=4)), min_size=1, max_size=5)

    @settings(max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=[*HealthCheck])
    @given(some, st.sampled_from([None, {"train": 0.5, "val": 0.5}]), st.sampled_from(["original", "id", "stored"]))
    def fuzz(mutations: Any, split: Any, names: str) -> None:
        tasks = [changed(sound[at], changes) for at, changes in mutations]
        texts = [json.dumps(one).encode() for one in tasks]
        report = tried(texts, format, CONFIGS[kind], split=split, names=names)
        assert report is not None, "nothing in a task is worth an error"
        assert report.tasks_in == len(tasks)

    fuzz()


@pytest.mark.parametrize("format", WRITTEN)
def test_nasty_values_everywhere(format: str) -> None:
    """In every place of a task every seventh of them, one at a time."""
    kind = kind_of(format)
    sound = tasks_of(kind, 4)[-1 if kind == "image" else 0]
    assert sound["annotations"]
    there = [at for at, (holder, key) in enumerate(places([sound])) if not isinstance(key, int) or key < 3]
    texts = [
        json.dumps(changed(sound, [(at, "replace", which, "")])).encode()
        for at in there
        for which in range(at % 7, len(NASTY), 7)
    ]
    report = tried(texts, format, CONFIGS[kind])
    assert report is not None
    assert report.tasks_in == len(texts)


@pytest.mark.parametrize("format", WRITTEN)
def test_tasks_of_another_kind_and_no_configuration(format: str) -> None:
    tasks = [one for kind in CONFIGS for one in tasks_of(kind, 7)]
    for config in (None, CONFIGS[kind_of(format)]):
        tried([json.dumps(one).encode() for one in tasks], format, config)


@pytest.mark.parametrize("format", WRITTEN)
def test_what_is_no_task_at_all(format: str) -> None:
    texts = [b"null", b"5", b'"text"', b"[]", b"{}", b"[" * 5_000 + b"]" * 5_000, b"{", b"\xff", b"", b"NaN"]
    texts += [b'{"data": ' + b'{"a":' * 3_000 + b"1" + b"}" * 3_000 + b"}"]
    report = tried(texts, format, CONFIGS[kind_of(format)])
    assert report is not None
    assert report.tasks_in == len(texts)
    assert report.counts[NO_TASK] >= len(texts) - 1


@pytest.mark.parametrize("format", [name for name in WRITTEN if kind_of(name) == "image"])
@pytest.mark.parametrize("size", [(8, 8), (4_096, 4_096)])
def test_a_brush_that_lies_about_its_size(format: str, size: tuple[int, int]) -> None:
    pixels = (size[0] * size[1] * 4).to_bytes(4, "big")
    for rest in (b"", b"\x03", b"\x00" * 8, b"\xff" * 8, b"\x1f\x07\x0f\xff", bytes(range(200))):
        value = {"format": "rle", "rle": [*pixels, *rest], "brushlabels": ["Cat"]}
        region = {**box(0, 0, 1, 1, size=size), "id": "r", "type": "brushlabels", "from_name": "brush", "value": value}
        tracemalloc.start()
        report = tried([json.dumps(task(region)).encode()], format, IMAGE)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert report is not None
        whole = 6 * size[0] * size[1] if format in ("semantic", "instances") else 0  # they write the whole image
        assert peak < (64 << 20) + whole, "so little says nothing of so many pixels"


@pytest.mark.parametrize("points", [[], [[1, 1]], [[1, 1], [2, 2]], [[1, 1], [1, 1], [1, 1]], [[1, 1], [2, 2], [3, 3]]])
@pytest.mark.parametrize("format", ["coco", "yolo", "voc", "semantic"])
def test_polygons_that_are_none(format: str, points: list[list[int]]) -> None:
    value = {"points": points, "polygonlabels": ["Cat"]}
    region = {**box(0, 0, 1, 1), "id": "r", "type": "polygonlabels", "from_name": "polygon", "value": value}
    assert tried([task(region)], format, IMAGE) is not None


def test_a_task_of_two_hundred_megabytes(tmp_path: Path) -> None:
    with (tmp_path / "export.json").open("wb") as file:
        file.write(b'[{"id": 1, "data": {"image": "a.jpg", "more": "')
        for _ in range(200):
            file.write(b"x" * (1 << 20))
        file.write(b'"}, "annotations": [{"id": 1, "result": []}]}, {"id": 2, "data": {"image": "b.jpg"}}]')
    report = tried(tmp_path / "export.json", "coco", IMAGE)
    assert report is not None
    assert (report.tasks_in, report.tasks_out) == (2, 1)


def test_a_number_of_thousands_of_digits() -> None:
    text = json.dumps(task(box(1, 1, 9, 9))).replace('"rotation": 0', '"rotation": 1' + "0" * 4_000)
    assert tried([text.encode()], "coco", IMAGE) is not None
    assert tried([text.replace("0000", "0" * 4_000).encode()], "coco", IMAGE) is not None


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(st.sampled_from([*CONFIGS]), st.integers(0, 3), st.lists(change, max_size=6), st.booleans())
def test_parsing_never_raises(kind: str, at: int, changes: Any, predictions: bool) -> None:
    parser = Parser(Schema(CONFIGS[kind]), predictions=predictions, skipped=True)
    report = Report()
    sample = parser.sample(changed(tasks_of(kind, 7)[at], changes), 0, report)
    assert report.tasks_in == 1
    if sample is not None:
        assert len([*sample.regions]) <= report.regions_in
