"""Tasks as Label Studio exports them, made in pixels, and conversions into a folder of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from labelwire import formats

Task: TypeAlias = dict[str, Any]
Result: TypeAlias = dict[str, Any]
Size: TypeAlias = tuple[int, int]

SIZE: Size = (640, 480)

_ids = count()

IMAGE = """
<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image"><Label value="Cat"/><Label value="Dog"/></RectangleLabels>
  <PolygonLabels name="polygon" toName="image"><Label value="Cat"/><Label value="Dog"/></PolygonLabels>
  <EllipseLabels name="ellipse" toName="image"><Label value="Cat"/><Label value="Dog"/></EllipseLabels>
  <BrushLabels name="brush" toName="image"><Label value="Cat"/><Label value="Dog"/></BrushLabels>
  <Choices name="weather" toName="image"><Choice value="sun"/><Choice value="rain"/></Choices>
</View>
"""
"""Every tool but keypoints, and a question about the whole image."""

POSE = """
<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image"><Label value="Person"/></RectangleLabels>
  <KeyPointLabels name="point" toName="image">
    <Label value="nose"/><Label value="left eye"/><Label value="right eye"/>
  </KeyPointLabels>
</View>
"""
"""Boxes with keypoints."""


def result(name: str, type: str, value: dict[str, Any], size: Size = SIZE, **more: Any) -> Result:
    """A result on the image; `more` are keys of its own, such as id and parentID."""
    made = {"id": f"{name}-{next(_ids)}", "from_name": name, "to_name": "image", "type": type}
    return {**made, "original_width": size[0], "original_height": size[1], "value": value, **more}


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    label: str | list[str] = "Cat",
    *,
    rotation: float = 0,
    size: Size = SIZE,
    **more: Any,
) -> Result:
    """A box in pixels, turned about its corner at x, y."""
    wide, high = size[0] / 100, size[1] / 100
    value = {"x": x / wide, "y": y / high, "width": width / wide, "height": height / high, "rotation": rotation}
    labels = [label] if isinstance(label, str) else label
    return result("box", "rectanglelabels", {**value, "rectanglelabels": labels}, size, **more)


def polygon(points: Iterable[tuple[float, float]], label: str = "Cat", *, size: Size = SIZE, **more: Any) -> Result:
    """A polygon in pixels."""
    pairs = [[x / size[0] * 100, y / size[1] * 100] for x, y in points]
    value = {"points": pairs, "closed": True, "polygonlabels": [label]}
    return result("polygon", "polygonlabels", value, size, **more)


def ellipse(
    x: float, y: float, across: float, down: float, label: str = "Cat", *, size: Size = SIZE, **more: Any
) -> Result:
    """An ellipse in pixels, by its centre and radii."""
    wide, high = size[0] / 100, size[1] / 100
    value = {"x": x / wide, "y": y / high, "radiusX": across / wide, "radiusY": down / high, "rotation": 0}
    return result("ellipse", "ellipselabels", {**value, "ellipselabels": [label]}, size, **more)


def point(x: float, y: float, label: str, *, size: Size = SIZE, **more: Any) -> Result:
    """A keypoint in pixels."""
    value = {"x": x / size[0] * 100, "y": y / size[1] * 100, "width": 0.5, "keypointlabels": [label]}
    return result("point", "keypointlabels", value, size, **more)


def choice(value: str) -> Result:
    """An answer about the whole image."""
    return {
        "id": value,
        "from_name": "weather",
        "to_name": "image",
        "type": "choices",
        "value": {"choices": [value]},
    }


def annotation(*results: Result, id: int = 1, **more: Any) -> dict[str, Any]:
    """An annotation with these results."""
    return {"id": id, "result": list(results), "created_at": f"2024-01-01T00:00:{id % 60:02d}Z", **more}


def task(*results: Result, id: int = 1, image: str = "", **more: Any) -> Task:
    """A task with one annotation; with `annotations=`, with those."""
    data = {"image": image or f"/data/upload/1/0123abcd-{id}.jpg"}
    return {"id": id, "data": data, "annotations": [annotation(*results, id=id)], "predictions": [], **more}


def flat(points: Iterable[Iterable[float]]) -> list[float]:
    """The coordinates of points, one after another."""
    return [number for point in points for number in point]


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder by their paths."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


Convert: TypeAlias = Callable[..., tuple[formats.Report, Path]]


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    """Converts tasks into a folder that is new each time: `report, folder = convert(tasks, "coco", config=IMAGE)`."""
    turns = count(1)

    def converted(tasks: Iterable[Any], format: str, **choice: Any) -> tuple[formats.Report, Path]:
        folder = tmp_path / f"out{next(turns)}"
        return formats.convert(tasks, format, folder, **choice), folder

    return converted
