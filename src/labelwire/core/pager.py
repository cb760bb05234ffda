"""Listings: every item of every page, or an error."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec.structs import replace

from ..errors import NotFound, UnexpectedReply
from .model import Model, decode_page
from .operation import Operation, Page, Stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from .aio import AsyncDriver
    from .operation import Flow, Reply, Request, Wanted
    from .sync import SyncDriver

T = TypeVar("T")
M = TypeVar("M", bound=Model)
F = TypeVar("F")

FEW = 10
"""Items that a notebook shows of a listing."""

AHEAD = 1
"""Items of a page that are taken before the next page is asked for: who wants the first item alone gets no more."""


class Pager(Generic[T]):
    """All items of a listing. While it is iterated, the next page is fetched ahead.

    Iterating ends when the server's total is reached. A page that fails, or a listing that ends early, raises.
    """

    def __init__(self, driver: SyncDriver, stream: Stream[T]) -> None:
        self._driver = driver
        self._stream = stream

    def __iter__(self) -> Iterator[T]:
        pages = self.pages()
        thread: ThreadPoolExecutor | None = None
        page = next(pages, None)
        try:
            while page is not None:
                ahead: Future[Page[T] | None] | None = None
                for position, item in enumerate(page.items):
                    if position == AHEAD and page.next is not None:
                        thread = thread or _thread()
                        ahead = thread.submit(copy_context().run, _following, pages)
                    yield item
                page = ahead.result() if ahead is not None else next(pages, None)
        finally:
            if thread is not None:
                thread.shutdown(wait=False, cancel_futures=True)

    def pages(self) -> Iterator[Page[T]]:
        """The pages, one by one."""
        for page in self._driver.pages(self._stream):
            for item in page.items:
                if isinstance(item, Model):
                    item.origin = self._driver
            yield page

    def to_list(self) -> list[T]:
        """All items, in the server's order."""
        return [item for page in self.pages() for item in page.items]

    def first(self) -> T | None:
        """The first item, or None when there is none."""
        return next((item for page in self.pages() for item in page.items), None)

    def to_pandas(self) -> pd.DataFrame:
        """All items as a DataFrame; fields of `data` are columns such as `data.text` (extra `pandas`)."""
        from .tables import to_pandas

        return to_pandas(self._rows())

    def to_polars(self) -> pl.DataFrame:
        """All items as a polars DataFrame; fields of `data` are columns such as `data.text` (extra `polars`)."""
        from .tables import to_polars

        return to_polars(self._rows())

    def to_arrow(self) -> pa.Table:
        """All items as an Arrow table; fields of `data` are columns such as `data.text` (extra `arrow`)."""
        from .tables import to_arrow

        return to_arrow(self._rows())

    def count(self) -> int:
        """How many items there are, at the cost of one small request."""
        return self._driver.flow(self._stream.count())

    def _repr_html_(self) -> str:
        """The first rows and how many there are in all, at the cost of one small request, or of two."""
        from .notebook import table

        few = self._driver.flow(self._stream.few()) if self._stream.few is not None else None
        total = few.total if few is not None and few.total is not None else self.count()
        return table([] if few is None else few.items, total)

    def _rows(self) -> Iterator[Any]:
        return (item for page in self.pages() for item in page.items)


class AsyncPager(Generic[T]):
    """All items of a listing. While it is iterated with `async for`, the next page is fetched ahead.

    Iterating ends when the server's total is reached. A page that fails, or a listing that ends early, raises.
    """

    def __init__(self, driver: AsyncDriver, stream: Stream[T]) -> None:
        self._driver = driver
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[T]:
        from asyncio import Task, create_task

        pages = self.pages()
        ahead: Task[Page[T] | None] | None = None
        page = await anext(pages, None)
        try:
            while page is not None:
                for position, item in enumerate(page.items):
                    if position == AHEAD and page.next is not None:
                        ahead = create_task(_next(pages))
                    yield item
                page = await (ahead or _next(pages))
                ahead = None
        finally:
            if ahead is not None and not ahead.cancel() and not ahead.cancelled():
                ahead.exception()  # nobody waits for it any more

    def pages(self) -> AsyncIterator[Page[T]]:
        """The pages, one by one."""
        return self._driver.pages(self._stream)

    async def to_list(self) -> list[T]:
        """All items, in the server's order."""
        return [item async for page in self.pages() for item in page.items]

    async def first(self) -> T | None:
        """The first item, or None when there is none."""
        async for page in self.pages():
            for item in page.items:
                return item
        return None

    async def to_pandas(self) -> pd.DataFrame:
        """All items as a DataFrame; fields of `data` are columns such as `data.text` (extra `pandas`)."""
        from .tables import to_pandas

        return await self._table(to_pandas)

    async def to_polars(self) -> pl.DataFrame:
        """All items as a polars DataFrame; fields of `data` are columns such as `data.text` (extra `polars`)."""
        from .tables import to_polars

        return await self._table(to_polars)

    async def to_arrow(self) -> pa.Table:
        """All items as an Arrow table; fields of `data` are columns such as `data.text` (extra `arrow`)."""
        from .tables import to_arrow

        return await self._table(to_arrow)

    async def count(self) -> int:
        """How many items there are, at the cost of one small request."""
        return await self._driver.flow(self._stream.count())

    async def _table(self, make: Callable[[Iterable[Any]], F]) -> F:
        from asyncio import to_thread

        return await to_thread(make, await self.to_list())


def _thread() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # here, since a listing of one page needs none

    return ThreadPoolExecutor(1)


def _following(pages: Iterator[Page[T]]) -> Page[T] | None:
    return next(pages, None)


async def _next(pages: AsyncIterator[Page[T]]) -> Page[T] | None:
    return await anext(pages, None)


def listed(first: Operation[Page[T]]) -> Stream[T]:
    """The listing that begins with this page."""
    return Stream(lambda: all_pages(first), lambda: iter(counting(first)), lambda: iter(few(first)))


def few(first: Operation[Page[T]]) -> Operation[Page[T]]:
    """The first page's operation, made small, for a look at what there is."""
    if "page" not in first.request.params:
        return first.map(lambda page: Page(page.items[:FEW], len(page)))
    return replace(first, request=first.request.with_params(page=1, page_size=FEW))


def all_pages(first: Operation[Page[T]]) -> Generator[Wanted | Page[T], Any, None]:
    """Every page, as far as to the server's total.

    Raises:
        UnexpectedReply: when the listing ends before, or changes while it is read.
    """
    yield from pages_from((yield from first))


def pages_from(page: Page[T]) -> Generator[Wanted | Page[T], Any, None]:
    """A listing's first page, which is here already, and every one after it, as `all_pages` gives them."""
    seen, total = 0, None
    while True:
        whole(page, total)
        seen, total = seen + len(page), page.total
        wanted = following(page, seen)
        yield replace(page, next=wanted)
        if wanted is None:
            return
        try:
            page = yield from wanted
        except NotFound as error:
            raise _ended_early(seen, error) from error


def gathered(first: Operation[Page[T]]) -> Flow[list[T]]:
    """All items of the listing that begins with this page, inside a flow."""
    found: list[T] = []
    yield from each_page(first, found.extend)
    return found


def each_page(first: Operation[Page[T]], take: Callable[[Sequence[T]], object]) -> Flow[None]:
    """Hand the items of each page of the listing to `take`, inside a flow."""
    yield from drained(all_pages(first), take)


def drained(pages: Generator[Wanted | Page[T], Any, None], take: Callable[[Sequence[T]], object]) -> Flow[None]:
    """Hand the items of each page of a stream to `take`, inside a flow."""
    try:
        step = next(pages)
        while True:
            if isinstance(step, Page):
                take(step.items)
                step = next(pages)
                continue
            try:
                answer = yield step
            except Exception as error:
                step = pages.throw(error)
            else:
                step = pages.send(answer)
    except StopIteration:
        return
    finally:
        pages.close()


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
