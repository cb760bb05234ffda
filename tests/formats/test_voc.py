"""Pascal VOC: what is written, what other readers make of it, and what is read again."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labelwire import InvalidInput, formats
from labelwire.formats.shapes import Box, Polygon
from labelwire.formats.voc import pixels

from .conftest import (
    IMAGE,
    POSE,
    SIZE,
    Convert,
    annotation,
    box,
    choice,
    contents,
    ellipse,
    point,
    polygon,
    result,
    task,
)

FLAGGED = IMAGE.replace(
    "</View>",
    '<Choices name="flags" toName="image" perRegion="true" choice="multiple">'
    '<Choice value="Difficult"/><Choice value="occluded"/></Choices></View>',
)


def read_xml(folder: Path, name: str = "1") -> ET.Element:
    return ET.parse(folder / "Annotations" / f"{name}.xml").getroot()  # noqa: S314 - our own


def boxes(root: ET.Element) -> list[tuple[Any, ...]]:
    """Name, xmin, ymin, xmax, ymax of each object."""
    names = ("xmin", "ymin", "xmax", "ymax")
    return [
        (one.findtext("name"), *(int(one.findtext(f"bndbox/{name}") or "") for name in names))
        for one in root.findall("object")
    ]


def test_a_box_counts_pixels_from_1_and_both_ends_belong_to_it(convert: Convert) -> None:
    report, folder = convert([task(box(10, 20, 30, 40, "Dog"))], "VOC", config=IMAGE)
    root = read_xml(folder)
    assert boxes(root) == [("Dog", 11, 21, 40, 60)]
    assert [root.findtext(name) for name in ("filename", "size/width", "size/height", "size/depth")] == [
        "1.jpg",
        "640",
        "480",
        "3",
    ]
    assert (folder / "ImageSets/Main/default.txt").read_text() == "1\n"
    assert (folder / "labels.txt").read_text() == "Cat\nDog\n"
    assert (report.tasks_out, report.annotations_out, report.regions_out, report.files) == (1, 1, 1, 3)


def test_an_answer_about_the_whole_image_does_not_drop_the_task(convert: Convert) -> None:
    report, folder = convert([task(choice("sun"), box(10, 20, 30, 40))], "voc", config=IMAGE)
    assert len(boxes(read_xml(folder))) == 1
    assert report.counts == {"an answer, which the format does not hold": 1}


def test_files_of_the_same_base_name_do_not_overwrite_each_other(convert: Convert) -> None:
    images = ["a/x.jpg", "b/x.jpg", "c/x.png", "d/X.jpg"]
    tasks = [task(box(n, 1, 5, 5), id=n, image=image) for n, image in enumerate(images, 1)]
    report, folder = convert(tasks, "voc", config=IMAGE)
    found = {path.stem: read_xml(folder, path.stem).findtext("filename") for path in (folder / "Annotations").iterdir()}
    assert found == {"x": "x.jpg", "x-2": "x-2.jpg", "x-3": "x-3.png", "X-4": "X-4.jpg"}
    assert (folder / "ImageSets/Main/default.txt").read_text().split() == ["x", "x-2", "x-3", "X-4"]
    assert report.tasks_out == 4


def test_a_turned_box_on_an_image_that_is_not_square(convert: Convert) -> None:
    report, folder = convert([task(box(200, 100, 80, 40, rotation=90))], "voc", config=IMAGE)
    root = read_xml(folder)
    assert boxes(root) == [("Cat", 161, 101, 200, 180)]
    turned = [float(root.findtext(f"object/robndbox/{name}") or "nan") for name in ("cx", "cy", "w", "h", "angle")]
    assert turned == pytest.approx([180, 140, 80, 40, math.pi / 2], abs=1e-6)
    assert any("robndbox" in note for note in report.notes)


def test_polygons_with_labels_of_another_tool_are_written(convert: Convert) -> None:
    config = """<View><Image name="image" value="$image"/><Polygon name="polygon" toName="image"/>
      <Labels name="label" toName="image"><Label value="Cat"/></Labels></View>"""
    drawn = polygon([(10, 10), (50, 10), (30, 40)], id="p")
    drawn["type"] = "polygon"
    points = {key: value for key, value in drawn["value"].items() if key != "polygonlabels"}
    drawn["value"] = points
    labels = {**drawn, "from_name": "label", "type": "labels", "value": {**points, "labels": ["Cat"]}}
    _, folder = convert([task(drawn, labels)], "voc", config=config)
    root = read_xml(folder)
    assert boxes(root) == [("Cat", 11, 11, 50, 40)]
    assert [one.tag for one in root.findall("object/polygon/*")] == ["x1", "y1", "x2", "y2", "x3", "y3"]
    assert [float(one.text or "") for one in root.findall("object/polygon/*")] == [11, 11, 51, 11, 31, 41]


def test_boxes_past_the_edge_are_cut_and_those_outside_are_reported(convert: Convert) -> None:
    there = [box(-10, 470, 30, 40), box(700, 10, 20, 20, id="out"), box(100.2, 100.2, 0.1, 0.1), box(20, 20, 10, 10)]
    report, folder = convert([task(*there)], "voc", config=IMAGE)
    root = read_xml(folder)
    assert boxes(root) == [("Cat", 1, 471, 20, 480), ("Cat", 101, 101, 101, 101), ("Cat", 21, 21, 30, 30)]
    assert [one.findtext("truncated") for one in root.findall("object")] == ["1", "0", "0"]
    assert report.counts == {"a region outside of its image": 1}


def test_choices_about_a_region_are_its_flags(convert: Convert) -> None:
    region = box(20, 20, 10, 10, id="r")
    said = {"id": "r", "from_name": "flags", "to_name": "image", "type": "choices", "value": {"choices": ["Difficult"]}}
    report, folder = convert([task(region, said)], "voc", config=FLAGGED)
    one = read_xml(folder).find("object")
    assert one is not None
    assert [one.findtext(flag) for flag in ("difficult", "occluded", "truncated")] == ["1", "0", "0"]
    assert not report.counts


def test_names_are_escaped_and_control_characters_refused(convert: Convert) -> None:
    config = IMAGE.replace('value="Cat"', 'value="A &amp; &lt;b&gt;"')
    _, folder = convert([task(box(1, 1, 9, 9, "A & <b>"), image="x/&lt;'é\x07.jpg")], "voc", config=config)
    (path,) = (folder / "Annotations").iterdir()
    assert boxes(read_xml(folder, path.stem))[0][0] == "A & <b>"
    report, folder = convert([task(box(1, 1, 9, 9, "a\x00"), box(1, 1, 9, 9, "\ud800"))], "voc")
    assert report.counts == {"a label with characters that XML cannot hold": 2}
    assert len(contents(folder)) == 3


def test_what_has_no_place_is_reported(convert: Convert) -> None:
    report, folder = convert([task(box(10, 10, 20, 20, "Person"), point(12, 12, "nose", id="n"))], "voc", config=POSE)
    assert [one.region for one in report.left_out] == ["n"]
    assert len(boxes(read_xml(folder))) == 1


def test_several_labels_ellipses_and_an_annotation_without_regions(convert: Convert) -> None:
    tasks = [
        task(box(10, 10, 20, 20, ["Cat", "Dog"])),
        task(ellipse(100, 100, 30, 20), id=2),
        task(id=3),
        task(id=4, annotations=[]),
    ]
    report, folder = convert(tasks, "voc", config=IMAGE)
    assert [name for name, *_ in boxes(read_xml(folder))] == ["Cat", "Dog"]
    assert boxes(read_xml(folder, "2")) == [("Cat", 71, 81, 130, 120)]
    assert boxes(read_xml(folder, "3")) == []
    assert not (folder / "Annotations/4.xml").exists()
    assert report.tasks_out == 3
    assert report.regions_out == 2


def test_a_mask_has_its_bounds(convert: Convert) -> None:
    from labelwire.formats import masks

    mask = np.zeros((30, 40), np.bool_)
    mask[4:9, 10:17] = True
    brush = result(
        "brush", "brushlabels", {"format": "rle", "rle": list(masks.encode(mask)), "brushlabels": ["Cat"]}, (40, 30)
    )
    broken = {**brush, "id": "b", "value": {**brush["value"], "rle": brush["value"]["rle"][:-5]}}
    report, folder = convert([task(brush, broken)], "voc", config=IMAGE)
    assert boxes(read_xml(folder)) == [("Cat", 11, 5, 17, 9)]
    assert [one.region for one in report.left_out] == ["b"]


def test_splits_are_lists_and_the_output_does_not_depend_on_batches(
    convert: Convert, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [task(box(n, 1, 5, 5), id=n) for n in range(1, 30)]
    shares = {"train": 0.7, "val": 0.3}
    _, whole = convert(tasks, "voc", config=IMAGE, split=shares)
    lists = [(whole / f"ImageSets/Main/{split}.txt").read_text().split() for split in shares]
    assert sorted(map(int, lists[0] + lists[1])) == [*range(1, 30)]
    assert all(lists)
    monkeypatch.setattr("labelwire.formats.converting.BATCH_TASKS", 4)
    _, parts = convert(tasks, "voc", config=IMAGE, split=shares)
    assert contents(whole) == contents(parts)


def with_images(folder: Path, size: tuple[int, int] = SIZE) -> Path:
    """The same folder, with an image for each XML."""
    (folder / "JPEGImages").mkdir()
    for path in (folder / "Annotations").iterdir():
        Image.new("RGB", size).save(folder / "JPEGImages" / (read_xml(folder, path.stem).findtext("filename") or ""))
    return folder


def test_supervision_reads_the_same_boxes_and_masks(convert: Convert) -> None:
    supervision = pytest.importorskip("supervision")
    from labelwire.formats.rasters import drawn

    corners = ((10.0, 10.0), (60.0, 10.0), (60.0, 50.0), (10.0, 50.0))
    tasks = [task(box(10, 20, 30, 40, "Dog"), box(5, 6, 7, 8, "Cat")), task(polygon(corners), id=2)]
    _, folder = convert(tasks, "voc", config=IMAGE)
    with_images(folder)
    found = supervision.DetectionDataset.from_pascal_voc(str(folder / "JPEGImages"), str(folder / "Annotations"))
    first, second = (found.annotations[str(folder / "JPEGImages" / name)] for name in ("1.jpg", "2.jpg"))
    assert first.xyxy.tolist() == [[10, 20, 40, 60], [5, 6, 12, 14]]
    assert [found.classes[number] for number in first.class_id] == ["Dog", "Cat"]
    assert second.xyxy.tolist() == [[10, 10, 60, 50]]
    ours = drawn(Polygon(corners), *SIZE)
    assert (second.mask[0] ^ ours).sum() <= 100  # it has the pixels on the far edges too


PIXELS = st.integers(0, 639)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.tuples(PIXELS, PIXELS, PIXELS, PIXELS))
def test_a_box_of_whole_pixels_is_kept_exactly(ends: tuple[int, int, int, int]) -> None:
    left, right = sorted((ends[0], ends[1] + 1))
    top, bottom = sorted((ends[2] % 480, ends[3] % 480 + 1))
    if left < right and top < bottom:
        found = pixels((float(left), float(top), float(right - left), float(bottom - top)), SIZE)
        assert found == (left + 1, top + 1, right, bottom)


def test_boxes_turned_boxes_polygons_and_flags_are_read_again(convert: Convert) -> None:
    corners = [(10.0, 10.0), (50.25, 10.0), (30.0, 40.5)]
    said = {"id": "r", "from_name": "flags", "to_name": "image", "type": "choices", "value": {"choices": ["occluded"]}}
    there = [box(10, 20, 30, 40, "Dog", id="r"), said, box(200, 100, 80, 40, rotation=33), polygon(corners)]
    _, folder = convert([task(*there)], "voc", config=FLAGGED)
    with_images(folder)
    found = formats.read(folder)
    assert found.format == "voc"
    (sample,) = found.samples()
    first, second, third = sample.regions
    assert first.shape == Box(10, 20, 30, 40)
    assert first.labels == ("Dog",)
    assert isinstance(second.shape, Box)
    assert isinstance(third.shape, Polygon)
    assert second.shape.corners[0] == pytest.approx((200, 100), abs=1e-4)
    assert (second.shape.width, second.shape.height, second.shape.rotation) == pytest.approx((80, 40, 33), abs=1e-4)
    assert third.shape.points == tuple(corners)
    assert [reply.answer.values for reply in sample.replies] == [("occluded",)]  # type: ignore[union-attr]
    assert sample.media["image"].url == "JPEGImages/1.jpg"
    (made,) = found.tasks()
    found.config.check(made["annotations"][0]["result"], made["data"])


def test_what_is_read_and_written_again_is_the_same(convert: Convert) -> None:
    tasks = [
        task(box(10, 20, 30, 40, "Dog"), box(-5, 6, 7, 8), box(300, 200, 80, 40, rotation=20)),
        task(id=2),
        task(polygon([(5, 5), (90, 5), (40, 70)]), id=3),
    ]
    _, folder = convert(tasks, "voc", config=IMAGE, classes=["Cat", "Dog"])
    with_images(folder)
    found = formats.read(folder)
    _, again = convert(list(found.tasks()), "voc", config=found.config)
    kept = {name: text for name, text in contents(folder).items() if name.endswith(".xml")}
    assert {name: text for name, text in contents(again).items() if name.endswith(".xml")} == kept


def voc(folder: Path, **files: str) -> Path:
    """A dataset of these annotations."""
    (folder / "Annotations").mkdir()
    for name, inside in files.items():
        (folder / "Annotations" / f"{name}.xml").write_text(f"<annotation>{inside}</annotation>", "utf-8")
    return folder


def test_missing_fields_are_tolerated_and_reported(tmp_path: Path) -> None:
    size = "<size><width>100</width><height>50</height></size>"
    good = "<bndbox><xmin>11</xmin><ymin>3</ymin><xmax>20.0</xmax><ymax>4</ymax></bndbox>"
    swapped = "<bndbox><xmin>20</xmin><ymin>4</ymin><xmax>11</xmax><ymax>3</ymax></bndbox>"
    place = voc(
        tmp_path,
        a=f"{size}<object><name>x</name>{good}</object><object><name>x</name>{swapped}</object>"
        f"<object>{good}</object><object><name>x</name><bndbox><xmin>q</xmin></bndbox></object>",
        b=f"<filename>../../etc/b.png</filename><object><name>x</name>{good}</object>",
        c="<filename>c.png",
        d="<!-- nothing -->",
    )
    found = formats.read(place)
    samples = list(found.samples())
    assert [sample.media["image"].url for sample in samples] == ["a.jpg", "b.png", "d.jpg"]
    assert [region.shape for region in samples[0].regions] == [Box(10, 2, 10, 2)] * 2
    assert found.report.counts == {
        "an object without a name": 1,
        "an object without a box": 1,
        "an image whose size is not known": 1,
        "a file that is no annotation of Pascal VOC": 1,
    }
    assert found.report.tasks_in == 4


def test_polygons_of_odd_corners_are_no_error(tmp_path: Path) -> None:
    size = "<size><width>100</width><height>50</height></size>"
    good = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>"
    odd = ["<x1>1</x1>", "<x1>1</x1><x2>2</x2>", "<x1>1</x1><x1>1</x1>", "<x1>nan</x1><y1>1</y1>", "<x1/><y1/>", ""]
    place = voc(
        tmp_path, a=size + "".join(f"<object><name>x</name>{good}<polygon>{one}</polygon></object>" for one in odd)
    )
    (sample,) = formats.read(place).samples()
    assert [region.shape for region in sample.regions] == [Box(0, 0, 9, 9)] * len(odd)


def test_a_doctype_is_refused(tmp_path: Path) -> None:
    place = voc(tmp_path, a="")
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><annotation>&c;</annotation>'
    (place / "Annotations/a.xml").write_text(bomb)
    found = formats.read(place, "voc")
    assert not list(found.samples())
    assert found.report.counts == {"a file that is no annotation of Pascal VOC": 1}


def test_a_folder_without_annotations_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        formats.read(tmp_path, "voc")


def test_boxes_that_count_from_0_are_read_so_when_told(tmp_path: Path) -> None:
    size = "<size><width>100</width><height>50</height></size>"
    good = "<bndbox><xmin>10</xmin><ymin>2</ymin><xmax>20</xmax><ymax>4</ymax></bndbox>"
    (sample,) = formats.read(voc(tmp_path, a=f"{size}<object><name>x</name>{good}</object>"), first=0).samples()
    assert next(sample.regions).shape == Box(10, 2, 10, 2)


OFFICIAL = """\
<?xml version="1.0" encoding="utf-8"?>
<annotation>
<folder>images</folder>
<filename>img-1.jpg</filename>
<source>
<database>MyDatabase</database>
<annotation>COCO2017</annotation>
<image>flickr</image>
<flickrid>NULL</flickrid>
<annotator>a@b.c</annotator>
</source>
<owner>
<flickrid>NULL</flickrid>
<name>Label Studio</name>
</owner>
<size>
<width>640</width>
<height>480</height>
<depth>3</depth>
</size>
<segmented>0</segmented>
<object>
<name>Dog</name>
<pose>Unspecified</pose>
<truncated>0</truncated>
<difficult>0</difficult>
<bndbox>
<xmin>10</xmin>
<ymin>20</ymin>
<xmax>40</xmax>
<ymax>60</ymax>
</bndbox>
</object>
<object>
<name>Cat</name>
<pose>Unspecified</pose>
<truncated>0</truncated>
<difficult>0</difficult>
<bndbox>
<xmin>64</xmin>
<ymin>48</ymin>
<xmax>164</xmax>
<ymax>144</ymax>
</bndbox>
</object>
</annotation>
"""
"""What the official exporter (2.1.2) writes of the task below, but for the digest that it puts before the name."""


def test_the_official_bytes(convert: Convert) -> None:
    there = annotation(
        box(10, 20, 30, 40, "Dog"), box(64.5, 48.5, 100, 96, "Cat"), id=1, completed_by={"id": 1, "email": "a@b.c"}
    )
    _, folder = convert([task(annotations=[there], image="img-1.jpg")], "voc", config=IMAGE, official=True)
    assert (folder / "Annotations/img-1.xml").read_text() == OFFICIAL
