"""Old scripts, unchanged: `label_studio_sdk` at run time."""

from __future__ import annotations

import importlib
import sys
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
    package.__version__ = STANDS_IN_FOR  # type: ignore[attr-defined]
    package.__labelwire__ = True  # type: ignore[attr-defined]
    found = {name: importlib.import_module(f"labelwire.{name}") for name in MODULES}
    for name, module in found.items():
        setattr(package, name, module)
        sys.modules[f"label_studio_sdk.{name}"] = module
    package.Client = found["client"].Client  # type: ignore[attr-defined]
    package.Project = found["project"].Project  # type: ignore[attr-defined]
    sys.modules["label_studio_sdk"] = package
