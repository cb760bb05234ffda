"""Every operation against the OpenAPI document of the server."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, get_type_hints

import pytest

from labelwire import resources
from labelwire.core.endpoint import Resource, endpoint, listing, workflow
from labelwire.core.operation import Do, Operation, Request, Sleep
from labelwire.namespaces import Namespaces
from labelwire.resources.projects import Projects
from labelwire.resources.storages import EXPORT, Kind, Side

DOCUMENT = json.loads((Path(__file__).parent / "data" / "label-studio-1.23.2-openapi.json").read_text())

UNDOCUMENTED = {
    ("GET", "/health"): "for load balancers",
    ("GET", "/api/version"): "served by every version",
    ("GET", "/api/projects/{}/model-versions"): "the server's own pages use it, and so did the old SDK",
    ("DELETE", "/api/projects/{}/model-versions"): "the same",
    ("GET", "/api/projects/{}/next"): "the label stream of the server's own pages",
    ("POST", "/api/projects/{}/reimport"): "its state, /reimports/{}, is documented",
    ("GET", "/api/tasks/{}/drafts"): "drafts are left out altogether",
    ("POST", "/api/tasks/{}/drafts"): "",
    ("GET", "/api/drafts/{}"): "",
    ("PATCH", "/api/drafts/{}"): "",
    ("DELETE", "/api/drafts/{}"): "",
}
"""Operations that the server has and its document leaves out."""

ENTERPRISE = {
    *((method, "/api/workspaces") for method in ("GET", "POST")),
    *((method, "/api/workspaces/{}") for method in ("GET", "PATCH", "DELETE")),
    ("GET", "/api/workspaces/{}/projects"),
    *((method, "/api/workspaces/{}/memberships") for method in ("GET", "POST", "DELETE")),
    *((method, "/api/projects/{}/members") for method in ("GET", "POST")),
    ("PATCH", "/api/organizations/{}/memberships"),
    ("POST", "/api/projects/{}/tasks/assignees"),
    *((method, f"/api/storages{side}/s3s") for method in ("GET", "POST") for side in ("", "/export")),
    *((method, f"/api/storages{side}/s3s/{{}}") for method in ("GET", "DELETE") for side in ("", "/export")),
    *(("POST", f"/api/storages{side}/s3s/{{}}/sync") for side in ("", "/export")),
}
"""Operations of Enterprise, which is another server with another document; see tests/enterprise."""

UNDOCUMENTED_PARAMETERS = {
    # All versions read exportType, only newer ones export_type; as "ids" the server ignores the ids.
    ("GET", "/api/projects/{}/export"): frozenset({"exportType", "ids[]"}),
    # The server wants it, or heeds it, and the document does not say so.
    ("GET", "/api/dm/project"): frozenset({"project"}),
    ("POST", "/api/ml/{}/predict/test"): frozenset({"random"}),
    ("GET", "/api/storages"): frozenset({"project"}),
    ("GET", "/api/storages/export"): frozenset({"project"}),
}

SAMPLES: dict[str, Any] = {
    "id": 1, "project": 1, "task": 1, "user": 1, "title": "New", "data": {"text": "a"}, "tasks": [{"text": "a"}],
    "predictions": [{"task": 1, "result": []}], "files": None, "file": None, "label_config": "<View/>", "ids": [1],
    "url": "http://localhost:9", "entity_name": "task", "entity_id": 1, "transition_name": "submit", "label": 1,
    "from_name": "tag", "users": [1], "organization": 1, "role": "AN",
    "type": "AN", "labels": [{"project": 1}], "old_label": "a", "new_label": "b", "file_upload_ids": [1],
    "api_tokens_enabled": True, "legacy_api_tokens_enabled": False, "token": "t", "export_type": "JSON", "hotkeys": {},
    "model_version": "v1",
}  # fmt: skip


def resource_classes() -> Iterator[type[Resource[Any]]]:
    for module in pkgutil.iter_modules(resources.__path__):
        found = importlib.import_module(f"labelwire.resources.{module.name}")
        for value in vars(found).values():
            if inspect.isclass(value) and issubclass(value, Resource) and value.__module__ == found.__name__:
                yield value


def bound() -> Iterator[tuple[str, Resource[Any]]]:
    """Every resource without a driver; the storages of each kind on both sides."""
    nothing: Any = None
    for kind in resource_classes():
        if kind in (Kind, Side):
            continue
        yield kind.__name__, kind(nothing)
        if issubclass(kind, Kind):
            yield f"{kind.__name__} export", kind(nothing).on(EXPORT)


def endpoints() -> Iterator[tuple[str, tuple[Resource[Any], Any]]]:
    for name, instance in bound():
        for method in dir(type(instance)):
            value = inspect.getattr_static(type(instance), method)
            if isinstance(value, (endpoint, listing, workflow)):
                yield f"{name}.{method}", (instance, value)


ENDPOINTS = dict(endpoints())


def sample(name: str, parameter: inspect.Parameter, tmp_path: Path) -> Any:
    if name in ("files", "file"):
        (tmp_path / "cat.jpg").write_bytes(b"x")
        from labelwire import Upload

        if "Upload" not in str(parameter.annotation):
            return "upload/1/abc-cat.jpg"
        return [tmp_path / "cat.jpg"] if name == "files" else Upload("cat.jpg", b"x")
    if name == "tasks" and parameter.annotation == "Iterable[int]":
        return [1]
    return str(SAMPLES["id"]) if parameter.annotation == "str" and name == "id" else SAMPLES[name]


def requests_of(name: str, tmp_path: Path) -> list[Request]:
    """The requests that an endpoint makes for sample arguments, answered with what keeps a workflow going."""
    instance, described = ENDPOINTS[name]
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in list(inspect.signature(described.function).parameters.values())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        if parameter.name == "path":
            named["path"] = tmp_path / "out"
        elif parameter.default is parameter.empty or (name == "Projects.validate" and parameter.name == "project"):
            value = sample(parameter.name, parameter, tmp_path)
            if parameter.kind is parameter.KEYWORD_ONLY:
                named[parameter.name] = value
            else:
                positional.append(value)
    if name == "Actions.run":
        named["excluded"] = ()
    made = described.function(instance, *positional, **named)
    if isinstance(made, Operation):
        return [made.request]
    asked = []
    answers = iter([[{"name": "JSON"}]])
    try:
        step = next(made)
        while True:
            if isinstance(step, (Sleep, Do)):
                step = made.send(None)
                continue
            asked.append(step.request)
            step = made.send(next(answers) if step.request.path.endswith("/formats") else Anything("answer.json"))
    except StopIteration:
        return asked


class Anything(str):
    """Stands for any result inside a workflow: finished, with an id, and a file name."""

    __slots__ = ()
    raw: ClassVar[dict[str, Any]] = {}
    id = 1
    status = "completed"
    items: tuple[Any, ...] = ()
    file_upload_ids = (1,)
    label_config = None
    md5 = None

    def get(self, name: str) -> None:
        """No import is under way."""

    def __iter__(self) -> Iterator[str]:
        """An empty page."""
        return iter(())

    def __lt__(self, other: object) -> bool:
        """As many as were sent."""
        return False

    def __getitem__(self, name: Any) -> str:
        """A field of what is there."""
        return "here"


def shape(path: str) -> str:
    """A path with its ids taken out, without the slash at its end, which the server does not mind."""
    path = re.sub(r"\{[^}]+\}", "{}", path)
    path = re.sub(r"/\d+(?=/|$)", "/{}", path)
    path = re.sub(r"^(/api/fsm/entities)/[^/]+/", r"\1/{}/", path)
    path = re.sub(r"^/data/upload/.*", "/data/upload/{}", path)
    path = re.sub(r"^(/api/dm/actions)/[^/]+(/form/?)$", r"\1/{}\2", path)
    return path.rstrip("/")


DOCUMENTED = {
    (method.upper(), shape(path)): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if method in ("get", "post", "put", "patch", "delete")
}


def test_the_document_is_whole() -> None:
    assert len(DOCUMENTED) == 190


@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_is_an_operation_of_the_server(name: str, tmp_path: Path) -> None:
    asked = requests_of(name, tmp_path)
    assert asked
    for request in asked:
        key = (request.method, shape(request.path))
        assert key in DOCUMENTED or key in UNDOCUMENTED or key in ENTERPRISE, (
            f"{name} asks for {key}, which the server does not have"
        )
        if key not in DOCUMENTED:
            continue
        known = {parameter["name"] for parameter in DOCUMENTED[key].get("parameters", ()) if parameter["in"] == "query"}
        known |= set(UNDOCUMENTED_PARAMETERS.get(key, ()))
        sent = {parameter for parameter, value in request.params.items() if value is not None}
        assert sent <= known, f"{name} sends {sent - known} to {key}"


@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_offers_every_parameter_of_its_operation(name: str, tmp_path: Path) -> None:
    for request in requests_of(name, tmp_path)[-1:]:
        key = (request.method, shape(request.path))
        if key not in DOCUMENTED:
            continue
        known = {parameter["name"] for parameter in DOCUMENTED[key].get("parameters", ()) if parameter["in"] == "query"}
        left_out = known - set(request.params) - LEFT_OUT.get(name, frozenset())
        assert not left_out, f"{name} has no way to send {left_out}"


LEFT_OUT = {
    "Exports.direct": frozenset({"export_type", "ids"}),  # sent under the names that all versions read
    "Exports.inline": frozenset({"export_type", "ids"}),
    "Predictions.list": frozenset({"project"}),  # task__project is the one that filters
    "Files.list": frozenset({"ids"}),
    "Labels.create": frozenset({"page"}),  # of a creation
}
"""Parameters that are not sent under the document's name, and why not."""


@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_body_has_only_fields_that_the_server_reads(name: str) -> None:
    """`Unpack[SomeChanges]` lists what may be written; each has to be a field of the operation's body."""
    instance, described = ENDPOINTS[name]
    hints = get_type_hints(described.function, include_extras=True)
    parameters = inspect.signature(described.function).parameters.values()
    packed = [hints[one.name] for one in parameters if one.kind is one.VAR_KEYWORD and one.name in hints]
    for unpacked in packed:
        fields = getattr(unpacked, "__args__", (None,))[0]
        if fields is None or not hasattr(fields, "__annotations__"):
            continue
        *_, request = requests_of(name, Path())
        key = (request.method, shape(request.path))
        if key not in DOCUMENTED:
            return  # the server's document leaves drafts out
        same = [key]
        if isinstance(instance, Kind):  # one set of settings serves creating, updating and trying, on both sides
            same = [(method, path) for method, path in DOCUMENTED if f"/{instance.kind}" in path]
        written = set[str]().union(*(_written_fields(DOCUMENTED[one]) for one in same))
        extra = set(fields.__annotations__) - written - ENTERPRISE_FIELDS
        assert not extra, f"{fields.__name__} offers {extra}, which {name} does not read"


ENTERPRISE_FIELDS = {"workspace"}


def _written_fields(operation: dict[str, Any]) -> set[str]:
    """The fields of the body, and those of the answer that are not read-only: the bodies' examples leave some out."""
    answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    fields: set[str] = set()
    for place in (operation.get("requestBody", {}), *answers):
        for content in place.get("content", {}).values():
            schema = content["schema"]
            if "$ref" in schema:
                schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            fields |= {name for name, about in schema.get("properties", {}).items() if not about.get("readOnly")}
    return fields


def test_every_operation_of_the_server_has_an_endpoint(tmp_path: Path) -> None:
    asked = {(request.method, shape(request.path)) for name in ENDPOINTS for request in requests_of(name, tmp_path)}
    asked.add(("POST", shape(Projects.validate(None, "<View/>").request.path)))
    assert set(DOCUMENTED) - asked == set()


def test_no_operation_has_two_endpoints(tmp_path: Path) -> None:
    seen: dict[tuple[str, str], str] = {}
    for name, (_, described) in ENDPOINTS.items():
        if isinstance(described, workflow) or name in ("Exports.inline", "Files.delete_all"):
            continue
        (request,) = requests_of(name, tmp_path)
        key = (request.method, shape(request.path))
        assert key not in seen, f"{name} and {seen[key]} are the same operation"
        seen[key] = name


def test_every_resource_is_a_namespace_of_its_name() -> None:
    names = {name for name in vars(Namespaces) if not name.startswith("_")}
    modules = {module.name for module in pkgutil.iter_modules(resources.__path__) if not module.name.startswith("_")}
    assert names == modules
    for name in names:
        module = importlib.import_module(f"labelwire.resources.{name}")
        assert issubclass(getattr(module, name.title().replace("_", "")), Resource)


def test_a_call_on_the_class_is_the_operation_itself() -> None:
    from labelwire.resources.tasks import Task, Tasks

    operation = Tasks.get(None, 5)
    assert operation.request == Request("GET", "/api/tasks/5/")
    assert operation.decode == Task.decode
