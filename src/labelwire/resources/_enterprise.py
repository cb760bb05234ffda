"""What only Enterprise has: a plain word on a server that lacks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ..errors import EnterpriseOnly, InvalidRequest, NotFound, ServerError, StatusError
from .system import System

if TYPE_CHECKING:
    from ..core.operation import Flow, Operation

T = TypeVar("T")


def enterprise(what: str, operation: Operation[T]) -> Flow[T]:
    """The operation's result.

    Raises:
        EnterpriseOnly: when the server does not know the operation; names its version and edition.
    """
    try:
        return (yield from operation)
    except (InvalidRequest, NotFound, ServerError) as error:
        if not _unknown(error):
            raise
        version = yield from System.version(None)
        if version.edition == "Enterprise":
            raise
        raise EnterpriseOnly(
            f"{what}: a part of Label Studio Enterprise. This server is Label Studio {version.release}, "
            f"{version.edition} edition.",
            status=error.status,
            method=error.method,
            url=error.url,
            response=error.response,
        ) from None


def _unknown(error: StatusError) -> bool:
    """Whether it is the operation that the server does not know, and not the object."""
    if error.status == 404:
        return error.detail in ("", "not found")  # an object's 404 says which kind of object
    return error.status == 405 or "in registered actions" in error.detail
