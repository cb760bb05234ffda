"""What can go wrong, named by fact.

    LabelwireError
    ├── InvalidInput          what was passed cannot be used; nothing was sent     (a ValueError)
    ├── ConnectionLost        no answer, or half of one                            (a requests.ConnectionError)
    │   └── TimedOut                                                               (a requests.Timeout)
    ├── UnexpectedReply       an answer that is not Label Studio's                 (a ValueError)
    ├── ServerNotStarted      a LocalServer did not come up                        (a RuntimeError)
    └── StatusError           the server said no                                   (a requests.HTTPError)
        ├── InvalidRequest 400 and other 4xx, Unauthorized 401, Forbidden 403, NotFound 404,
        ├── Conflict 409, RateLimited 429, ServerError 5xx
        └── EnterpriseOnly    the server's edition has no such operation

No message holds a token, a password or a query string.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .http_errors import (
        Conflict,
        ConnectionLost,
        EnterpriseOnly,
        Forbidden,
        InvalidRequest,
        NotFound,
        RateLimited,
        ServerError,
        StatusError,
        TimedOut,
        Unauthorized,
    )

__all__ = [
    "Conflict",
    "ConnectionLost",
    "EnterpriseOnly",
    "Forbidden",
    "InvalidInput",
    "InvalidRequest",
    "LabelwireError",
    "NotFound",
    "RateLimited",
    "ServerError",
    "ServerNotStarted",
    "StatusError",
    "TimedOut",
    "Unauthorized",
    "UnexpectedReply",
    "certainly_not_applied",
]


class LabelwireError(Exception):
    """The root of everything labelwire raises by itself.

    Attributes:
        report: what bulk work had done when this interrupted it (`labelwire.bulk.report.Report`), else None.
    """

    report: Any = None


class InvalidInput(LabelwireError, ValueError):
    """What was passed cannot be used. Nothing was sent."""


class ServerNotStarted(LabelwireError, RuntimeError):
    """A local Label Studio could not be installed or did not come up."""


class UnexpectedReply(LabelwireError, ValueError):
    """The answer is not what Label Studio sends: an HTML page, broken JSON, a list that ends too early.

    Attributes:
        applied: False when the request cannot have reached the server; None when nobody knows.
    """

    def __init__(self, message: str, *, applied: bool | None = None) -> None:
        super().__init__(message)
        self.applied = applied


def certainly_not_applied(error: Exception) -> bool:
    """Whether what failed this way cannot have reached the server."""
    return isinstance(error, LabelwireError) and getattr(error, "applied", None) is False


if not TYPE_CHECKING:  # a type checker shall know the names above and no others

    def __getattr__(name: str) -> Any:
        """The errors that are errors of requests too, which is imported with them."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(".http_errors", __package__), name)
        return value
