"""How far annotators agree: what a measurement gives, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from ..showing.markup import Markup, joined, markup

if TYPE_CHECKING:
    import pandas as pd

FIGURES = ("score", "alpha", "Cohen's kappa", "Fleiss' kappa", "IoU")
"""What the figures of a control are called, in their order."""

WORST = 5
"""Tasks that the text names."""


class LabelAgreement(Struct, frozen=True):
    """One label of a control.

    Attributes:
        count: how many answers or regions have it.
        alpha: Krippendorff's, of whether it was chosen or not; of answers.
        iou: the mean over its regions, those without a partner counted as 0.
    """

    label: str
    count: int
    alpha: float | None = None
    iou: float | None = None


class ControlAgreement(Struct, frozen=True):
    """One control of the labeling configuration.

    Attributes:
        kind: what is compared, by the table of `labelwire.agreement.kinds`.
        score: the mean over all pairs of annotations of a task, 0 to 1.
        alpha: Krippendorff's; `cohen` is the mean over the pairs of annotators, `fleiss` is of all.
        iou: the mean over the regions of all pairs that match, whatever their labels.
        compared: pairs of annotations.
    """

    name: str
    kind: str
    score: float | None
    alpha: float | None
    cohen: float | None
    fleiss: float | None
    iou: float | None
    compared: int
    labels: tuple[LabelAgreement, ...] = ()


class PairAgreement(Struct, frozen=True):
    """Two annotators, on the tasks that both have labeled; `kappa` is Cohen's, by control."""

    first: str
    second: str
    tasks: int
    score: float | None
    kappa: Mapping[str, float | None]


class TaskAgreement(Struct, frozen=True):
    """One task: the mean over its pairs of annotations, 0 to 1, and the same by control."""

    task: int | None
    index: int
    annotators: int
    score: float | None
    controls: Mapping[str, float]


class Agreement(Struct, frozen=True):
    """How far the annotators of a project agree.

    Attributes:
        score: the mean over the tasks that two or more people have labeled, 0 to 1.
        controls: by name, in the configuration's order.
        pairs, tasks: those that can be compared, the tasks in the order of the input.
        annotators: who has labeled anything.
        task_count: all tasks; of them `unlabeled` have no annotation, `single` have those of one person.
        skipped: annotations with which a task was skipped; they are not compared.
        replaced: annotations in whose place a later one of the same person was taken.
        left_out: what could not be compared, by reason.
    """

    score: float | None
    controls: Mapping[str, ControlAgreement]
    pairs: tuple[PairAgreement, ...]
    tasks: tuple[TaskAgreement, ...]
    annotators: tuple[str, ...]
    task_count: int = 0
    unlabeled: int = 0
    single: int = 0
    skipped: int = 0
    replaced: int = 0
    left_out: Mapping[str, int] = {}

    def worst(self, count: int = WORST) -> list[TaskAgreement]:
        """The tasks on which the annotators agree least, the worst first."""
        known = [(task.score, task.index, task) for task in self.tasks if task.score is not None]
        return [task for _, _, task in sorted(known, key=lambda one: one[:2])[:count]]

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def to_pandas(self) -> pd.DataFrame:
        """A frame with a row for each task that can be compared, and a column for each control (extra `pandas`)."""
        import pandas as pd

        rows = [
            {"task": task.task, "annotators": task.annotators, "score": task.score, **task.controls}
            for task in self.tasks
        ]
        return pd.DataFrame(rows, columns=["task", "annotators", "score", *self.controls])

    def __str__(self) -> str:
        """A few lines for people."""
        lines = [self.summary]
        for one in self.controls.values():
            lines.append(f"  {one.name} ({one.kind}): " + ", ".join(f"{name} {said(v)}" for name, v in _figures(one)))
            lines += [f"    {x.label}: {x.count:,}, {said(x.iou if x.alpha is None else x.alpha)}" for x in one.labels]
        lines += [f"  {x.first} and {x.second}: {said(x.score)} on {x.tasks:,} tasks" for x in self.pairs]
        return "\n".join(lines)

    @property
    def summary(self) -> str:
        """One line: the score, and how many tasks it is of."""
        return (
            f"agreement {said(self.score)} on {len(self.tasks):,} of {self.task_count:,} tasks "
            f"({self.single:,} have one annotator, {self.unlabeled:,} none), {len(self.annotators):,} annotators"
        )

    def _repr_html_(self) -> str:
        head = joined(markup("<th>{}</th>", name) for name in ("control", "kind", *FIGURES))
        rows = joined(
            markup("<tr><td>{}</td><td>{}</td>{}</tr>", one.name, one.kind, _cells(one))
            for one in self.controls.values()
        )
        return markup("<table><caption>{}</caption><tr>{}</tr>{}</table>", self.summary, head, rows)


def said(value: float | None) -> str:
    """A coefficient for people."""
    return "–" if value is None else f"{value:.2f}"  # noqa: RUF001 - a dash


def _figures(one: ControlAgreement) -> list[tuple[str, float | None]]:
    return list(zip(FIGURES, (one.score, one.alpha, one.cohen, one.fleiss, one.iou), strict=True))


def _cells(one: ControlAgreement) -> Markup:
    return joined(markup("<td>{}</td>", said(value)) for _, value in _figures(one))
