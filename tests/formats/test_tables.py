"""CSV, TSV, Parquet, Arrow and frames: every value in its column, and tables of data as tasks."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwire import InvalidInput, formats
from labelwire.formats import parquet
from labelwire.formats.tables import NO_REGIONS, NO_ROW, OF_ANNOTATIONS, OF_REGIONS, RELATION

from .conftest import IMAGE, Convert, annotation, box, choice, contents, ellipse, point, polygon, task

DATA = Path(__file__).parent / "data"
KINDS, CONFIG = DATA / "kinds.json", DATA / "kinds.xml"

TEXT = """
<View>
  <Text name="t" value="$text"/>
  <Labels name="ner" toName="t"><Label value="PER"/></Labels>
  <TextArea name="text" toName="t"/>
  <Choices name="mood" toName="t"><Choice value="good"/><Choice value="bad"/></Choices>
</View>
"""

SEVERAL = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

BY_TASK: dict[str, Any] = {"rows": "tasks"}

plain_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
cells = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | plain_text


def answered(name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": "t", "type": kind, "value": value}


def text_task(text: str, *result: dict[str, Any], id: int = 1, **data: Any) -> dict[str, Any]:
    return {"id": id, "data": {"text": text, **data}, "annotations": [annotation(*result, id=id)]}


def read_csv(path: Path, separator: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))


# CSV and TSV


def test_the_columns_are_the_id_the_data_the_controls_and_the_annotation(convert: Convert) -> None:
    made = text_task("a", answered("mood", "choices", {"choices": ["good"]}), answered("ner", "labels", {}), n=1)

    _, folder = convert([made], "csv", config=TEXT)

    header = (folder / "result.csv").read_text("utf-8").splitlines()[0]
    assert header == "id,text,n,ner,mood,annotator,annotation_id,created_at,updated_at,lead_time"


def test_a_key_that_only_a_late_task_has_is_a_column_of_all(convert: Convert) -> None:
    tasks = [text_task("a", id=1), text_task("b", id=2, late="x"), {"id": 3, "data": {"other": 1}}]

    _, folder = convert(tasks, "csv", config=TEXT)

    found = read_csv(folder / "result.csv")
    assert [(row["text"], row["late"], row["other"]) for row in found] == [("a", "", ""), ("b", "x", ""), ("", "", "1")]


def test_data_that_is_called_like_a_control_or_an_annotations_field_has_a_column_of_its_own(convert: Convert) -> None:
    written = answered("text", "textarea", {"text": ["an answer"]})
    tasks = [text_task("no answer", id=1, lead_time="mine"), text_task("the question", written, id=2)]
    tasks[1]["annotations"][0]["lead_time"] = 2.5

    _, folder = convert(tasks, "csv", config=TEXT)

    found = read_csv(folder / "result.csv")
    assert [(row["_data_text"], row["text"]) for row in found] == [("no answer", ""), ("the question", "an answer")]
    assert [(row["_data_lead_time"], row["lead_time"]) for row in found] == [("mine", ""), ("", "2.5")]


@SEVERAL
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "c d", 'e"', "f,g", "h\n"]), cells, max_size=4), min_size=1))
@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_python_and_pandas_read_every_cell_as_it_was(tmp_path: Path, format: str, rows: list[dict[str, Any]]) -> None:
    path = tmp_path / f"t.{format}"
    formats.convert([{"id": at, "data": row} for at, row in enumerate(rows)], format, path, overwrite=True)
    separator = "\t" if format == "tsv" else ","

    found = read_csv(path, separator)
    frame = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False)

    expected = [{key: "" if one is None else str(one) for key, one in row.items()} for row in rows]
    assert [{key: row[key] for key in given} for row, given in zip(found, expected, strict=True)] == expected
    assert list(frame["id"]) == [str(at) for at in range(len(rows))]


def test_tsv_has_tabs_and_a_name_of_its_own(convert: Convert) -> None:
    _, folder = convert([text_task("a\tb")], "tsv", config=TEXT)

    assert [path.name for path in folder.iterdir()] == ["result.tsv"]
    assert read_csv(folder / "result.tsv", "\t")[0]["text"] == "a\tb"


def test_a_chat_has_a_transcript(convert: Convert) -> None:
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    result = [answered("chat", "chatmessage", {"chatmessage": one}) for one in said]

    _, folder = convert([text_task("a", *result)], "csv")

    (row,) = read_csv(folder / "result.csv")
    assert row["chat_transcript"] == "user: Hi\nassistant: Hello"
    assert json.loads(row["chat"]) == said


@pytest.mark.parametrize("format", ["json", "json-min", "csv", "parquet", "arrow", "hf"])
@pytest.mark.parametrize("official", [False, True])
def test_batches_and_workers_do_not_change_a_byte(
    convert: Convert, monkeypatch: pytest.MonkeyPatch, format: str, official: bool
) -> None:
    tasks = [
        text_task(f"Ada {n}", answered("text", "textarea", {"text": [str(n)]}), id=n, **{f"k{n % 7}": n})
        for n in range(60)
    ]
    tasks += json.loads(KINDS.read_bytes())
    monkeypatch.setattr(parquet, "GROUP", 16)

    def converted(batch: int) -> dict[str, bytes]:
        monkeypatch.setattr("labelwire.formats.converting.BATCH_TASKS", batch)
        return contents(convert(tasks, format, config=CONFIG, official=official, workers=0)[1])

    assert converted(1) == converted(9) == converted(1000)


def test_workers_write_the_same_table(convert: Convert) -> None:
    tasks = [text_task(f"Ada {n}", answered("mood", "choices", {"choices": ["bad"]}), id=n) for n in range(1500)]

    one = contents(convert(tasks, "csv", config=TEXT, workers=0)[1])
    other = contents(convert(tasks, "csv", config=TEXT, workers=2)[1])

    assert one == other


# Parquet, Arrow and frames


def test_a_row_for_each_region_and_answer_in_pixels() -> None:
    made = task(box(64, 48, 128, 96, "Dog", rotation=30, id="r1"), choice("sun"))

    frame = formats.to_pandas([made], config=IMAGE)

    assert list(frame.columns) == ["task", "image", *OF_ANNOTATIONS, *OF_REGIONS]
    region, reply = frame.iloc[0], frame.iloc[1]
    assert (region["task"], region["region"], region["shape"], region["label"]) == (1, "r1", "box", "Dog")
    assert region[["x", "y", "width", "height", "rotation"]].tolist() == pytest.approx([64, 48, 128, 96, 30])
    assert (region["image_width"], region["image_height"]) == (640, 480)
    assert (reply["control"], reply["label"], list(reply["labels"])) == ("weather", "sun", ["sun"])
    assert pd.isna(reply["shape"])


def test_other_shapes_have_the_upright_box_around() -> None:
    result = [polygon([(10, 20), (110, 20), (10, 70)]), ellipse(100, 100, 50, 20), point(30, 40, "nose")]

    frame = formats.to_polars([task(*result)], config=IMAGE)

    assert frame["shape"].to_list() == ["polygon", "ellipse", "keypoint"]
    assert frame.select("x", "y", "width", "height").row(0) == pytest.approx((10, 20, 100, 50))
    assert frame.select("x", "y", "width", "height").row(1) == pytest.approx((50, 80, 100, 40))
    assert [len(one) for one in frame["points"][0].to_list()] == [2, 2, 2]
    assert json.loads(frame["value"][1])["radiusX"] == pytest.approx(50 / 6.4)


def test_a_span_of_a_text_is_in_code_points() -> None:
    text = "😀 Ada"
    span = answered("ner", "labels", {"start": 3, "end": 6, "text": "Ada", "labels": ["PER"]})

    (row,) = formats.to_polars([text_task(text, span)], config=TEXT).to_dicts()

    assert (row["start"], row["end"], row["text"], row["data_text"]) == (2, 5, "Ada", text)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None, 3], pa.int64()),
        ([1, 2.5], pa.float64()),
        ([True, False], pa.bool_()),
        (["a", None], pa.string()),
        ([None, None], pa.string()),
        ([1, "a"], pa.string()),
        ([True, 1], pa.string()),
        ([2**70, 1], pa.string()),
        ([[1, 2], {"a": 1}], pa.string()),
    ],
)
def test_a_key_of_the_data_has_the_type_of_its_values(values: list[Any], kind: pa.DataType) -> None:
    table = formats.to_arrow([{"id": 1, "data": {"k": one}} for one in values], rows="tasks")

    assert table.schema.field("k").type == kind
    if kind == pa.string():
        expected = [
            one if one is None or isinstance(one, str) else json.dumps(one, separators=(",", ":")) for one in values
        ]
        assert table["k"].to_pylist() == expected
    else:
        assert table["k"].to_pylist() == values


@SEVERAL
@given(st.lists(st.dictionaries(plain_text, plain_text, max_size=4), min_size=1, max_size=6))
def test_texts_come_back_from_parquet(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    tasks = [{"id": at, "data": row} for at, row in enumerate(rows)]
    formats.convert(tasks, "parquet", tmp_path / "t.parquet", overwrite=True, **BY_TASK)

    found = pq.read_table(tmp_path / "t.parquet").to_pylist()

    taken = {"task", "annotations"}
    named = [{f"data_{key}" if key in taken else key: one for key, one in row.items()} for row in rows]
    assert [{key: one for key, one in row.items() if key not in taken and one is not None} for row in found] == named


def test_rows_of_annotations_and_tasks_are_nested() -> None:
    tasks = json.loads(KINDS.read_bytes())

    by_annotation = formats.to_arrow(tasks, config=CONFIG, rows="annotations")
    by_task = formats.to_arrow(tasks, config=CONFIG, rows="tasks")

    assert by_annotation.num_rows == 5
    assert by_task.num_rows == 5
    first = by_annotation.to_pylist()[0]
    assert [one["control"] for one in first["regions"]] == ["box", "box", "poly", "note", "note", "weather", "tags"]
    assert first["relations"] == [{"source": "r1", "target": "r2", "direction": "right", "labels": ["on"]}]
    assert [len(row["annotations"]) for row in by_task.to_pylist()] == [2, 1, 0, 1, 1]
    assert by_task.to_pylist()[0]["annotations"][0]["regions"] == first["regions"]


def test_what_has_no_row_is_reported(convert: Convert) -> None:
    report, folder = convert(KINDS, "parquet", config=CONFIG)

    assert report.counts == {RELATION: 1, NO_REGIONS: 1, NO_ROW: 2}
    assert report.tasks_in == report.tasks_out + report.counts[NO_ROW]
    assert report.regions_in == report.regions_out == 4
    assert [path.name for path in folder.iterdir()] == ["regions.parquet"]


def test_a_split_is_a_column() -> None:
    frame = formats.to_pandas(
        [task(box(1, 2, 3, 4), id=n) for n in range(30)], config=IMAGE, split={"a": 0.5, "b": 0.5}
    )

    assert set(frame["split"]) == {"a", "b"}


def test_no_tasks_are_an_empty_table() -> None:
    assert formats.to_arrow([], config=IMAGE).num_rows == 0
    assert formats.to_pandas([], rows="tasks").empty
    assert formats.to_polars([], rows="annotations").height == 0


def test_rows_of_another_kind_are_refused() -> None:
    with pytest.raises(InvalidInput, match="'regions', 'annotations', 'tasks'"):
        formats.to_arrow([], rows="labels")  # type: ignore[arg-type]


def test_row_groups_are_bounded_by_rows_and_by_bytes(convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP", 10)
    _, folder = convert([text_task("a", id=n) for n in range(25)], "parquet", rows="tasks")
    assert pq.ParquetFile(folder / "tasks.parquet").num_row_groups == 3

    monkeypatch.setattr(parquet, "GROUP_BYTES", 3000)
    _, folder = convert([text_task("a" * 1000, id=n) for n in range(9)], "parquet", rows="tasks")
    assert pq.ParquetFile(folder / "tasks.parquet").num_row_groups == 3


# Reading


def answers(result: list[dict[str, Any]]) -> dict[str, Any]:
    """What each control says that says one thing only."""
    drawn = ("relation", "rectanglelabels", "polygonlabels")
    return {one["from_name"]: one["value"] for one in result if one["type"] not in drawn and one["from_name"] != "note"}


@pytest.mark.parametrize("format", ["csv", "tsv", "json-min"])
@pytest.mark.parametrize("official", [False, True])
def test_our_tables_and_the_official_ones_become_the_tasks_again(tmp_path: Path, format: str, official: bool) -> None:
    suffix = {"json-min": "json"}.get(format, format)
    path = tmp_path / f"table.{suffix}"
    formats.convert(KINDS, format, path, config=CONFIG, official=official)

    dataset = formats.read(path, config=CONFIG)
    assert dataset.format == format
    found = {one["id"]: one for one in dataset.tasks()}

    tasks = {one["id"]: one for one in json.loads(KINDS.read_bytes())}
    assert list(found) == list(tasks)
    for number, one in found.items():
        given = [made for made in tasks[number]["annotations"] if not made["was_cancelled"]]
        assert len(one["annotations"]) == len(given)
        given.sort(key=lambda made: made["created_at"], reverse=True)
        assert [answers(made["result"]) for made in one["annotations"]] == [answers(made["result"]) for made in given]
    boxes = [item for item in found[11]["annotations"][1]["result"] if item["type"] == "rectanglelabels"]
    assert [item["value"]["x"] for item in boxes] == pytest.approx([10.5, 1])
    assert boxes[0]["original_width"] == 640


def test_a_table_with_labels_becomes_labeled_tasks(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label,n\nfine,good,1\nawful,bad,2\nfine too,good,3\nunknown,,4\n")

    dataset = formats.read(tmp_path / "t.csv")
    tasks = list(dataset.tasks())

    assert (dataset.format, dataset.config["label"].label_names) == ("csv", ("good", "bad"))
    assert dataset.config.objects["text"].tag == "Text"
    assert tasks[1]["data"] == {"text": "awful", "n": 2}
    assert tasks[1]["annotations"][0]["result"][0]["value"] == {"choices": ["bad"]}
    assert tasks[3]["annotations"] == []


@pytest.mark.parametrize("suffix", ["jsonl", "parquet", "tsv", "csv"])
def test_every_kind_of_table_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t.{suffix}"
    frame = pl.DataFrame({"image": ["a.png", "b.png"], "kind": ["x", "y"]})
    if suffix == "jsonl":
        frame.write_ndjson(path)
    elif suffix == "parquet":
        frame.write_parquet(path)
    else:
        frame.write_csv(path, separator="\t" if suffix == "tsv" else ",")

    dataset = formats.read(path, labels=["kind"])

    assert [one["annotations"][0]["result"][0]["value"]["choices"] for one in dataset.tasks()] == [["x"], ["y"]]
    assert dataset.config.objects["image"].tag == "Image"


def test_the_controls_of_a_configuration_say_what_columns_hold(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("body,mood\nfine,good\n")
    config = (
        '<View><Text name="t" value="$body"/><Choices name="mood" toName="t"><Choice value="good"/></Choices></View>'
    )

    (found,) = formats.read(tmp_path / "t.csv", config=config).tasks()

    assert found["data"] == {"body": "fine"}
    assert found["annotations"][0]["result"][0]["to_name"] == "t"


def test_labels_that_are_no_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text\na\n")

    with pytest.raises(InvalidInput, match="there are: text"):
        formats.read(tmp_path / "t.csv", labels=["label"])
