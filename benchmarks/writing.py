"""The rows that write to the real server. Each measurement gets a project of its own."""

from __future__ import annotations

from .rows import AtLeast, AtMost, Entry, Row


def few(*, quick: bool) -> list[Row]:
    """Annotations and predictions."""
    thousand, share = (200, 20) if quick else (1_000, 100)
    return [_annotate(20 if quick else 50), _predictions(thousand, share), _annotations(thousand, share)]


def many(*, quick: bool) -> list[Row]:
    """The large import, which is what grows the database."""
    return [_import(2_000 if quick else 50_000)]


def _annotate(times: int) -> Row:
    return Row(
        name="annotate",
        title="Create an annotation, one after the other on a connection that is kept alive",
        entries=(
            Entry(label="old", does="project.create_annotation(task, result=…)", program="old", row="annotate"),
            Entry(label="new", does="client.annotations.create(task, result=…)", program="new", row="annotate"),
            Entry(label="raw", does="POST /api/tasks/{id}/annotations/", program="raw", row="annotate"),
            Entry(
                label="ours",
                does="client.annotations.create(task=task, result=…)",
                program="ours",
                row="annotate",
            ),
        ),
        prepare=lambda stage: stage.new_project(times),
        counts="annotations made",
        counted={"annotations": times},
        targets=(AtLeast(times=2, ours="ours", than=("old", "new")),),
        per=times,
        changes=True,
    )


def _predictions(number: int, share: int) -> Row:
    return Row(
        name="predictions",
        title=f"{number:,} predictions onto existing tasks",
        entries=(
            Entry(
                label="new, one by one",
                does="client.predictions.create(task=…, result=…)",
                program="new",
                row="predict",
                share=share,
            ),
            Entry(
                label="raw, one by one",
                does="POST /api/predictions/",
                program="raw",
                row="predict",
                share=share,
            ),
            Entry(
                label="ours", does="client.imports.predictions(id, iterator)", program="ours", row="import_predictions"
            ),
        ),
        prepare=lambda stage: stage.new_project(number),
        counts="predictions made",
        counted={"predictions": number},
        targets=(AtLeast(times=20, ours="ours", than=("new, one by one", "raw, one by one")),),
        changes=True,
        says=_scaled(number, share),
    )


def _annotations(number: int, share: int) -> Row:
    return Row(
        name="annotations",
        title=f"{number:,} annotations onto existing tasks",
        entries=(
            Entry(
                label="new, one by one",
                does="client.annotations.create(task, result=…)",
                program="new",
                row="annotate",
                share=share,
            ),
            Entry(
                label="raw, one by one",
                does="POST /api/tasks/{id}/annotations/",
                program="raw",
                row="annotate",
                share=share,
            ),
            Entry(
                label="ours", does="client.imports.annotations(id, iterator)", program="ours", row="import_annotations"
            ),
            Entry(
                label="ours, helpers kept",
                does='client.imports.annotations(id, iterator, helpers="keep")',
                program="ours",
                row="import_annotations_keep",
                counted={"annotations": number, "predictions": number},
            ),
        ),
        prepare=lambda stage: stage.new_project(number),
        counts="annotations made",
        counted={"annotations": number},
        targets=(AtLeast(times=30, ours="ours, helpers kept", than=("new, one by one", "raw, one by one")),),
        changes=True,
        says=f"{_scaled(number, share)} The server deletes the helper predictions one by one, which is most of the "
        "time where they are not kept.",
    )


def _scaled(number: int, share: int) -> str:
    times = number // share
    return f"One by one, {share} were made on a connection that is kept alive, and the time taken times {times}."


def _import(tasks: int) -> Row:
    return Row(
        name="import",
        title=f"Import {tasks:,} small tasks from an iterator",
        entries=(
            Entry(label="new", does="client.projects.import_tasks(id, request=[…])", program="new", row="import_tasks"),
            Entry(label="raw", does="one POST /api/projects/{id}/import", program="raw", row="import_tasks"),
            Entry(label="ours", does="client.imports.tasks(id, iterator)", program="ours", row="import_tasks"),
        ),
        prepare=lambda stage: {**stage.new_project(), "size": tasks},
        counts="tasks",
        counted={"tasks": tasks},
        targets=(
            AtMost(times=1.1, ours="ours", than=("raw",)),
            AtMost(times=1 / 3, ours="ours", than=("new",), measure="peak_mb"),
        ),
        fresh=True,
        changes=True,
    )
