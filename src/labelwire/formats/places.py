"""From the `value` of a result to a shape; one function for each type of result.

Percentages become pixels, and UTF-16 units code points. What cannot be understood is a Misfit, which the caller
reports.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, TypeAlias

from .seen import LONGEST, Misfit, Seen, Value, in_code_points, in_units, number, whole
from .shapes import (
    Bitmask,
    Box,
    Ellipse,
    Frames,
    HtmlSpan,
    Keyframe,
    Keypoint,
    Mask,
    ParagraphSpan,
    Polygon,
    Segment,
    Shape,
    TextSpan,
    Track,
)


def box(value: Value, seen: Seen) -> Box:
    """A box, from percent to pixels."""
    wide, high = seen.size or seen.image
    given: tuple[Any, ...] = value.get("x"), value.get("y"), value.get("width"), value.get("height")
    x, y, width, height = given
    if (
        type(x) is type(y) is type(width) is type(height) is float
        and not value.get("rotation")
        and width > 0 < height
        and abs(x) + abs(y) + width + height < LONGEST
    ):  # the short way for what nearly all boxes are
        return Box(x * wide / 100, y * high / 100, width * wide / 100, height * high / 100)
    x, y, width, height, turn = _numbers(value, "x", "y", "width", "height", "rotation")
    if width <= 0 or height <= 0:
        raise Misfit(f"its size is {width:g} by {height:g} %")
    return Box(x * wide / 100, y * high / 100, width * wide / 100, height * high / 100, turn % 360 if turn else 0.0)


def ellipse(value: Value, seen: Seen) -> Ellipse:
    """An ellipse, from percent to pixels."""
    wide, high = seen.image
    x, y, across, down, turn = _numbers(value, "x", "y", "radiusX", "radiusY", "rotation")
    if across <= 0 or down <= 0:
        raise Misfit(f"its radii are {across:g} and {down:g} %")
    return Ellipse(x * wide / 100, y * high / 100, across * wide / 100, down * high / 100, turn % 360 if turn else 0.0)


def polygon(value: Value, seen: Seen) -> Polygon:
    """A polygon, from percent to pixels."""
    wide, high = seen.image
    points = tuple([(x * wide / 100, y * high / 100) for x, y in _pairs(value.get("points"))])
    closed = value.get("closed") is not False
    if len(set(points[:4])) < 3 and len(set(points)) < (3 if closed else 2):  # the first few of them say it mostly
        raise Misfit(f"it has {len(set(points))} different points")
    return Polygon(points, closed)


def vector(value: Value, seen: Seen) -> Polygon:
    """A `<Vector>`: an open or closed line, whose curves are taken as straight."""
    wide, high = seen.image
    given = value.get("vertices")
    if not isinstance(given, list):
        raise Misfit("it has no vertices")
    points = tuple(
        (number(one.get("x"), "x") * wide / 100, number(one.get("y"), "y") * high / 100)
        for one in given
        if isinstance(one, dict)
    )
    closed = value.get("closed") is True
    if len(points) != len(given) or len(set(points)) < (3 if closed else 2):
        raise Misfit(f"it has {len(set(points))} different points")
    return Polygon(points, closed)


def keypoint(value: Value, seen: Seen) -> Keypoint:
    """A point, from percent to pixels."""
    wide, high = seen.image
    x, y = number(value.get("x"), "x"), number(value.get("y"), "y")
    width = number(value.get("width") or 0.0, "width")
    return Keypoint(x * wide / 100, y * high / 100, max(width, 0.0) * wide / 100)


def mask(value: Value, seen: Seen) -> Mask | Bitmask:
    """A brush mask, as it is; only its header is looked at."""
    if "rle" not in value and "imageDataURL" in value:
        return bitmask(value, seen)
    wide, high = seen.image
    rle = value.get("rle")
    if not isinstance(rle, (list, tuple)) or not rle:
        raise Misfit("it has no rle")
    try:
        found = bytes(rle)
    except (TypeError, ValueError):
        raise Misfit("its rle is no list of bytes") from None
    pixels = int.from_bytes(found[:4], "big") / 4
    if len(found) < 7 or pixels != wide * high:
        raise Misfit(f"its rle is of {pixels:g} pixels, and the image of {wide} by {high}")
    return Mask(found, wide, high)


def bitmask(value: Value, seen: Seen) -> Bitmask:
    """A mask that is a PNG."""
    wide, high = seen.image
    url = value.get("imageDataURL")
    if not isinstance(url, str) or not url.startswith("data:image/png;base64,"):
        raise Misfit("its imageDataURL is no PNG")
    try:
        return Bitmask(b64decode(url.partition(",")[2], validate=True), wide, high)
    except (NotBase64, ValueError):
        raise Misfit("its imageDataURL is damaged") from None


def text_span(value: Value, seen: Seen) -> TextSpan:
    """A stretch of a text, from UTF-16 units to code points."""
    start, end = whole(value.get("start"), "start"), whole(value.get("end"), "end")
    quote = value.get("text")
    text = seen.shown if isinstance(seen.shown, str) else None
    if text is not None and not text.isascii():
        start, end = seen.in_code_points(text, start), seen.in_code_points(text, end)
    if not 0 <= start <= end or (text is not None and end > len(text)):
        length = "" if text is None else f", and the text has {len(text)}"
        raise Misfit(f"it goes from {start} to {end}{length}")
    return TextSpan(start, end, quote if isinstance(quote, str) else (text or "")[start:end])


def html_span(value: Value, seen: Seen) -> Shape:
    """A stretch of an HTML document."""
    if "startOffset" not in value and "globalOffsets" not in value:
        return text_span(value, seen)
    said = value.get("globalOffsets")
    start = end = None
    if isinstance(said, dict):
        start, end = whole(said.get("start"), "globalOffsets.start"), whole(said.get("end"), "globalOffsets.end")
        if not 0 <= start <= end:
            raise Misfit(f"it goes from {start} to {end}")
    return HtmlSpan(
        start,
        end,
        str(value.get("start") or ""),
        str(value.get("end") or ""),
        whole(value.get("startOffset") or 0, "startOffset"),
        whole(value.get("endOffset") or 0, "endOffset"),
        quote if isinstance(quote := value.get("text"), str) else "",
    )


def paragraph_span(value: Value, seen: Seen) -> ParagraphSpan:
    """A stretch of a dialogue."""
    first, last = whole(value.get("start"), "start"), whole(value.get("end"), "end")
    start, end = whole(value.get("startOffset") or 0, "startOffset"), whole(value.get("endOffset") or 0, "endOffset")
    shown = seen.shown if isinstance(seen.shown, list) else None
    if not 0 <= first <= last or (shown is not None and last >= len(shown)) or (first == last and start > end):
        raise Misfit(f"it goes from paragraph {first}, {start} to paragraph {last}, {end}")
    if shown is not None:
        start, end = _in_paragraph(shown[first], start), _in_paragraph(shown[last], end)
    return ParagraphSpan(first, last, start, end, quote if isinstance(quote := value.get("text"), str) else "")


def segment(value: Value, seen: Seen) -> Segment:
    """A stretch of a sound or a video, in seconds."""
    start, end = number(value.get("start"), "start"), number(value.get("end"), "end")
    if start > end:
        raise Misfit(f"it goes from {start:g} to {end:g}")
    channel = value.get("channel")
    return Segment(start, end, channel if isinstance(channel, int) and not isinstance(channel, bool) else None)


def stretch(value: Value, seen: Seen) -> Segment:
    """Of a series: its ends are what the time column has, numbers or dates."""
    start, end = value.get("start"), value.get("end")
    if isinstance(start, str) and isinstance(end, str) and start and end:
        return Segment(start, end)
    return segment(value, seen)


def frames(value: Value, seen: Seen) -> Frames:
    """Stretches of a video, in frames."""
    given = value.get("ranges")
    if not isinstance(given, list) or not given:
        raise Misfit("it has no ranges")
    found = []
    for one in given:
        if not isinstance(one, dict):
            raise Misfit("a range is no object")
        start, end = whole(one.get("start"), "start"), whole(one.get("end"), "end")
        if not 0 <= start <= end:
            raise Misfit(f"a range goes from {start} to {end}")
        found.append((start, end))
    return Frames(tuple(found))


def track(value: Value, seen: Seen) -> Track:
    """A box that moves, in percent."""
    given = value.get("sequence")
    if not isinstance(given, list) or not given:
        raise Misfit("it has no sequence")
    keyframes = []
    for one in given:
        if not isinstance(one, dict):
            raise Misfit("a keyframe is no object")
        x, y, width, height, turn = _numbers(one, "x", "y", "width", "height", "rotation")
        time = None if one.get("time") is None else number(one["time"], "time")
        frame = whole(one.get("frame"), "frame")
        keyframes.append(Keyframe(frame, time, x, y, width, height, turn, one.get("enabled") is not False))
    keyframes.sort(key=lambda one: one.frame)
    count, duration = value.get("framesCount"), value.get("duration")
    return Track(
        tuple(keyframes),
        None if count is None else whole(count, "framesCount"),
        None if duration is None else number(duration, "duration"),
    )


def _in_paragraph(paragraph: Any, units: int) -> int:
    text = next((one for key in ("text", "message") if isinstance(one := _get(paragraph, key), str)), "")
    return units if not text else in_code_points(text, min(units, in_units(text, len(text))))


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _numbers(
    value: Value, x: str, y: str, across: str, down: str, turn: str
) -> tuple[float, float, float, float, float]:
    """Five numbers. They are floats or ints in nearly every file, for which there is a short way."""
    a, b, c, d, e = value.get(x), value.get(y), value.get(across), value.get(down), value.get(turn) or 0.0
    for one in (a, b, c, d, e):
        if (type(one) is not float and type(one) is not int) or not -LONGEST < one < LONGEST:
            break
    else:
        return a, b, c, d, e  # type: ignore[return-value]
    return number(a, x), number(b, y), number(c, across), number(d, down), number(e, turn)


def _pairs(given: Any) -> Sequence[Sequence[float]]:
    """Points that are pairs of numbers."""
    if not isinstance(given, list):
        raise Misfit("it has no points")
    if _plain(given):
        return given
    found = []
    for one in given:
        if not isinstance(one, Sequence) or isinstance(one, str) or len(one) != 2:
            raise Misfit("a point is no pair of numbers")
        found.append((number(one[0], "x"), number(one[1], "y")))
    return found


def _plain(given: list[Any]) -> bool:
    """Whether these are pairs of numbers as JSON has them, which nearly all are; looked at as a whole."""
    try:
        flat = list(chain.from_iterable(given))
        plain = set(map(type, flat)) <= _NUMBERS and sum(map(abs, flat)) < LONGEST  # neither NaN is
    except (TypeError, OverflowError):  # a point is no list, or a number has more digits than floats can
        return False
    return plain and set(map(len, given)) == {2}


_NUMBERS = {int, float}


Place: TypeAlias = Callable[[Value, Seen], Shape]

_OF_GEOMETRY: dict[str, Place] = {
    "rectangle": box,
    "ellipse": ellipse,
    "polygon": polygon,
    "vector": vector,
    "keypoint": keypoint,
    "brush": mask,
    "magicwand": mask,
    "bitmask": bitmask,
}

PLACES: dict[str, Place] = {
    **_OF_GEOMETRY,
    **{f"{name}labels": place for name, place in _OF_GEOMETRY.items()},
    "hypertextlabels": html_span,
    "paragraphlabels": paragraph_span,
    "timeserieslabels": stretch,
    "timelinelabels": frames,
    "videorectangle": track,
    "videovector": track,
}
"""The function for each type of result whose place does not depend on what it is on."""

_ON: dict[str, Place] = {
    "text": text_span,
    "hypertext": html_span,
    "audio": segment,
    "audioplus": segment,
    "video": segment,
    "paragraphs": paragraph_span,
    "timeseries": stretch,
}


def place_of(type: str, value: Value, seen: Seen) -> Place | None:
    """The function for a result; None for one that is an answer and no region."""
    found = PLACES.get(type)
    if found is not None or type != "labels":
        return found
    if "sequence" in value:
        return track
    if "ranges" in value:
        return frames
    if "start" not in value or "end" not in value:
        return None
    on = _ON.get(seen.kind)
    if on is not None:
        return on
    return text_span if "text" in value else segment
