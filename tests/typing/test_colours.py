"""What type checkers see, of both colours. mypy and pyright read this file; pytest runs none of it.

A wrong call carries an ignore; both checkers complain about an ignore that is not needed, so a call that is wrongly
allowed is found too.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any, assert_type

from labelwire import AsyncClient, Client, Project, User
from labelwire.agreement import Agreement
from labelwire.bulk.report import Report
from labelwire.core.operation import Flow, Operation, Page
from labelwire.core.pager import AsyncPager, Pager
from labelwire.resources.annotations import Annotation
from labelwire.resources.exports import Export, Exports
from labelwire.resources.projects import Project as ProjectModel
from labelwire.resources.tasks import Task, Tasks
from labelwire.showing import Preview


def sync(client: Client) -> None:
    """A sync call gives the result itself."""
    assert_type(client.tasks.get(5), Task)
    assert_type(client.tasks.list(project=1), Pager[Task])
    assert_type(iter(client.tasks.list(project=1)), Iterator[Task])
    assert_type(client.tasks.list(project=1).to_list(), list[Task])
    assert_type(client.tasks.list(project=1).count(), int)
    assert_type(client.tasks.get(5).annotations, Sequence[Annotation] | None)
    assert_type(client.projects.create(title="New"), ProjectModel)
    assert_type(client.exports.create(1), Export)
    assert_type(client.exports.snapshot(1, path="x.json"), Path)
    assert_type(client.imports.tasks(1, [{"text": "a"}]), Report)
    assert_type(client.tasks.delete(5), None)
    assert_type(client.tasks.preview(5), Preview)
    assert_type(client.projects.agreement(1), Agreement)
    assert_type(client.projects.report(1, "report.html"), Path)
    assert_type(client.get_project(1), Project)
    assert_type(client.get_users(), list[User])
    assert_type(client.get_project(1).anything, Any)


async def asynchronous(client: AsyncClient) -> None:
    """An async call gives a coroutine of the same."""
    assert_type(await client.tasks.get(5), Task)
    assert_type(client.tasks.list(project=1), AsyncPager[Task])
    assert_type(aiter(client.tasks.list(project=1)), AsyncIterator[Task])
    assert_type(await client.tasks.list(project=1).to_list(), list[Task])
    assert_type(await client.exports.snapshot(1, path="x.json"), Path)
    assert_type(await client.tasks.preview(5), Preview)
    assert_type(await client.projects.agreement(1), Agreement)
    assert_type(await client.imports.tasks(1, [{"text": "a"}]), Report)
    async for task in client.tasks.list(project=1):
        assert_type(task, Task)


def pure() -> None:
    """On the class it is the value."""
    assert_type(Tasks.get(None, 5), Operation[Task])
    assert_type(Tasks.list(None, project=1), Operation[Page[Task]])
    assert_type(Exports.wait(None, 1, 2), Flow[Export])


def wrong(client: Client, other: AsyncClient) -> None:
    """What both checkers refuse."""
    client.tasks.get("five")  # type: ignore[arg-type]
    client.tasks.get()  # type: ignore[call-arg]
    client.tasks.list(project="one")  # type: ignore[arg-type]
    client.tasks.list(nonsense=1)  # type: ignore[call-arg]
    client.projects.create(titel="New")  # type: ignore[call-arg]
    client.projects.update(1, show_instruction="yes")  # type: ignore[arg-type]
    client.exports.snapshot(1, path=5)  # type: ignore[arg-type]
    client.tasks.get(5).nonsense  # type: ignore[attr-defined]  # noqa: B018
    client.nonsense  # type: ignore[attr-defined]  # noqa: B018
    other.get_project(1)  # type: ignore[attr-defined]
    for _ in other.tasks.list(project=1):  # type: ignore[attr-defined]
        pass
