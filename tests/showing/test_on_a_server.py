"""What notebooks show of a real server's projects, tasks and listings, and what a browser makes of it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labelwire import Client, demo
from labelwire.core.operation import Reply, Wire

from ..conftest import IMAGE_CONFIG, Both
from .browser import document, needs_chromium, screenshot

PHOTOS = sorted((Path(demo.__file__).parent / "images").glob("*.jpg"))[:3]
BOX = {"x": 25, "y": 25, "width": 50, "height": 50, "rotation": 0, "rectanglelabels": ["Cat"]}
RESULT = [
    {"id": "cat", "from_name": "box", "to_name": "img", "type": "rectanglelabels", "value": BOX}
    | {"original_width": 240, "original_height": 240}
]


@pytest.fixture(scope="module")
def photos(client: Client) -> Iterator[Any]:
    """A project with three photos, each with a box in its middle."""
    config = IMAGE_CONFIG.replace('value="Cat"', 'value="Cat" background="#00ff00"')
    project = client.projects.create(title="Photos <b>of</b> stars", label_config=config)
    client.imports.files(project.id, PHOTOS, annotations=lambda path: RESULT)
    yield client.projects.get(project.id)
    client.projects.delete(project.id)


def test_a_preview_has_the_image_that_only_a_client_can_fetch(both: Both, photos: Any, tmp_path: Path) -> None:
    id = both("tasks.ids", project=photos.id)[0]  # noqa: A001 - what the API calls it
    picture = both("tasks.preview", id)
    assert "data:image/jpeg;base64," in picture._repr_html_()
    with Image.open(picture.save(tmp_path / "task.png")) as png:
        pixels = np.asarray(png.convert("RGB")).astype(int)
    green = (pixels[..., 1] > 200) & (pixels[..., 0] < 60) & (pixels[..., 2] < 60)
    columns = np.flatnonzero(green.any(axis=0))
    assert columns.min() == pytest.approx(335, abs=12), "a quarter of 1,219 pixels from the margin of 30"
    assert columns.max() == pytest.approx(945, abs=12)


def test_a_task_shows_itself_whether_it_came_alone_or_in_a_listing(client: Client, photos: Any) -> None:
    listed = client.tasks.list(project=photos.id, fields="all").first()
    assert listed is not None
    alone = client.tasks.get(listed.id)
    for task in (alone, listed, *client.tasks.read(project=photos.id)):
        assert "data:image/jpeg;base64," in task._repr_html_()
        assert "Cat" in task.plot().to_svg()
    for copied in (copy.deepcopy(alone), pickle.loads(pickle.dumps(alone))):  # noqa: S301 - our own
        assert copied == alone
        assert "Cat" in copied._repr_html_()  # its own data, without a client


def test_a_listing_shows_few_rows_and_how_many_there_are(client: Client, photos: Any) -> None:
    page = client.tasks.list(project=photos.id)._repr_html_()
    assert page.count("<tr>") == 1 + 3
    assert "3 in all" in page
    assert "3 in all" in client.tasks.read(project=photos.id)._repr_html_()


def test_a_look_at_a_long_listing_costs_one_small_request(
    client: Client, photos: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    send = client._driver._send

    def sent(wire: Wire) -> Reply:
        asked.append(wire.url)
        return send(wire)

    client.tasks.get(client.tasks.ids(project=photos.id)[0])  # so that the token is fresh
    monkeypatch.setattr(client._driver, "_send", sent)
    assert "Task: " in client.tasks.list(project=photos.id)._repr_html_()
    assert len(asked) == 1
    assert "page_size=10" in asked[0]


def test_a_project_is_a_card_with_its_labels(client: Client, photos: Any) -> None:
    for project in (photos, client.get_project(photos.id)):
        card = project._repr_html_()
        assert "Photos &lt;b&gt;of&lt;/b&gt; stars" in card
        assert "#00ff00" in card
        assert "3 of 3" in card


def test_other_models_are_tables(client: Client) -> None:
    assert "<th>email</th>" in client.users.me()._repr_html_()


@needs_chromium
def test_a_browser_shows_the_box_at_its_place(client: Client, photos: Any, tmp_path: Path) -> None:
    task = client.tasks.read(project=photos.id).first()
    assert task is not None
    page = task.plot().save(tmp_path / "task.html")
    with Image.open(screenshot(page)) as shot:
        pixels = np.asarray(shot.convert("RGB")).astype(int)
    green = (pixels[..., 1] > 200) & (pixels[..., 0] < 60) & (pixels[..., 2] < 60)
    rows, columns = np.nonzero(green)
    wide, high = columns.max() - columns.min(), rows.max() - rows.min()
    assert wide == pytest.approx(320, abs=8), "half of an image that is 640 pixels high, at most"
    assert high == pytest.approx(320 + 25, abs=25), "and its caption above"
    middle = pixels[rows.max() - 160, columns.min() + 160]
    assert tuple(middle) != (255, 255, 255), "the photo is there, which only the client could fetch"


@needs_chromium
def test_a_browser_runs_nothing_that_a_task_brings(tmp_path: Path) -> None:
    from labelwire import showing

    bad = "</title><script>document.body.innerHTML='owned'</script><img src=x onerror=\"document.title='owned'\">"
    raw = {"id": bad, "data": {"image": bad, "text": bad}}
    config = '<View><Image name="i" value="$image"/><Text name="t" value="$text"/></View>'
    page = showing.preview(raw, config=config).save(tmp_path / "bad.html")
    found = document(page)
    assert "<script" not in found
    assert "<img" not in found
    assert "task &lt;/title&gt;" in found
