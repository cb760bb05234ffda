"""A task as conversions see it: its data, its media, and what people or models said of it. All of it is frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import Struct, field

from .shapes import Shape


class Media(Struct, frozen=True, gc=False):
    """A file that a task shows.

    Attributes:
        object: the tag that shows it, as `to_name` says it.
        key: the key of the task's data.
        kind: "image", "audio", "video", "text", "html", "paragraphs", "timeseries", "pdf" …: the tag in lower case.
        url: where it is, as the task has it.
        name: the name of its file, unique in one conversion; "" where it has none.
        width, height: in pixels, where they are known.
    """

    object: str
    key: str
    kind: str
    url: str
    name: str = ""
    width: int | None = None
    height: int | None = None


class Choices(Struct, frozen=True):
    """What was chosen."""

    values: tuple[str, ...]


class Taxonomy(Struct, frozen=True):
    """What was chosen of a tree, each as the path from the topmost one down."""

    paths: tuple[tuple[str, ...], ...]


class Number(Struct, frozen=True):
    """A number that was entered."""

    value: float


class Rating(Struct, frozen=True):
    """Stars that were given."""

    stars: float


class Text(Struct, frozen=True):
    """What was written, one string for each time that it was submitted."""

    lines: tuple[str, ...]


class Moment(Struct, frozen=True):
    """A date or time that was entered, as the editor writes it."""

    value: str


class Preference(Struct, frozen=True):
    """Which one of two is preferred: "left" or "right", or what the config calls them."""

    side: str


class Ranking(Struct, frozen=True):
    """Items by bucket, in order; a plain ranking has one bucket."""

    buckets: Mapping[str, tuple[str, ...]]


class Other(Struct, frozen=True):
    """An answer of a kind that has no class here, as it was stored."""

    value: Mapping[str, Any]


Answer: TypeAlias = Choices | Taxonomy | Number | Rating | Text | Moment | Preference | Ranking | Other
"""What a control without a place of its own says."""


class Reply(Struct, frozen=True):
    """An answer with what gave it. `region` is the id of the region that it is about, None for the whole task."""

    control: str
    object: str
    type: str
    answer: Answer
    region: str | None = None


class Region(Struct, frozen=True, gc=False):
    """A part of a medium, with its labels.

    Attributes:
        id: unique in its annotation.
        control, object: the names of the tags: `from_name`, `to_name`.
        type: as the result says it, such as "rectanglelabels".
        shape: where it is.
        labels: what it is called; empty where it was drawn without a label.
        score: of a prediction, 0 to 1.
        parent: the region that it belongs to, such as the box of a keypoint.
        index: which of several images, where an object shows several.
        size: width and height of its image in pixels, where the region says them.
        hidden: whether the editor hid it.
        meta: notes that people left at it.
    """

    id: str
    control: str
    object: str
    type: str
    shape: Shape
    labels: tuple[str, ...] = ()
    score: float | None = None
    parent: str | None = None
    index: int | None = None
    size: tuple[int, int] | None = None
    hidden: bool = False
    meta: Mapping[str, Any] | None = None


class Relation(Struct, frozen=True):
    """An arrow between two regions, by their ids. `direction` is "right", "left" or "bi"."""

    source: str
    target: str
    direction: str = "right"
    labels: tuple[str, ...] = ()


class Annotation(Struct, frozen=True, gc=False):
    """What one person or one model said of a task.

    Attributes:
        id: the server's; None where it has none.
        by: who made it: the user's id or, where the export has it, email; of a prediction the model's version.
        skipped: whether the task was skipped with it.
        prediction: whether a model made it.
    """

    id: int | None = None
    regions: tuple[Region, ...] = ()
    replies: tuple[Reply, ...] = ()
    relations: tuple[Relation, ...] = ()
    by: int | str | None = None
    email: str | None = None
    created_at: str = ""
    updated_at: str = ""
    lead_time: float | None = None
    score: float | None = None
    ground_truth: bool = False
    skipped: bool = False
    prediction: bool = False


class Sample(Struct, frozen=True, gc=False):
    """A task with those of its annotations that count.

    Attributes:
        id: the task's; None where it has none.
        index: its place in the input, from 0.
        data: the task's data, as it is.
        media: what the task shows, by the name of the tag that shows it.
        annotations: those that were chosen, in the order of the input.
        split: "train", "val", "test" or "", where the output is split.
        raw: the whole task, as it was read.
        page: which of several images of its task, from 0; None of a task that shows one.
        counts: how many regions each of the annotations has, for writers of raw tasks, where no region is parsed.
    """

    id: int | None
    index: int
    data: Mapping[str, Any]
    media: Mapping[str, Media] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()
    split: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)
    counts: tuple[int, ...] | None = None
    page: int | None = None

    @property
    def region_count(self) -> int:
        """How many regions all its annotations have."""
        return sum(self.counts) if self.counts is not None else sum(len(one.regions) for one in self.annotations)

    @property
    def regions(self) -> Iterator[Region]:
        """The regions of all its annotations."""
        for annotation in self.annotations:
            yield from annotation.regions

    @property
    def replies(self) -> Iterator[Reply]:
        """The answers of all its annotations."""
        for annotation in self.annotations:
            yield from annotation.replies

    @property
    def name(self) -> str:
        """What a message calls it."""
        return f"task {self.id}" if self.id is not None else f"item {self.index}"
