"""A task as sheets: one for each annotation, with a panel for each thing that is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from ..formats.model import Annotation, Media, Region, Sample
from ..formats.parsing import Parser
from ..formats.report import Report
from ..formats.schema import Schema, Shown
from .answers import answers_of
from .colours import Colours
from .images import image_scene
from .photos import Fitted
from .scene import Scene
from .texts import Marked, marked_text
from .timeline import timeline_scene

Photos: TypeAlias = Mapping[str, Fitted | str]
"""Images by their addresses in the task's data; a string is an address that a browser may open."""

SHEETS = 12
"""Annotations and predictions that are shown."""

IMAGES = 6
"""Images of one object that are shown."""

_TEXTS = frozenset({"text", "hypertext", "paragraphs"})
_IN_TIME = frozenset({"audio", "audioplus", "video", "timeseries"})


class Panel(Struct, frozen=True):
    """What an object shows: a drawing, a text with spans, or the words of a value that is neither."""

    name: str
    shows: Scene | Marked | str


class Sheet(Struct, frozen=True):
    """What one annotation says of a task. `answers` are pairs of what was asked and what was said."""

    title: str
    panels: tuple[Panel, ...]
    answers: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def sheets(
    task: Mapping[str, Any], schema: Schema, photos: Photos, annotations: bool, predictions: bool, across: int
) -> list[Sheet]:
    """The sheets of a task; one without anything said, where nobody has said anything."""
    report = Report()
    wanted = [*([False] if annotations else []), *([True] if predictions else [])]
    samples = [Parser(schema, predictions=one, skipped=True).sample(task, 0, report) for one in wanted]
    found = [(sample, one) for sample in samples if sample is not None for one in sample.annotations]
    bare = Parser(schema).sample({"id": task.get("id"), "data": task.get("data")}, 0, Report())
    if bare is None:
        return []
    colours = Colours(schema)
    drawn = [_sheet(sample, one, schema, photos, colours, across) for sample, one in found[:SHEETS]]
    drawn = drawn or [_sheet(bare, Annotation(), schema, photos, colours, across, title="no annotations")]
    more = [f"{len(found) - SHEETS} more are not shown"] if len(found) > SHEETS else []
    more += [f"{count:,}: {reason}" for reason, count in report.counts.items()]
    if more:
        last = drawn[-1]
        drawn[-1] = Sheet(last.title, last.panels, last.answers, (*last.notes, *more))
    return drawn


def _sheet(
    sample: Sample,
    annotation: Annotation,
    schema: Schema,
    photos: Photos,
    colours: Colours,
    across: int,
    title: str = "",
) -> Sheet:
    notes: list[str] = []
    panels: list[Panel] = []
    objects = dict(schema.objects)
    for region in annotation.regions:
        if region.object not in objects and (more := schema.object(region.object)) is not None:
            objects[region.object] = more
    regions: dict[str, list[Region]] = {name: [] for name in objects}
    for region in annotation.regions:
        regions.setdefault(region.object, []).append(region)
    for name, mine in regions.items():
        shown = objects.get(name)
        if shown is None or shown.type == "image":
            panels += _images(sample, annotation, shown, name, mine, photos, colours, notes, across)
        elif shown.type in _TEXTS and (text := marked_text(sample, annotation, schema, shown, notes)) is not None:
            panels.append(Panel(name, text))
        elif shown.type in _IN_TIME:
            line = timeline_scene(mine, colours, name)
            panels += [Panel(name, _said(shown.of(sample.data)))] + ([Panel(name, line)] if line else [])
        else:
            panels.append(Panel(name, _said(shown.of(sample.data))))
    return Sheet(title or _title(annotation), tuple(panels), tuple(answers_of(annotation)), tuple(notes))


def _images(
    sample: Sample,
    annotation: Annotation,
    shown: Shown | None,
    name: str,
    regions: Sequence[Region],
    photos: Photos,
    colours: Colours,
    notes: list[str],
    across: int,
) -> Iterator[Panel]:
    urls = list(addresses(shown, sample.data)) if shown is not None else []
    last = max((region.index or 0 for region in regions), default=0)
    for place in range(min(max(len(urls), last + 1), IMAGES)):
        mine = [region for region in regions if (region.index or 0) == place]
        size = next((region.size for region in mine if region.size is not None), None)
        photo = photos.get(urls[place]) if place < len(urls) else None
        called = name if len(urls) < 2 else f"{name} {place + 1}"
        yield Panel(called, image_scene(size or _size(sample.media.get(name)), photo, mine, annotation, colours,
                                        called, notes, across))  # fmt: skip
    if len(urls) > IMAGES:
        notes.append(f"{len(urls) - IMAGES} more images of {name} are not shown")


def addresses(shown: Shown, data: Mapping[str, Any]) -> Iterator[str]:
    """Where the images of an object are."""
    found = shown.of(data)
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, str) and one:
            yield one


def _size(media: Media | None) -> tuple[int, int] | None:
    return (media.width, media.height) if media is not None and media.width and media.height else None


def _title(annotation: Annotation) -> str:
    kind = "prediction" if annotation.prediction else "annotation"
    number = f" {annotation.id}" if annotation.id is not None else ""
    who = annotation.email or annotation.by
    parts = [f"{kind}{number}{f' by {who}' if who is not None else ''}"]
    if annotation.prediction and annotation.score is not None:
        parts.append(f"score {annotation.score:.2f}")
    if annotation.lead_time is not None:
        parts.append(f"{annotation.lead_time:.0f} s")
    parts += [said for said, so in (("ground truth", annotation.ground_truth), ("skipped", annotation.skipped)) if so]
    return ", ".join(parts)


def _said(value: Any) -> str:
    said = value if isinstance(value, str) else "" if value is None else repr(value)
    return said if len(said) <= 300 else f"{said[:299]}…"
