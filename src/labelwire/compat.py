"""Old scripts, unchanged: `label_studio_sdk` at run time.

python -m labelwire.compat script.py ARGS…
python -m labelwire.compat -m module ARGS…
"""

from __future__ import annotations

import importlib
import runpy
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

STANDS_IN_FOR = "0.0.34"
"""The release of the old SDK whose interface this is."""

MODULES = ("client", "project", "data_manager", "users", "workspaces", "utils")


def install_as_label_studio_sdk() -> None:
    """Make `import label_studio_sdk` give labelwire in this process, in its old shape.

    Raises:
        RuntimeError: when the official SDK has been imported already, since both cannot be one module.
    """
    present = sys.modules.get("label_studio_sdk")
    if present is not None:
        if getattr(present, "__labelwire__", False):
            return
        raise RuntimeError(
            "label_studio_sdk is imported already: call labelwire.install_as_label_studio_sdk() before anything "
            "imports it."
        )
    package = ModuleType("label_studio_sdk", "labelwire, under the old SDK's name.")
    package.__path__ = []
    package.__spec__ = ModuleSpec("label_studio_sdk", None, is_package=True)  # for those who look before they import
    package.__version__ = STANDS_IN_FOR  # type: ignore[attr-defined]
    package.__labelwire__ = True  # type: ignore[attr-defined]
    found = {name: importlib.import_module(f"labelwire.{name}") for name in MODULES}
    for name, module in found.items():
        setattr(package, name, module)
        sys.modules[f"label_studio_sdk.{name}"] = module
    package.Client = found["client"].Client  # type: ignore[attr-defined]
    package.Project = found["project"].Project  # type: ignore[attr-defined]
    sys.modules["label_studio_sdk"] = package


def main(arguments: Sequence[str]) -> None:
    """Run a script, or with -m a module, that imports `label_studio_sdk`; it gets its own arguments and no others."""
    if not arguments or arguments[0] in ("-h", "--help") or arguments == ["-m"]:
        sys.exit((__doc__ or "").partition("\n\n")[2])
    install_as_label_studio_sdk()
    if arguments[0] == "-m":
        sys.argv = [arguments[1], *arguments[2:]]
        sys.path.insert(0, "")
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return
    script = Path(arguments[0])
    if not script.is_file():
        sys.exit(f"There is no script {str(script)!r}.")
    sys.argv = list(arguments)
    sys.path.insert(0, str(script.resolve().parent))
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    # By its name, so that the module that a script may import is this one and no second copy of it.
    importlib.import_module("labelwire.compat").main(sys.argv[1:])
