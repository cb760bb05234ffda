"""The site is built without a warning, and needs nothing from elsewhere to be read."""

from __future__ import annotations

import re
from pathlib import Path

from labelwire.namespaces import Namespaces


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        text = page.read_text("utf-8")
        assert not re.findall(r'<(?:script|img|iframe)[^>]+src="?(?:https?:)?//[^">]+', text), page
        styles = [one for one in re.findall(r"<link[^>]+>", text) if "stylesheet" in one or "preconnect" in one]
        assert not [one for one in styles if "//" in one], page
    for style in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", style.read_text("utf-8")), style


def test_every_namespace_has_a_page_that_shows_what_its_calls_give(site: Path) -> None:
    for name in (name for name in vars(Namespaces) if not name.startswith("_")):
        assert (site / "reference" / f"client.{name}.html").is_file(), name
    tasks = (site / "reference" / "client.tasks.html").read_text("utf-8")
    shown = re.sub(r"<[^>]+>", "", tasks)
    assert "Operation[" not in shown
    assert "Flow[" not in shown
