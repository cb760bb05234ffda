"""How results are printed: tables for people, JSON, JSON Lines and CSV for programs, and ids alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from .command import Form

if TYPE_CHECKING:
    from ..bulk.report import Report

WIDEST = 60
"""Characters of a cell."""


class Show:
    """Prints what a command found, in the form that was asked for; a table where a person sits, else JSON Lines."""

    def __init__(self, form: Form | None, *, quiet: bool = False, columns: Sequence[str] | None = None) -> None:
        self.form = form or (Form.TABLE if sys.stdout.isatty() else Form.JSONL)
        self.quiet = quiet
        self._columns = columns

    def items(self, items: Iterable[Any], columns: Sequence[str], limit: int | None = None) -> None:
        """Prints each; a table and CSV have the columns, JSON has every field."""
        columns = self._columns or columns
        raws = (_raw(item) for item in islice(items, limit))
        if self.quiet:
            for raw in raws:
                _line(str(raw["id"]))
        else:
            FORMS[self.form](raws, columns)

    def item(self, item: Any, columns: Sequence[str]) -> None:
        """Prints one: as a table its columns, a line each."""
        if self.form is Form.TABLE and not self.quiet:
            from . import output

            raw = _raw(item)
            output.facts({name: _cell(raw, name) for name in self._columns or columns})
        elif self.form is Form.JSON and not self.quiet:
            _line(_json_of(_raw(item), indent=2))
        else:
            self.items([item], columns)


def _table(raws: Iterator[Mapping[str, Any]], columns: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from . import output

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for raw in raws:
        table.add_row(*(_short(_cell(raw, name)) for name in columns))
    if table.row_count:
        output.out().print(table)
    else:
        output.err().print("There are none.")


def _json(raws: Iterator[Mapping[str, Any]], _: Sequence[str]) -> None:
    before = "["
    for raw in raws:
        sys.stdout.write(f"{before}\n  {_json_of(raw)}")
        before = ","
    _line("[]" if before == "[" else "\n]")


def _jsonl(raws: Iterator[Mapping[str, Any]], _: Sequence[str]) -> None:
    for raw in raws:
        _line(_json_of(raw))


def _csv(raws: Iterator[Mapping[str, Any]], columns: Sequence[str]) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for raw in raws:
        writer.writerow([_cell(raw, name) for name in columns])


FORMS = {Form.TABLE: _table, Form.JSON: _json, Form.JSONL: _jsonl, Form.CSV: _csv}


def report(done: Report, show: Show) -> int:
    """Prints what bulk work did: words to stderr, and to stdout the ids with -q, or all of it as JSON with -o.

    Gives the exit status: 5 where something was refused.
    """
    from . import output

    output.err().print(str(done), soft_wrap=True)
    if show.quiet:
        for id in done.task_ids:  # noqa: A001 - what the API calls it
            _line(str(id))
    elif show.form is not Form.TABLE:
        show.item(msgspec.to_builtins(done), ("created", "updated", "deleted", "skipped"))
    return output.PARTLY if done.refused else 0


def _raw(item: Any) -> Mapping[str, Any]:
    return item if isinstance(item, dict) else item.raw


def _cell(raw: Mapping[str, Any], name: str) -> str:
    value: Any = raw
    for part in name.split("."):  # data.text is a field of a field
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    return value if isinstance(value, str) else _json_of(value)


def _json_of(value: Any, indent: int | None = None) -> str:
    try:
        text = msgspec.json.encode(value)
    except UnicodeEncodeError:  # half a surrogate pair, which JSON has an escape for
        return json.dumps(value, indent=indent)
    return (msgspec.json.format(text, indent=indent) if indent else text).decode()


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
