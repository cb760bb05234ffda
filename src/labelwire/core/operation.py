"""The values a call is made of. Nothing here sends anything.

An `Operation` says what to ask and how to read the answer. A `Flow` is a generator that strings operations, sleeps and
other work together; `task = yield from operation` inside one gives the operation's typed result. A `Stream` is a flow
that hands pages out on its way. The exchange turns them all into `Step`s, which are all that a driver has to know.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

if TYPE_CHECKING:
    from os import PathLike

    from .body import Streamed

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
M = TypeVar("M")

SAFE_TO_REPEAT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
"""Methods that leave the same state when they are applied twice (labelwire sends absolute values in a PATCH)."""


class Missing:
    """The type of `UNSET`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET = Missing()
"""Stands for an argument that was not given: it is not sent. `None` is sent as null."""


class Upload(Struct, frozen=True):
    """One file of a multipart body: the name the server shall see, and its bytes or where they are."""

    name: str
    content: bytes | PathLike[str]
    content_type: str = "application/octet-stream"
    field: str = "file"


class Request(Struct, frozen=True):
    """What to ask: a method, a path below the server's URL, and at most one kind of body.

    A whole URL may stand in the path's place; what is not on the server gets no credential, header or cookie of its.

    Attributes:
        params: the query; None and UNSET values are left out, booleans are written as the server reads them,
            a list gives one pair an item.
        json: the body as a value; `UNSET` for none.
        form: the body as an HTML form.
        uploads: the body as multipart files.
        content: the body as bytes that are JSON already.
        repeatable: True where sending it twice does no harm; None asks the method.
        authenticated: whether the credential goes along.
        fresh: whether it goes without any cookie but its own, and leaves none behind: a login.
        follow: whether redirects are followed.
        since: the oldest release of Label Studio that it may go to, such as "1.23", where an older one would do
            something else; the server is asked for its own then.
        options: arguments for the driver's own HTTP library, passed on untouched (`Client.make_request`).
    """

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = UNSET
    form: Mapping[str, str] | None = None
    uploads: Sequence[Upload] = ()
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool | None = None
    authenticated: bool = True
    fresh: bool = False
    follow: bool = True
    since: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def safe(self) -> bool:
        """Whether this may be sent again when nobody knows if it was applied."""
        return self.method in SAFE_TO_REPEAT if self.repeatable is None else self.repeatable

    def with_params(self, **params: Any) -> Request:
        """The same request with some of the query replaced."""
        return replace(self, params={**self.params, **params})


class Wire(Struct, frozen=True):
    """A request as it goes out: everything decided, nothing left to look up."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | Streamed | None = None
    cookies: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    sink: IO[bytes] | None = None
    fresh: bool = False
    foreign: bool = False


class Reply(Struct, frozen=True):
    """An answer. `headers` ignores case; `body` is empty when it went into a sink; `cookies` are those it set."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    cookies: Mapping[str, str] = field(default_factory=dict)
    native: Any = None

    @property
    def ok(self) -> bool:
        """Whether the status is one of the 200s."""
        return 200 <= self.status < 300


class Sleep(Struct, frozen=True):
    """Wait that many seconds."""

    seconds: float

    def __iter__(self) -> Iterator[Sleep]:
        yield self


class Operation(Struct, Generic[T_co], frozen=True):
    """A call that has not been made: what to ask, and how to read the answer.

    With a `sink` the body of a good answer is written there while it arrives and `decode` sees an empty one.
    """

    request: Request
    decode: Callable[[Reply], T_co]
    sink: IO[bytes] | None = None

    def __iter__(self) -> Generator[Operation[Any] | Sleep, Any, T_co]:
        result: T_co = yield self
        return result

    def map(self, change: Callable[[T_co], M]) -> Operation[M]:
        """The same call with its result put through `change`."""
        decode = self.decode
        return Operation(self.request, lambda reply: change(decode(reply)), self.sink)


class Do(Struct, Generic[T_co], frozen=True):
    """Work of the client's own that may take a while, such as reading a file: an event loop does not wait for it."""

    function: Callable[[], T_co]

    def __iter__(self) -> Generator[Do[Any], Any, T_co]:
        result: T_co = yield self
        return result


class Together(Struct, Generic[T], frozen=True):
    """Flows that are taken side by side, at most `at_once` of them; what became of each, in their order.

    An error is among the outcomes and ends nothing: the others go on.
    """

    flows: Sequence[Generator[Any, Any, T]]
    at_once: int

    def __iter__(self) -> Generator[Together[T], Any, list[T | Exception]]:
        outcomes: list[T | Exception] = yield self
        return outcomes


class Exclusive(Struct, frozen=True):
    """Steps that only one thread or task of a client may take at a time."""

    steps: Steps[Any]


class Page(Struct, Generic[T_co], frozen=True):
    """Part of a listing.

    Attributes:
        items: the objects of this page, in the server's order.
        total: how many there are in all, where the server says so.
        next: the operation for the page after this one, or None after the last.
    """

    items: Sequence[T_co]
    total: int | None = None
    next: Operation[Page[T_co]] | None = None

    def __iter__(self) -> Iterator[T_co]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


Wanted: TypeAlias = Operation[Any] | Sleep | Do[Any] | Together[Any]
"""What a flow may ask for."""

Flow: TypeAlias = Generator[Wanted, Any, T]
"""Several calls, one after the other."""

Step: TypeAlias = Wire | Sleep | Do[Any] | Together[Any] | Exclusive | Page[Any]
Steps: TypeAlias = Generator[Step, Any, T]
"""What a driver runs: it answers a `Wire` with a `Reply` or throws a `ConnectionLost` in."""


class Stream(Struct, Generic[T_co], frozen=True):
    """Items that come in pages, by whatever route: `pages` begins to fetch them, `count` says how many there are.

    `few` fetches the first ones alone, where that is cheap.
    """

    pages: Callable[[], Generator[Wanted | Page[T_co], Any, None]]
    count: Callable[[], Flow[int]]
    few: Callable[[], Flow[Page[T_co]]] | None = None

    def through(self, change: Callable[[Any], Any]) -> Stream[T_co]:
        """The same items with each of the flows that fetch them put through `change`."""
        pages, count, few = self.pages, self.count, self.few
        return Stream(lambda: change(pages()), lambda: change(count()), None if few is None else lambda: change(few()))
