"""What models give: real objects of supervision and spaCy, the rest in the shapes that their packages give."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

SIZE = (200, 100)
"""Width and height of the images, in pixels."""

TEXT = "Ann 👩 met Bob in Oslo"
NAMES = {0: "Cat", 1: "Dog"}


def mask() -> Any:
    """A mask of 40 by 20 pixels at (20, 10), as large as the image."""
    made = np.zeros((SIZE[1], SIZE[0]), dtype=bool)
    made[10:30, 20:60] = True
    return made


def ultralytics(**parts: Any) -> Any:
    """A stand-in for ultralytics' `Results` with its attributes; arrays stand for tensors."""
    given = {"boxes": None, "obb": None, "masks": None, "keypoints": None, "probs": None, **parts}
    return SimpleNamespace(orig_shape=(SIZE[1], SIZE[0]), names=NAMES, **given)


class Boxes(SimpleNamespace):
    """Boxes of two things."""

    def __init__(self) -> None:
        super().__init__(
            xyxy=np.array([[20.0, 10, 60, 30], [100, 50, 150, 90]]), cls=np.array([1.0, 0]), conf=np.array([0.75, 0.25])
        )

    def __len__(self) -> int:
        return 2


def masks() -> Any:
    """The masks that belong to `Boxes`."""
    second = np.zeros_like(mask())
    second[50:90, 100:150] = True
    return SimpleNamespace(
        data=np.stack([mask(), second]),
        xy=[
            np.array([[20.0, 10], [20, 30], [60, 30], [60, 10]]),
            np.array([[100.0, 50], [100, 90], [150, 90], [150, 50]]),
        ],
    )


def obb() -> Any:
    """One box turned by half a radian."""
    return SimpleNamespace(xywhr=np.array([[50.0, 40, 30, 10, 0.5]]), cls=np.array([0.0]), conf=np.array([0.5]))


def keypoints() -> Any:
    """Two points of each of two things, one of which was not seen."""
    return SimpleNamespace(
        xy=np.array([[[20.0, 10], [0, 0]], [[100, 50], [120, 60]]]), conf=np.array([[0.5, 0.1], [0.75, 0.25]])
    )


TOKENS = [
    {"entity": "B-PER", "score": 0.75, "index": 1, "word": "Ann", "start": 0, "end": 3},
    {"entity": "B-PER", "score": 0.5, "index": 4, "word": "Bo", "start": 10, "end": 12},
    {"entity": "I-PER", "score": 1.0, "index": 5, "word": "##b", "start": 12, "end": 13},
    {"entity": "B-LOC", "score": 0.25, "index": 7, "word": "Oslo", "start": 17, "end": 21},
]
AGGREGATED = [
    {"entity_group": "PER", "score": 0.75, "word": "Ann", "start": 0, "end": 3},
    {"entity_group": "PER", "score": 0.75, "word": "Bob", "start": 10, "end": 13},
    {"entity_group": "LOC", "score": 0.25, "word": "Oslo", "start": 17, "end": 21},
]
DETECTED = [{"score": 0.5, "label": "Dog", "box": {"xmin": 20, "ymin": 10, "xmax": 60, "ymax": 30}}]
CLASSES = [{"label": "Dog", "score": 0.75}, {"label": "Cat", "score": 0.25}]
ZERO_SHOT = {"sequence": TEXT, "labels": ["Dog", "Cat"], "scores": [0.75, 0.625]}
ANSWER = {"score": 0.5, "start": 17, "end": 21, "answer": "Oslo"}
SPEECH = {
    "text": " Hello there. Bye.",
    "chunks": [{"timestamp": (0.0, 1.5), "text": " Hello there."}, {"timestamp": (2.0, 2.5), "text": " Bye."}],
}
