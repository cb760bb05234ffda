"""What goes through aiohttp: answers that are acknowledged at once, and bodies that do not hold the loop up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from io import BytesIO
from typing import Any

import aiohttp

from .body import Streamed
from .quickack import acknowledge_at_once

CHUNK = 1 << 18
"""Bytes that a download reads at a time, and that a body is sent in one go."""


class Response(aiohttp.ClientResponse):
    """An answer that is acknowledged at once."""

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        """Begin to read it."""
        if connection.transport is not None:
            acknowledge_at_once(connection.transport.get_extra_info("socket"))
        return await super().start(connection)


def sent(body: bytes | Streamed | None) -> Any:
    """The body as aiohttp takes it: large ones piece by piece, so that the loop goes on in between."""
    if isinstance(body, Streamed):
        return _pieces(body)
    return body if body is None or len(body) < CHUNK else BytesIO(body)


async def _pieces(body: Streamed) -> AsyncGenerator[bytes, None]:
    pieces = iter(body)
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece
