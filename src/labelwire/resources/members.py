"""`/api/projects/{id}/members` and `/api/projects/{id}/tasks/assignees` (Enterprise)"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import requests

from .. import data_manager
from ..core.endpoint import D, Resource, workflow
from ..core.json import decode
from ..core.operation import Flow, Operation, Request
from ..core.refusal import response_of
from ._common import json_or_nothing
from ._enterprise import enterprise
from .actions import Actions
from .users import User

Role = Literal["AN", "RE", "MA", "AD", "OW", "NO", "DI"]
"""Annotator, reviewer, manager, administrator, owner, not activated, disabled."""

Kind = Literal["AN", "RE"]
"""Annotator or reviewer."""


class Members(Resource[D]):
    """Who works on a project, and on which tasks. Enterprise only; a Community server raises EnterpriseOnly."""

    @workflow
    def list(self, *, project: int) -> Flow[Sequence[User]]:
        """The members of the project."""
        request = Request("GET", f"/api/projects/{project}/members")
        return (yield from enterprise("Project members", Operation(request, User.decode_list)))

    @workflow
    def add(self, *, project: int, user: int) -> Flow[Any]:
        """The server's answer to making the user a member."""
        request = Request("POST", f"/api/projects/{project}/members", json={"user": user})
        return (yield from enterprise("Project members", Operation(request, json_or_nothing)))

    @workflow
    def set_role(self, *, organization: int, user: int, role: Role) -> Flow[requests.Response]:
        """The server's response to changing the user's role in the organization."""
        path = f"/api/organizations/{organization}/memberships"
        request = Request("PATCH", path, json={"user_id": user, "role": role})
        return (yield from enterprise("Roles", Operation(request, response_of)))

    @workflow
    def assign(self, *, project: int, users: Sequence[int], tasks: Iterable[int], type: Kind) -> Flow[dict[str, Any]]:
        """The server's report after it assigned the tasks to each of the users, as annotators or as reviewers."""
        body = {"users": [int(one) for one in users], **data_manager.query(selected=tasks), "type": type}
        request = Request("POST", f"/api/projects/{project}/tasks/assignees", json=body)
        return (yield from enterprise("Assignment", Operation[dict[str, Any]](request, decode)))

    @workflow
    def unassign(self, *, project: int, tasks: Iterable[int], type: Kind) -> Flow[Any]:
        """The server's report after it took all annotators, or all reviewers, off the tasks."""
        action = "delete_annotators" if type == "AN" else "delete_reviewers"
        return (yield from enterprise("Assignment", Actions.run(None, action, project=project, selected=tasks)))
