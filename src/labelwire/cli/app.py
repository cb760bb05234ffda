"""The commands, and what is the same for all of them: `--version`, `--debug`, groups in the help, and errors.

A new command is a function in a module of its own, named at the end of this one and in `GROUPS`. At its top such a
module imports typer and nothing heavy: `labelwire --help` imports them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from . import api, datasets, demo, doctor, login, nouns, projects, results, server, tasks

if TYPE_CHECKING:
    # A newer typer brings its own click.
    Context = Any

GROUPS = {
    "Begin": ("login", "logout", "profiles", "doctor", "server", "demo"),
    "Training data": ("export", "import", "convert", "formats"),
    "On the server": (
        "projects",
        "tasks",
        "annotations",
        "predictions",
        "views",
        "storages",
        "users",
        "webhooks",
        "api",
    ),
}
"""The commands as the help shows them."""


class Commands(TyperGroup):
    """The root: what labelwire raises ends as one message and an exit status."""

    def invoke(self, ctx: Context) -> Any:
        """Runs the command that was asked for."""
        import sys

        from . import output

        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()  # while a reader that has gone is still no error
        except typer.Abort as end:
            if isinstance(end.__context__, KeyboardInterrupt):  # at a question
                raise typer.Exit(output.INTERRUPTED) from None
            raise
        except Exception as error:
            status = output.status_of(error)
            if status is None:
                raise
            output.complain(error, traceback=bool(ctx.params.get("debug")))
            raise typer.Exit(status) from None
        except KeyboardInterrupt:
            raise typer.Exit(output.INTERRUPTED) from None

    def list_commands(self, ctx: Context) -> list[str]:
        """The names in the order of the groups."""
        order = [name for names in GROUPS.values() for name in names]
        return sorted(super().list_commands(ctx), key=order.index)

    def format_commands(self, ctx: Context, formatter: Any) -> None:
        """Writes the commands into the help, group by group."""
        width = max(len(name) for name in self.list_commands(ctx))
        for title, names in GROUPS.items():
            found = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), one.get_short_help_str(90)) for name, one in found if one])


app = typer.Typer(
    name="labelwire",
    cls=Commands,
    no_args_is_help=True,
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
    ctx: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Print each request, and where an error comes from.")] = False,
) -> None:
    """Label Studio from the command line.

    From nothing to a dataset; COMMAND --help says more of each:

    \b
      labelwire server start              # or have one already
      labelwire login --local             # or: labelwire login https://...
      labelwire projects create Cats --boxes Cat,Dog
      labelwire tasks upload 1 images/
      labelwire export 1 --format yolo data/

    Results go to stdout, everything else to stderr. Lists are tables on a terminal and JSON Lines elsewhere; -o says
    otherwise, and -q prints ids alone. NO_COLOR is heeded.

    The server and the token are --url and --api-key, else those of --profile, else LABEL_STUDIO_URL and
    LABEL_STUDIO_API_KEY, else those of the profile that LABELWIRE_PROFILE names, or of the last login. A token goes to
    its own server alone: that of LABEL_STUDIO_API_KEY is LABEL_STUDIO_URL's, where both are set.

    Exit status: 0 done, 1 error, 2 wrong usage, 3 not allowed (a missing or wrong credential), 4 not found,
    5 partly done (some items were refused; the report says which), 130 interrupted.
    """
    if debug:
        from .output import Log

        ctx.call_on_close(Log().close)


login.add(app)
app.add_typer(login.profiles, name="profiles")
doctor.add(app)
app.add_typer(server.app, name="server")
app.command()(demo.demo)
datasets.add(app)
app.add_typer(projects.app, name="projects")
app.add_typer(tasks.app, name="tasks")
app.add_typer(results.of_annotations, name="annotations")
app.add_typer(results.of_predictions, name="predictions")
app.add_typer(nouns.views, name="views")
app.add_typer(nouns.storages, name="storages")
app.add_typer(nouns.users, name="users")
app.add_typer(nouns.webhooks, name="webhooks")
api.add(app)
