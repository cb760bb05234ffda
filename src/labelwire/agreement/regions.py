"""Regions, compared: those of two annotators are matched one to one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from ..formats.model import Annotation, Region
from .answers import Key, Measured, Pair
from .geometry import is_comparable, matched
from .result import ControlAgreement, LabelAgreement
from .statistics import alpha, cohen, fleiss, mean

NO_MEASURE = "a region of a kind that has no measure"

SAME = 0.5
"""The IoU from which on two regions are taken for the same thing, so that their labels can be compared."""


class Regions:
    """The regions of each control, by task and person."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self._given: dict[str, dict[tuple[int, str], list[Region]]] = defaultdict(lambda: defaultdict(list))

    def take(self, place: int, who: str, annotation: Annotation, left_out: Counter[str]) -> None:
        """What one person has drawn in a task. Regions that are not compared are counted as left out."""
        for region in annotation.regions:
            if is_comparable(region):
                self.names[region.control] = None
                self._given[region.control][place, who].append(region)
            else:
                left_out[NO_MEASURE] += 1

    def measured(self, name: str, tasks: Sequence[Sequence[str]]) -> Measured:
        """A control's figures; `tasks` has who has labeled each."""
        given = self._given[name]
        counts = Counter(label for regions in given.values() for one in regions for label in one.labels or ("",))
        scores: dict[Key, float] = {}
        shared: list[float | None] = []
        by_label: dict[str, list[float]] = defaultdict(list)
        named: dict[Pair, list[tuple[str, str]]] = defaultdict(list)
        for place, people in enumerate(tasks):
            for one, other in combinations(people, 2):
                first, second = given.get((place, one), []), given.get((place, other), [])
                if not first and not second:
                    continue
                pairs = matched(first, second)
                shared += [value for _, _, value in pairs]
                alike = [(a, value) for a, b, value in pairs if set(a.labels) == set(b.labels)]
                # Each thing counts once: a match of the same labels is one, any other region stands for itself.
                things = len(first) + len(second) - len(alike)
                scores[place, one, other] = sum(value for _, value in alike) / things
                _add_labels(by_label, first, second, alike)
                named[one, other] += [(_named(a), _named(b)) for a, b, value in pairs if value >= SAME]
        columns = {who: list(zip(*pairs, strict=True)) for who, pairs in named.items() if pairs}
        kappas = {who: cohen(one, other) for who, (one, other) in columns.items()}
        both = [pair for pairs in named.values() for pair in pairs]
        table = list(zip(*both, strict=True)) if both else []
        labels = [
            LabelAgreement(label or "(no label)", counts[label], None, mean(list(by_label[label])))
            for label in sorted(counts, key=lambda one: (-counts[one], one))
        ]
        control = ControlAgreement(
            name,
            "regions",
            mean(list(scores.values())),
            alpha(table) if table else None,
            mean(list(kappas.values())),
            fleiss(table) if table else None,
            mean(shared),
            len(scores),
            tuple(labels),
        )
        return Measured(control, scores, kappas)


def _add_labels(
    by_label: dict[str, list[float]],
    first: Sequence[Region],
    second: Sequence[Region],
    alike: Sequence[tuple[Region, float]],
) -> None:
    """What each label's regions have in common; 0 for those that have no partner."""
    counts = Counter(label for regions in (first, second) for one in regions for label in one.labels or ("",))
    for region, value in alike:
        for label in region.labels or ("",):
            by_label[label].append(value)
            counts[label] -= 2
    for label, alone in counts.items():
        by_label[label] += [0.0] * alone


def _named(region: Region) -> str:
    return ", ".join(sorted(region.labels))
