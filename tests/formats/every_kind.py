"""A few tasks of every kind, with a configuration, by which every writer of the registry can be tried."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwire.formats.masks import encode
from labelwire.formats.registry import FORMATS

from . import conftest as make

TEXT = """
<View>
  <Text name="text" value="$text"/>
  <Labels name="ner" toName="text"><Label value="PER"/><Label value="LOC"/></Labels>
  <Choices name="mood" toName="text"><Choice value="good"/><Choice value="bad"/></Choices>
</View>
"""

AUDIO = """
<View>
  <Audio name="audio" value="$audio"/>
  <Labels name="speaker" toName="audio"><Label value="A"/><Label value="B"/></Labels>
  <TextArea name="said" toName="audio" perRegion="true"/>
  <TextArea name="all" toName="audio"/>
</View>
"""

VIDEO = """
<View>
  <Video name="video" value="$video"/>
  <VideoRectangle name="track" toName="video"/>
  <Labels name="what" toName="video"><Label value="Car"/><Label value="Bus"/></Labels>
</View>
"""

OCR = """
<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image"><Label value="Question"/><Label value="Answer"/></RectangleLabels>
  <TextArea name="words" toName="image" perRegion="true"/>
</View>
"""


SIZE = (64, 48)


def _brush() -> dict[str, Any]:
    """The upper half of the image, in few bytes."""
    wide, high = SIZE
    mask = np.zeros((high, wide), bool)
    mask[: high // 2] = True
    value = {"format": "rle", "rle": [*encode(mask)], "brushlabels": ["Dog"]}
    return make.result("brush", "brushlabels", value, SIZE, id="d")


def _text(number: int) -> dict[str, Any]:
    text = f"😀 Ada {number} went\tto Paris.\n\nShe stayed."
    span = {"start": 3, "end": 6, "text": "Ada", "labels": ["PER"]}
    result = [
        {"id": "a", "from_name": "ner", "to_name": "text", "type": "labels", "value": span},
        {"id": "b", "from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["good"]}},
    ]
    return {"id": number, "data": {"text": text}, "annotations": [{"id": number, "result": result}]}


def _audio(number: int) -> dict[str, Any]:
    base = {"to_name": "audio", "original_length": 9.5}
    value = {"start": 0.5 * number, "end": 0.5 * number + 1.25, "channel": 0}
    result = [
        {**base, "id": "a", "from_name": "speaker", "type": "labels", "value": {**value, "labels": ["A"]}},
        {**base, "id": "a", "from_name": "said", "type": "textarea", "value": {**value, "text": ["hello"]}},
        {**base, "id": "b", "from_name": "all", "type": "textarea", "value": {"text": [f"hello {number}"]}},
    ]
    data = {"audio": f"/data/upload/1/{number:08x}-clip.wav"}
    return {"id": number, "data": data, "annotations": [{"id": number, "result": result}]}


def _video(number: int) -> dict[str, Any]:
    frames = [
        {"frame": 1, "x": 10, "y": 10, "width": 20, "height": 20, "rotation": 0, "enabled": True, "time": 0.04},
        {"frame": 5, "x": 50, "y": 10, "width": 20, "height": 20, "rotation": 0, "enabled": False, "time": 0.2},
    ]
    value = {"framesCount": 10, "duration": 0.4, "sequence": frames}
    result = [
        {"id": "a", "from_name": "track", "to_name": "video", "type": "videorectangle", "value": value},
        {"id": "a", "from_name": "what", "to_name": "video", "type": "labels", "value": {**value, "labels": ["Car"]}},
    ]
    data = {"video": f"https://example.com/{number}/film.mp4"}
    return {"id": number, "data": data, "annotations": [{"id": number, "result": result}]}


def _image(number: int) -> dict[str, Any]:
    results = [
        make.box(10, 2, 10, 5, "Cat", rotation=30.0 * (number % 3), size=SIZE, id="a"),
        make.polygon([(1, 1), (20, 2), (9, 30)], "Dog", size=SIZE, id="b"),
        make.ellipse(30, 20, 5, 3, "Cat", size=SIZE, id="c"),
        _brush(),
        make.choice("sun"),
    ]
    names = ["a.jpg", "A.JPG", "b/a.jpg", "ü ü.png", f"{number}.webp"]
    image = f"/data/local-files/?d=pictures/{names[number % 5]}"
    return make.task(*results[: 1 + number % 5], id=number, image=image)


WRITTEN = [one.name for one in FORMATS.values() if one.writer]
"""The formats that there is a writer for."""

OWN: dict[str, dict[str, Any]] = {"mot": {"size": (640, 480)}, "video-frames": {"size": (640, 480)}}
"""Options without which a format writes nothing of these tasks."""

CONFIGS = {"image": make.IMAGE, "text": TEXT, "audio": AUDIO, "video": VIDEO}
MAKE = {"image": _image, "text": _text, "audio": _audio, "video": _video}


def kind_of(format: str) -> str:
    """The kind of tasks that a format is tried with."""
    kinds = FORMATS[format].kinds
    return next((kind for kind in CONFIGS if kind in kinds), "text" if "paragraphs" in kinds else "image")


def tasks_of(kind: str, count: int = 12) -> list[dict[str, Any]]:
    """Tasks, one of them without an annotation, one skipped, and one whose annotation has no regions."""
    made = [MAKE[kind](number) for number in range(1, count + 1)]
    if count > 6:
        made[3]["annotations"] = []
        made[4]["annotations"][0]["was_cancelled"] = True
        made[5]["annotations"][0]["result"] = []
    return made
