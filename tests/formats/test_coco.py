"""COCO, judged by pycocotools and supervision."""

from __future__ import annotations

import json
import math
import zipfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwire import InvalidInput, formats
from labelwire.formats import images as drawn

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

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation", "ignore:OpenCV")
"""What pycocotools and supervision have to say of their own state."""

TRIANGLE = [(10.0, 10.0), (110.0, 20.0), (60.0, 90.0)]


def brush(mask: Any, label: str = "Cat", **more: Any) -> Result:
    """A brush region of a mask of rows by columns."""
    from labelwire.formats.masks import encode

    value = {"format": "rle", "rle": list(encode(mask)), "brushlabels": [label]}
    return result("brush", "brushlabels", value, (mask.shape[1], mask.shape[0]), **more)


def ring(size: tuple[int, int] = SIZE) -> Any:
    """A mask of two parts, one of which has a hole."""
    import numpy as np

    mask = np.zeros((size[1], size[0]), bool)
    mask[20:80, 30:100] = True
    mask[40:60, 50:70] = False
    mask[100:103, 5:9] = True
    return mask


def opened(folder: Path, name: str = "result.json") -> Any:
    """The file, as pycocotools sees it."""
    from pycocotools.coco import COCO  # type: ignore[import-untyped]

    with redirect_stdout(StringIO()):
        return COCO(str(folder / name))


def read(folder: Path, name: str = "result.json") -> Any:
    return json.loads((folder / name).read_bytes())


def everything() -> list[dict[str, Any]]:
    """Tasks with each kind of region."""
    return [
        task(box(10, 20, 100, 50), box(200, 100, 80, 40, "Dog", rotation=30), id=1),
        task(polygon(TRIANGLE), ellipse(300, 200, 40, 20, "Dog"), choice("sun"), id=2),
        task(brush(ring()), id=3),
        task(id=4),
    ]


def test_boxes_and_polygons_in_pixels(convert: Convert) -> None:
    report, folder = convert([task(box(10, 20, 100, 50), polygon(TRIANGLE, "Dog"))], "coco", config=IMAGE)
    made = read(folder)
    assert made["images"] == [{"width": 640, "height": 480, "id": 0, "file_name": "1.jpg", "label_studio_id": 1}]
    assert made["categories"] == [{"id": 0, "name": "Cat"}, {"id": 1, "name": "Dog"}]
    first, second = made["annotations"]
    assert first["bbox"] == pytest.approx([10, 20, 100, 50])
    assert first["segmentation"][0] == pytest.approx([10, 20, 110, 20, 110, 70, 10, 70])
    assert first["area"] == pytest.approx(5000)
    assert second["segmentation"][0] == pytest.approx([10, 10, 110, 20, 60, 90])
    assert second["bbox"] == pytest.approx([10, 10, 100, 80])
    assert second["area"] == pytest.approx(0.5 * abs(100 * 80 - 50 * 10))
    assert [one["category_id"] for one in (first, second)] == [0, 1]
    assert (report.tasks_out, report.annotations_out, report.regions_out) == (1, 1, 2)


@pytest.mark.parametrize("angle", [30, 90, 135, 200, 315])
def test_a_rotated_box_on_an_image_that_is_not_square(convert: Convert, angle: float) -> None:
    """Turned in pixels, about the corner; turned in percent it would be skewed."""
    turned = box(300, 200, 100, 40, rotation=angle)
    _, folder = convert([task(turned)], "coco", config=IMAGE)
    made = read(folder)["annotations"][0]
    along, down = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    sides = ((0, 0), (100, 0), (100, 40), (0, 40))
    corners = [(300 + a * along - b * down, 200 + a * down + b * along) for a, b in sides]
    assert made["segmentation"][0] == pytest.approx([number for corner in corners for number in corner])
    xs, ys = zip(*corners, strict=True)
    assert made["bbox"] == pytest.approx([min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)])
    assert made["area"] == pytest.approx(4000)


def test_two_annotators_give_an_image_once(convert: Convert) -> None:
    both = [annotation(box(10, 10, 20, 20), id=1), annotation(box(50, 50, 20, 20, "Dog"), id=2)]
    latest, every = (
        read(convert([task(annotations=both)], "coco", config=IMAGE, annotations=which)[1])
        for which in ("latest", "all")
    )
    assert len(latest["images"]) == len(every["images"]) == 1
    assert [one["category_id"] for one in latest["annotations"]] == [1]
    assert [one["category_id"] for one in every["annotations"]] == [0, 1]


def test_every_annotation_has_a_mask_and_evaluation_finds_all_of_itself(convert: Convert) -> None:
    """An annotation with the id 0, or without a segmentation or an area, would be missed."""
    from pycocotools.cocoeval import COCOeval  # type: ignore[import-untyped]

    _, folder = convert(everything(), "coco", config=IMAGE)
    truth = opened(folder)
    for one in truth.anns.values():
        mask = truth.annToMask(one)
        assert mask.sum() == pytest.approx(one["area"], rel=0.05)
    results = [{**one, "score": 0.9} for one in read(folder)["annotations"]]
    for kind in ("bbox", "segm"):
        with redirect_stdout(StringIO()):
            own = [{k: v for k, v in one.items() if k != "segmentation" or kind == "segm"} for one in results]
            judged = COCOeval(truth, truth.loadRes(own), kind)
            judged.evaluate()
            judged.accumulate()
            judged.summarize()
        assert judged.stats[0] == pytest.approx(1.0)


def test_a_mask_keeps_its_holes_and_parts(convert: Convert) -> None:
    mask = ring()
    _, folder = convert([task(brush(mask))], "BRUSH_TO_COCO", config=IMAGE)
    truth = opened(folder)
    (one,) = truth.anns.values()
    assert (truth.annToMask(one).astype(bool) == mask).all()
    assert one["bbox"] == [5, 20, 95, 83]
    assert one["area"] == mask.sum()
    assert one["iscrowd"] == 0


def test_keypoints_belong_to_their_box(convert: Convert) -> None:
    from pycocotools.cocoeval import COCOeval

    results = [
        box(100, 100, 200, 100, "Person", id="a"),
        point(150, 120, "nose", id="p", parentID="a"),
        point(140, 110, "left eye", id="q", parentID="a", hidden=True),
        box(400, 100, 100, 100, "Person", id="b"),
        point(450, 150, "nose", id="r", parentID="b"),
    ]
    _, folder = convert([task(*results)], "coco", config=POSE, skeleton=[("nose", "left eye")])
    made = read(folder)
    (category,) = made["categories"]
    assert category["keypoints"] == ["nose", "left eye", "right eye"]
    assert category["skeleton"] == [[1, 2]]
    first, second = made["annotations"]
    assert first["keypoints"] == pytest.approx([150, 120, 2, 140, 110, 1, 0, 0, 0])
    assert second["keypoints"] == pytest.approx([450, 150, 2, 0, 0, 0, 0, 0, 0])
    assert [one["num_keypoints"] for one in (first, second)] == [2, 1]
    assert first["bbox"] == pytest.approx([100, 100, 200, 100])
    import numpy as np

    truth = opened(folder)
    with redirect_stdout(StringIO()):
        judged = COCOeval(truth, truth.loadRes([{**one, "score": 1.0} for one in made["annotations"]]), "keypoints")
        judged.params.kpt_oks_sigmas = np.array([0.1, 0.1, 0.1])
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    assert judged.stats[0] == pytest.approx(1.0)


def test_keypoints_without_a_box_are_one_object_for_each_annotation(convert: Convert) -> None:
    report, folder = convert([task(point(10, 20, "nose"), point(30, 60, "left eye"))], "coco", config=POSE)
    (made,) = read(folder)["annotations"]
    assert made["num_keypoints"] == 2
    assert made["bbox"] == pytest.approx([10, 20, 20, 40])
    assert drawn.NO_PARENT in report.notes


def test_a_polygon_below_one_of_the_same_label_is_a_part_of_it(convert: Convert) -> None:
    other = [(x + 200, y) for x, y in TRIANGLE]
    parts = [polygon(TRIANGLE, id="a"), polygon(other, id="b", parentID="a")]
    parts.append(polygon(other, "Dog", id="c", parentID="a"))
    _, folder = convert([task(*parts)], "coco", config=IMAGE)
    first, second = read(folder)["annotations"]
    assert [len(part) for part in first["segmentation"]] == [6, 6]
    assert first["bbox"] == pytest.approx([10, 10, 300, 80])
    assert second["category_id"] == 1


def test_polygons_with_labels_of_a_labels_tag_are_there(convert: Convert) -> None:
    config = """<View><Image name="image" value="$image"/><Polygon name="polygon" toName="image"/>
    <Labels name="label" toName="image"><Label value="Cat"/></Labels></View>"""
    pairs = [[1, 1], [50, 1], [50, 50]]
    given = [
        result("polygon", "polygon", {"points": pairs}, id="a"),
        result("label", "labels", {"points": pairs, "labels": ["Cat"]}, id="a"),
    ]
    _, folder = convert([task(*given)], "coco", config=config)
    assert len(read(folder)["annotations"]) == 1


def test_choices_are_no_categories_and_are_reported(convert: Convert) -> None:
    report, folder = convert([task(box(1, 1, 9, 9), choice("sun"))], "coco", config=IMAGE)
    assert [one["name"] for one in read(folder)["categories"]] == ["Cat", "Dog"]
    assert report.counts == {drawn.ANSWER: 1}


def test_file_names_lead_to_images_only_where_these_come_along(convert: Convert, tmp_path: Path) -> None:
    import PIL.Image

    kept = tmp_path / "kept"
    kept.mkdir()
    PIL.Image.new("RGB", SIZE).save(kept / "0123abcd-1.jpg")
    alone, with_media = (
        convert([task(box(1, 1, 9, 9))], "coco", config=IMAGE, **more)[1] for more in ({}, {"with_media": kept})
    )
    assert read(alone)["images"][0]["file_name"] == "1.jpg"
    name = read(with_media)["images"][0]["file_name"]
    assert name == "images/1.jpg"
    assert (with_media / name).is_file()


def test_predictions_become_results(convert: Convert) -> None:
    given = task(box(10, 10, 20, 20))
    given["predictions"] = [{"id": 9, "score": 0.3, "result": [box(10, 10, 20, 20, score=0.75), box(50, 50, 9, 9)]}]
    _, truth = convert([given], "coco", config=IMAGE, image_ids="task")
    _, folder = convert([given], "coco", config=IMAGE, source="predictions", results=True, image_ids="task")
    with redirect_stdout(StringIO()):
        loaded = opened(truth).loadRes(str(folder / "result.json"))
    assert [one["score"] for one in loaded.anns.values()] == [0.75, 0.3]
    assert {one["image_id"] for one in loaded.anns.values()} == {1}


def test_classes_first_id_and_labels_that_are_none(convert: Convert) -> None:
    tasks = [task(box(1, 1, 9, 9, "Dog"), box(20, 20, 9, 9), box(50, 50, 9, 9, ["Cat", "Dog"]))]
    report, folder = convert(tasks, "coco", config=IMAGE, classes=["Dog"], first_id=1)
    made = read(folder)
    assert made["categories"] == [{"id": 1, "name": "Dog"}]
    assert [one["category_id"] for one in made["annotations"]] == [1, 1]
    assert report.counts == {drawn.UNKNOWN: 1, drawn.UNKNOWN_LABEL: 1}


def test_labels_that_come_with_the_tasks_are_numbered_as_they_appear(convert: Convert) -> None:
    config = """<View><Image name="image" value="$image"/>
    <RectangleLabels name="box" toName="image" value="$labels"/></View>"""
    tasks = [task(box(1, 1, 9, 9, label), id=n) for n, label in enumerate(["Zebra", "Ant", "Zebra"], 1)]
    made = read(convert(tasks, "coco", config=config)[1])
    assert made["categories"] == [{"id": 0, "name": "Zebra"}, {"id": 1, "name": "Ant"}]
    assert [one["category_id"] for one in made["annotations"]] == [0, 1, 0]


def test_what_cannot_be_held_is_left_out_with_its_reason(convert: Convert) -> None:
    import numpy as np

    empty = np.zeros((SIZE[1], SIZE[0]), bool)
    given = [
        box(-500, 10, 20, 20),
        box(600, 400, 5000, 9, "Dog"),
        box(1, 1, 9, 9, []),
        box(1, 1, 9, 9, size=(100, 100)),
        brush(empty),
        {**box(1, 1, 9, 9), "item_index": 1},
        result("polygon", "polygonlabels", {"points": [[1, 1], [2, 2]], "closed": False, "polygonlabels": ["Cat"]}),
    ]
    report, folder = convert([task(box(1, 1, 5, 5), *given)], "coco", config=IMAGE)
    assert len(read(folder)["annotations"]) == 1
    assert report.counts[drawn.OUTSIDE] == 2
    assert report.counts[drawn.NO_LABEL] == report.counts[drawn.OTHER_SIZE] == report.counts[drawn.ELSEWHERE] == 1
    assert report.counts[drawn.OPEN] == 1
    assert report.regions_in == report.regions_out + sum(report.counts.values())


def test_names_with_percent_signs_quotes_and_half_a_surrogate_pair(convert: Convert) -> None:
    name = '100%d "%s" ü.jpg'
    made = read(convert([task(box(1, 1, 9, 9), image=f"http://x/{name.replace('%', '%25')}")], "coco", config=IMAGE)[1])
    assert made["images"][0]["file_name"] == "100%d _%s_ ü.jpg"
    config = IMAGE.replace('value="Cat"', 'value="50% &quot;off&quot;"')
    made = read(convert([task(box(1, 1, 9, 9, '50% "off"'))], "coco", config=config)[1])
    assert made["categories"][0]["name"] == '50% "off"'


def test_one_file_an_archive_and_any_batch_hold_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [one for n in range(30) for one in [{**task(*everything()[n % 4]["annotations"][0]["result"], id=n + 1)}]]
    formats.convert(tasks, "coco", tmp_path / "one.json", config=IMAGE)
    formats.convert(tasks, "coco", tmp_path / "zip.zip", config=IMAGE)
    whole = (tmp_path / "one.json").read_bytes()
    assert zipfile.ZipFile(tmp_path / "zip.zip").read("result.json") == whole
    source = tmp_path / "tasks.json"
    source.write_text(json.dumps(tasks))
    formats.convert(source, "coco", tmp_path / "two.json", config=IMAGE, workers=2)
    assert (tmp_path / "two.json").read_bytes() == whole
    from labelwire.formats import converting

    monkeypatch.setattr(converting, "BATCH_TASKS", 7)
    formats.convert(tasks, "coco", tmp_path / "seven.json", config=IMAGE)
    assert (tmp_path / "seven.json").read_bytes() == whole


def test_each_split_has_its_own_file(convert: Convert, tmp_path: Path) -> None:
    tasks = [task(box(1, 1, 9, 9), id=n) for n in range(1, 41)]
    _, folder = convert(tasks, "coco", config=IMAGE, split={"train": 0.5, "val": 0.5})
    assert sorted(contents(folder)) == ["train.json", "val.json"]
    train, val = read(folder, "train.json"), read(folder, "val.json")
    assert len(train["images"]) + len(val["images"]) == 40
    assert len(opened(folder, "val.json").anns) == len(val["images"])
    with pytest.raises(InvalidInput, match="each split"):
        formats.convert(tasks, "coco", tmp_path / "one.json", config=IMAGE, split={"train": 0.5, "val": 0.5})
    found = list(formats.read(folder).samples())
    assert {one.split for one in found} == {"train", "val"}


def test_official_is_laid_out_as_the_official_exporter_does(convert: Convert) -> None:
    given = task(box(64, 48, 64, 48), polygon([(64, 48), (128, 48), (128, 96)]))
    report, folder = convert([given], "coco", config=IMAGE, official=True)
    text = (folder / "result.json").read_text()
    assert text.startswith('{\n  "images": [\n    {\n      "width": 640,\n      "height": 480,\n      "id": 0,\n')
    made = json.loads(text)
    assert [list(one) for one in made["annotations"]] == [
        ["id", "image_id", "category_id", "segmentation", "bbox", "ignore", "iscrowd", "area"]
    ] * 2
    assert made["annotations"][0]["segmentation"] == []
    assert [one["id"] for one in made["annotations"]] == [0, 1]
    assert text == json.dumps(made, indent=2)
    assert any("official" in note for note in report.notes)


def test_supervision_reads_it(convert: Convert, tmp_path: Path) -> None:
    import supervision

    _, folder = convert([task(box(10, 20, 100, 50), polygon(TRIANGLE, "Dog"))], "coco", config=IMAGE)
    import PIL.Image

    PIL.Image.new("RGB", SIZE).save(folder / "1.jpg")
    found = supervision.DetectionDataset.from_coco(str(folder), str(folder / "result.json"))
    assert found.classes == ["Cat", "Dog"]
    (detections,) = found.annotations.values()
    assert detections.xyxy[0] == pytest.approx([10, 20, 110, 70], abs=1)


numbers = st.floats(0, 1, allow_subnormal=False)


@st.composite
def regions(draw: st.DrawFn) -> Result:
    """A box, turned or not, or a polygon, whose bounds touch the image."""
    label = draw(st.sampled_from(["Cat", "Dog"]))
    if draw(st.booleans()):
        corners = draw(st.lists(st.tuples(numbers, numbers), min_size=5, max_size=9, unique=True))
        return polygon([(x * SIZE[0], y * SIZE[1]) for x, y in corners], label)
    x, y, wide, high = (draw(st.floats(0.01, 0.4)) for _ in range(4))
    angle = draw(st.sampled_from([0.0, 0.0, 17.25, 90.0, 271.5]))
    return box(x * SIZE[0] + 100, y * SIZE[1] + 50, wide * SIZE[0], high * SIZE[1], label, rotation=angle)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(regions(), max_size=6))
def test_label_studio_to_coco_and_back(tmp_path_factory: pytest.TempPathFactory, results: list[Result]) -> None:
    """To a millionth of a pixel."""
    file = tmp_path_factory.mktemp("coco") / "result.json"
    formats.convert([task(*results)], "coco", file, config=IMAGE)
    (back,) = formats.read(file, config=IMAGE).tasks()
    found = back["annotations"][0]["result"]
    assert len(found) == len(results)
    for one, other in zip(found, results, strict=True):
        assert one["type"] == other["type"]
        assert one["value"][one["type"]] == other["value"][other["type"]]
        for key in ("x", "y", "width", "height", "rotation"):
            assert one["value"].get(key) == pytest.approx(other["value"].get(key), abs=1e-6)
        mine, given = (flat(each["value"].get("points", [])) for each in (one, other))
        assert mine == pytest.approx(given, abs=1e-6)


def real_looking() -> dict[str, Any]:
    """A small set with what COCO's own files have."""
    crowd = ring((100, 120))
    runs: list[int] = [0] if crowd.T.flat[0] else []
    last, count = False, 0
    for pixel in crowd.T.flat:
        if bool(pixel) != last:
            runs.append(count)
            last, count = bool(pixel), 0
        count += 1
    runs.append(count)
    points = [52.5, 40, 2, 50, 38, 1, 0, 0, 0]
    return {
        "info": {"year": 2017},
        "images": [
            {"id": 7, "file_name": "a.jpg", "width": 640, "height": 480},
            {"id": 9, "file_name": "b.jpg", "width": 100, "height": 120},
            {"id": 11, "file_name": "c.jpg", "width": 10, "height": 10},
        ],
        "categories": [
            {"id": 1, "name": "person", "keypoints": ["nose", "left_eye", "right_eye"], "skeleton": [[1, 2]]},
            {"id": 18, "name": "dog"},
        ],
        "annotations": [
            {
                "id": 5,
                "image_id": 7,
                "category_id": 1,
                "bbox": [40.25, 30.5, 50, 60],
                "segmentation": [[40.25, 30.5, 90.25, 40.5, 60.75, 90.5], [70, 30.5, 80, 30.5, 75, 35.5, 72, 33]],
                "area": 1000,
                "iscrowd": 0,
                "keypoints": points,
                "num_keypoints": 2,
            },
            {"id": 6, "image_id": 7, "category_id": 18, "bbox": [1, 2, 3, 4], "segmentation": [], "iscrowd": 0},
            {
                "id": 8,
                "image_id": 9,
                "category_id": 18,
                "bbox": [5, 20, 95, 83],
                "segmentation": {"size": [120, 100], "counts": runs},
                "iscrowd": 1,
                "area": int(crowd.sum()),
            },
        ],
    }


def test_coco_to_label_studio_and_back(tmp_path: Path) -> None:
    file = tmp_path / "instances.json"
    file.write_text(json.dumps(real_looking()))
    dataset = formats.read(file)
    tasks = list(dataset.tasks())
    assert not dataset.report.counts
    assert [one["data"]["image"] for one in tasks] == ["a.jpg", "b.jpg", "c.jpg"]
    dataset.config.check(tasks[0]["annotations"][0]["result"])
    formats.convert(tasks, "coco", tmp_path / "again.json", config=dataset.config)
    again = json.loads((tmp_path / "again.json").read_bytes())
    before, after = real_looking()["annotations"], again["annotations"]
    assert [one["file_name"] for one in again["images"]] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [one["category_id"] for one in after] == [0, 1, 1]
    assert [one["iscrowd"] for one in after] == [0, 0, 1]
    for one, other in zip(before, after, strict=True):
        assert other["bbox"] == pytest.approx(one["bbox"])
    for part, same in zip(before[0]["segmentation"], after[0]["segmentation"], strict=True):
        assert same == pytest.approx(part)
    assert after[0]["keypoints"] == pytest.approx(before[0]["keypoints"])
    assert (opened(tmp_path, "again.json").annToMask(after[2]).astype(bool) == ring((100, 120))).all()


def test_a_compressed_mask_is_read(tmp_path: Path, convert: Convert) -> None:
    _, folder = convert([task(brush(ring()))], "coco", config=IMAGE)
    dataset = formats.read(folder)
    (sample,) = dataset.samples()
    from labelwire.formats.masks import array

    (region,) = sample.regions
    assert (array(region.shape) == ring()).all()  # type: ignore[arg-type]


def test_results_are_read_as_predictions(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text(json.dumps(real_looking()))
    file = tmp_path / "results.json"
    file.write_text(json.dumps([{"image_id": 7, "category_id": 18, "bbox": [1, 2, 3, 4], "score": 0.5}]))
    with pytest.raises(InvalidInput, match="images_of"):
        formats.read(file)
    first, *_ = formats.read(file, images_of=tmp_path / "truth.json").tasks()
    assert first["annotations"] == []
    assert first["predictions"][0]["result"][0]["score"] == 0.5


def test_hostile_annotations_are_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    given = real_looking()
    good = given["annotations"][1]
    bad: list[dict[str, Any]] = [
        {"bbox": [1, 2, -3, 4]},
        {"bbox": "wide"},
        {"bbox": [1, 2, 3]},
        {"segmentation": [[1, 2]]},
        {"segmentation": {"size": [1 << 20, 1 << 20], "counts": [1 << 40]}},
        {"segmentation": {"size": [480, 640], "counts": "x" * 1000}},
        {"segmentation": {"size": [480, 640], "counts": [1 << 60]}},
        {"category_id": 99},
        {"category_id": {}},
        {"keypoints": [1, 2], "category_id": 1},
    ]
    given["annotations"] = [*({**good, **one} for one in bad), good]
    given["images"].append({"id": 12, "file_name": "../../secret"})
    given["images"].append({"id": 13, "file_name": "/etc/passwd"})
    file = tmp_path / "a.json"
    file.write_text(json.dumps(given))
    dataset = formats.read(file)
    tasks = list(dataset.tasks())
    assert [len(one["annotations"][0]["result"]) for one in tasks] == [1, 0, 0]
    assert sum(dataset.report.counts.values()) == len(bad) + 2


def test_what_is_no_coco_is_not_taken_for_it(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    for text in ("[]", "{}", '{"images": []}', "{", json.dumps([task(box(1, 1, 9, 9))]), ""):
        file.write_text(text)
        with pytest.raises(InvalidInput):
            formats.read(file, "coco")
