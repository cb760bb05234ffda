"""What notebooks show of models and of listings: tables, in which every value is text and never markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

MOST = 120
"""Characters of a value that are shown."""

COLUMNS = 8
"""Fields of a listing that are shown."""

_FIRST = ("id", "title", "email", "name", "data", "task", "project", "status", "result")
"""What comes first of the fields that there are."""


def card(kind: str, raw: Mapping[str, Any]) -> str:
    """A model as a table of its fields; those that are empty are left out."""
    rows = "".join(f"<tr><th>{text(name)}</th><td>{text(value)}</td></tr>" for name, value in raw.items() if _is(value))
    return f"<table><caption>{text(kind)}</caption><tbody>{rows}</tbody></table>"


def table(items: Sequence[Any], total: int) -> str:
    """The first items of a listing, with a line that says how many there are."""
    raws = [raw if isinstance(raw := getattr(item, "raw", item), Mapping) else {"": raw} for item in items]
    columns = _columns(raws)
    head = "".join(f"<th>{text(name)}</th>" for name in columns)
    rows = "".join("<tr>" + "".join(f"<td>{text(raw.get(name))}</td>" for name in columns) + "</tr>" for raw in raws)
    said = f"{total:,} in all" if len(items) >= total else f"{len(items)} of {total:,}"
    kind = type(items[0]).__name__ if items else "items"
    return f"<table><caption>{text(kind)}: {said}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def text(value: Any) -> str:
    """A value as escaped text, not too long."""
    said = "" if value is None else value if isinstance(value, str) else repr(value)
    return escape(said if len(said) <= MOST else f"{said[: MOST - 1]}…")


def _columns(raws: Iterable[Mapping[str, Any]]) -> list[str]:
    found = dict.fromkeys(name for raw in raws for name, value in raw.items() if _is(value))
    first = [name for name in _FIRST if name in found]
    return [*first, *(name for name in found if name not in first)][:COLUMNS]


def _is(value: Any) -> bool:
    return value is not None and value != "" and value != [] and value != {}
