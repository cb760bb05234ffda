"""`client.webhooks`: found by their URL, so that one is there once."""

from __future__ import annotations

from typing import Unpack

from ..core.endpoint import D, workflow
from ..core.operation import Flow
from ..core.pager import gathered
from ..resources.webhooks import Webhook, WebhookChanges
from ..resources.webhooks import Webhooks as Single


class Webhooks(Single[D]):
    """Webhooks: what the server calls when something happens."""

    @workflow
    def ensure(self, *, url: str, project: int | None = None, **fields: Unpack[WebhookChanges]) -> Flow[Webhook]:
        """The project's webhook for this URL: the one that is there after the changes, or else a new one."""
        for webhook in (yield from gathered(Single.list(None, project=project))):
            if webhook.url == url and webhook.project == project:
                return (yield from Single.update(None, webhook.id, **fields))
        return (yield from Single.create(None, url=url, project=project, **fields))

    @workflow
    def remove(self, *, url: str, project: int | None = None) -> Flow[int]:
        """How many webhooks of the project for this URL were deleted."""
        found = yield from gathered(Single.list(None, project=project))
        ours = [webhook.id for webhook in found if webhook.url == url and webhook.project == project]
        for one in ours:
            yield from Single.delete(None, one)
        return len(ours)
