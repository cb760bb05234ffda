"""What the tests of the commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from labelwire import Client, LocalServer
from labelwire.cli.app import app

Labelwire = Callable[..., Result]

BOXES = '<View><Image name="image" value="$image"/><RectangleLabels name="label" toName="image">'
BOXES += '<Label value="Cat"/><Label value="Dog"/></RectangleLabels></View>'


@pytest.fixture
def labelwire(server: LocalServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Labelwire:
    """Runs a command on the suite's server, as somebody who is logged in; `stdin` is what it is given to read."""
    for name in ("LABEL_STUDIO_HOST", "LABELWIRE_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LABELWIRE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("LABEL_STUDIO_URL", server.url)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", server.api_key)

    def run(*arguments: object, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, [str(one) for one in arguments], input=stdin)

    return run


@pytest.fixture
def texts(client: Client, project: object) -> int:
    """A project with three tasks."""
    number: int = project.id  # type: ignore[attr-defined]  # a Project
    client.imports.tasks(number, [{"text": f"text {n}"} for n in range(3)])
    return number
