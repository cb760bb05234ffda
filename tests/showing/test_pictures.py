"""Pictures of tasks from files: what is drawn is where it belongs, and what was said stays text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from labelwire import showing
from labelwire.errors import InvalidInput
from labelwire.formats.schema import Schema
from labelwire.showing.colours import Colours, as_hex
from labelwire.showing.photos import fitted
from labelwire.showing.scene import Scene
from labelwire.showing.sheets import Sheet

from .samples import CONFIG, TEXT, box, brush, image, region, span, task

IMAGES = {"/data/a.png": image()}
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def drawn(*results: object) -> np.ndarray:
    """The image panel of the picture, at twice the image's size."""
    from labelwire.showing.png import png

    picture = showing.preview(task(*results), config=CONFIG, images=IMAGES)
    scene = picture.sheets[0].panels[0].shows
    assert isinstance(scene, Scene)
    return np.asarray(Image.open(BytesIO(png(scene, 800))).convert("RGB")).astype(int)


def is_near(pixel: np.ndarray, colour: tuple[int, int, int], most: int = 60) -> bool:
    return bool(np.abs(pixel - np.array(colour)).max() <= most)


def test_a_box_is_drawn_where_it_is_in_the_colour_of_its_label() -> None:
    pixels = drawn(box(25, 25, 50, 50))
    assert is_near(pixels[100 + 100, 200], RED), "its left edge"
    assert is_near(pixels[300, 400], RED), "its lower edge"
    assert is_near(pixels[350, 400], (128, 128, 128)), "below of it is the image"


def test_a_box_turns_about_its_upper_left_corner_in_pixels() -> None:
    # 100 by 50 pixels at 200, 50; turned by 90 degrees it goes down and to the left from there.
    pixels = drawn(box(50, 25, 25, 25, rotation=90))
    assert is_near(pixels[200, 400], RED), "its first edge goes straight down"
    assert is_near(pixels[200, 300], RED), "its far edge is 50 pixels to the left"
    assert not is_near(pixels[200, 500], RED, 100)


def test_an_ellipse_a_point_and_a_mask_are_drawn() -> None:
    moon = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 20, "rotation": 0, "ellipselabels": ["Moon"]}
    eye = {"x": 10, "y": 80, "width": 1, "keypointlabels": ["Eye"]}
    pixels = drawn(region("round", "ellipselabels", moon), region("dot", "keypointlabels", eye), brush())
    assert is_near(pixels[200, 400 - 80], GREEN)
    assert is_near(pixels[320, 80], (255, 255, 0))
    blue = pixels[380, 780]
    assert blue[2] > 150 > 100 > blue[0], "the mask tints its quarter"
    assert is_near(pixels[380, 300], (128, 128, 128)), "and nothing else"


def test_offsets_in_utf16_mark_the_right_letters_and_overlaps_are_shown_twice() -> None:
    results = [span(0, 15, "PER", "Ada 😀 Lovelace", "a"), span(7, 21, "ORG", "Lovelace & <b>", "b")]
    page = showing.preview(task(*results), config=CONFIG)._repr_html_()
    assert ">Lovelace</mark>" in page
    assert 'title="PER; ORG">Lovelace' in page or 'title="ORG; PER">Lovelace' in page
    assert ">Ada 😀 </mark>" in page
    assert " &amp; &lt;b&gt;</mark>" in page


def test_segments_stand_on_a_line_of_time_and_answers_are_told() -> None:
    talk = {
        "from_name": "part",
        "to_name": "snd",
        "type": "labels",
        "value": {"start": 1, "end": 4, "labels": ["speech"]},
    }
    mood = {"from_name": "mood", "to_name": "txt", "type": "choices", "value": {"choices": ["good"]}}
    picture = showing.preview(task({**talk, "id": "s"}, mood), config=CONFIG)
    assert "speech 1 to 4" in picture.to_html()
    assert picture.sheets[0].answers == (("mood", "good"),)


def test_relations_are_arrows() -> None:
    arrow = {"type": "relation", "from_id": "one", "to_id": "two", "direction": "right", "labels": ["chases"]}
    page = showing.preview(task(box(5, 5, 20, 20, id="one"), box(60, 60, 20, 20, id="two"), arrow), config=CONFIG)
    assert "<line " in page.to_svg()
    assert page.sheets[0].answers == (("relation", "Cat → Cat (chases)"),)


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)> \x00 javascript:alert(1) {{7*7}} %(x)s {0}'


def test_nothing_that_a_task_says_becomes_markup() -> None:
    bad = box(10, 10, 20, 20, HOSTILE, id=HOSTILE)
    mood = {"from_name": HOSTILE, "to_name": "txt", "type": "choices", "value": {"choices": [HOSTILE]}}
    raw = task(bad, mood, span(0, 3, HOSTILE, "Ada", "h"), text="Ada " + HOSTILE, audio=HOSTILE, image=HOSTILE)
    raw["annotations"][0]["completed_by"] = {"id": 1, "email": HOSTILE}
    hostile = CONFIG.replace("#ff0000", "red;background:url(//evil)").replace("#00ff00", "url(javascript:1)")
    for picture in (showing.preview(raw, config=hostile, link=True), showing.preview(raw)):
        tree = ET.fromstring(picture.to_svg())  # noqa: S314 - our own, and it has to be well-formed
        tags = {node.tag.rpartition("}")[2] for node in tree.iter()}
        assert not tags & {"script", "img", "foreignObject", "a"}
        assert not [name for node in tree.iter() for name in node.attrib if name.startswith("on")]
        page = picture.to_html()
        assert "<script" not in page
        assert "<img" not in page
        assert "evil" not in page
        picture.to_png()


@given(st.text(), st.text())
def test_any_text_makes_a_drawing_that_is_well_formed(text: str, label: str) -> None:
    raw = task(box(10, 10, 20, 20, label), text=text)
    ET.fromstring(showing.preview(raw, config=CONFIG).to_svg())  # noqa: S314 - our own


def test_a_file_that_is_no_image_is_not_put_into_a_page() -> None:
    assert fitted(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>") is None
    assert fitted(b"<html>log in</html>") is None
    assert fitted(image()[:60]) is None


def test_a_large_image_is_made_smaller_and_regions_stay_where_they_are() -> None:
    large = image(4000, 2000, "JPEG")
    photo = fitted(large)
    assert photo is not None
    assert (photo.width, photo.height) == (4000, 2000)
    with Image.open(BytesIO(photo.content)) as small:
        assert max(small.size) == 1280


def test_colours_are_those_of_the_configuration_and_else_always_the_same() -> None:
    colours = Colours(Schema(CONFIG))
    assert colours.of("Cat") == "#ff0000"
    assert colours.of("never seen") == Colours(Schema("<View/>")).of("never seen")
    assert as_hex("rgba(255, 0, 0, 0.5)") == "#ff0000"
    assert as_hex("#0f0") == "#00ff00"
    assert as_hex("url(javascript:1)") is None


def test_a_picture_is_saved_by_its_ending(tmp_path: Path) -> None:
    picture = showing.preview(task(box(10, 10, 20, 20)), config=CONFIG, images=IMAGES)
    with Image.open(picture.save(tmp_path / "task.png")) as png:
        assert png.size[0] == 1280
    assert ET.parse(picture.save(tmp_path / "task.svg")).getroot().tag.endswith("svg")  # noqa: S314 - our own
    assert "<!doctype html>" in picture.save(tmp_path / "task.html").read_text("utf-8")
    with pytest.raises(InvalidInput, match="png"):
        picture.save(tmp_path / "task.gif")


def test_a_broken_region_is_told_and_the_others_are_drawn() -> None:
    bad = region("box", "rectanglelabels", {"x": "left", "rectanglelabels": ["Cat"]})
    sheet: Sheet = showing.preview(task(bad, box(1, 1, 5, 5, id="good")), config=CONFIG).sheets[0]
    assert any("cannot be understood" in note for note in sheet.notes)
    scene = sheet.panels[0].shows
    assert isinstance(scene, Scene)
    assert "Cat" in scene.title


def test_a_text_without_spans_is_shown_whole() -> None:
    page = showing.preview({"id": 1, "data": {"text": TEXT}}, config=CONFIG)._repr_html_()
    assert "Ada 😀 Lovelace &amp; &lt;b&gt;sons&lt;/b&gt; of London" in page
