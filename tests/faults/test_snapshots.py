"""An export snapshot of several requests, with a fault at each: the whole file, or an error and no file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwire import Client, LabelwireError

from ..conftest import TEXT_CONFIG
from . import faults
from .conftest import Proxied
from .faults import Break, Fault, Match, Once, Phase, Truncated
from .jobs import held

STEPS = {
    "create": Match("POST", r"/exports/$"),
    "wait": Match("GET", r"/exports/\d+$"),
    "download": Match("GET", "/download"),
    "delete": Match("DELETE", "/exports/"),
}
FAULTS = [
    Fault(Break("closed"), Phase.REPLY_HEADERS),
    Fault(Break("reset"), Phase.REPLY_BODY),
    Fault(faults.BAD_GATEWAY, Phase.ANSWERED),
    Fault(faults.JSON_500),
    Fault(faults.LOGIN_PAGE),
    Fault(Truncated("half")),
]
"""The table has all of them for the download alone."""


@pytest.fixture(scope="module")
def exported(direct: Client) -> Iterator[tuple[int, list[int]]]:
    """A project to take snapshots of, and the ids of its tasks."""
    project = direct.projects.create(title="Exported under faults", label_config=TEXT_CONFIG).id
    body = [{"text": str(number)} for number in range(20)]
    direct.make_request("POST", f"/api/projects/{project}/import", json=body)
    yield project, [task for task, _ in held(direct, project)]
    direct.projects.delete(project)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.words)
@pytest.mark.parametrize("step", STEPS)
def test_a_snapshot_is_a_whole_file_or_none(
    proxied: Proxied, exported: tuple[int, list[int]], tmp_path: Path, step: str, fault: Fault
) -> None:
    project, ids = exported
    calls, proxy = proxied(Once(STEPS[step], fault))
    target = tmp_path / "out" / "snapshot.json"
    try:
        written = calls("exports.snapshot", project, path=target)
    except LabelwireError:
        assert not target.parent.exists() or list(target.parent.iterdir()) == []
        passing = fault.act == faults.BAD_GATEWAY or isinstance(fault.act, Break)
        assert step == "create" or not passing, "a read that may be repeated was given up"
    else:
        assert written == target
        assert [task["id"] for task in json.loads(target.read_bytes())] == ids
        assert list(target.parent.iterdir()) == [target]
    proxy.settle()
