"""Where a region is on an image or in a video: percent and frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .item import is_number
from .rle import length_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .item import Item

SLACK = 0.02
"""How far a percentage may pass its end: two numbers rounded to two places may add up to 100.01."""


def _number(item: Item, key: str, value: Any, low: float, high: float, meaning: str) -> float | None:
    if not is_number(value):
        said = "is missing" if value is None else f"is {value!r}, no number"
        item.wrong(f".{key}", f"{said}: {meaning}")
        return None
    if not low - SLACK <= value <= high + SLACK:
        hint = "; are these pixels?" if value > 100 else ""
        item.wrong(f".{key}", f"is {value:g}, outside {low:g} to {high:g}: {meaning}{hint}")
    return float(value)


_ENDLESS = float("inf")


def _rectangle(item: Item) -> None:
    value = item.value
    turned = bool(is_number(value.get("rotation")) and value["rotation"] % 360)
    # The corner that a turned box is turned about may be outside, and so may its other corners.
    low, high = (-_ENDLESS, _ENDLESS) if turned else (0.0, 100.0)
    largest = _ENDLESS if turned else 100.0
    x = _number(item, "x", value.get("x"), low, high, "the left side, in percent of the image's width")
    y = _number(item, "y", value.get("y"), low, high, "the top, in percent of the image's height")
    width = _number(item, "width", value.get("width"), 0, largest, "percent of the image's width")
    height = _number(item, "height", value.get("height"), 0, largest, "percent of the image's height")
    if turned:
        return
    for key, at, size in (("width", x, width), ("height", y, height)):
        if at is not None and size is not None and at <= 100 and size <= 100 and at + size > 100 + SLACK:
            side = "right side" if key == "width" else "bottom"
            item.wrong(f".{key}", f"{at:g} and {size:g} put the {side} at {at + size:g}; it may be 100 percent at most")


def _ellipse(item: Item) -> None:
    value = item.value
    _number(item, "x", value.get("x"), 0, 100, "the centre, in percent of the image's width")
    _number(item, "y", value.get("y"), 0, 100, "the centre, in percent of the image's height")
    turned = bool(is_number(value.get("rotation")) and value["rotation"] % 360)
    largest = _ENDLESS if turned else 100.0
    _number(item, "radiusX", value.get("radiusX"), 0, largest, "percent of the image's width")
    _number(item, "radiusY", value.get("radiusY"), 0, largest, "percent of the image's height")


def _polygon(item: Item) -> None:
    points = item.get_list("points", "a list of [x, y] in percent of the image")
    if points is None:
        return
    if len(points) < 3 and item.value.get("closed") is not False:
        item.wrong(".points", f"a polygon has three corners at least, not {len(points)}")
    for index, point in enumerate(points):
        if not isinstance(point, (list, tuple)) or len(point) != 2:
            item.wrong(f".points[{index}]", f"is [x, y] in percent of the image, not {point!r}")
            continue
        for axis, of in enumerate(("width", "height")):
            _number(item, f"points[{index}][{axis}]", point[axis], 0, 100, f"percent of the image's {of}")


def _keypoint(item: Item) -> None:
    _number(item, "x", item.value.get("x"), 0, 100, "percent of the image's width")
    _number(item, "y", item.value.get("y"), 0, 100, "percent of the image's height")
    if item.value.get("width") is not None:
        _number(item, "width", item.value["width"], 0, 100, "the dot's size, in percent of the image's width")


def _brush(item: Item) -> None:
    rle = item.value.get("rle")
    if rle is None:
        if not set(item.value) - {item.control.type, "format"}:
            item.wrong(".rle", "is missing: the mask, which the control's mask() makes")
        return
    if item.value.get("format", "rle") != "rle":
        item.wrong(".format", f"is {item.value['format']!r}; with rle it is 'rle'")
    if not isinstance(rle, list) or not all(type(byte) is int and 0 <= byte <= 255 for byte in rle):
        item.wrong(".rle", "is a list of ints from 0 to 255: Label Studio's own RLE, which the control's mask() makes")
        return
    width, height = item.item.get("original_width"), item.item.get("original_height")
    if len(rle) < 7:
        item.wrong(".rle", f"has {len(rle)} bytes; its header alone has 7")
    elif is_number(width) and is_number(height) and width and height and length_of(rle) != 4 * width * height:
        said = f"is of {length_of(rle) // 4} pixels, the image of {width} by {height} has {width * height}"
        item.wrong(".rle", said)


def _bitmask(item: Item) -> None:
    url = item.get("imageDataURL", "the mask, as a data: URL of a PNG")
    if url is not None and not (isinstance(url, str) and url.startswith("data:")):
        item.wrong(".imageDataURL", "is a data: URL of a PNG")


def _vector(item: Item) -> None:
    vertices = item.get_list("vertices", "a list of {x, y} in percent of the image")
    for index, vertex in enumerate(vertices or ()):
        if not isinstance(vertex, dict) or not is_number(vertex.get("x")) or not is_number(vertex.get("y")):
            item.wrong(f".vertices[{index}]", f"is an object with numbers x and y, not {vertex!r}")


def _track(item: Item) -> None:
    sequence = item.get_list("sequence", "a list of key frames")
    for index, key in enumerate(sequence or ()):
        where = f"sequence[{index}]"
        if not isinstance(key, dict):
            item.wrong(f".{where}", f"is a key frame with frame, x, y, width, height, not {key!r}")
            continue
        frame = key.get("frame")
        if not isinstance(frame, int) or frame < 0:
            item.wrong(f".{where}.frame", f"is the number of a frame, counted from 1, not {frame!r}")
        # A box may leave the picture, between key frames and at them; far outside, it is in pixels.
        for name, low, high in (("x", -100, 200), ("y", -100, 200), ("width", 0, 300), ("height", 0, 300)):
            of = "width" if name in ("x", "width") else "height"
            _number(item, f"{where}.{name}", key.get(name), low, high, f"percent of the frame's {of}")


def _timeline(item: Item) -> None:
    ranges = item.get_list("ranges", "a list of {start, end} in frames")
    for index, one in enumerate(ranges or ()):
        start, end = (one.get("start"), one.get("end")) if isinstance(one, dict) else (None, None)
        if not is_number(start) or not is_number(end):
            item.wrong(f".ranges[{index}]", f"has a start and an end in frames, not {one!r}")
        elif start > end:
            item.wrong(f".ranges[{index}]", f"starts at frame {start}, behind its end at {end}")


def _both(name: str, rule: Callable[[Item], None]) -> dict[str, Callable[[Item], None]]:
    return {name: rule, f"{name}labels": rule}


PLACES: dict[str, Callable[[Item], None]] = {
    **_both("rectangle", _rectangle),
    **_both("ellipse", _ellipse),
    **_both("polygon", _polygon),
    **_both("keypoint", _keypoint),
    **_both("brush", _brush),
    **_both("bitmask", _bitmask),
    **_both("vector", _vector),
    "ocrlabels": _rectangle,
    "magicwand": _brush,
    "videorectangle": _track,
    "timelinelabels": _timeline,
}
"""The rule for each type of region on images and videos."""
