"""Writes docs/pictures: a task and a report, of a project on a real Label Studio, as the README shows them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from labelwire import Client, LocalServer, demo

PICTURES = Path(__file__).parent / "pictures"
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


def main() -> None:
    """Write the pictures."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("The report is drawn by Chromium: install it, or name it in CHROMIUM.")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, LocalServer() as server, server.client() as client:
        project, tasks = fill(client)
        one = client.tasks.preview(tasks[5])
        one.sheets = one.sheets[:1]
        (PICTURES / "task.png").write_bytes(one.to_png(width=900))
        page = client.projects.report(project, Path(folder) / "report.html")
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        shot = [f"--user-data-dir={folder}/p", "--window-size=1040,1800", f"--screenshot={PICTURES / 'report.png'}"]
        subprocess.run([*command, *shot, page.as_uri()], check=True, capture_output=True)  # noqa: S603 - a browser
    for name in ("report.png", "task.png"):
        smaller(PICTURES / name)


def smaller(picture: Path) -> None:
    """The same picture with 256 colours: a README is loaded often."""
    from PIL import Image

    with Image.open(picture) as image:
        few = image.convert("RGB").quantize(256)
    few.save(picture, optimize=True)


if __name__ == "__main__":
    main()
