"""A stub of Label Studio Enterprise, which cannot be had: it speaks the replies that its documentation describes, for
the operations that the old SDK's interface needs. It is no proof that a real Enterprise server behaves so.
"""

from __future__ import annotations

import json
from typing import Any

from ..core.wire import Handler, Wire

USERS = [
    {"id": 3, "email": "ann@example.com", "first_name": "Ann", "last_name": "A", "username": "ann", "initials": "AA",
     "phone": "", "last_activity": "2026-01-02T03:04:05Z", "active_organization": 1,
     "org_membership": [{"role": "AN", "active": True, "organization_id": 1}]},
    {"id": 4, "email": "bob@example.com", "first_name": "Bob", "last_name": "B", "username": "bob", "initials": "BB",
     "phone": "", "last_activity": "2026-01-02T03:04:05Z", "active_organization": 1, "org_membership": []},
]  # fmt: skip
WORKSPACE = {"id": 9, "title": "Birds", "description": "", "color": "#fff", "is_personal": False, "created_by": 3}
PROJECT = {"id": 7, "title": "Owls", "task_number": 10}


class Enterprise(Wire):
    """`bodies` are the JSON bodies of the writes, in order, behind their method and path."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[tuple[str, Any]] = []
        self.polls = 0
        self.answers = {
            "/api/version": lambda handler: handler.json({"release": "2.20.0", "edition": "Enterprise"}),
            "/api/workspaces": self._workspaces,
            "/api/workspaces/9": self._workspace,
            "/api/workspaces/9/projects": lambda handler: handler.json([PROJECT]),
            "/api/workspaces/9/memberships": self._write([{"user": 3, "workspace": 9}]),
            "/api/workspaces/10": lambda handler: handler.json({"detail": "No Workspace matches."}, 404),
            "/api/projects/7/members": self._write(USERS),
            "/api/projects/7/tasks/assignees": self._assign,
            "/api/dm/actions/": self._write({"detail": "done"}),
            "/api/organizations/1/memberships": self._write({"role": "MA"}),
            "/api/tasks/": lambda handler: handler.json({"tasks": [{"id": one} for one in range(1, 11)], "total": 10}),
            "/api/projects/7/": lambda handler: handler.json(PROJECT),
            "/api/projects/7/file-uploads": lambda handler: handler.json([]),
            "/api/projects/7/import": lambda handler: handler.json({"import": 5}, 201),
            "/api/projects/7/imports/5/": self._import,
            "/api/storages/s3s": self._write({"id": 2, "type": "s3s"}),
        }

    def written(self, handler: Handler) -> None:
        if handler.content:
            path = handler.path.replace("/?", "?")
            self.bodies.append((f"{handler.command} {path}", json.loads(handler.content)))

    def _write(self, answer: Any) -> Any:
        def speak(handler: Handler) -> None:
            self.written(handler)
            if handler.command == "DELETE":
                handler.raw(b"", 204)
            else:
                handler.json(answer)

        return speak

    def _workspaces(self, handler: Handler) -> None:
        self.written(handler)
        handler.json(WORKSPACE, 201) if handler.command == "POST" else handler.json([WORKSPACE])

    def _workspace(self, handler: Handler) -> None:
        self.written(handler)
        handler.raw(b"", 204) if handler.command == "DELETE" else handler.json(WORKSPACE)

    def _assign(self, handler: Handler) -> None:
        self.written(handler)
        body = json.loads(handler.content)
        handler.json({"assignments": len(body["users"]) * len(body["selectedItems"]["included"])})

    def _import(self, handler: Handler) -> None:
        self.polls += 1
        done = self.polls >= 2
        handler.json({"id": 5, "status": "completed" if done else "in_progress", "task_ids": [1, 2] if done else []})
