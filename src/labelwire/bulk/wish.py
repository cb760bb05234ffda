"""Which tasks are to be read, and what of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ..core.operation import Operation, Page, Wanted
from ..data_manager import FilterSet
from ..errors import Forbidden, InvalidInput, NotFound, ServerError, UnexpectedReply
from ..resources._download import umask
from ..resources.tasks import PAGE_SIZE, Task, Tasks

T = TypeVar("T")

Pages: TypeAlias = Generator[Wanted | Page[Task], Any, T]
"""Pages of tasks by some route, and what there is to say at its end."""

NO_ROUTE = (NotFound, Forbidden, ServerError, UnexpectedReply)
"""What says that a route is not to be had on this server, or not for this user."""


AT_ONCE = 200
"""Tasks of a page that is decoded from disk: few enough for an event loop."""


class Wish(Struct, frozen=True):
    """Which tasks are wanted, and what of them."""

    project: int
    annotations: bool = True
    predictions: bool = True
    filters: FilterSet | None = None
    view: int | None = None

    def __post_init__(self) -> None:
        if self.filters is not None and self.view is not None:
            raise InvalidInput(
                "A view has filters of its own, and the server would drop those given: pass one or the other."
            )

    @property
    def data_alone(self) -> bool:
        """Whether neither annotations nor predictions are wanted."""
        return not (self.annotations or self.predictions)

    @property
    def listing(self) -> Operation[Page[Task]]:
        """The Data Manager's first page of what is wanted."""
        pages = Tasks.list(
            None,
            project=self.project,
            filters=self.filters,
            view=self.view,
            fields=None if self.data_alone else "all",
            include=["id", "data", "meta"] if self.data_alone else None,
            resolve_uri=False,
            page_size=PAGE_SIZE,
        )
        return pages.map(self.page)

    def page(self, page: Page[Task]) -> Page[Task]:
        """A page without what is not wanted, and so on with those after it."""
        for task in page.items:
            self.of(task.raw)
        return replace(page, next=page.next and page.next.map(self.page))

    def of(self, task: dict[str, Any]) -> dict[str, Any]:
        """The task without what is not wanted."""
        if not self.annotations:
            task.pop("annotations", None)
        if not self.predictions:
            task.pop("predictions", None)
        return task


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A new file beside `target`, gone afterwards unless it was moved."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".labelwire-", suffix=".part")
    os.close(handle)
    place = Path(name)
    place.chmod(0o666 & ~umask())
    try:
        yield place
    finally:
        place.unlink(missing_ok=True)
