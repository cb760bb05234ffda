"""The rows that ask the real server for projects."""

from __future__ import annotations

from typing import Any

from .rows import AtLeast, Entry, Row
from .stage import Stage

PAGE_OF_PROJECTS = (
    Entry(label="old", does="client.list_projects()", program="old", row="projects"),
    Entry(label="new", does="client.projects.list(page_size=100).items", program="new", row="projects_page"),
    Entry(label="ours", does="client.list_projects(page=1)", program="ours", row="projects_page"),
)


def rows(*, quick: bool) -> list[Row]:
    """To be run while the projects are empty: the server counts what is in them."""
    return [_projects(105 if quick else 165), _page(), _get_project(20 if quick else 50)]


def _projects(number: int) -> Row:
    return Row(
        name="projects",
        title=f"All of {number} projects",
        entries=(
            Entry(label="old", does="client.list_projects()", program="old", row="projects"),
            Entry(label="new", does="list(client.projects.list())", program="new", row="projects"),
            Entry(label="raw", does="GET /api/projects/ in pages of 100", program="raw", row="projects"),
            Entry(label="ours", does="client.list_projects()", program="ours", row="projects"),
        ),
        prepare=lambda stage: stage.projects(number),
        counts="projects",
        counted={"projects": number},
        targets=(AtLeast(times=7, ours="ours", than=("old",)),),
    )


def _get_project(times: int) -> Row:
    def prepare(stage: Stage) -> dict[str, Any]:
        return {**stage.new_project(), "times": times}

    return Row(
        name="get-project",
        title="Get a project, again and again on a connection that is kept alive",
        entries=(
            Entry(label="old", does="client.get_project(id)", program="old", row="get_project"),
            Entry(label="new", does="client.projects.get(id)", program="new", row="get_project"),
            Entry(label="raw", does="GET /api/projects/{id}/", program="raw", row="get_project"),
            Entry(label="ours", does="client.projects.get(id)", program="ours", row="get_project"),
        ),
        prepare=prepare,
        counts="calls",
        counted={"calls": times},
        targets=(AtLeast(times=3, ours="ours", than=("old", "new")),),
        per=times,
    )


def _page() -> Row:
    return Row(
        name="projects-page-real",
        title="A page of 100 projects from the real server",
        entries=PAGE_OF_PROJECTS,
        prepare=lambda stage: stage.projects(100),
        counts="projects",
        counted={"projects": 100},
    )
