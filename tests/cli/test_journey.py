"""From nothing to a dataset, as somebody types it who has read `labelwire --help` alone."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import labelwire
from labelwire.server.places import cache_dir

from ..conftest import VERSION

pytestmark = pytest.mark.server

IMAGES = Path(labelwire.__file__).parent / "demo" / "images"


class Shell:
    """A terminal in a directory of its own, whose user has no server and no profile yet."""

    def __init__(self, home: Path) -> None:
        self.home = home
        known = {name: value for name, value in os.environ.items() if not name.startswith(("LABEL_STUDIO", "XDG_"))}
        own = {"HOME": str(home), "LABELWIRE_CONFIG_DIR": str(home / "config"), "LABELWIRE_CACHE_DIR": str(cache_dir())}
        self._environment = {**known, **own}

    def __call__(self, line: str, status: int = 0) -> str:
        """What `labelwire LINE` prints."""
        done = subprocess.run(
            [sys.executable, "-m", "labelwire.cli", *shlex.split(line)],
            cwd=self.home,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{line}: {done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    typed = Shell(tmp_path)
    yield typed
    typed("server stop")


def test_from_nothing_to_a_yolo_dataset(shell: Shell) -> None:
    for name in sorted(IMAGES.glob("*.jpg"))[:3]:
        (shell.home / "images").mkdir(exist_ok=True)
        shutil.copy(name, shell.home / "images")
    shell("projects list", status=2)  # which says how to log in
    shell("login --local", status=2)  # which says how to start a server
    told = dict(line.split(maxsplit=1) for line in shell(f"server start --version {VERSION}").splitlines())
    shell("login --local")
    assert shell("profiles list --columns name,url,default -o csv").splitlines()[1:] == [f"default,{told['url']},true"]
    assert json.loads(shell("users me"))["email"] == told["email"]
    assert shell("doctor --columns check,state -o csv").splitlines()[-1] == "token,fine"

    project = shell("projects create Galaxies --boxes Galaxy,Star -q").strip()
    tasks = shell(f"tasks upload {project} images/ -q").split()
    assert len(tasks) == 3
    box = {"x": 10, "y": 20, "width": 30, "height": 40, "rectanglelabels": ["Star"]}
    config = json.loads(shell(f"projects show {project}"))["label_config"]
    control, object_ = (config.partition(f'<{tag} name="')[2].partition('"')[0] for tag in ("RectangleLabels", "Image"))
    region = {"from_name": control, "to_name": object_, "type": "rectanglelabels", "value": box}
    region |= {"original_width": 100, "original_height": 100}
    found = "".join(json.dumps({"task": int(task), "result": [region]}) + "\n" for task in tasks)
    (shell.home / "found.jsonl").write_text(found)
    shell(f"annotations import {project} found.jsonl")

    shell(f"export {project} --format yolo data/ --media")
    labels = sorted((shell.home / "data").rglob("labels/**/*.txt"))
    assert len(labels) == 3
    for one in labels:
        assert [float(number) for number in one.read_text().split()] == pytest.approx([1, 0.25, 0.4, 0.3, 0.4])
    assert len(list((shell.home / "data").rglob("*.jpg"))) == 3
    shell(f"export {project} --format yolo data/", status=2)  # what is there stays
    shell(f"export {project} --format yolo data/ --overwrite --split train=0.5,val=0.5 --set task=segment")
    polygons = [one.read_text().split() for one in (shell.home / "data").rglob("labels/*/*.txt")]
    assert [len(one) for one in polygons] == [9, 9, 9], "a class and four corners, in the split's folders"

    shell(f"tasks export {project} tasks.json")
    shell("convert tasks.json coco --format coco")
    assert len(json.loads(next((shell.home / "coco").rglob("*.json")).read_text())["annotations"]) == 3
    shell(f"export {project} --format yolo again --media")
    imported = json.loads(shell("import again --title Again"))
    assert (imported["format"], imported["tasks"]) == ("yolo", 3)
    shell(f"projects delete {project} --yes")
    assert shell("projects list -q").split() == [str(imported["project"])]
    shell("logout")
    shell("projects list", status=2)
