"""From tasks with the annotations of several people to how far they agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from os import PathLike
from typing import Any, TypeAlias

from ..files.sources import texts
from ..formats.batch import decoded
from ..formats.converting import config_of
from ..formats.model import Annotation, Sample
from ..formats.parsing import Parser
from ..formats.report import Report
from ..formats.schema import Schema
from ..label_config import LabelConfig
from .answers import Answers
from .regions import Regions
from .result import Agreement, ControlAgreement, PairAgreement, TaskAgreement
from .statistics import mean

Config: TypeAlias = LabelConfig | str | PathLike[str]
Names: TypeAlias = Mapping[int, str]
Tasks: TypeAlias = Iterable[Mapping[str, Any]] | str | PathLike[str]


def measure(tasks: Tasks, *, config: Config | None = None, names: Names | None = None) -> Agreement:
    """How far the annotators of tasks agree; which measure is for which control, `labelwire.agreement.kinds` says.

    Of each person the latest annotation of a task counts; skipped ones do not. A task where nobody but one has
    labeled anything is counted, and compared with nothing.

    Args:
        tasks: as Label Studio exports them: a file of JSON or JSON Lines, or any iterable.
        config: the labeling configuration; without it, what the results say of themselves has to do.
        names: what people are called, by their ids; by default what the tasks say, mostly the id.

    Raises:
        InvalidInput: for what cannot be read, and where a package of the extra `agreement` is missing.
    """
    schema = Schema(config_of(config))
    parser = Parser(schema, skipped=True)
    work = _Work(schema, names or {})
    for index, task in enumerate(_each(tasks)):
        sample = parser.sample(task, index, work.report)
        if sample is not None:
            work.take(sample)
    return work.done()


def called(annotation: Annotation, names: Names) -> str:
    """What the person who made an annotation is called; "" where nobody knows who that is."""
    if annotation.by is None:
        return ""
    known = names.get(annotation.by) if isinstance(annotation.by, int) else None
    return str(known or annotation.email or annotation.by)


def _each(tasks: Tasks) -> Iterable[Any]:
    """The tasks, whole; a file is read one by one."""
    return map(decoded, texts(tasks)) if isinstance(tasks, (str, PathLike)) else tasks


class _Work:
    """What was seen so far."""

    def __init__(self, schema: Schema, names: Names) -> None:
        self._called = names
        self.report = Report()
        self._schema = schema
        self._answers = Answers()
        self._regions = Regions()
        self._who: dict[str, None] = {}
        self._counts: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._tasks: list[tuple[Sample, list[tuple[str, Annotation]]]] = []

    def take(self, sample: Sample) -> None:
        """A task."""
        self._counts["tasks"] += 1
        done = [one for one in sample.annotations if not one.skipped]
        self._counts["skipped"] += len(sample.annotations) - len(done)
        mine: dict[str, Annotation] = {}
        for place, one in enumerate(sorted(done, key=lambda one: (one.updated_at or one.created_at, one.id or 0))):
            who = called(one, self._called) or f"unknown {place + 1}"
            self._counts["replaced"] += who in mine
            mine[who] = one
        self._who.update(dict.fromkeys(mine))
        self._counts["unlabeled"] += not mine
        self._counts["single"] += len(mine) == 1
        if len(mine) > 1:
            by = sorted(mine.items())
            place = len(self._tasks)
            self._tasks.append((Sample(sample.id, sample.index, {}), by))
            for who, annotation in by:
                self._answers.take(place, who, annotation, self._left_out)
                self._regions.take(place, who, annotation, self._left_out)

    def done(self) -> Agreement:
        """What comes of all."""
        scores: dict[tuple[int, str, str], dict[str, float]] = defaultdict(dict)
        names = self._names()
        measured: dict[str, ControlAgreement] = {}
        kappas: dict[str, Mapping[tuple[str, str], float | None]] = {}
        for name in names:
            source = self._answers if name in self._answers.names else self._regions
            found = source.measured(name, [[who for who, _ in by] for _, by in self._tasks])
            measured[name], kappas[name] = found.control, found.kappas
            for key, score in found.scores.items():
                scores[key][name] = score
        tasks = tuple(self._task(place, scores) for place in range(len(self._tasks)))
        counts = self._counts
        left_out = {**self.report.counts, **self._left_out}
        return Agreement(
            mean([task.score for task in tasks]),
            measured,
            tuple(self._pairs(scores, kappas)),
            tasks,
            tuple(sorted(self._who)),
            counts["tasks"],
            counts["unlabeled"],
            counts["single"],
            counts["skipped"],
            counts["replaced"],
            left_out,
        )

    def _names(self) -> list[str]:
        seen = {**self._answers.names, **self._regions.names}
        return [
            *(name for name in self._schema.controls if name in seen),
            *(n for n in seen if n not in self._schema.controls),
        ]

    def _task(self, place: int, scores: Mapping[tuple[int, str, str], Mapping[str, float]]) -> TaskAgreement:
        sample, by = self._tasks[place]
        pairs = [scores.get((place, one, other), {}) for one, other in combinations([who for who, _ in by], 2)]
        controls: dict[str, list[float]] = defaultdict(list)
        for pair in pairs:
            for name, score in pair.items():
                controls[name].append(score)
        # Two who both said nothing at all agree on that.
        whole = mean([mean(list(pair.values())) if pair else 1.0 for pair in pairs])
        means = {name: sum(given) / len(given) for name, given in controls.items()}
        return TaskAgreement(sample.id, sample.index, len(by), whole, means)

    def _pairs(
        self,
        scores: Mapping[tuple[int, str, str], Mapping[str, float]],
        kappas: Mapping[str, Mapping[tuple[str, str], float | None]],
    ) -> Iterable[PairAgreement]:
        shared: dict[tuple[str, str], list[float | None]] = defaultdict(list)
        for place, (_, by) in enumerate(self._tasks):
            for one, other in combinations([who for who, _ in by], 2):
                pair = scores.get((place, one, other), {})
                shared[one, other].append(mean(list(pair.values())) if pair else 1.0)
        for (one, other), given in sorted(shared.items()):
            mine = {name: found[one, other] for name, found in kappas.items() if (one, other) in found}
            yield PairAgreement(one, other, len(given), mean(given), mine)
