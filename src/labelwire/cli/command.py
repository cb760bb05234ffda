"""What commands have in common: `command` gives a function the options of what it asks for by name.

    @command(app, "list", examples=["labelwire projects list -o json"])
    def list_(client: Client, show: Show) -> None: ...

`client` stands for --url, --api-key and --profile, `show` for -o, -q and --columns, `choice` for what a conversion can
be told. None of them is made before the command runs, so that help stays quick.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, get_type_hints

import typer

from . import complete

if TYPE_CHECKING:
    from ..client import Client
    from .show import Show

Function: TypeAlias = Callable[..., None]


class Form(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


Project = Annotated[
    int, typer.Argument(help="The project's id; labelwire projects list.", autocompletion=complete.projects)
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Limit = Annotated[int | None, typer.Option("--limit", "-n", min=1, help="At most so many.", show_default="all")]

Url = Annotated[
    str | None, typer.Option("--url", help="The server.", show_default="LABEL_STUDIO_URL, else the profile's")
]
Key = Annotated[
    str | None,
    typer.Option("--api-key", help="Its token.", show_default="LABEL_STUDIO_API_KEY, else the profile's"),
]
ProfileName = Annotated[
    str | None,
    typer.Option("--profile", help="A server that `labelwire login` keeps.", autocompletion=complete.profiles),
]


def _client(url: Url = None, api_key: Key = None, profile: ProfileName = None) -> Client:
    from .connect import client

    return client(url, api_key, profile)


def _show(
    output: Annotated[
        Form | None,
        typer.Option("--output", "-o", help="How to print.", show_default="table on a terminal, else jsonl"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print ids alone, one a line.")] = False,
    columns: Annotated[
        str | None, typer.Option("--columns", help="The fields that a table or CSV has, such as id,title.")
    ] = None,
) -> Show:
    from .show import Show

    return Show(output, quiet=quiet, columns=columns.split(",") if columns else None)


def _choice(
    split: Annotated[str | None, typer.Option(help="Shares by name, such as train=0.8,val=0.2.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another one gives another split.", show_default="0")] = None,
    annotations: Annotated[
        str | None,
        typer.Option(
            help='Which of a task: latest, first, "ground truth", all, user or agreement.',
            show_default="the format's own",
        ),
    ] = None,
    by: Annotated[str | None, typer.Option(help="The user, by id or email, of --annotations user.")] = None,
    source: Annotated[str | None, typer.Option(help="annotations or predictions.", show_default="annotations")] = None,
    classes: Annotated[
        str | None, typer.Option(help="In their order, such as Cat,Dog.", show_default="the configuration's order")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=VALUE: any other option of the format, such as task=segment."),
    ] = None,
) -> dict[str, Any]:
    from .values import pairs, shares

    given = {"seed": seed, "annotations": annotations, "source": source}
    choice: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if by is not None:
        choice["by"] = int(by) if by.isdigit() else by
    if split is not None:
        choice["split"] = shares(split)
    if classes is not None:
        choice["classes"] = [one.strip() for one in classes.split(",")]
    return {**choice, **pairs(set_ or [])}


ASKED: Mapping[str, Callable[..., Any]] = {"client": _client, "show": _show, "choice": _choice}
"""What a command may ask for, and what makes it of options."""

UNKNOWN: Mapping[str, Any] = {"Client": Any, "Show": Any}
"""Types that are not imported before they are used."""


def command(
    app: typer.Typer, name: str | None = None, *, examples: Sequence[str] = ()
) -> Callable[[Function], Function]:
    """Adds the function to the app as a command; its docstring is the help, and the examples come after it."""

    def add(function: Function) -> Function:
        hints = get_type_hints(function, localns=dict(UNKNOWN), include_extras=True)
        wanted = inspect.signature(function).parameters
        makers = {one: ASKED[one] for one in wanted if one in ASKED}
        options = {one: _parameters(maker) for one, maker in makers.items()}
        own = [one.replace(annotation=hints[one.name]) for one in wanted.values() if one.name not in makers]

        @functools.wraps(function)
        def run(**given: Any) -> None:
            for one, maker in makers.items():
                made = maker(**{option.name: given.pop(option.name) for option in options[one]})
                given[one] = made
            try:
                function(**given)
            finally:
                if "client" in makers:
                    given["client"].close()

        parameters = [*own, *(option for group in options.values() for option in group)]
        keywords = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
        vars(run).pop("__wrapped__")
        run.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]  # what inspect reads
        run.__annotations__ = {one.name: one.annotation for one in keywords}
        text = inspect.cleandoc(function.__doc__ or "")
        if examples:
            text += "\n\n\b\nExamples:\n" + "\n".join(f"  {example}" for example in examples)
        app.command(name, help=text)(run)
        return function

    return add


@functools.cache
def _parameters(maker: Callable[..., Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(maker, localns=dict(UNKNOWN), include_extras=True)
    return [one.replace(annotation=hints[one.name]) for one in inspect.signature(maker).parameters.values()]


def agree(what: str, *, yes: bool) -> None:
    """Asks before something is gone for good; `yes` has answered already.

    Without a terminal nobody can be asked, and that is wrong usage; who says no ends with status 1.
    """
    import sys

    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"{what} This is for good: say --yes where nobody can be asked.")
    typer.confirm(f"{what} Go on?", abort=True, err=True)
