"""`/api/webhooks/`"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict, Unpack

from ..core.endpoint import D, Resource, endpoint, listing, workflow
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Flow, Operation, Page, Request
from ..core.pager import bare
from ._common import nothing

WebhookAction = Literal[
    "PROJECT_CREATED",
    "PROJECT_UPDATED",
    "PROJECT_DELETED",
    "TASKS_CREATED",
    "TASKS_DELETED",
    "ANNOTATION_CREATED",
    "ANNOTATIONS_CREATED",
    "ANNOTATION_UPDATED",
    "ANNOTATIONS_DELETED",
    "LABEL_LINK_CREATED",
    "LABEL_LINK_UPDATED",
    "LABEL_LINK_DELETED",
]


class Webhook(Model):
    """A URL that the server calls when something happens."""

    shown = ("id", "url", "project", "is_active")

    id: int
    organization: int | None
    project: int | None
    url: str | None
    send_payload: bool | None
    send_for_all_actions: bool | None
    headers: dict[str, str] | None
    is_active: bool | None
    actions: list[str] | None
    created_at: datetime | None
    updated_at: datetime | None


class WebhookChanges(TypedDict, total=False):
    """The fields of a webhook that can be written besides its URL."""

    send_payload: bool
    send_for_all_actions: bool
    headers: Mapping[str, str]
    is_active: bool
    actions: Sequence[WebhookAction]


class Webhooks(Resource[D]):
    """Webhooks: what the server calls when something happens."""

    @listing
    def list(self, *, project: int | None = None) -> Operation[Page[Webhook]]:
        """The webhooks of the organization, or those of the project."""
        return bare(Request("GET", "/api/webhooks/", {"project": project}), Webhook)

    @endpoint
    def get(self, id: int) -> Operation[Webhook]:
        """The webhook."""
        return Operation(Request("GET", f"/api/webhooks/{id}/"), Webhook.decode)

    @endpoint
    def create(self, *, url: str, project: int | None = None, **fields: Unpack[WebhookChanges]) -> Operation[Webhook]:
        """A new webhook, for a project; one for the whole organization is Enterprise's, Community answers 404."""
        # The server looks for a project null, so for the organization there must be none at all.
        body = {"url": url, **({} if project is None else {"project": project}), **fields}
        return Operation(Request("POST", "/api/webhooks/", json=body), Webhook.decode)

    @workflow
    def update(self, id: int, *, url: str | None = None, **changes: Unpack[WebhookChanges]) -> Flow[Webhook]:
        """The webhook after the changes."""
        if "actions" not in changes:  # the server takes those that are not said again for none
            current = yield from Webhooks.get(None, id)
            changes["actions"] = current["actions"]
        body = changes if url is None else {"url": url, **changes}
        return (yield from Operation(Request("PATCH", f"/api/webhooks/{id}/", json=body), Webhook.decode))

    @endpoint
    def replace(self, id: int, *, url: str, **fields: Unpack[WebhookChanges]) -> Operation[Webhook]:
        """The webhook written anew."""
        return Operation(Request("PUT", f"/api/webhooks/{id}/", json={"url": url, **fields}), Webhook.decode)

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the webhook."""
        return Operation(Request("DELETE", f"/api/webhooks/{id}/"), nothing)

    @endpoint
    def info(self, *, organization_only: bool | None = None) -> Operation[dict[str, Any]]:
        """The actions a webhook can be called for, each with its name and description."""
        return Operation(Request("GET", "/api/webhooks/info/", {"organization-only": organization_only}), decode)
