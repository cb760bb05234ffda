"""Documents: FUNSD forms and DocLang archives."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from labelwire import formats
from labelwire.label_config import Control, image, text

from .conftest import SIZE, Convert, Task, box, ellipse, polygon, task

OCR = str(
    image(
        Control("TextArea", name="transcription", to_name="image", perRegion=True),
        Control("Choices", "bill", "letter", name="kind", to_name="image"),
        boxes=["Question", "Answer"],
        polygons=["Question", "Answer"],
        ellipses=["Question"],
    )
)


def said(words: str, id: str) -> dict[str, Any]:
    about = {"id": id, "from_name": "transcription", "to_name": "image", "type": "textarea"}
    return {**about, "value": {"text": [words]}}


def arrow(source: str, target: str, direction: str = "right") -> dict[str, Any]:
    return {"type": "relation", "from_id": source, "to_id": target, "direction": direction, "labels": []}


def form(folder: Path, name: str = "annotations/1.json") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / name).read_text(encoding="utf-8"))["form"]
    return found


def test_a_form_has_boxes_in_pixels_with_their_words_labels_and_links(convert: Convert) -> None:
    results = [
        box(10, 20, 100, 30, "Question", id="q"),
        said("Full  name:", "q"),
        box(120, 20, 200, 30, "Answer", id="a"),
        said("Zoé 🎉", "a"),
        arrow("q", "a"),
        box(0, 0, 5, 5, "Answer", id="bare"),
        arrow("bare", "q", "left"),
    ]
    report, folder = convert([task(*results)], "FUNSD", config=OCR)
    question, answer, bare = form(folder)
    assert question == {
        "id": 0,
        "box": [10, 20, 110, 50],
        "text": "Full name:",
        "label": "Question",
        "words": [{"box": [10, 20, 110, 50], "text": "Full"}, {"box": [10, 20, 110, 50], "text": "name:"}],
        "linking": [[0, 1], [0, 2]],
    }
    assert (answer["text"], answer["linking"]) == ("Zoé 🎉", [[0, 1]])
    assert (bare["text"], bare["words"]) == ("", [])
    assert not report.counts
    assert (report.regions_in, report.regions_out) == (3, 3)


def test_what_is_no_box_on_the_page_is_reported(convert: Convert) -> None:
    results = [
        box(600, 400, 100, 100, "Question", id="over"),
        box(700, 10, 10, 10, "Question", id="off"),
        said("gone", "off"),
        box(10, 10, 10, 10, "Answer", id="page", item_index=1),
        ellipse(50, 50, 10, 10, "Question"),
        box(50, 50, 20, 10, "Answer", rotation=90, id="turned"),
        polygon([(1, 1), (9, 1), (5, 8)], "Answer", id="poly"),
        arrow("off", "over"),
        {"id": "c", "from_name": "kind", "to_name": "image", "type": "choices", "value": {"choices": ["bill"]}},
    ]
    report, folder = convert([task(*results)], "funsd", config=OCR)
    assert [one["box"] for one in form(folder)] == [[600, 400, 640, 480], [40, 50, 50, 70], [1, 1, 9, 8]]
    assert report.counts == {
        "a region outside of its image": 1,
        "a region on another page of its task": 1,
        "a region that is no box on the document": 1,
        "an answer, which the format does not hold": 2,
        "a relation with a region that is not written": 1,
    }
    assert len(report.notes) == 1


def test_two_pages_of_one_name_get_a_form_each(convert: Convert) -> None:
    tasks = [task(id=1, image="/data/local-files/?d=a/p.png"), task(id=2, image="/data/local-files/?d=b/p.jpg")]
    _, folder = convert(tasks, "funsd", config=OCR)
    assert sorted(path.name for path in (folder / "annotations").iterdir()) == ["p-2.json", "p.json"]


def test_a_form_comes_back_with_its_texts_and_links(convert: Convert, tmp_path: Path) -> None:
    results = [box(10, 20, 100, 30, "Question", id="q"), said("Name:", "q"), box(120, 20, 200, 30, "Answer", id="a")]
    one = task(*results, arrow("q", "a"))
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.new("RGB", SIZE).save(pictures / "1.jpg")
    _, folder = convert([one], "funsd", config=OCR, with_media=pictures)
    dataset = formats.read(folder)
    assert dataset.format == "funsd"
    (read,) = dataset.tasks()
    assert read["data"] == {"image": "images/1.jpg"}
    dataset.config.check(read["annotations"][0]["result"])
    _, again = convert([read], "funsd", config=dataset.config)
    assert form(again) == form(folder)


def test_a_broken_form_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    for name, content in {"a": '{"form": [{"box": [1, 2], "label": "x"}, 5]}', "b": "{", "c": '{"form": []}'}.items():
        (tmp_path / f"{name}.json").write_text(content)
    Image.new("RGB", SIZE).save(tmp_path / "a.png")
    dataset = formats.read(tmp_path, "funsd")
    assert len(list(dataset.samples())) == 1
    assert dataset.report.counts == {
        "an item that cannot be understood": 2,
        "a file that is no form": 1,
        "a form whose image is not in the dataset": 1,
    }


MARKUP = '<doclang xmlns="https://www.doclang.ai/ns/v0" version="0.8"><text>Hé 🎉</text></doclang>'


def written(markup: str, id: int = 1, kind: str = "textarea") -> Task:
    value: dict[str, Any] = {"text": [markup]} if kind == "textarea" else {kind: {"state": [1, {"xml": markup}]}}
    result = {"id": "m", "from_name": "comment", "to_name": "text", "type": kind, "value": value}
    return {"id": id, "data": {"text": "x"}, "annotations": [{"id": 10 * id, "result": [result]}]}


@pytest.mark.parametrize("kind", ["textarea", "reactcode"])
def test_markup_becomes_an_archive(convert: Convert, kind: str) -> None:
    _, folder = convert([written(MARKUP, kind=kind)], "DOCLANG", config=str(text(comment=True)))
    with zipfile.ZipFile(folder / "task-1-annotation-10.dclx") as archive:
        assert archive.read("document.xml").decode() == MARKUP
        types = ET.fromstring(archive.read("[Content_Types].xml"))  # noqa: S314 - our own
        relations = ET.fromstring(archive.read("_rels/.rels"))  # noqa: S314 - our own
    assert {one.get("PartName") for one in types} >= {"/document.xml"}
    assert [one.get("Target") for one in relations] == ["document.xml"]


@pytest.mark.parametrize(
    "markup",
    [
        "<p>no doclang</p>",
        "<doclang>",
        '<!DOCTYPE doclang [<!ENTITY a "b">]><doclang>&a;</doclang>',
        '<doclang xmlns="https://a.example/"/>',
        "<doclang>\ud83d</doclang>",
    ],
)
def test_what_is_no_doclang_is_reported(convert: Convert, markup: str) -> None:
    report, folder = convert([written(markup), written(MARKUP, id=2)], "doclang", config=str(text(comment=True)))
    assert [path.name for path in folder.iterdir()] == ["task-2-annotation-20.dclx"]
    assert report.counts == {"an annotation without DocLang": 1, "a task without DocLang": 1}


def test_the_same_document_is_the_same_archive(convert: Convert) -> None:
    archives = [convert([written(MARKUP)], "doclang")[1] / "task-1-annotation-10.dclx" for _ in range(2)]
    first, second = (path.read_bytes() for path in archives)
    assert first == second
    assert zipfile.ZipFile(BytesIO(first)).testzip() is None
