"""Masks: strokes, PNG images, COCO's run lengths and outlines as pixels; files made of them, and read again."""

from __future__ import annotations

import base64
import io
import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image

from labelwire import InvalidInput, formats
from labelwire.formats import masks, png, rasters
from labelwire.formats.seen import Misfit
from labelwire.formats.shapes import Bitmask, Box, Ellipse, Mask, Polygon
from labelwire.label_config.rle import encode_mask

from .conftest import IMAGE, Convert, annotation, box, choice, contents, ellipse, polygon, result, task

Bools = NDArray[np.bool_]

coco: Any = pytest.importorskip("pycocotools.mask")

FEW = settings(max_examples=60, deadline=None, derandomize=True)
SHAPES = arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=20)
MASKS = arrays.arrays(np.bool_, SHAPES)
ALPHAS = arrays.arrays(np.uint8, SHAPES, elements=st.sampled_from([0, 0, 1, 127, 254, 255, 255]))


def brush(mask: NDArray[Any], label: str | list[str] = "Cat", **more: Any) -> dict[str, Any]:
    """A brush region of these pixels."""
    labels = [label] if isinstance(label, str) else label
    value = {"format": "rle", "rle": list(masks.encode(mask)), "brushlabels": labels}
    return result("brush", "brushlabels", value, (mask.shape[1], mask.shape[0]), **more)


def square(left: int, top: int, side: int, size: tuple[int, int] = (40, 30)) -> Bools:
    """A mask that is a square, on an image of this width and height."""
    mask = np.zeros((size[1], size[0]), np.bool_)
    mask[top : top + side, left : left + side] = True
    return mask


def packed(blocks: list[tuple[bool, int, list[int]]]) -> tuple[bytes, list[int]]:
    """A stream of blocks, each repeated or not, with the index of its width; and the values that it is of."""
    widths = (3, 4, 8, 16)
    values: list[int] = []
    bits = ""
    for repeated, index, own in blocks:
        length = min(len(own), 1 << widths[index])
        bits += f"{repeated:b}{index:02b}{length - 1:0{widths[index]}b}"
        bits += "".join(f"{value:08b}" for value in (own[:1] if repeated else own[:length]))
        values += own[:1] * length if repeated else own[:length]
    head = f"{len(values):032b}{7:05b}" + "".join(f"{width - 1:04b}" for width in widths)
    bits = head + bits
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big"), values


@FEW
@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 3), st.lists(st.integers(0, 255), min_size=1, max_size=40)), min_size=1
    )
)
def test_every_kind_of_block_is_read(blocks: list[tuple[bool, int, list[int]]]) -> None:
    sizes = [min(len(own), 8 if index == 0 else 16 if index == 1 else 256) for _, index, own in blocks]
    blocks.append((False, 0, [9] * (4 - sum(sizes) % 4)))
    stream, values = packed(blocks)
    assert masks.alpha(stream, len(values) // 4, 1).ravel().tolist() == values[3::4]


@FEW
@given(MASKS)
def test_a_mask_survives(mask: Bools) -> None:
    stream = masks.encode(mask)
    assert (masks.decode(stream, mask.shape[1], mask.shape[0]) == mask).all()
    assert encode_mask(mask) == (list(stream), mask.shape[1], mask.shape[0])


@FEW
@given(ALPHAS)
def test_soft_edges_survive_and_a_threshold_cuts_them(alpha: NDArray[np.uint8]) -> None:
    stream = masks.encode(alpha)
    assert (masks.alpha(stream, alpha.shape[1], alpha.shape[0]) == alpha).all()
    assert (masks.decode(stream, alpha.shape[1], alpha.shape[0], 128) == (alpha >= 128)).all()


def test_a_stream_that_ends_early_is_refused_wherever_it_ends() -> None:
    rng = np.random.default_rng(1)
    stream, values = packed([(False, 2, rng.integers(0, 256, 256).tolist()), (True, 3, [7] * 44)])
    for end in range(len(stream)):
        with pytest.raises(Misfit):
            masks.alpha(stream[:end], len(values) // 4, 1)


def test_a_stream_that_claims_much_takes_no_memory() -> None:
    claim = (4 << 28).to_bytes(4, "big")
    for stream in (claim + masks.encode(square(0, 0, 3))[4:], claim + b"\x3a\x3b\xff" + b"\xff" * 90):
        tracemalloc.start()
        with pytest.raises(Misfit):
            masks.alpha(stream, 1 << 14, 1 << 14)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
        tracemalloc.stop()


def theirs(mask: Bools) -> str:
    """What pycocotools makes of a mask."""
    counts: Any = coco.encode(np.asfortranarray(mask.view(np.uint8)))["counts"]
    return str(counts, "ascii")


@FEW
@given(MASKS)
def test_run_lengths_are_those_of_pycocotools(mask: Bools) -> None:
    assert masks.coco_rle(mask) == theirs(mask)
    assert (masks.from_coco_rle(theirs(mask), *mask.shape) == mask).all()


def test_long_runs_are_those_of_pycocotools() -> None:
    mask = np.zeros((1200, 1700), np.bool_)
    mask[3:1100, 40:1600] = mask[1150:, 5] = True
    assert masks.coco_rle(mask) == theirs(mask)
    assert (masks.from_coco_rle(theirs(mask), 1200, 1700) == mask).all()


@FEW
@given(MASKS)
def test_plain_run_lengths_are_read(mask: Bools) -> None:
    runs, before = [0], False
    for value in mask.ravel(order="F").tolist():
        if value != before:
            runs.append(0)
        runs[-1] += 1
        before = value
    assert (masks.from_coco_rle(runs, *mask.shape) == mask).all()


@pytest.mark.parametrize(
    "counts", ["", "é", "\0", "oooooooooooo", "0" * 5, [5, -1], [3], [10**40], ["a"], [[1]], [1 << 62, 1 << 62]]
)
def test_broken_run_lengths_are_refused(counts: Any) -> None:
    with pytest.raises(Misfit):
        masks.from_coco_rle(counts, 2, 2)


def png_of(pixels: NDArray[Any], mode: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels, mode).save(stream, "PNG")
    return stream.getvalue()


def test_a_bitmask_is_what_is_neither_black_nor_transparent() -> None:
    pixels = np.zeros((2, 3, 4), np.uint8)
    pixels[0, 0] = (255, 0, 0, 255)
    pixels[0, 1] = (255, 255, 255, 0)
    pixels[1, 2] = (0, 0, 1, 9)
    found = masks.array(Bitmask(png_of(pixels, "RGBA"), 3, 2))
    assert found.tolist() == [[True, False, False], [False, False, True]]
    grey = png_of(np.array([[0, 255]], np.uint8), "L")
    assert masks.array(Bitmask(grey, 2, 1)).tolist() == [[False, True]]


def test_a_damaged_bitmask_and_one_of_another_size_are_refused() -> None:
    whole = png_of(np.full((5, 5), 255, np.uint8), "L")
    for bad in (b"", b"\x89PNG", whole[:40], whole[:30] + b"\0" * 30):
        with pytest.raises(Misfit):
            masks.array(Bitmask(bad, 5, 5))
    with pytest.raises(Misfit, match="5 by 5"):
        masks.array(Bitmask(whole, 6, 5))


@FEW
@given(MASKS)
def test_outlines_drawn_again_are_the_mask(mask: Bools) -> None:
    drawn = np.zeros_like(mask)
    for ring in rasters.outline(mask):
        drawn ^= rasters.drawn(Polygon(ring), mask.shape[1], mask.shape[0])
        assert all(one != other for one, other in zip(ring, ring[1:] + ring[:1], strict=True))
    assert (drawn == mask).all()


def test_the_outline_of_a_ring_is_two_polygons() -> None:
    mask = square(2, 3, 9)
    mask[5:8, 4:7] = False
    assert sorted(map(len, rasters.outline(mask))) == [4, 4]


def inside(points: tuple[tuple[float, float], ...], x: float, y: float) -> bool:
    """Whether a point is in a polygon, by the even-odd rule."""
    found = False
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        if (y0 <= y) != (y1 <= y) and x0 + (y - y0) * (x1 - x0) / (y1 - y0) <= x:
            found = not found
    return found


COORDINATES = st.integers(-40, 120).map(lambda eighths: eighths / 8)


@FEW
@given(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=9, unique=True))
def test_a_polygon_has_the_pixels_whose_centres_are_inside(points: list[tuple[float, float]]) -> None:
    found = rasters.drawn(Polygon(tuple(points)), 9, 7)
    wanted = [[inside(tuple(points), x + 0.5, y + 0.5) for x in range(9)] for y in range(7)]
    assert found.tolist() == wanted


def test_boxes_and_ellipses_have_the_pixels_that_they_say() -> None:
    upright = rasters.drawn(Box(2, 3, 5, 4), 20, 10)
    assert upright.sum() == 20
    assert upright[3:7, 2:7].all()
    turned = rasters.drawn(Box(10, 2, 4, 6, 90), 20, 10)
    assert turned.sum() == 24
    assert turned[2:6, 4:10].all()
    around = rasters.drawn(Ellipse(100, 80, 60, 30, 30), 200, 160)
    assert abs(around.sum() - np.pi * 60 * 30) < 60
    assert masks.bounds(around) == pytest.approx(Ellipse(100, 80, 60, 30, 30).bounds, abs=1)


def test_shapes_outside_of_the_image_have_no_pixels() -> None:
    for shape in (Box(-50, 2, 9, 9), Box(300, 2, 9, 9), Ellipse(5, 500, 3, 3), Polygon(((1, -9), (9, -1e9), (5, -3)))):
        assert not rasters.drawn(shape, 20, 10).any()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pillow_reads_the_images(dtype: Any) -> None:
    pixels = np.random.default_rng(3).integers(0, np.iinfo(dtype).max, (13, 7)).astype(dtype)
    assert (np.asarray(Image.open(io.BytesIO(png.encode(pixels)))) == pixels).all()


def test_a_palette_gives_each_class_a_colour_of_its_own() -> None:
    colours = png.colours(256)
    assert len({colours[at : at + 3] for at in range(0, 768, 3)}) == 256
    image = Image.open(io.BytesIO(png.encode(np.array([[0, 1]], np.uint8), colours)))
    assert image.mode == "P"
    assert image.convert("RGB").getpixel((0, 0)) == (0, 0, 0)


SOFT = np.zeros((30, 40), np.uint8)
SOFT[5:9, 5:9] = 255
SOFT[9, 5:9] = 100


def by(mask: NDArray[Any], **more: Any) -> dict[str, Any]:
    return task(id=7, annotations=[annotation(brush(mask, **more), id=3, completed_by={"id": 1, "email": "a@b.c"})])


def test_arrays_are_named_as_the_official_exporter_does_and_hold_the_mask(convert: Convert) -> None:
    report, folder = convert([by(SOFT)], "BRUSH_TO_NUMPY", config=IMAGE)
    (path,) = folder.iterdir()
    assert path.name == "task-7-annotation-3-by-a@b.c-brush-Cat-0.npy"
    found = np.load(path)
    assert found.dtype == np.uint8
    assert (found == np.where(SOFT > 0, 255, 0)).all()
    assert (report.tasks_out, report.annotations_out, report.regions_out, report.files) == (1, 1, 1, 1)


def test_what_belongs_to_an_array_can_be_chosen(convert: Convert) -> None:
    _, cut = convert([by(SOFT)], "numpy", config=IMAGE, threshold=128, dtype="bool")
    assert (np.load(next(cut.iterdir())) == (SOFT > 127)).all()
    _, whole = convert([by(SOFT)], "numpy", config=IMAGE, official=True)
    assert (np.load(next(whole.iterdir())) == SOFT).all()


@pytest.mark.parametrize(
    "wrong", [{"threshold": 0}, {"threshold": "1"}, {"dtype": "float"}, {"shapes": "mask"}, {"shapes": ["star"]}]
)
def test_options_that_there_are_not_are_refused(convert: Convert, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        convert([by(SOFT)], "numpy", config=IMAGE, **wrong)


def test_every_region_and_every_annotator_gets_a_file(convert: Convert) -> None:
    first, second = square(1, 1, 5), square(20, 10, 5)
    there = [
        annotation(brush(first, id="a"), brush(second, id="b"), brush(second, "cat", id="c"), id=1, completed_by=1),
        annotation(brush(first, ["Cat", "Dog"], id="d"), id=2, completed_by=2),
    ]
    config = IMAGE.replace('<Label value="Cat"/>', '<Label value="Cat"/><Label value="cat"/>')
    _, folder = convert([task(id=5, annotations=there)], "png", config=config)
    assert sorted(contents(folder)) == [
        "task-5-annotation-1-by-1-brush-Cat-0.png",
        "task-5-annotation-1-by-1-brush-Cat-1.png",
        "task-5-annotation-1-by-1-brush-cat-2.png",  # no "cat-0": on some systems that is "Cat-0"
        "task-5-annotation-2-by-2-brush-Cat-Dog-0.png",
    ]
    image = Image.open(folder / "task-5-annotation-1-by-1-brush-Cat-1.png")
    assert image.mode == "L"
    assert (np.asarray(image) == 255 * second).all()


def test_two_tasks_of_one_id_do_not_overwrite_each_other(convert: Convert) -> None:
    report, folder = convert([by(SOFT), by(SOFT)], "png", config=IMAGE)
    assert report.files == len(list(folder.iterdir())) == 2


def test_hostile_labels_stay_in_the_folder(convert: Convert) -> None:
    names = ["../../x", "a/b\\c", "\0\n", "ü" * 300, "ü" * 299 + "x", "CON", "..", " ", "\ud800"]
    there = [brush(square(1, 1, 5), name, id=str(at)) for at, name in enumerate(names)]
    report, folder = convert([task(*there)], "numpy", config=IMAGE)
    files = list(folder.iterdir())
    assert report.regions_out == len(files) == len(names)
    assert all(len(path.name.encode()) < 240 for path in files)
    assert sorted(folder.parent.iterdir()) == [folder]


def test_shapes_without_a_mask_are_reported_or_drawn_where_that_is_asked_for(convert: Convert) -> None:
    there = [box(10, 20, 30, 40, id="b"), ellipse(100, 100, 20, 10, id="e"), brush(square(0, 0, 0), id="none")]
    report, _ = convert([task(*there)], "numpy", config=IMAGE)
    assert report.counts == {"a region of a shape that was not asked for": 2, "a mask without a pixel": 1}
    report, folder = convert([task(*there)], "numpy", config=IMAGE, shapes=["box", "ellipse"])
    assert np.load(folder / "task-1-annotation-1-box-Cat-0.npy").sum() == 255 * 30 * 40
    assert report.regions_out == 2


def painted(folder: Path, name: str) -> NDArray[Any]:
    return np.asarray(Image.open(folder / name))


def test_a_semantic_image_has_the_classes_as_pixels(convert: Convert) -> None:
    size = (40, 30)
    there = [
        brush(square(0, 0, 9), "Dog"),
        polygon([(20, 5), (30, 5), (30, 15), (20, 15)], "Cat", size=size),
        box(10, 20, 4, 6, "Cat", rotation=90, size=size),
        choice("sun"),
    ]
    report, folder = convert([task(*there, image="s3://bucket/a.b.jpg")], "semantic", config=IMAGE)
    wanted = np.zeros((30, 40), np.uint8)
    wanted[:9, :9] = 2
    wanted[5:15, 20:30] = 1
    wanted[20:24, 4:10] = 1
    assert (painted(folder, "masks/a.b.png") == wanted).all()
    assert json.loads((folder / "classes.json").read_bytes()) == {"Cat": 1, "Dog": 2}  # choices are no classes
    assert (folder / "labels.txt").read_text() == "background\nCat\nDog\n"
    assert (report.regions_out, report.files) == (3, 3)


@pytest.mark.parametrize(("overlap", "at_both"), [("last", 2), ("first", 1), ("smallest", 1)])
def test_who_wins_where_regions_overlap(convert: Convert, overlap: str, at_both: int) -> None:
    there = [brush(square(5, 5, 5), "Cat"), brush(square(0, 0, 20), "Dog")]
    report, folder = convert([task(*there)], "semantic", config=IMAGE, overlap=overlap)
    assert painted(folder, "masks/1.png")[7, 7] == at_both
    assert ("a region that others cover wholly" in report.counts) == (overlap == "last")
    assert any("overlap" in note for note in report.notes)


def test_more_than_255_classes_take_16_bits(convert: Convert) -> None:
    _, folder = convert(
        [task(brush(square(1, 1, 2), "c299"))], "semantic", config=IMAGE, classes=[f"c{n}" for n in range(300)]
    )
    assert painted(folder, "masks/1.png").max() == 300


def test_a_semantic_image_without_known_classes_is_an_error(convert: Convert) -> None:
    with pytest.raises(InvalidInput, match="config="):
        convert([task(brush(square(1, 1, 2)))], "semantic", config=re.sub("<Label .*?/>", "", IMAGE))


def test_a_task_without_regions_becomes_an_empty_image_if_its_size_is_known(convert: Convert) -> None:
    report, folder = convert([task(id=1), task(brush(square(0, 0, 0)), id=2)], "instances", config=IMAGE)
    assert report.counts == {"an image whose size nobody says": 1, "a mask without a pixel": 1}
    assert not painted(folder, "instances/2.png").any()
    assert json.loads((folder / "instances/2.json").read_bytes()) == []


def test_instances_are_numbered_and_told(convert: Convert) -> None:
    there = [
        brush(square(0, 0, 9), "Dog", id="x"),
        brush(square(20, 3, 9), "Dog", id="y"),
        brush(square(4, 4, 2), id="z"),
    ]
    _, folder = convert([task(*there, id=4)], "instances", config=IMAGE)
    pixels = painted(folder, "instances/4.png")
    assert [int((pixels == number).sum()) for number in (1, 2, 3)] == [81 - 4, 81, 4]
    rows = json.loads((folder / "instances/4.json").read_bytes())
    assert [(row["id"], row["label"], row["class"], row["region"]) for row in rows] == [
        (1, "Dog", 1, "x"),
        (2, "Dog", 1, "y"),
        (3, "Cat", 0, "z"),
    ]


@pytest.mark.parametrize("format", ["numpy", "png", "semantic", "instances"])
def test_the_output_does_not_depend_on_batches(convert: Convert, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [task(brush(square(n, 2, 4)), id=n) for n in range(7)]
    _, whole = convert(tasks, format, config=IMAGE)
    monkeypatch.setattr("labelwire.formats.converting.BATCH_TASKS", 2)
    _, parts = convert(tasks, format, config=IMAGE)
    assert contents(whole) == contents(parts)


@pytest.mark.parametrize("format", ["numpy", "png", "semantic", "instances"])
def test_broken_masks_are_reported_and_the_rest_is_written(convert: Convert, format: str) -> None:
    good, bad = brush(square(1, 1, 5), "Dog"), brush(square(1, 1, 9), id="bad")
    bad["value"]["rle"] = bad["value"]["rle"][:-6]
    odd = result("brush", "bitmask", {"imageDataURL": "data:image/png;base64,AAAA"}, (40, 30), id="odd")
    odd["value"]["bitmask"] = ["Cat"]
    report, folder = convert([task(bad, odd, good)], format, config=IMAGE)
    assert report.counts == {"a mask that cannot be decoded": 2}
    assert report.regions_out == 1
    assert contents(folder)


def test_a_bitmask_is_written_too(convert: Convert) -> None:
    url = f"data:image/png;base64,{base64.b64encode(png_of(np.uint8(255) * square(2, 2, 9), 'L')).decode()}"
    region = result("brush", "bitmasklabels", {"imageDataURL": url, "bitmasklabels": ["Dog"]}, (40, 30))
    _, folder = convert([task(region)], "semantic", config=IMAGE)
    assert (painted(folder, "masks/1.png") == 2 * square(2, 2, 9)).all()


@pytest.mark.parametrize("format", ["numpy", "png", "semantic", "instances"])
def test_masks_are_read_again(convert: Convert, format: str) -> None:
    first, second = square(0, 0, 9), square(20, 3, 9)
    tasks = [
        task(brush(first, "Dog"), brush(second, "Cat"), id=1, image="x/1.png"),
        task(brush(second, "Dog"), id=2, image="x/2.png"),
    ]
    _, folder = convert(tasks, format, config=IMAGE, unlabeled="keep")
    (folder / "images").mkdir()
    for name in ("1.png", "2.png"):
        Image.new("RGB", (40, 30)).save(folder / "images" / name)
    found = formats.read(folder, format)
    read = [
        (one.media["image"].url, [(region.labels, masks.array(region.shape).tolist()) for region in one.regions])  # type: ignore[arg-type]
        for one in found.samples()
    ]
    assert [url for url, _ in read] == ["images/1.png", "images/2.png"]
    assert sorted(read[0][1]) == sorted([(("Dog",), first.tolist()), (("Cat",), second.tolist())])
    assert read[1][1] == [(("Dog",), second.tolist())]
    assert set(found.config["brush"].label_names) == {"Cat", "Dog"}
    assert formats.read(folder).format in (format, "numpy")
    for made in formats.read(folder, format).tasks():
        found.config.check(made["annotations"][0]["result"], made["data"])


def test_masks_that_cannot_be_read_are_reported(convert: Convert) -> None:
    _, folder = convert([task(brush(square(0, 0, 9)), id=n) for n in (1, 2, 3)], "semantic", config=IMAGE)
    (folder / "images").mkdir()
    for name in ("1.jpg", "2.jpg"):
        Image.new("RGB", (40, 30)).save(folder / "images" / name)
    (folder / "masks/1.png").write_bytes(b"no image")
    (folder / "masks/2.png").write_bytes(png.encode(np.full((30, 40), 9, np.uint8)))
    found = formats.read(folder, "semantic")
    assert len(list(found.samples())) == 1
    assert set(found.report.counts) == {
        "a file that is no mask",
        "pixels of a value that is no class",
        "a mask whose image is not there",
    }


def test_a_mask_shape_knows_its_image() -> None:
    with pytest.raises(Misfit):
        masks.array(Mask(masks.encode(square(0, 0, 3)), 41, 30))
    with pytest.raises(InvalidInput):
        masks.encode(np.zeros((3, 3, 3), np.bool_))
