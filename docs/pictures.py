"""Writes docs/pictures: the site's front page, and a session of the command line, what notebooks show, a task and a
report, all of one project on a real Label Studio.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from html import escape
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from labelwire import Client, LocalServer, demo

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
SIZES = {"front": (1200, 960), "report": (1040, 1800), "terminal": (1010, 740), "notebook": (1140, 1440)}
"""Width and height of what is drawn by a browser."""

COLUMNS = 108
COMMANDS = (
    "labelwire projects list",
    "labelwire tasks list {project} --limit 4 --columns id,data.image,is_labeled,total_annotations",
    "labelwire export {project} --format yolo data/",
)
SESSION = """<!doctype html><meta charset="utf-8"><title>labelwire on the command line</title>
<style>
body {{ margin: 0; padding: 24px; background: #fff }}
main {{ background: #1c1e26; color: #d9dce3; border-radius: 10px; padding: 18px 24px 8px }}
i {{ display: inline-block; width: 12px; height: 12px; margin: 0 7px 14px 0; border-radius: 50%; background: #4a4e5a }}
pre {{ margin: 0; font: 14px/1.42 ui-monospace, monospace }}
</style>
<main><i></i><i></i><i></i><pre>{code}</pre></main>
"""
PHOTOS = sorted((Path(demo.__file__).parent / "images").glob("*.jpg"))
SIZE = {"original_width": 240, "original_height": 240}
CONFIG = """
<View>
  <Image name="photo" value="$image"/>
  <RectangleLabels name="object" toName="photo">
    <Label value="Spiral" background="#f76707"/><Label value="Star" background="#339af0"/>
  </RectangleLabels>
  <EllipseLabels name="halo" toName="photo"><Label value="Elliptical" background="#51cf66"/></EllipseLabels>
  <Choices name="quality" toName="photo"><Choice value="sharp"/><Choice value="blurred"/></Choices>
</View>
"""
CELLS = ("project", "client.tasks.list(project=project.id)", "task")
NOTEBOOK = """<!doctype html><meta charset="utf-8"><title>labelwire in a notebook</title>
<style>
body { margin: 0; padding: 18px 24px; background: #fff; font: 14px/1.5 system-ui, sans-serif; color: #1c1e26 }
small { color: #6b7280 }
section { display: grid; grid-template-columns: 56px 1fr; margin-top: 14px }
section > * { min-width: 0 }
code { color: #6b7280; font: 13px/1.6 ui-monospace, monospace; padding: 8px 0 }
pre { margin: 0; padding: 8px 12px; background: #f5f6f8; border: 1px solid #e1e4e8; border-radius: 3px;
  font: 13px/1.6 ui-monospace, monospace }
div.out { padding: 10px 0 }
table { border-collapse: collapse; font-size: 12px }
th, td { text-align: left; padding: 4px 10px 4px 0; vertical-align: top; overflow-wrap: break-word }
</style>
<small>What labelwire gives a notebook to show, in the manner of one; not a picture of Jupyter.</small>
"""
PEOPLE = ("ada", "grace", "vera")


def result(task: int, person: int) -> list[dict[str, Any]]:
    """What somebody draws: nearly the same as the others, and not always under the same name."""
    place, hand = Random(task), Random(100 * task + person)  # noqa: S311 - the same pictures every time
    found: list[dict[str, Any]] = []
    for number in range(3):
        x, y = 8 + 29 * number + 8 * place.random(), 12 + 50 * place.random()
        label = "Star" if place.random() < 0.4 else "Spiral"
        if hand.random() < 0.15:
            label = "Spiral" if label == "Star" else "Star"
        box = {"x": x + 2 * hand.random(), "y": y + 2 * hand.random(), "width": 17 + 3 * hand.random(), "height": 16}
        value = {**box, "rotation": 25 if number == 1 else 0, "rectanglelabels": [label]}
        found.append(region(f"b{number}", "object", "rectanglelabels", value))
    halo = {"x": 24 + hand.random(), "y": 84, "radiusX": 9 + hand.random(), "radiusY": 6, "rotation": 345}
    found.append(region("halo", "halo", "ellipselabels", {**halo, "ellipselabels": ["Elliptical"]}))
    quality = "sharp" if hand.random() < 0.8 else "blurred"
    found.append({"from_name": "quality", "to_name": "photo", "type": "choices", "value": {"choices": [quality]}})
    return found


def region(id: str, control: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """A region on the photo."""
    return {"id": id, "from_name": control, "to_name": "photo", "type": kind, "value": value, **SIZE}


def fill(client: Client) -> tuple[int, list[int]]:
    """A project that three people have labeled."""
    project = client.projects.create(title="Hubble eXtreme Deep Field", label_config=CONFIG)
    tasks = list(client.imports.files(project.id, PHOTOS).task_ids)
    people = [
        client.users.create(email=f"{name}@example.com", username=name, first_name=name, last_name="")
        for name in PEOPLE
    ]
    for task in tasks[:-1]:
        for place, person in enumerate(people[: 1 + task % 3]):
            seconds = 14 + Random(task * 10 + place).random() * 20  # noqa: S311 - the same pictures every time
            client.annotations.create(task=task, result=result(task, place), completed_by=person.id, lead_time=seconds)
    return project.id, tasks


def terminal(server: LocalServer, project: int, folder: Path) -> Path:
    """A page with what a terminal shows when the commands are typed one after another."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), highlight=False)
    for command in (line.format(project=project) for line in COMMANDS):
        console.print(Text.assemble(("$ ", "green"), (command, "bold")))
        console.print(Text.from_ansi(typed(command, server, folder)))
    session = console.export_html(theme=DIMMED_MONOKAI, inline_styles=True, code_format=SESSION)
    return written(folder / "terminal.html", session)


def notebook(client: Client, project: int, task: int, folder: Path) -> Path:
    """A page with the HTML that a notebook is given for each of the cells."""
    names = {"client": client, "project": client.projects.get(project), "task": client.tasks.get(task)}
    cells = []
    for number, cell in enumerate(CELLS, 1):
        shown = eval(cell, names)._repr_html_()  # noqa: S307 - the cells above
        typed_in = f"<code>[{number}]:</code><pre>{escape(cell)}</pre>"
        cells.append(f'<section>{typed_in}<code></code><div class="out">{shown}</div></section>')
    return written(folder / "notebook.html", NOTEBOOK + "\n".join(cells))


def typed(command: str, server: LocalServer, folder: Path) -> str:
    """What the command says to a person: stdout is a terminal's. Bars that come and go are not in it."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "LABELWIRE_CONFIG_DIR": os.devnull + "/labelwire",
        "LABEL_STUDIO_URL": server.url,
        "LABEL_STUDIO_API_KEY": server.api_key,
        "COLUMNS": str(COLUMNS),
        "TERM": "xterm-256color",
    }
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(  # noqa: S603 - the commands above
            shlex.split(command), cwd=folder, env=environment, stdout=theirs, stderr=subprocess.PIPE, check=True
        )
        os.write(theirs, done.stderr)
        return os.read(ours, 1 << 16).decode().replace("\r\n", "\n")
    finally:
        os.close(ours)
        os.close(theirs)


def written(page: Path, text: str) -> Path:
    """The page, in its file."""
    page.write_text(text, "utf-8")
    return page


def screenshot(page: Path, picture: Path, width: int, height: int) -> None:
    """The page as Chromium shows it."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Pages are drawn by Chromium: install it, or name it in CHROMIUM.")
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        shot = [f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--screenshot={picture}"]
        subprocess.run([*command, *shot, page.as_uri()], check=True, capture_output=True)  # noqa: S603 - a browser
    smaller(picture)


def main(pictures: Path, folder: Path, site: Path) -> dict[str, Path]:
    """Write the pictures, and into the folder the pages that they show, which it gives; the site is a built one."""
    pages = {"front": site / "index.html"}
    with LocalServer(data_dir=folder / "server") as server, server.client() as client:
        project, tasks = fill(client)
        one = client.tasks.preview(tasks[5])
        one.sheets = one.sheets[:1]
        (pictures / "task.png").write_bytes(one.to_png(width=900))
        smaller(pictures / "task.png")
        pages["report"] = client.projects.report(project, folder / "report.html")
        pages["notebook"] = notebook(client, project, tasks[5], folder)
        pages["terminal"] = terminal(server, project, folder)
    for name, page in pages.items():
        screenshot(page, pictures / f"{name}.png", *SIZES[name])
    return pages


def smaller(picture: Path) -> None:
    """The same picture with 256 colours: a README is loaded often."""
    from PIL import Image

    with Image.open(picture) as image:
        few = image.convert("RGB").quantize(256)
    few.save(picture, optimize=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(PICTURES, Path(made), ROOT / "build" / "site")
