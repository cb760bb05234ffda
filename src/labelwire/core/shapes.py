"""The one type that JSON values have in common, where they have one: what a typed table needs and JSON does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, Union

if TYPE_CHECKING:
    from collections.abc import Iterable

Shape: TypeAlias = Union[str, "list[Shape]", "dict[str, Shape]", None]
"""None of values that are all null, "bool", "int", "long", "float" or "text", [shape] of lists, {field: shape}."""

MOST_FIELDS = 200
"""Fields of one object; with more, its keys are rather values, such as ids, than names."""

EXACT = 2**53
"""Integers up to here are floats as well, without loss; longer ones are "long"."""


class Mixed(Exception):
    """The values have no type in common."""


def shape_of(values: Iterable[Any]) -> Shape:
    """The values' common shape. Objects have the fields that any of them has; one that is empty everywhere is left out.

    Raises:
        Mixed: when there is none.
    """
    shape: Shape = None
    for value in values:
        shape = _joined(shape, value)
    return _without_empty(shape)


def _joined(shape: Shape, value: Any) -> Shape:
    if value is None:
        return shape
    kind = type(value)
    if kind is dict:
        return _joined_fields(shape, value)
    if kind is list:
        if shape is None:
            shape = [None]
        elif not isinstance(shape, list):
            raise Mixed
        for item in value:
            shape[0] = _joined(shape[0], item)
        return shape
    name = _scalar(kind, value)
    if shape is None or shape == name:
        return name
    wider = _WIDER.get(frozenset((shape, name))) if isinstance(shape, str) else None
    if wider is None:
        raise Mixed
    return wider


def _joined_fields(shape: Shape, value: dict[str, Any]) -> Shape:
    if shape is None:
        shape = {}
    elif not isinstance(shape, dict):
        raise Mixed
    for field, item in value.items():
        shape[field] = _joined(shape.get(field), item)
    if len(shape) > MOST_FIELDS:
        raise Mixed
    return shape


_WIDER = {
    frozenset(("int", "long")): "long",
    frozenset(("int", "float")): "float",
}


def _scalar(kind: type, value: Any) -> str:
    if kind is str:
        return "text"
    if kind is bool:
        return "bool"
    if kind is float:
        return "float"
    if kind is int and -(2**63) <= value < 2**63:
        return "int" if -EXACT <= value <= EXACT else "long"
    raise Mixed


def _without_empty(shape: Shape) -> Shape:
    """The shape without fields whose objects have no fields themselves, for which Parquet has no type."""
    if isinstance(shape, list):
        return [_without_empty(shape[0])]
    if not isinstance(shape, dict):
        return shape
    kept: dict[str, Shape] = {}
    for field, item in shape.items():
        if not isinstance(item, dict) or _has_fields(item):
            kept[field] = _without_empty(item)
    if not kept:
        raise Mixed
    return kept


def _has_fields(shape: dict[str, Shape]) -> bool:
    return any(not isinstance(item, dict) or _has_fields(item) for item in shape.values())
