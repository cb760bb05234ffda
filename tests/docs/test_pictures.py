"""The pictures of the docs, taken anew: each shows what a reader is to see, and no path or token."""

from __future__ import annotations

import importlib.util
import re
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from ..showing.browser import document, needs_chromium

ROOT = Path(__file__).parents[2]
SHOWN = {
    "front": ["The Python client for Label Studio", "Quickstart", "client.imports.tasks", "57 times"],
    "notebook": [
        "not a picture of Jupyter",
        "Hubble eXtreme Deep Field",
        "12 tasks",
        "Spiral",
        "Elliptical",
        "ada@example.com",
    ],
    "report": ["Hubble eXtreme Deep Field", "Spiral", "grace@example.com", "Where annotators agree least"],
    "terminal": [
        "$ labelwire projects list",
        "Hubble eXtreme Deep Field",
        "--format yolo data/",
        "yolo: 11 of 12 tasks",
    ],
}
"""What the page of each picture says."""


class Taken(NamedTuple):
    """The folder of the pictures, the page that each shows, and how large it is to be."""

    pictures: Path
    pages: dict[str, Path]
    sizes: dict[str, tuple[int, int]]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory, site: Path) -> Taken:
    """All of them, by what `make pictures` runs."""
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "docs" / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pictures = tmp_path_factory.mktemp("pictures")
    pages = module.main(pictures, tmp_path_factory.mktemp("pages"), site)
    return Taken(pictures, pages, module.SIZES)


@needs_chromium
@pytest.mark.server
def test_every_picture_has_its_size_and_is_not_blank(taken: Taken) -> None:
    names = sorted(path.name for path in taken.pictures.iterdir())
    assert names == sorted(path.name for path in (ROOT / "docs" / "pictures").glob("*.png")), "those of the docs"
    for path in taken.pictures.iterdir():
        with Image.open(path) as image:
            counts = image.convert("RGB").getcolors(1 << 24) or []
            width, height = image.size
        assert (width, height) == taken.sizes.get(path.stem, (width, height)), path.stem
        assert len(counts) > 20, path.stem
        assert max(count for count, _ in counts) < 0.93 * width * height, path.stem


@needs_chromium
@pytest.mark.server
@pytest.mark.parametrize("name", SHOWN)
def test_its_page_says_what_it_has_to(taken: Taken, name: str) -> None:
    page = taken.pages[name]
    words = " ".join(unescape(re.sub(r"<style.*?</style>|<[^>]+>", "", document(page), flags=re.DOTALL)).split())
    for said in SHOWN[name]:
        assert said in words, said
    for private in (str(page.parent), str(ROOT), str(Path.home()) + "/", "eyJ"):
        assert private not in words, "a path of this machine, or a token"


@needs_chromium
@pytest.mark.server
def test_the_labels_of_a_task_are_in_their_colours(taken: Taken) -> None:
    with Image.open(taken.pictures / "task.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    for label in ((247, 103, 7), (51, 154, 240), (81, 207, 102)):
        assert (abs(pixels - label).max(axis=2) < 50).sum() > 1_000, label
