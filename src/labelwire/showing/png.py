"""A scene as a PNG image, drawn with Pillow; no browser is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import Any

from ..errors import InvalidInput
from ..formats.shapes import Point
from .colours import on
from .scene import Arrow, Caption, Dot, Ground, Line, Linked, Mark, Outline, Overlay, Photo, Placed, Scene
from .svg import head, shaft, tinted

FINER = 2
"""How many times larger it is drawn than it comes out, for smooth edges."""

MOST = 8_000
"""Pixels of a side that is drawn."""


def png(scene: Scene, width: int = 1280) -> bytes:
    """The scene as the bytes of a PNG file of this width in pixels.

    Raises:
        InvalidInput: where Pillow is missing.
    """
    try:
        from PIL import Image
    except ImportError:
        raise InvalidInput('A PNG is drawn with Pillow: pip install "labelwire[formats]".') from None
    scale = min(FINER * width / scene.width, MOST / scene.height)
    canvas = Image.new("RGB", (max(round(scene.width * scale), 1), max(round(scene.height * scale), 1)), "white")
    _Pen(canvas, scale).draw(scene.marks)
    size = (max(canvas.width // FINER, 1), max(canvas.height // FINER, 1))
    out = BytesIO()
    canvas.resize(size, Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


class _Pen:
    """Draws marks on a canvas; positions are times `scale`, from `left` and `top` on."""

    def __init__(self, canvas: Any, scale: float, left: float = 0.0, top: float = 0.0) -> None:
        self._canvas = canvas
        self._scale = scale
        self._left = left
        self._top = top

    def draw(self, marks: Iterable[Mark]) -> None:
        for mark in marks:
            _DRAW[type(mark)](self, mark)

    def at(self, point: Point) -> Point:
        return self._left + point[0] * self._scale, self._top + point[1] * self._scale

    @contextmanager
    def layer(self, colour: str, density: float) -> Iterator[Any]:
        """Something to draw on that covers with this density."""
        from PIL import Image, ImageDraw

        if density >= 1:
            yield ImageDraw.Draw(self._canvas)
            return
        cover = Image.new("L", self._canvas.size, 0)
        yield ImageDraw.Draw(cover)
        ground = Image.new("RGB", self._canvas.size, colour)
        self._canvas.paste(ground, (0, 0), cover)

    def outline(self, one: Outline) -> None:
        points = [self.at(point) for point in one.points]
        if one.filled and len(points) > 2:
            with self.layer(one.colour, one.filled) as draw:
                draw.polygon(points, fill=round(255 * one.filled))
        self.stroke([*points, *points[:2]] if one.closed else points, one.colour, one.width)

    def stroke(self, points: list[Point], colour: str, width: float) -> None:
        with self.layer(colour, 1) as draw:
            draw.line(points, fill=colour, width=max(round(width * self._scale), 1), joint="curve")

    def dot(self, one: Dot) -> None:
        (x, y), radius = self.at((one.x, one.y)), one.radius * self._scale
        with self.layer(one.colour, 1) as draw:
            box = (x - radius, y - radius, x + radius, y + radius)
            draw.ellipse(box, fill=one.colour, outline="#ffffff", width=max(round(radius / 4), 1))

    def arrow(self, one: Arrow) -> None:
        line = [self.at(point) for point in shaft(one)]
        self.stroke(line, "#ffffff", 2 * one.width)
        self.stroke(line, one.colour, one.width)
        for start, end in ((one.start, one.end), *([(one.end, one.start)] if one.both else [])):
            corners = [self.at(point) for point in head(start, end, one.width)]
            with self.layer(one.colour, 1) as draw:
                draw.polygon(corners, fill=one.colour)
            self.stroke([*corners, *corners[:2]], "#ffffff", one.width / 2)

    def overlay(self, one: Overlay) -> None:
        self.paste(tinted(one), one.width, one.height, crisp=True)

    def photo(self, one: Photo) -> None:
        from PIL import Image

        with Image.open(BytesIO(one.content)) as image:
            self.paste(image.convert("RGBA"), one.width, one.height)

    def paste(self, image: Any, width: float, height: float, *, crisp: bool = False) -> None:
        from PIL import Image

        left, top = map(round, self.at((0, 0)))
        right, bottom = map(round, self.at((width, height)))
        how = Image.Resampling.NEAREST if crisp else Image.Resampling.LANCZOS
        sized = image.resize((max(right - left, 1), max(bottom - top, 1)), how)
        self._canvas.paste(sized, (left, top), sized)

    def ground(self, one: Ground) -> None:
        (left, top), (right, bottom) = self.at((one.x, one.y)), self.at((one.x + one.width, one.y + one.height))
        with self.layer(one.colour, one.density) as draw:
            fill = one.colour if one.density >= 1 else round(255 * one.density)
            draw.rectangle((left, top, max(right, left), max(bottom, top)), fill=fill)

    def caption(self, one: Caption) -> None:
        wide = self.measured(one.text, one.size) + 0.6 * one.size
        left = max(min(one.x, one.most - wide), 0.0)
        self.ground(Ground(left, one.y - 1.4 * one.size, wide, 1.4 * one.size, one.colour))
        self.words(left + 0.3 * one.size, one.y - 0.4 * one.size, one.text, one.size, on(one.colour))

    def line(self, one: Line) -> None:
        x = one.x
        for run in one.runs:
            wide = self.measured(run.text, one.size)
            if run.ground:
                self.ground(Ground(x, one.y - one.size, wide, 1.35 * one.size, run.ground))
            self.words(x, one.y, run.text, one.size, run.ink)
            x += wide

    def measured(self, text: str, size: float) -> float:
        return float(_font(size * self._scale).getlength(_drawable(text))) / self._scale

    def words(self, x: float, y: float, text: str, size: float, colour: str) -> None:
        with self.layer(colour, 1) as draw:
            draw.text(self.at((x, y)), _drawable(text), font=_font(size * self._scale), fill=colour, anchor="ls")

    def placed(self, one: Placed) -> None:
        left, top = self.at((one.x, one.y))
        _Pen(self._canvas, self._scale * one.scale, left, top).draw(one.scene.marks)

    def linked(self, one: Linked) -> None:
        """What only a browser fetches stays the blank that is below it."""


_DRAW: dict[type[Any], Callable[[_Pen, Any], None]] = {
    Outline: _Pen.outline,
    Dot: _Pen.dot,
    Arrow: _Pen.arrow,
    Overlay: _Pen.overlay,
    Photo: _Pen.photo,
    Linked: _Pen.linked,
    Ground: _Pen.ground,
    Caption: _Pen.caption,
    Line: _Pen.line,
    Placed: _Pen.placed,
}


@lru_cache(32)
def _font(size: float) -> Any:
    """A font that most computers have, for its many letters; else the one that Pillow brings."""
    from PIL import ImageFont

    for name in ("DejaVuSans.ttf", "Arial Unicode.ttf", "arial.ttf"):
        try:
            return ImageFont.truetype(name, max(size, 1))
        except OSError:
            continue
    return ImageFont.load_default(max(size, 1))


def _drawable(text: str) -> str:
    """The text on one line, without what no font can draw."""
    return text.encode("utf-8", "replace").decode().replace("\n", " ").replace("\r", " ")
