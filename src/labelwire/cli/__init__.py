"""The command `labelwire`: a thin skin over the library. `app.py` says which commands there are."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line; without its extra, says how to get it."""
    try:
        from .app import app

        app()
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("typer", "rich"):
            raise
        sys.stderr.write('The command labelwire needs typer and rich: pip install "labelwire[cli]"\n')
        sys.exit(1)
