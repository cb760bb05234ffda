"""From a task as Label Studio writes it, in any version from 1.8 on, to a sample.

Nothing here raises for what a task holds: what cannot be understood is reported and left out, and the rest stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from .answers import answer_of, strings
from .model import Annotation, Media, Region, Relation, Reply, Sample
from .places import PLACES, place_of
from .report import Report
from .schema import Schema, Shown
from .seen import NOTHING, ImageId, Misfit, Seen, Size, size_of
from .shapes import Unplaced

Raw: TypeAlias = Mapping[str, Any]
Sizes: TypeAlias = Mapping[ImageId, Size]
Get: TypeAlias = Callable[[str], Any]
"""Of a result: its fields, by their names."""

Choose: TypeAlias = Callable[[Sequence[Raw]], Sequence[Raw]]
"""Which of a task's annotations count."""

NOT_UNDERSTOOD = "a region that cannot be understood"
NO_ANSWER = "an answer that cannot be understood"
NO_RESULT = "an annotation that cannot be understood"
NO_TASK = "an item that is no task"
ONLY_IDS = "predictions that are given as ids only"

_GEOMETRY = frozenset({"x", "points", "rle", "imageDataURL", "sequence", "ranges", "vertices"})
_OF_KEYS = (
    ("rle", "brush"),
    ("imageDataURL", "bitmask"),
    ("radiusX", "ellipse"),
    ("vertices", "vector"),
    ("points", "polygon"),
    ("height", "rectangle"),
    ("x", "keypoint"),
)
"""What a place is whose type does not say it, by the first key that it has."""

_DIRECTIONS = frozenset({"right", "left", "bi"})


class Parser:
    """Makes samples of tasks.

    Args:
        schema: what the configuration says; an empty one is allowed.
        predictions: whether a task's predictions are taken in place of its annotations.
        choose: which of them count; None for all.
        main: the name of the tag whose medium has the file name that `sample` is told.
        skipped: whether annotations with which a task was skipped count.
        raw: for writers that work on the task as it is: no region is looked into, and the sample's raw task has those
            of its annotations that count and no others, in the order of `annotations`.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        predictions: bool = False,
        choose: Choose | None = None,
        main: str = "",
        skipped: bool = False,
        raw: bool = False,
    ) -> None:
        self.schema = schema
        self._main = main
        self._field = "predictions" if predictions else "annotations"
        self._predictions = predictions
        self._choose = choose
        self._skipped = skipped
        self._raw = raw
        self._shown = tuple(schema.objects.values())
        self._sizes: Sizes = {}
        self._about: tuple[Any, ...] = ()
        self._on = NOTHING
        self._lasts = False

    def sample(
        self, task: Any, index: int, report: Report, *, name: str = "", split: str = "", sizes: Sizes | None = None
    ) -> Sample | None:
        """The sample; None, and reported, for what is no task.

        `name` is that of its main medium's file, `sizes` those of its images, for results that do not say one.
        """
        self._sizes = sizes or {}
        if not self._lasts:
            self._about = ()
        report.tasks_in += 1
        data = task.get("data") if isinstance(task, dict) else None
        if not isinstance(data, dict):
            number = task.get("id") if isinstance(task, dict) else None
            report.leave_out(NO_TASK, id_of(number), index, detail="it has no data")
            return None
        number = task.get("id")
        place = _Place(report, id_of(number), index)
        chosen = self._chosen(task, place)
        if self._raw:
            return self._whole(task, chosen, place, split)
        found = tuple([one for raw in chosen if (one := self._annotation(raw, data, place)) is not None])
        return Sample(place.task, index, data, self._media(data, found, name), found, split, task)

    def _whole(self, task: Raw, chosen: Sequence[Raw], place: _Place, split: str) -> Sample:
        kept, found, counts = [], [], []
        for raw in chosen:
            result = self._list(raw, place)
            if result is not None:
                counts.append(count_regions(result))
                kept.append(raw)
                found.append(_about(raw, place.annotation, self._predictions))
        place.report.regions_in += sum(counts)
        whole = {**task, self._field: kept} if self._field in task else task
        return Sample(place.task, place.index, task["data"], {}, tuple(found), split, whole, tuple(counts))

    def _chosen(self, task: Raw, place: _Place) -> Sequence[Raw]:
        given = task.get(self._field)
        if not given:
            return ()
        if not isinstance(given, list):
            place.leave_out(NO_RESULT, detail=f"its {self._field} are no list")
            return ()
        there = [one for one in given if type(one) is dict]
        place.report.annotations_in += len(given)
        if len(there) < len(given):
            ids = self._predictions and all(isinstance(one, int) for one in given)
            for _ in range(len(given) - len(there)):
                place.leave_out(ONLY_IDS if ids else NO_RESULT)
        counted = there if self._skipped else [one for one in there if not one.get("was_cancelled")]
        chosen = self._choose(counted) if self._choose is not None else counted
        place.report.not_chosen += len(there) - len(chosen)
        return chosen

    def _annotation(self, raw: Raw, data: Raw, place: _Place) -> Annotation | None:
        result = self._list(raw, place)
        if result is None:
            return None
        return _about(raw, place.annotation, self._predictions, *self._result(result, data, place))

    def _list(self, raw: Raw, place: _Place) -> Sequence[Any] | None:
        """The annotation's result."""
        place.annotation = id_of(raw.get("id"))
        result = raw.get("result")
        if result is None:
            return ()
        if type(result) is not list:
            place.leave_out(NO_RESULT, detail="its result is no list")
            return None
        return result

    def _result(
        self, result: Sequence[Any], data: Raw, place: _Place
    ) -> tuple[tuple[Region, ...], tuple[Reply, ...], tuple[Relation, ...]]:
        regions: dict[str, Region] = {}
        labels: list[tuple[str, Raw]] = []
        replies: list[tuple[str, Reply]] = []
        relations: list[Relation] = []
        for item in result:
            try:
                if not isinstance(item, dict):
                    raise Misfit("it is no object")  # noqa: TRY301
                get = item.get
                kind = get("type")
                if kind == "relation":
                    relations.append(_relation(item))
                    continue
                value = get("value")
                if not isinstance(kind, str) or not isinstance(value, dict):
                    raise Misfit("it has no type, or no value")  # noqa: TRY301
                own = get("id")
                if type(own) is not str or not own:
                    own = f"{len(regions) + len(replies)}"
                seen = self._seen(get, data)
                make = PLACES.get(kind) or place_of(kind, value, seen)
                if make is None:
                    if kind == "labels" or kind.endswith("labels"):
                        labels.append((own, item))
                    else:
                        replies.append((own, _reply(item, kind, value)))
                elif kind == "labels" and (own in regions or not _GEOMETRY.isdisjoint(value)):
                    labels.append((own, item))
                else:
                    region = _region(get, own, kind, value, make(value, seen), seen.size)
                    regions[own] = region if own not in regions else _joined(regions[own], region)
            except Misfit as reason:
                place.misfit(item, str(reason))
        for own, item in labels:
            self._labelled(regions, own, item, data, place)
        place.report.regions_in += len(regions)
        about = tuple([replace(one, region=own) if own in regions else one for own, one in replies])
        return tuple(regions.values()), about, tuple(relations)

    def _labelled(self, regions: dict[str, Region], id: str, item: Raw, data: Raw, place: _Place) -> None:
        """Labels of a `<Labels>`: those of a region that another tool has drawn, or of a whole object."""
        value = item["value"]
        try:
            given = strings(value.get("labels"), "labels") if value.get("labels") is not None else ()
            if id in regions:
                regions[id] = replace(regions[id], labels=tuple(dict.fromkeys((*regions[id].labels, *given))))
                return
            kind = next((name for key, name in _OF_KEYS if key in value), "labels")
            seen = self._seen(item.get, data)
            make = place_of(kind, value, seen)
            shape = make(value, seen) if make is not None else Unplaced()
            regions[id] = replace(_region(item.get, id, "labels", value, shape, seen.size), labels=given)
        except Misfit as reason:
            place.misfit(item, str(reason))

    def _seen(self, get: Get, data: Raw) -> Seen:
        """What the result is on; mostly what the one before it was on."""
        about = to, wide, high, index = get("to_name"), get("original_width"), get("original_height"), get("item_index")
        if about == self._about:
            return self._on
        shown = self.schema.object(to) if type(to) is str else None
        said = size = size_of(wide, high) if wide is not None and high is not None else None
        if size is None and shown is not None and self._sizes:
            size = self._sizes.get((shown.name, index if type(index) is int else 0))
        kind = "" if shown is None else shown.type
        seen = Seen(size, kind, None if shown is None or kind == "image" else shown.of(data))
        self._about, self._on = about, seen
        self._lasts = kind == "image" and said is not None  # whatever the task
        return seen

    def _media(self, data: Raw, annotations: Iterable[Annotation], name: str) -> dict[str, Media]:
        sizes: dict[str, Size] = {}
        more: dict[str, Shown] = {}
        last: tuple[str, Size | None] | None = None
        for annotation in annotations:
            for region in annotation.regions:
                if (about := (region.object, region.size)) == last:
                    continue
                last = on, size = about
                if size is not None:
                    sizes.setdefault(on, size)
                if on not in self.schema.objects and (found := self.schema.object(on)):
                    more[on] = found
        media = {}
        for shown in (*self._shown, *more.values()):
            url = shown.of(data)
            if isinstance(url, list) and url and isinstance(url[0], str):
                url = url[0]
            if isinstance(url, str):
                is_main = shown.name == self._main
                wide, high = sizes.get(shown.name) or self._sizes.get((shown.name, 0)) or (None, None)
                named = name if is_main else ""
                media[shown.name] = Media(shown.name, shown.key, shown.type, url, named, wide, high)
        return media


def count_regions(result: Sequence[Any]) -> int:
    """How many regions there are in a result, by the types and the ids of its items alone."""
    found: set[str | int] = set()
    for position, item in enumerate(result):
        if type(item) is dict and is_region(item.get("type")):
            own = item.get("id")
            found.add(own if type(own) is str else position)
    return len(found)


def is_region(kind: Any) -> bool:
    """Whether a result of this type is a region, and no answer."""
    return type(kind) is str and (kind in PLACES or kind.endswith("labels"))


class _Place(Struct):
    """Where the parser is, for the report."""

    report: Report
    task: int | None
    index: int
    annotation: int | None = None

    def leave_out(self, reason: str, *, region: str | None = None, detail: str = "") -> None:
        self.report.leave_out(reason, self.task, self.index, annotation=self.annotation, region=region, detail=detail)

    def misfit(self, item: Any, detail: str) -> None:
        given = item if isinstance(item, dict) else {}
        own, kind = given.get("id"), given.get("type")
        self.report.regions_in += 1
        said = f"{kind}: {detail}" if isinstance(kind, str) else detail
        self.leave_out(NOT_UNDERSTOOD, region=own if isinstance(own, str) else None, detail=said)


def _region(get: Get, id: str, kind: str, value: Raw, shape: Any, size: Size | None) -> Region:
    given = value.get(kind)
    if given is None and kind != "labels":
        given = value.get("labels")
    control, object_, score = get("from_name"), get("to_name"), get("score")
    parent, index, meta = get("parentID"), get("item_index"), get("meta")
    return Region(
        id,
        control if type(control) is str else "",
        object_ if type(object_) is str else "",
        kind,
        shape,
        strings(given, kind) if given is not None else (),
        None if score is None else _float(score),
        parent if parent and type(parent) is str else None,
        index if type(index) is int else None,
        size,
        get("hidden") is True,
        meta if meta and isinstance(meta, dict) else None,
    )


def _joined(one: Region, other: Region) -> Region:
    """Two results of one region: the labels of both, and the place that a drawing tool has given."""
    first, second = (other, one) if one.type == "labels" and other.type != "labels" else (one, other)
    return replace(first, labels=tuple(dict.fromkeys((*first.labels, *second.labels))))


def _reply(item: Raw, kind: str, value: Raw) -> Reply:
    return Reply(_said(item.get("from_name")), _said(item.get("to_name")), kind, answer_of(kind, value))


def _relation(item: Raw) -> Relation:
    source, target, labels = item.get("from_id"), item.get("to_id"), item.get("labels")
    if not isinstance(source, str) or not isinstance(target, str):
        raise Misfit("a relation without from_id or to_id")
    direction = item.get("direction")
    return Relation(
        source,
        target,
        direction if direction in _DIRECTIONS else "right",
        strings(labels, "labels") if labels else (),
    )


def _about(
    raw: Raw,
    id: int | None,
    prediction: bool,
    regions: tuple[Region, ...] = (),
    replies: tuple[Reply, ...] = (),
    relations: tuple[Relation, ...] = (),
) -> Annotation:
    get = raw.get
    by, email = _who(get, prediction)
    score = get("score")
    return Annotation(
        id,
        regions,
        replies,
        relations,
        by,
        email,
        _said(get("created_at")),
        _said(get("updated_at")),
        _float(get("lead_time")),
        None if score is None else _float(score),
        get("ground_truth") is True,
        get("was_cancelled") is True,
        prediction,
    )


def _who(get: Get, prediction: bool) -> tuple[int | str | None, str | None]:
    if prediction:
        version = get("model_version")
        return (version if isinstance(version, str) else None), None
    return maker_of(get("completed_by"))


def maker_of(by: Any) -> tuple[int | str | None, str | None]:
    """Who made an annotation, by what its `completed_by` says: the id, and the email where it is there."""
    if isinstance(by, dict):
        email = by.get("email")
        return id_of(by.get("id")), (email if isinstance(email, str) else None)
    return (by if isinstance(by, str) else id_of(by)), None


def id_of(value: Any) -> int | None:
    """An id: a whole number of 64 bits, as the server gives them."""
    return value if type(value) is int and -(2**63) <= value < 2**63 else None


def _said(value: Any) -> str:
    return value if type(value) is str else ""


def _float(value: Any) -> float | None:
    return float(value) if type(value) in (float, int) and -1e308 < value < 1e308 else None
