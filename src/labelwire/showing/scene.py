"""What a drawing is made of, whatever it becomes: frozen marks, placed in one system of coordinates.

Lengths are in the scene's own units, x to the right and y down. Colours are `#rrggbb`, and nothing else gets here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from ..formats.shapes import Point

if TYPE_CHECKING:
    from ..formats.rasters import Bools


class Outline(Struct, frozen=True):
    """A polygon, or a line where it is not closed. `filled` is how dense its inside is, 0 to 1."""

    points: tuple[Point, ...]
    colour: str
    width: float
    closed: bool = True
    filled: float = 0.0


class Dot(Struct, frozen=True):
    """A filled circle with a white rim."""

    x: float
    y: float
    radius: float
    colour: str


class Arrow(Struct, frozen=True):
    """From a point to another, with a head at its end, or at both; with a white rim, to be seen on what is dark."""

    start: Point
    end: Point
    colour: str
    width: float
    both: bool = False


class Overlay(Struct, frozen=True):
    """The pixels of a mask, in a colour that lets through what is below; over the whole of `width` by `height`."""

    mask: Bools
    width: float
    height: float
    colour: str


class Photo(Struct, frozen=True):
    """An image file: `content` is of the type `kind`, such as "image/png"."""

    width: float
    height: float
    content: bytes
    kind: str


class Linked(Struct, frozen=True):
    """An image that only a browser fetches, by its address on the web."""

    width: float
    height: float
    url: str


class Ground(Struct, frozen=True):
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    density: float = 1.0


class Caption(Struct, frozen=True):
    """A name on a ground of its colour; x and y are the ground's lower left corner, `most` its right end's limit."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    most: float


class Run(Struct, frozen=True):
    """A piece of a line, in the colour `ink`; on a ground, where it has one."""

    text: str
    ground: str = ""
    ink: str = "#212529"
    bold: bool = False


class Line(Struct, frozen=True):
    """Pieces of text, one after another; x and y are where its base line begins."""

    x: float
    y: float
    size: float
    runs: tuple[Run, ...]


class Placed(Struct, frozen=True):
    """A scene within another, moved and made larger or smaller."""

    x: float
    y: float
    scale: float
    scene: Scene


Mark: TypeAlias = Outline | Dot | Arrow | Overlay | Photo | Linked | Ground | Caption | Line | Placed


class Scene(Struct, frozen=True):
    """Marks on a ground of `width` by `height`, the first one lowest. `title` says in words what it shows."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    title: str = ""
