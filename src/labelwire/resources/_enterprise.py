"""What only Enterprise has: a plain word on a server that lacks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ..errors import EnterpriseOnly, NotFound
from .system import System

if TYPE_CHECKING:
    from ..core.operation import Flow, Operation

T = TypeVar("T")


def enterprise(what: str, operation: Operation[T]) -> Flow[T]:
    """The operation's result.

    Raises:
        EnterpriseOnly: when the server has no such path; names its version and edition.
    """
    try:
        return (yield from operation)
    except NotFound as error:
        if error.detail:  # the path is there; the object is not
            raise
        version = yield from System.version(None)
        raise EnterpriseOnly(
            f"{what}: a part of Label Studio Enterprise. This server is Label Studio {version.release}, "
            f"{version.edition} edition.",
            status=error.status,
            method=error.method,
            url=error.url,
            response=error.response,
        ) from None
