"""A configuration made of tasks: what they show, what labels them, and in which order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire import InvalidInput
from labelwire.formats.inferring import GUESSED, TAGS, inferred, tag_of
from labelwire.label_config import LabelConfig

from .conftest import Convert, annotation, box, choice, polygon, task

KINDS = Path(__file__).parent / "data" / "kinds.json"


def config_of(*tasks: Any) -> LabelConfig:
    return inferred(json.dumps(one).encode() for one in tasks)


def answer(name: str, kind: str, value: dict[str, Any], to: str = "x", **more: Any) -> dict[str, Any]:
    return {"from_name": name, "to_name": to, "type": kind, "value": value, **more}


def test_controls_and_labels_are_in_the_order_of_their_first_use() -> None:
    config = config_of(
        task(polygon([(0, 0), (9, 0), (9, 9)], "Dog"), box(1, 2, 3, 4, "Dog")), task(box(1, 2, 3, 4, "Cat"))
    )

    assert list(config.controls) == ["polygon", "box"]
    assert config["box"].label_names == ("Dog", "Cat")
    assert {name: (tag.tag, tag.value) for name, tag in config.objects.items()} == {"image": ("Image", "$image")}


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("https://example.org/a.JPG?x=1", "Image"),
        ("/data/upload/1/a.wav", "Audio"),
        ("s3://bucket/a.mp4", "Video"),
        ("/data/local-files/?d=a/b.png", "Image"),
        ("Look at a.jpg", "Text"),
        ("<p>Hello</p>", "HyperText"),
        ("3 < 4 and 5 > 2", "Text"),
        ([{"author": "A", "text": "Hi"}], "Paragraphs"),
        ([{"id": 1, "title": "A", "body": "B"}], "List"),
        (["a.png", "b.png"], "Image"),
        ({"time": [1, 2], "v": [3, 4]}, "TimeSeries"),
        ({"name": "value"}, "Table"),
        (3, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_what_shows_a_value(value: Any, tag: str) -> None:
    assert tag_of(value) == tag


def test_an_object_that_is_called_otherwise_shows_the_key_that_fits() -> None:
    made = {
        "data": {"note": "a text", "file": "b.png"},
        "annotations": [annotation({**box(1, 1, 1, 1), "to_name": "img"})],
    }

    assert config_of(made).objects["img"].value == "$file"


def test_several_images_are_shown_as_a_list() -> None:
    made = {"data": {"pages": ["a.png", "b.png"]}, "annotations": [annotation({**box(1, 1, 1, 1), "to_name": "pages"})]}

    assert config_of(made).objects["pages"].get("valueList") == "$pages"


def test_labels_are_of_a_text_a_sound_or_a_video_by_their_place() -> None:
    places: dict[str, dict[str, Any]] = {
        "Text": {"start": 0, "end": 2, "text": "ab"},
        "Audio": {"start": 0.5, "end": 2.5, "channel": 0},
        "Video": {"sequence": [{"frame": 1, "x": 0, "y": 0, "width": 1, "height": 1}]},
        "HyperText": {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0, "endOffset": 1},
    }
    for tag, value in places.items():
        made = {"data": {"x": "y"}, "annotations": [annotation(answer("l", "labels", {**value, "labels": ["A"]}))]}
        assert config_of(made).objects["x"].tag == tag


def test_answers_keep_their_kind() -> None:
    result = [
        answer("one", "choices", {"choices": ["a"]}),
        answer("many", "choices", {"choices": ["a", "b"]}),
        answer("stars", "rating", {"rating": 8}),
        answer("tree", "taxonomy", {"taxonomy": [["Animal", "Cat"], ["Animal", "Dog"]]}),
    ]
    config = config_of({"data": {"x": "text"}, "annotations": [annotation(*result)]})

    assert config["one"].get("choice") == "single"
    assert config["many"].get("choice") == "multiple"
    assert config["stars"].get("maxRating") == "8"
    assert [[step[0] for step in path] for path in config["tree"].paths()] == [
        ["Animal"],
        ["Animal", "Cat"],
        ["Animal", "Dog"],
    ]


def test_an_answer_about_a_region_is_asked_for_each() -> None:
    region = box(1, 2, 3, 4, id="r")
    about = {**choice("sun"), "id": "r", "from_name": "state"}

    config = config_of(task(region, about, choice("sun")))

    assert config["state"].per_region
    assert not config["weather"].per_region


def test_a_preference_is_between_two_objects() -> None:
    made = {
        "data": {"a": "one text", "b": "another"},
        "annotations": [annotation(answer("p", "pairwise", {"selected": "left"}, "p"))],
    }

    assert config_of(made)["p"].to_name == ("a", "b")


def test_tasks_without_results_show_their_medium() -> None:
    config = config_of({"data": {"id": 5, "caption": "a text", "photo": "a.png"}})

    assert {name: tag.tag for name, tag in config.objects.items()} == {"photo": "Image"}


def test_no_tasks_give_an_empty_configuration() -> None:
    assert not config_of().objects
    assert not inferred([b"{", b"[]", b'{"data": 5}']).objects


def test_the_real_configuration_is_found_again() -> None:
    tasks = json.loads(KINDS.read_bytes())
    real = LabelConfig.parse(KINDS.with_suffix(".xml").read_text("utf-8"))

    found = config_of(*tasks)

    assert set(found.controls) == set(real.controls)
    assert {name: control.tag for name, control in found.controls.items()} == {
        n: c.tag for n, c in real.controls.items()
    }
    assert {name: (tag.tag, tag.value) for name, tag in found.objects.items()} == {
        name: (tag.tag, tag.value) for name, tag in real.objects.items()
    }
    for one in tasks:
        for made in one["annotations"]:
            assert found.problems(made["result"]) == []


@pytest.mark.parametrize("kind", sorted(TAGS))
def test_every_type_of_result_makes_a_configuration_that_can_be_read_again(kind: str) -> None:
    value = {"choices": ["a"], "taxonomy": [["a"]], kind: ["a"]}
    config = config_of({"data": {"x": "y"}, "annotations": [annotation(answer("c", kind, value))]})

    assert LabelConfig.parse(config.to_xml()).controls["c"].tag == TAGS[kind][0]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers() | st.none(), max_size=3),
    st.lists(
        st.fixed_dictionaries(
            {
                "from_name": st.text(max_size=3) | st.none(),
                "to_name": st.text(max_size=3),
                "type": st.sampled_from(sorted(TAGS)) | st.text(max_size=3),
                "value": st.dictionaries(
                    st.sampled_from(["labels", "choices", "rectanglelabels", "taxonomy", "start", "rating"]),
                    st.lists(st.text(max_size=3) | st.lists(st.text(max_size=2), max_size=2)) | st.integers(),
                ),
            }
        ),
        max_size=4,
    ),
)
def test_whatever_is_said_the_configuration_can_be_read_again(data: dict[str, Any], result: list[Any]) -> None:
    config = config_of({"data": data, "annotations": [{"result": result}]})

    assert LabelConfig.parse(config.to_xml()) == config


def test_a_conversion_without_a_configuration_is_the_same_from_a_file_and_from_an_iterable(
    convert: Convert, tmp_path: Path
) -> None:
    tasks = [task(box(10, 20, 30, 40, "Dog")), task(box(1, 2, 3, 4, "Cat"), id=2)]
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))

    report, one = convert(iter(tasks), "voc")
    _, other = convert(tmp_path / "tasks.json", "voc")

    files = {path.relative_to(one): path.read_bytes() for path in one.rglob("*") if path.is_file()}
    assert files == {path.relative_to(other): path.read_bytes() for path in other.rglob("*") if path.is_file()}
    assert len(files) >= 2
    assert report.notes[-1] == GUESSED


def test_a_format_about_images_refuses_tasks_of_texts(convert: Convert) -> None:
    made = {
        "data": {"text": "no image"},
        "annotations": [annotation(answer("c", "choices", {"choices": ["a"]}, "text"))],
    }

    with pytest.raises(InvalidInput, match="about image"):
        convert([made], "voc")


def test_the_configuration_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "import sys; from labelwire.formats.inferring import inferred; from labelwire.files.sources import texts;"
        "sys.stdout.write(str(inferred(texts(sys.argv[1]))))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code, str(KINDS)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(found) == 1
    assert b"<Choices" in next(iter(found))
