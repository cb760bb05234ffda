"""The command `labelwire`: a thin skin over the library. `app.py` says which commands there are."""

from __future__ import annotations

import sys
from io import TextIOWrapper


def main() -> None:
    """Runs the command line; without its extra, says how to get it."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A program reads UTF-8 from a pipe, as JSON is; what a terminal has no letter for is no error.
        sys.stdout.reconfigure(encoding=None if sys.stdout.isatty() else "utf-8", errors="backslashreplace")
    try:
        from .app import app

        app()
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("typer", "rich"):
            raise
        sys.stderr.write('The command labelwire needs typer and rich: pip install "labelwire[cli]"\n')
        sys.exit(1)
