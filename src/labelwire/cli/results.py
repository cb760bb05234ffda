"""`labelwire predictions` and `labelwire annotations`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .command import Project, command
from .tasks import Format, Skip

if TYPE_CHECKING:
    from ..client import Client
    from .show import Show

of_predictions = typer.Typer(help="Import what a model has found.", no_args_is_help=True)
of_annotations = typer.Typer(help="Import what people have labeled.", no_args_is_help=True)

File = Annotated[str, typer.Argument(help="JSON or JSONL; - for standard input, JSONL.")]
Unchecked = Annotated[
    bool, typer.Option("--no-check", help="Do not compare them with the labeling configuration first.")
]


@command(of_predictions, "import", examples=["labelwire predictions import 1 predictions.jsonl"])
def import_predictions(
    client: Client,
    show: Show,
    project: Project,
    file: File,
    format: Format = None,
    no_check: Unchecked = False,
    skip_refused: Skip = False,
) -> None:
    """Import predictions onto existing tasks, each exactly once.

    Each is {"task": 17, "result": [...], "score": 0.9, "model_version": "v1"}.
    """
    _import(client, show, "predictions", project, file, format, no_check, skip_refused)


@command(of_annotations, "import", examples=["labelwire annotations import 1 annotations.jsonl"])
def import_annotations(
    client: Client,
    show: Show,
    project: Project,
    file: File,
    format: Format = None,
    no_check: Unchecked = False,
    skip_refused: Skip = False,
) -> None:
    """Import annotations onto existing tasks, each exactly once.

    Each is {"task": 17, "result": [...]}.
    """
    _import(client, show, "annotations", project, file, format, no_check, skip_refused)


def _import(
    client: Client,
    show: Show,
    what: str,
    project: int,
    file: str,
    format: str | None,
    no_check: bool,
    skip_refused: bool,
) -> None:
    from ..files.sources import rows
    from . import output, values
    from .show import report

    with values.file(file, format) as path, output.Watch() as watch:
        done = getattr(client.imports, what)(
            project,
            rows(path, format=format),
            check=not no_check,
            on_refusal="skip" if skip_refused else "raise",
            progress=watch.progress(f"Importing {what}"),
        )
    raise typer.Exit(report(done, show))
