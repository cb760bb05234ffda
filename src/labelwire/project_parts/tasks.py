"""Tasks: import, read, change, delete; and the views that show them."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..bulk.reading import IDS_AT_ONCE
from ..core.json import decode
from ..core.operation import Operation
from ..data_manager import Column, Filters, FilterSet, Operator, Query, Type, query
from ..errors import LabelwireError, NotFound
from ..resources.files import PLACES
from ..resources.tasks import PAGE_SIZE, Tasks
from .part import Part

if TYPE_CHECKING:
    import requests

    from ..bulk.media_files import File, Results
    from ..bulk.report import OnProgress

logger = logging.getLogger(__name__)


class ProjectTasks(Part):
    """Tasks: import, read, change, delete; and the views that show them."""

    def import_tasks(
        self,
        tasks: Iterable[Mapping[str, Any]] | Mapping[str, Any] | str | PathLike[str],
        preannotated_from_fields: Sequence[str] | None = None,
        *,
        ledger: str | PathLike[str] | None = None,
        progress: OnProgress | None = None,
    ) -> list[int]:
        """The ids of the new tasks, in the order of the input; each is imported exactly once.

        Args:
            tasks: any iterable of tasks, one task, or the path of a JSON, JSONL, CSV, TSV, TXT or Parquet file.
            preannotated_from_fields: data fields whose values become predictions.
            ledger: a file that remembers what was sent: after an interruption the same call goes on from there.
            progress: called after each batch. `client.imports.tasks` offers more, and reports more.

        Raises:
            InvalidInput: for an empty list, an item that is no dict, or a file that cannot be read; nothing was
                sent.
        """
        many: Any = [tasks] if isinstance(tasks, Mapping) else tasks
        fields = tuple(preannotated_from_fields or ())
        done = self.client.imports.tasks(
            self.id, many, preannotated_from_fields=fields, ledger=ledger, progress=progress
        )
        return done.task_ids

    def import_files(
        self,
        files: Iterable[File],
        *,
        annotations: Results | None = None,
        predictions: Results | None = None,
        data_key: str | None = None,
        ledger: str | PathLike[str] | None = None,
        progress: OnProgress | None = None,
    ) -> list[int]:
        """The ids of the new tasks, one of each media file, in the order of the files; see `client.imports.files`."""
        done = self.client.imports.files(
            self.id,
            files,
            annotations=annotations,
            predictions=predictions,
            data_key=data_key,
            ledger=ledger,
            progress=progress,
        )
        return done.task_ids

    def get_tasks(
        self,
        filters: FilterSet | None = None,
        ordering: Sequence[str] | None = None,
        view_id: int | None = None,
        selected_ids: Sequence[int] | None = None,
        only_ids: bool = False,
    ) -> list[Any]:
        """All tasks with their annotations, predictions and the Data Manager's columns; or their ids alone.

        Args:
            filters: from `Filters.create(…)`.
            ordering: columns such as `[Column.created_at]`, "-" before one for descending.
            view_id: a view, whose filters and ordering apply.
            selected_ids: the tasks to give, instead of all.
        """
        if selected_ids is not None and not len(selected_ids):
            return []  # the server would take no ids for all of them
        listing = self.client.tasks.list(
            **self._task_query(filters, ordering, view_id, selected_ids, only_ids),
            page_size=IDS_AT_ONCE if only_ids else PAGE_SIZE,
        )
        return [task.id if only_ids else task.raw for task in listing]

    def get_paginated_tasks(
        self,
        filters: FilterSet | None = None,
        ordering: Sequence[str] | None = None,
        view_id: int | None = None,
        selected_ids: Sequence[int] | None = None,
        page: int = 1,
        page_size: int = 100,
        only_ids: bool = False,
        resolve_uri: bool = True,
    ) -> dict[str, Any]:
        """One page: `tasks` (or their ids), `total`, `total_annotations` and `total_predictions`.

        A page past the last is `{"tasks": [], "end_pagination": True}`.
        """
        asked = self._task_query(filters, ordering, view_id, selected_ids, only_ids)
        first = Tasks.list(None, **asked, page_size=page_size, resolve_uri=resolve_uri)
        operation: Operation[dict[str, Any]] = Operation(first.request.with_params(page=page), decode)
        try:
            found = self.client._driver.perform(operation)  # noqa: SLF001 - one package
        except NotFound as error:
            if page > 1 and "Invalid page" in error.detail:
                return {"tasks": [], "end_pagination": True}
            raise
        if only_ids:
            found["tasks"] = [task["id"] for task in found["tasks"]]
        return found

    def _task_query(
        self,
        filters: FilterSet | None,
        ordering: Sequence[str] | None,
        view_id: int | None,
        selected_ids: Sequence[int] | None,
        only_ids: bool,
    ) -> dict[str, Any]:
        return {
            "project": self.id,
            "view": view_id,
            "filters": filters,
            "ordering": ordering,
            "selected": selected_ids,
            "fields": None if only_ids else "all",
            "include": ["id"] if only_ids else None,
        }

    def get_tasks_ids(self, *args: Any, **kwargs: Any) -> list[int]:
        """The ids of all tasks; takes the arguments of `get_tasks`."""
        return self.get_tasks(*args, **{**kwargs, "only_ids": True})

    def get_paginated_tasks_ids(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One page of ids; takes the arguments of `get_paginated_tasks`."""
        return self.get_paginated_tasks(*args, **{**kwargs, "only_ids": True})

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """All tasks, fetched anew each time."""
        return self.get_tasks()

    @property
    def tasks_ids(self) -> list[int]:
        """The ids of all tasks, fetched anew each time."""
        return self.get_tasks_ids()

    def get_labeled_tasks(self, only_ids: bool = False) -> list[Any]:
        """The tasks that are completed."""
        return self.get_tasks(filters=_completed(True), only_ids=only_ids)

    def get_labeled_tasks_ids(self) -> list[int]:
        """The ids of the tasks that are completed."""
        return self.get_labeled_tasks(only_ids=True)

    def get_unlabeled_tasks(self, only_ids: bool = False) -> list[Any]:
        """The tasks that are not completed."""
        return self.get_tasks(filters=_completed(False), only_ids=only_ids)

    def get_unlabeled_tasks_ids(self) -> list[int]:
        """The ids of the tasks that are not completed."""
        return self.get_unlabeled_tasks(only_ids=True)

    def get_task(self, task_id: int) -> dict[str, Any]:
        """The task with its annotations, predictions and drafts."""
        return self.client.tasks.get(task_id).raw

    def update_task(self, task_id: int, **kwargs: Any) -> dict[str, Any]:
        """The task after the changes, such as `data={…}`."""
        return self.client.tasks.update(task_id, **kwargs).raw

    def delete_task(self, task_id: int) -> requests.Response:
        """The response to deleting the task."""
        return self.client.make_request("DELETE", f"/api/tasks/{task_id}/")

    def delete_tasks(self, task_ids: Sequence[int]) -> requests.Response:
        """The response to deleting these tasks."""
        return self._delete(query(selected=task_ids))

    def delete_all_tasks(self, excluded_ids: Sequence[int] | None = None) -> requests.Response:
        """The response to deleting all tasks but the excluded ones."""
        return self._delete(query(excluded=excluded_ids or ()))

    def _delete(self, selected: Query) -> requests.Response:
        return self.client.make_request(
            "POST",
            "/api/dm/actions/",
            params={"id": "delete_tasks", "project": self.id},
            json={"project": self.id, **selected},
        )

    def get_views(self) -> list[dict[str, Any]]:
        """The project's views."""
        return [view.raw for view in self.client.views.list(project=self.id)]

    def create_view(
        self, filters: FilterSet | None, ordering: Sequence[str] | None = None, title: str = "Tasks"
    ) -> dict[str, Any]:
        """The new view."""
        return self.client.views.create(project=self.id, title=title, filters=filters, ordering=ordering).raw

    def delete_view(self, view_id: int) -> None:
        """Delete the view; its tasks stay."""
        self.client.views.delete(view_id)

    def get_files_from_tasks(self, tasks: Iterable[Mapping[str, Any]], get_tasks: bool = False) -> list[str]:
        """The paths of copies of the files that the tasks name: uploads, files of local storages, and URLs.

        What cannot be fetched is left out, with the reason in the log. The credential goes to the server alone.

        Args:
            get_tasks: take all tasks of the project instead.
        """
        folder = Path(tempfile.mkdtemp(prefix="labelwire-files-"))
        copies: list[str] = []
        for task in self.get_tasks() if get_tasks else tasks:
            for field, value in task["data"].items():
                if not (isinstance(value, str) and value.startswith(PLACES)):
                    continue
                place = folder / str(len(copies))
                place.mkdir()
                try:
                    copies.append(str(self.client.files.download(value, path=place)))
                except (LabelwireError, OSError) as error:
                    place.rmdir()
                    logger.warning("Task %s, %s: not fetched: %s", task.get("id"), field, error)
        return copies


def _completed(done: bool) -> FilterSet:
    return Filters.create(
        Filters.OR, [Filters.item(Column.completed_at, Operator.EMPTY, Type.Boolean, Filters.value(not done))]
    )
