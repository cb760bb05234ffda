"""The rules of the house: which way imports run, what a module may weigh, what has words."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import labelwire
from labelwire.core.endpoint import endpoint, listing, workflow
from labelwire.core.model import Field, Model, _models

ROOT = Path(labelwire.__file__).parent
LEAVES = {"errors", "http_errors", "_version"}
"""What anything may import."""

MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "data_manager": set(),
    "utils": set(),
    "model_outputs": {"label_config"},
    "pytest_plugin": {"client", "server", "resources"},
    "tracing": {"core"},
    "webhooks": {"core", "resources"},
    "where": {"data_manager"},
    "label_config": {"utils"},
    "resources": {"core", "data_manager", "label_config", "where", "showing"},
    "files": {"core"},
    "bulk": {
        "core",
        "resources",
        "files",
        "formats",
        "data_manager",
        "label_config",
        "where",
        "model_outputs",
        "showing",
        "agreement",
        "report",
    },
    "showing": {"formats", "label_config"},
    "agreement": {"files", "formats", "label_config", "showing"},
    "report": {"files", "formats", "label_config", "showing", "agreement"},
    "formats": {"core", "files", "label_config"},
    "namespaces": {"core", "resources", "bulk"},
    "credentials": {"core", "settings"},
    "settings": {"core"},
    "doctor": {"client", "core", "resources", "settings"},
    "users": {"client"},
    "workspaces": {"client", "project", "users"},
    "project_parts": {"core", "resources", "bulk", "client", "data_manager", "users", "utils"},
    "project": {"agreement", "project_parts", "core", "resources", "client", "data_manager", "utils"},
    "client": {"core", "resources", "namespaces", "credentials", "project", "users", "workspaces"},
    "async_client": {"core", "resources", "namespaces", "credentials"},
    "compat": {"client", "project", "data_manager", "users", "workspaces", "utils"},
    "server": {"client", "async_client", "credentials"},
    "demo": {"client", "core", "resources", "project", "data_manager"},
    "cli": {"client", "core", "resources", "server", "demo", "project", "settings", "doctor", "formats", "files"}
    | {"bulk", "label_config"},
}
"""cli → client, project → bulk → resources → core, and formats → files; a module not named here has no place yet."""


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"), path


MODULES = list(modules())


def part(module: str) -> str:
    """`labelwire.core.auth` is of the part `core`."""
    return [*module.split("."), ""][1]


def imported(module: str, path: Path) -> Iterator[str]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            name = f"{base}.{node.module}" if base and node.module else base or node.module or ""
            if name == "labelwire":
                yield from (f"labelwire.{alias.name}" for alias in node.names)
            else:
                yield name


@pytest.mark.parametrize(("module", "path"), [pair for pair in MODULES if part(pair[0]) not in ("", *LEAVES)])
def test_imports_run_one_way(module: str, path: Path) -> None:
    own = part(module)
    assert own in MAY_IMPORT, f"{module} has no place in the house: say what it may import"
    public = set(labelwire.__all__)
    for name in imported(module, path):
        if name.split(".")[0] != "labelwire" or part(name) in public:
            continue  # other packages; and labelwire's public names, whose module is the package itself
        assert part(name) in MAY_IMPORT[own] | LEAVES | {own}, f"{module} imports {name}"


@pytest.mark.parametrize("name", ["sync", "aio"])
def test_a_driver_stays_small(name: str) -> None:
    assert len((ROOT / "core" / f"{name}.py").read_text().splitlines()) < 200


@pytest.mark.parametrize(("module", "path"), MODULES)
def test_a_module_has_one_subject(module: str, path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 500, f"{module}: reshape it"


def test_an_endpoint_takes_few_lines() -> None:
    lines = sum(len(path.read_text().splitlines()) for path in (ROOT / "resources").glob("*.py"))
    document = json.loads((Path(__file__).parent / "data" / "label-studio-1.23.2-openapi.json").read_text())
    operations = sum(len(methods) for methods in document["paths"].values())
    assert lines / operations < 20, f"{lines} lines for {operations} operations"


def test_only_the_drivers_do_input_and_output() -> None:
    network = {"requests", "aiohttp", "urllib3", "socket", "http.client", "urllib.request"}
    allowed = {
        "labelwire.core.sync": {"requests", "urllib3"},
        "labelwire.core.aio": {"aiohttp", "requests"},  # requests for what the environment says of proxies
        "labelwire.core.aio_bodies": {"aiohttp"},
        "labelwire.core.adapter": {"requests", "urllib3"},
        "labelwire.core.quickack": {"socket"},
        "labelwire.core.body": {"urllib3"},  # writes multipart bodies, sends nothing
        "labelwire.core.refusal": {"requests"},  # the class of the errors and of their responses
        "labelwire.http_errors": {"requests"},
        "labelwire.client": {"requests"},
        "labelwire.async_client": {"requests", "aiohttp"},
        "labelwire.project_parts.tasks": {"requests"},
        "labelwire.doctor.words": {"requests"},  # for what the environment says of proxies
        "labelwire.resources.members": {"requests"},
        "labelwire.users": {"requests"},
        "labelwire.workspaces": {"requests"},
    }
    for module, path in modules():
        if part(module) in ("server", "cli", "demo"):
            continue
        used = {name for name in network for found in imported(module, path) if found.split(".")[0] == name}
        assert used <= allowed.get(module, set()), f"{module} uses {used}"


def load(name: str) -> ModuleType:
    return importlib.import_module(name)


def public() -> Iterator[tuple[str, object]]:
    """Everything public: modules, and the classes, functions and methods that they define."""
    for module, _ in modules():
        if any(name.startswith("_") for name in module.split(".")[1:]) or module == "labelwire.server.launcher":
            continue
        found = load(module)
        yield module, found
        for name, value in vars(found).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module:
                continue
            if inspect.isfunction(value):
                yield f"{module}.{name}", value
            elif inspect.isclass(value):
                yield f"{module}.{name}", value
                for inner, member in vars(value).items():
                    plain = member.fget if isinstance(member, property) else member
                    wrapped = isinstance(plain, (endpoint, listing, workflow, classmethod, staticmethod))
                    if not inner.startswith("_") and (inspect.isfunction(plain) or wrapped):
                        yield f"{module}.{name}.{inner}", plain


def test_everything_public_has_words() -> None:
    silent = [name for name, value in public() if not str(getattr(value, "__doc__", None) or "").strip()]
    protocols = {"labelwire.core.auth."}
    assert [name for name in silent if not any(name.startswith(known) for known in protocols)] == []


def test_every_public_name_is_there() -> None:
    for name in labelwire.__all__:
        assert getattr(labelwire, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        labelwire.nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_every_field_of_a_model_has_a_type_that_is_known() -> None:
    """A misspelt model name in an annotation would leave the nested object a bare dict."""
    plain = {"Any", "Sequence", "None", "Sampling", "SkipQueue"}
    for module in pkgutil.iter_modules([str(ROOT / "resources")]):
        for model in vars(load(f"labelwire.resources.{module.name}")).values():
            if not (inspect.isclass(model) and issubclass(model, Model)):
                continue
            for name, field in vars(model).items():
                if isinstance(field, Field):
                    named = set(re.findall(r"\b[A-Z]\w+", field.annotation)) - plain
                    assert named <= set(_models), f"{model.__name__}.{name}: {field.annotation}"


def test_importing_the_client_is_light() -> None:
    """What `from labelwire import Client` loads over requests; heavy things are imported when they are used."""
    script = "import json, sys, requests; before = set(sys.modules); from labelwire import Client; "
    script += "print(json.dumps(sorted({name.split('.')[0] for name in set(sys.modules) - before})))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    heavy = {"asyncio", "aiohttp", "typer", "rich", "platformdirs", "filelock", "PIL", "numpy", "xml", "sqlite3"}
    heavy |= {"opentelemetry"}
    loaded = set(json.loads(run.stdout))
    assert not loaded & heavy
    assert {"labelwire", "msgspec"} <= loaded


def test_conversions_load_no_http() -> None:
    """Each of their processes would wait for it."""
    script = "import sys, labelwire.formats.workers; print(*{'requests', 'urllib3', 'aiohttp'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert run.stdout.split() == []
