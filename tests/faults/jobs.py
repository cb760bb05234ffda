"""What is done under each fault: one job a kind of request, and what the server holds afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from labelwire import Client, LabelwireError

from ..conftest import TEXT_CONFIG, Both
from .faults import Match
from .proxy import Proxy

LISTED, PAGE = 10, 5
"""Tasks of the project that is read, and of one page."""

IMPORTED = 30
"""Tasks of one import."""

NUMBERS: Iterator[int] = count(1)
"""No two rows make the same thing."""


@dataclass(frozen=True)
class Outcome:
    """What the caller got, a result or the class of an error, and what the server (or the folder) held then."""

    said: str
    found: str = ""

    def __str__(self) -> str:
        return f"{self.said}, {self.found}" if self.found else self.said


@dataclass
class Stage:
    """Where a job is done.

    Attributes:
        calls: a client whose requests go through the proxy.
        new: makes another such client.
        direct: a client of the server itself, for counting.
        project: a project with `LISTED` tasks, whose ids are `tasks`, with a view and a finished snapshot.
        target: an empty project for imports.
    """

    calls: Both
    new: Callable[[], AbstractContextManager[Both]]
    direct: Client
    proxy: Proxy
    folder: Path
    project: int
    tasks: list[int]
    view: int
    snapshot: int
    target: int


class Job(Protocol):
    """One kind of work."""

    name: str
    match: Match
    """The request that the fault is for."""
    sends: bool
    """Whether that request has a body."""
    gets: bool
    """Whether its reply has one."""

    def prepare(self, stage: Stage) -> Any:
        """What has to be there beforehand."""
        ...

    def do(self, stage: Stage, about: Any) -> None:
        """The work; asserts that a result is right."""
        ...

    def found(self, stage: Stage, about: Any) -> str:
        """What there is afterwards, in words."""
        ...


class Read:
    """One view: the reads of tasks cost the server five times as much, and go the same way."""

    name = "views.get"
    match = Match("GET", "/api/dm/views/")
    sends, gets = False, True

    def prepare(self, stage: Stage) -> int:
        return stage.view

    def do(self, stage: Stage, about: int) -> None:
        assert stage.calls("views.get", about).id == about

    def found(self, stage: Stage, about: int) -> str:
        return ""


class List:
    """Several pages; the fault meets the second."""

    name = "tasks.list"
    match = Match("GET", r"[?&]page=2\b")
    sends, gets = False, True

    def prepare(self, stage: Stage) -> None:
        return None

    def do(self, stage: Stage, about: None) -> None:
        listed = stage.calls.all("tasks.list", project=stage.project, page_size=PAGE, include=["id"])
        assert [task.id for task in listed] == stage.tasks

    def found(self, stage: Stage, about: None) -> str:
        return ""


class Create:
    """One project."""

    name = "projects.create"
    match = Match("POST", r"/api/projects/$")
    sends, gets = True, True

    def prepare(self, stage: Stage) -> str:
        return f"Faulty {next(NUMBERS):05}"

    def do(self, stage: Stage, about: str) -> None:
        assert stage.calls("projects.create", title=about).title == about

    def found(self, stage: Stage, about: str) -> str:
        return str(len(stage.direct.projects.list(title=about, include=["id"]).to_list()))


class Import:
    """Some tasks at once."""

    name = "imports.tasks"
    match = Match("POST", "/import")
    sends, gets = True, True

    def prepare(self, stage: Stage) -> Imported:
        stage.direct.tasks.delete_all(project=stage.target)
        number = next(NUMBERS)
        return Imported([{"text": f"{number}:{position}"} for position in range(IMPORTED)])

    def do(self, stage: Stage, about: Imported) -> None:
        about.ids = stage.calls("imports.tasks", stage.target, about.data).task_ids

    def found(self, stage: Stage, about: Imported) -> str:
        there = held(stage.direct, stage.target)
        if about.ids is not None and len(there) == IMPORTED:
            assert there == list(zip(about.ids, about.data, strict=True))
        return str(len(there))


@dataclass
class Imported:
    """What is imported, and the ids that the caller got for it."""

    data: list[dict[str, Any]]
    ids: list[int] | None = None


class Update:
    """One view."""

    name = "views.update"
    match = Match("PATCH", "/api/dm/views/")
    sends, gets = True, True

    def prepare(self, stage: Stage) -> dict[str, str]:
        return {"title": f"Changed {next(NUMBERS):05}"}

    def do(self, stage: Stage, about: dict[str, str]) -> None:
        assert stage.calls("views.update", stage.view, data=about).data == about

    def found(self, stage: Stage, about: dict[str, str]) -> str:
        return "changed" if stage.direct.views.get(stage.view).data == about else "as before"


class Delete:
    """One view."""

    name = "views.delete"
    match = Match("DELETE", "/api/dm/views/")
    sends, gets = False, False

    def prepare(self, stage: Stage) -> int:
        return stage.direct.views.create(project=stage.project, data={"title": "To be deleted"}).id

    def do(self, stage: Stage, about: int) -> None:
        stage.calls("views.delete", about)

    def found(self, stage: Stage, about: int) -> str:
        listed = stage.direct.views.list(project=stage.project).to_list()
        return "there" if about in [view.id for view in listed] else "gone"


class Download:
    """A snapshot into a file that is there already, with older content."""

    name = "exports.download"
    match = Match("GET", "/download")
    sends, gets = False, True

    def prepare(self, stage: Stage) -> Path:
        folder = stage.folder / f"{next(NUMBERS):05}"
        folder.mkdir()
        (folder / "snapshot.json").write_text("older")
        return folder

    def do(self, stage: Stage, about: Path) -> None:
        stage.calls("exports.download", stage.project, stage.snapshot, path=about / "snapshot.json")

    def found(self, stage: Stage, about: Path) -> str:
        (file,) = about.iterdir()  # and no half of one beside it
        if file.read_text() == "older":
            return "old file"
        try:
            return "whole file" if [task["id"] for task in json.loads(file.read_bytes())] == stage.tasks else "wrong"
        except ValueError:
            return "half a file"


class LogIn:
    """The first call of a new client; the fault meets the request for its access token."""

    name = "users.me"
    match = Match("POST", "/api/token/refresh/")
    sends, gets = True, True

    def prepare(self, stage: Stage) -> None:
        return None

    def do(self, stage: Stage, about: None) -> None:
        with stage.new() as calls:
            calls("system.health")  # a server that never answered before is a wrong address, and no passing fault
            assert calls("users.me").email

    def found(self, stage: Stage, about: None) -> str:
        return ""


JOBS: tuple[Job, ...] = (LogIn(), Read(), List(), Create(), Import(), Update(), Delete(), Download())


def held(direct: Client, project: int) -> list[tuple[int, dict[str, Any]]]:
    """Id and data of each task of the project, as the server itself tells them, by id."""
    tasks = direct.tasks.list(project=project, include=["id", "data"], ordering=["tasks:id"]).to_list()
    return [(task.id, task.data) for task in tasks]


def perform(job: Job, stage: Stage) -> Outcome:
    """Do the job once; errors of labelwire's are outcomes, any other is a failure of the test."""
    about = job.prepare(stage)
    try:
        job.do(stage, about)
        said = "result"
    except LabelwireError as error:
        said = type(error).__name__
    stage.proxy.settle()
    return Outcome(said, job.found(stage, about))


def furnished(direct: Client) -> dict[str, Any]:
    """What a stage has on the server."""
    project = direct.projects.create(title="Read under faults", label_config=TEXT_CONFIG).id
    body = [{"text": str(number)} for number in range(LISTED)]
    direct.make_request("POST", f"/api/projects/{project}/import", json=body)
    snapshot = direct.exports.create(project).id
    direct.exports.wait(project, snapshot)
    return {
        "project": project,
        "tasks": [task for task, _ in held(direct, project)],
        "view": direct.views.create(project=project, data={"title": "Read"}).id,
        "snapshot": snapshot,
        "target": direct.projects.create(title="Written under faults", label_config=TEXT_CONFIG).id,
    }
