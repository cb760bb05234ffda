"""Every page of a listing, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from ..client import Client
from ..core.endpoint import D, Resource, listing
from ..core.exchange import path_of
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Operation, Page, Reply, Request
from ..core.pager import Pager, paged
from ..errors import UnexpectedReply

PAGES = (("results", "count"), ("tasks", "total"))
"""The fields in which a page has its items and their number in all."""


class Anything(Resource[D]):
    """What the server lists."""

    @listing
    def at(self, path: str, params: Mapping[str, Any]) -> Operation[Page[Model]]:
        """The items of a listing that comes in pages, or as a bare list."""
        request = Request("GET", path, {**params, "page": 1})

        def read(reply: Reply) -> Page[Model]:
            given = decode(reply)
            if isinstance(given, list):
                return Page([Model(item) for item in given])
            names = next((pair for pair in PAGES if isinstance(given, dict) and pair[0] in given), None)
            if names is None:
                raise UnexpectedReply(f"{path} is no listing with pages; leave out --all.")
            return paged(request, Model, *names).decode(reply)

        return Operation(request, read)


def every(client: Client, path: str, params: Mapping[str, Any]) -> Pager[Model]:
    """All items of the listing at the path, which may have a query of its own."""
    path, _, query = path_of(path, client.url).partition("?")
    return Anything(client._driver).at(path, {**parse_qs(query), **params})  # noqa: SLF001 - no namespace lists anything
