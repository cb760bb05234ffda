"""The report of a project: what it tells, that it needs nothing else, and what a browser makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labelwire import Client, demo
from labelwire.errors import InvalidInput
from labelwire.report import Contents

from ..conftest import IMAGE_CONFIG, Both
from ..showing.browser import document, needs_chromium, screenshot

PHOTOS = sorted((Path(demo.__file__).parent / "images").glob("*.jpg"))[:3]
WHEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
HOSTILE = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"


def box(x: float, label: str = "Cat") -> dict[str, Any]:
    value = {"x": x, "y": 20, "width": 40, "height": 40, "rotation": 0, "rectanglelabels": [label]}
    made = {"id": f"b{x}", "from_name": "box", "to_name": "img", "type": "rectanglelabels", "value": value}
    return {**made, "original_width": 240, "original_height": 240}


def task(id: int, *by: tuple[int, float], label: str = "Cat") -> dict[str, Any]:
    made = [
        {"id": 10 * id + who, "completed_by": who, "result": [box(x, label)], "lead_time": 10.0 * who,
         "created_at": f"2026-01-0{id}T00:00:00Z"}
        for who, x in by
    ]  # fmt: skip
    return {"id": id, "data": {"image": f"/data/{id}.jpg"}, "annotations": made}


TASKS = [task(1, (1, 10), (2, 10)), task(2, (1, 10), (2, 40)), task(3, (1, 10)), {"id": 4, "data": {"image": "/x"}}]


class _Words(HTMLParser):
    """The words that a reader of the page sees, and the addresses that it asks for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_it_tells_the_numbers() -> None:
    text = _Words(Contents(TASKS, config=IMAGE_CONFIG, names={1: "ada", 2: "bob"}).html(date=WHEN)).text
    for said in ("4 tasks", "3 with annotations", "5 annotations", "2 annotators", "ada 3 0 10.0 s", "bob 2 0 20.0 s"):
        assert said in text
    assert "Report of 2026-01-02 03:04 UTC" in text
    assert "ada and bob 2" in text
    assert "agreement 0.57 on 2 of 4 tasks (1 have one annotator, 1 none)" in text, "1 and 1/7"
    assert "Annotations over time" in text
    assert re.search(r"Where annotators agree least task 2: 0\.14", text)


def test_it_is_the_same_for_the_same_input_and_date() -> None:
    first, second = (Contents(TASKS, config=IMAGE_CONFIG).html(date=WHEN) for _ in range(2))
    assert first == second
    assert first != Contents(TASKS, config=IMAGE_CONFIG).html(date=WHEN.replace(year=2027))


def test_it_needs_nothing_else_and_what_tasks_say_stays_text() -> None:
    bad = [task(1, (1, 10), (2, 30), label=HOSTILE), task(2, (1, 10), (2, 30))]
    bad[0]["data"]["image"] = "http://evil.example/a.jpg"
    config = IMAGE_CONFIG.replace('value="Dog"', 'value="&lt;script&gt;"')
    page = Contents(bad, config=config, title=HOSTILE, names={1: HOSTILE, 2: "bob"}).html(date=WHEN)
    found = _Words(page)
    assert not found.tags & {"script", "link", "iframe", "img", "object", "embed", "base", "form"}
    assert all(address.startswith("data:image/") for address in found.addresses)
    assert "evil.example" not in page
    assert "url(" not in page
    assert "{{ 7 * 7 }}" in found.text


def test_a_project_that_nobody_has_labeled_has_a_report_too() -> None:
    text = _Words(Contents([], config=IMAGE_CONFIG).html(date=WHEN)).text
    assert "Nobody has labeled anything yet" in text
    assert "nothing to compare" in text


def test_it_goes_into_an_html_file_and_into_no_other(tmp_path: Path) -> None:
    contents = Contents(TASKS, config=IMAGE_CONFIG)
    assert contents.write(tmp_path / "new" / "a.html", date=WHEN).read_text("utf-8") == contents.html(date=WHEN)
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["a.html"]
    with pytest.raises(InvalidInput, match="html"):
        contents.write(tmp_path / "a.pdf")


@pytest.fixture(scope="module")
def reported(client: Client) -> Iterator[Any]:
    """Three photos, each with two boxes of two annotations, the second one moved."""
    config = IMAGE_CONFIG.replace('value="Cat"', 'value="Cat" background="#00ff00"')
    project = client.start_project(title="Stars & <galaxies>", label_config=config)
    done = client.imports.files(project.id, PHOTOS)
    email = f"judge-{project.id}@example.com"
    other = client.users.create(email=email, username=email[:30], first_name="J", last_name="J")
    for place, id in enumerate(done.task_ids):  # noqa: A001 - what the API calls it
        client.annotations.create(task=id, result=[box(10)], lead_time=12)
        client.annotations.create(task=id, result=[box(10 + 10 * place)], completed_by=other.id, lead_time=8)
    yield project
    client.delete_project(project.id)


def test_a_real_project_is_reported_with_its_pictures(both: Both, reported: Any, tmp_path: Path) -> None:
    page = both("projects.report", reported.id, tmp_path / "report.html").read_text("utf-8")
    found = _Words(page)
    assert "Stars & <galaxies>" in found.text
    assert "6 annotations" in found.text
    assert f"judge-{reported.id}@example.com" in found.text
    photos = [address for address in found.addresses if address.startswith("data:image/jpeg;base64,")]
    assert len(photos) == 6, "of each task what both have drawn"
    assert all(address.startswith("data:image/") for address in found.addresses)


def test_the_old_project_writes_it_too(reported: Any, tmp_path: Path) -> None:
    assert "3" in reported.report(tmp_path / "old.html").read_text("utf-8")


@needs_chromium
def test_a_browser_shows_it(reported: Any, tmp_path: Path) -> None:
    page = reported.report(tmp_path / "report.html")
    seen = _Words(document(page))
    assert "Where annotators agree least" in seen.text
    with Image.open(screenshot(page, width=1060, height=2400)) as shot:
        pixels = np.asarray(shot.convert("RGB")).astype(int)
    green = (pixels[..., 1] > 240) & (pixels[..., 0] < 20) & (pixels[..., 2] < 20)
    assert green.sum() > 2_000, "the bar of the label, in its colour, and the boxes in the pictures"
    rows = np.flatnonzero(green.any(axis=1))
    assert rows.max() - rows.min() > 600, "on the whole page"
