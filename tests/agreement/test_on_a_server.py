"""The agreement of people on a real server, through both colours and the old object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from labelwire import Client

from ..conftest import TEXT_CONFIG, Both, choice


@pytest.fixture(scope="module")
def judged(client: Client) -> Iterator[Any]:
    """Three texts that two people have judged; of one they think alike, a third has one judge."""
    people = []
    for name in ("ada", "bob"):
        email = f"{name}-{uuid4().hex[:8]}@example.com"
        people.append(client.users.create(email=email, username=email[:30], first_name=name, last_name="B"))
    project = client.start_project(title="Judged", label_config=TEXT_CONFIG)
    ids = project.import_tasks([{"text": f"text {n}"} for n in range(3)])
    for task, (first, second) in zip(ids, [("good", "good"), ("good", "bad"), ("bad", None)], strict=True):
        for person, said in zip(people, (first, second), strict=True):
            if said is not None:
                client.annotations.create(task=task, result=choice(said), completed_by=person.id)
    yield project
    client.delete_project(project.id)


def test_a_project_tells_how_far_its_annotators_agree(both: Both, judged: Any) -> None:
    found = both("projects.agreement", judged.id)
    assert (found.task_count, found.single, found.score) == (3, 1, 0.5)
    assert [task.score for task in found.tasks] == [1, 0]
    assert all("@example.com" in name for name in found.annotators)


def test_the_old_project_tells_the_same(client: Client, judged: Any) -> None:
    assert judged.agreement() == client.projects.agreement(judged.id)
