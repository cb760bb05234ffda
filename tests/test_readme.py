"""The README's examples run as they stand, on the real server."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from labelwire import LocalServer

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def runnable(block: str, server: LocalServer) -> str:
    """The block with this server's address and key; what is awaited gets a loop around it."""
    block = block.replace("http://localhost:8080", server.url).replace('api_key="…"', f"api_key={server.api_key!r}")
    if "async with" not in block:
        return block
    head, body = block.split("\n\n", 1)
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    return f"import asyncio\n{head}\n\nasync def main():\n{indented}\nasyncio.run(main())\n"


@pytest.mark.server
def test_the_examples_run(server: LocalServer, tmp_path: Path) -> None:
    assert len(BLOCKS) == 3
    with server.client() as client:
        project = client.projects.create(title="For the README").id
    for block in BLOCKS:
        script = runnable(block.replace("project=1", f"project={project}"), server)
        done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), script
    assert (tmp_path / "reviews.json").is_file()


def test_the_two_commands_are_targets_of_make() -> None:
    commands = re.findall(r"\$ make (\S+)", README)
    assert commands[:2] == ["demo", "test"]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(commands) <= set(targets)


def test_the_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
