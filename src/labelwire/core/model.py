"""The base of all models: typed attributes over what the server sent, none of it lost.

A model is written as a class with annotations. Reading an attribute looks the field up in `raw`, and turns dates
and nested objects into their types then, and not before. A field that the server did not send is None; one whose
value is odd comes back as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any, ClassVar, Self

from ..errors import UnexpectedReply
from .json import decode
from .operation import Reply, Request

Convert = Callable[[Any], Any]

_models: dict[str, Any] = {}


class Field:
    """One attribute of a model."""

    __slots__ = ("_convert", "annotation", "name")

    def __init__(self, name: str, annotation: str) -> None:
        self.name = name
        self.annotation = annotation
        self._convert: Convert | None = None

    def __get__(self, instance: Model | None, owner: type[Model]) -> Any:
        if instance is None:
            return self
        value = instance.raw.get(self.name)
        if value is None:
            return None
        if self._convert is None:
            self._convert = _converter(self.annotation)
        return self._convert(value)

    def __set__(self, instance: Model, value: Any) -> None:
        raise AttributeError(
            f"{type(instance).__name__}.{self.name} shows what the server sent; change it with the client's update()."
        )


class _ModelType(type):
    """Makes a `Field` of every annotation, and gives the class no other attributes."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        body.setdefault("__slots__", ())
        if bases:
            for field, annotation in body.get("__annotations__", {}).items():
                if not annotation.startswith("ClassVar"):
                    body[field] = Field(field, annotation)
        made = super().__new__(cls, name, bases, body)
        if bases:
            _models[name] = made
        return made


class Model(metaclass=_ModelType):
    """What the server sent about one object.

    `raw` is the server's own dict; `model["field"]` reads any field of it, known here or not.
    """

    __slots__ = ("origin", "raw")

    raw: dict[str, Any]
    origin: Any
    """The driver that it came by, where it was asked for one by one or in a listing of a `Client`; else unset."""
    shown: ClassVar[tuple[str, ...]] = ("id", "title", "email", "name", "project", "status")

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw

    @classmethod
    def decode(cls, reply: Reply) -> Self:
        """The object in a reply."""
        return cls(_expected(decode(reply), dict, reply))

    @classmethod
    def decode_list(cls, reply: Reply) -> list[Self]:
        """The objects of a reply that is a bare list."""
        return [cls(item) for item in _expected(decode(reply), list, reply)]

    def to_dict(self) -> dict[str, Any]:
        """A copy of all that the server sent, free to be changed."""
        return deepcopy(self.raw)

    def get(self, field: str, default: Any = None) -> Any:
        """The field as the server sent it, or the default."""
        return self.raw.get(field, default)

    def keys(self) -> Iterator[str]:
        """The names of all fields that the server sent."""
        return iter(self.raw)

    def __getitem__(self, field: str) -> Any:
        return self.raw[field]

    def __contains__(self, field: object) -> bool:
        return field in self.raw

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and type(self) is type(other) and self.raw == other.raw

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type[Self], tuple[dict[str, Any]]]:
        return type(self), (self.raw,)  # connections are neither copied nor pickled

    def _repr_html_(self) -> str:
        from .notebook import card

        return card(type(self).__name__, self.raw)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={self.raw[name]!r}" for name in self.shown if self.raw.get(name) not in (None, ""))
        return f"{type(self).__name__}({values})"


def decode_page(request: Request, reply: Reply, items: str, total: str) -> tuple[list[dict[str, Any]], int]:
    """The raw items of a page object and the listing's total; `items` and `total` are the names of its fields."""
    page = _expected(decode(reply), dict, reply)
    found, count = page.get(items), page.get(total)
    if not isinstance(found, list) or not isinstance(count, int):
        raise UnexpectedReply(f"{request.path} answered with a page that lacks {items!r} or {total!r}.")
    return found, count


def _expected(value: Any, kind: type, reply: Reply) -> Any:
    if not isinstance(value, kind):
        wanted = "an object" if kind is dict else "a list"
        raise UnexpectedReply(f"{reply.url.partition('?')[0]} answered with {type(value).__name__} and not {wanted}.")
    return value


def _converter(annotation: str) -> Convert:
    """From an annotation's text to what turns the raw value into that type."""
    plain = annotation.replace(" | None", "")
    if plain == "datetime":
        return _moment
    nested = re.fullmatch(r"(?:Sequence|list)\[(\w+)\]", plain)
    if nested and nested[1] in _models:
        return _many(_models[nested[1]])
    return _one(_models[plain]) if plain in _models else _same


def _same(value: Any) -> Any:
    return value


def _moment(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value


def _one(model: type[Model]) -> Convert:
    return lambda value: model(value) if isinstance(value, dict) else value


def _many(model: type[Model]) -> Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [model(item) if isinstance(item, dict) else item for item in value]

    return convert
