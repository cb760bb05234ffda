"""`labelwire demo`: the library's main job on real images, with what it did and how long it took."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..client import Client
    from ..demo.job import Outcome, Stage, Step
    from .output import Watch

DOING = {
    "project": "Making a project",
    "upload": "Uploading the images",
    "detect": "Finding objects",
    "predict": "Storing the predictions",
    "read": "Reading the tasks back",
    "annotate": "Turning sure predictions into annotations",
    "export": "Exporting",
    "check": "Comparing with what went in",
}
"""What a person reads while a stage of the job goes on."""


def demo(
    url: Annotated[
        str | None,
        typer.Option(help="An existing server to use; the demo's project stays there.", show_default="a local one"),
    ] = None,
    api_key: Annotated[
        str | None,
        typer.Option(help="Its token.", show_default="LABEL_STUDIO_API_KEY, else the profile's"),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the local server running, to look at it.")] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="Keep the local server's data here.", show_default="removed in the end")
    ] = None,
) -> None:
    """Do a whole job on twelve pictures of the Hubble telescope, and check it.

    It uploads them, finds the galaxies in them, stores the finds as predictions, turns the sure ones into annotations,
    exports the project and compares it with what went in.

    A Label Studio of its own is started for that and stopped afterwards; the first time it is installed, which takes
    one to three minutes. Another server is touched only when --url names it: LABEL_STUDIO_URL alone does not.
    """
    if url is not None:
        if data_dir is not None:
            raise typer.BadParameter("--data-dir is for a local server, and --url names another.")
        _there(url, api_key)
    elif api_key is not None:
        raise typer.BadParameter("--api-key needs --url: the local server has a key of its own.")
    else:
        _here(keep=keep, data_dir=data_dir)


def _there(url: str, api_key: str | None) -> None:
    """On a server that exists."""
    from . import output
    from .connect import client

    with client(url, api_key) as connected, output.Watch() as watch:
        outcome = _run(connected, watch)
    _report(outcome, outcome.stages)
    output.err().print("Look at it there; the project stays until you delete it.")
    output.facts({"url": outcome.url})


def _here(*, keep: bool, data_dir: Path | None) -> None:
    """On a local server."""
    from ..demo.job import Stage
    from ..server import LocalServer, launch
    from . import output

    with output.Watch() as watch:
        began = perf_counter()
        if keep:
            server = launch(data_dir=data_dir, on_progress=watch.say)
        else:
            server = LocalServer(data_dir=data_dir, on_progress=watch.say).start()
        try:
            with server.client() as client:
                up = Stage(
                    name="server",
                    what=f"Label Studio {server.version} started",
                    count=1,
                    seconds=perf_counter() - began,
                )
                outcome = _run(client, watch)
            login = {"url": outcome.url, "email": server.email, "password": server.password}
        except BaseException:
            if keep:
                output.err().print(_still_running(data_dir), soft_wrap=True)
            raise
        finally:
            if not keep:
                watch.show("Stopping the server")
            server.stop()  # which leaves alone one that is to stay, or that ran before
    _report(outcome, [up, *outcome.stages])
    _farewell(login, keep=keep, data_dir=data_dir)


def _run(client: Client, watch: Watch) -> Outcome:
    from tempfile import TemporaryDirectory

    from ..demo import job

    def show(step: Step) -> None:
        watch.show(DOING[step.name], step.done, step.total)

    with TemporaryDirectory(prefix="labelwire-demo-") as folder:
        return job.run(client, Path(folder), watch=show)


# What it says ----------------------------------------------------------------------------------------------------


def _report(outcome: Outcome, stages: Sequence[Stage]) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from . import output

    table = Table(box=SIMPLE, show_footer=True)
    table.add_column("stage", "in all", style="bold")
    table.add_column("what happened")
    table.add_column("how many", justify="right")
    table.add_column("seconds", f"{sum(stage.seconds for stage in stages):.2f}", justify="right")
    for stage in stages:
        table.add_row(stage.name, stage.what, str(stage.count), f"{stage.seconds:.2f}")
    output.out().print(table)
    output.err().print(
        f"It all came back as it went in: {outcome.tasks} tasks with their images, {outcome.boxes} boxes, "
        f"{outcome.annotations} annotations.",
        style="green",
        soft_wrap=True,
    )


def _farewell(login: dict[str, str], *, keep: bool, data_dir: Path | None) -> None:
    from ..server import status
    from . import output
    from .server import option

    if data_dir is None and not keep:
        said = "The server is stopped and its data are removed. To look at it in a browser: labelwire demo --keep"
        output.err().print(said, soft_wrap=True)
    elif status(data_dir).running:
        output.err().print(f"Look at it in a browser. {_still_running(data_dir)}", soft_wrap=True)
        output.facts(login)
    else:
        said = f"The server is stopped; its data stay. To look at them: labelwire server start{option(data_dir)}"
        output.err().print(said, soft_wrap=True)


def _still_running(data_dir: Path | None) -> str:
    from .server import stop_command

    return f"The server goes on; stop it with: {stop_command(data_dir)}"
