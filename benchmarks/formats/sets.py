"""Generated tasks of the usual kinds, the same every time."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = ["person", "car", "bicycle", "dog", "traffic light"]
_WORDS = "the of Oslo a river Ada Lovelace wrote in Zürich naïve 東京 and 😀 then"
WORDS = _WORDS.split()
SIZE = (1920, 1080)
BRUSH = (640, 480)

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of tasks: its labeling configuration, and how an annotation's result is made."""

    config: str
    data: Callable[[random.Random, int], Item]
    result: Callable[[random.Random, Item], list[Item]]

    def write(self, path: Path, tasks: int) -> None:
        """An export of that many tasks, each with one annotation."""
        dice = random.Random(tasks)  # noqa: S311 - the same tasks every time
        with path.open("w", encoding="utf-8") as file:
            file.write("[")
            for number in range(tasks):
                file.write(",\n" if number else "\n")
                json.dump(self._task(dice, number), file, ensure_ascii=False)
            file.write("\n]\n")

    def _task(self, dice: random.Random, number: int) -> Item:
        data = self.data(dice, number)
        annotation = {
            "id": number + 1,
            "completed_by": {"id": 1, "email": "ann@example.com", "first_name": "", "last_name": ""},
            "result": self.result(dice, data),
            "was_cancelled": False,
            "ground_truth": False,
            "created_at": "2026-05-04T10:11:12.123456Z",
            "updated_at": "2026-05-04T10:12:13.123456Z",
            "lead_time": 12.34,
            "result_count": 3,
            "task": number + 1,
            "project": 1,
        }
        return {
            "id": number + 1,
            "data": data,
            "annotations": [annotation],
            "predictions": [],
            "meta": {},
            "file_upload": None,
            "created_at": "2026-05-04T09:00:00.000000Z",
            "updated_at": "2026-05-04T10:12:13.123456Z",
            "inner_id": number + 1,
            "total_annotations": 1,
            "project": 1,
        }


def _image(dice: random.Random, number: int) -> Item:
    return {"image": f"/data/upload/1/{dice.getrandbits(32):08x}-image_{number:06}.jpg"}


def _region(dice: random.Random, name: str, type: str, value: Item, size: tuple[int, int] = SIZE) -> Item:
    return {
        "id": f"{dice.getrandbits(50):010x}",
        "type": type,
        "value": value,
        "origin": "manual",
        "to_name": "image",
        "from_name": name,
        "image_rotation": 0,
        "original_width": size[0],
        "original_height": size[1],
    }


def _boxes(dice: random.Random, _: Item) -> list[Item]:
    return [
        _region(
            dice,
            "box",
            "rectanglelabels",
            {
                "x": dice.uniform(0, 70),
                "y": dice.uniform(0, 70),
                "width": dice.uniform(1, 30),
                "height": dice.uniform(1, 30),
                "rotation": 0,
                "rectanglelabels": [dice.choice(LABELS)],
            },
        )
        for _ in range(3)
    ]


def _polygons(dice: random.Random, _: Item) -> list[Item]:
    return [
        _region(
            dice,
            "polygon",
            "polygonlabels",
            {
                "points": [[dice.uniform(0, 100), dice.uniform(0, 100)] for _ in range(20)],
                "closed": True,
                "polygonlabels": [dice.choice(LABELS)],
            },
        )
        for _ in range(3)
    ]


def _brushes(dice: random.Random, _: Item) -> list[Item]:
    """Discs, as rows of a brush."""
    from labelwire.label_config.rle import encode

    width, height = BRUSH
    made = []
    for label in LABELS[:2]:
        x, y, radius = dice.randint(150, 490), dice.randint(150, 330), dice.randint(40, 140)
        runs: list[tuple[int, int]] = []
        for row in range(height):
            half = int((radius * radius - (row - y) ** 2) ** 0.5) if abs(row - y) < radius else 0
            if not half:
                runs.append((0, 4 * width))
                continue
            runs += [(0, 4 * (x - half)), (255, 8 * half), (0, 4 * (width - x - half))]
        value = {"format": "rle", "rle": encode([run for run in runs if run[1]]), "brushlabels": [label]}
        made.append(_region(dice, "brush", "brushlabels", value, BRUSH))
    return made


def _text(dice: random.Random, _: int) -> Item:
    return {"text": " ".join(dice.choice(WORDS) for _ in range(30))}


def _spans(dice: random.Random, data: Item) -> list[Item]:
    text, made = data["text"], []
    units = text.encode("utf-16-le")
    for part in range(3):
        words = text.split(" ")[part * 10 : part * 10 + 10]
        start = len(" ".join(text.split(" ")[: part * 10]).encode("utf-16-le")) // 2 + (1 if part else 0)
        end = start + len(" ".join(words[:2]).encode("utf-16-le")) // 2
        value = {"start": start, "end": end, "text": units[2 * start : 2 * end].decode("utf-16-le")}
        made.append(
            {
                "id": f"{dice.getrandbits(50):010x}",
                "type": "labels",
                "value": {**value, "labels": [dice.choice(LABELS)]},
                "origin": "manual",
                "to_name": "text",
                "from_name": "span",
            }
        )
    return made


def _tool(tag: str, name: str) -> str:
    labels = "".join(f'<Label value="{label}"/>' for label in LABELS)
    return f'<View><Image name="image" value="$image"/><{tag} name="{name}" toName="image">{labels}</{tag}></View>'


KINDS = {
    "boxes": Kind(_tool("RectangleLabels", "box"), _image, _boxes),
    "polygons": Kind(_tool("PolygonLabels", "polygon"), _image, _polygons),
    "brushes": Kind(_tool("BrushLabels", "brush"), _image, _brushes),
    "spans": Kind(
        '<View><Text name="text" value="$text"/><Labels name="span" toName="text">'
        + "".join(f'<Label value="{label}"/>' for label in LABELS)
        + "</Labels></View>",
        _text,
        _spans,
    ),
}


def cached(folder: Path, kind: str, tasks: int) -> Path:
    """The file of that many tasks, written once."""
    path = folder / f"{kind}-{tasks}.json"
    if not path.exists():
        KINDS[kind].write(path, tasks)
    return path
