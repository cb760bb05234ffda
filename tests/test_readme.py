"""What the README and the page of formats promise; that their examples run is for tests/docs."""

from __future__ import annotations

import re
from pathlib import Path

from labelwire.formats import FORMATS as REGISTRY

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_every_format_is_in_the_page() -> None:
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    table = page[page.index("## The formats") : page.index("## Choices")]
    first = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert {name for cell in first for name in re.findall(r"`([a-z-]+)`", cell)} >= set(REGISTRY)


def test_the_two_commands_are_targets_of_make() -> None:
    commands = re.findall(r"\$ make (\S+)", README)
    assert commands[:2] == ["demo", "test"]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(commands) <= set(targets)


def test_the_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
