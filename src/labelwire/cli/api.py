"""`labelwire api`: any call of the API."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .command import Form, command

if TYPE_CHECKING:
    from ..client import Client


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    command(
        app,
        "api",
        examples=[
            "labelwire api GET /api/projects --all",
            "labelwire api GET /api/tasks project=1 page_size=1000 --all",
            "labelwire api PATCH /api/projects/1 title=Cats maximum_annotations=2",
            "labelwire api POST /api/projects/1/import -f tasks.json",
        ],
    )(api)


def api(
    client: Client,
    method: Annotated[str, typer.Argument(help="GET, POST, PATCH, PUT or DELETE.")],
    path: Annotated[str, typer.Argument(help="Such as /api/projects.")],
    fields: Annotated[
        list[str] | None, typer.Argument(help="NAME=VALUE: of the query for GET, else of the body; JSON or text.")
    ] = None,
    file: Annotated[str | None, typer.Option("--file", "-f", help="The body, JSON; - for standard input.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every page of a listing, an item a line.")] = False,
) -> None:
    """Make any call of the API with your token, and print the answer."""
    import msgspec

    from . import values

    method = method.upper()
    given = values.pairs(fields or [])
    if everything and method != "GET":
        raise typer.BadParameter("--all is for GET.")
    if file is not None and (given or method == "GET"):
        raise typer.BadParameter("--file is the whole body of a write: no fields beside it, and no GET.")
    if everything:
        from .listing import every
        from .show import Show

        Show(Form.JSONL).items(every(client, path, given), ())
        return
    if method == "GET":
        response = client.make_request(method, path, params=given)
    elif file is not None:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        response = client.make_request(method, path, data=content, headers={"Content-Type": "application/json"})
    else:
        response = client.make_request(method, path, **({"json": given} if given else {}))
    try:
        text = msgspec.json.format(response.content, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        sys.stdout.flush()
        sys.stdout.buffer.write(response.content)  # a file, or nothing
    else:
        sys.stdout.write(text + "\n")
