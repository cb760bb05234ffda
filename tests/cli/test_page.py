"""What the help says: all of it has words, and docs/command-line.md is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from labelwire.cli.app import GROUPS, app
from labelwire.cli.page import page

ROOT = Path(__file__).parents[2]


def commands(command: Any, name: str = "labelwire") -> Iterator[tuple[str, Any]]:
    yield name, command
    for inner, one in getattr(command, "commands", {}).items():
        yield from commands(one, f"{name} {inner}")


ALL = dict(commands(typer.main.get_command(app)))


def test_the_page_is_what_the_help_says() -> None:
    there = (ROOT / "docs" / "command-line.md").read_text()
    assert there == page(), "python -m labelwire.cli.page > docs/command-line.md"


@pytest.mark.parametrize("name", ALL)
def test_a_command_and_each_of_its_options_have_words(name: str) -> None:
    assert ALL[name].help
    assert [one.name for one in ALL[name].params if not getattr(one, "help", None)] == []


def test_every_command_stands_in_one_group() -> None:
    named = [name for names in GROUPS.values() for name in names]
    assert sorted(named) == sorted(ALL["labelwire"].commands)


def test_the_help_shows_the_way_from_nothing_to_a_dataset() -> None:
    steps = ["server start", "login --local", "projects create", "tasks upload", "export 1 --format yolo"]
    places = [ALL["labelwire"].help.index(step) for step in steps]
    assert places == sorted(places)


@pytest.mark.parametrize("name", [name for name, one in ALL.items() if "Examples:" in (one.help or "")])
def test_an_example_is_of_its_command(name: str) -> None:
    examples = ALL[name].help.partition("Examples:\n")[2].splitlines()
    assert examples
    assert all(name in example for example in examples)
    for example in examples:
        words = example.partition(name)[2].split()
        known = {option for one in ALL[name].params for option in one.opts}
        assert {word for word in words if word.startswith("-") and len(word) > 1} <= known
