"""The commands, and what is the same for all of them: `--version`, `--debug`, and errors.

A new command is a function in a module of its own, named at the end of this one. At its top such a module imports
typer and nothing heavy: `labelwire --help` imports them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from . import demo, server

if TYPE_CHECKING:
    # A newer typer brings its own click.
    Context = Any


class Commands(TyperGroup):
    """The root: what labelwire raises ends as one message and an exit status."""

    def invoke(self, ctx: Context) -> Any:
        """Runs the command that was asked for."""
        from . import output

        try:
            return super().invoke(ctx)
        except Exception as error:
            status = output.status_of(error)
            if status is None:
                raise
            output.complain(error, traceback=bool(ctx.params.get("debug")))
            raise typer.Exit(status) from None


app = typer.Typer(
    name="labelwire",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    # Plain help: rich would double the time that it takes.
    rich_markup_mode=None,
    # The variables of a traceback's frames hold tokens.
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from .._version import __version__

        typer.echo(f"labelwire {__version__}")
        raise typer.Exit


@app.callback()
def labelwire(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Print where an error comes from.")] = False,
) -> None:
    """Label Studio from the command line.

    Results go to stdout, everything else to stderr. Exit status: 0 done, 1 error, 2 wrong usage, 3 not allowed
    (a missing or wrong credential), 4 not found.
    """


app.command()(demo.demo)
app.add_typer(server.app, name="server")
