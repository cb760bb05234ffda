"""`labelwire server`: a Label Studio on this machine that goes on when the command has ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..server import ServerStatus

app = typer.Typer(help="Start, stop and find a Label Studio on this machine.", no_args_is_help=True)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Directory with the server's data.", show_default="labelwire's own")
]


@app.command()
def start(
    data_dir: DataDir = None,
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1.", show_default="the last one, else any")] = None,
    version: Annotated[str | None, typer.Option(help="Label Studio's version.", show_default="a current one")] = None,
) -> None:
    """Start a server, or find the one that runs on the data directory, and print how to log in.

    The first start of a version installs it, which takes one to three minutes.
    """
    from .. import server
    from . import output

    with output.Watch() as watch:
        launched = server.launch(data_dir=data_dir, port=port, version=version, on_progress=watch.say)
    describe(server.status(launched.data_dir))
    if data_dir is None:
        output.err().print("Use it from here: labelwire login --local")
    output.err().print(f"Stop it with: {stop_command(data_dir)}", soft_wrap=True)


@app.command()
def stop(data_dir: DataDir = None) -> None:
    """Stop the server; its data stay. It is no error when none runs."""
    from .. import server
    from . import output

    stopped = server.stop(data_dir)
    where = server.status(data_dir).data_dir
    said = f"The server is stopped. Its data stay in {where}" if stopped else f"No server runs on {where}"
    output.err().print(said, soft_wrap=True)


@app.command()
def status(data_dir: DataDir = None) -> None:
    """Print where the server is and how to log in; exit status 1 when none runs."""
    from .. import server
    from . import output

    known = server.status(data_dir)
    if not known.running:
        output.err().print(f"No server runs on {known.data_dir}", soft_wrap=True)
        raise typer.Exit(output.ERROR)
    describe(known)


def describe(known: ServerStatus) -> None:
    """Prints what a person needs to know of a server that runs."""
    from . import output

    output.facts(
        {
            "url": known.url,
            "email": known.email,
            "password": known.password,
            "version": known.version,
            "pid": known.pid,
            "data dir": known.data_dir,
        }
    )


def stop_command(data_dir: Path | None) -> str:
    """What a user types to stop the server on this data directory."""
    return f"labelwire server stop{option(data_dir)}"


def option(data_dir: Path | None) -> str:
    """The data directory as a user types it after a command."""
    import shlex

    return f" --data-dir {shlex.quote(str(data_dir))}" if data_dir else ""
