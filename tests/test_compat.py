"""The runner for old scripts: they see the old name, their own arguments and their own folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labelwire import LocalServer

SCRIPT = """
import sys
import beside
from label_studio_sdk import Client, __version__
from label_studio_sdk.client import ClientCredentials
from label_studio_sdk.data_manager import Column, Filters, Operator, Type
from label_studio_sdk.project import Project, ProjectSampling
from label_studio_sdk.users import User, UserRole
from label_studio_sdk.utils import parse_config
from label_studio_sdk.workspaces import Workspace
import importlib.util
import label_studio_sdk.project
assert importlib.util.find_spec("label_studio_sdk") is not None
assert label_studio_sdk.project.Project is Project
print(__name__, __version__, Client.__module__, sys.argv[1:], beside.WORD)
"""


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "labelwire.compat", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old.py").write_text(SCRIPT)
    (tmp_path / "beside.py").write_text("WORD = 'here'\n")
    return tmp_path


@pytest.mark.parametrize("arguments", [("old.py",), ("-m", "old")])
def test_an_old_script_runs_under_the_old_name(folder: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "--flag", "word", cwd=folder)
    assert done.stderr == ""
    assert done.stdout == "__main__ 0.0.34 labelwire.client ['--flag', 'word'] here\n"


def test_a_script_that_fails_fails(folder: Path) -> None:
    (folder / "bad.py").write_text("raise SystemExit(7)\n")
    assert run("bad.py", cwd=folder).returncode == 7
    missing = run("gone.py", cwd=folder)
    assert (missing.returncode, missing.stderr) == (1, "There is no script 'gone.py'.\n")


OLD_DAYS = '''
import sys
from label_studio_sdk import Client
from label_studio_sdk.data_manager import Column, Filters, Operator, Type

LABEL_STUDIO_URL, API_KEY = sys.argv[1:]
ls = Client(url=LABEL_STUDIO_URL, api_key=API_KEY)
assert ls.check_connection()["status"] == "UP"
project = ls.start_project(
    title="Text Classification Project",
    label_config="""
    <View>
      <Text name="text" value="$text"/>
      <Choices name="sentiment" toName="text" choice="single">
        <Choice value="Positive"/><Choice value="Negative"/>
      </Choices>
    </View>
    """,
)
ids = project.import_tasks([{"text": "My text task 1"}, {"text": "My text task 2"}, {"text": "My text task 3"}])
for number, task_id in enumerate(ids):
    project.create_prediction(
        task_id=task_id,
        result=[{"from_name": "sentiment", "to_name": "text", "type": "choices", "value": {"choices": ["Positive"]}}],
        score=number / 10,
        model_version="2022",
    )
project.create_annotations_from_predictions(model_versions=["2022"])
filters = Filters.create(
    Filters.AND, [Filters.item(Column.id, Operator.GREATER, Type.Number, Filters.value(ids[0]))]
)
tasks = project.get_tasks(filters=filters, only_ids=True)
assert tasks == ids[1:], tasks
exported = project.export_tasks(export_type="JSON", download_all_tasks=True)
assert [task["annotations"][0]["result"][0]["value"]["choices"] for task in exported] == [["Positive"]] * 3
print(project.get_params()["total_annotations_number"], sorted(project.get_labeled_tasks_ids()) == ids)
ls.delete_project(project.id)
'''


@pytest.mark.server
def test_a_script_from_the_old_sdks_days_runs_unchanged(server: LocalServer, tmp_path: Path) -> None:
    (tmp_path / "days.py").write_text(OLD_DAYS)
    done = run("days.py", server.url, server.api_key, cwd=tmp_path)
    assert (done.stderr, done.stdout) == ("", "3 True\n")
