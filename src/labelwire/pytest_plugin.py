"""Fixtures for tests that need a real Label Studio; pytest finds them where labelwire is installed.

    def test_upload(label_studio):
        project = label_studio.client.projects.create(title="Cats", label_config="<View/>")

The server is started for the first test that asks for it, one for each worker of pytest-xdist, in a data directory of
its own that is removed afterwards. Which version: `--label-studio-version`, or `label_studio_version` in the settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from labelwire import Client, LocalServer
    from labelwire.resources.projects import Project

VERSION = "label_studio_version"


class LabelStudio:
    """A running server, as a test sees it.

    Attributes:
        server: the `LocalServer`.
        client: a client of its owner, with a personal access token.
        url: where it is.
        api_key: that token.
    """

    def __init__(self, server: LocalServer, client: Client) -> None:
        self.server = server
        self.client = client
        self.url = server.url
        self.api_key = server.api_key


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tells pytest of the option, and of the setting of the same name."""
    text = "the version of Label Studio that the label_studio fixture starts, such as 1.23.2"
    parser.getgroup("labelwire").addoption("--label-studio-version", metavar="VERSION", help=text)
    parser.addini(VERSION, text, default=None)


@pytest.fixture(scope="session")
def label_studio_server(request: pytest.FixtureRequest) -> Iterator[LabelStudio]:
    """A real Label Studio for the whole run; what tests leave there stays, so most want `label_studio`."""
    from labelwire import LocalServer  # only now: most runs need no server

    chosen = request.config.getoption("--label-studio-version") or request.config.getini(VERSION) or None
    with LocalServer(version=chosen) as server, server.client() as client:
        yield LabelStudio(server, client)


@pytest.fixture
def label_studio(label_studio_server: LabelStudio) -> Iterator[LabelStudio]:
    """The run's Label Studio; projects that the test makes are gone afterwards."""
    client = label_studio_server.client
    before = {project.id for project in client.projects.list()}
    yield label_studio_server
    for project in client.projects.list().to_list():
        if project.id not in before:
            client.projects.delete(project.id)


@pytest.fixture
def label_studio_config() -> str:
    """The labeling configuration of `label_studio_project`; override it where tests need another."""
    return (
        '<View><Text name="text" value="$text"/><Choices name="choice" toName="text">'
        '<Choice value="yes"/><Choice value="no"/></Choices></View>'
    )


@pytest.fixture
def label_studio_project(label_studio: LabelStudio, label_studio_config: str) -> Project:
    """A clean project for the test, with the configuration `label_studio_config`."""
    return label_studio.client.projects.create(title="A test's own", label_config=label_studio_config)
