"""Runs the recipes in an environment that has labelwire's wheel, the extras that they name, and nothing else.

LABEL_STUDIO_URL=… LABEL_STUDIO_API_KEY=… python docs/clean_environment.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.docs import pages  # noqa: E402 - which is no package of an installation

OTHERS = ["pyyaml", "uvicorn", "pytest"]
"""What pages install besides."""


def main() -> None:
    """Make the environment, and run each recipe in it; ends with 1 where one fails."""
    recipes = sorted((ROOT / "docs" / "recipes").glob("*.md"))
    extras = ",".join(sorted(set().union(*map(pages.extras, recipes))))
    with tempfile.TemporaryDirectory() as folder:
        pip = ["-m", "pip", "--disable-pip-version-check", "--quiet"]
        build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, str(ROOT)]
        subprocess.run([sys.executable, *build], check=True)  # noqa: S603
        subprocess.run([sys.executable, "-m", "venv", f"{folder}/env"], check=True)  # noqa: S603
        python = f"{folder}/env/bin/python"
        wheel = next(Path(folder).glob("*.whl"))
        subprocess.run([python, *pip, "install", f"{wheel}[{extras}]", *OTHERS], check=True)  # noqa: S603
        failed = []
        for page in recipes:
            work = Path(folder) / page.stem
            work.mkdir()
            line = f'PATH="{folder}/env/bin:$PATH" exec python "{pages.__file__}" "{page}"'
            done = subprocess.run(["bash", "-c", line], cwd=work, check=False)  # noqa: S603, S607
            if done.returncode:
                failed.append(page.stem)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
