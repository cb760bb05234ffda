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
        release = error.release
        if not release:  # an action it does not know comes as a 500, which says nothing of the server
            version = yield from System.version(None)
            release = f"{version.release} {version.edition}"
        if release.endswith("Enterprise"):
            raise
        number, _, edition = release.partition(" ")
        raise EnterpriseOnly(
            f"{what}: a part of Label Studio Enterprise. This server is Label Studio {number}, {edition} edition.",
            status=error.status,
            release=release,
            method=error.method,
            url=error.url,
            response=error.response,
        ) from None


def _unknown(error: StatusError) -> bool:
    """Whether it is the operation that the server does not know, and not the object."""
    return bool(error.release) or "in registered actions" in error.detail
