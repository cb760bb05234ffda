"""Regions on an image, as marks over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..errors import InvalidInput
from ..formats.model import Annotation, Region
from ..formats.seen import Misfit
from ..formats.shapes import Bitmask, Bounds, Box, Ellipse, Keypoint, Mask, Point, Polygon
from .colours import Colours
from .photos import Fitted
from .scene import Arrow, Caption, Dot, Ground, Line, Linked, Mark, Outline, Overlay, Photo, Run, Scene

EMPTY = (640, 480)
"""Width and height of an image of which neither is known."""

_FILLED = 0.14
_BLANK = "#e9ecef"
_QUIET = "#495057"


def image_scene(
    size: tuple[int, int] | None,
    photo: Fitted | str | None,
    regions: Iterable[Region],
    annotation: Annotation,
    colours: Colours,
    name: str,
    notes: list[str],
    across: int,
) -> Scene:
    """The image with its regions, names and arrows, in its own pixels.

    Without `photo` it is a blank of the image's size; a string is an address on the web. `across` is with how many
    pixels it is going to be seen, for lines and letters of the right size. What cannot be drawn is added to the notes.
    """
    known = size or ((photo.width, photo.height) if isinstance(photo, Fitted) else None)
    width, height = float((known or EMPTY)[0] or EMPTY[0]), float((known or EMPTY)[1] or EMPTY[1])
    unit = max(width, height) / across
    shown = list(regions)
    under: list[Mark] = [*_ground(photo, width, height, name, unit)]
    marks: list[Mark] = []
    captions: list[Mark] = []
    centres: dict[str, Point] = {}
    for region in shown:
        colour = colours.of(*region.labels)
        try:
            drawn, bounds = _drawn(region, colour, unit)
        except (Misfit, InvalidInput) as reason:
            notes.append(f"region {region.id} is not drawn: {reason}")
            continue
        (under if isinstance(drawn, Overlay) else marks).append(drawn)
        centres[region.id] = (bounds[0] + bounds[2] / 2, bounds[1] + bounds[3] / 2)
        corner = min(drawn.points, key=lambda point: point[1]) if isinstance(drawn, Outline) else (bounds[0], bounds[1])
        captions.append(_caption(region, colour, corner, unit, width))
    arrows = _arrows(annotation, centres, unit)
    said = ", ".join(caption_of(region) for region in shown[:20]) or "no regions"
    return Scene(width, height, (*under, *marks, *arrows, *captions), f"{name}: {said}")


def caption_of(region: Region) -> str:
    """What stands at a region: its labels, and how sure a model is."""
    said = ", ".join(region.labels) or "(no label)"
    return f"{said} {region.score:.2f}" if region.score is not None else said


def _ground(photo: Fitted | str | None, width: float, height: float, name: str, unit: float) -> Iterator[Mark]:
    if isinstance(photo, Fitted):
        yield Photo(width, height, photo.content, photo.kind)
        return
    yield Ground(0, 0, width, height, _BLANK)
    if photo is not None:
        yield Linked(width, height, photo)
    else:
        yield Line(
            12 * unit, height - 12 * unit, 15 * unit, (Run(f"{name}: the image itself is not here", ink=_QUIET),)
        )


def _drawn(region: Region, colour: str, unit: float) -> tuple[Mark, Bounds]:
    shape = region.shape
    if isinstance(shape, Box):
        return Outline(shape.corners, colour, 2.5 * unit, True, _FILLED), shape.bounds
    if isinstance(shape, Polygon):
        filled = _FILLED if shape.closed else 0.0
        return Outline(shape.points, colour, 2.5 * unit, shape.closed, filled), shape.bounds
    if isinstance(shape, Ellipse):
        return Outline(shape.points(), colour, 2.5 * unit, True, _FILLED), shape.bounds
    if isinstance(shape, Keypoint):
        radius = max(shape.width / 2, 4 * unit)
        return Dot(shape.x, shape.y, radius, colour), (shape.x - radius, shape.y - radius, 2 * radius, 2 * radius)
    if isinstance(shape, (Mask, Bitmask)):
        return _overlay(shape, colour)
    raise InvalidInput("it is no place in an image")


def _overlay(shape: Mask | Bitmask, colour: str) -> tuple[Mark, Bounds]:
    try:
        from ..formats import masks
    except ImportError:
        raise InvalidInput('masks are drawn with numpy and Pillow: pip install "labelwire[formats]"') from None
    found = masks.array(shape)
    bounds = masks.bounds(found) or (0.0, 0.0, 0.0, 0.0)
    return Overlay(found, float(shape.width), float(shape.height), colour), bounds


def _caption(region: Region, colour: str, corner: Point, unit: float, width: float) -> Caption:
    size = 15 * unit
    above = corner[1] - 2 * unit
    # Above the region, or inside of it where there is no room above.
    y = above if above > 1.5 * size else max(corner[1], 0) + 1.5 * size
    return Caption(max(corner[0] - 1.25 * unit, 0.0), y, caption_of(region), size, colour, width)


def _arrows(annotation: Annotation, centres: Mapping[str, Point], unit: float) -> Iterator[Mark]:
    for one in annotation.relations:
        if one.source not in centres or one.target not in centres:
            continue
        start, end = centres[one.source], centres[one.target]
        if one.direction == "left":
            start, end = end, start
        yield Arrow(start, end, "#212529", 2.5 * unit, one.direction == "bi")
        if one.labels:
            middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            yield Caption(*middle, ", ".join(one.labels), 13 * unit, "#212529", float("inf"))
