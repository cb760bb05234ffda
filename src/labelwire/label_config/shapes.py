"""Results on images and videos, from pixels: Label Studio stores percent of the image's width and height."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, SupportsFloat, Unpack

from labelwire.errors import InvalidInput

from .making import Around, Maker, Result, plain
from .rle import encode_mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Shapes(Maker):
    """The methods of a control for images and videos.

    Positions are pixels from the top left corner, x to the right and y down; `image_size` is (width, height) in pixels;
    rotations are degrees, clockwise as one sees the image. A control without labels (`<Rectangle>`) takes no `label`.
    """

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        image_size: tuple[int, int],
        label: str | Sequence[str] | None = None,
        rotation: float = 0.0,
        clip: bool = False,
        **around: Unpack[Around],
    ) -> Result:
        """A box by its top left corner and its size in pixels.

        It is turned about that corner by `rotation` degrees. `clip` cuts a box that is not turned to the image.
        """
        self._only("box", "RectangleLabels", "Rectangle")
        wide, high = _size(image_size)
        x, y, rotation = _floats(x=x, y=y, rotation=rotation)
        width, height = _positive(width=width, height=height)
        if clip and not rotation:
            right, bottom = min(x + width, wide), min(y + height, high)
            x, y = max(x, 0), max(y, 0)
            width, height = right - x, bottom - y
            _positive(width=width, height=height)
        value = {
            "x": 100 * x / wide,
            "y": 100 * y / high,
            "width": 100 * width / wide,
            "height": 100 * height / high,
            "rotation": rotation % 360,
        }
        return self._on_image(value, label, image_size, around)

    def box_about(
        self,
        center_x: float,
        center_y: float,
        width: float,
        height: float,
        rotation: float = 0.0,
        *,
        image_size: tuple[int, int],
        label: str | Sequence[str] | None = None,
        **around: Unpack[Around],
    ) -> Result:
        """A box by its centre, its size in pixels and its rotation about the centre in degrees.

        OpenCV's `minAreaRect` gives these as they are; the angle of ultralytics' `xywhr` needs `math.degrees`.
        """
        center_x, center_y, rotation = _floats(center_x=center_x, center_y=center_y, rotation=rotation)
        width, height = _positive(width=width, height=height)
        cos, sin = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
        x = center_x - (width * cos - height * sin) / 2
        y = center_y - (width * sin + height * cos) / 2
        return self.box(x, y, width, height, image_size=image_size, label=label, rotation=rotation, **around)

    def ellipse(
        self,
        center_x: float,
        center_y: float,
        radius_x: float,
        radius_y: float,
        *,
        image_size: tuple[int, int],
        label: str | Sequence[str] | None = None,
        rotation: float = 0.0,
        **around: Unpack[Around],
    ) -> Result:
        """An ellipse by its centre and its two radii in pixels, turned about the centre by `rotation` degrees."""
        self._only("ellipse", "EllipseLabels", "Ellipse")
        wide, high = _size(image_size)
        center_x, center_y, rotation = _floats(center_x=center_x, center_y=center_y, rotation=rotation)
        radius_x, radius_y = _positive(radius_x=radius_x, radius_y=radius_y)
        value = {
            "x": 100 * center_x / wide,
            "y": 100 * center_y / high,
            "radiusX": 100 * radius_x / wide,
            "radiusY": 100 * radius_y / high,
            "rotation": rotation % 360,
        }
        return self._on_image(value, label, image_size, around)

    def polygon(
        self,
        points: Iterable[Sequence[float]],
        *,
        image_size: tuple[int, int],
        label: str | Sequence[str] | None = None,
        **around: Unpack[Around],
    ) -> Result:
        """A polygon by its corners, (x, y) in pixels; at least three of them."""
        self._only("polygon", "PolygonLabels", "Polygon")
        wide, high = _size(image_size)
        corners = []
        for point in points:
            x, y = point
            x, y = _floats(x=x, y=y)
            corners.append([100 * x / wide, 100 * y / high])
        if len(corners) < 3:
            raise InvalidInput(f"a polygon has three corners at least, not {len(corners)}")
        return self._on_image({"points": corners, "closed": True}, label, image_size, around)

    def keypoint(
        self,
        x: float,
        y: float,
        *,
        image_size: tuple[int, int],
        label: str | Sequence[str] | None = None,
        width: float | None = None,
        **around: Unpack[Around],
    ) -> Result:
        """A point in pixels; `width` is the size of its dot in pixels, half a percent of the image's width if None."""
        self._only("keypoint", "KeyPointLabels", "KeyPoint")
        wide, high = _size(image_size)
        x, y = _floats(x=x, y=y)
        (size,) = (0.5,) if width is None else _positive(width=width / wide * 100)
        return self._on_image({"x": 100 * x / wide, "y": 100 * y / high, "width": size}, label, image_size, around)

    def mask(self, mask: Any, *, label: str | Sequence[str] | None = None, **around: Unpack[Around]) -> Result:
        """A brush region of a rows by columns (height by width) mask: what is true or not 0 belongs to it.

        The mask is a NumPy array, a tensor or a list of rows, as large as the image.
        """
        self._only("mask", "BrushLabels", "Brush", "MagicWand")
        rle, width, height = encode_mask(mask)
        return self._on_image({"format": "rle", "rle": rle}, label, (width, height), around)

    def track(
        self,
        boxes: Mapping[int, Sequence[float]],
        *,
        image_size: tuple[int, int],
        frames: int,
        fps: float,
        label: str | Sequence[str] | None = None,
        **around: Unpack[Around],
    ) -> Result:
        """A box that moves through a video: by frame number, counted from 1, its (x, y, width, height) in pixels.

        `frames` is how many frames the video has; between two frames given, the editor interpolates. The labels are
        those of the `<Labels>` for the same video.
        """
        self._only("track", "VideoRectangle")
        wide, high = _size(image_size)
        _, fps = _positive(frames=frames, fps=fps)
        frames = int(frames)
        sequence = []
        for frame in sorted(map(int, boxes)):
            x, y, width, height = boxes[frame]
            x, y = _floats(x=x, y=y)
            width, height = _positive(width=width, height=height)
            if not 1 <= frame <= frames:
                raise InvalidInput(f"frame {frame} is none of the video's {frames}, which are counted from 1")
            place = {
                "x": 100 * x / wide,
                "y": 100 * y / high,
                "width": 100 * width / wide,
                "height": 100 * height / high,
            }
            sequence.append({"frame": frame, "time": frame / fps, "enabled": True, "rotation": 0.0, **place})
        if not sequence:
            raise InvalidInput("a track has one box at least")
        value: dict[str, Any] = {"framesCount": frames, "duration": frames / fps, "sequence": sequence}
        if label is not None:
            value["labels"] = [label] if isinstance(label, str) else list(label)
        return self._result(value, around)

    def _on_image(
        self,
        value: Mapping[str, Any],
        label: str | Sequence[str] | None,
        image_size: tuple[int, int],
        around: Around,
    ) -> Result:
        made = self._result({**value, **self._labelled(label)}, around)
        width, height = _size(image_size)
        return {**made, "original_width": width, "original_height": height, "image_rotation": 0}


def _size(image_size: tuple[int, int]) -> tuple[int, int]:
    try:
        width, height = (plain(side, "image_size") for side in image_size)
    except (TypeError, ValueError):
        raise InvalidInput(f"image_size is (width, height) in whole pixels, not {image_size!r}") from None
    if not (width > 0 and height > 0 and width == int(width) and height == int(height)):
        raise InvalidInput(f"image_size is (width, height) in whole pixels, not {image_size!r}")
    return int(width), int(height)


def _floats(**numbers: SupportsFloat) -> list[float]:
    return [float(plain(number, name)) for name, number in numbers.items()]


def _positive(**numbers: SupportsFloat) -> list[float]:
    found = _floats(**numbers)
    for name, number in zip(numbers, found, strict=True):
        if number <= 0:
            raise InvalidInput(f"{name} is {number:g}; it must be more than 0")
    return found
