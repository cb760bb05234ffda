"""What readers of image formats share: the configuration that they make, and regions that are drawn with its tools."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from ..errors import InvalidInput
from ..label_config import LabelConfig, image
from .images import size_of
from .model import Annotation, Media, Region, Sample
from .shapes import Box, Keypoint, Mask, Polygon

IMAGE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".jp2", ".mpo", ".png", ".tif", ".tiff", ".webp"}
)

NO_TOOL = "a region that the configuration has no tool for"
NO_SIZE = "an image whose size is not known"
STRANGE = "an image whose file is outside of the dataset"

_TOOLS: Mapping[type, tuple[str, ...]] = {
    Box: ("rectanglelabels",),
    Polygon: ("polygonlabels",),
    Keypoint: ("keypointlabels",),
    Mask: ("brushlabels",),
}


class Tool(Struct, frozen=True):
    """A control that draws."""

    name: str
    type: str


class Tools:
    """The tools of a configuration for one image.

    Attributes:
        object: the tag that shows it.
        key: the key of the task's data.
    """

    def __init__(self, config: LabelConfig) -> None:
        shown = next((tag for tag in config.objects.values() if tag.type == "image"), None)
        if shown is None:
            raise InvalidInput("The configuration shows no image; give one with an <Image>, or none.")
        self.object = shown.name
        self.key = shown.data_key or shown.name
        own = [Tool(tag.name, tag.type) for tag in config.controls.values() if shown.name in tag.to_name]
        self._of = {kind: next((tool for tool in own if tool.type in types), None) for kind, types in _TOOLS.items()}

    def can(self, kind: type) -> bool:
        """Whether there is one for this kind of shape."""
        return self._of.get(kind) is not None

    def region(
        self,
        id: str,
        shape: Box | Polygon | Keypoint | Mask,
        label: str,
        size: tuple[int, int],
        *,
        score: float | None = None,
        parent: str | None = None,
        hidden: bool = False,
        crowd: bool = False,
    ) -> Region | None:
        """The region; None where there is no tool for it."""
        tool = self._of.get(type(shape))
        if tool is None:
            return None
        meta = {"iscrowd": 1} if crowd else None
        return Region(id, tool.name, self.object, tool.type, shape, (label,), score, parent, None, size, hidden, meta)

    def sample(
        self,
        index: int,
        url: str,
        size: tuple[int, int] | None,
        regions: Sequence[Region],
        *,
        id: int | None = None,
        split: str = "",
        prediction: bool = False,
        labeled: bool = True,
    ) -> Sample:
        """The sample of one image, with one annotation if it is labeled; its split is in the data too."""
        wide, high = size or (None, None)
        media = Media(self.object, self.key, "image", url, url.rpartition("/")[2], wide, high)
        data = {self.key: url, "split": split} if split else {self.key: url}
        annotations = (Annotation(regions=tuple(regions), prediction=prediction),) if labeled else ()
        return Sample(id, index, data, {self.object: media}, annotations, split)


def config_for(labels: Sequence[str], kinds: Iterable[type], points: Sequence[str] = ()) -> LabelConfig:
    """A configuration with these labels for the tools of these kinds of shapes, and keypoints of these names."""
    named = list(dict.fromkeys(label for label in labels if label))
    there = frozenset(kinds)
    return image(
        boxes=named if Box in there else (),
        polygons=named if Polygon in there else (),
        brushes=named if Mask in there else (),
        keypoints=list(dict.fromkeys(point for point in points if point)),
    )


def images_in(folder: Path) -> list[Path]:
    """The images below a folder, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file())


def relative(path: Path, root: Path) -> str:
    """The path as the dataset's folder sees it, with "/"."""
    return Path(os.path.relpath(path, root)).as_posix()


def known_size(path: Path | None, width: object = None, height: object = None) -> tuple[int, int] | None:
    """The size that is said, or that of the image file; None where neither is to be had."""
    if type(width) is int and type(height) is int and width > 0 and height > 0:
        return width, height
    if path is None:
        return None
    try:
        return size_of(path)
    except InvalidInput:
        return None
