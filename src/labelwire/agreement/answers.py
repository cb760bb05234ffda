"""Answers about whole tasks, compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from ..formats.model import Annotation
from .kinds import MEASURES, Measure
from .result import ControlAgreement, LabelAgreement
from .statistics import Table, alpha, cohen, fleiss, mean

PER_REGION = "an answer about a region"
NO_MEASURE = "an answer of a kind that has no measure"

Pair = tuple[str, str]
Key = tuple[int, str, str]


class Measured(Struct, frozen=True):
    """What a control gives: its figures, the score of each pair of annotations, the kappa of each two people."""

    control: ControlAgreement
    scores: Mapping[Key, float]
    kappas: Mapping[Pair, float | None]


class Answers:
    """The answers to each question, by task and person."""

    def __init__(self) -> None:
        self.names: dict[str, Measure] = {}
        self._given: dict[str, dict[tuple[int, str], Hashable]] = defaultdict(dict)

    def take(self, place: int, who: str, annotation: Annotation, left_out: Counter[str]) -> None:
        """What one person says of a task. Answers that are not compared are counted as left out."""
        for reply in annotation.replies:
            measure = MEASURES.get(type(reply.answer))
            if reply.region is not None:
                left_out[PER_REGION] += 1
            elif measure is None or self.names.setdefault(reply.control, measure) is not measure:
                left_out[NO_MEASURE] += 1
            else:
                self._given[reply.control][place, who] = measure.value(reply.answer)

    def measured(self, name: str, tasks: Sequence[Sequence[str]]) -> Measured:
        """A question's figures; `tasks` has who has labeled each."""
        measure, given = self.names[name], self._given[name]
        values = set(given.values())
        width = 0.0
        if measure.scale in ("ordinal", "interval"):
            numbers = [float(value) for value in values]  # type: ignore[arg-type]  # by their scale
            width = max(numbers) - min(numbers)
        scores: dict[Key, float] = {}
        for place, people in enumerate(tasks):
            for one, other in combinations(people, 2):
                first, second = given.get((place, one)), given.get((place, other))
                if first is not None and second is not None:
                    scores[place, one, other] = measure.likeness(first, second, width)
                elif first is not None or second is not None:
                    scores[place, one, other] = 0.0  # only one of them has answered
        people = sorted({who for one in tasks for who in one})
        table = [[given.get((place, who)) for place in range(len(tasks))] for who in people]
        kappas: dict[Pair, float | None] = {}
        if measure.scale is not None:
            rows = dict(zip(people, table, strict=True))
            for one, other in combinations(people, 2):
                if any(None not in pair for pair in zip(rows[one], rows[other], strict=True)):
                    kappas[one, other] = cohen(rows[one], rows[other], measure.scale)
        control = ControlAgreement(
            name,
            measure.kind,
            mean(list(scores.values())),
            alpha(table, measure.scale) if measure.scale is not None else None,
            mean(list(kappas.values())),
            fleiss(table) if measure.scale == "nominal" else None,
            None,
            len(scores),
            _labels(measure, table),
        )
        return Measured(control, scores, kappas)


def _labels(measure: Measure, table: Table) -> tuple[LabelAgreement, ...]:
    """Each label as a question of its own: chosen, or not."""
    if measure.labels is None:
        return ()
    sets = [[None if value is None else measure.labels(value) for value in row] for row in table]
    counts = Counter(label for row in sets for chosen in row if chosen is not None for label in chosen)
    found = []
    for label in sorted(counts, key=lambda one: (-counts[one], one)):
        chosen = [[None if one is None else label in one for one in row] for row in sets]
        found.append(LabelAgreement(label, counts[label], alpha(chosen)))
    return tuple(found)
