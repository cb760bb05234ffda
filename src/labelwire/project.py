"""`Project`: the object that old scripts work with. It has a client; it is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from .errors import LabelwireError
from .project_parts.exports import ExportSnapshotStatus, ProjectExports
from .project_parts.labels import ProjectLabels
from .project_parts.people import AssignmentSamplingMethod, ProjectPeople
from .project_parts.storages import ProjectStorage, ProjectStorages
from .project_parts.tasks import ProjectTasks
from .utils import parse_config

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from .agreement import Agreement
    from .client import Client

__all__ = [
    "AssignmentSamplingMethod",
    "ExportSnapshotStatus",
    "LabelStudioAttributeError",
    "LabelStudioException",
    "Project",
    "ProjectSampling",
    "ProjectStorage",
]

LabelStudioException = LabelwireError
"""The old name for everything that goes wrong."""


class LabelStudioAttributeError(LabelwireError, AttributeError):
    """The project has no such attribute."""


class ProjectSampling(Enum):
    """In which order annotators get the tasks."""

    RANDOM = "Uniform sampling"
    SEQUENCE = "Sequential sampling"
    UNCERTAINTY = "Uncertainty sampling"


class Project(ProjectTasks, ProjectLabels, ProjectExports, ProjectStorages, ProjectPeople):
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

    def agreement(self) -> Agreement:
        """How far the project's annotators agree, measured here (extra `agreement`)."""
        return self.client.projects.agreement(self.id)

    def report(self, path: str | PathLike[str]) -> Path:
        """The path to which the project's report was written, as one HTML file (extra `report`)."""
        return self.client.projects.report(self.id, path)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self.params, *self.FROM_CLIENT]

    def __repr__(self) -> str:
        return f"Project(id={self.params.get('id')}, title={self.params.get('title')!r})"

    def _repr_html_(self) -> str:
        from .resources.projects import Project as Described

        return Described(self.params)._repr_html_()

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
