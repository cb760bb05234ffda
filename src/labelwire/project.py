"""`Project`: the object that old scripts work with. It has a client; it is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from .core.json import decode
from .core.operation import Operation
from .data_manager import Column, Filters, FilterSet, Operator, Query, Type, query
from .errors import InvalidInput, LabelwireError, NotFound
from .resources.exports import TaskFilterOptions
from .resources.imports import Import
from .resources.tasks import PAGE_SIZE, Tasks
from .utils import parse_config

if TYPE_CHECKING:
    import requests

    from .client import Client

LabelStudioException = LabelwireError
"""The old name for everything that goes wrong."""


class LabelStudioAttributeError(LabelwireError, AttributeError):
    """The project has no such attribute."""


class ProjectSampling(Enum):
    """In which order annotators get the tasks."""

    RANDOM = "Uniform sampling"
    SEQUENCE = "Sequential sampling"
    UNCERTAINTY = "Uncertainty sampling"


class ExportSnapshotStatus:
    """How far an export snapshot is."""

    CREATED = "created"
    IN_PROGRESS = "in_progress"
    FAILED = "failed"
    COMPLETED = "completed"

    def __init__(self, response: Mapping[str, Any]) -> None:
        self.response = response
        self._status = str(response["status"])

    def is_created(self) -> bool:
        """Whether it waits for its turn."""
        return self._status == self.CREATED

    def is_in_progress(self) -> bool:
        """Whether it is being built."""
        return self._status == self.IN_PROGRESS

    def is_failed(self) -> bool:
        """Whether it has failed."""
        return self._status == self.FAILED

    def is_completed(self) -> bool:
        """Whether it can be downloaded."""
        return self._status == self.COMPLETED


class Project:
    """A project. Every field that the server sent is an attribute: `project.title`, `project.task_number`.

    They are what they were when the project was fetched; `update_params()` fetches them again. An unknown attribute
    is an AttributeError and no request.

    `client.get_project(id)` and `client.start_project(title=…)` give one; `Project(url, api_key)` takes the
    arguments of `Client` and waits for its `start_project(…)`.
    """

    FROM_CLIENT: ClassVar[frozenset[str]] = frozenset(
        {
            "url", "api_key", "headers", "cookies", "session", "versions", "is_enterprise", "make_request_raise",
            "make_request", "get_url", "get_session", "get_versions", "check_connection", "get_users", "create_user",
            "get_projects", "list_projects", "get_project", "create_project", "delete_project",
            "delete_all_projects", "get_workspaces", "get_workspace_by_title", "get_organization", "get_api_key",
            "sync_storage", "log_response_error",
        }
    )  # fmt: skip
    """What the old `Project` had from being a `Client`, and what scripts therefore call on it."""

    client: Client
    params: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from .client import Client

        self.client = Client(*args, **kwargs)
        self.params = {}

    @classmethod
    def _create_from_id(cls, client: Client, project_id: int, params: Mapping[str, Any] | None = None) -> Project:
        """The project over what is known of it already; at no request."""
        project = cls.__new__(cls)
        project.client = client
        project.params = dict(params) if params else {"id": project_id}
        return project

    @classmethod
    def get_from_id(cls, client: Client, project_id: int) -> Project:
        """The project, fetched."""
        return cls._create_from_id(client, project_id, client.projects.get(project_id).raw)

    def __getattr__(self, name: str) -> Any:
        if name in ("client", "params"):  # not set yet: while unpickling or copying
            raise AttributeError(name)
        if name in self.params:
            return self.params[name]
        if name in self.FROM_CLIENT:
            return getattr(self.client, name)
        raise LabelStudioAttributeError(
            f"Project {self.params.get('id')} has no attribute {name!r}. What the server sent of it: "
            f"{', '.join(sorted(self.params)) or 'nothing yet'}."
        )

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self.params, *self.FROM_CLIENT]

    def __repr__(self) -> str:
        return f"Project(id={self.params.get('id')}, title={self.params.get('title')!r})"

    # The project itself --------------------------------------------------------------------------------------

    @property
    def parsed_label_config(self) -> dict[str, Any]:
        """The label configuration as `utils.parse_config` reads it."""
        return dict(parse_config(self._get_param("label_config")))

    def _get_param(self, param_name: str) -> Any:
        if param_name not in self.params:
            self.update_params()
        return self.params.get(param_name)

    def get_params(self) -> dict[str, Any]:
        """The project's fields, fetched again."""
        self.update_params()
        return self.params

    def update_params(self) -> None:
        """Fetch the project's fields again."""
        self.params = self.client.projects.get(self.id).raw

    def start_project(self, **kwargs: Any) -> None:
        """Make the project on the server, with `title`, `label_config` and further fields of the API."""
        self.params = self.client.projects.create(**kwargs).raw

    def set_params(self, **kwargs: Any) -> None:
        """Change fields of the project."""
        self.params = self.client.projects.update(self.id, **kwargs).raw

    def set_sampling(self, sampling: ProjectSampling) -> None:
        """Change the order in which annotators get the tasks."""
        self.set_params(sampling=sampling.value)

    def set_published(self, is_published: bool) -> None:
        """Publish the project, or take it back (Enterprise shows annotators only published ones)."""
        self.set_params(is_published=is_published)

    def set_model_version(self, model_version: str) -> None:
        """Choose the model version whose predictions annotators see."""
        self.set_params(model_version=model_version)

    def get_model_versions(self) -> dict[str, int]:
        """The model versions of the predictions, each with their number."""
        return self.client.projects.model_versions(self.id)

    # Import --------------------------------------------------------------------------------------------------

    def import_tasks(
        self,
        tasks: Sequence[Mapping[str, Any]] | Mapping[str, Any] | str | PathLike[str],
        preannotated_from_fields: Sequence[str] | None = None,
    ) -> list[int]:
        """The ids of the new tasks, in the order of the input.

        Args:
            tasks: a list of tasks, one task, or the path of a JSON, CSV, TSV or TXT file.
            preannotated_from_fields: data fields whose values become predictions.

        Raises:
            InvalidInput: for an empty list, an item that is no dict, or a file that cannot be read; nothing was
                sent.
        """
        fields = tuple(preannotated_from_fields or ())
        result: Import
        if isinstance(tasks, (str, PathLike)):
            result = self.client.imports.files(self.id, [_existing(tasks)], preannotated_from_fields=fields)
        else:
            many = [tasks] if isinstance(tasks, Mapping) else tasks
            result = self.client.imports.tasks(self.id, many, preannotated_from_fields=fields)
        return result.task_ids or []

    # Tasks ---------------------------------------------------------------------------------------------------

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
            **self._task_query(filters, ordering, view_id, selected_ids, only_ids), page_size=PAGE_SIZE
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

    # Predictions and annotations -----------------------------------------------------------------------------

    def create_prediction(
        self,
        task_id: int,
        result: Sequence[Mapping[str, Any]] | None = None,
        score: float | None = 0,
        model_version: str | None = None,
    ) -> dict[str, Any]:
        """The new prediction. `score` is the model's own, mostly 0 to 1."""
        more: dict[str, Any] = {} if model_version is None else {"model_version": model_version}
        return self.client.predictions.create(task=task_id, result=result or [], score=score, **more).raw

    def create_predictions(self, predictions: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        """`{"created": number}` after importing predictions `{"task": id, "result": […], …}` in one request."""
        return {"created": self.client.imports.predictions(self.id, predictions)}

    def create_annotations_from_predictions(self, model_versions: Sequence[str] | None = None) -> dict[str, Any]:
        """The server's report after it made an annotation of every prediction, or of those of these versions."""
        report: dict[str, Any] = self.client.actions.run(
            "predictions_to_annotations",
            project=self.id,
            excluded=(),
            ordering=[],
            filters=Filters.create(Filters.AND, []),
            model_version=list(model_versions) if model_versions is not None else None,
        )
        return report

    def list_annotations(self, task_id: int) -> list[dict[str, Any]]:
        """The annotations of the task."""
        return [annotation.raw for annotation in self.client.annotations.list(task=task_id)]

    def create_annotation(self, task_id: int, **kwargs: Any) -> dict[str, Any]:
        """The new annotation: `result=[…]`, and `completed_by`, `ground_truth`, `lead_time` and others."""
        return self.client.annotations.create(task=task_id, **kwargs).raw

    def get_annotation(self, annotation_id: int) -> dict[str, Any]:
        """The annotation."""
        return self.client.annotations.get(annotation_id).raw

    def update_annotation(self, annotation_id: int, **kwargs: Any) -> dict[str, Any]:
        """The annotation after the changes."""
        return self.client.annotations.update(annotation_id, **kwargs).raw

    def delete_annotation(self, annotation_id: int) -> int:
        """The status of the deletion: 204."""
        return self.client.make_request("DELETE", f"/api/annotations/{annotation_id}/").status_code

    # Views ---------------------------------------------------------------------------------------------------

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

    # Export --------------------------------------------------------------------------------------------------

    def export_tasks(
        self,
        export_type: str = "JSON",
        download_all_tasks: bool = False,
        download_resources: bool = False,
        ids: Sequence[int] | None = None,
        export_location: str | PathLike[str] | None = None,
    ) -> list[dict[str, Any]] | Path:
        """The annotated tasks, or all of them; or the path of the file they were written to.

        Args:
            export_type: "JSON", "CSV", "COCO" or another of the server's formats.
            export_location: a file; needed for every format but JSON and JSON_MIN.
        """
        if export_location is not None:
            return self.client.exports.direct(
                self.id,
                path=export_location,
                export_type=export_type,
                download_all_tasks=download_all_tasks,
                download_resources=download_resources,
                ids=ids,
            )
        if export_type not in ("JSON", "JSON_MIN"):
            raise InvalidInput(f"A {export_type} export is a file: pass export_location.")
        return list(
            self.client.exports.inline(self.id, export_type=export_type, download_all_tasks=download_all_tasks, ids=ids)
        )

    def export_snapshot_list(self) -> list[dict[str, Any]]:
        """The project's export snapshots."""
        return [snapshot.raw for snapshot in self.client.exports.list(self.id)]

    def export_snapshot_create(
        self,
        title: str,
        task_filter_options: TaskFilterOptions | None = None,
        serialization_options_drafts: bool = True,
        serialization_options_predictions: bool = True,
        serialization_options_annotations__completed_by: bool = True,
        annotation_filter_options_usual: bool = True,
        annotation_filter_options_ground_truth: bool = True,
        annotation_filter_options_skipped: bool = True,
        interpolate_key_frames: bool = False,
    ) -> dict[str, Any]:
        """The new snapshot. The `serialization_options_…` are whether only ids are written."""
        return self.client.exports.create(
            self.id,
            title=title,
            task_filter_options=task_filter_options or {},
            serialization_options={
                "drafts": {"only_id": serialization_options_drafts},
                "predictions": {"only_id": serialization_options_predictions},
                "annotations__completed_by": {"only_id": serialization_options_annotations__completed_by},
                "interpolate_key_frames": interpolate_key_frames,
            },
            annotation_filter_options={
                "usual": annotation_filter_options_usual,
                "ground_truth": annotation_filter_options_ground_truth,
                "skipped": annotation_filter_options_skipped,
            },
        ).raw

    def export_snapshot_status(self, export_id: int) -> ExportSnapshotStatus:
        """How far the snapshot is."""
        return ExportSnapshotStatus(self.client.exports.get(self.id, export_id).raw)

    def export_snapshot_download(self, export_id: int, export_type: str = "JSON", path: str = ".") -> tuple[int, str]:
        """The status, 200, and the name of the file that was written into the folder `path`."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        written = self.client.exports.download(self.id, export_id, path=folder, export_type=export_type)
        return 200, written.name

    def export_snapshot_delete(self, export_id: int) -> int:
        """The status of the deletion: 204."""
        self.client.exports.delete(self.id, export_id)
        return 204


def _completed(done: bool) -> FilterSet:
    return Filters.create(
        Filters.OR, [Filters.item(Column.completed_at, Operator.EMPTY, Type.Boolean, Filters.value(not done))]
    )


def _existing(path: str | PathLike[str]) -> Path:
    file = Path(path).expanduser()
    if not file.is_file():
        raise InvalidInput(f"There is no file {str(path)!r} to import tasks from.")
    return file
