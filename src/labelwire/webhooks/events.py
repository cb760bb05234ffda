"""What a server tells: an action, and the objects that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from ..core.json import loads
from ..errors import InvalidInput
from ..resources.annotations import Annotation
from ..resources.projects import Project
from ..resources.tasks import Task


class Event(Struct, frozen=True):
    """Something that has happened on the server.

    Attributes:
        action: one of `labelwire.resources.webhooks.WebhookAction`, or one that a newer server has.
        raw: all that the server sent. Of a webhook without `send_payload` it is the action alone.
    """

    action: str
    raw: Mapping[str, Any]

    @classmethod
    def read(cls, body: bytes) -> Event:
        """The event that a request's body holds.

        Raises:
            InvalidInput: for what is no event.
        """
        try:
            found = loads(body)
        except ValueError:
            raise InvalidInput("The body is no JSON.") from None
        if not isinstance(found, dict) or not isinstance(found.get("action"), str):
            raise InvalidInput("The body is no object with an action.")
        return cls(found["action"], found)

    @property
    def project(self) -> Project | None:
        """The project; of a deleted one, its id alone."""
        found = self.raw.get("project")
        return Project(found) if isinstance(found, dict) else None

    @property
    def annotations(self) -> Sequence[Annotation]:
        """The annotations, be it one or several; of deleted ones, their ids alone."""
        # ANNOTATIONS_CREATED has a list under the name of one.
        return [Annotation(one) for one in _several(self.raw.get("annotations", self.raw.get("annotation")))]

    @property
    def annotation(self) -> Annotation | None:
        """The annotation, where the action is about one."""
        found = self.raw.get("annotation")
        return Annotation(found) if isinstance(found, dict) else None

    @property
    def tasks(self) -> Sequence[Task]:
        """The tasks, be it one or several; of deleted ones, their ids alone."""
        return [Task(one) for one in _several(self.raw.get("tasks", self.raw.get("task")))]

    @property
    def task(self) -> Task | None:
        """The task, where the action is about one."""
        found = self.raw.get("task")
        return Task(found) if isinstance(found, dict) else None


def _several(found: Any) -> list[dict[str, Any]]:
    given = found if isinstance(found, list) else [found]
    return [one for one in given if isinstance(one, dict)]
