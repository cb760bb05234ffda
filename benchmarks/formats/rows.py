"""The conversions that are compared."""

from __future__ import annotations

from dataclasses import dataclass

THOUSAND, MANY, MOST = 1_000, 10_000, 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A conversion.

    Attributes:
        name: what the table calls it.
        kind: of tasks, in `sets.KINDS`.
        ours, official: the format's name there and here.
        times: how many times as fast as the official converter it is to be, at the largest size.
        zip: whether the output is a zip, on the real disk.
        sizes: numbers of tasks.
    """

    name: str
    kind: str
    ours: str
    official: str
    times: float
    zip: bool = False
    sizes: tuple[int, ...] = (THOUSAND, MANY, MOST)


ROWS = (
    Row(name="JSON_MIN", kind="boxes", ours="json-min", official="JSON_MIN", times=5),
    Row(name="CSV", kind="boxes", ours="csv", official="CSV", times=5),
    Row(name="COCO, boxes", kind="boxes", ours="coco", official="COCO", times=10),
    Row(name="COCO, polygons", kind="polygons", ours="coco", official="COCO", times=10),
    Row(name="VOC", kind="boxes", ours="voc", official="VOC", times=20),
    Row(name="YOLO", kind="boxes", ours="yolo", official="YOLO", times=8),
    Row(name="YOLO, to a zip", kind="boxes", ours="yolo", official="YOLO", times=5, zip=True),
    Row(name="CoNLL", kind="spans", ours="conll", official="CONLL2003", times=5),
    Row(name="Brush to NumPy", kind="brushes", ours="numpy", official="BRUSH_TO_NUMPY", times=20, sizes=(THOUSAND,)),
    Row(name="Brush to PNG", kind="brushes", ours="png", official="BRUSH_TO_PNG", times=8, sizes=(THOUSAND,)),
)

MOST_MB = 120.0
"""Memory that a conversion of ours may take, however many tasks there are."""
