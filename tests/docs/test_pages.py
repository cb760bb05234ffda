"""Every page of the docs, and the README, runs as it stands, on the real server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
import typer

import labelwire
from labelwire import LocalServer
from labelwire.cli.app import app
from labelwire.server.places import cache_dir

from . import pages

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUN = {"python", "console"}
SHOWN = {"text", "yaml", "toml", "xml", "json"}
"""Languages of blocks that are there to be read."""

RUNNABLE = [page for page in PAGES if any(block.language in RUN for block in pages.blocks(page))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.server
@pytest.mark.parametrize("page", RUNNABLE, ids=name)
def test_a_page_runs_from_an_empty_folder(page: Path, server: LocalServer, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    cache = tmp_path / "cache"
    cache.mkdir()
    for kept in cache_dir().iterdir():  # installed servers are shared, fetched media are not
        (cache / kept.name).symlink_to(kept)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LABEL_STUDIO_URL": server.url,
        "LABEL_STUDIO_API_KEY": server.api_key,
        "LABELWIRE_CACHE_DIR": str(cache),
        "LABELWIRE_CONFIG_DIR": str(tmp_path / "config"),
    }
    command = [sys.executable, pages.__file__, str(page)]
    with (tmp_path / "said").open("w+") as said:  # a file, since what the page leaves running would keep a pipe open
        made = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said, start_new_session=True)
        status = made.wait()
        with suppress(ProcessLookupError):
            os.killpg(made.pid, signal.SIGTERM)
        said.seek(0)
        lines = said.read().splitlines()
    print("\n".join(line for line in lines if line.startswith(":: ") and "not run" in line))  # noqa: T201
    assert status == 0, "\n".join(lines)
    assert not [line for line in lines if line.startswith("Traceback")], lines
    told = [line for line in lines if line.startswith(":: ")]
    assert len(told) == sum(block.language in RUN or block.title is not None for block in pages.blocks(page))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_block_is_run_or_says_why_not(page: Path) -> None:
    found = pages.blocks(page)
    assert len(found) == page.read_text("utf-8").count("\n```") // 2, "a block that is not understood"
    for block in found:
        assert block.language in RUN | SHOWN, f"line {block.line}"
        assert block.reason is None or len(block.reason.split()) > 3, f"line {block.line}"


def test_the_extras_that_pages_install_are_there() -> None:
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set().union(*map(pages.extras, PAGES)) <= set(known)


def test_every_public_name_and_every_command_is_in_the_docs() -> None:
    written = "\n".join(page.read_text("utf-8") for page in PAGES)
    assert [one for one in labelwire.__all__ if one not in written and one != "__version__"] == []
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert [one for one in commands if f"## labelwire {one}\n" not in written] == []
