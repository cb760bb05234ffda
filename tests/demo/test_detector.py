"""The detector on pictures whose content is known, and the pictures that the package ships."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw

from labelwire.demo.detector import LABELS, Box, detect
from labelwire.demo.job import IMAGES, regions

Draw = Callable[[int, int, int, int, tuple[int, int, int]], None]


@pytest.fixture
def sky() -> Image.Image:
    """160 x 120 pixels, all but black."""
    return Image.new("RGB", (160, 120), (8, 8, 10))


@pytest.fixture
def draw(sky: Image.Image) -> Draw:
    """Draws a filled disc into a box given by left, top, width and height, in pixels."""
    pen = ImageDraw.Draw(sky)

    def disc(left: int, top: int, width: int, height: int, colour: tuple[int, int, int]) -> None:
        pen.ellipse((left, top, left + width - 1, top + height - 1), fill=colour)

    return disc


def where(boxes: list[Box]) -> set[tuple[int, int, int, int, str]]:
    return {(box.left, box.top, box.width, box.height, box.label) for box in boxes}


def test_blobs_get_exactly_their_boxes(sky: Image.Image, draw: Draw) -> None:
    draw(10, 20, 31, 31, (250, 90, 60))
    draw(80, 15, 41, 21, (90, 150, 255))
    draw(60, 80, 25, 31, (230, 230, 230))
    assert where(detect(sky)) == {
        (10, 20, 31, 31, "Red"),
        (80, 15, 41, 21, "Blue"),
        (60, 80, 25, 31, "White"),
    }


def test_a_blob_at_the_edge_does_not_go_on_at_the_other_side(sky: Image.Image) -> None:
    pen = ImageDraw.Draw(sky)
    pen.rectangle((0, 50, 19, 69), fill=(200, 200, 200))
    pen.rectangle((140, 49, 159, 68), fill=(200, 200, 200))
    assert where(detect(sky)) == {(0, 50, 20, 20, "White"), (140, 49, 20, 20, "White")}


def test_touching_at_a_corner_is_touching(sky: Image.Image) -> None:
    pen = ImageDraw.Draw(sky)
    pen.rectangle((20, 20, 39, 39), fill=(200, 200, 200))
    pen.rectangle((38, 38, 59, 59), fill=(200, 200, 200))
    assert where(detect(sky)) == {(20, 20, 40, 40, "White")}


def test_noise_and_dim_things_are_no_objects(sky: Image.Image, draw: Draw) -> None:
    assert detect(sky) == []
    dice = random.Random(7)  # noqa: S311 - a picture, not a secret
    for _ in range(60):
        sky.putpixel((dice.randrange(160), dice.randrange(120)), (255, 255, 255))
    draw(100, 60, 30, 30, (60, 60, 60))
    assert detect(sky) == []
    assert len(detect(sky, threshold=40)) == 1


def test_a_brighter_object_is_surer_and_comes_first(sky: Image.Image, draw: Draw) -> None:
    draw(10, 10, 20, 20, (120, 120, 120))
    draw(60, 10, 20, 20, (255, 255, 255))
    draw(110, 10, 20, 20, (70, 70, 70))
    scores = [box.score for box in detect(sky)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1
    assert all(0 < score <= 1 for score in scores)
    assert len(scores) == 3


def test_regions_are_in_percent_of_the_image() -> None:
    (region,) = regions([Box(40, 30, 80, 60, "Red", 0.5)], 160, 120)
    assert region["value"] == {
        "x": 25.0,
        "y": 25.0,
        "width": 50.0,
        "height": 50.0,
        "rotation": 0,
        "rectanglelabels": ["Red"],
    }
    assert (region["original_width"], region["original_height"], region["score"]) == (160, 120, 0.5)


def test_the_images_are_as_their_source_says() -> None:
    assert [path.name for path in IMAGES] == [f"xdf-{number:02}.jpg" for number in range(1, 13)]
    assert sum(path.stat().st_size for path in IMAGES) < 350_000
    source = (IMAGES[0].parent / "SOURCE.md").read_text("utf-8")
    for path in IMAGES:
        assert f"`{path.stem}`" in source
        with Image.open(path) as image:
            image.load()
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (240, 240))
            assert not image.getexif()


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.stem)
def test_every_image_has_objects_of_a_sensible_number_and_size(path: object) -> None:
    with Image.open(str(path)) as image:
        boxes = detect(image)
    assert 5 <= len(boxes) <= 40
    assert {box.label for box in boxes} <= LABELS.keys()
    assert all(2 <= box.width <= 60 and 2 <= box.height <= 60 for box in boxes)
    assert all(box.left + box.width <= 240 and box.top + box.height <= 240 for box in boxes)
