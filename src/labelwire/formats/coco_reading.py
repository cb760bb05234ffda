"""Reads COCO: instances, keypoints and results, in one file or one for each split."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from ..errors import InvalidInput
from ..label_config import LabelConfig
from .image_reading import NO_SIZE, NO_TOOL, STRANGE, Tools, config_for, known_size, relative
from .model import Region, Sample
from .report import Report
from .seen import LARGEST, WIDEST, Misfit
from .seen import number as number_of
from .shapes import Box, Keypoint, Mask, Polygon, bounds_of

NOT_UNDERSTOOD = "an annotation that cannot be understood"
NO_IMAGE = "an annotation of an image that there is not"
NO_RESULTS_OF = "results name images by number only: say images_of=, the COCO file that has them"

_SPLIT = re.compile(r"(?:^|[^a-z])(train|val|valid|test)(?:$|[^a-z])")
_EXACT = 1e-6
"""Pixels by which the corners of a box may be off."""

_MOST = 1 << 20
"""Runs or points that an annotation may have."""


class _Image(Struct):
    id: Any = None
    file_name: Any = ""
    width: Any = None
    height: Any = None
    label_studio_id: Any = None


class _Category(Struct):
    id: Any = None
    name: Any = ""
    keypoints: Any = ()


class _Annotation(Struct):
    """The outline stays text until its image's turn: it is most of the file."""

    id: Any = None
    image_id: Any = None
    category_id: Any = None
    bbox: Any = None
    segmentation: Raw = field(default_factory=lambda: Raw(b"null"))
    keypoints: Any = None
    num_keypoints: Any = None
    iscrowd: Any = 0
    score: Any = None


class _File(Struct):
    images: list[_Image] = field(default_factory=list)
    categories: list[_Category] = field(default_factory=list)
    annotations: list[_Annotation] = field(default_factory=list)


class _Keys(Struct):
    images: Raw | UnsetType = UNSET
    annotations: Raw | UnsetType = UNSET


class CocoReader:
    """Reads COCO.

    Options:
        images: the folder of the images; by default it is looked for beside the file.
        images_of: of results, the COCO file with the images and categories.
    """

    def __init__(
        self,
        place: Path,
        report: Report,
        *,
        config: LabelConfig | None = None,
        images: str | Path | None = None,
        images_of: str | Path | None = None,
    ) -> None:
        files = _files(place)
        if not files:
            raise InvalidInput(f"{place} holds no COCO file: no JSON with images and annotations.")
        self._root = place if place.is_dir() else place.parent
        self._folder = Path(images) if images is not None else None
        self._report = report
        self._read = [(_split(path) if len(files) > 1 else "", _load(path, images_of)) for path in files]
        labels: dict[str, None] = {}
        points: dict[str, None] = {}
        kinds: set[type] = set()
        for _, file in self._read:
            labels.update(dict.fromkeys(_name(one) for one in file.categories))
            points.update(dict.fromkeys(name for one in file.categories for name in _points(one)))
            kinds |= {kind for one in file.annotations for kind in _kinds(one)}
        self.config = config if config is not None else config_for(list(labels), kinds or {Box}, list(points))
        self._tools = Tools(self.config)

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether this is a COCO file, or a folder with one."""
        return bool(_files(place))

    def samples(self) -> Iterator[Sample]:
        """A sample for each image, in the order of the file."""
        index = 0
        for split, file in self._read:
            of: dict[Any, list[_Annotation]] = {}
            known = {_key(image.id) for image in file.images}
            for annotation in file.annotations:
                if _key(annotation.image_id) in known:
                    of.setdefault(_key(annotation.image_id), []).append(annotation)
                else:
                    self._report.leave_out(NO_IMAGE, None, index, detail=f"annotation {annotation.id}")
            categories = {_key(one.id): one for one in file.categories}
            for image in file.images:
                sample = self._sample(image, of.get(_key(image.id), ()), categories, index, split)
                index += 1
                if sample is not None:
                    yield sample

    def _sample(
        self,
        image: _Image,
        annotations: Sequence[_Annotation],
        categories: Mapping[Any, _Category],
        index: int,
        split: str,
    ) -> Sample | None:
        report = self._report
        report.tasks_in += 1
        report.annotations_in += 1
        report.regions_in += len(annotations)
        task = image.label_studio_id if type(image.label_studio_id) is int else None
        name = image.file_name if isinstance(image.file_name, str) else ""
        found = self._url(name, split)
        if found is None:
            report.leave_out(STRANGE, task, index, detail=repr(name)[:200])
            return None
        url, path = found
        size = known_size(path, image.width, image.height)
        if size is None and annotations:
            report.leave_out(NO_SIZE, task, index, detail=name[:200])
            return None
        regions: list[Region] = []
        scored = False
        for at, annotation in enumerate(annotations):
            try:
                made = self._regions(annotation, f"r{at}", categories, size or (1, 1))
            except (Misfit, InvalidInput, ValueError, msgspec.DecodeError) as reason:
                report.leave_out(NOT_UNDERSTOOD, task, index, region=str(annotation.id), detail=str(reason))
                continue
            if not made:
                report.leave_out(NO_TOOL, task, index, region=str(annotation.id))
            regions += made
            report.regions_out += bool(made)
            scored = scored or annotation.score is not None
        report.tasks_out += 1
        report.annotations_out += 1
        return self._tools.sample(index, url, size, regions, id=task, split=split, prediction=scored)

    def _regions(
        self, given: _Annotation, id: str, categories: Mapping[Any, _Category], size: tuple[int, int]
    ) -> list[Region]:
        """An annotation's regions: its outline, the parts and the keypoints of it, which hang below that."""
        category = categories.get(_key(given.category_id))
        if category is None:
            raise Misfit(f"there is no category {given.category_id!r}")
        label = _name(category)
        score = None if given.score is None else number_of(given.score, "score")
        crowd = given.iscrowd == 1
        shapes = self._shapes(given, size)
        made: list[Region] = []
        for at, shape in enumerate(shapes):
            part = f"{id}-{at}" if at else id
            region = self._tools.region(part, shape, label, size, score=score, parent=id if at else None, crowd=crowd)
            if region is not None:
                made.append(region)
        parent = id if made else None
        made += self._keypoints(given, id, parent, _points(category), size)
        return made

    def _shapes(self, given: _Annotation, size: tuple[int, int]) -> list[Any]:
        """The outline in what the configuration has tools for: as it is, or else the box around it."""
        outline = msgspec.json.decode(given.segmentation)
        if isinstance(outline, dict):
            shapes: list[Any] = [_mask(outline, size)]
        else:
            shapes = _outline(outline)
        if shapes and all(self._tools.can(type(one)) for one in shapes):
            return shapes
        if given.bbox is None and not shapes:
            if given.keypoints:
                return []
            raise Misfit("it has neither segmentation nor bbox")
        if not self._tools.can(Box):
            return []
        if given.bbox is None:
            around = bounds_of([corner for one in shapes for corner in _corners(one)])
        elif isinstance(given.bbox, list) and len(given.bbox) == 4:
            around = tuple(number_of(one, "bbox") for one in given.bbox)  # type: ignore[assignment]
        else:
            raise Misfit("its bbox is no list of four numbers")
        if around[2] <= 0 or around[3] <= 0:
            if given.keypoints:
                return []
            raise Misfit(f"its size is {around[2]:g} by {around[3]:g}")
        return [Box(*around)]

    def _keypoints(
        self, given: _Annotation, id: str, parent: str | None, names: Sequence[str], size: tuple[int, int]
    ) -> list[Region]:
        values = given.keypoints
        if not values:
            return []
        if not isinstance(values, list) or len(values) != 3 * len(names):
            raise Misfit(f"its category has {len(names)} keypoints, and it has something else")
        made = []
        for at, name in enumerate(names):
            x, y, seen = (number_of(one, "a keypoint") for one in values[3 * at : 3 * at + 3])
            if not seen:
                continue
            point = Keypoint(x, y, max(size) / 200)
            region = self._tools.region(f"{id}-p{at}", point, name, size, parent=parent, hidden=seen == 1)
            if region is not None:
                made.append(region)
        return made

    def _url(self, name: str, split: str) -> tuple[str, Path | None] | None:
        """Where an image is, as the dataset sees it, and its file, if any; None for a name that leads outside."""
        if "://" in name:
            return name, None
        plain = PurePosixPath(name.replace("\\", "/"))
        if not name or "\0" in name or ".." in plain.parts or plain.is_absolute() or ":" in plain.parts[0]:
            return None
        folders = [self._folder] if self._folder is not None else [self._root / sub for sub in ("", "images", split)]
        for folder in folders:
            path = folder / plain
            try:
                if path.is_file():
                    return relative(path, self._root), path
            except OSError:  # a name that is too long for this system
                return None
        return str(plain), None


def _files(place: Path) -> list[Path]:
    """The COCO files at a place."""
    if place.is_file():
        return [place] if place.suffix.lower() == ".json" and (_is_coco(place) or _is_results(place)) else []
    there = sorted({*place.glob("*.json"), *place.glob("annotations/*.json"), *place.glob("*/_annotations.coco.json")})
    return [path for path in there if _is_coco(path)]


def _is_coco(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            if not stream.read(256).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
                return False
        found = msgspec.json.decode(_content(path), type=_Keys)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return False
    return found.images is not UNSET and found.annotations is not UNSET


def _is_results(path: Path) -> bool:
    try:
        found = msgspec.json.decode(_content(path), type=list[dict[str, Raw]])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return False
    return bool(found) and {"image_id", "category_id"} <= found[0].keys()


def _content(path: Path) -> bytes:
    return path.read_bytes().removeprefix(b"\xef\xbb\xbf")


def _load(path: Path, images_of: str | Path | None) -> _File:
    try:
        if not _is_results(path):
            return msgspec.json.decode(_content(path), type=_File)
        if images_of is None:
            raise InvalidInput(f"{path}: {NO_RESULTS_OF}.")
        file = _load(Path(images_of), None)
        file.annotations = msgspec.json.decode(_content(path), type=list[_Annotation])
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise InvalidInput(f"{path} is no COCO file: {error}.") from None
    return file


def _split(path: Path) -> str:
    """Which split a file is of, by its name or its folder's."""
    for name in (path.stem.lower(), path.parent.name.lower()):
        if found := _SPLIT.search(re.sub(r"\d", "", name)):
            return found[1]
    return path.stem


def _key(id: Any) -> Any:
    return id if isinstance(id, (int, str)) else repr(id)


def _name(category: _Category) -> str:
    return category.name if isinstance(category.name, str) and category.name else f"category {category.id}"


def _points(category: _Category) -> list[str]:
    given = category.keypoints
    return [str(one) for one in given if str(one)] if isinstance(given, list) else []


def _kinds(given: _Annotation) -> list[type]:
    """What an annotation needs tools for."""
    text = bytes(given.segmentation).lstrip()
    if text.startswith(b"{"):
        return [Mask]
    if not text.startswith(b"[") or text[1:].lstrip().startswith(b"]"):
        return [Box]
    try:
        return [type(one) for one in _outline(msgspec.json.decode(text))]
    except (Misfit, msgspec.DecodeError, TypeError):
        return []


def _outline(given: Any) -> list[Polygon | Box]:
    """The polygons; a single one is a box, turned or not, where its corners are those of one."""
    if not isinstance(given, list):
        return []
    parts = [_polygon(one) for one in given]
    if len(parts) == 1 and len(parts[0].points) == 4 and (box := right_angled(parts[0].points, _EXACT)) is not None:
        return [box]
    return [*parts]


def _polygon(given: Any) -> Polygon:
    if not isinstance(given, list) or len(given) < 6 or len(given) % 2 or len(given) > _MOST:
        raise Misfit("a part of its segmentation is no polygon")
    values = [number_of(one, "segmentation") for one in given]
    return Polygon(tuple(zip(values[::2], values[1::2], strict=True)))


def right_angled(corners: Sequence[tuple[float, float]], off: float) -> Box | None:
    """The box with these four corners, clockwise; None where they are further than `off` pixels from one."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    box = Box.around(corners)
    clockwise = (bx - ax) * (cy - by) - (by - ay) * (cx - bx) > 0
    skew = abs((bx - ax) * (cx - bx) + (by - ay) * (cy - by))
    if (
        not clockwise
        or skew > off * (box.width + box.height)
        or abs(ax + cx - bx - dx) > off
        or abs(ay + cy - by - dy) > off
    ):
        return None
    if ay == by and bx > ax:
        return Box(ax, ay, cx - ax, cy - ay)
    return box


def _corners(shape: Any) -> list[tuple[float, float]]:
    if isinstance(shape, Mask):
        raise Misfit("it has a mask and no bbox, and the configuration has no brush")
    return list(shape.corners if isinstance(shape, Box) else shape.points)


def _mask(given: Mapping[str, Any], size: tuple[int, int]) -> Mask:
    from .masks import encode, from_coco_rle

    counts, said = given.get("counts"), given.get("size")
    wide, high = size
    if said != [high, wide]:
        raise Misfit(f"its mask is of {said!r}, and the image of {[high, wide]}")
    if wide > WIDEST or high > WIDEST or wide * high > LARGEST or not isinstance(counts, (str, list)):
        raise Misfit("its mask has no counts")
    return Mask(bytes(encode(from_coco_rle(counts, high, wide))), wide, high)
