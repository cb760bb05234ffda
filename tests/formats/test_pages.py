"""Tasks of several images: each image is one of its own, with the regions that are on it."""

from __future__ import annotations

import json
import pickle
import zlib
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire import formats
from labelwire.formats import coco, converting, images, media
from labelwire.formats.registry import FORMATS

from .conftest import Convert, Result, Task, annotation, contents

LIST = """
<View>
  <Image name="pages" valueList="$pages"/>
  <RectangleLabels name="box" toName="pages"><Label value="Cat"/><Label value="Dog"/></RectangleLabels>
  <Choices name="mood" toName="pages"><Choice value="good"/></Choices>
</View>
"""

REPEATER = """
<View>
  <Repeater on="$scans" indexFlag="{{idx}}" mode="pagination">
    <Image name="scan_{{idx}}" value="$scans[{{idx}}].url"/>
    <RectangleLabels name="box_{{idx}}" toName="scan_{{idx}}"><Label value="Cat"/><Label value="Dog"/></RectangleLabels>
  </Repeater>
</View>
"""

TWO = """
<View>
  <Image name="front" value="$front"/>
  <RectangleLabels name="box" toName="front"><Label value="Cat"/></RectangleLabels>
  <Image name="back" value="$back"/>
  <RectangleLabels name="other" toName="back"><Label value="Dog"/></RectangleLabels>
</View>
"""

UPLOADED = "/data/upload/1/0123abcd-"
PAGED = [name for name, one in FORMATS.items() if one.pages]


def box(x: float, on: str = "pages", index: int | None = None, label: str = "Cat", **more: Any) -> Result:
    """A box of 10 by 10 pixels on an image of 100 by 50 that is `index` pixels wider."""
    size = {"original_width": 100 + (index or 0), "original_height": 50}
    value = {"x": x * 100 / size["original_width"], "y": 20, "width": 1000 / size["original_width"], "height": 20}
    made = {"id": f"{on}-{x:g}-{index}", "from_name": "box", "to_name": on, "type": "rectanglelabels", **size}
    made |= {} if index is None else {"item_index": index}
    return {**made, "value": {**value, "rectanglelabels": [label]}, **more}


def listed(*results: Result, id: int = 7, names: tuple[str, ...] = ("a.jpg", "b.jpg", "c.jpg")) -> Task:
    """A task with a list of images."""
    pages = [f"{UPLOADED}{name}" for name in names]
    return {"id": id, "data": {"pages": pages}, "annotations": [annotation(*results, id=id)]}


def boxes(folder: Path) -> dict[str, list[tuple[float, ...]]]:
    """Of a COCO file: the boxes by image, each with its class."""
    found = json.loads((folder / "result.json").read_text())
    by_id = {one["id"]: one["file_name"] for one in found["images"]}
    there: dict[str, list[tuple[float, ...]]] = {name: [] for name in by_id.values()}
    for one in found["annotations"]:
        there[by_id[one["image_id"]]].append((*one["bbox"], one["category_id"]))
    return there


def test_each_image_of_a_list_has_the_regions_of_its_index(convert: Convert) -> None:
    results = [box(10), box(20, index=0), box(30, index=2, label="Dog"), box(40, index=2)]
    report, folder = convert([listed(*results)], "coco", config=LIST)
    found = boxes(folder)
    assert list(found) == ["a.jpg", "b.jpg", "c.jpg"]
    assert found["a.jpg"] == [pytest.approx((10, 10, 10, 10, 0)), pytest.approx((20, 10, 10, 10, 0))]
    assert found["b.jpg"] == []
    assert found["c.jpg"] == [pytest.approx((30, 10, 10, 10, 1)), pytest.approx((40, 10, 10, 10, 0))]
    sizes = [one["width"] for one in json.loads((folder / "result.json").read_text())["images"]]
    assert sizes == [100, None, 102]
    assert (report.tasks_out, report.annotations_out, report.regions_out, report.counts) == (1, 1, 4, {})


@pytest.mark.parametrize("format", PAGED)
def test_every_format_of_images_has_a_file_for_each(convert: Convert, format: str) -> None:
    results = [box(10, index=0), box(20, index=1), box(30, index=1), box(40, index=2)]
    choice = {"shapes": ["box"]} if format in ("numpy", "png") else {}
    report, folder = convert([listed(*results), listed(*results, id=8)], format, config=LIST, **choice)
    assert (report.tasks_out, report.regions_out, report.counts) == (2, 8, {})
    if format == "coco":
        assert len(boxes(folder)) == 6
    else:
        of_images = {name for name in contents(folder) if name.endswith((".txt", ".xml", ".png", ".npy", ".json"))}
        about = {"labels.txt", "classes.txt", "classes.json", "ImageSets/Main/default.txt"}
        count = {"numpy": 8, "png": 8, "instances": 12}.get(format, 6)  # a file for each region; an image and its JSON
        assert len(of_images - about) == count


def test_names_are_unique_whatever_they_are_called_in_their_lists(convert: Convert) -> None:
    tasks = [listed(id=7, names=("a.jpg", "x/a.jpg", "a.png")), listed(id=8, names=("a.jpg",))]
    _, folder = convert(tasks, "coco", config=LIST)
    assert list(boxes(folder)) == ["a.jpg", "a-2.jpg", "a.png", "a-3.jpg"]
    _, folder = convert(tasks, "yolo", config=LIST, names="id")
    there = [name for name in contents(folder) if name.startswith("labels/")]
    assert there == ["labels/7_0001.txt", "labels/7_0002.txt", "labels/7_0003.txt", "labels/8.txt"]


def test_a_repeaters_images_are_told_apart_by_their_names(convert: Convert) -> None:
    data = {"scans": [{"url": "http://a/front.jpg"}, {"url": "http://a/back.jpg"}]}
    results = [box(10, on="scan_1", label="Dog", from_name="box_1"), box(20, on="scan_0", from_name="box_0")]
    tasks = [{"id": 1, "data": data, "annotations": [annotation(*results)]}]
    report, folder = convert(tasks, "coco", config=REPEATER)
    assert boxes(folder) == {
        "front.jpg": [pytest.approx((20, 10, 10, 10, 0))],
        "back.jpg": [pytest.approx((10, 10, 10, 10, 1))],
    }
    assert (report.tasks_out, report.regions_out, report.counts, report.notes) == (1, 2, {}, [])


def two(front: str, back: str, *results: Result) -> Task:
    """A task with a front and a back."""
    return {"id": 1, "data": {"front": front, "back": back}, "annotations": [annotation(*results)]}


def test_two_tags_are_two_images_unless_one_is_asked_for(convert: Convert) -> None:
    tasks = [two("f.jpg", "b.jpg", box(10, on="front"), box(20, on="back", label="Dog", from_name="other"))]
    report, folder = convert(tasks, "coco", config=TWO)
    assert boxes(folder) == {
        "f.jpg": [pytest.approx((10, 10, 10, 10, 0))],
        "b.jpg": [pytest.approx((20, 10, 10, 10, 1))],
    }
    assert report.counts == {}
    for one in ("back", "front"):
        report, folder = convert(tasks, "coco", config=TWO, media=one)
        assert list(boxes(folder)) == [f"{one[0]}.jpg"]
        assert report.counts == {images.ELSEWHERE: 1}


def test_one_address_in_two_tags_is_one_image(convert: Convert) -> None:
    tasks = [two("f.jpg", "f.jpg", box(10, on="front"), box(20, on="back", label="Dog", from_name="other"))]
    _, folder = convert(tasks, "coco", config=TWO)
    assert boxes(folder) == {"f.jpg": [pytest.approx((10, 10, 10, 10, 0)), pytest.approx((20, 10, 10, 10, 1))]}


def test_a_region_on_no_image_of_its_task_is_reported_once(convert: Convert) -> None:
    report, folder = convert([listed(box(10, index=3), box(20, on="elsewhere"))], "coco", config=LIST)
    assert boxes(folder) == {"a.jpg": [], "b.jpg": [], "c.jpg": []}
    assert report.counts == {images.ELSEWHERE: 2}
    answer = {"id": "m", "from_name": "mood", "to_name": "pages", "type": "choices", "value": {"choices": ["good"]}}
    report, _ = convert([listed(answer)], "coco", config=LIST)
    assert report.counts == {images.ANSWER: 1}


def test_what_is_no_address_in_a_list_is_passed_over_and_the_others_keep_their_index(convert: Convert) -> None:
    task = listed(box(10, index=2))
    task["data"]["pages"][:2] = [None, 5]
    _, folder = convert([task], "coco", config=LIST)
    assert boxes(folder) == {"c.jpg": [pytest.approx((10, 10, 10, 10, 0))]}


def test_answers_and_relations_stay_with_their_regions(convert: Convert) -> None:
    first, second = box(10, index=0, id="a"), box(20, index=1, id="b")
    words = [
        {"id": one, "from_name": "words", "to_name": "pages", "type": "textarea", "value": {"text": [f"of {one}"]}}
        for one in ("a", "b")
    ]
    config = LIST.replace("<Choices", '<TextArea name="words" toName="pages" perRegion="true"/><Choices')
    arrow = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"}
    report, folder = convert([listed(first, second, *words, arrow)], "funsd", config=config)
    forms = [json.loads((folder / f"annotations/{name}.json").read_text())["form"] for name in "abc"]
    assert [[one["text"] for one in form] for form in forms] == [["of a"], ["of b"], []]
    assert report.counts == {"a relation with a region that is not written": 1}


def test_a_difficult_object_on_a_later_image_is_told_so(convert: Convert) -> None:
    flag = {"id": "b", "from_name": "mood", "to_name": "pages", "type": "choices", "value": {"choices": ["difficult"]}}
    _, folder = convert([listed(box(10, index=0, id="a"), box(20, index=1, id="b"), flag)], "voc", config=LIST)
    told = ["<difficult>1" in (folder / f"Annotations/{name}.xml").read_text() for name in "ab"]
    assert told == [False, True]


def test_all_images_of_a_task_go_into_one_split(convert: Convert) -> None:
    tasks = [listed(id=n, names=(f"{n}-1.jpg", f"{n}-2.jpg")) for n in range(1, 31)]
    _, folder = convert(tasks, "yolo", config=LIST, split={"train": 0.5, "val": 0.5})
    there = [name.split("/") for name in contents(folder) if name.startswith("labels/")]
    by_task: dict[str, set[str]] = {}
    for _, split, name in there:
        by_task.setdefault(name.partition("-")[0], set()).add(split)
    assert len(there) == 60
    assert {len(splits) for splits in by_task.values()} == {1}
    assert set.union(*by_task.values()) == {"train", "val"}


def test_the_ids_of_tasks_are_those_of_their_first_images(convert: Convert) -> None:
    report, folder = convert([listed(box(10), box(20, index=1))], "coco", config=LIST, image_ids="task")
    assert [one["id"] for one in json.loads((folder / "result.json").read_text())["images"]] == [7]
    assert report.counts == {coco.NOT_FIRST: 2}
    assert [one.page for one in report.left_out] == [1, 2]


def test_what_all_annotators_say_is_compared_image_by_image(convert: Convert) -> None:
    both = [annotation(box(10, index=0), box(20, index=1), id=1), annotation(box(10, index=0), box(20, index=0), id=2)]
    task = {**listed(), "annotations": both}
    _, folder = convert([task], "coco", config=LIST, annotations="agreement")
    assert [len(some) for some in boxes(folder).values()] == [1, 0, 0]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Files of the images b.jpg and c.jpg, of 30 by 20 pixels, and none of a.jpg."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("b.jpg", "c.jpg"):
        PIL.Image.new("RGB", (30, 20)).save(folder / name)
    return folder


def test_each_image_comes_along_under_its_name(pictures: Path, convert: Convert) -> None:
    unsized = box(10, index=1)
    del unsized["original_width"]
    report, folder = convert([listed(unsized)], "coco", config=LIST, with_media=pictures)
    assert boxes(folder)["images/b.jpg"] == [pytest.approx((10 * 30 / 101, 4, 300 / 101, 4, 0))]
    assert {name for name in contents(folder) if name != "result.json"} == {"images/b.jpg", "images/c.jpg"}
    assert [(one.reason, one.page) for one in report.left_out] == [(media.NO_FILE, 0)]
    assert "task 7, image 0" in str(report)
    report, folder = convert([listed(unsized)], "semantic", config=LIST, with_media=pictures)
    assert report.counts == {"an image whose size nobody says": 1}
    there = {name for name in contents(folder) if name.endswith(("g",))}
    assert there == {"images/b.jpg", "images/c.jpg", "masks/b.png", "masks/c.png"}
    assert report.tasks_out == 1


def test_addresses_of_all_images_are_fetched() -> None:
    conversion = formats.Conversion("coco", config=LIST, with_media=True)
    found = list(conversion.addresses([listed()]))
    assert found == [(7, f"{UPLOADED}{name}.jpg") for name in "abc"]
    assert list(formats.Conversion("coco", config=LIST).addresses([listed()])) == []


TASKS = [
    listed(
        box(10, index=n % 3), box(30), id=n, names=tuple(f"{zlib.crc32(b'%d' % n) % 40}-{m}.jpg" for m in range(n % 4))
    )
    for n in range(1, 61)
]


@pytest.mark.parametrize("format", ["coco", "yolo", "voc", "instances"])
def test_neither_batches_nor_processes_nor_engines_change_a_byte(
    convert: Convert, format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = {"train": 0.5, "val": 0.5}
    report, whole = convert(TASKS, format, config=LIST, split=split)
    conversion = pickle.loads(pickle.dumps(formats.Conversion(format, config=LIST, split=split)))  # noqa: S301 - ours
    texts = [[json.dumps(one).encode() for one in TASKS[start : start + 13]] for start in range(0, 60, 13)]
    plans = conversion.plan(map(conversion.heads, texts))
    other = conversion.write([conversion.part(*pair) for pair in zip(texts, plans, strict=True)], tmp_path / "engine")
    monkeypatch.setattr(converting, "BATCH_TASKS", 7)
    _, some = convert(TASKS, format, config=LIST, split=split)
    _, beside = convert(TASKS, format, config=LIST, split=split, workers=2)
    assert contents(whole) == contents(some) == contents(beside) == contents(tmp_path / "engine")
    assert (report.tasks_out, report.regions_out, report.counts) == (other.tasks_out, other.regions_out, other.counts)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(
        st.none() | st.integers() | st.sampled_from(["a.jpg", "b.jpg", "/x/a.jpg"]) | st.lists(st.text()), max_size=4
    ),
    st.lists(st.none() | st.integers(-1, 4) | st.sampled_from(["1", 1.0, [], True]), max_size=4),
)
def test_nothing_in_a_list_ends_a_conversion(
    tmp_path_factory: pytest.TempPathFactory, pages: list[Any], indices: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("pages") / "set"
    results = [box(10 * n, id=str(n), item_index=index) for n, index in enumerate(indices)]
    task = {"id": 1, "data": {"pages": pages}, "annotations": [annotation(*results)]}
    report = formats.convert([task], "yolo", folder, config=LIST)
    told = sum(one.region is not None for one in report.left_out)
    assert report.regions_out + told == (0 if images.NO_IMAGE in report.counts else len(indices))
    assert report.tasks_in == 1 >= report.tasks_out
