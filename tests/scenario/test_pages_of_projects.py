"""More projects than the server puts on a page: all of them are listed, at one request for each hundred."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

import pytest
import requests

from labelwire import Client, LocalServer

from .colours import reaching

pytestmark = pytest.mark.server

ENOUGH = 105


@pytest.fixture(scope="module")
def crowded(spare: LocalServer) -> Iterator[Client]:
    """A client of a server with more than a page of projects."""
    with spare.client() as client:
        there = {project.title for project in client.list_projects()}
        for title in (f"Number {number}" for number in range(ENOUGH)):
            if title not in there:
                client.projects.create(title=title)
        yield client


def requests_of(client: Client) -> list[str]:
    """The paths that the client asks for from now on."""
    asked: list[str] = []

    def note(response: requests.Response, **_: Any) -> None:
        asked.append(response.request.path_url.partition("?")[0])

    client.session.hooks["response"] = [note]
    return asked


def test_all_projects_are_listed_at_a_request_a_hundred(crowded: Client) -> None:
    total = crowded.projects.list().count()
    assert total >= ENOUGH
    asked = requests_of(crowded)
    found = crowded.list_projects()
    assert len(asked) <= ceil(total / 100)
    assert len({project.id for project in found}) == len(found) == total
    assert {project.title for project in found} >= {f"Number {number}" for number in range(ENOUGH)}
    assert len(asked) <= ceil(total / 100), "attributes need no request"
    assert [project.id for project in crowded.get_projects()] == [project.id for project in found]


def test_a_page_alone_and_a_filter(crowded: Client) -> None:
    total = crowded.projects.list().count()
    first, second = crowded.list_projects(page=1), crowded.list_projects(page=2)
    assert (len(first), len(second)) == (100, total - 100)
    assert not {project.id for project in first} & {project.id for project in second}
    assert len(crowded.list_projects(page=2, page_size=10)) == 10
    assert [project.title for project in crowded.list_projects(title="Number 103")] == ["Number 103"]


def test_namespaces_list_all_projects_too(crowded: Client, spare: LocalServer, colour: str) -> None:
    with reaching(colour, spare.url, spare.api_key) as calls:
        found = [project.id for project in calls.all("projects.list")]
        assert len(set(found)) == len(found) == calls.wait(calls("projects.list").count()) >= ENOUGH
        assert len(calls.all("projects.list", page_size=10_000_000)) == len(found)
        assert len(calls.all("projects.counts")) == len(found)
