"""YOLO: the lines of each task, judged by supervision and, where it is at hand, by ultralytics."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire import InvalidInput, formats
from labelwire.formats import images as drawn
from labelwire.formats import yolo, yolo_lines
from labelwire.formats.images import size_of
from labelwire.formats.yolo_yaml import parse

from .conftest import (
    IMAGE,
    POSE,
    SIZE,
    Convert,
    Result,
    annotation,
    box,
    choice,
    contents,
    ellipse,
    flat,
    point,
    polygon,
    result,
    task,
)

TRIANGLE = [(64.0, 48.0), (320.0, 48.0), (320.0, 240.0)]


def lines(folder: Path, name: str = "1") -> list[list[float]]:
    text = (folder / f"labels/{name}.txt").read_text()
    return [[float(word) for word in line.split()] for line in text.splitlines()]


def pictures(folder: Path, names: list[str], size: tuple[int, int] = SIZE) -> None:
    """Image files of this size."""
    import PIL.Image

    for name in names:
        path = folder / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.new("RGB", size).save(path)


def test_a_box_is_its_centre_and_size(convert: Convert) -> None:
    _, folder = convert([task(box(64, 48, 128, 96, "Dog"))], "yolo", config=IMAGE)
    assert (folder / "labels/1.txt").read_bytes() == b"1 0.200000 0.200000 0.200000 0.200000\n"
    assert (folder / "classes.txt").read_text() == "Cat\nDog\n"
    data = parse((folder / "data.yaml").read_text())
    assert data["names"] == {"0": "Cat", "1": "Dog"}
    assert (data["train"], data["val"]) == ("images", "images")


def test_a_rotated_box_becomes_its_bounds_and_four_corners(convert: Convert) -> None:
    """By 90 degrees clockwise about the corner at 300, 200, it goes 40 to the left and 100 down."""
    turned = [task(box(300, 200, 100, 40, rotation=90))]
    report, folder = convert(turned, "yolo", config=IMAGE)
    assert lines(folder)[0] == pytest.approx([0, 280 / 640, 250 / 480, 40 / 640, 100 / 480], abs=1e-6)
    assert yolo_lines.UPRIGHT in report.notes
    report, folder = convert(turned, "YOLO_OBB", config=IMAGE)
    corners = [300 / 640, 200 / 480, 300 / 640, 300 / 480, 260 / 640, 300 / 480, 260 / 640, 200 / 480]
    assert lines(folder)[0] == pytest.approx([0, *corners], abs=1e-6)


@pytest.mark.parametrize(("format", "width"), [("yolo", {5}), ("yolo-seg", {9, 7, 129}), ("yolo-obb", {9})])
def test_no_file_mixes_boxes_and_polygons(convert: Convert, format: str, width: set[int]) -> None:
    given = [task(box(64, 48, 64, 48), polygon(TRIANGLE), ellipse(300, 200, 40, 20, "Dog"))]
    report, folder = convert(given, format, config=IMAGE)
    assert {len(line) for line in lines(folder)} == width
    assert report.counts == ({yolo_lines.NO_TURN: 2} if format == "yolo-obb" else {})


def test_choices_are_no_classes(convert: Convert) -> None:
    first = '<Choices name="first" toName="image"><Choice value="A"/></Choices>'
    config = IMAGE.replace("<RectangleLabels", f"{first}<RectangleLabels")
    report, folder = convert([task(box(64, 48, 64, 48), choice("sun"))], "yolo", config=config)
    assert (folder / "classes.txt").read_text() == "Cat\nDog\n"
    assert lines(folder)[0][0] == 0
    assert report.counts == {drawn.ANSWER: 1}


def test_classes_are_listed_by_their_numbers(convert: Convert) -> None:
    _, folder = convert([task(box(64, 48, 64, 48, "Dog"))], "yolo", config=IMAGE, classes={"Dog": 2, "Cat": 0})
    assert (folder / "classes.txt").read_text() == "Cat\nunused-1\nDog\n"
    assert lines(folder)[0][0] == 2


def test_labels_that_come_with_the_tasks_are_numbered_as_they_appear(convert: Convert) -> None:
    config = """<View><Image name="image" value="$image"/>
    <RectangleLabels name="box" toName="image" value="$labels"/></View>"""
    tasks = [task(box(1, 1, 9, 9, label), id=n) for n, label in enumerate(["Zebra", "Ant", "Zebra"], 1)]
    _, folder = convert(tasks, "yolo", config=config)
    assert (folder / "classes.txt").read_text() == "Zebra\nAnt\n"
    assert [lines(folder, str(n))[0][0] for n in (1, 2, 3)] == [0, 1, 0]


def test_files_of_one_name_do_not_overwrite_each_other(convert: Convert) -> None:
    names = ["http://a/x/1.jpg", "http://a/y/1.jpg", "http://a/x/1.png"]
    tasks = [task(box(10 * n, 1, 9, 9), id=n, image=name) for n, name in enumerate(names, 1)]
    _, folder = convert(tasks, "yolo", config=IMAGE)
    assert len([name for name in contents(folder) if name.startswith("labels/")]) == 3


def test_of_several_annotators_the_latest_counts(convert: Convert) -> None:
    both = [annotation(box(64, 48, 64, 48), id=1), annotation(box(64, 48, 64, 48, "Dog"), id=2)]
    _, folder = convert([task(annotations=both)], "yolo", config=IMAGE)
    assert [line[0] for line in lines(folder)] == [1]


def test_a_task_that_was_labeled_with_nothing_has_an_empty_file(convert: Convert) -> None:
    tasks = [task(id=1), {**task(id=2), "annotations": []}]
    _, folder = convert(tasks, "yolo", config=IMAGE)
    assert contents(folder)["labels/1.txt"] == b""
    assert "labels/2.txt" not in contents(folder)


def test_pose_has_hidden_and_absent_keypoints(convert: Convert) -> None:
    given = [
        box(64, 48, 128, 96, "Person", id="a"),
        point(128, 96, "nose", parentID="a"),
        point(64, 48, "right eye", parentID="a", hidden=True),
    ]
    report, folder = convert([task(*given)], "yolo-pose", config=POSE)
    assert lines(folder)[0] == pytest.approx([0, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 2, 0, 0, 0, 0.1, 0.1, 1])
    data = parse((folder / "data.yaml").read_text())
    assert data["kpt_shape"] == [3, 3]
    assert data["flip_idx"] == [0, 2, 1]
    assert data["names"] == {"0": "Person"}
    assert report.regions_out == report.regions_in == 3
    with pytest.raises(InvalidInput, match="KeyPointLabels"):
        convert([task()], "yolo-pose", config=IMAGE)


def test_keypoints_are_no_classes_and_left_out_of_boxes(convert: Convert) -> None:
    given = [box(64, 48, 128, 96, "Person", id="a"), point(128, 96, "nose", parentID="a")]
    report, folder = convert([task(*given)], "yolo", config=POSE)
    assert (folder / "classes.txt").read_text() == "Person\n"
    assert report.counts == {yolo.NO_KEYPOINT: 1}
    assert report.regions_out == 1


def test_what_passes_the_edge_is_cut_off(convert: Convert) -> None:
    given = [
        box(-64, -48, 128, 96),
        box(700, 10, 20, 20),
        polygon([(-64, 240), (320, 240), (320, 400), (-64, 400)], "Dog"),
    ]
    report, folder = convert([task(*given)], "yolo", config=IMAGE)
    first, second = lines(folder)
    assert first == pytest.approx([0, 0.05, 0.05, 0.1, 0.1])
    assert second == pytest.approx([1, 0.25, 320 / 480, 0.5, 160 / 480], abs=1e-6)
    assert report.counts == {drawn.OUTSIDE: 1}
    _, folder = convert([task(*given)], "yolo-seg", config=IMAGE)
    cut = lines(folder)[1]
    corners = sorted(zip(cut[1::2], cut[2::2], strict=True))
    assert flat(corners) == pytest.approx(flat([(0, 0.5), (0, 400 / 480), (0.5, 0.5), (0.5, 400 / 480)]), abs=1e-6)
    _, folder = convert([task(*given)], "yolo-obb", config=IMAGE)
    assert all(0 <= one <= 1 for line in lines(folder) for one in line[1:])


def ring() -> Result:
    """A brush region with a hole, and a part apart from it."""
    import numpy as np

    from labelwire.formats.masks import encode

    mask = np.zeros((SIZE[1], SIZE[0]), bool)
    mask[48:196, 64:228] = mask[300:, 400:] = True
    mask[100:120, 80:130] = False
    value = {"format": "rle", "rle": list(encode(mask)), "brushlabels": ["Dog"]}
    return result("brush", "brushlabels", value)


def test_a_mask_is_its_bounds_and_no_turned_box(convert: Convert) -> None:
    import numpy as np

    from labelwire.formats.masks import encode

    mask = np.zeros((SIZE[1], SIZE[0]), bool)
    mask[48:96, 64:128] = True
    given = result("brush", "brushlabels", {"format": "rle", "rle": list(encode(mask)), "brushlabels": ["Dog"]})
    _, folder = convert([task(given)], "yolo", config=IMAGE)
    assert lines(folder)[0] == pytest.approx([1, 0.15, 0.15, 0.1, 0.1])
    report, folder = convert([task(given)], "yolo-obb", config=IMAGE)
    assert (lines(folder), report.counts) == ([], {yolo_lines.NO_TURN: 1})


def test_splits_have_folders_of_their_own(convert: Convert) -> None:
    tasks = [task(box(1, 1, 9, 9), id=n) for n in range(1, 41)]
    _, folder = convert(tasks, "yolo", config=IMAGE, split={"train": 0.5, "val": 0.3, "test": 0.2})
    data = parse((folder / "data.yaml").read_text())
    assert [data[name] for name in ("train", "val", "test")] == ["images/train", "images/val", "images/test"]
    there = [name for name in contents(folder) if name.startswith("labels/")]
    assert len(there) == 40
    assert {name.split("/")[1] for name in there} == {"train", "val", "test"}
    found = list(formats.read(folder, size=SIZE).samples())
    assert len(found) == 40
    assert {one.data["split"] for one in found} == {"train", "val", "test"}


def test_strange_labels_are_read_back_by_a_yaml_parser(convert: Convert) -> None:
    yaml = pytest.importorskip("yaml")
    names = ["a: b", "# no", "'q'", '"d"', "ü😀\u2028\x85", "- x", "null", "1", "{a}", "\\n"]
    _, folder = convert([task(box(1, 1, 9, 9, "- x"))], "yolo", config=IMAGE, classes=names)
    text = (folder / "data.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["names"] == dict(enumerate(names))
    assert list(parse(text)["names"].values()) == names
    assert len((folder / "classes.txt").read_text(encoding="utf-8").split("\n")) == len(names) + 1


@pytest.mark.parametrize(
    "text",
    [
        "train: ../train/images\nval: x\nnc: 2\nnames: ['a b', \"c\", d]\n",
        "path: ../datasets/x # where\ntrain: [a, b]\nnames:\n  0: person\n  1: 'it''s' # two\n\n# end\n",
        "names: [a]\ndownload: |\n  import x\n  y: [\n",
        "names:\n- a\n- b c\nkpt_shape: [17, 3]\n",
        "names: [a,\n  b,\n  c]\nnc: 3\n",
        "names: {0: a, 1: b}\nkpt_names:\n  0: [nose, eye]\n",
        "---\nnames:\n  - a\n",
        "kpt_names:\n  0:\n    - nose\n    - left_eye\nnc: 1\nnames: ['x', # one\n        'y']\n",
    ],
)
def test_data_files_are_read_as_a_yaml_parser_does(text: str) -> None:
    yaml = pytest.importorskip("yaml")

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): plain(one) for key, one in value.items()}
        return value

    expected = plain(yaml.safe_load(text))
    found = parse(text)
    for one in (expected, found):
        one.pop("download", None)
    assert found == expected


def test_official_is_what_the_official_exporter_writes(convert: Convert) -> None:
    report, folder = convert([task(box(64, 48, 64, 48))], "YOLO", config=IMAGE, official=True)
    assert lines(folder)[0] == pytest.approx([0, 0.15, 0.15, 0.1, 0.1], abs=1e-15)
    assert "notes.json" in contents(folder)
    assert yolo.OFFICIAL in report.notes


@pytest.mark.filterwarnings("ignore:OpenCV")
@pytest.mark.parametrize("format", ["yolo", "yolo-obb", "yolo-seg"])
def test_supervision_reads_it(convert: Convert, format: str) -> None:
    import supervision

    turned = box(300, 200, 100, 40, rotation=30)
    _, folder = convert([task(box(64, 48, 64, 48), turned, polygon(TRIANGLE, "Dog"))], format, config=IMAGE)
    pictures(folder, ["1.jpg"])
    found = supervision.DetectionDataset.from_yolo(
        str(folder / "images"), str(folder / "labels"), str(folder / "data.yaml"), is_obb=format == "yolo-obb"
    )
    (detections,) = found.annotations.values()
    assert detections.xyxy[0] == pytest.approx([64, 48, 128, 96], abs=1)


def test_ultralytics_takes_every_file(convert: Convert) -> None:
    python = os.environ.get("LABELWIRE_ULTRALYTICS")
    if not python:
        pytest.skip("LABELWIRE_ULTRALYTICS names no interpreter with ultralytics")
    given = [
        task(box(64, 48, 64, 48), box(-9, -9, 50, 50, "Dog"), polygon(TRIANGLE), id=1),
        task(box(600, 400, 80, 90, rotation=40), id=4),
        task(ellipse(300, 200, 400, 20, "Dog"), id=2),
        task(id=3),
    ]
    given[3]["annotations"][0]["result"] = [ring()]
    folders = [convert(given, kind, config=IMAGE)[1] for kind in ("yolo", "yolo-seg", "yolo-obb")]
    person = [box(64, 48, 128, 96, "Person", id="a"), point(128, 96, "nose", parentID="a")]
    folders.append(convert([task(*person, id=n) for n in (1, 2, 3, 4)], "yolo-pose", config=POSE)[1])
    for folder in folders:
        pictures(folder, ["1.jpg", "2.jpg", "3.jpg", "4.jpg"])
    judge = Path(__file__).parent / "judges" / "ultralytics_labels.py"
    told = subprocess.run([python, str(judge), *map(str, folders)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


numbers = st.floats(0.01, 0.99, allow_subnormal=False)


@st.composite
def regions(draw: st.DrawFn) -> Result:
    """A box within the image, turned or not."""
    label = draw(st.sampled_from(["Cat", "Dog"]))
    x, y, wide, high = 0.4 * SIZE[0], 0.4 * SIZE[1], draw(st.floats(0.01, 0.3)), draw(st.floats(0.01, 0.3))
    angle = draw(st.sampled_from([0.0, 0.0, 17.25, 90.0, 271.5]))
    return box(x, y, wide * SIZE[0], high * SIZE[1], label, rotation=angle)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(regions(), min_size=1, max_size=5), st.sampled_from(["yolo-obb", "yolo-seg"]))
def test_turned_boxes_to_yolo_and_back(
    tmp_path_factory: pytest.TempPathFactory, results: list[Result], format: str
) -> None:
    """To a thousandth of a pixel; angles of small boxes to what that gives."""
    folder = tmp_path_factory.mktemp("yolo") / "set"
    formats.convert([task(*results)], format, folder, config=IMAGE)
    (back,) = formats.read(folder, config=IMAGE, size=SIZE).tasks()
    found = back["annotations"][0]["result"]
    assert len(found) == len(results)
    for one, other in zip(found, results, strict=True):
        assert one["value"]["rectanglelabels"] == other["value"]["rectanglelabels"]
        for key in ("x", "y", "width", "height"):
            assert one["value"][key] == pytest.approx(other["value"][key], abs=0.001)
        assert (one["value"]["rotation"] - other["value"]["rotation"] + 180) % 360 - 180 == pytest.approx(0, abs=0.1)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.tuples(numbers, numbers), min_size=5, max_size=9, unique=True), max_size=4))
def test_polygons_to_yolo_and_back(
    tmp_path_factory: pytest.TempPathFactory, outlines: list[list[tuple[float, float]]]
) -> None:
    """To a thousandth of a percent."""
    folder = tmp_path_factory.mktemp("yolo") / "set"
    given = [polygon([(x * SIZE[0], y * SIZE[1]) for x, y in one]) for one in outlines]
    formats.convert([task(*given)], "yolo-seg", folder, config=IMAGE)
    (back,) = formats.read(folder, config=IMAGE, size=SIZE).tasks()
    found = [one["value"]["points"] for one in back["annotations"][0]["result"]]
    for one, other in zip(found, (one["value"]["points"] for one in given), strict=True):
        assert flat(one) == pytest.approx(flat(other), abs=1e-4)


def test_pose_to_label_studio_and_back(convert: Convert) -> None:
    given = [
        box(64, 48, 128, 96, "Person", id="a"),
        point(128, 96, "nose", parentID="a"),
        point(64, 48, "right eye", parentID="a", hidden=True),
    ]
    _, folder = convert([task(*given)], "yolo-pose", config=POSE)
    pictures(folder, ["1.jpg"])
    dataset = formats.read(folder)
    (back,) = dataset.tasks()
    first, second, third = back["annotations"][0]["result"]
    dataset.config.check([first, second, third])
    assert [one["value"].get("keypointlabels") for one in (second, third)] == [["nose"], ["right eye"]]
    assert second["parentID"] == first["id"]
    assert third["hidden"] is True
    _, again = convert([{**back, "data": {"image": "1.jpg"}}], "yolo-pose", config=dataset.config)
    assert contents(again)["labels/1.txt"] == contents(folder)["labels/1.txt"]


def test_the_reader_takes_the_layouts_that_there_are(tmp_path: Path) -> None:
    import PIL.Image

    first = tmp_path / "exported"
    for split in ("train", "valid"):
        (first / split / "images").mkdir(parents=True)
        (first / split / "labels").mkdir()
        PIL.Image.new("RGB", (100, 50)).save(first / split / "images" / f"{split}.jpg")
        (first / split / "labels" / f"{split}.txt").write_text("1 0.5 0.5 0.2 0.2\n\n0 0.1 0.1 0.2 0.2 0.9\n")
    (first / "data.yaml").write_text("train: ../train/images\nval: ../valid/images\nnames: ['a', 'b']\n")
    found = list(formats.read(first).samples())
    assert [(one.split, one.data["image"]) for one in found] == [
        ("train", "train/images/train.jpg"),
        ("val", "valid/images/valid.jpg"),
    ]
    one, other = found[0].regions
    assert one.labels == ("b",)
    assert one.shape.bounds == pytest.approx((40, 20, 20, 10))  # type: ignore[union-attr]
    assert other.score == 0.9

    flat = tmp_path / "flat"
    flat.mkdir()
    PIL.Image.new("RGB", (100, 50)).save(flat / "x.png")
    (flat / "x.txt").write_text("0 0.1 0.1 0.9 0.1 0.5 0.9\n")
    (flat / "classes.txt").write_text("thing\n")
    (sample,) = formats.read(flat).samples()
    assert [one.labels for one in sample.regions] == [("thing",)]
    assert sample.data == {"image": "x.png"}


def test_broken_lines_and_images_that_are_not_there_are_reported(tmp_path: Path) -> None:
    import PIL.Image

    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    PIL.Image.new("RGB", (100, 50)).save(tmp_path / "images/a.jpg")
    bad = ["x 1 2 3 4", "0 nan 0 0 0", "0 0.5 0.5 0 0", "9 0.5 0.5 0.1 0.1", "0 0.5", "0 1e99 0 1 1", "0.5 0 0 1 1"]
    (tmp_path / "labels/a.txt").write_text("\n".join([*bad, "0 0.5 0.5 0.1 0.1"]))
    (tmp_path / "labels/b.txt").write_text("0 0.5 0.5 0.1 0.1")
    (tmp_path / "classes.txt").write_text("cat\n")
    dataset = formats.read(tmp_path)
    (sample,) = dataset.samples()
    assert len(list(sample.regions)) == 1
    assert sum(dataset.report.counts.values()) == len(bad) + 1


def test_an_image_has_the_size_that_a_viewer_shows(tmp_path: Path) -> None:
    import PIL.Image

    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    PIL.Image.new("RGB", (40, 20)).save(tmp_path / "a.jpg", exif=exif)
    PIL.Image.new("RGB", (40, 20)).save(tmp_path / "b.png")
    assert size_of(tmp_path / "a.jpg") == (20, 40)
    with (tmp_path / "b.png").open("rb") as stream:
        assert size_of(stream) == (40, 20)
    (tmp_path / "c.png").write_bytes(b"no image")
    with pytest.raises(InvalidInput):
        size_of(tmp_path / "c.png")
