"""`/api/tasks/`"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from .. import data_manager
from ..core.endpoint import D, Resource, endpoint, listing
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Operation, Page, Request
from ..core.pager import paged
from ..errors import LabelwireError
from ..where.condition import Condition, filters_from
from ._common import nothing
from ._picture import pictured
from .annotations import Annotation
from .predictions import Prediction

if TYPE_CHECKING:
    from ..showing import Preview

PAGE_SIZE = 1000
"""Tasks a request. The server has no upper limit; pages of 100, its clients' habit, take a third longer."""


class Task(Model):
    """A task. What a listing was not asked for is None, `annotations` for one without `fields="all"`."""

    id: int
    project: int | None
    inner_id: int | None
    data: dict[str, Any]
    meta: dict[str, Any] | None
    annotations: Sequence[Annotation] | None
    predictions: Sequence[Prediction] | None
    drafts: Sequence[dict[str, Any]] | None
    is_labeled: bool | None
    overlap: int | None
    total_annotations: int | None
    cancelled_annotations: int | None
    total_predictions: int | None
    predictions_score: float | None
    predictions_model_versions: str | None
    annotators: Sequence[Any] | None
    avg_lead_time: float | None
    file_upload: Any
    storage_filename: str | None
    comment_count: int | None
    unresolved_comment_count: int | None
    completed_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None

    def plot(self, *, annotations: bool = True, predictions: bool = True, foreign: bool = True) -> Preview:
        """The task's picture, for notebooks and to be saved: `task.plot().save("task.png")`.

        One that came from a `Client` fetches its images by it; an `AsyncClient` has `tasks.preview` for that.

        Args:
            annotations, predictions: False leaves them out.
            foreign: whether images that are not on the server are fetched too, and not left to a browser.
        """
        from ..core.sync import SyncDriver
        from ..showing import preview

        driver = getattr(self, "origin", None)
        if not isinstance(driver, SyncDriver):
            return preview(self.raw, link=True, annotations=annotations, predictions=predictions)
        return driver.flow(pictured(self.raw, foreign, annotations, predictions))

    def _repr_html_(self) -> str:
        try:
            return self.plot(foreign=False)._repr_html_()
        except (LabelwireError, ImportError):
            return super()._repr_html_()  # a notebook shows something, whatever happens


class TaskChanges(TypedDict, total=False):
    """The fields of a task that can be written."""

    data: Mapping[str, Any]
    meta: Mapping[str, Any] | None
    is_labeled: bool
    overlap: int
    project: int


class Tasks(Resource[D]):
    """Tasks: the items of a project that are labeled."""

    @listing
    def list(
        self,
        *,
        project: int | None = None,
        view: int | None = None,
        filters: data_manager.FilterSet | None = None,
        where: Condition | None = None,
        ordering: Sequence[str] | None = None,
        selected: Iterable[int] | None = None,
        fields: Literal["all", "task_only"] | None = None,
        include: Sequence[str] | None = None,
        resolve_uri: bool | None = None,
        review: bool | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Operation[Page[Task]]:
        """The tasks of a project or of one of its views.

        Args:
            view: the id of a view; its own filters and ordering apply, and not those given here.
            filters: from `Filters.create(...)`.
            where: the same as a condition, `F.total_annotations == 0`.
            ordering: columns such as "tasks:id", with "-" before one for descending.
            selected: ids of the tasks to give, instead of all.
            fields: "all" adds annotations and predictions.
            include: the fields to send, nested ones too; ["id"] and ["id", "data"] are several times as fast.
            resolve_uri: whether cloud storage addresses become links that can be opened.
            page_size: tasks a request.
        """
        filters = filters_from(filters, where)
        query = data_manager.query(filters=filters, ordering=ordering, selected=selected)
        params = {
            "page": 1,
            "page_size": page_size,
            "project": project,
            "view": view,
            "query": data_manager.encode(query) if query else None,
            "fields": fields,
            "include": ",".join(include) if include is not None else None,
            "resolve_uri": resolve_uri,
            "review": review,
        }
        return paged(Request("GET", "/api/tasks/", params, since=data_manager.since(filters)), Task, "tasks", "total")

    @endpoint
    def get(self, id: int) -> Operation[Task]:
        """The task with its annotations, predictions and drafts."""
        return Operation(Request("GET", f"/api/tasks/{id}/"), Task.decode)

    @endpoint
    def create(self, *, project: int, data: Mapping[str, Any], **fields: Unpack[TaskFields]) -> Operation[Task]:
        """A new task. For more than a few, `client.imports.tasks` takes one request for all."""
        body = {"project": project, "data": data, **fields}
        return Operation(Request("POST", "/api/tasks/", json=body), Task.decode)

    @endpoint
    def update(self, id: int, **changes: Unpack[TaskChanges]) -> Operation[Task]:
        """The task after the changes; `data` is replaced whole."""
        return Operation(Request("PATCH", f"/api/tasks/{id}/", json=changes), Task.decode)

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the task with its annotations and predictions."""
        return Operation(Request("DELETE", f"/api/tasks/{id}/"), nothing)

    @endpoint
    def delete_all(self, *, project: int) -> Operation[None]:
        """Deletes all tasks of the project. For some of them, see `client.actions.run("delete_tasks", …)`."""
        return Operation(Request("DELETE", f"/api/projects/{project}/tasks/"), nothing)

    @endpoint
    def agreement(self, id: int) -> Operation[dict[str, Any]]:
        """How often each label was chosen in the task's annotations, by control tag (`distributions`)."""
        return Operation(Request("GET", f"/api/tasks/{id}/agreement/"), decode)

    @endpoint
    def next(self, *, project: int) -> Operation[Task]:
        """The task that the project's queue has for the user next, locked for them; NotFound when none is left."""
        return Operation(Request("GET", f"/api/projects/{project}/next/"), Task.decode)

    @endpoint
    def page(self, *, project: int, page: int = 1, page_size: int = PAGE_SIZE) -> Operation[Sequence[Task]]:
        """One page of the project's tasks with annotations and predictions, from a route without a total.

        It may be part of the data. `list` gives all of it; this one serves who pages by themselves.
        """
        request = Request("GET", f"/api/projects/{project}/tasks/", {"page": page, "page_size": page_size})
        return Operation(request, Task.decode_list)


class TaskFields(TypedDict, total=False):
    """What may be said of a new task besides its project and its data."""

    meta: Mapping[str, Any] | None
    overlap: int
