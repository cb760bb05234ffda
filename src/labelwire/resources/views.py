"""`/api/dm/views/`"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import data_manager
from ..core.endpoint import D, Resource, endpoint, listing
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Operation, Page, Request
from ..core.pager import bare
from ..where.condition import Condition, filters_from
from ._common import nothing


class View(Model):
    """A tab of the Data Manager; `data` holds its title, filters, ordering and columns."""

    id: int
    project: int | None
    data: dict[str, Any] | None
    order: int | None
    user: int | None
    ordering: Any
    filter_group: Any
    selected_items: Any


class Views(Resource[D]):
    """Views: the tabs of the Data Manager, each with filters and an ordering."""

    @listing
    def list(self, *, project: int) -> Operation[Page[View]]:
        """The views of the project."""
        return bare(Request("GET", "/api/dm/views/", {"project": project}), View)

    @endpoint
    def get(self, id: int) -> Operation[View]:
        """The view."""
        return Operation(Request("GET", f"/api/dm/views/{id}/"), View.decode)

    @endpoint
    def create(
        self,
        /,
        *,
        project: int,
        title: str = "Tasks",
        filters: data_manager.FilterSet | None = None,
        where: Condition | None = None,
        ordering: Sequence[str] | None = None,
        **data: Any,
    ) -> Operation[View]:
        """A new view.

        Args:
            where: which tasks it shows, as a condition in place of `filters`.
            ordering: columns such as "tasks:id", with "-" before one for descending; the server uses the first.
            data: further settings of the tab, such as `hiddenColumns`.
        """
        filters = filters_from(filters, where)
        body = _body(project, title, filters, ordering, data)
        request = Request("POST", "/api/dm/views/", json=body, since=data_manager.since(filters))
        return Operation(request, View.decode)

    @endpoint
    def update(self, id: int, *, data: Mapping[str, Any], project: int | None = None) -> Operation[View]:
        """The view after the change: what `data` has takes the place of what was there, the rest of it stays."""
        body = {"data": data} if project is None else {"data": data, "project": project}
        return _written("PATCH", id, body)

    @endpoint
    def replace(self, id: int, *, data: Mapping[str, Any], project: int) -> Operation[View]:
        """The view after the change. The server merges `data` here too, for all that it is a PUT."""
        return _written("PUT", id, {"data": data, "project": project})

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the view; its tasks stay."""
        return Operation(Request("DELETE", f"/api/dm/views/{id}/"), nothing)

    @endpoint
    def order(self, ids: Sequence[int], *, project: int) -> Operation[None]:
        """Puts the project's views into this order."""
        body = {"project": project, "ids": [int(one) for one in ids]}
        return Operation(Request("POST", "/api/dm/views/order/", json=body, repeatable=True), nothing)

    @endpoint
    def reset(self, *, project: int) -> Operation[None]:
        """Deletes all views of the project."""
        # The document puts the project into the query; the server reads it from the body.
        return Operation(
            Request("DELETE", "/api/dm/views/reset/", {"project": project}, json={"project": project}), nothing
        )

    # What the Data Manager shows in them ---------------------------------------------------------------------

    @endpoint
    def columns(self, *, project: int) -> Operation[Sequence[dict[str, Any]]]:
        """The columns that the project's views can show, order and filter by."""
        return Operation(
            Request("GET", "/api/dm/columns/", {"project": project}), lambda reply: decode(reply)["columns"]
        )

    @endpoint
    def state(self, *, project: int) -> Operation[dict[str, Any]]:
        """The project's counts and settings as the Data Manager shows them above its views."""
        return Operation(Request("GET", "/api/dm/project/", {"project": project}), decode)


def _written(method: str, id: int, body: Mapping[str, Any]) -> Operation[View]:
    since = data_manager.since(body["data"].get("filters"))
    return Operation(Request(method, f"/api/dm/views/{id}/", json=body, since=since), View.decode)


def _body(
    project: int,
    title: str,
    filters: data_manager.FilterSet | None,
    ordering: Sequence[str] | None,
    data: Mapping[str, Any],
) -> dict[str, Any]:
    if filters is not None:
        data_manager.check(filters)
    asked = {"filters": filters, "ordering": ordering}
    return {
        "project": project,
        "data": {"title": title, **{name: value for name, value in asked.items() if value is not None}, **data},
    }
