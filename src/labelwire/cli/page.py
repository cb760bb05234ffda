"""`python -m labelwire.cli.page` writes docs/command-line.md, from what the commands say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from .app import app

WIDTH = 100

HEAD = """# The command line

What `labelwire COMMAND --help` says, on one page; `python -m labelwire.cli.page > docs/command-line.md` writes it.
`pip install "labelwire[cli]"` brings the command, `labelwire --install-completion` completes it in bash, zsh and fish.
"""


def page() -> str:
    """The page, in Markdown."""
    return HEAD + "".join(_sections(typer.main.get_command(app), "labelwire", None))


def _sections(command: Any, name: str, parent: Any) -> Iterator[str]:
    context = command.context_class(command, info_name=name, parent=parent, terminal_width=WIDTH)
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield f"\n## {context.command_path}\n\n```text\n{text}\n```\n"
    for inner in command.list_commands(context) if hasattr(command, "list_commands") else ():
        yield from _sections(command.get_command(context, inner), inner, context)


if __name__ == "__main__":
    typer.echo(page(), nl=False)
