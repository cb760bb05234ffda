"""`/api/dm/actions/`"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .. import data_manager
from ..core.endpoint import D, Resource, endpoint, listing
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Operation, Page, Request
from ..core.pager import bare
from ..errors import InvalidInput
from ..where.condition import Condition, filters_from
from ._common import json_or_nothing

HARMLESS_TWICE = frozenset(
    {"delete_tasks", "delete_tasks_annotations", "delete_tasks_predictions", "remove_duplicates"}
)
"""Actions that find nothing left to do the second time."""


class Action(Model):
    """Something the Data Manager can do with many tasks at once."""

    shown = ("id", "title")

    id: str
    title: str | None
    order: int | None
    permission: Any
    experimental: bool | None
    dialog: dict[str, Any] | None


class Actions(Resource[D]):
    """Actions: what the Data Manager does with many tasks in one request."""

    @listing
    def list(self, *, project: int) -> Operation[Page[Action]]:
        """The actions that this server offers for the project."""
        return bare(Request("GET", "/api/dm/actions/", {"project": project}), Action)

    @endpoint
    def run(
        self,
        id: str,
        /,
        *,
        project: int,
        selected: Iterable[int] | None = None,
        excluded: Iterable[int] | None = None,
        filters: data_manager.FilterSet | None = None,
        where: Condition | None = None,
        ordering: Sequence[str] | None = None,
        view: int | None = None,
        **values: Any,
    ) -> Operation[Any]:
        """The server's report of an action such as "delete_tasks".

        It applies to the tasks in `selected`, or to all but those in `excluded`, or to all that `filters`, `where` or
        `view` let through. One of them has to be given: nothing is done to a whole project by leaving an argument out.

        Args:
            values: what the action itself asks for, such as `model_version`.

        Raises:
            InvalidInput: when no tasks are named.
        """
        filters = filters_from(filters, where)
        if selected is None and excluded is None and filters is None and view is None:
            raise InvalidInput(
                f"{id}: to which tasks? Pass selected, where or view; for all tasks of the project, excluded=()."
            )
        body = {
            **data_manager.query(filters=filters, ordering=ordering, selected=selected, excluded=excluded),
            "project": project,
            **values,
        }
        request = Request(
            "POST",
            "/api/dm/actions/",
            {"id": id, "project": project, "view": view},
            json=body,
            repeatable=id in HARMLESS_TWICE,
            since=data_manager.since(filters),
        )
        return Operation(request, json_or_nothing)

    @endpoint
    def form(self, id: str, *, project: int) -> Operation[Any]:
        """What the action asks for before it runs."""
        return Operation(Request("GET", f"/api/dm/actions/{id}/form/", {"project": project}), decode)
