"""`client.tasks`: all of a project's tasks read fast, and many of them changed or deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..core.endpoint import D, stream, workflow
from ..core.operation import Do, Flow, Stream
from ..data_manager import FilterSet
from ..resources._picture import pictured
from ..resources.actions import Actions
from ..resources.tasks import Task
from ..resources.tasks import Tasks as Single
from ..where.condition import Condition, filters_from
from .marked import AT_ONCE
from .one_by_one import changed, one_by_one
from .reading import ids_of, saved, stream_of
from .report import OnProgress, OnRefusal, Report
from .wish import Wish

if TYPE_CHECKING:
    from ..showing import Preview


class Tasks(Single[D]):
    """Tasks, any number of them."""

    @stream
    def read(
        self,
        *,
        project: int,
        annotations: bool = True,
        predictions: bool = True,
        filters: FilterSet | None = None,
        where: Condition | None = None,
        view: int | None = None,
    ) -> Stream[Task]:
        """All tasks with their data, annotations and predictions, by the fastest route, in constant memory.

        With annotations it is an export snapshot, which is removed again. It lacks the columns that only the Data
        Manager counts, such as `predictions_score` and `annotators`; `list(fields="all")` has them, and takes several
        times as long. Where a project has at most three annotations for four tasks, the tasks that have none come in
        pages, and have no `allow_skip`; if it changes meanwhile, it is one snapshot of the whole after all.

        With `annotations=False` it is mostly pages, whose tasks have no `drafts`, `comment_authors` and `allow_skip`;
        it is an error then when tasks are deleted meanwhile, since others would be skipped.

        Args:
            annotations, predictions: False leaves them out; without both, only ids, data and meta are fetched.
            filters: from `Filters.create(…)`.
            where: the same as a condition, `F.total_annotations == 0`.
            view: the id of a view, whose filters apply.
        """
        return stream_of(Wish(project, annotations, predictions, filters_from(filters, where), view))

    @workflow
    def save(
        self,
        *,
        project: int,
        path: str | PathLike[str],
        annotations: bool = True,
        predictions: bool = True,
        filters: FilterSet | None = None,
        where: Condition | None = None,
        view: int | None = None,
    ) -> Flow[Path]:
        """The path to which all tasks were written, as exports have them; it is in place only when it is whole.

        With annotations or predictions it is an export snapshot: one moment of the project, whatever happens to it
        meanwhile, with every field of the tasks.

        Args:
            path: a file that ends in .json, for one array, or in .jsonl, for a task a line.
        """
        return (yield from saved(Wish(project, annotations, predictions, filters_from(filters, where), view), path))

    @workflow
    def preview(self, id: int, *, annotations: bool = True, predictions: bool = True) -> Flow[Preview]:
        """The task's picture, for notebooks and to be saved as .png, .svg or .html (extra `formats`).

        Images are fetched with the client and put inside, so that nobody has to be logged in who looks at it.

        Args:
            annotations, predictions: False leaves them out.
        """
        task = yield from Single.get(None, id)
        return (yield from pictured(task.raw, True, annotations, predictions))

    @workflow
    def ids(
        self,
        *,
        project: int,
        filters: FilterSet | None = None,
        where: Condition | None = None,
        view: int | None = None,
    ) -> Flow[Sequence[int]]:
        """The ids of all tasks, in the order of the view, else in their own."""
        return (yield from ids_of(Wish(project, filters=filters_from(filters, where), view=view)))

    @workflow
    def update_many(
        self,
        changes: Iterable[Mapping[str, Any]],
        *,
        on_refusal: OnRefusal = "raise",
        progress: OnProgress | None = None,
    ) -> Flow[Report]:
        """Changes many tasks, several at once.

        Args:
            changes: any iterable of `{"id": 1, "data": {…}}`, with the fields of `update`.
            on_refusal: one that is refused ends nothing: the others are done, and then it is an error, or only in the
                report with "skip".
        """
        return (yield from one_by_one(changes, partial(changed, Single.update), "updated", on_refusal, progress))

    @workflow
    def delete_many(self, *, project: int, ids: Iterable[int], progress: OnProgress | None = None) -> Flow[Report]:
        """Deletes these tasks of the project, thousands in a request; `skipped` counts those that were not there.

        No ids delete nothing.
        """
        begun = monotonic()
        report = Report()
        wanted = yield from Do(lambda: list(dict.fromkeys(int(one) for one in ids)))
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            done = yield from Actions.run(None, "delete_tasks", project=project, selected=some)
            report.requests += 1
            report.deleted += int((done or {}).get("processed_items", 0))
            report.skipped = start + len(some) - report.deleted
            report.seconds = monotonic() - begun
            if progress is not None:
                progress(report.progress(len(wanted)))
        return report
