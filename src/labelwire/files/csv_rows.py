"""Rows of CSV and TSV with numbers as numbers, read in two passes and never held as a whole."""

from __future__ import annotations

import csv
import io
import re
from itertools import chain, islice
from math import isfinite
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..errors import InvalidInput
from .opening import not_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .opening import Open

BATCH = 500
"""Rows worked on at a time."""

LONGEST = 1 << 26
"""Characters in a field; a longer one is taken for a quote that is never closed."""

_END = "\0the end of the file\0"
_BREAK = re.compile(r"\r\n|\r|\n")

# Each matches a whole column, its cells ended by line feeds; an empty cell fits all.
_PATTERNS = {
    "int": re.compile(r"(?:[ \t]*+-?(?:0|[1-9][0-9]*+)[ \t]*+\n|\n)*+"),
    "float": re.compile(
        r"(?:[ \t]*+-?(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?[ \t]*+\n|\n)*+"
    ),
    "bool": re.compile(r"(?:(?:true|false)\n|\n)*+", re.IGNORECASE | re.ASCII),
}
_BOOLEAN: dict[str, Any] = {"true": True, "false": False, "": ""}

_limit = Lock()


def csv_rows(open_file: Open, *, separator: str | None, name: str) -> Iterator[dict[str, Any]]:
    r"""The rows as dicts, with each column's values of one type.

    As in Label Studio's own import, a column of numbers has ints or floats, one of True and False has bools (in any
    case), and an empty cell is "". Two columns of one name become "a" and "a.1", one without a name "Unnamed: 0". Other
    than there,

    - a column of integers stays one where cells are empty (there 1 becomes 1.0);
    - "NA", "None", "null", "nan" and "inf" are text (there the words are lost, "" takes their place);
    - a column in which a number has a leading zero, a plus sign or more digits than 64 bits hold is text, as it is:
      postal codes, telephone numbers and identifiers (there "007" becomes 7);
    - a row with too few or too many fields is an error (there one too many shifts the row).

    The first pass finds the types, and whatever is wrong: an error comes before the first row.

    Args:
        open_file: opens the file, from its beginning each time.
        separator: None takes a semicolon where the first line has more of them than of commas, and else a comma.

    Raises:
        InvalidInput: for a row that does not fit the header, a quote that is not closed, text that is not UTF-8; with
            the line.
    """
    columns: list[str] = []
    kinds: list[set[str]] = []
    for batch in _batches(open_file, separator, name):
        if not columns:
            columns = _named(batch.pop(0))
            kinds = [set(_PATTERNS) for _ in columns]
        for kind, cells in zip(kinds, zip(*batch, strict=True), strict=False):
            if kind:
                _narrow(kind, cells)
    if not columns:
        raise InvalidInput(f"{name} is empty: there is no header with the columns' names.")
    header = True
    for batch in _batches(open_file, separator, name):
        if header:
            batch.pop(0)
            header = False
        try:
            typed = [_typed(kind, cells) for kind, cells in zip(kinds, zip(*batch, strict=True), strict=bool(batch))]
        except ValueError:
            raise InvalidInput(f"{name} has changed while it was read; read it again.") from None
        for row in zip(*typed, strict=True):
            yield dict(zip(columns, row, strict=True))


def _batches(open_file: Open, separator: str | None, name: str) -> Iterator[list[list[str]]]:
    """Rows of equal length, the header first; blank lines are left out."""
    width = 0
    reader = None
    with open_file() as stream, io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        try:
            first = text.readline()
            found = separator or (";" if first.count(";") > first.count(",") else ",")
            reader = csv.reader(chain([first], text, [_END]), delimiter=found)
            ended = False
            while not ended:
                before = reader.line_num
                rows = _some(reader)
                ended = not rows or rows[-1] == [_END]
                if ended:
                    rows = rows[:-1]
                elif rows[-1] and rows[-1][-1].endswith(_END):
                    line = _line(before, rows[:-1])
                    raise InvalidInput(f"{name}: a quote in the row at line {line:,} is never closed.")
                full = [row for row in rows if row and (len(row) > 1 or not row[0].isspace())]
                width = width or (len(full[0]) if full else 0)
                if any(len(row) != width for row in full):
                    raise InvalidInput(f"{name}{_ragged(before, rows, width, found)}")
                if full:
                    yield full
        except UnicodeDecodeError:
            raise not_utf8(open_file, name) from None
        except csv.Error as error:
            line = reader.line_num if reader else 0
            raise InvalidInput(f"{name}, line {line:,}: {error}. Is a quote never closed?") from None


def _some(reader: Iterator[list[str]]) -> list[list[str]]:
    # The limit is the whole process's and, at 131,072, shorter than many a text to be labeled.
    with _limit:
        usual = csv.field_size_limit(LONGEST)
        try:
            return list(islice(reader, BATCH))
        finally:
            csv.field_size_limit(usual)


def _line(before: int, rows: Sequence[Sequence[str]]) -> int:
    """The line on which the row after these begins."""
    return before + 1 + sum(1 + sum(len(_BREAK.findall(cell)) for cell in row) for row in rows)


def _ragged(before: int, rows: Sequence[Sequence[str]], width: int, separator: str) -> str:
    at, row = next(
        (at, row) for at, row in enumerate(rows) if row and len(row) != width and (len(row) > 1 or not row[0].isspace())
    )
    shown = {"\t": "tabs", ";": "semicolons", ",": "commas"}.get(separator, repr(separator))
    return (
        f", line {_line(before, rows[:at]):,}: {len(row)} fields between {shown}, and the header has {width}. "
        "A field that holds a separator is written in double quotes."
    )


def _named(header: Sequence[str]) -> list[str]:
    """The columns' names, each once."""
    named = [column or f"Unnamed: {position}" for position, column in enumerate(header)]
    taken = set(named)
    unique: dict[str, None] = {}
    for column in named:
        name, count = column, 0
        while name in unique or (count and name in taken):
            count += 1
            name = f"{column}.{count}"
        unique[name] = None
    return list(unique)


def _narrow(kinds: set[str], cells: Sequence[str]) -> None:
    """Takes away the types that these cells do not have."""
    joined = "\n".join(cells) + "\n"
    if joined.count("\n") != len(cells):
        kinds.clear()  # a line break in a cell
        return
    for kind in tuple(kinds):
        if not _PATTERNS[kind].fullmatch(joined) or (kind != "bool" and not _fitting(kind, cells)):
            kinds.discard(kind)


def _fitting(kind: str, cells: Sequence[str]) -> bool:
    """Whether JSON and 64 bits hold these numbers, of which only long ones are in doubt."""
    for cell in cells:
        if len(cell) > 18 or (kind == "float" and "e" in cell.lower()):
            whole = cell.strip(" \t-").isdigit()
            if not (-(2**63) <= int(cell) < 2**63 if whole else isfinite(float(cell or "0"))):
                return False
    return True


def _typed(kinds: set[str], cells: Sequence[str]) -> Sequence[Any]:
    if len(kinds) == len(_PATTERNS):
        return cells  # nothing but empty cells
    if "int" in kinds:
        return [int(cell) if cell else "" for cell in cells]
    if "float" in kinds:
        return [float(cell) if cell else "" for cell in cells]
    if "bool" in kinds:
        return [_BOOLEAN[cell.lower()] for cell in cells]
    return cells
