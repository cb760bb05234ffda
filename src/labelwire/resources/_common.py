"""The few things that several resources say alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core.json import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..core.operation import Reply


def nothing(reply: Reply) -> None:
    """For an answer that says no more than that it is done.

    Raises:
        UnexpectedReply: for a web page: a login wall's 200 has done nothing.
    """
    if reply.body[:64].lstrip()[:1] == b"<":
        decode(reply)


def json_or_nothing(reply: Reply) -> Any:
    """The answer's JSON, or None where the server sends no body."""
    return decode(reply) if reply.body else None


def ids_text(ids: Iterable[int] | str | None) -> str | None:
    """Ids as the comma-separated text that the server's filters read; such a text stays as it is.

    No ids are the id 0, which nothing has: the server takes an empty text for all.
    """
    if ids is not None and not isinstance(ids, str):
        ids = list(ids) or [0]
    return ids if ids is None or isinstance(ids, str) else ",".join(str(one) for one in ids)
