"""One definition, two colours.

An endpoint is a method that returns a value. Reached through a sync client it is a plain call that gives the
result; through an async one, a coroutine; on the class itself it is the pure function, for tests and workflows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, Generic, ParamSpec, TypeVar, overload

from . import watching
from .model import Model
from .operation import Flow, Operation, Page, Stream
from .pager import listed

if TYPE_CHECKING:
    import inspect

    from .aio import AsyncDriver
    from .pager import AsyncPager, Pager
    from .sync import SyncDriver

P = ParamSpec("P")
T = TypeVar("T")
D = TypeVar("D", "SyncDriver", "AsyncDriver")


class Resource(Generic[D]):
    """One noun of the API, bound to a driver."""

    def __init__(self, driver: D) -> None:
        self._driver: D = driver

    @property
    def namespace(self) -> str:
        """What a client calls it, such as "label_links"."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()


class Bound:
    """An endpoint on a client: calls the function and hands its value to the driver, in this way."""

    __slots__ = ("__self__", "_function", "_way")

    def __init__(self, function: Callable[..., Any], instance: Resource[Any], way: str) -> None:
        self._function = function
        self._way = way
        self.__self__ = instance

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        driver = self.__self__._driver  # noqa: SLF001 - the resource is ours
        wanted = self._function(self.__self__, *args, **kwargs)
        if watching.tracer is None:
            result = getattr(driver, self._way)(wanted)
        else:
            result = self._traced(driver, wanted, watching.tracer)
        if isinstance(result, Model):
            result.origin = driver
        return result

    def _traced(self, driver: Any, wanted: Any, tracer: watching.Tracer) -> Any:
        """The same with spans: one operation as a flow, a listing as a stream."""
        name = f"{self.__self__.namespace}.{self.__name__}"
        if self._way in ("perform", "flow"):
            flow: Any = iter(wanted)
            return driver.flow(tracer.call(name, flow))
        stream: Stream[Any] = listed(wanted) if self._way == "listing" else wanted
        return driver.stream(stream.through(lambda flow: tracer.call(name, flow)))

    def __repr__(self) -> str:
        return f"<{self._function.__qualname__} of {self.__self__!r}>"

    @property
    def __name__(self) -> str:
        return self._function.__name__

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self._function.__doc__

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        return self._function

    @property
    def __signature__(self) -> inspect.Signature:
        """What a caller sees: no self, and the result's own type."""
        import inspect

        from .sync import SyncDriver

        signature = inspect.signature(self._function)
        asynchronous = not isinstance(self.__self__._driver, SyncDriver)  # noqa: SLF001 - the resource is ours
        returned = _result(str(signature.return_annotation), asynchronous)
        return signature.replace(parameters=list(signature.parameters.values())[1:], return_annotation=returned)


def _result(annotation: str, asynchronous: bool) -> str:
    page = re.fullmatch(r"(?:Operation\[Page|Stream)\[(.*?)\]\]?", annotation)
    if page:
        return f"{'AsyncPager' if asynchronous else 'Pager'}[{page[1]}]"
    inner = re.sub(r"^(?:Operation|Flow)\[(.*)\]$", r"\1", annotation)
    return f"Coroutine[Any, Any, {inner}]" if asynchronous else inner


class Method(Generic[P, T]):
    """A method that returns a value, and the way in which a driver turns it into a result."""

    way: ClassVar[str]

    def __init__(self, function: Callable[Concatenate[Any, P], T]) -> None:
        self.function = function
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    def reached(self, instance: Resource[Any] | None) -> Callable[..., Any]:
        """The function itself on the class, a call on a client's resource."""
        if instance is None:
            return self.function
        return Bound(self.function, instance, self.way)


class endpoint(Method[P, Operation[T]], Generic[P, T]):  # noqa: N801 - a decorator
    """A method that describes one call."""

    way = "perform"

    @overload
    def __get__(self, instance: None, owner: object) -> Callable[Concatenate[Any, P], Operation[T]]: ...
    @overload
    def __get__(self, instance: Resource[SyncDriver], owner: object) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: Resource[AsyncDriver], owner: object) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: Resource[Any] | None, owner: object) -> Callable[..., Any]:
        return self.reached(instance)


class workflow(Method[P, Flow[T]], Generic[P, T]):  # noqa: N801 - a decorator
    """A method that describes several calls: a generator of operations and sleeps."""

    way = "flow"

    @overload
    def __get__(self, instance: None, owner: object) -> Callable[Concatenate[Any, P], Flow[T]]: ...
    @overload
    def __get__(self, instance: Resource[SyncDriver], owner: object) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: Resource[AsyncDriver], owner: object) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: Resource[Any] | None, owner: object) -> Callable[..., Any]:
        return self.reached(instance)


class listing(Method[P, Operation[Page[T]]], Generic[P, T]):  # noqa: N801 - a decorator
    """A method that describes the first page of a listing; reached through a client it gives all pages."""

    way = "listing"

    @overload
    def __get__(self, instance: None, owner: object) -> Callable[Concatenate[Any, P], Operation[Page[T]]]: ...
    @overload
    def __get__(self, instance: Resource[SyncDriver], owner: object) -> Callable[P, Pager[T]]: ...
    @overload
    def __get__(self, instance: Resource[AsyncDriver], owner: object) -> Callable[P, AsyncPager[T]]: ...
    def __get__(self, instance: Resource[Any] | None, owner: object) -> Callable[..., Any]:
        return self.reached(instance)


class stream(Method[P, Stream[T]], Generic[P, T]):  # noqa: N801 - a decorator
    """A method that describes items that come by a route of several calls; reached through a client it gives them."""

    way = "stream"

    @overload
    def __get__(self, instance: None, owner: object) -> Callable[Concatenate[Any, P], Stream[T]]: ...
    @overload
    def __get__(self, instance: Resource[SyncDriver], owner: object) -> Callable[P, Pager[T]]: ...
    @overload
    def __get__(self, instance: Resource[AsyncDriver], owner: object) -> Callable[P, AsyncPager[T]]: ...
    def __get__(self, instance: Resource[Any] | None, owner: object) -> Callable[..., Any]:
        return self.reached(instance)
