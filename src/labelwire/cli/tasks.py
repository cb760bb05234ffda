"""`labelwire tasks`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .command import Limit, Project, Yes, agree, command

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..client import Client
    from .show import Show

app = typer.Typer(help="List, import, export and delete a project's tasks.", no_args_is_help=True)

COLUMNS = ("id", "data", "is_labeled", "total_annotations", "total_predictions", "created_at")

View = Annotated[int | None, typer.Option(help="The id of a view, whose filters apply; labelwire views list.")]
Ledger = Annotated[Path | None, typer.Option(help="File that remembers what was sent, to go on after an interruption.")]
Skip = Annotated[
    bool, typer.Option("--skip-refused", help="Go on when some are refused, and end with 5; else nothing stays.")
]
Format = Annotated[
    str | None, typer.Option(help="json, jsonl, csv, tsv, txt or parquet, where the file's name does not say it.")
]


@command(app, "list", examples=["labelwire tasks list 1 --limit 10", "labelwire tasks list 1 --columns id,data.text"])
def list_(client: Client, show: Show, project: Project, view: View = None, limit: Limit = None) -> None:
    """List a project's tasks."""
    show.items(client.tasks.list(project=project, view=view, page_size=min(limit or 1000, 1000)), COLUMNS, limit)


@command(
    app,
    "import",
    examples=["labelwire tasks import 1 tasks.json", "cat tasks.jsonl | labelwire tasks import 1 -"],
)
def import_(
    client: Client,
    show: Show,
    project: Project,
    file: Annotated[str, typer.Argument(help="JSON, JSONL, CSV, TSV, TXT or Parquet; - for standard input, JSONL.")],
    format: Format = None,
    key: Annotated[
        str | None, typer.Option(help="data.NAME or data: tasks that the project has already are not made again.")
    ] = None,
    ledger: Ledger = None,
    skip_refused: Skip = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
) -> None:
    """Import tasks, each exactly once; -q prints their ids."""
    from . import output, values
    from .show import report

    with values.file(file, format) as path, output.Watch() as watch:
        done = client.imports.tasks(
            project,
            path,
            format=format,
            key=key,
            ledger=ledger,
            dry_run=dry_run,
            on_refusal="skip" if skip_refused else "raise",
            progress=watch.progress("Importing tasks"),
        )
    raise typer.Exit(report(done, show))


@command(app, examples=["labelwire tasks upload 1 images/", "labelwire tasks upload 1 a.jpg b.jpg"])
def upload(
    client: Client,
    show: Show,
    project: Project,
    files: Annotated[list[Path], typer.Argument(help="Media files, or folders of them.", exists=True)],
    data_key: Annotated[
        str | None, typer.Option(help="Which field of the data the file is.", show_default="the configuration's")
    ] = None,
    ledger: Ledger = None,
) -> None:
    """Upload images, audio or videos, each a task; -q prints the tasks' ids. Then: labelwire export."""
    from . import output
    from .show import report

    with output.Watch() as watch:
        done = client.imports.files(
            project, list(_files(files)), data_key=data_key, ledger=ledger, progress=watch.progress("Uploading")
        )
    raise typer.Exit(report(done, show))


@command(app, examples=["labelwire tasks export 1 tasks.json", "labelwire tasks export 1 - | head"])
def export(
    client: Client,
    project: Project,
    file: Annotated[str, typer.Argument(help="To end in .json or .jsonl; - for standard output, JSONL.")],
    view: View = None,
) -> None:
    """Write all tasks with their annotations and predictions, as Label Studio has them.

    For training data: labelwire export.
    """
    from . import output
    from .command import Form
    from .show import Show

    if file == "-":
        Show(Form.JSONL).items(client.tasks.read(project=project, view=view), ())
        return
    done = client.tasks.save(project=project, path=file, view=view)
    output.err().print(f"The tasks are in {done}", soft_wrap=True)


@command(app, examples=["labelwire tasks delete 1 17 18", "labelwire tasks delete 1 --all"])
def delete(
    client: Client,
    project: Project,
    ids: Annotated[list[str] | None, typer.Argument(help="The tasks' ids; - reads them from standard input.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All tasks of the project.")] = False,
    yes: Yes = False,
) -> None:
    """Delete tasks with their annotations and predictions. It asks first."""
    from . import output, values

    if bool(ids) == everything:
        raise typer.BadParameter("Name the ids of the tasks, or --all.")
    found = client.projects.get(project)
    there = list(client.tasks.ids(project=project)) if everything else values.ids(ids or [])
    agree(f"{len(there):,} tasks of project {project}, {found.title!r}, will be deleted from {client.url}.", yes=yes)
    done = client.tasks.delete_many(project=project, ids=there)
    output.err().print(str(done), soft_wrap=True)
    if done.skipped:
        output.err().print(f"{done.skipped:,} of them were not in the project.", soft_wrap=True)
        raise typer.Exit(output.PARTLY if done.deleted else output.NOT_FOUND)


def _files(places: Sequence[Path]) -> Iterator[Path]:
    """The files, and those that the folders hold, but for hidden ones."""
    for place in places:
        if place.is_dir():
            yield from (one for one in sorted(place.rglob("*")) if one.is_file() and not one.name.startswith("."))
        else:
            yield place
