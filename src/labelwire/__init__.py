"""labelwire: the Python client for Label Studio.

    from labelwire import Client

    client = Client("http://localhost:8080", api_key="…")
    project = client.start_project(title="Cats", label_config="<View>…</View>")
    project.import_tasks([{"image": "https://…"}])

`Client` and `AsyncClient` have the same namespaces (`client.tasks`, `client.exports`, …); `Project`, `Filters` and the
other old names work as they did in the SDK that came before.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .async_client import AsyncClient
    from .client import Client, ClientCredentials
    from .compat import install_as_label_studio_sdk
    from .core.operation import Upload
    from .core.retry import NEVER, Retry
    from .errors import (
        Conflict,
        ConnectionLost,
        EnterpriseOnly,
        Forbidden,
        InvalidInput,
        InvalidRequest,
        LabelwireError,
        NotFound,
        RateLimited,
        ServerError,
        ServerNotStarted,
        StatusError,
        TimedOut,
        Unauthorized,
        UnexpectedReply,
    )
    from .project import Project
    from .server import LocalServer
    from .users import User
    from .where import F
    from .workspaces import Workspace

__all__ = [
    "NEVER",
    "AsyncClient",
    "Client",
    "ClientCredentials",
    "Conflict",
    "ConnectionLost",
    "EnterpriseOnly",
    "F",
    "Forbidden",
    "InvalidInput",
    "InvalidRequest",
    "LabelwireError",
    "LocalServer",
    "NotFound",
    "Project",
    "RateLimited",
    "Retry",
    "ServerError",
    "ServerNotStarted",
    "StatusError",
    "TimedOut",
    "Unauthorized",
    "UnexpectedReply",
    "Upload",
    "User",
    "Workspace",
    "__version__",
    "install_as_label_studio_sdk",
]

_LAZY = {
    "AsyncClient": "async_client",
    "Client": "client",
    "ClientCredentials": "client",
    "Conflict": "errors",
    "ConnectionLost": "errors",
    "EnterpriseOnly": "errors",
    "F": "where",
    "Forbidden": "errors",
    "InvalidInput": "errors",
    "InvalidRequest": "errors",
    "LabelwireError": "errors",
    "LocalServer": "server",
    "NEVER": "core.retry",
    "NotFound": "errors",
    "Project": "project",
    "RateLimited": "errors",
    "Retry": "core.retry",
    "ServerError": "errors",
    "ServerNotStarted": "errors",
    "StatusError": "errors",
    "TimedOut": "errors",
    "Unauthorized": "errors",
    "UnexpectedReply": "errors",
    "Upload": "core.operation",
    "User": "users",
    "Workspace": "workspaces",
    "install_as_label_studio_sdk": "compat",
}
"""Names and their modules, which are imported when they are first used: conversions need no HTTP."""


if not TYPE_CHECKING:  # a type checker shall know the names above and no others

    def __getattr__(name: str) -> Any:
        if name in ("client", "errors"):
            return import_module(f".{name}", __name__)
        if name not in _LAZY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            module = import_module(f".{_LAZY[name]}", __name__)
        except ModuleNotFoundError as error:
            if name == "AsyncClient" and error.name in ("aiohttp", "yarl"):
                raise ImportError('AsyncClient needs aiohttp: pip install "labelwire[async]"') from error
            raise
        value = globals()[name] = getattr(module, name)
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
