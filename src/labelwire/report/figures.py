"""The numbers of a report, counted in one pass over the tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from msgspec import Struct, field

from ..agreement.measuring import Names, called
from ..formats.model import Annotation, Choices, Taxonomy
from ..formats.parsing import Parser
from ..formats.report import Report
from ..formats.schema import Schema


class Person(Struct):
    """What one annotator has done. `lead_times` are seconds."""

    name: str
    annotations: int = 0
    skipped: int = 0
    lead_times: list[float] = field(default_factory=list)

    @property
    def lead_time(self) -> float | None:
        """The median, in seconds."""
        return median(self.lead_times) if self.lead_times else None


class Figures(Struct):
    """The counts of a project.

    Attributes:
        finished: tasks with at least one annotation that is not skipped.
        days: annotations by the day on which they were made, in order.
        labels: by control, how often each label was given.
        people: in the order of what they have done.
    """

    tasks: int = 0
    finished: int = 0
    annotations: int = 0
    skipped: int = 0
    ground_truths: int = 0
    predictions: int = 0
    regions: int = 0
    days: dict[str, int] = field(default_factory=dict)
    labels: dict[str, dict[str, int]] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)


def counted(tasks: Iterable[Mapping[str, Any]], schema: Schema, names: Names) -> Figures:
    """The figures of these tasks; `names` says what people are called, by their ids."""
    parser, report = Parser(schema, skipped=True), Report()
    found = Figures()
    days: Counter[str] = Counter()
    people: dict[str, Person] = {}
    labels: dict[str, Counter[str]] = {
        name: Counter(dict.fromkeys(one.labels, 0)) for name, one in schema.controls.items() if one.labels
    }
    for index, task in enumerate(tasks):
        sample = parser.sample(task, index, report)
        if sample is None:
            continue
        given = task.get("predictions")
        found.tasks += 1
        found.predictions += len(given) if isinstance(given, list) else 0
        found.finished += any(not one.skipped for one in sample.annotations)
        for one in sample.annotations:
            who = called(one, names) or "unknown"
            person = people.setdefault(who, Person(who))
            person.annotations += 1
            person.skipped += one.skipped
            if one.lead_time is not None:
                person.lead_times.append(one.lead_time)
            found.annotations += 1
            found.skipped += one.skipped
            found.ground_truths += one.ground_truth
            found.regions += len(one.regions)
            if one.created_at:
                days[one.created_at[:10]] += 1
            if not one.skipped:
                _count_labels(one, labels)
    found.days = dict(sorted(days.items()))
    found.labels = {
        name: dict(sorted(counts.items(), key=lambda pair: -pair[1])) for name, counts in labels.items() if counts
    }
    found.people = sorted(people.values(), key=lambda one: (-one.annotations, one.name))
    return found


def _count_labels(annotation: Annotation, labels: dict[str, Counter[str]]) -> None:
    for region in annotation.regions:
        labels.setdefault(region.control, Counter()).update(region.labels)
    for reply in annotation.replies:
        if isinstance(reply.answer, Choices):
            labels.setdefault(reply.control, Counter()).update(reply.answer.values)
        elif isinstance(reply.answer, Taxonomy):
            labels.setdefault(reply.control, Counter()).update(path[-1] for path in reply.answer.paths if path)
