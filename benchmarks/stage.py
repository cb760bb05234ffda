"""What the contestants find: a real Label Studio with projects in it, and a trivial server with its recorded pages."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from labelwire import Client, LocalServer

from .contestants import samples
from .workers import ROOT, pipes

MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it
"""Linux's memory disk."""

CHUNK = 10_000
"""Tasks that are put into a project at a time."""


class Stage:
    """The servers. Projects that are only read are made when they are first wanted, and kept."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._open = ExitStack()
        self._labeled: dict[int, int] = {}
        self._trivial: dict[int, str] = {}

    def __enter__(self) -> Self:
        # 0.0.34 knows legacy tokens only; so that nobody pays for another kind of login, everybody uses one.
        # On a memory disk, where there is one: how fast a disk syncs is nothing that a client can help.
        shared = MEMORY if MEMORY.is_dir() else None
        data = self._open.enter_context(tempfile.TemporaryDirectory(prefix="labelwire-bench-", dir=shared))
        self.server = self._open.enter_context(LocalServer(data_dir=data, legacy_tokens=True, on_progress=self._tell))
        self.token = self.server.legacy_token
        self.client = self._open.enter_context(
            Client(self.server.url, self.token, proxies={"no_proxy": "127.0.0.1"}, timeout=(10, 900))
        )
        self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="labelwire-bench-")))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def new_project(self, tasks: int = 0) -> dict[str, Any]:
        """A project of its own for one measurement, with tasks that have a text only."""
        project = self.client.projects.create(title="Benchmark", label_config=samples.CONFIG).id
        return {"project": project, "tasks": self._put(project, samples.small_tasks(tasks))}

    def labeled_project(self, tasks: int) -> dict[str, Any]:
        """A project whose tasks have a prediction each, every second one an annotation too."""
        if tasks not in self._labeled:
            self._tell(f"Preparing {tasks:,} tasks")
            project = int(self.new_project()["project"])
            self._put(project, samples.labeled_tasks(tasks))
            self._labeled[tasks] = project
        return {"project": self._labeled[tasks]}

    def projects(self, number: int) -> dict[str, Any]:
        """That many projects on the server, or as many as it has already."""
        there = self.client.projects.list().count()
        for _ in range(there, number):
            self.new_project()
        return {"there": max(there, number)}

    def trivial(self, tasks: int) -> dict[str, Any]:
        """The URL of the trivial server, with a recorded page of that many tasks and one of 100 projects."""
        if tasks not in self._trivial:
            project = self.labeled_project(tasks)["project"]
            self.projects(100)
            listed = self._get("/api/projects/", page=1, page_size=100)
            # As if these were all: who asks for the rest asks a server that has none.
            listed = {**listed, "count": len(listed["results"]), "next": None}
            query = {"project": project, "page": 1, "page_size": tasks, "fields": "all"}
            recorded: Mapping[str, Any] = {
                "tasks": self._get("/api/tasks/", **query),
                "projects": listed,
                "project": self._get(f"/api/projects/{project}/"),
                "version": self._get("/api/version"),
            }
            self._trivial[tasks] = self._serve(tasks, recorded)
        return {"url": self._trivial[tasks], "project": 1}

    def held(self, project: int) -> dict[str, int]:
        """How much the server has in a project."""
        found = self.client.projects.get(project)
        return {
            "tasks": found.task_number or 0,
            "annotations": found.total_annotations_number or 0,
            "predictions": found.total_predictions_number or 0,
        }

    def _get(self, path: str, **params: Any) -> Any:
        return self.client.make_request("GET", path, params=params).json()

    def _put(self, project: int, tasks: Iterable[dict[str, Any]]) -> list[int]:
        """Imports by bare calls, so that preparing does not depend on what is measured."""
        every = list(tasks)
        made: list[int] = []
        for start in range(0, len(every), CHUNK):
            path = f"/api/projects/{project}/import?return_task_ids=true"
            made += self.client.make_request("POST", path, json=every[start : start + CHUNK]).json()["task_ids"]
        return made

    def _serve(self, tasks: int, recorded: Mapping[str, Any]) -> str:
        folder = self.folder / f"recorded-{tasks}"
        folder.mkdir()
        for name, value in recorded.items():
            (folder / f"{name}.json").write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "benchmarks.trivial", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        questions, answers = pipes(process)
        for end in (process.wait, questions.close, answers.close):
            self._open.callback(end)
        return f"http://127.0.0.1:{int(answers.readline())}"
