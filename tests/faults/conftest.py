"""What the tests under faults share: clients whose requests go through a proxy, and the table's stages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from labelwire import Client, LocalServer

from ..conftest import COLOURS, TEXT_CONFIG, Both
from ..scenario.colours import reaching
from .faults import Plan
from .jobs import Stage
from .proxy import Proxy
from .table import QUICK, Row, in_each_run, play, stages

Proxied = Callable[..., tuple[Both, Proxy]]
Played = Callable[[Row], None]

SOAK = os.environ.get("LABELWIRE_SOAK") == "1"
"""Whether what takes minutes is run too: 50,000 tasks over a bad line, and all of the table on both clients."""


@pytest.fixture(scope="session")
def direct(client: Client) -> Client:
    """A client of the server itself, for counting."""
    return client


@pytest.fixture(scope="session", params=COLOURS)
def colour(request: pytest.FixtureRequest) -> str:
    """Sync, then async."""
    return str(request.param)


@pytest.fixture(scope="session")
def staged(
    colour: str, server: LocalServer, direct: Client, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[bool, Stage]]:
    """Where the table's rows are played."""
    with stages(colour, server, direct, tmp_path_factory.mktemp("faults")) as made:
        yield made


@pytest.fixture
def played(staged: dict[bool, Stage]) -> Played:
    """Plays a row of the table and compares."""

    def play_and_compare(row: Row) -> None:
        outcome = play(row, staged)
        assert row.right(outcome), f"{outcome} and not {row.expected}"

    return play_and_compare


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only the long run plays."""
    left_out = [item for item in items if not SOAK and _only_in_the_long_run(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _only_in_the_long_run(item: pytest.Item) -> bool:
    given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    row = given.get("row")
    return isinstance(row, Row) and not in_each_run(row, str(given["colour"]))


@pytest.fixture
def proxied(colour: str, server: LocalServer) -> Iterator[Proxied]:
    """`proxied(plan)` is a client of either colour behind a proxy with this plan, and the proxy."""
    with ExitStack() as stack:

        def make(plan: Plan, api_key: str | None = None, **options: Any) -> tuple[Both, Proxy]:
            proxy = stack.enter_context(Proxy(server.url, plan))
            given = {"timeout": (5.0, 30.0), "retry": QUICK, **options}
            return stack.enter_context(reaching(colour, proxy.url, api_key or server.api_key, **given)), proxy

        yield make


@pytest.fixture
def target(direct: Client) -> Iterator[int]:
    """An empty project, gone afterwards."""
    made = direct.projects.create(title="Under faults", label_config=TEXT_CONFIG).id
    yield made
    direct.projects.delete(made)
