"""A Hugging Face dataset: `datasets` loads it without a line of code, and it becomes tasks again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from labelwire import InvalidInput, formats
from labelwire.formats.embedded import suffix_of
from labelwire.formats.hugging_face import NO_ANSWER, RELATION, SECOND, TURNED
from labelwire.formats.hugging_face_columns import NO_CLASS, NO_COLUMN
from labelwire.formats.hugging_face_reading import INSIDE
from labelwire.formats.inferring import GUESSED

from .conftest import IMAGE, Convert, annotation, box, choice, ellipse, point, polygon, task

KINDS = Path(__file__).parent / "data" / "kinds.json"
CONFIG = KINDS.with_suffix(".xml")

TEXT = """
<View>
  <Text name="t" value="$text"/>
  <Labels name="ner" toName="t"><Label value="PER"/><Label value="LOC"/></Labels>
  <Choices name="mood" toName="t"><Choice value="good"/><Choice value="bad"/></Choices>
  <Choices name="topics" toName="t" choice="multiple"><Choice value="a"/><Choice value="b"/></Choices>
</View>
"""


def span(text: str, part: str, label: str, **more: Any) -> dict[str, Any]:
    """The first place of a part, in the editor's UTF-16 units."""
    before = len(text[: text.index(part)].encode("utf-16-le")) // 2
    value = {"start": before, "end": before + len(part.encode("utf-16-le")) // 2, "text": part, "labels": [label]}
    return {"id": f"{label}{before}", "from_name": "ner", "to_name": "t", "type": "labels", "value": value, **more}


def asked(name: str, *choices: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": "t", "type": "choices", "value": {"choices": list(choices)}}


@pytest.fixture
def datasets(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package, which reaches nothing beyond this machine."""
    import datasets as package

    for module in (package, package.config):
        monkeypatch.setattr(module, "HF_DATASETS_OFFLINE", True, raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    package.disable_progress_bars()
    return package


@pytest.fixture
def load(datasets: Any, tmp_path: Path) -> Any:
    """Loads a folder as it is, each time anew."""

    def loaded(folder: Path) -> Any:
        return datasets.load_dataset(str(folder), cache_dir=str(tmp_path / f"cache-{folder.name}"))

    return loaded


def test_boxes_and_polygons_of_images(convert: Convert, load: Any) -> None:
    made = task(
        box(64, 48, 128, 96, "Dog"),
        polygon([(10, 20), (110, 20), (10, 70)], "Cat"),
        choice("rain"),
        image="s3://b/a.jpg",
    )

    report, folder = convert([made], "hf", config=IMAGE)
    loaded = load(folder)["train"]

    (row,) = loaded
    objects = loaded.features["objects"]
    assert (row["id"], row["image"], row["width"], row["height"]) == (1, "s3://b/a.jpg", 640, 480)
    assert row["objects"]["bbox"] == [pytest.approx([64, 48, 128, 96]), pytest.approx([10, 20, 100, 50])]
    assert [objects["category"].feature.int2str(one) for one in row["objects"]["category"]] == ["Dog", "Cat"]
    assert row["objects"]["segmentation"][1] == pytest.approx([10, 20, 110, 20, 10, 70])
    assert loaded.features["weather"].int2str(row["weather"]) == "rain"
    assert (report.tasks_out, report.regions_out) == (1, 2)


def test_texts_with_entities_tags_and_classes(convert: Convert, load: Any) -> None:
    text = "😀 Ada went to New York."
    result = [span(text, "Ada", "PER"), span(text, "New York", "LOC"), span(text, "York", "LOC"), asked("mood", "bad")]
    made = {"id": 1, "data": {"text": text}, "annotations": [annotation(*result, asked("topics", "b", "a"))]}

    report, folder = convert([made], "hf", config=TEXT)
    loaded = load(folder)["train"]

    (row,) = loaded
    entities, features = row["entities"], loaded.features
    assert [text[start:end] for start, end in zip(entities["start"], entities["end"], strict=True)] == entities["text"]
    assert entities["text"] == ["Ada", "New York", "York"]
    assert row["tokens"] == ["😀", "Ada", "went", "to", "New", "York", "."]
    tags = [features["ner_tags"].feature.int2str(one) for one in row["ner_tags"]]
    assert tags == ["O", "B-PER", "O", "O", "B-LOC", "I-LOC", "O"]
    assert features["mood"].int2str(row["mood"]) == "bad"
    assert [features["topics"].feature.int2str(one) for one in row["topics"]] == ["b", "a"]
    assert report.regions_out == report.regions_in == 3


def test_every_kind_of_answer_has_a_column(convert: Convert, load: Any) -> None:
    report, folder = convert(KINDS, "hf", config=CONFIG, annotations="all")

    rows = {row["id"]: row for row in load(folder)["train"]}

    twelve = rows[12]
    assert (twelve["stars"], twelve["age"], twelve["when"], twelve["pair"]) == (4.0, 2.5, "2024-01-02T03:04", "left")
    assert twelve["tree"] == [["x", "y"], ["x"]]
    assert rows[15]["summary"] == "one\ntwo"
    assert report.counts[RELATION] == 1
    assert report.counts[NO_ANSWER] == 2  # the notes on regions


def test_splits(convert: Convert, load: Any, datasets: Any) -> None:
    tasks = [
        {"id": n, "data": {"text": f"text {n}"}, "annotations": [annotation(asked("mood", "good"))]} for n in range(30)
    ]

    _, folder = convert(tasks, "hf", config=TEXT, split={"train": 0.5, "test": 0.5})
    loaded = load(folder)
    in_memory = formats.to_datasets(tasks, config=TEXT, split={"train": 0.5, "test": 0.5})

    assert isinstance(in_memory, datasets.DatasetDict)
    assert {name: len(one) for name, one in loaded.items()} == {name: len(one) for name, one in in_memory.items()}
    assert sorted(row["id"] for one in loaded.values() for row in one) == list(range(30))
    assert loaded["train"].features == in_memory["train"].features
    assert list(loaded["test"]) == list(in_memory["test"])


def test_a_split_that_hugging_face_cannot_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no name of a split"):
        formats.convert([], "hf", tmp_path / "out", config=TEXT, split={"a-b": 1.0})


def test_without_a_configuration_the_columns_are_those_of_the_results() -> None:
    dataset = formats.to_datasets([task(box(1, 2, 3, 4, "Dog")), task(choice("sun"), id=2)])

    assert set(dataset.column_names) == {"id", "image", "width", "height", "objects", "weather"}
    assert dataset[1]["objects"] == {"bbox": [], "category": []}


def test_the_report_says_that_the_configuration_was_made(convert: Convert) -> None:
    report, _ = convert([task(box(1, 2, 3, 4))], "hf")

    assert GUESSED in report.notes


def test_images_come_along_as_an_image_folder(convert: Convert, load: Any, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("a.png", "b.png", "c.png"):
        Image.new("RGB", (64, 48), "red").save(tmp_path / "photos" / name)
    drawn = [box(1, 2, 3, 4, size=(64, 48)), choice("sun")]
    tasks = [task(*drawn, id=number, image=f"s3://x/{name}.png") for number, name in enumerate("abc")]

    _, folder = convert(tasks, "hf", config=IMAGE, with_media=tmp_path / "photos")
    loaded = load(folder)["train"]

    assert sorted(path.name for path in (folder / "data").iterdir()) == ["a.png", "b.png", "c.png", "metadata.jsonl"]
    assert [(row["id"], row["image"].size, row["weather"]) for row in loaded] == [
        (n, (64, 48), "sun") for n in range(3)
    ]
    assert loaded[0]["objects"]["bbox"] == [pytest.approx([1, 2, 3, 4])]
    assert loaded[0]["objects"]["category"] == ["Cat"]

    dataset = formats.read(folder)
    read = list(dataset.tasks())
    assert dataset.format == "hf"
    assert read[0]["data"]["image"] == "data/a.png"
    value = next(one["value"] for one in read[0]["annotations"][0]["result"] if one["type"] == "rectanglelabels")
    assert value["x"] == pytest.approx(100 / 64)


def test_what_has_no_column_is_reported(convert: Convert) -> None:
    result = [
        point(1, 2, "nose"),
        box(1, 2, 3, 4, "Bird"),
        box(1, 2, 3, 4, rotation=20),
        choice("sun"),
        choice("rain"),
        choice("snow"),
        ellipse(50, 50, 10, 10),
    ]

    report, _ = convert([task(*result)], "hf", config=IMAGE)

    assert report.counts == {NO_COLUMN: 1, NO_CLASS: 1, SECOND: 1, NO_ANSWER: 1}
    assert report.regions_in == report.regions_out + 2
    assert report.notes == [TURNED]


def test_a_text_dataset_becomes_the_tasks_again(convert: Convert) -> None:
    text = "😀 Ada went to New York."
    result = [span(text, "Ada", "LOC"), span(text, "New York", "LOC"), asked("mood", "bad"), asked("topics", "a", "b")]
    made = {"id": 5, "data": {"text": text}, "annotations": [annotation(*result)]}
    _, folder = convert([made], "hf", config=TEXT)

    dataset = formats.read(folder)
    (found,) = dataset.tasks()

    assert (found["id"], found["data"]) == (5, {"text": text})
    values = {one["from_name"]: one["value"] for one in found["annotations"][0]["result"] if one["type"] != "labels"}
    assert values == {"mood": {"choices": ["bad"]}, "topics": {"choices": ["a", "b"]}}
    spans = [one["value"] for one in found["annotations"][0]["result"] if one["type"] == "labels"]
    assert spans == [one["value"] for one in result[:2]]
    assert dataset.config["entities"].label_names == ("PER", "LOC")
    assert dataset.config["mood"].label_names == ("good", "bad")
    assert dataset.config["topics"].get("choice") == "multiple"


def test_polygons_and_boxes_become_regions_again(convert: Convert) -> None:
    result = [box(64, 48, 128, 96, "Dog"), polygon([(10, 20), (110, 20), (10, 70)], "Cat")]
    _, folder = convert([task(*result)], "hf", config=IMAGE)

    dataset = formats.read(folder)
    (found,) = dataset.tasks()

    drawn = found["annotations"][0]["result"]
    assert [one["type"] for one in drawn] == ["rectanglelabels", "polygonlabels"]
    assert drawn[0]["value"]["width"] == pytest.approx(20)
    assert [pair for point in drawn[1]["value"]["points"] for pair in point] == pytest.approx(
        [
            number / side
            for point in [(10, 20), (110, 20), (10, 70)]
            for number, side in zip(point, (6.4, 4.8), strict=True)
        ]
    )
    assert dataset.report.regions_out == 2


def test_tags_of_tokens_become_spans(datasets: Any, tmp_path: Path) -> None:
    names = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    features = datasets.Features(
        {
            "tokens": datasets.Sequence(datasets.Value("string")),
            "ner_tags": datasets.Sequence(datasets.ClassLabel(names=names)),
        }
    )
    rows = {"tokens": [["Ada", "Lovelace", "Ada", "in", "Rome"]], "ner_tags": [[1, 2, 1, 0, 4]]}
    (tmp_path / "set" / "data").mkdir(parents=True)
    datasets.Dataset.from_dict(rows, features=features).to_parquet(
        tmp_path / "set" / "data" / "train-00000-of-00001.parquet"
    )

    dataset = formats.read(tmp_path / "set")
    (found,) = dataset.tasks()

    assert found["data"] == {"text": "Ada Lovelace Ada in Rome"}
    spans = [(one["value"]["text"], one["value"]["labels"]) for one in found["annotations"][0]["result"]]
    assert spans == [("Ada Lovelace", ["PER"]), ("Ada", ["PER"]), ("Rome", ["LOC"])]
    assert dataset.config["ner_tags"].label_names == ("PER", "LOC")


def test_images_inside_a_file_are_reported(datasets: Any, tmp_path: Path) -> None:
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])})
    picture = Image.new("RGB", (8, 8))
    (tmp_path / "set" / "data").mkdir(parents=True)
    path = tmp_path / "set" / "data" / "train.parquet"
    datasets.Dataset.from_dict({"image": [picture], "label": [1]}, features=features).to_parquet(path)

    dataset = formats.read(tmp_path / "set")
    list(dataset.samples())

    assert dataset.report.counts == {INSIDE: 1}


def test_images_inside_a_file_become_files(datasets: Any, tmp_path: Path) -> None:
    boxes = {"bbox": [[1.0, 2.0, 3.0, 4.0]], "category": ["cat"]}
    pictures = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    pictures[0].save(tmp_path / "a.png")
    cells = [{"bytes": (tmp_path / "a.png").read_bytes(), "path": "../deep/a.png"}] * 2 + [pictures[2]]
    lists = {
        "bbox": datasets.Sequence(datasets.Sequence(datasets.Value("float32"))),
        "category": datasets.Sequence(datasets.Value("string")),
    }
    features = datasets.Features({"image": datasets.Image(), "objects": lists})
    (tmp_path / "set" / "data").mkdir(parents=True)
    made = datasets.Dataset.from_dict({"image": cells, "objects": [boxes] * 3}, features=features)
    made.to_parquet(tmp_path / "set" / "data" / "train.parquet")

    dataset = formats.read(tmp_path / "set", media_to=tmp_path / "taken")
    tasks = list(dataset.tasks())

    paths = [tmp_path / "taken" / name for name in ("a.png", "a-2.png", "image-000002.png")]
    assert [one["data"]["image"] for one in tasks] == list(map(str, paths))
    assert sorted(file.name for file in (tmp_path / "taken").iterdir()) == ["a-2.png", "a.png", "image-000002.png"]
    assert (tmp_path / "taken" / "a.png").read_bytes() == (tmp_path / "a.png").read_bytes()
    with Image.open(tmp_path / "taken" / "image-000002.png") as image:
        assert image.convert("RGB").getpixel((0, 0)) == (0, 0, 255)
    for one in tasks:
        (region,) = one["annotations"][0]["result"]
        assert (region["original_width"], region["original_height"]) == (8, 8)
        assert region["value"]["x"] == 12.5
    assert not dataset.report.counts

    list(formats.read(tmp_path / "set", media_to=tmp_path / "taken").tasks())  # again: they are there
    (tmp_path / "taken" / "a.png").write_bytes(b"mine")
    with pytest.raises(InvalidInput, match="name an empty folder"):
        list(formats.read(tmp_path / "set", media_to=tmp_path / "taken").tasks())
    assert (tmp_path / "taken" / "a.png").read_bytes() == b"mine"
    with pytest.raises(InvalidInput, match="cannot be the folder"):
        list(formats.read(tmp_path / "set", media_to=tmp_path / "a.png").tasks())


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (b"\x89PNG\r\n", ".png"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (b"RIFF\0\0\0\0WEBP", ".webp"),
        (b"RIFF\0\0\0\0WAVE", ".wav"),
        (b"\0\0\0\x18ftypmp42", ".mp4"),
        (b"", ""),
        (b"anything", ""),
    ],
)
def test_files_without_a_name_have_the_suffix_of_their_content(content: bytes, suffix: str) -> None:
    assert suffix_of(content) == suffix


def test_the_columns_of_a_configuration_are_answers(convert: Convert) -> None:
    _, folder = convert(KINDS, "hf", config=CONFIG)

    found = {one["id"]: one for one in formats.read(folder, config=CONFIG).tasks()}

    assert "stars" not in found[12]["data"]
    values = {one["from_name"]: one["value"] for one in found[12]["annotations"][0]["result"] if "from_name" in one}
    assert values["stars"] == {"rating": 4.0}
    assert values["tree"] == {"taxonomy": [["x", "y"], ["x"]]}


def test_features_are_in_the_parquet_file_itself(convert: Convert) -> None:
    _, folder = convert([task(box(1, 2, 3, 4))], "hf", config=IMAGE)

    schema = pq.read_schema(folder / "data" / "train.parquet")

    told = json.loads(schema.metadata[b"huggingface"])
    assert told["info"]["features"]["weather"] == {"names": ["sun", "rain"], "_type": "ClassLabel"}
    assert schema.field("id").type == pa.int64()
