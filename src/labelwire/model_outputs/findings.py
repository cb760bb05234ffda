"""What a model has found, whichever model it was: each finding in the forms that it can take in a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct, field

Form: TypeAlias = Literal["box", "turned", "polygon", "mask", "point", "choices", "span", "segment", "text"]
Family: TypeAlias = Literal["areas", "points", "choices", "spans", "texts"]

TAGS: Mapping[Form, tuple[str, ...]] = {
    "mask": ("BrushLabels", "Brush"),
    "polygon": ("PolygonLabels", "Polygon"),
    "turned": ("RectangleLabels", "Rectangle"),
    "box": ("RectangleLabels", "Rectangle"),
    "point": ("KeyPointLabels", "KeyPoint"),
    "choices": ("Choices",),
    "span": ("Labels", "HyperTextLabels"),
    "segment": ("Labels",),
    "text": ("TextArea",),
}
"""The controls that take each form."""

OBJECTS: Mapping[Form, frozenset[str]] = {
    "span": frozenset({"text"}),
    "segment": frozenset({"audio", "audioplus", "video"}),
}
"""What those of them label that label several kinds of objects."""


class Finding(Struct):
    """One thing that was found. Positions are pixels, offsets are Python's, times are seconds.

    Attributes:
        label: the model's own word, or None where it has none.
        forms: the arguments of each form that it can take: a box's (x, y, width, height), a turned one's (centre x,
            centre y, width, height, degrees), a polygon's corners, a mask, a point's (x, y), a span's (start, end), a
            segment's (start, end), a text. The first that a control takes is used.
        text: what was said in a segment.
    """

    family: Family
    label: str | None
    score: float | None
    forms: Mapping[Form, Any]
    text: str | None = None


class Output(Struct):
    """All that was found in one image, text or sound.

    Attributes:
        size: the image's (width, height) in pixels, where the output says it.
        text: the text that the offsets point into, where the output has it.
    """

    findings: Sequence[Finding]
    size: tuple[int, int] | None = None
    text: str | None = field(default=None)
