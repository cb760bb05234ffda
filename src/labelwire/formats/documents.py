"""Documents: FUNSD, the forms of which parts are boxes with text, and DocLang, which is markup in an archive."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar
from xml.etree import ElementTree as ET

from ..files.names import stem_of
from .batch import Context, Part, counted
from .images import ANSWER, NO_IMAGE
from .json_tasks import json_text
from .media import member
from .model import Annotation, Other, Region, Relation, Sample, Text
from .output import Output, zip_info
from .report import Report
from .shapes import Box, Polygon

NOT_A_BOX = "a region that is no box on the document"
ELSEWHERE = "a region on another page of its task"
OUTSIDE = "a region outside of its image"
LOOSE = "a relation with a region that is not written"
NO_MARKUP = "an annotation without DocLang"
NO_DOCUMENT = "a task without DocLang"

UPRIGHT = "Of turned boxes and polygons the upright boxes around them are written."
UNNAMED = 'Regions without a label are written as "other".'

_ROOT = re.compile(r"(?:\{https://www\.doclang\.ai/ns/v\d+\})?doclang")
_DEEPEST, _MOST = 32, 10_000
"""How deep an answer is looked into, and how many values of it."""

_TYPES = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
_OPC = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


class FunsdWriter:
    """Writes `annotations/NAME.json` for each image, with a split `annotations/train/NAME.json`: `{"form": [...]}`.

    An item is a box (a region, in pixels: left, top, right, bottom) with its text, its first label and links: relations
    to the right, both ways where they go both ways. All words of an item have its box.
    """

    OPTIONS: ClassVar[dict[str, Any]] = {}
    folder = "annotations"

    def __init__(self, context: Context) -> None:
        self._name = context.shown.name if context.shown is not None else ""

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """A form for each image."""
        part = Part()
        for sample in samples:
            media = sample.media.get(self._name) or next(
                (one for one in sample.media.values() if one.kind == "image"), None
            )
            if media is None:
                report.leave_out(NO_IMAGE, sample.id, sample.index)
                continue
            items: list[dict[str, Any]] = []
            for annotation in sample.annotations:
                items += self._items(annotation, media.object, len(items), sample, report)
            name = f"{stem_of(media.name or str(sample.index))}.json"
            part.files.append((member(self.folder, sample.split, name), json_text({"form": items}) + b"\n"))
            counted(report, len(sample.annotations), len(items))
        return part

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Take the parts, whose files are whole: that drives the conversion."""
        for _ in parts:
            pass

    def _items(
        self, annotation: Annotation, on: str, first: int, sample: Sample, report: Report
    ) -> list[dict[str, Any]]:
        def leave_out(reason: str, region: str | None, detail: str = "") -> None:
            report.leave_out(reason, sample.id, sample.index, annotation=annotation.id, region=region, detail=detail)

        texts: dict[str, list[str]] = {}
        for reply in annotation.replies:
            if reply.region is not None and isinstance(reply.answer, Text):
                texts.setdefault(reply.region, []).extend(reply.answer.lines)
            else:
                leave_out(ANSWER, reply.region, reply.control)
        items: list[dict[str, Any]] = []
        numbers: dict[str, int] = {}
        for region in annotation.regions:
            box, reason = _box(region, on, report)
            if box is None:
                leave_out(reason, region.id)
                for _ in texts.pop(region.id, ()):
                    leave_out(ANSWER, region.id, "the text of a region that is not written")
                continue
            number = numbers[region.id] = first + len(items)
            said = " ".join(" ".join(texts.get(region.id, ())).split())
            for label in region.labels[1:]:
                leave_out("a further label of a region", region.id, label)
            if not region.labels:
                report.note(UNNAMED)
            items.append(
                {
                    "box": box,
                    "text": said,
                    "label": region.labels[0] if region.labels else "other",
                    "words": [{"box": box, "text": word} for word in said.split()],
                    "linking": [],
                    "id": number,
                }
            )
        for one in annotation.relations:
            ends = f"{one.source} to {one.target}"
            if one.source not in numbers or one.target not in numbers:
                leave_out(LOOSE, None, ends)
                continue
            for label in one.labels:
                leave_out("a label of a relation", None, f"{label}, of {ends}")
            for source, target in _ways(one):
                link = [numbers[source], numbers[target]]
                for end in dict.fromkeys(link):
                    items[end - first]["linking"].append(link)
        return items


def _ways(one: Relation) -> Iterable[tuple[str, str]]:
    forth, back = (one.source, one.target), (one.target, one.source)
    return {"right": (forth,), "left": (back,)}.get(one.direction, (forth, back))


def _box(region: Region, on: str, report: Report) -> tuple[list[int] | None, str]:
    """Left, top, right and bottom in whole pixels, cut at the image's edge; or why there is none."""
    shape = region.shape
    if not isinstance(shape, (Box, Polygon)):
        return None, NOT_A_BOX
    if region.object != on or region.index:
        return None, ELSEWHERE
    if isinstance(shape, Polygon) or shape.rotation:
        report.note(UPRIGHT)
    x, y, width, height = shape.bounds
    edges = [x, y, x + width, y + height]
    if region.size is not None:
        wide, high = region.size
        edges = [min(max(edge, 0), most) for edge, most in zip(edges, (wide, high, wide, high), strict=True)]
    found = [round(edge) for edge in edges]
    return (found, "") if edges[0] < edges[2] and edges[1] < edges[3] else (None, OUTSIDE)


class DoclangWriter:
    """Writes `task-TASK-annotation-ID.dclx` for each annotation that holds a DocLang document, as a text or within the
    answer of an interface of one's own.

    The archive has the document as it is; pictures that it speaks of stay where they are.
    """

    OPTIONS: ClassVar[dict[str, Any]] = {}

    def __init__(self, context: Context) -> None:
        self._kind = "prediction" if context.options.source == "predictions" else "annotation"

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """An archive for each annotation."""
        part = Part()
        for sample in samples:
            written: list[Annotation] = []
            for place, annotation in enumerate(sample.annotations):
                markup = next((found for given in _given(annotation) if (found := _markup(given))), None)
                if markup is None:
                    report.leave_out(NO_MARKUP, sample.id, sample.index, annotation=annotation.id)
                    continue
                task = sample.id if sample.id is not None else sample.index
                number = annotation.id if annotation.id is not None else place
                folder = f"{sample.split}/" if sample.split else ""
                part.files.append((f"{folder}task-{task}-{self._kind}-{number}.dclx", _archive(markup)))
                written.append(annotation)
            if written:
                counted(report, len(written), 0)
            else:
                report.leave_out(NO_DOCUMENT, sample.id, sample.index)
        return part

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Take the parts, whose files are whole: that drives the conversion."""
        for _ in parts:
            pass


def _given(annotation: Annotation) -> Iterator[str]:
    """The strings in an annotation's answers."""
    for reply in annotation.replies:
        if isinstance(reply.answer, Text):
            yield from reply.answer.lines
        elif isinstance(reply.answer, Other):
            yield from _strings(reply.answer.value)


def _strings(value: Any) -> Iterator[str]:
    """The strings in a value, in its order."""
    waiting = [(value, 0)]
    for _ in range(_MOST):
        if not waiting:
            return
        found, depth = waiting.pop()
        if isinstance(found, str):
            yield found
        elif depth < _DEEPEST and isinstance(found, (Mapping, list, tuple)):
            inner = found.values() if isinstance(found, Mapping) else found
            waiting += [(one, depth + 1) for one in reversed(list(inner))]


class _NotDocLang(Exception):
    pass


class _Seen:
    """Looks at the first tag of a document, and lets the parser find out whether the rest is well-formed."""

    _begun = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._begun and not _ROOT.fullmatch(tag):
            raise _NotDocLang
        self._begun = True

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Refused before anything of it is read: it could define entities without end."""
        raise _NotDocLang

    def close(self) -> None:
        """Asked for by the parser."""


def _markup(given: str) -> bytes | None:
    """The DocLang document that a string is, or None."""
    if "doclang" not in given:
        return None
    parser = ET.XMLParser(target=_Seen())  # noqa: S314 - a DOCTYPE is refused
    try:
        encoded = given.encode()
        parser.feed(encoded)
        parser.close()
    except (_NotDocLang, ET.ParseError, ValueError, LookupError):
        return None
    return encoded


def _archive(markup: bytes) -> bytes:
    """An archive of the Open Packaging Conventions with the document in it, the same for the same document."""
    types = "".join(f'<Default Extension="{end}" ContentType="{kind}"/>' for end, kind in _TYPES.items())
    document = '<Override PartName="/document.xml" ContentType="application/vnd.doclang.document+xml"/>'
    kind = "http://doclang.ai/ns/package/2026/relationships/document"
    relation = f'<Relationship Id="rId1" Type="{kind}" Target="document.xml"/>'
    members = {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_OPC}/content-types">{types}{document}</Types>\n'.encode(),
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_OPC}/relationships">{relation}</Relationships>\n'.encode(),
        "document.xml": markup,
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zip_info(name), content)
    return made.getvalue()
