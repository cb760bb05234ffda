"""Tasks from wherever they are: an iterable, or a file of any of the formats, one after another."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from os import PathLike
from typing import TYPE_CHECKING, Any

import msgspec

from ..core.json import encode
from ..errors import InvalidInput
from .csv_rows import csv_rows
from .json_items import items, lines
from .opening import File, located, not_utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FORMATS = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "txt",
    ".parquet": "parquet",
    ".pq": "parquet",
}
"""The formats by the suffix of the file's name."""

UNDEFINED = "$undefined$"
"""The server's name for the data of a line of text; it becomes the one that the labeling configuration has."""

BATCH = 1000
BATCH_BYTES = 1 << 24
"""Rows of a Parquet file decoded at a time, and about as many bytes of it: a row may hold an image."""

_task = msgspec.json.Decoder(dict[str, Any]).decode


def rows(
    source: Iterable[Mapping[str, Any]] | str | PathLike[str], *, format: str | None = None
) -> Iterator[Mapping[str, Any]]:
    """The source's tasks, one by one; a file is never held as a whole.

    Args:
        source: tasks, which are passed through; or the path or fsspec URL (`s3://…`) of a file of JSON, JSON Lines,
            CSV, TSV, TXT (a task a line, blank ones left out) or Parquet, as it is or as .gz, .bz2, .xz or .zst. Rows
            of a table become `{"data": row}`; Parquet with a struct column `data` holds whole tasks.
        format: "json", "jsonl", "csv", "tsv", "txt" or "parquet", where the file's name does not say it.

    Raises:
        InvalidInput: when there is no such file, its format is unknown, or what it holds is broken, with the place.
    """
    if isinstance(source, (str, PathLike)):
        file = located(source)
        return _READERS[_format(file, format)](file)
    if isinstance(source, Mapping):
        raise InvalidInput("The source is one dict; for one task write [task].")
    given: Any = source  # what types forbid may come all the same
    if isinstance(given, (bytes, bytearray)) or hasattr(given, "read"):
        raise InvalidInput("The source is bytes or an open file; name the file by its path instead.")
    if not isinstance(given, Iterable):
        raise InvalidInput(f"The source is a {type(given).__name__}, and neither tasks nor the path of a file.")
    return iter(source)


def texts(source: Iterable[Any] | str | PathLike[str], *, format: str | None = None) -> Iterator[bytes]:
    """The JSON text of each of the source's tasks, which of a JSON file is not decoded for it.

    Args and errors are those of `rows`. Tasks that are bytes are taken for their own JSON text. NaN and half surrogate
    pairs, which JSON does not have, are as Python writes them, and as a file has them.
    """
    if isinstance(source, (str, PathLike)):
        file = located(source)
        found = _format(file, format)
        if split := {"json": items, "jsonl": lines}.get(found):
            with file.open() as stream:
                yield from split(stream, name=file.name, loose=True)
            return
    given: Iterator[Any] = rows(source, format=format)
    for position, task in enumerate(given):
        yield task if isinstance(task, bytes) else _text(task, position)


def _text(task: Any, position: int) -> bytes:
    try:
        return encode(task, f"Task {position}")
    except InvalidInput:
        with suppress(ValueError, TypeError, RecursionError):
            return json.dumps(task).encode()
        raise


def _format(file: File, format: str | None) -> str:
    found = FORMATS.get(file.suffix) if format is None else format.lower().removeprefix(".")
    found = {"ndjson": "jsonl", "pq": "parquet"}.get(found or "", found)
    if found not in _READERS:
        said = f"Its format {format!r}" if format is not None else f"The format of {file.name}"
        known = ", ".join(repr(one) for one in _READERS)
        raise InvalidInput(f"{said} is not known; say format= one of {known} (or name it {', '.join(FORMATS)}).")
    return found


def _json(file: File) -> Iterator[Mapping[str, Any]]:
    with file.open() as stream:
        yield from _decoded(items(stream, name=file.name), file.name)


def _jsonl(file: File) -> Iterator[Mapping[str, Any]]:
    with file.open() as stream:
        yield from _decoded(lines(stream, name=file.name), file.name)


def _decoded(texts: Iterable[bytes], name: str) -> Iterator[dict[str, Any]]:
    for position, text in enumerate(texts, 1):
        try:
            yield _task(text)
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            raise InvalidInput(
                f"{name} is not UTF-8: there is a byte {byte:#04x} in task {position:,}. Save it as UTF-8."
            ) from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise InvalidInput(f"{name}, task {position:,}: {error}. A task is an object, {{…}}.") from None


def _csv(file: File) -> Iterator[Mapping[str, Any]]:
    return ({"data": row} for row in csv_rows(file.open, separator=None, name=file.name))


def _tsv(file: File) -> Iterator[Mapping[str, Any]]:
    return ({"data": row} for row in csv_rows(file.open, separator="\t", name=file.name))


def _txt(file: File) -> Iterator[Mapping[str, Any]]:
    with file.open() as stream, io.TextIOWrapper(stream, encoding="utf-8-sig") as text:
        try:
            for line in text:
                if not line.isspace():
                    yield {"data": {UNDEFINED: line.removesuffix("\n")}}
        except UnicodeDecodeError:
            raise not_utf8(file.open, file.name) from None


def _parquet(file: File) -> Iterator[Mapping[str, Any]]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise InvalidInput(f'Reading {file.name} needs pyarrow: pip install "labelwire[arrow]".') from None
    with file.open() as stream:
        try:
            table = pq.ParquetFile(stream)
            data = table.schema_arrow.get_field_index("data")
            whole = data >= 0 and pa.types.is_struct(table.schema_arrow.field(data).type)
            for batch in table.iter_batches(batch_size=_batch(table.metadata)):
                for row in batch.to_pylist(maps_as_pydicts="strict"):
                    yield row if whole else {"data": row}
        except pa.ArrowException as error:
            raise InvalidInput(f"{file.name} cannot be read as Parquet: {error}.") from None


def _batch(about: Any) -> int:
    """How many rows to decode at a time, by what the file says of itself."""
    size: int = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
    rows: int = about.num_rows
    return max(1, min(BATCH, BATCH_BYTES * rows // max(size, 1)))


_READERS: dict[str, Callable[[File], Iterator[Mapping[str, Any]]]] = {
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "tsv": _tsv,
    "txt": _txt,
    "parquet": _parquet,
}
