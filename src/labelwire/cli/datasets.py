"""`labelwire export`, `import` and `convert`: training data out, datasets in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import complete
from .command import command

if TYPE_CHECKING:
    from ..client import Client
    from ..formats import Report
    from .show import Show

Written = Annotated[
    str, typer.Option("--format", "-f", help="yolo, coco, ...; labelwire formats.", autocompletion=complete.written)
]
Config = Annotated[
    Path | None, typer.Option(help="File with a labeling configuration, XML.", show_default="the project's")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there already.")]
Project = Annotated[int, typer.Argument(help="Its id; labelwire projects list.", autocompletion=complete.projects)]

FORMAT = ("name", "title", "writes", "reads", "needs")


def add(app: typer.Typer) -> None:
    """Adds the commands to the app."""
    command(
        app,
        "export",
        examples=[
            "labelwire export 1 --format yolo data/",
            "labelwire export 1 -f coco coco.zip --media --split train=0.8,val=0.2",
        ],
    )(export)
    command(app, "import", examples=["labelwire import coco/ --title Cats", "labelwire import yolo/ --project 1"])(
        import_
    )
    command(app, "convert", examples=["labelwire convert export.json data/ --format yolo --config config.xml"])(convert)
    command(app, "formats", examples=["labelwire formats"])(formats)


def export(
    client: Client,
    choice: Any,
    project: Project,
    path: Annotated[Path, typer.Argument(help="A folder, .zip, .tar or .tar.gz; for formats of one file, that file.")],
    format: Written,
    media: Annotated[bool, typer.Option("--media", help="Fetch images, audio and videos too.")] = False,
    view: Annotated[int | None, typer.Option(help="The id of a view, whose filters apply.")] = None,
    config: Config = None,
    overwrite: Overwrite = False,
) -> None:
    """Write a project as training data: YOLO, COCO and the others of `labelwire formats`.

    What cannot be in it is reported on stderr; a media file that cannot be had ends it with status 5.
    """
    from . import output

    with output.Watch() as watch:
        done = client.exports.dataset(
            project,
            format=format,
            path=path,
            with_media=media,
            view=view,
            config=config,
            overwrite=overwrite,
            progress=watch.progress("Exporting"),
            **choice,
        )
    _end(done)


def convert(
    choice: Any,
    tasks: Annotated[Path, typer.Argument(help="Tasks as Label Studio exports them, JSON or JSONL.", exists=True)],
    path: Annotated[Path, typer.Argument(help="A folder, .zip, .tar or .tar.gz; for formats of one file, that file.")],
    format: Written,
    media: Annotated[Path | None, typer.Option(help="Folder of the media files, which are copied.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="File with the labeling configuration, XML.", show_default="guessed")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Convert exported tasks to training data, without a server."""
    from .. import formats
    from . import output

    with output.Watch() as watch:
        watch.show("Converting")
        done = formats.convert(tasks, format, path, config=config, with_media=media, overwrite=overwrite, **choice)
    _end(done)


def import_(
    client: Client,
    show: Show,
    path: Annotated[Path, typer.Argument(help="The dataset's folder, or the file with its annotations.", exists=True)],
    project: Annotated[
        int | None, typer.Option(help="Where to.", show_default="a new project", autocompletion=complete.projects)
    ] = None,
    title: Annotated[str | None, typer.Option(help="Of the new project.", show_default="the path's name")] = None,
    format: Annotated[
        str | None,
        typer.Option("--format", "-f", help="What it is.", show_default="seen", autocompletion=complete.readable),
    ] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of the images, where they are elsewhere.")] = None,
    config: Config = None,
    ledger: Annotated[Path | None, typer.Option(help="File that remembers what was sent, to go on later.")] = None,
) -> None:
    """Import a dataset with its annotations: COCO, YOLO, Pascal VOC and others. -q prints the tasks' ids."""
    from . import output

    own = {"images": images} if images is not None else {}
    with output.Watch() as watch:
        done = client.imports.dataset(
            project,
            path,
            format=format,
            title=title,
            config=config,
            ledger=ledger,
            progress=watch.progress("Importing"),
            **own,
        )
    output.err().print(str(done), soft_wrap=True)
    output.err().print(f"See it: {client.url}/projects/{done.project}/data", soft_wrap=True)
    if show.quiet:
        show.items([{"id": one} for one in done.task_ids], ("id",))
    else:
        summary = {"project": done.project, "format": done.format, "tasks": len(done.task_ids)}
        show.item({"id": done.project, **summary}, tuple(summary))
    raise typer.Exit(output.PARTLY if done.imported.refused else 0)


def formats(show: Show) -> None:
    """List the formats that export, import and convert know."""
    from ..formats.registry import FORMATS

    rows = [
        {
            "id": one.name,
            "name": one.name,
            "title": one.title,
            "writes": "yes" if one.writer else "",
            "reads": "yes" if one.reader else "",
            "needs": f"labelwire[{one.extra}]" if one.extra else "",
        }
        for one in FORMATS.values()
    ]
    show.items(rows, FORMAT)


def _end(done: Report) -> None:
    """Says what was done; a file that was to be there and is not makes it a part."""
    from ..formats.media import NO_FILE, UNREADABLE
    from . import output

    output.err().print(str(done), soft_wrap=True)
    raise typer.Exit(output.PARTLY if done.counts.keys() & {NO_FILE, UNREADABLE} else 0)
