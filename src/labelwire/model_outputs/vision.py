"""Findings in images: ultralytics' `Results`, supervision's `Detections`, and transformers' pipelines for images."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import InvalidInput
from .findings import Finding, Form, Output


def from_ultralytics(results: Any) -> Output:
    """What one `Results` has: boxes, turned boxes, masks, keypoints and classes."""
    height, width = results.orig_shape
    return Output([*_areas(results), *_points(results), *_classes(results)], (int(width), int(height)))


def _areas(results: Any) -> Iterator[Finding]:
    if results.obb is not None:
        for (x, y, wide, high, turn), kind, score in zip(
            rows(results.obb.xywhr), rows(results.obb.cls), rows(results.obb.conf), strict=True
        ):
            yield Finding("areas", results.names[int(kind)], score, {"turned": (x, y, wide, high, math.degrees(turn))})
    if results.boxes is None:
        return
    outlines = results.masks.xy if results.masks is not None else [None] * len(results.boxes)
    height, width = results.orig_shape
    for place, (corners, kind, score) in enumerate(
        zip(rows(results.boxes.xyxy), rows(results.boxes.cls), rows(results.boxes.conf), strict=True)
    ):
        forms: dict[Form, Any] = {}
        if results.masks is not None:
            mask = results.masks.data[place]
            if tuple(mask.shape) == (height, width):  # else it is as large as the network's input
                forms["mask"] = mask
            outline = rows(outlines[place])
            if len(outline) >= 3:
                forms["polygon"] = outline
        yield Finding("areas", results.names[int(kind)], score, {**forms, "box": _box(corners)})


def _points(results: Any) -> Iterator[Finding]:
    if results.keypoints is None:
        return
    places = rows(results.keypoints.xy)
    scores = rows(results.keypoints.conf) if results.keypoints.conf is not None else [[None] * len(p) for p in places]
    kinds = rows(results.boxes.cls) if results.boxes is not None else [None] * len(places)
    for points, sure, kind in zip(places, scores, kinds, strict=True):
        label = None if kind is None else results.names[int(kind)]
        for (x, y), score in zip(points, sure, strict=True):
            if x or y:  # at the corner is what the model did not see
                yield Finding("points", label, score, {"point": (x, y)})


def _classes(results: Any) -> Iterator[Finding]:
    if results.probs is not None:
        for place, score in enumerate(rows(results.probs.data)):
            yield Finding("choices", results.names[place], score, {"choices": None})


def from_supervision(detections: Any) -> Output:
    """What a `Detections` has: boxes, masks, and turned boxes in its data."""
    names = detections.data.get("class_name")
    turned = detections.data.get("xyxyxyxy")
    size = None
    found = []
    for place, corners in enumerate(rows(detections.xyxy)):
        forms: dict[Form, Any] = {}
        if detections.mask is not None:
            forms["mask"] = detections.mask[place]
            height, width = detections.mask[place].shape
            size = int(width), int(height)
        if turned is not None:
            forms["turned"] = _turned(rows(turned[place]))
        label = None
        if names is not None:
            label = str(names[place])
        elif detections.class_id is not None:
            label = str(int(detections.class_id[place]))
        score = float(detections.confidence[place]) if detections.confidence is not None else None
        found.append(Finding("areas", label, score, {**forms, "box": _box(corners)}))
    return Output(found, size)


def from_detection(items: Sequence[Mapping[str, Any]]) -> Output:
    """What transformers' object-detection gives: `{"score", "label", "box": {"xmin", "ymin", "xmax", "ymax"}}`."""
    sides = ("xmin", "ymin", "xmax", "ymax")
    return Output(
        [
            Finding("areas", item["label"], item["score"], {"box": _box([float(item["box"][side]) for side in sides])})
            for item in items
        ]
    )


def from_segmentation(items: Sequence[Mapping[str, Any]]) -> Output:
    """What transformers' image-segmentation gives: `{"score", "label", "mask"}`, the mask a PIL image or an array."""
    found = []
    size = None
    for item in items:
        mask = item["mask"]
        if hasattr(mask, "getdata"):
            wide, high = mask.size
            pixels = mask.convert("L").tobytes()
            mask = [pixels[row * wide : (row + 1) * wide] for row in range(high)]
            size = wide, high
        else:
            size = int(mask.shape[1]), int(mask.shape[0])
        found.append(Finding("areas", item["label"], item.get("score"), {"mask": mask}))
    return Output(found, size)


def rows(array: Any) -> list[Any]:
    """An array or a tensor, on whatever device, as plain lists."""
    if hasattr(array, "detach"):
        array = array.detach().cpu()
    return list(array.tolist())


def _box(corners: Sequence[float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = corners
    return left, top, right - left, bottom - top


def _turned(corners: Sequence[Sequence[float]]) -> tuple[float, float, float, float, float]:
    if len(corners) != 4:
        raise InvalidInput(f"a turned box has four corners, not {len(corners)}")
    (ax, ay), (bx, by), (cx, cy), _ = corners
    middle = [sum(axis) / 4 for axis in zip(*corners, strict=True)]
    wide, high = math.dist((ax, ay), (bx, by)), math.dist((bx, by), (cx, cy))
    return middle[0], middle[1], wide, high, math.degrees(math.atan2(by - ay, bx - ax))
