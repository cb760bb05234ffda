"""What the bulk tests share: a project of their own, and how it is counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labelwire import Client

from ..conftest import TEXT_CONFIG, Both, choice

__all__ = ["choice"]


@pytest.fixture
def mine(both: Both) -> Iterator[int]:
    """The id of an empty text project."""
    made = both("projects.create", title="Many of them", label_config=TEXT_CONFIG)
    yield made.id
    both("projects.delete", made.id)


class Counting:
    """Looks at a project past the code under test."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, project: int) -> int:
        """How many tasks there are."""
        return self._client.tasks.list(project=project, include=["id"]).count()

    def tasks(self, project: int) -> list[Any]:
        """Every task with all that belongs to it, in the order of the ids."""
        found = self._client.tasks.list(project=project, fields="all", ordering=["tasks:id"], page_size=10_000)
        return found.to_list()

    def texts(self, project: int) -> dict[int, str]:
        """The text of each task, by its id."""
        return {task.id: task.data["text"] for task in self.tasks(project)}


@pytest.fixture
def there(client: Client) -> Counting:
    """What is on the server."""
    return Counting(client)
