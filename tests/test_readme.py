"""The examples of the README and of docs/bulk.md run as they stand, on the real server."""

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
BULK = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "bulk.md").read_text("utf-8"), re.DOTALL)

TEXTS = """
import json
from pathlib import Path

lines = [json.dumps({"text": f"text {n}"}) for n in range(30)]
Path("tasks.jsonl").write_text("\\n".join(lines))
region = {"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["good"]}}
tasks = client.tasks.list(project=project.id).to_list()
model = lambda task: [region]
mine = {task.id: [region] for task in tasks}
"""

PHOTOS = """
from pathlib import Path
from PIL import Image

project = client.start_project(title="Photos", label_config='<View><Image name="img" value="$image"/>'
    '<Choices name="kind" toName="img"><Choice value="cat"/></Choices></View>')
Path("photos").mkdir()
Image.new("RGB", (8, 8)).save("photos/a cat.jpg")
detect = lambda path: [{"from_name": "kind", "to_name": "img", "type": "choices", "value": {"choices": ["cat"]}}]
"""


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
    assert len(BLOCKS) == 4
    with server.client() as client:
        project = client.projects.create(title="For the README").id
    for block in BLOCKS:
        whole = block if "import " in block else BLOCKS[0] + block
        runs(runnable(whole.replace("project=1", f"project={project}"), server), tmp_path)
    assert (tmp_path / "reviews.json").is_file()


@pytest.mark.server
@pytest.mark.parametrize("number", range(len(BULK)))
def test_the_examples_of_many_at_a_time_run(server: LocalServer, tmp_path: Path, number: int) -> None:
    block = BULK[number]
    runs(runnable(BLOCKS[0] + (PHOTOS if "photos" in block else TEXTS) + block, server), tmp_path)


def runs(script: str, folder: Path) -> None:
    """Run the script as a program of its own; it must end well and say nothing on stderr."""
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), script


def test_the_two_commands_are_targets_of_make() -> None:
    commands = re.findall(r"\$ make (\S+)", README)
    assert commands[:2] == ["demo", "test"]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(commands) <= set(targets)


def test_the_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
