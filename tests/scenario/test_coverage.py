"""No endpoint is without a scenario: each is called on the real server by a test in this folder."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from labelwire import resources
from labelwire.core.endpoint import Resource, endpoint, listing, workflow


def endpoints() -> Iterator[str]:
    """`tasks.get` and so on, from the classes; a class below the namespace's counts for its module."""
    for module in iter_modules(resources.__path__):
        for kind in vars(import_module(f"{resources.__name__}.{module.name}")).values():
            if isinstance(kind, type) and issubclass(kind, Resource) and kind.__module__.endswith(f".{module.name}"):
                for name, member in vars(kind).items():
                    if isinstance(member, (endpoint, listing, workflow)):
                        yield f"{module.name}.{name}"


def calls() -> Iterator[str]:
    """The first arguments of all calls in the scenarios: `both("tasks.get", 5)` is `tasks.get`."""
    for scenario in Path(__file__).parent.glob("test_namespaces*.py"):
        for node in ast.walk(ast.parse(scenario.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
                yield f"{node.value.partition('.')[0]}.{node.value.rpartition('.')[2]}"


def test_every_endpoint_has_a_scenario() -> None:
    there = set(endpoints())
    assert len(there) > 100
    assert sorted(there - set(calls())) == []
