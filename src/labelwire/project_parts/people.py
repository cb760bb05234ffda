"""Members, and who annotates and reviews which tasks (Enterprise)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from ..errors import InvalidInput
from ..utils import chunk
from .part import Part

if TYPE_CHECKING:
    from ..resources.members import Kind
    from ..users import User

AT_ONCE = 1000
"""Tasks that one request assigns."""


class AssignmentSamplingMethod(Enum):
    """How tasks are dealt out."""

    RANDOM = 1


class ProjectPeople(Part):
    """Members, and who annotates and reviews which tasks. On a Community server each raises EnterpriseOnly."""

    def get_members(self) -> list[User]:
        """The members of the project."""
        from ..users import User

        return [User(**{**member.raw, "client": self.client}) for member in self.client.members.list(project=self.id)]

    def add_member(self, user: User | int) -> Any:
        """The server's answer to making the user a member."""
        return self.client.members.add(project=self.id, user=_id(user))

    def assign_annotators(self, users: Sequence[User | int], tasks_ids: Sequence[int]) -> dict[str, Any]:
        """The server's report after it assigned the tasks to each of the users: `assignments` is their number."""
        return self._assign(users, tasks_ids, "AN")

    def assign_reviewers(self, users: Sequence[User | int], tasks_ids: Sequence[int]) -> dict[str, Any]:
        """The server's report after it gave the tasks to each of the users for review."""
        return self._assign(users, tasks_ids, "RE")

    def delete_annotators_assignment(self, tasks_ids: Sequence[int]) -> Any:
        """The server's report after it took all annotators off the tasks."""
        return self.client.members.unassign(project=self.id, tasks=tasks_ids, type="AN")

    def delete_reviewers_assignment(self, tasks_ids: Sequence[int]) -> Any:
        """The server's report after it took all reviewers off the tasks."""
        return self.client.members.unassign(project=self.id, tasks=tasks_ids, type="RE")

    def assign_annotators_by_sampling(
        self,
        users: Sequence[User | int],
        view_id: int | None = None,
        method: AssignmentSamplingMethod = AssignmentSamplingMethod.RANDOM,
        fraction: float = 1.0,
        overlap: int = 1,
    ) -> list[dict[str, Any]]:
        """The server's reports, one a user, after tasks were dealt out to annotators at random.

        Args:
            view_id: whose tasks are dealt out, instead of all.
            fraction: the share of them, 0 to 1.
            overlap: to how many different users each task goes.
        """
        return self._assign_by_sampling(users, self.assign_annotators, view_id, method, fraction, overlap)

    def assign_reviewers_by_sampling(
        self,
        users: Sequence[User | int],
        view_id: int | None = None,
        method: AssignmentSamplingMethod = AssignmentSamplingMethod.RANDOM,
        fraction: float = 1.0,
        overlap: int = 1,
    ) -> list[dict[str, Any]]:
        """The server's reports, one a user, after tasks were dealt out to reviewers at random."""
        return self._assign_by_sampling(users, self.assign_reviewers, view_id, method, fraction, overlap)

    def _assign_by_sampling(
        self,
        users: Sequence[User | int],
        assign_function: Callable[[Sequence[User | int], Sequence[int]], dict[str, Any]],
        view_id: int | None = None,
        method: AssignmentSamplingMethod = AssignmentSamplingMethod.RANDOM,
        fraction: float = 1.0,
        overlap: int = 1,
    ) -> list[dict[str, Any]]:
        if not users:
            raise InvalidInput("There are no users to deal tasks out to.")
        if not 0 < fraction <= 1:
            raise InvalidInput(f"fraction is the share of the tasks, above 0 and up to 1, and not {fraction}.")
        if not 1 <= overlap <= len(users):
            raise InvalidInput(f"overlap is 1 to the number of users, {len(users)}, and not {overlap}.")
        if method is not AssignmentSamplingMethod.RANDOM:
            raise InvalidInput(f"{method!r} is no method of dealing tasks out; RANDOM is.")
        tasks = [task.id for task in self.client.tasks.list(project=self.id, view=view_id, include=["id"])]
        if not tasks:
            raise InvalidInput(f"Project {self.id} has no tasks to deal out.")
        shares = deal(random.sample(tasks, max(1, round(len(tasks) * fraction))), len(users), overlap)
        return [assign_function([user], share) for user, share in zip(users, shares, strict=True) if share]

    def _assign(self, users: Sequence[User | int], tasks: Sequence[int], kind: Kind) -> dict[str, Any]:
        report: dict[str, Any] = {}
        for some in chunk(list(tasks), AT_ONCE):
            made = self.client.members.assign(
                project=self.id, users=[_id(user) for user in users], tasks=some, type=kind
            )
            report = {**made, "assignments": report.get("assignments", 0) + made.get("assignments", 0)}
        return report


def deal(tasks: Sequence[int], hands: int, overlap: int) -> list[list[int]]:
    """The tasks dealt out in turn, each to `overlap` different hands."""
    dealt: list[list[int]] = [[] for _ in range(hands)]
    turns: Iterator[tuple[int, int]] = ((task, turn) for task in tasks for turn in range(overlap))
    for position, (task, _) in enumerate(turns):
        dealt[position % hands].append(task)
    return dealt


def _id(user: User | int) -> int:
    return user if isinstance(user, int) else user.id
