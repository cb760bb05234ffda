"""The official SDKs' environments, made once in the cache directory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from labelwire.server.places import aside, cache_dir

OLD, NEW = "0.0.34", "2.1.2"

GIVEN = {OLD: "LABELWIRE_BENCH_SDK_OLD", NEW: "LABELWIRE_BENCH_SDK_NEW"}
"""Variables that name an interpreter which has that release already."""


def interpreter(version: str, tell: Callable[[str], None]) -> str:
    """A Python of this one's version that can import the official SDK's release."""
    given = os.environ.get(GIVEN[version])
    folder = (
        cache_dir() / "benchmarks" / f"label-studio-sdk-{version}-py{sys.version_info.major}.{sys.version_info.minor}"
    )
    python = given or str(_python(folder))
    if not given and not Path(python).exists():
        tell(f"Installing label-studio-sdk {version} (once)")
        _make(folder, version)
    _check(python, version)
    return python


def _make(folder: Path, version: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with aside(folder) as making:
        made = making / "environment"
        subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)  # noqa: S603
        pip = [str(_python(made)), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
        subprocess.run([*pip, f"label-studio-sdk=={version}"], check=True)  # noqa: S603
        shutil.rmtree(folder, ignore_errors=True)
        made.replace(folder)


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _check(python: str, version: str) -> None:
    """A ratio between two versions of Python says nothing about their libraries.

    Raises:
        SystemExit: when the interpreter is of another version than this one, or has another release.
    """
    question = "import sys, importlib.metadata as m; print(*sys.version_info[:2], m.version('label-studio-sdk'))"
    told = subprocess.run([python, "-I", "-c", question], capture_output=True, text=True, check=True)  # noqa: S603
    wanted = [*map(str, sys.version_info[:2]), version]
    if told.stdout.split() != wanted:
        raise SystemExit(f"{GIVEN[version]}: wanted Python and SDK {wanted}, found {told.stdout.split()}")
