"""Segments of a sound, of a video or of a series, on a line of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..formats.model import Region
from ..formats.shapes import Frames, Segment, Track
from .colours import Colours
from .images import caption_of
from .scene import Caption, Ground, Line, Mark, Run, Scene

_WIDTH, _ROW, _TOP, _LEFT = 800.0, 28.0, 8.0, 12.0
_TICKS = 8
_INK = "#495057"

Stretch = tuple[float, float, Region]


def timeline_scene(regions: Iterable[Region], colours: Colours, name: str) -> Scene | None:
    """The regions as bars, those that overlap below one another; None where there are none with a place in time."""
    found = sorted((one for region in regions for one in _stretches(region)), key=lambda one: (one[0], one[1]))
    if not found:
        return None
    begin, end = min(0.0, found[0][0]), max(one[1] for one in found)
    scale = (_WIDTH - 2 * _LEFT) / ((end - begin) or 1.0)
    rows: list[float] = []
    marks: list[Mark] = []
    names: list[Mark] = []
    for start, stop, region in found:
        row = next((at for at, free in enumerate(rows) if free <= start), len(rows))
        rows[row:] = [stop, *rows[row + 1 :]]
        colour = colours.of(*region.labels)
        x, y = _LEFT + (start - begin) * scale, _TOP + row * _ROW
        marks.append(Ground(x, y, max((stop - start) * scale, 2.0), _ROW - 6, colour, 0.45))
        names.append(Caption(x, y + _ROW - 6, caption_of(region), 12, colour, _WIDTH))
    below = _TOP + len(rows) * _ROW
    axis: list[Mark] = [Ground(_LEFT, below, _WIDTH - 2 * _LEFT, 1.5, _INK)]
    unit = "frame " if isinstance(found[0][2].shape, (Frames, Track)) else ""
    for tick in range(_TICKS + 1):
        x = _LEFT + tick * (_WIDTH - 2 * _LEFT) / _TICKS
        axis.append(Ground(x - 0.5, below, 1, 6, _INK))
        said = f"{unit}{_short(begin + tick * (end - begin) / _TICKS, end - begin)}"
        axis.append(Line(min(x, _WIDTH - 7.5 * len(said) - 2), below + 20, 12, (Run(said, ink=_INK),)))
    said = f"{name}: " + ", ".join(f"{caption_of(r)} {a:g} to {b:g}" for a, b, r in found[:20])
    ground = Ground(0, 0, _WIDTH, below + 28, "#ffffff")
    return Scene(_WIDTH, below + 28, (ground, *marks, *names, *axis), said)


def _stretches(region: Region) -> Sequence[Stretch]:
    shape = region.shape
    if isinstance(shape, Segment):
        if isinstance(shape.start, str) or isinstance(shape.end, str):
            return ()
        return ((float(shape.start), float(shape.end), region),)
    if isinstance(shape, Frames):
        return [(float(first), float(last), region) for first, last in shape.ranges]
    if isinstance(shape, Track):
        return ((float(shape.keyframes[0].frame), float(shape.keyframes[-1].frame), region),)
    return ()


def _short(value: float, length: float) -> str:
    return f"{value:.0f}" if length >= 20 else f"{value:.2f}".rstrip("0").rstrip(".")
