"""`labelwire doctor`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .command import Key, ProfileName, Url, command

if TYPE_CHECKING:
    from .show import Show

COLUMNS = ("check", "state", "found", "advice")


def add(app: typer.Typer) -> None:
    """Adds the command to the app."""
    command(app, "doctor", examples=["labelwire doctor", "labelwire doctor --url https://labels.example"])(doctor)


def doctor(show: Show, url: Url = None, api_key: Key = None, profile: ProfileName = None) -> None:
    """Find out why a server cannot be used: the way to it, its version, your token.

    It ends with 1 where something is wrong, and says what to do.
    """
    import msgspec

    from ..doctor import examine
    from . import output
    from .command import Form

    findings = list(examine(url, api_key, profile=profile, own_server=True))
    if show.form is Form.TABLE:
        marks = {"fine": "✓", "note": "-", "wrong": "✗"}
        for one in findings:
            output.out().print(f"{marks[one.state]} {one.check}: {one.found}", soft_wrap=True)
            if one.advice:
                output.out().print(f"    {one.advice}", soft_wrap=True)
    else:
        show.items([msgspec.to_builtins(one) for one in findings], COLUMNS)
    raise typer.Exit(output.ERROR if any(one.state == "wrong" for one in findings) else 0)
