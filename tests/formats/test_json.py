"""JSON, JSON Lines and JSON_MIN: nothing is lost on the way, and JSON_MIN is the official exporter's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire import InvalidInput, formats
from labelwire.formats.json_min import RELATION, UNKNOWN, as_official
from labelwire.formats.json_tasks import json_text

from .conftest import IMAGE, Convert, annotation, box, choice, task

DATA = Path(__file__).parent / "data"
KINDS, CONFIG = DATA / "kinds.json", DATA / "kinds.xml"

QUESTION = """
<View>
  <Text name="t" value="$text"/>
  <TextArea name="text" toName="t"/>
  <Choices name="mood" toName="t"><Choice value="good"/><Choice value="bad"/></Choices>
</View>
"""

values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def answered(name: str, kind: str, value: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": "t", "type": kind, "value": value, **more}


def rows(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "result.json").read_bytes())
    return found


def test_tasks_come_out_as_they_went_in(convert: Convert) -> None:
    tasks = json.loads(KINDS.read_bytes())

    report, folder = convert(KINDS, "json")

    assert json.loads((folder / "tasks.json").read_bytes()) == tasks
    assert (report.tasks_out, report.annotations_out) == (5, 6)
    assert report.regions_in == report.regions_out == 4
    assert not report.counts


def test_a_line_of_json_lines_is_a_task(tmp_path: Path) -> None:
    formats.convert(KINDS, "jsonl", tmp_path / "tasks.jsonl")

    lines = (tmp_path / "tasks.jsonl").read_text("utf-8").splitlines()

    assert [json.loads(line) for line in lines] == json.loads(KINDS.read_bytes())


@pytest.mark.parametrize("format", ["json", "jsonl", "json-min"])
def test_no_tasks_are_whole_files_all_the_same(tmp_path: Path, format: str) -> None:
    formats.convert([], format, tmp_path / "out")

    text = next((tmp_path / "out").iterdir()).read_text("utf-8")

    assert text == "" if format == "jsonl" else json.loads(text) == []


def test_only_the_annotations_that_are_asked_for_are_kept(convert: Convert) -> None:
    made = task(annotations=[annotation(id=5), annotation(id=2, was_cancelled=True), annotation(id=3)])

    report, folder = convert([made], "json", annotations="latest", skipped="leave out")

    (kept,) = json.loads((folder / "tasks.json").read_bytes())
    assert [one["id"] for one in kept["annotations"]] == [5]
    assert report.not_chosen == 2
    assert report.annotations_in == report.annotations_out + report.not_chosen


def test_a_split_gives_a_file_each(convert: Convert) -> None:
    tasks = [task(id=number) for number in range(40)]

    report, folder = convert(tasks, "jsonl", split={"train": 0.5, "test": 0.5})

    found = {
        path.name: [json.loads(line)["id"] for line in path.read_bytes().splitlines()] for path in folder.iterdir()
    }
    assert set(found) == {"train.jsonl", "test.jsonl"}
    assert sorted(found["train.jsonl"] + found["test.jsonl"]) == list(range(40))
    assert min(map(len, found.values())) > 5
    assert report.tasks_out == 40


def test_a_split_needs_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="name a folder"):
        formats.convert([task()], "json", tmp_path / "tasks.json", split={"train": 0.5, "test": 0.5})
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60, deadline=None, derandomize=True)
@given(values)
def test_json_text_is_what_it_was_made_of(value: Any) -> None:
    def clean(one: Any) -> Any:
        if isinstance(one, str):
            return one.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if isinstance(one, dict):
            return {clean(key): clean(inner) for key, inner in one.items()}
        return [clean(inner) for inner in one] if isinstance(one, list) else one

    assert json.loads(json_text(value)) == clean(value)


def test_half_a_surrogate_pair_does_not_stop_a_conversion(convert: Convert) -> None:
    made = {
        "id": 1,
        "data": {"text": "a\ud83d"},
        "annotations": [annotation(answered("text", "textarea", {"text": ["\udc00b"]}))],
    }

    for name in ("json", "json-min", "csv"):
        report, folder = convert([made], name, config=QUESTION)
        text = next(folder.iterdir()).read_text("utf-8")
        assert "a\ufffd" in text
        assert "\ufffdb" in text
        assert report.tasks_out == 1


@pytest.mark.parametrize(
    ("format", "made", "expected"),
    [
        ("JSON_MIN", "result.json", "official.min.json"),
        ("CSV", "result.csv", "official.csv"),
        ("TSV", "result.tsv", "official.tsv"),
    ],
)
def test_the_official_exporters_bytes(convert: Convert, format: str, made: str, expected: str) -> None:
    _, folder = convert(KINDS, format, config=CONFIG, official=True)

    assert (folder / made).read_bytes() == (DATA / expected).read_bytes()


def test_without_the_official_form_json_min_says_the_same(convert: Convert) -> None:
    report, folder = convert(KINDS, "json-min", config=CONFIG)

    assert rows(folder) == json.loads((DATA / "official.min.json").read_bytes())
    assert b"\\/" not in (folder / "result.json").read_bytes()
    assert report.counts == {RELATION: 1}
    assert report.regions_out == report.regions_in == 4


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1e16, b"1e+16"),
        (1.5e-7, b"1.5e-7"),
        (0.00001, b"1e-5"),
        (1.234e-05, b"1.234e-5"),
        (0.0001, b"0.0001"),
        (-1.2345678901234568e20, b"-1.2345678901234568e+20"),
        (-0.0, b"-0.0"),
        (1e15, b"1000000000000000.0"),
        ("1e16 / 0.00001", b'"1e16 \\/ 0.00001"'),
        (True, b"true"),
    ],
)
def test_numbers_of_the_official_form(number: Any, expected: bytes) -> None:
    assert as_official(json_text(number)) == expected


def test_data_called_like_a_control_is_not_lost(convert: Convert) -> None:
    written = answered("text", "textarea", {"text": ["an answer"]})
    made = {"id": 7, "data": {"text": "the question", "id": "mine"}, "annotations": [annotation(written)]}

    _, folder = convert([made], "json-min", config=QUESTION)

    (row,) = rows(folder)
    assert (row["_data_text"], row["text"]) == ("the question", "an answer")
    assert (row["_data_id"], row["id"]) == ("mine", 7)


def test_the_annotator_is_an_email_or_an_id_or_null(convert: Convert) -> None:
    people = [3, {"id": 4, "email": "b@example.org"}, {"id": 5}, None]
    tasks = [task(annotations=[annotation(choice("sun"), completed_by=one)]) for one in people]

    _, folder = convert(tasks, "json-min", config=IMAGE)

    assert [row["annotator"] for row in rows(folder)] == [3, "b@example.org", 5, None]


def test_a_result_of_a_repeater_is_kept(convert: Convert) -> None:
    config = """
    <View>
      <Repeater on="$pages" indexFlag="{{idx}}">
        <Image name="page_{{idx}}" value="$pages[{{idx}}].url"/>
        <RectangleLabels name="part_{{idx}}" toName="page_{{idx}}"><Label value="Head"/></RectangleLabels>
      </Repeater>
    </View>
    """
    region = {**box(1, 1, 5, 5), "from_name": "part_1", "to_name": "page_1"}
    made = {"id": 1, "data": {"pages": [{"url": "a.png"}, {"url": "b.png"}]}, "annotations": [annotation(region)]}

    _, folder = convert([made], "json-min", config=config)

    assert len(rows(folder)[0]["part_1"]) == 1


def test_what_the_configuration_does_not_have_is_kept_and_officially_left_out(convert: Convert) -> None:
    strange = {**choice("fog"), "from_name": "old"}

    _, folder = convert([task(strange)], "json-min", config=IMAGE)
    report, official = convert([task(strange)], "json-min", config=IMAGE, official=True)

    assert rows(folder)[0]["old"] == "fog"
    assert "old" not in rows(official)[0]
    assert report.counts == {UNKNOWN: 1}


def test_results_without_a_value_are_reported(convert: Convert) -> None:
    broken: list[Any] = [{"from_name": "box", "type": "rectanglelabels"}, "text", None, {"value": {"choices": ["sun"]}}]

    report, folder = convert([task(*broken)], "json-min", config=IMAGE)

    assert len(report.left_out) == 4
    assert rows(folder)[0]["annotation_id"] == 1


def test_predictions_have_rows_too(convert: Convert) -> None:
    made = task(predictions=[{"id": 9, "result": [choice("rain")], "model_version": "v1", "score": 0.5}])

    _, folder = convert([made], "json-min", config=IMAGE, source="predictions")

    (row,) = rows(folder)
    assert (row["weather"], row["annotator"], row["annotation_id"]) == ("rain", "v1", 9)


def test_reading_gives_tasks_with_annotations_and_predictions(tmp_path: Path) -> None:
    made = task(box(10, 20, 30, 40), predictions=[{"result": [choice("rain")], "model_version": "v1", "score": 0.5}])
    (tmp_path / "export.json").write_text(json.dumps([made]))

    dataset = formats.read(tmp_path / "export.json", config=IMAGE)
    (found,) = dataset.tasks()

    assert dataset.format == "json"
    assert found["id"] == 1
    assert found["annotations"][0]["result"][0]["value"]["rectanglelabels"] == ["Cat"]
    assert found["predictions"][0]["model_version"] == "v1"
    assert dataset.report.tasks_in == dataset.report.tasks_out == 1
