"""The server's environment: made once, made again when half-made. A tiny package stands for 160."""

from __future__ import annotations

import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from labelwire.errors import InvalidInput, ServerNotStarted
from labelwire.server import environment
from labelwire.server.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Other

QUIET = Progress(None)


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A list of requirements for version 0.0.1, beside a wheel that it names."""
    monkeypatch.setenv("LABELWIRE_CACHE_DIR", str(tmp_path / "cache"))
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "tiny.py,,\n")
    requirements = tmp_path / "label-studio-0.0.1.txt"
    requirements.write_text(f"{wheel}\n")
    monkeypatch.setattr(environment, "REQUIREMENTS", tmp_path)
    return requirements


def test_a_half_made_environment_is_made_again(listed: Path, tmp_path: Path, other: Callable[[str], Other]) -> None:
    maker = other(f"""
        import pathlib, threading, time
        from labelwire.server import environment
        from labelwire.server.progress import Progress
        environment.REQUIREMENTS = pathlib.Path({str(tmp_path)!r})
        def watch():
            while not list(pathlib.Path({str(tmp_path)!r}).glob("cache/environments/.making-*/*/pyvenv.cfg")):
                time.sleep(0.01)
            print("half", flush=True)
        threading.Thread(target=watch, daemon=True).start()
        environment.provide("0.0.1", Progress(None))
    """)
    assert maker.says() == "half"
    maker.kill()
    assert not list((tmp_path / "cache" / "environments").glob("label-studio-0.0.1-py*[0-9]"))

    told: list[str] = []
    made = environment.provide("0.0.1", Progress(told.append))
    assert told[0].startswith("Installing Label Studio 0.0.1 (once")
    subprocess.run([made.python, "-c", "import tiny"], check=True)

    told.clear()
    assert environment.provide("0.0.1", Progress(told.append)) == made
    assert not told

    made.python.unlink()
    made.python.symlink_to(tmp_path / "a python that was uninstalled")
    environment.provide("0.0.1", Progress(told.append))
    assert told
    subprocess.run([made.python, "-c", "import tiny"], check=True)


def test_a_failed_installation_is_told_and_not_taken_for_a_made_one(listed: Path, tmp_path: Path) -> None:
    listed.write_text(f"{tmp_path}/missing-1.0-py3-none-any.whl\n")
    with pytest.raises(ServerNotStarted, match=r"installing Label Studio 0.0.1 with pip failed") as caught:
        environment.provide("0.0.1", QUIET)
    assert "missing-1.0" in str(caught.value)
    assert not list(tmp_path.glob("cache/environments/*/*"))


def test_what_is_no_version_is_refused() -> None:
    for odd in ["latest", "1.23.2 --index-url x", "../1.0", ""]:
        with pytest.raises(InvalidInput, match="is not a version"):
            environment.provide(odd, QUIET)


def test_every_list_is_complete_and_exact() -> None:
    (path,) = environment.REQUIREMENTS.glob(f"label-studio-{environment.DEFAULT_VERSION}.txt")
    lines = path.read_text().splitlines()
    assert f"label-studio=={environment.DEFAULT_VERSION}" in lines
    assert all("==" in line for line in lines)
    assert len(lines) > 100
