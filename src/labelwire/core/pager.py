"""Listings: every item of every page, or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec.structs import replace

from ..errors import NotFound, UnexpectedReply
from .model import Model, decode_page
from .operation import Operation, Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .aio import AsyncDriver
    from .operation import Reply, Request
    from .sync import SyncDriver

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class Pager(Generic[T]):
    """All items of a listing, fetched page by page while it is iterated.

    Iterating ends when the server's total is reached. A page that fails, or a listing that ends early, raises.
    """

    def __init__(self, driver: SyncDriver, first: Operation[Page[T]]) -> None:
        self._driver = driver
        self._first = first

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[Page[T]]:
        """The pages, one request each."""
        wanted: Operation[Page[T]] | None = self._first
        seen, total = 0, None
        while wanted is not None:
            try:
                page = self._driver.perform(wanted)
            except NotFound as error:
                raise _ended_early(seen, error) from error
            whole(page, total)
            yield page
            seen, total = seen + len(page), page.total
            wanted = following(page, seen)

    def to_list(self) -> list[T]:
        """All items, in the server's order."""
        return list(self)

    def first(self) -> T | None:
        """The first item, or None when there is none."""
        return next(iter(self), None)

    def count(self) -> int:
        """How many items there are, at the cost of one small request."""
        return self._driver.perform(counting(self._first))


class AsyncPager(Generic[T]):
    """All items of a listing, fetched page by page while it is iterated with `async for`.

    Iterating ends when the server's total is reached. A page that fails, or a listing that ends early, raises.
    """

    def __init__(self, driver: AsyncDriver, first: Operation[Page[T]]) -> None:
        self._driver = driver
        self._first = first

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """The pages, one request each."""
        wanted: Operation[Page[T]] | None = self._first
        seen, total = 0, None
        while wanted is not None:
            try:
                page = await self._driver.perform(wanted)
            except NotFound as error:
                raise _ended_early(seen, error) from error
            whole(page, total)
            yield page
            seen, total = seen + len(page), page.total
            wanted = following(page, seen)

    async def to_list(self) -> list[T]:
        """All items, in the server's order."""
        return [item async for item in self]

    async def first(self) -> T | None:
        """The first item, or None when there is none."""
        async for item in self:
            return item
        return None

    async def count(self) -> int:
        """How many items there are, at the cost of one small request."""
        return await self._driver.perform(counting(self._first))


def whole(page: Page[T], before: int | None) -> None:
    """Refuse a page of a listing that has become shorter: its items have moved up, and some were skipped.

    Raises:
        UnexpectedReply: and what to do.
    """
    if before is not None and page.total is not None and page.total < before:
        raise UnexpectedReply(
            f"The listing shrank from {before} to {page.total} items while it was read, so that some were skipped. "
            "Read it again; to change what a filter selects, take to_list() first."
        )


def following(page: Page[T], seen: int) -> Operation[Page[T]] | None:
    """The operation for the next page, or None when all `total` items were seen.

    Raises:
        UnexpectedReply: when the listing stops short of its own total, since a part is not the whole.
    """
    if page.total is None or seen >= page.total:
        return None
    if not page.items or page.next is None:
        raise UnexpectedReply(
            f"The listing ended after {seen} of {page.total} items: it changed while it was read, or the server left "
            "some out. Read it again."
        )
    return page.next


def counting(first: Operation[Page[T]]) -> Operation[int]:
    """The first page's operation, made small, for its total alone."""
    if "page" not in first.request.params:
        return first.map(len)  # comes whole, so it is counted whole
    small = replace(first, request=first.request.with_params(page=1, page_size=1))
    return small.map(lambda page: len(page) if page.total is None else page.total)


def _ended_early(seen: int, error: NotFound) -> Exception:
    if not seen:
        return error
    return UnexpectedReply(
        f"The listing broke off after {seen} items: {error.args[0]} It changed while it was read; read it again."
    )


def paged(request: Request, model: type[M], items: str = "results", total: str = "count") -> Operation[Page[M]]:
    """A listing that comes in page objects; `items` and `total` are the names of their fields."""

    def read(reply: Reply) -> Page[M]:
        raws, count = decode_page(request, reply, items, total)
        following = request.with_params(page=request.params.get("page", 1) + 1)
        return Page([model(raw) for raw in raws], count, paged(following, model, items, total))

    return Operation(request, read)


def bare(request: Request, model: type[M]) -> Operation[Page[M]]:
    """A listing that the server sends whole, as a bare list."""
    return Operation(request, lambda reply: Page(model.decode_list(reply)))
