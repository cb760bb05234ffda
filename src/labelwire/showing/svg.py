"""A scene as SVG that needs nothing else: images are inside of it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from io import BytesIO
from math import atan2, cos, sin
from typing import Any

from ..formats.shapes import Point
from .colours import on
from .markup import Markup, joined, markup
from .scene import Arrow, Caption, Dot, Ground, Line, Linked, Mark, Outline, Overlay, Photo, Placed, Scene
from .texts import wide

MASK = 110
"""How dense a mask is, 0 to 255."""

_LETTER = 0.602
"""How wide a letter of equal width is, as a part of its size."""


def svg(scene: Scene, *, alone: bool = True) -> Markup:
    """The scene as an SVG element; `alone` as a file of its own."""
    space = markup(' xmlns="http://www.w3.org/2000/svg"') if alone else markup("")
    size = markup(' width="{}" height="{}"', scene.width, scene.height) if alone else markup("")
    return markup(
        '<svg{}{} viewBox="0 0 {} {}" role="img"><title>{}</title>{}</svg>',
        space,
        size,
        scene.width,
        scene.height,
        scene.title,
        _marks(scene.marks),
    )


def data_url(content: bytes, kind: str) -> str:
    """A file as the address of itself."""
    return f"data:{kind};base64,{b64encode(content).decode()}"


def _marks(marks: Iterable[Mark]) -> Markup:
    return joined(_DRAW[type(mark)](mark) for mark in marks)


def _outline(one: Outline) -> Markup:
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in one.points)
    return markup(
        '<{} points="{}" fill="{}" fill-opacity="{}" stroke="{}" stroke-width="{}" stroke-linejoin="round"/>',
        "polygon" if one.closed else "polyline",
        points,
        one.colour if one.filled else "none",
        one.filled,
        one.colour,
        one.width,
    )


def _dot(one: Dot) -> Markup:
    return markup(
        '<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="#ffffff" stroke-width="{}"/>',
        one.x,
        one.y,
        one.radius,
        one.colour,
        one.radius / 4,
    )


def head(start: Point, end: Point, width: float) -> tuple[Point, Point, Point]:
    """The three corners of an arrow's head at its end, the tip first."""
    way = atan2(end[1] - start[1], end[0] - start[0])
    back = [(end[0] - 6 * width * cos(way + turn), end[1] - 6 * width * sin(way + turn)) for turn in (-0.45, 0.45)]
    return end, back[0], back[1]


def shaft(one: Arrow) -> tuple[Point, Point]:
    """The ends of an arrow's line, which stops within its heads."""
    way = atan2(one.end[1] - one.start[1], one.end[0] - one.start[0])
    x, y = 3 * one.width * cos(way), 3 * one.width * sin(way)
    start = (one.start[0] + x, one.start[1] + y) if one.both else one.start
    return start, (one.end[0] - x, one.end[1] - y)


def _arrow(one: Arrow) -> Markup:
    (x1, y1), (x2, y2) = shaft(one)
    lines = [
        markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"/>', x1, y1, x2, y2, colour, width)
        for colour, width in (("#ffffff", 2 * one.width), (one.colour, one.width))
    ]
    ends = [head(one.start, one.end, one.width), *([head(one.end, one.start, one.width)] if one.both else [])]
    heads = [
        markup(
            '<polygon points="{}" fill="{}" stroke="#ffffff" stroke-width="{}"/>',
            " ".join(f"{x:.2f},{y:.2f}" for x, y in corners),
            one.colour,
            one.width / 2,
        )
        for corners in ends
    ]
    return joined([*lines, *heads])


def _overlay(one: Overlay) -> Markup:
    out = BytesIO()
    tinted(one).save(out, "PNG", optimize=True)
    return _image(one.width, one.height, data_url(out.getvalue(), "image/png"), crisp=True)


def tinted(one: Overlay) -> Any:
    """A mask as an image of Pillow: its colour where it is, and nothing elsewhere."""
    from PIL import Image

    alpha = Image.fromarray(one.mask.astype("uint8") * MASK)
    image = Image.new("RGBA", alpha.size, one.colour)
    image.putalpha(alpha)
    return image


def _image(width: float, height: float, url: str, *, crisp: bool = False) -> Markup:
    style = markup(' style="image-rendering:pixelated"') if crisp else markup("")
    template = '<image x="0" y="0" width="{}" height="{}" preserveAspectRatio="none" href="{}"{}/>'
    return markup(template, width, height, url, style)


def _ground(one: Ground) -> Markup:
    template = '<rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}" fill-opacity="{}"/>'
    return markup(template, one.x, one.y, one.width, one.height, min(one.height * 0.12, 3.0), one.colour, one.density)


def _caption(one: Caption) -> Markup:
    wanted = wide(one.text) * _LETTER * one.size
    ground = Ground(_left(one, wanted + one.size * 0.6), one.y - 1.4 * one.size, wanted + 0.6 * one.size,
                    1.4 * one.size, one.colour)  # fmt: skip
    words = _words(ground.x + 0.3 * one.size, one.y - 0.4 * one.size, one.size, one.text, on(one.colour), bold=True)
    return joined([_ground(ground), words])


def _left(one: Caption, width: float) -> float:
    """Where a caption of this width begins, so that it ends within the scene."""
    return max(min(one.x, one.most - width), 0.0)


def _line(one: Line) -> Markup:
    parts = []
    x = one.x
    for run in one.runs:
        length = wide(run.text) * _LETTER * one.size
        if run.ground:
            parts.append(_ground(Ground(x, one.y - one.size, length, 1.35 * one.size, run.ground)))
        parts.append(_words(x, one.y, one.size, run.text, run.ink, bold=run.bold))
        x += length
    return joined(parts)


def _words(x: float, y: float, size: float, text: str, colour: str, *, bold: bool = False) -> Markup:
    return markup(
        '<text x="{}" y="{}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="{}" font-weight="{}" '
        'fill="{}" textLength="{}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">{}</text>',
        x,
        y,
        size,
        "bold" if bold else "normal",
        colour,
        wide(text) * _LETTER * size,
        text,
    )


def _placed(one: Placed) -> Markup:
    transform = f"translate({one.x:.3f} {one.y:.3f}) scale({one.scale:.6f})"
    return markup('<g transform="{}">{}</g>', transform, _marks(one.scene.marks))


_DRAW: dict[type[Any], Callable[[Any], Markup]] = {
    Outline: _outline,
    Dot: _dot,
    Arrow: _arrow,
    Overlay: _overlay,
    Photo: lambda one: _image(one.width, one.height, data_url(one.content, one.kind)),
    Linked: lambda one: _image(one.width, one.height, one.url),
    Ground: _ground,
    Caption: _caption,
    Line: _line,
    Placed: _placed,
}
