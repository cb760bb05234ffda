"""`/api/projects/`"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict, Unpack

from ..core.endpoint import D, Resource, endpoint, listing, workflow
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Flow, Operation, Page, Request
from ..core.pager import paged
from ._common import ids_text, nothing
from ._once import once

PAGE_SIZE = 100
"""The most projects the server puts on a page; it cuts a larger wish down without a word."""

Sampling = Literal["Sequential sampling", "Uniform sampling", "Uncertainty sampling"]
SkipQueue = Literal["REQUEUE_FOR_ME", "REQUEUE_FOR_OTHERS", "IGNORE_SKIPPED"]


class UserReference(Model):
    """Who made something."""

    id: int
    first_name: str
    last_name: str
    email: str
    avatar: str | None


class Project(Model):
    """A project as the server describes it."""

    id: int
    title: str | None
    description: str | None
    label_config: str | None
    parsed_label_config: dict[str, Any] | None
    expert_instruction: str | None
    show_instruction: bool | None
    show_skip_button: bool | None
    enable_empty_annotation: bool | None
    show_annotation_history: bool | None
    show_collab_predictions: bool | None
    organization: int | None
    color: str | None
    maximum_annotations: int | None
    overlap_cohort_percentage: int | None
    is_published: bool | None
    is_draft: bool | None
    model_version: str | None
    sampling: Sampling | None
    skip_queue: SkipQueue | None
    created_by: UserReference | None
    created_at: datetime | None
    pinned_at: datetime | None
    control_weights: dict[str, Any] | None
    task_number: int | None
    finished_task_number: int | None
    num_tasks_with_annotations: int | None
    total_annotations_number: int | None
    total_predictions_number: int | None
    useful_annotation_number: int | None
    ground_truth_number: int | None
    skipped_annotations_number: int | None
    queue_total: int | None
    queue_done: int | None

    def _repr_html_(self) -> str:
        from ..showing.cards import project_card

        return project_card(self.raw)


class ProjectCounts(Model):
    """The numbers of a project: tasks, annotations and predictions."""

    id: int
    task_number: int | None
    finished_task_number: int | None
    num_tasks_with_annotations: int | None
    total_annotations_number: int | None
    total_predictions_number: int | None
    useful_annotation_number: int | None
    ground_truth_number: int | None
    skipped_annotations_number: int | None


class ProjectChanges(TypedDict, total=False):
    """The fields of a project that can be written; those left out stay as they are."""

    title: str
    description: str | None
    label_config: str
    expert_instruction: str | None
    show_instruction: bool
    show_skip_button: bool
    enable_empty_annotation: bool
    show_annotation_history: bool
    show_collab_predictions: bool
    organization: int | None
    color: str
    maximum_annotations: int
    overlap_cohort_percentage: int
    is_published: bool
    is_draft: bool
    model_version: str | None
    sampling: Sampling | None
    skip_queue: SkipQueue | None
    show_ground_truth_first: bool
    show_overlap_first: bool
    annotator_evaluation_enabled: bool
    min_annotations_to_start_training: int
    task_data_login: str | None
    task_data_password: str | None
    control_weights: dict[str, Any] | None
    evaluate_predictions_automatically: bool
    reveal_preannotations_interactively: bool
    pinned_at: str | None
    workspace: int


class Projects(Resource[D]):
    """Projects: a label configuration and the tasks that are labeled by it."""

    @listing
    def list(
        self,
        /,
        *,
        ids: Sequence[int] | str | None = None,
        title: str | None = None,
        search: str | None = None,
        filter: Literal["all", "pinned_only", "exclude_pinned"] | None = None,
        ordering: str | None = None,
        include: Sequence[str] | None = None,
        page_size: int = PAGE_SIZE,
        **filters: Any,
    ) -> Operation[Page[Project]]:
        """All projects the user may see; `title` is matched as a part and in any case.

        Args:
            search: words of the title or the description.
            include: the counts to compute, such as "task_number"; fewer is faster.
            page_size: projects a request, at most 100.
            filters: further query parameters, passed on as they are.
        """
        params = _listing_query(ids, title, search, filter, include, page_size)
        return paged(Request("GET", "/api/projects/", {**params, "ordering": ordering, **filters}), Project)

    @endpoint
    def get(self, id: int) -> Operation[Project]:
        """The project with its label configuration and its counts."""
        return Operation(Request("GET", f"/api/projects/{id}/"), Project.decode)

    @workflow
    def create(self, **fields: Unpack[ProjectChanges]) -> Flow[Project]:
        """A new project, and never two: when the answer is lost, it is looked for by its title.

        The server wants a title of three characters at least.
        """
        create = Operation(Request("POST", "/api/projects/", json=fields), Project.decode)
        title = fields.get("title")
        if title is None:
            return (yield from create)
        newest = Projects.list(None, ordering="-id", include=["id"], page_size=1)
        before = max([project.id for project in (yield from newest)], default=0)

        def find() -> Flow[Project | None]:
            me = (yield from Operation(Request("GET", "/api/current-user/whoami"), decode))["id"]
            alike = yield from Projects.list(None, title=title, ordering="-id")
            ours = [project for project in alike if project.id > before and project.title == title]
            return next((project for project in ours if project.created_by and project.created_by.id == me), None)

        return (yield from once(create, find))

    @endpoint
    def update(self, id: int, **changes: Unpack[ProjectChanges]) -> Operation[Project]:
        """The project after the changes."""
        return Operation(Request("PATCH", f"/api/projects/{id}/", json=changes), Project.decode)

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the project with its tasks, annotations and predictions."""
        return Operation(Request("DELETE", f"/api/projects/{id}/"), nothing)

    @listing
    def counts(
        self,
        *,
        ids: Sequence[int] | str | None = None,
        title: str | None = None,
        search: str | None = None,
        filter: Literal["all", "pinned_only", "exclude_pinned"] | None = None,
        include: Sequence[str] | None = None,
        page_size: int = PAGE_SIZE,
    ) -> Operation[Page[ProjectCounts]]:
        """The counts of the projects, without anything else; the arguments are those of `list`."""
        params = _listing_query(ids, title, search, filter, include, page_size)
        return paged(Request("GET", "/api/projects/counts/", params), ProjectCounts)

    @endpoint
    def annotators(self, id: int) -> Operation[Sequence[UserReference]]:
        """The users who have annotated in the project."""
        return Operation(Request("GET", f"/api/projects/{id}/annotators/"), UserReference.decode_list)

    @endpoint
    def model_versions(self, id: int) -> Operation[dict[str, int]]:
        """The model versions of the project's predictions, each with the number of its predictions."""
        return Operation(Request("GET", f"/api/projects/{id}/model-versions"), decode)

    @endpoint
    def delete_predictions(self, id: int, *, model_version: str) -> Operation[int]:
        """Deletes the predictions of one model version, and gives their number.

        The tasks' `total_predictions` stay as they were until the next import of predictions.
        """
        request = Request("DELETE", f"/api/projects/{id}/model-versions", json={"model_version": model_version})
        return Operation(request, lambda reply: int(decode(reply).get("deleted_predictions", 0)))

    @endpoint
    def validate(self, label_config: str, *, project: int | None = None) -> Operation[None]:
        """Asks the server whether it takes the label configuration, for an existing project or for a new one.

        Raises:
            InvalidRequest: when it does not, and why.
        """
        path = "/api/projects/validate/" if project is None else f"/api/projects/{project}/validate/"
        return Operation(Request("POST", path, json={"label_config": label_config}, repeatable=True), nothing)


def _listing_query(
    ids: Sequence[int] | str | None,
    title: str | None,
    search: str | None,
    filter: str | None,
    include: Sequence[str] | None,
    page_size: int,
) -> dict[str, Any]:
    return {
        "page": 1,
        "page_size": min(page_size, PAGE_SIZE),
        "ids": ids_text(ids),
        "title": title,
        "search": search,
        "filter": filter,
        "include": ",".join(include) if include is not None else None,
    }
