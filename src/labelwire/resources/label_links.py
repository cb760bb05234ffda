"""`/api/label_links/`: which labels belong to which project."""

from __future__ import annotations

from typing import TypedDict, Unpack

from ..core.endpoint import D, Resource, endpoint, listing
from ..core.model import Model
from ..core.operation import Operation, Page, Request
from ..core.pager import paged
from ._common import nothing


class LabelLink(Model):
    """A label's place in a project: the tag `from_name` of its configuration."""

    shown = ("id", "label", "project", "from_name")

    id: int
    label: int | None
    project: int | None
    from_name: str | None
    annotations_count: int | None


class LabelLinkChanges(TypedDict, total=False):
    """The fields of a link that can be written."""

    label: int
    project: int
    from_name: str


class LabelLinks(Resource[D]):
    """Links between labels and projects."""

    @listing
    def list(
        self,
        *,
        project: int | None = None,
        label__created_at: str | None = None,
        label__created_at__gte: str | None = None,
        label__created_at__lte: str | None = None,
        label__created_by: int | None = None,
    ) -> Operation[Page[LabelLink]]:
        """The links, of one project or of all; the dates are those of the labels, in ISO 8601."""
        params = {
            "page": 1,
            "project": project,
            "label__created_at": label__created_at,
            "label__created_at__gte": label__created_at__gte,
            "label__created_at__lte": label__created_at__lte,
            "label__created_by": label__created_by,
        }
        return paged(Request("GET", "/api/label_links/", params), LabelLink)

    @endpoint
    def get(self, id: int) -> Operation[LabelLink]:
        """The link."""
        return Operation(Request("GET", f"/api/label_links/{id}/"), LabelLink.decode)

    @endpoint
    def create(self, *, project: int, label: int, from_name: str) -> Operation[LabelLink]:
        """A new link."""
        body = {"project": project, "label": label, "from_name": from_name}
        return Operation(Request("POST", "/api/label_links/", json=body), LabelLink.decode)

    @endpoint
    def update(self, id: int, **changes: Unpack[LabelLinkChanges]) -> Operation[LabelLink]:
        """The link after the changes."""
        return Operation(Request("PATCH", f"/api/label_links/{id}/", json=changes), LabelLink.decode)

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the link: the project no longer offers the label."""
        return Operation(Request("DELETE", f"/api/label_links/{id}/"), nothing)
