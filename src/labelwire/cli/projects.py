"""`labelwire projects`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .command import Limit, Project, Yes, agree, command

if TYPE_CHECKING:
    from ..client import Client
    from .show import Show

app = typer.Typer(help="List, show, create and delete projects.", no_args_is_help=True)

COLUMNS = ("id", "title", "task_number", "num_tasks_with_annotations", "created_at")
DETAILS = (*COLUMNS, "description", "total_annotations_number", "total_predictions_number", "label_config")


@command(app, "list", examples=["labelwire projects list", "labelwire projects list --search cats -o json"])
def list_(
    client: Client,
    show: Show,
    search: Annotated[str | None, typer.Option(help="Words of the title or the description.")] = None,
    limit: Limit = None,
) -> None:
    """List the projects that you may see."""
    show.items(client.projects.list(search=search), COLUMNS, limit)


@command(app, "show", examples=["labelwire projects show 1", "labelwire projects show 1 -o json"])
def show_(client: Client, show: Show, project: Project) -> None:
    """Show a project with its labeling configuration and its numbers."""
    show.item(client.projects.get(project), DETAILS)


@command(
    app,
    examples=["labelwire projects create Cats --config config.xml", "labelwire projects create Cats --boxes Cat,Dog"],
)
def create(
    client: Client,
    show: Show,
    title: Annotated[str, typer.Argument(help="Three characters at least.")],
    config: Annotated[Path | None, typer.Option(help="File with the labeling configuration, XML.", exists=True)] = None,
    boxes: Annotated[str | None, typer.Option(help="In place of --config: boxes on images, with these labels.")] = None,
    description: Annotated[str | None, typer.Option(help="What people read below the title.")] = None,
) -> None:
    """Create a project, and print it. Then: labelwire tasks import, or labelwire tasks upload for images."""
    from .. import label_config as lc

    if config is not None and boxes is not None:
        raise typer.BadParameter("--boxes is in place of --config.")
    made = str(lc.image(boxes=[one.strip() for one in boxes.split(",")])) if boxes else "<View/>"
    text = config.read_text(encoding="utf-8") if config else made
    project = client.projects.create(title=title, label_config=text, description=description or "")
    show.item(project, DETAILS[:2])


@command(app, examples=["labelwire projects delete 1", "labelwire projects delete 1 --yes"])
def delete(client: Client, project: Project, yes: Yes = False) -> None:
    """Delete a project with its tasks, annotations and predictions. It asks first."""
    from . import output

    found = client.projects.get(project)
    what = f"Project {project}, {found.title!r}, with its {found.task_number or 0:,} tasks will be deleted"
    agree(f"{what} from {client.url}.", yes=yes)
    client.projects.delete(project)
    output.err().print(f"Project {project}, {found.title!r}, is deleted.", soft_wrap=True)
