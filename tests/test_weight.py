"""What labelwire costs somebody who installs its core alone."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

pytestmark = pytest.mark.alone

ROOT = Path(__file__).parent.parent
MEGABYTES = 15
PACKAGES = 10


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with labelwire and what it needs, and nothing else, installed as pip does it."""
    target = tmp_path_factory.mktemp("core")
    pinned = ROOT / "requirements" / "dev.txt"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-build-isolation"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(
        [*pip, "--compile", "--target", str(target), "--constraint", str(pinned), str(ROOT)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return target


def test_the_core_is_small(core: Path) -> None:
    names = sorted(found.name for found in distributions(path=[str(core)]))
    size = sum(path.stat().st_size for path in core.rglob("*") if path.is_file())
    assert len(names) < PACKAGES, names
    assert size < MEGABYTES * 1_000_000, f"{size:,} bytes"


def test_the_core_brings_its_types_and_its_server_list(core: Path) -> None:
    assert (core / "labelwire" / "py.typed").is_file()
    assert list((core / "labelwire" / "server" / "requirements").glob("label-studio-*.txt"))


def test_the_core_alone_says_which_extra_is_missing(core: Path) -> None:
    for name, extra in (("AsyncClient", "async"), ("LocalServer", "server")):
        script = f"import labelwire\ntry:\n    labelwire.{name}()\nexcept ImportError as error:\n    print(error)"
        run = subprocess.run(
            [sys.executable, "-S", "-c", script], capture_output=True, text=True, env=_only(core), check=True
        )
        assert f'pip install "labelwire[{extra}]"' in run.stdout


def test_importing_the_client_costs_little_more_than_requests(core: Path) -> None:
    """Seconds of processor time, which other work on the machine hardly moves; the two in turn."""
    plain: list[float] = []
    ours: list[float] = []
    for _ in range(11):
        plain.append(_seconds("import requests", core))
        ours.append(_seconds("from labelwire import Client", core))
    assert statistics.median(ours) < 1.3 * statistics.median(plain)


def _seconds(script: str, core: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-S", "-c", script], env=_only(core), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _only(core: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(core), "PATH": os.environ.get("PATH", "")}
