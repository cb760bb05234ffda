"""The rows that read from the real server."""

from __future__ import annotations

from typing import Any

from .rows import AtLeast, AtMost, Entry, Row, Under
from .stage import Stage

RAW_READS = ("raw, snapshot", "raw, two routes")


def tasks(*, quick: bool) -> list[Row]:
    """Tasks, their data and their ids."""
    thousand, many = (200, 600) if quick else (1_000, 10_000)
    return [_read("read", thousand), _data(thousand), _read("read-many", many), _ids(many), _save(many)]


def exports(*, quick: bool) -> list[Row]:
    """The largest export there is."""
    few, most = (600, 1_200) if quick else (10_000, 50_000)
    return [_export(few, most)]


def _whole(tasks: int) -> dict[str, int]:
    return {"tasks": tasks, "annotations": tasks // 2, "predictions": tasks}


def _read(name: str, tasks: int) -> Row:
    return Row(
        name=name,
        title=f"Read {tasks:,} tasks with their annotations and predictions",
        entries=(
            Entry(label="old", does="project.get_tasks()", program="old", row="read"),
            Entry(label="new", does='list(client.tasks.list(project=id, fields="all"))', program="new", row="read"),
            Entry(
                label="raw, snapshot",
                does="POST …/exports/, GET …/download, DELETE",
                program="raw",
                row="read_snapshot",
            ),
            Entry(
                label="raw, two routes",
                does="a snapshot of annotated tasks, pages of the others, GET /api/predictions/",
                program="raw",
                row="read_two_routes",
            ),
            Entry(label="ours", does="client.tasks.read(project=id).to_list()", program="ours", row="read"),
            Entry(
                label="ours, async",
                does="await client.tasks.read(project=id).to_list()",
                program="ours_async",
                row="read",
            ),
        ),
        prepare=lambda stage: stage.labeled_project(tasks),
        counts="whole tasks",
        counted=_whole(tasks),
        targets=(
            AtLeast(times=3.3 if tasks <= 1_000 else 3.8, ours="ours", than=("old", "new")),
            AtMost(times=1.1, ours="ours", than=RAW_READS),
        ),
        says="A task has one prediction; every second one has an annotation. The server's export on the spot is no "
        "route for this: it gives predictions as ids. The raw requests of two routes check nothing; labelwire makes "
        "sure that both together are the whole project.",
    )


def _data(tasks: int) -> Row:
    calls = "client.tasks.read(project=id, annotations=False, predictions=False).to_list()"
    return Row(
        name="data",
        title=f"Read the data of {tasks:,} tasks, without annotations and predictions",
        entries=(
            Entry(label="old", does="project.get_tasks(), which always brings all", program="old", row="read"),
            Entry(label="new", does='client.tasks.list(project=id), whose default is "all"', program="new", row="read"),
            Entry(
                label="new, task_only",
                does='client.tasks.list(project=id, fields="task_only")',
                program="new",
                row="data",
            ),
            Entry(label="raw", does="GET /api/tasks/?include=id,data in pages of 1,000", program="raw", row="data"),
            Entry(label="ours", does=calls, program="ours", row="data"),
        ),
        prepare=lambda stage: stage.labeled_project(tasks),
        counts="task data",
        counted={"tasks": tasks},
        targets=(AtLeast(times=5, ours="ours", than=("old", "new")),),
    )


def _ids(tasks: int) -> Row:
    pages = [(f"raw, pages of {size:,}", size) for size in (1_000, 10_000)]
    return Row(
        name="ids",
        title=f"The ids of {tasks:,} tasks",
        entries=(
            Entry(label="old", does="project.get_tasks_ids()", program="old", row="ids"),
            Entry(label="new", does='client.tasks.list(project=id, include="id")', program="new", row="ids"),
            *(
                Entry(
                    label=label,
                    does="GET /api/tasks/?include=id",
                    program="raw",
                    row="ids",
                    arguments={"page_size": size},
                )
                for label, size in pages
            ),
            Entry(label="ours", does="client.tasks.ids(project=id)", program="ours", row="ids"),
        ),
        prepare=lambda stage: stage.labeled_project(tasks),
        counts="ids",
        counted={"ids": tasks},
        targets=(AtMost(times=1.1, ours="ours", than=tuple(label for label, _ in pages)),),
    )


def _into_a_file(tasks: int, stage: Stage) -> dict[str, Any]:
    return {**stage.labeled_project(tasks), "path": str(stage.folder / "written.json")}


def _save(tasks: int) -> Row:
    return Row(
        name="save",
        title=f"{tasks:,} tasks with annotations and predictions into a file",
        entries=(
            Entry(label="ours", does="client.tasks.save(project=id, path=…)", program="ours", row="save"),
            Entry(label="ours, snapshot", does="client.exports.snapshot(id, path=…)", program="ours", row="snapshot"),
        ),
        prepare=lambda stage: _into_a_file(tasks, stage),
        counts="file of tasks",
        counted=_whole(tasks),
        targets=(Under(mb=15, ours="ours", measure="over_mb"),),
        fresh=True,
    )


def _export(few: int, tasks: int) -> Row:
    def entry(way: str, number: int) -> Entry:
        calls = {"save": "client.tasks.save(project=id, path=…)", "snapshot": "client.exports.snapshot(id, path=…)"}
        return Entry(
            label=f"{way}, {number:,}",
            does=calls[way],
            program="ours",
            row=way,
            prepare=lambda stage: _into_a_file(number, stage),
            counted=_whole(number),
        )

    return Row(
        name="export",
        title=f"Memory while {tasks:,} tasks go into a file, and while {few:,} do",
        entries=tuple(entry(way, number) for way in ("save", "snapshot") for number in (few, tasks)),
        prepare=lambda stage: _into_a_file(tasks, stage),
        counts="file of tasks",
        counted=_whole(tasks),
        targets=tuple(
            target
            for way in ("save", "snapshot")
            for target in (
                Under(mb=100, ours=f"{way}, {tasks:,}", measure="peak_mb"),
                AtMost(times=1.15, ours=f"{way}, {tasks:,}", than=(f"{way}, {few:,}",), measure="peak_mb"),
            )
        ),
        measure="peak_mb",
        fresh=True,
        most=2,
    )
