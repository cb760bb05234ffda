"""Every name and every parameter of the old SDK's interface is there, under the old module names."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SURFACE = json.loads((Path(__file__).parent / "data" / "legacy-surface.json").read_text())
INTERNAL = {"_generate_next_value_"}
"""How Python's enums number themselves, and no part of an interface."""


def entries() -> Iterator[tuple[str, str, str]]:
    """Module, dotted name and what `inspect` said of it."""
    for module, items in SURFACE.items():
        for named, about in items.items():
            kind, name = named.split()
            ours = module.replace("label_studio_sdk", "labelwire")
            if kind == "def":
                yield ours, name, about
                continue
            yield ours, name, "class"
            yield from ((ours, f"{name}.{member}", text) for member, text in about.items() if member not in INTERNAL)


ENTRIES = list(entries())


def found(module: str, name: str) -> tuple[Any, Any]:
    """The object, and what it is on its class before any binding."""
    value: Any = importlib.import_module(module)
    static: Any = None
    for part in name.split("."):
        static = inspect.getattr_static(value, part)
        value = getattr(value, part)
    return value, static


def parameters(signature: str) -> list[str]:
    """The names in a signature's text, stars included: annotations hold commas too."""
    match = re.match(r"[^(]*\((.*?)\)(?: -> .*)?$", signature)
    assert match, signature
    names, depth, name = [], 0, ""
    for character in match[1] + ",":
        depth += (character in "([{<") - (character in ")]}>")
        if character == "," and not depth:
            names.append(name.strip())
            name = ""
        else:
            name += character
    return [re.split(r"[:=\s]", one)[0] for one in names if one]


def test_the_surface_is_whole() -> None:
    assert len(ENTRIES) == 194


@pytest.mark.parametrize(("module", "name", "about"), ENTRIES)
def test_an_old_name_is_there(module: str, name: str, about: str) -> None:
    value, static = found(module, name)
    if about == "class":
        assert inspect.isclass(value) or name.startswith("LabelStudio")
    elif about == "property":
        assert isinstance(static, property)
    elif "(" not in about:  # a constant
        held = getattr(value, "value", value)
        assert about in (repr(held), "<class 'label_studio_sdk.users.User.Config'>") or inspect.isclass(held)
    else:
        wanted = [one for one in parameters(about) if one not in ("self", "cls")]
        stars: dict[Any, str] = {inspect.Parameter.VAR_KEYWORD: "**", inspect.Parameter.VAR_POSITIONAL: "*"}
        ours = [stars.get(one.kind, "") + one.name for one in inspect.signature(value).parameters.values()]
        ours = [one for one in ours if one != "self"]
        assert ours[: len(wanted)] == wanted
        for one in list(inspect.signature(value).parameters.values())[len(wanted) + 1 :]:
            assert one.kind is one.KEYWORD_ONLY  # what came later is in nobody's way
        if "static" in about.split("(")[0]:
            assert isinstance(static, staticmethod)
        if "classmethod" in about.split("(")[0]:
            assert isinstance(static, classmethod)
