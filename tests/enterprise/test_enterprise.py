"""The operations of Enterprise: on a stub of it, and refused by a real Community server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labelwire import AsyncClient, Client, EnterpriseOnly, InvalidInput, NotFound
from labelwire.project import Project
from labelwire.project_parts.people import deal
from labelwire.resources import imports
from labelwire.users import OrgMembership, User, UserRole

from ..conftest import Both
from .stub import PROJECT, Enterprise

KEY = "k" * 40


@pytest.fixture
def stub() -> Iterator[Enterprise]:
    with Enterprise() as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def both(request: pytest.FixtureRequest, stub: Enterprise) -> Iterator[Both]:
    if request.param == "sync":
        with Client(stub.url, KEY) as client:
            yield Both(client, None)
        return
    with asyncio.Runner() as runner:
        made = AsyncClient(stub.url, KEY)
        yield Both(made, runner)
        runner.run(made.close())


@pytest.fixture
def owls(stub: Enterprise) -> Iterator[Project]:
    with Client(stub.url, KEY) as client:
        yield Project._create_from_id(client, 7, PROJECT)


class TestNamespaces:
    """On both clients."""

    def test_workspaces(self, both: Both, stub: Enterprise) -> None:
        assert [one.title for one in both("workspaces.list")] == ["Birds"]
        assert both("workspaces.get", 9).id == 9
        assert both("workspaces.create", title="Birds").id == 9
        assert both("workspaces.update", 9, color="#000").id == 9
        assert [one.id for one in both("workspaces.projects", 9)] == [7]
        assert both("workspaces.members", 9)[0]["user"] == 3
        both("workspaces.add_member", 9, user=3)
        both("workspaces.remove_member", 9, user=3)
        both("workspaces.delete", 9)
        assert stub.bodies == [
            ("POST /api/workspaces", {"title": "Birds"}),
            ("PATCH /api/workspaces/9", {"color": "#000"}),
            ("POST /api/workspaces/9/memberships", {"workspace": 9, "user": 3}),
            ("DELETE /api/workspaces/9/memberships", {"workspace": 9, "user": 3}),
        ]

    def test_an_unknown_workspace_is_not_found_and_no_missing_edition(self, both: Both) -> None:
        with pytest.raises(NotFound, match="No Workspace matches"):
            both("workspaces.get", 10)

    def test_members_and_assignment(self, both: Both, stub: Enterprise) -> None:
        assert [one.email for one in both("members.list", project=7)] == ["ann@example.com", "bob@example.com"]
        both("members.add", project=7, user=4)
        assert both("members.assign", project=7, users=[3, 4], tasks=[1, 2], type="RE") == {"assignments": 4}
        both("members.unassign", project=7, tasks=[1], type="AN")
        both("members.set_role", organization=1, user=4, role="MA")
        assert stub.bodies == [
            ("POST /api/projects/7/members", {"user": 4}),
            (
                "POST /api/projects/7/tasks/assignees",
                {"users": [3, 4], "selectedItems": {"all": False, "included": [1, 2]}, "type": "RE"},
            ),
            (
                "POST /api/dm/actions?id=delete_annotators&project=7",
                {"selectedItems": {"all": False, "included": [1]}, "project": 7},
            ),
            ("PATCH /api/organizations/1/memberships", {"user_id": 4, "role": "MA"}),
        ]

    def test_nobody_is_unassigned_by_an_empty_list(self, both: Both, stub: Enterprise) -> None:
        for call in ("members.assign", "members.unassign"):
            more: dict[str, Any] = {"users": [3]} if call == "members.assign" else {}
            with pytest.raises(InvalidInput):
                both(call, project=7, tasks=[], type="AN", **more)
        assert stub.bodies == []

    def test_an_import_in_the_background_is_awaited(self, both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(imports, "POLL", 0.01)
        assert both("imports.tasks", 7, [{"a": 1}, {"a": 2}]).task_ids == [1, 2]


class TestOldNames:
    """As old scripts call them."""

    def test_workspaces(self, owls: Project, stub: Enterprise) -> None:
        client = owls.client
        (workspace,) = client.get_workspaces()
        assert (workspace.id, workspace.title, workspace.color) == (9, "Birds", "#fff")
        assert client.get_workspace_by_title("Birds") is not None
        assert client.get_workspace_by_title("Bees") is None
        assert [one.title for one in workspace.get_projects()] == ["Owls"]
        ann = owls.get_members()[0]
        workspace.add_user(ann)
        workspace.remove_user(ann)
        assert [body for _, body in stub.bodies] == [{"workspace": 9, "user": 3}] * 2

    def test_a_users_role_is_the_new_one_afterwards(self, owls: Project) -> None:
        ann = owls.get_members()[0]
        assert isinstance(ann, User)
        assert ann.set_role(UserRole.MANAGER).status_code == 200
        assert ann.org_membership == [OrgMembership(UserRole.MANAGER, True, 1)]

    def test_members_and_assignment(self, owls: Project, stub: Enterprise) -> None:
        ann, bob = owls.get_members()
        owls.add_member(bob)
        assert owls.assign_annotators([ann], [1, 2]) == {"assignments": 2}
        assert owls.assign_reviewers([ann, bob], [1, 2]) == {"assignments": 4}
        assert owls.delete_annotators_assignment([1]) == {"detail": "done"}
        assert owls.delete_reviewers_assignment([1]) == {"detail": "done"}
        assert [name for name, _ in stub.bodies][-2:] == [
            "POST /api/dm/actions?id=delete_annotators&project=7",
            "POST /api/dm/actions?id=delete_reviewers&project=7",
        ]

    def test_many_tasks_are_assigned_in_several_requests(self, owls: Project, stub: Enterprise) -> None:
        assert owls.assign_annotators([3], range(2500)) == {"assignments": 2500}
        assert len(stub.bodies) == 3

    def test_sampling_gives_each_task_to_as_many_different_users_as_asked_for(
        self, owls: Project, stub: Enterprise
    ) -> None:
        owls.assign_annotators_by_sampling([3, 4, 5], overlap=2)
        given = {body["users"][0]: body["selectedItems"]["included"] for _, body in stub.bodies}
        assert sorted(task for tasks in given.values() for task in tasks) == sorted([*range(1, 11)] * 2)
        assert all(len(set(tasks)) == len(tasks) for tasks in given.values())

    def test_a_fraction_is_sampled(self, owls: Project, stub: Enterprise) -> None:
        owls.assign_reviewers_by_sampling(USERS_IDS, fraction=0.5)
        assert sum(len(body["selectedItems"]["included"]) for _, body in stub.bodies) == 5

    @pytest.mark.parametrize("bad", [{"fraction": 0}, {"fraction": 2}, {"overlap": 3}, {"overlap": 0}, {"users": []}])
    def test_what_cannot_be_dealt_out_is_refused(self, owls: Project, stub: Enterprise, bad: dict[str, Any]) -> None:
        with pytest.raises(InvalidInput):
            owls.assign_annotators_by_sampling(**{"users": USERS_IDS, **bad})
        assert stub.bodies == []

    def test_s3_by_a_role(self, owls: Project, stub: Enterprise) -> None:
        assert owls.connect_s3s_iam_import_storage("arn:aws:iam::1:role/x", bucket="b")["type"] == "s3s"
        assert stub.bodies[0][1]["role_arn"] == "arn:aws:iam::1:role/x"

    def test_the_edition_is_known(self, owls: Project) -> None:
        assert owls.client.is_enterprise


USERS_IDS = [3, 4]


@pytest.mark.parametrize("hands", [1, 2, 3, 7])
@pytest.mark.parametrize("overlap", [1, 2, 3])
def test_dealing_is_even(hands: int, overlap: int) -> None:
    if overlap > hands:
        return
    shares = deal(list(range(20)), hands, overlap)
    sizes = [len(share) for share in shares]
    assert max(sizes) - min(sizes) <= 1
    assert all(len(set(share)) == len(share) for share in shares)


@pytest.mark.server
@pytest.mark.parametrize(
    "call",
    [
        lambda client, project: client.get_workspaces(),
        lambda client, project: client.workspaces.create(title="Birds"),
        lambda client, project: project.get_members(),
        lambda client, project: project.add_member(1),
        lambda client, project: project.assign_annotators([1], [1]),
        lambda client, project: project.delete_reviewers_assignment([1]),
        lambda client, project: client.get_users()[0].set_role(UserRole.MANAGER),
        lambda client, project: project.connect_s3s_iam_import_storage("arn", bucket="b"),
    ],
)
def test_a_community_server_says_so_once(
    client: Client, project: Project, call: Callable[[Client, Project], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    send = client.session.send

    def noted(request: Any, **options: Any) -> Any:
        asked.append(f"{request.method} {request.path_url}")
        return send(request, **options)

    monkeypatch.setattr(client.session, "send", noted)
    with pytest.raises(EnterpriseOnly, match=r"Label Studio 1\.23\.2, Community"):
        call(client, project)
    assert len(asked) == len(set(asked))
