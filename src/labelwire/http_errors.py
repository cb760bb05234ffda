"""The errors that are errors of requests too. They have a module of their own, since requests takes long to import.

`labelwire.errors` is where they are found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from .errors import LabelwireError

if TYPE_CHECKING:
    from collections.abc import Mapping


class ConnectionLost(LabelwireError, requests.ConnectionError):
    """There was no answer, or only a part of one.

    Attributes:
        applied: False when the request cannot have reached the server; None when nobody knows.
        passing: whether another try may go better (a certificate that does not fit stays as it is).
        fault: where it was lost, as `labelwire.core.faults.Fault` calls it: "REFUSED", "NAME", "TLS" and so on.
    """

    fault: str = ""

    def __init__(self, message: str, *, applied: bool | None = None, passing: bool = True) -> None:
        super().__init__(message)
        self.applied = applied
        self.passing = passing


class TimedOut(ConnectionLost, requests.Timeout):
    """The answer did not come within the time allowed."""


class StatusError(LabelwireError, requests.HTTPError):
    """The server answered with an error status.

    Attributes:
        status: the HTTP status.
        method, url: what was asked, without the query.
        detail: the server's own words, or "" when it sent none.
        fields: its validation messages, by field.
        error_id: the id under which the server has logged the error.
        retry_after: seconds the server asks to wait, where it says so.
        release: which Label Studio the server is, such as "1.23.2 Community", where it lacks the path asked for.
        response: the `requests.Response`.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        method: str = "",
        url: str = "",
        detail: str = "",
        fields: Mapping[str, list[str]] | None = None,
        error_id: str | None = None,
        retry_after: float | None = None,
        release: str = "",
        response: requests.Response | None = None,
    ) -> None:
        super().__init__(message, response=response)
        self.status = status
        self.method = method
        self.url = url
        self.detail = detail
        self.fields: dict[str, list[str]] = dict(fields or {})
        self.error_id = error_id
        self.retry_after = retry_after
        self.release = release

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception with required keywords does not survive pickling by itself (multiprocessing needs it).
        return _rebuild, (type(self), str(self), {k: v for k, v in vars(self).items() if k not in _UNPICKLED})


_UNPICKLED = frozenset({"request"})


def _rebuild(kind: type[StatusError], message: str, attributes: dict[str, Any]) -> StatusError:
    error = kind(message)
    vars(error).update(attributes)
    return error


class InvalidRequest(StatusError):
    """400 and the other 4xx: the server understood and refused; `fields` says what is wrong with each field."""


class Unauthorized(StatusError):
    """401: no credential, or one that the server does not take."""


class Forbidden(StatusError):
    """403: the user may not do this."""


class NotFound(StatusError):
    """404: no such object, or no such operation on this server."""


class Conflict(StatusError):
    """409: the object's state does not allow this."""


class RateLimited(StatusError):
    """429, after all the waiting that was allowed; `retry_after` says how long the server asks for."""


class ServerError(StatusError):
    """5xx: the server failed. For a write with 502, 503 or 504 nobody knows whether it was applied."""


class EnterpriseOnly(StatusError):
    """The operation exists in Label Studio Enterprise and not on this server."""


for _kind in (
    ConnectionLost,
    TimedOut,
    StatusError,
    InvalidRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
    RateLimited,
    ServerError,
    EnterpriseOnly,
):
    _kind.__module__ = "labelwire.errors"
