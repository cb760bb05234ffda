"""Annotations of any number onto existing tasks, each exactly once.

The server takes annotations one by one only. But it takes predictions in bulk, and makes annotations of them in bulk:
so they go up as predictions of a model version that nothing else has, are made annotations by an action that leaves
alone what it has made before, and the helper predictions are removed. What an annotation made that way cannot carry
(another author, its lead time, that it was skipped or is the ground truth) goes one by one, under an id of its own that
the server takes only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, TypeAlias
from uuid import uuid4

from msgspec import Struct, field

from ..core.json import encode
from ..core.operation import Do, Flow, Sleep
from ..errors import InvalidRequest, LabelwireError, StatusError, certainly_not_applied
from ..resources._fitting import selected
from ..resources.actions import Actions
from ..resources.annotations import Annotations
from ..resources.imports import Imports, into
from ..resources.projects import Projects
from ..resources.tasks import Tasks
from . import doubt
from .onto_tasks import Item, Loading, broken_off, next_batch, prepared
from .predicting import without_strangers
from .report import OnProgress, OnRefusal, Report
from .side_by_side import Width, side_by_side

SERVER_MADE = frozenset(
    {
        "id", "task", "project", "unique_id", "created_at", "updated_at", "created_username", "created_ago",
        "draft_created_at", "updated_by", "last_created_by", "last_action", "bulk_created", "result_count",
        "prediction",
    }
)  # fmt: skip
"""What an exported annotation bears and the server makes anew."""

ORDINARY: Mapping[str, Any] = {
    "was_cancelled": False,
    "ground_truth": False,
    "lead_time": None,
    "import_id": None,
    "parent_prediction": None,
    "parent_annotation": None,
}
"""What an annotation is when nothing is said."""

Helpers: TypeAlias = Literal["remove", "keep"]
"""What becomes of the predictions by way of which annotations are made."""


class Annotating(Struct):
    """Annotations under way: how many tasks the project has, who the caller is, and which helpers are to be removed."""

    work: Loading
    tasks: int
    user: int | None
    keep: Helpers
    run: str = field(default_factory=lambda: f"labelwire-{uuid4().hex[:12]}")
    helpers: list[str] = field(default_factory=list)
    width: Width = field(default_factory=Width)
    doubtful: list[tuple[str, list[int]]] = field(default_factory=list)
    sample: int | None = None


def import_annotations(
    project: int,
    annotations: Iterable[Any],
    *,
    check: bool,
    helpers: Helpers,
    on_refusal: OnRefusal,
    progress: OnProgress | None,
) -> Flow[Report]:
    """The flow behind `client.imports.annotations`."""
    from ..resources.users import Users

    work, items = yield from prepared(project, "annotation", annotations, check, on_refusal, progress)
    about = work.about or (yield from Projects.get(None, project))
    state = Annotating(work, about.task_number or 0, (yield from Users.me(None)).id, helpers)
    try:
        while batch := (yield from next_batch(work, items)):
            yield from _send(state, batch)
            work.told()
    except LabelwireError as error:
        with suppress(LabelwireError):  # the error at hand is what matters
            yield from _tidy(state)
        raise broken_off(work, error) from error.__cause__
    yield from _tidy(state)
    work.told()
    return work.report


def _send(state: Annotating, batch: list[Item]) -> Flow[None]:
    """One batch: in bulk what can go in bulk and where that is faster, the rest one by one."""
    plain = [item for item in batch if _plain(item, state.user)]
    # In bulk the server looks at every task of the project, some three times; one by one at a single one.
    if len(plain) <= 10 + state.tasks // 64:
        plain = []
    if plain:
        single = {item.position for item in plain}
        plain = yield from _in_bulk(state, plain)
        plain_positions = single - {item.position for item in plain}
        batch = [item for item in batch if item.position not in plain_positions]
    yield from _one_by_one(state, batch)


def _plain(item: Item, user: int | None) -> bool:
    """Whether an annotation made of a prediction is the same."""
    by = item.fields.get("completed_by")
    by = by.get("id") if isinstance(by, Mapping) else by
    more = {
        name
        for name, value in item.fields.items()
        if name not in SERVER_MADE
        and name not in ("result", "completed_by")
        and not (name in ORDINARY and value == ORDINARY[name])
    }
    regions = item.fields.get("result")
    return (
        not more
        and by in (None, user)
        and isinstance(regions, (list, tuple))
        and bool(regions)
        and all(isinstance(one, Mapping) and one.get("from_name") and one.get("to_name") for one in regions)
    )


def _in_bulk(state: Annotating, batch: list[Item]) -> Flow[list[Item]]:
    """Those of the batch that could not go in bulk."""
    work = state.work
    mark = yield from _helpers(state, batch)
    if mark is None:
        return batch
    tasks = sorted({item.task for item in batch})
    tries = 0
    while True:
        work.report.requests += 1
        try:
            yield from Actions.run(
                None, "predictions_to_annotations", project=work.project, selected=tasks, model_version=mark
            )
        except doubt.LOST as error:
            if certainly_not_applied(error):
                raise
            doubt.told(work.report, error)
            tries += 1
            made = yield from _settled(work.project, tasks, mark, len(batch))
            if made < len(batch) and tries >= doubt.TRIES:
                raise
            if made < len(batch):
                state.doubtful.append((mark, tasks))
                continue
        break
    work.report.created += len(batch)
    state.sample = tasks[0]
    return []


def _helpers(state: Annotating, batch: list[Item]) -> Flow[str | None]:
    """The model version under which the batch is on the server as predictions; None when not all of it fits."""
    work = state.work
    tries = 0
    while batch:
        mark = f"{state.run}-{len(state.helpers) + 1}"
        state.helpers.append(mark)
        content = yield from Do(
            lambda mark=mark: encode(  # type: ignore[misc]
                [{"task": one.task, "result": one.fields["result"], "model_version": mark} for one in batch]
            )
        )
        work.report.requests += 1
        try:
            created = yield from into(work.project, Imports.send_predictions(None, work.project, content))
        except doubt.LOST as error:
            if certainly_not_applied(error):
                raise
            doubt.told(work.report, error)
            tries += 1
            created = yield from _arrived(work.project, mark, len(batch))
            if not created:
                if tries >= doubt.TRIES:
                    raise
                continue
        except InvalidRequest as error:
            if error.status != 400:
                return None
            kept = yield from without_strangers(work, batch, error)
            batch[:] = kept
            continue
        return mark if created == len(batch) else None
    return None


def _arrived(project: int, mark: str, count: int) -> Flow[int]:
    """How many helpers of this mark there are, once no more seem to come."""

    def look() -> Flow[tuple[int, bool]]:
        there = (yield from Projects.model_versions(None, project)).get(mark, 0)
        return there, there == count

    return (yield from doubt.settled(look, doubt.LATE))


def _settled(project: int, tasks: Sequence[int], mark: str, count: int) -> Flow[int]:
    """How many of the helpers have become annotations, once no more seem to."""

    def look() -> Flow[tuple[int, bool]]:
        made = len((yield from _children(project, tasks, mark)))
        return made, made >= count

    return (yield from doubt.settled(look, doubt.LATE))


def _children(project: int, tasks: Sequence[int], mark: str) -> Flow[dict[int, list[int]]]:
    """The annotations made of each helper, the oldest first."""
    found: dict[int, list[int]] = {}
    include = ["id", "predictions", "model_version", "annotations", "parent_prediction"]
    for task in (yield from selected(project, tasks, include, "all")):
        ours = {one.id for one in task.predictions or () if one.model_version == mark}
        for annotation in task.annotations or ():
            if annotation.parent_prediction in ours:
                found.setdefault(annotation.parent_prediction, []).append(annotation.id)
    return {helper: sorted(made) for helper, made in found.items()}


def _one_by_one(state: Annotating, batch: Sequence[Item]) -> Flow[None]:
    flows = [Annotations.create(None, task=item.task, **_fields(item)) for item in batch]
    outcomes = yield from side_by_side(flows, state.width)
    first: StatusError | None = None
    fatal: Exception | None = None
    for item, outcome in zip(batch, outcomes, strict=True):
        state.work.report.requests += 1
        if not isinstance(outcome, Exception):
            state.work.report.created += 1
        elif isinstance(outcome, StatusError) and outcome.status in (400, 404):
            state.work.refuse(item, str(outcome))
            first = first or outcome
        else:
            fatal = fatal or outcome
    if fatal is not None:
        raise fatal
    if first is not None and state.work.on_refusal == "raise":
        raise first


def _fields(item: Item) -> dict[str, Any]:
    fields = {name: value for name, value in item.fields.items() if name not in SERVER_MADE}
    by = fields.get("completed_by")
    if isinstance(by, Mapping):
        fields["completed_by"] = by.get("id")
    return fields


def _tidy(state: Annotating) -> Flow[None]:
    """Remove the helpers, and annotations that came twice; and have the server count its predictions anew."""
    work = state.work
    if state.doubtful:
        yield from Sleep(doubt.LATE)
    for mark, tasks in state.doubtful:
        twice = [number for made in (yield from _children(work.project, tasks, mark)).values() for number in made[1:]]
        yield from side_by_side([iter(Annotations.delete(None, number)) for number in twice], state.width)
    if state.keep == "keep" and state.helpers:
        work.report.notes.append(f"The helper predictions stay, as model versions {', '.join(state.helpers)}.")
        state.helpers.clear()
    for mark in state.helpers:
        yield from Projects.delete_predictions(None, work.project, model_version=mark)
    if state.helpers and (yield from _miscounted(state)):
        # The deletion has left the task's total_predictions as it was; an import counts them, an empty one too.
        yield from Imports.send_predictions(None, work.project, [])
    state.helpers.clear()
    state.doubtful.clear()


def _miscounted(state: Annotating) -> Flow[bool]:
    """Whether the server's count of a task's predictions is not their number; of one task, for all of them."""
    if state.sample is None:
        return False
    task = yield from Tasks.get(None, state.sample)
    return (task.total_predictions or 0) != len(task.predictions or ())
