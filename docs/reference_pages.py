"""What the site's builder writes by itself: a page of the reference for each namespace of the clients."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from labelwire.core.model import Model
from labelwire.namespaces import Namespaces

HANDWRITTEN = {
    "Clients": ["labelwire.client.Client", "labelwire.async_client.AsyncClient", "labelwire.ClientCredentials"],
    "Settings of a client": ["labelwire.core.retry.Retry", "labelwire.core.operation.Upload"],
    "Errors": ["labelwire.errors", "labelwire.http_errors"],
    "Filters": ["labelwire.where"],
    "Formats": ["labelwire.formats"],
    "Labeling configurations": ["labelwire.label_config"],
    "Model outputs": ["labelwire.model_outputs"],
    "Agreement": ["labelwire.agreement"],
    "Pictures of tasks": ["labelwire.showing"],
    "Webhooks": ["labelwire.webhooks"],
    "Local servers": ["labelwire.server"],
    "Tracing": ["labelwire.tracing"],
    "Doctor": ["labelwire.doctor"],
    "Fixtures for pytest": ["labelwire.pytest_plugin"],
    "Old names": [
        "labelwire.project.Project",
        "labelwire.users.User",
        "labelwire.workspaces.Workspace",
        "labelwire.data_manager",
        "labelwire.utils",
        "labelwire.compat",
    ],
}
"""Pages of the reference that are about modules and classes, by title."""


@cache
def namespaces() -> dict[str, list[str]]:
    """By namespace, what its page is about: its class, and the models that its module defines."""
    return {name: list(_objects(name)) for name in vars(Namespaces) if not name.startswith("_")}


def _objects(name: str) -> Iterator[str]:
    driver: Any = object()
    holder: Any = Namespaces()
    holder._driver = driver  # noqa: SLF001 - no server is asked for anything
    found = type(getattr(holder, name))
    yield f"{found.__module__}.{found.__qualname__}"
    module = import_module(f"labelwire.resources.{name}")
    for one in vars(module).values():
        if inspect.isclass(one) and issubclass(one, Model) and one.__module__ == module.__name__:
            yield f"{module.__name__}.{one.__qualname__}"


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")


def _pages() -> Iterator[tuple[str, str, str]]:
    """Title, path and text of each page."""
    for title, objects in HANDWRITTEN.items():
        yield title, f"reference/{_slug(title)}.md", _page(title, objects)
    for name, objects in namespaces().items():
        yield f"client.{name}", f"reference/client.{name}.md", _page(f"client.{name}", objects)


def _page(title: str, objects: list[str]) -> str:
    return "\n".join([f"# {title}\n", *(f"::: {one}\n" for one in objects)])


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Puts the pages of the reference into the navigation."""
    pages = list(_pages())
    own = [{title: path} for title, path, _ in pages if not title.startswith("client.")]
    nouns = [{title: path} for title, path, _ in pages if title.startswith("client.")]
    nav: list[Any] = config.nav or []
    reference = next(entry["Reference"] for entry in nav if "Reference" in entry)
    reference += [{"Namespaces": nouns}, {"The rest": own}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages of the reference, and their index."""
    index = files.get_file_from_path("reference/index.md")
    for _, path, text in _pages():
        files.append(File.generated(config, path, content=text))
    if index is not None:
        rows = [f"- [`client.{name}`](client.{name}.md): {_first_words(name)}" for name in namespaces()]
        own = [f"- [{title}]({_slug(title)}.md)" for title in HANDWRITTEN]
        index.content_string = index.content_string.replace("NAMESPACES", "\n".join(rows)).replace(
            "THE REST", "\n".join(own)
        )
    return files


def _first_words(name: str) -> str:
    return (vars(Namespaces)[name].__doc__ or "").strip().splitlines()[0]
