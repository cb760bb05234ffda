"""The examples of the README, of docs/bulk.md and of docs/formats.md run as they stand, on the real server."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from labelwire import LocalServer
from labelwire.formats import FORMATS as REGISTRY

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
BULK = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "bulk.md").read_text("utf-8"), re.DOTALL)
FORMATS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "formats.md").read_text("utf-8"), re.DOTALL)

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

BEASTS = """
from pathlib import Path
from PIL import Image

project = client.projects.create(title="Beasts", label_config='<View><Image name="img" value="$image"/>'
    '<RectangleLabels name="box" toName="img"><Label value="Cat"/></RectangleLabels></View>')
box = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["Cat"]}
region = {"from_name": "box", "to_name": "img", "type": "rectanglelabels", "value": box}
region |= {"original_width": 8, "original_height": 8}
for name in ("a.png", "b.png"):
    Image.new("RGB", (8, 8)).save(name)
client.imports.files(project.id, ["a.png", "b.png"], annotations=lambda path: [region])
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
    assert len(BLOCKS) == 5
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


@pytest.mark.server
def test_the_examples_of_formats_run(server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABELWIRE_CACHE_DIR", str(tmp_path / "cache"))
    runs(runnable("\n".join([BLOCKS[0], BEASTS, *FORMATS]), server), tmp_path)
    assert (tmp_path / "beasts.zip").is_file()
    assert {path.name for path in (tmp_path / "beasts" / "images").iterdir()} == {"a.png", "b.png"}
    assert (tmp_path / "copied" / "images" / "a.png").is_file()


def test_every_format_is_in_the_page() -> None:
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    table = page[page.index("## The formats") : page.index("## Choices")]
    first = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert {name for cell in first for name in re.findall(r"`([a-z-]+)`", cell)} >= set(REGISTRY)


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
