"""The rows on the trivial server: what a client itself costs."""

from __future__ import annotations

from typing import Any

from .projects import PAGE_OF_PROJECTS
from .rows import AtLeast, AtMost, Entry, Prepare, Row


def rows(*, quick: bool) -> list[Row]:
    """A page of tasks, single calls, and a page of projects."""
    tasks, pages, calls = (200, 3, 200) if quick else (1_000, 10, 640)
    rounds = 1 if quick else 15
    return [
        _page(tasks, pages),
        _page_used(tasks, pages),
        _call(tasks, calls, rounds),
        _request(tasks, calls, rounds),
        _async_call(tasks, calls, rounds),
        _at_once(tasks, calls, rounds),
        _projects(tasks, pages),
    ]


def _on_trivial(tasks: int, **arguments: Any) -> Prepare:
    return lambda stage: {**stage.trivial(tasks), **arguments}


def _pages(row: str) -> tuple[Entry, ...]:
    listing = 'client.tasks.list(project=id, page_size=…, fields="all")'
    return (
        Entry(label="new", does=f"{listing}.items", program="new", row=row),
        Entry(label="raw", does="json.loads(session.get(…).content)", program="raw", row=row),
        Entry(label="ours", does=f"{listing}.to_list()", program="ours", row=row),
    )


def _page(tasks: int, times: int) -> Row:
    return Row(
        name="page",
        title=f"Processor time for a page of {tasks:,} tasks, as models",
        entries=(
            Entry(label="old", does="project.get_paginated_tasks(page_size=…), dicts", program="old", row="page"),
            *_pages("page"),
        ),
        prepare=_on_trivial(tasks, size=tasks),
        warm=True,
        counts="whole tasks",
        counted={"tasks": tasks, "annotations": tasks // 2, "predictions": tasks},
        targets=(
            AtLeast(times=6, ours="ours", than=("new",)),
            AtMost(times=1.5, ours="ours", than=("raw",)),
        ),
        measure="cpu",
        loops=times,
    )


def _page_used(tasks: int, times: int) -> Row:
    return Row(
        name="page-used",
        title="The same, and each task's text, date and results looked at",
        entries=_pages("page_used"),
        prepare=_on_trivial(tasks, size=tasks),
        warm=True,
        counts="tasks",
        counted={"tasks": tasks},
        measure="cpu",
        loops=times,
        says="labelwire makes dates and nested objects when they are asked for; this is the bill for asking.",
    )


def _call(tasks: int, times: int, rounds: int) -> Row:
    return Row(
        name="call",
        title="One call, sync: get a project",
        entries=(
            Entry(label="old", does="client.get_project(id)", program="old", row="get_project"),
            Entry(label="new", does="client.projects.get(id)", program="new", row="get_project"),
            Entry(label="raw", does="json.loads(session.get(…).content)", program="raw", row="get_project"),
            Entry(label="ours", does="client.projects.get(id)", program="ours", row="get_project"),
            Entry(label="ours, old name", does="client.get_project(id)", program="ours", row="get_old_project"),
        ),
        prepare=_on_trivial(tasks, times=times),
        counts="calls",
        counted={"calls": times},
        targets=(AtMost(times=1, ours="ours", than=("old",)),),
        per=times,
        least=rounds,
        warm=True,
    )


def _request(tasks: int, times: int, rounds: int) -> Row:
    get = 'client.make_request("GET", …).json()'
    return Row(
        name="request",
        title="One call, sync: any request",
        entries=(
            Entry(label="old", does=get, program="old", row="request"),
            Entry(label="ours", does=get, program="ours", row="request"),
        ),
        prepare=_on_trivial(tasks, times=times),
        counts="calls",
        counted={"calls": times},
        targets=(AtMost(times=1, ours="ours", than=("old",)),),
        per=times,
        least=rounds,
        warm=True,
    )


def _async_entries(row: str) -> tuple[Entry, ...]:
    get = "await client.projects.get(id)"
    return (
        Entry(label="new", does=get, program="new", row=row),
        Entry(label="ours", does=get, program="ours_async", row=row),
    )


def _async_call(tasks: int, times: int, rounds: int) -> Row:
    return Row(
        name="async-call",
        title="One call, async, one after the other: get a project",
        entries=_async_entries("one_by_one"),
        prepare=_on_trivial(tasks, times=times),
        counts="calls",
        counted={"calls": times},
        targets=(AtLeast(times=5, ours="ours", than=("new",)),),
        per=times,
        least=rounds,
        warm=True,
    )


def _at_once(tasks: int, times: int, rounds: int) -> Row:
    made = times // 32 * 32
    return Row(
        name="at-once",
        title="Calls, async, 32 at once: get a project",
        entries=_async_entries("at_once"),
        prepare=_on_trivial(tasks, times=made, at_once=32),
        counts="calls",
        counted={"calls": made},
        targets=(AtLeast(times=10, ours="ours", than=("new",)),),
        per=made,
        least=rounds,
        warm=True,
        says="The time is that of all calls, divided by their number.",
    )


def _projects(tasks: int, times: int) -> Row:
    return Row(
        name="projects-page",
        title="A page of 100 projects",
        entries=PAGE_OF_PROJECTS,
        prepare=_on_trivial(tasks),
        loops=times,
        warm=True,
        counts="projects",
        counted={"projects": 100},
        targets=(AtLeast(times=20, ours="ours", than=("old", "new")),),
    )
