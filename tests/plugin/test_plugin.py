"""Other people's tests, run by pytest in a process of their own, on a real server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import VERSION

TESTS = """
import pytest

@pytest.fixture
def label_studio_config():
    return '<View><Text name="t" value="$t"/><Choices name="c" toName="t"><Choice value="a"/></Choices></View>'

def test_a_clean_project(label_studio, label_studio_project):
    assert "$t" in label_studio_project.label_config
    assert label_studio.client.tasks.ids(project=label_studio_project.id) == []
    label_studio.client.imports.tasks(label_studio_project.id, [{"t": "one"}])
    label_studio.client.projects.create(title="Another", label_config="<View/>")

def test_what_another_test_made_is_gone(label_studio):
    assert label_studio.client.projects.list().to_list() == []
    assert label_studio.url.startswith("http://127.0.0.1:")

def test_the_version_that_was_asked_for(label_studio):
    assert label_studio.server.version == "VERSION"
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest in this folder, with nothing of this suite's own."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_tests_get_a_real_server_that_is_clean_each_time(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nlabel_studio_version = 0.0.0\n")
    (tmp_path / "test_theirs.py").write_text(TESTS.replace("VERSION", VERSION))
    done = run(tmp_path, "--label-studio-version", VERSION)
    assert "3 passed" in done.stdout, done.stdout


def test_a_version_that_is_not_to_be_had_is_an_error_and_no_skip(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nlabel_studio_version = 0.0.0\n")
    (tmp_path / "test_theirs.py").write_text("def test_it(label_studio): pass\n")
    done = run(tmp_path)
    assert "1 error" in done.stdout
    assert "0.0.0" in done.stdout
    assert done.returncode == 1


def test_a_run_that_needs_no_server_loads_none(tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text(
        "import sys\ndef test_it(): assert 'labelwire.server' not in sys.modules\n"
    )
    assert "1 passed" in run(tmp_path).stdout
    assert "label_studio_project" in run(tmp_path, "--fixtures").stdout
