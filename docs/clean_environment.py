"""Runs the recipes and the quickstart in an environment of labelwire's wheel, what the pages install, and nothing else.

    python docs/clean_environment.py

uses the server that LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY name, or else one of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labelwire import LocalServer

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.docs import pages  # noqa: E402 - which is no package of an installation

QUIET = ["-m", "pip", "--disable-pip-version-check", "--quiet"]


def main() -> None:
    """Make the environment, and run each page in it; ends with 1 where one fails."""
    docs = [ROOT / "docs" / "quickstart.md", *sorted((ROOT / "docs" / "recipes").glob("*.md"))]
    with tempfile.TemporaryDirectory() as folder, reached() as server:
        programs = install(Path(folder), docs)
        failed = [page.stem for page in docs if not passes(page, Path(folder) / page.stem, programs, server)]
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


@contextmanager
def reached() -> Iterator[dict[str, str]]:
    """The settings of the server that the pages meet."""
    if "LABEL_STUDIO_URL" in os.environ:
        yield {}
        return
    with LocalServer() as server:
        yield {"LABEL_STUDIO_URL": server.url, "LABEL_STUDIO_API_KEY": server.api_key}


def install(folder: Path, docs: list[Path]) -> Path:
    """Makes the environment, and returns the folder of its programs."""
    build = [*QUIET, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([sys.executable, *build], check=True)  # noqa: S603
    subprocess.run([sys.executable, "-m", "venv", f"{folder}/env"], check=True)  # noqa: S603
    wheel = next(folder.glob("*.whl"))
    extras = ",".join(sorted(set().union(*map(pages.extras, docs))))
    others = sorted(set().union(*map(pages.others, docs)))
    subprocess.run([f"{folder}/env/bin/python", *QUIET, "install", f"{wheel}[{extras}]", *others], check=True)  # noqa: S603
    return folder / "env" / "bin"


def passes(page: Path, work: Path, programs: Path, server: dict[str, str]) -> bool:
    """Runs a page from an empty folder, and says what came of it."""
    work.mkdir()
    since = time.perf_counter()
    line = [f"{programs}/python", pages.__file__, str(page)]
    known = {**os.environ, **server, "PATH": f"{programs}:{os.environ['PATH']}"}
    done = subprocess.run(line, cwd=work, env=known, check=False)  # noqa: S603
    word = "failed" if done.returncode else "runs"
    print(f"{page.stem} {word} ({time.perf_counter() - since:.0f} s)", flush=True)  # noqa: T201
    return not done.returncode


if __name__ == "__main__":
    main()
