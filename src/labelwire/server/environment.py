"""The server's Python environment: a venv of its own, because it pins what others need otherwise."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidInput, ServerNotStarted
from .places import aside, cache_dir, locked
from .process import run

if TYPE_CHECKING:
    from .progress import Progress

DEFAULT_VERSION = "1.23.2"
REQUIREMENTS = Path(__file__).with_name("requirements")


@dataclass(frozen=True, slots=True)
class Environment:
    """A Python that can import Label Studio, and the version it has."""

    python: Path
    version: str


def version_key(version: str) -> tuple[int, ...]:
    """Versions in their order, as far as their numbers say it."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def provide(version: str, progress: Progress) -> Environment:
    """The environment of a Label Studio version, installed in the cache unless it is there.

    Raises InvalidInput for what is no version, ServerNotStarted when the installation fails.
    """
    if not re.fullmatch(r"\d+(\.\w+)+", version):
        raise InvalidInput(f"{version!r} is not a version of Label Studio; one is {DEFAULT_VERSION!r}")
    name = f"label-studio-{version}-py{sys.version_info.major}.{sys.version_info.minor}"
    folder = cache_dir() / "environments" / name
    if not _usable(folder):
        waiting = f"Waiting for another process that installs Label Studio {version}"
        with locked(folder.with_name(f"{name}.lock"), progress, meanwhile=waiting):
            if not _usable(folder):
                _make(folder, version, progress)
    return Environment(_python(folder), version)


def given(folder: Path) -> Environment:
    """An environment that somebody else has made; raises ServerNotStarted when it has no Label Studio."""
    python = _python(folder)
    if not python.exists():
        raise ServerNotStarted(f"{folder} is not a Python environment: there is no {python.relative_to(folder)}")
    question = "import importlib.metadata as m; print(m.version('label-studio'))"
    answer = subprocess.run([python, "-I", "-c", question], capture_output=True, text=True, check=False)  # noqa: S603
    if answer.returncode:
        raise ServerNotStarted(
            f"the environment {folder} has no Label Studio. Install it there "
            f"({python} -m pip install label-studio), or leave `environment` and LABELWIRE_SERVER_ENV out."
        )
    return Environment(python, answer.stdout.strip())


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _usable(folder: Path) -> bool:
    # A Python that was removed or replaced leaves a dangling link in its environments.
    return _python(folder).exists()


def _make(folder: Path, version: str, progress: Progress) -> None:
    progress.step(f"Installing Label Studio {version} (once, one to three minutes)")
    env = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    install = ["install", "--quiet", "--no-input", "--no-compile", "--disable-pip-version-check"]
    with aside(folder) as making:
        log = making / "output"
        made = making / "environment"
        run(sys.executable, "venv", [str(made)], env=env, log=log, progress=progress, doing="making a venv")
        run(
            _python(made),
            "pip",
            [*install, *_wanted(version)],
            env=env,
            log=log,
            progress=progress,
            doing=f"installing Label Studio {version} with pip",
        )
        shutil.rmtree(folder, ignore_errors=True)
        # Scripts in a venv that was moved do not work; its Python does, and nothing else of it is run.
        made.replace(folder)


def _wanted(version: str) -> list[str]:
    """What pip is asked for: the whole list where there is one, else the version and what pip finds to it."""
    listed = REQUIREMENTS / f"label-studio-{version}.txt"
    if listed.exists():
        return ["--no-deps", "-r", str(listed)]
    if version_key(version) < (1, 14):
        return [f"label-studio=={version}", "setuptools<80"]  # They import pkg_resources.
    return [f"label-studio=={version}"]


# They would make pip install elsewhere than into its venv.
_MISLEADING = frozenset({"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "PYTHONHOME", "PYTHONPATH"})
