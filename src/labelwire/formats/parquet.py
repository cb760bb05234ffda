"""Parquet and Arrow: a row for each region, annotation or task, in typed columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import IO, Any, ClassVar, TypeAlias, get_args

import msgspec
import pyarrow as pa

from ..errors import InvalidInput
from .batch import Context, Part
from .json_tasks import json_text, plain
from .model import Sample
from .output import Output
from .report import Report
from .tables import OF_ANNOTATIONS, OF_REGIONS, OF_RELATIONS, Rows, rows_of, whole

Row: TypeAlias = tuple[int | None, str, Mapping[str, Any], Sequence[Any]]
"""A task's id, split and data, and the cells of one of its rows."""

GROUP = 8192
"""Rows of a row group, or record batch."""

GROUP_BYTES = 32 << 20
"""What the texts of one may have in all, about."""

TASK = "task"

BOOL, INT, FLOAT, STRING, OTHER = 1, 2, 4, 8, 16
"""The kinds of values that a key of the data has, added up."""

_KINDS: dict[type, int] = {bool: BOOL, float: FLOAT, str: STRING, type(None): 0}

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


class ParquetWriter:
    """Writes `regions.parquet`, `annotations.parquet` or `tasks.parquet`.

    `rows` says what a row is. Each has `task`, the keys of the task's data, and `labelwire.formats.tables`' columns. A
    key of the data that is the name of another column is called `data_KEY`. One whose values are not all strings, all
    numbers or all truth values is text: strings as they are, and JSON.
    """

    OPTIONS: ClassVar[dict[str, Any]] = {"rows": "regions"}
    suffix = ".parquet"

    def __init__(self, context: Context) -> None:
        self._rows: Rows = context.own["rows"]
        if self._rows not in get_args(Rows):
            raise InvalidInput(f"rows is {self._rows!r}; it is one of: {', '.join(map(repr, get_args(Rows)))}.")
        self._split = bool(context.options.split)

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """The rows of each task, and what kinds of values each key of the data has."""
        kinds: dict[str, int] = {}
        tasks = []
        for sample in samples:
            rows = rows_of(sample, self._rows, report)
            if not rows:
                continue
            data = {}
            for key, value in sample.data.items():
                kind = _KINDS.get(type(value))
                if kind is None:
                    kind = INT if whole(value) is not None else OTHER
                    if kind == OTHER:
                        value = json_text(value).decode()
                kinds[key] = kinds.get(key, 0) | kind
                data[key] = value
            tasks.append((_packed((whole(sample.id), sample.split, data)), len(rows), _packed(rows)))
        return Part(rows=(plain(kinds), _pack(tasks)))

    def join(self, parts: Iterable[Part], output: Output, _: Report) -> None:
        """Which columns there are is known at the end: until then, the rows wait on disk."""
        kinds: dict[str, int] = {}
        with output.spool() as spool:
            for part in parts:
                found, packed = part.rows
                for key, kind in found.items():
                    kinds[key] = kinds.get(key, 0) | kind
                spool.write(len(packed).to_bytes(8, "big") + packed)
            spool.seek(0)
            columns = Columns(self._rows, kinds, split=self._split)
            with output.open(self._rows + self.suffix) as stream, self._sink(stream, columns.schema) as sink:
                for group in _groups(spool):
                    sink.write_batch(columns.batch(group))

    def _sink(self, stream: IO[bytes], schema: Any) -> Any:
        import pyarrow.parquet as pq

        return pq.ParquetWriter(stream, schema, compression="zstd")


class ArrowWriter(ParquetWriter):
    """Writes `regions.arrow`, `annotations.arrow` or `tasks.arrow`, with the columns of `ParquetWriter`."""

    suffix = ".arrow"

    def _sink(self, stream: IO[bytes], schema: Any) -> Any:
        return pa.ipc.new_file(stream, schema)


class Columns:
    """The columns of a table, and batches of them.

    Args:
        kinds: the keys of the data, with the kinds of their values.
        split: whether a column says where a task is put by a split.
    """

    def __init__(self, rows: Rows, kinds: Mapping[str, int], *, split: bool) -> None:
        own = _fields(rows)
        head = [pa.field(TASK, pa.int64()), *([pa.field("split", pa.string())] if split else [])]
        taken = {field.name for field in (*head, *own)}
        self._keys = {key: _type(kind) for key, kind in kinds.items()}
        named = []
        for key, kind in self._keys.items():
            name = key
            while name in taken:
                name = f"data_{name}"
            taken.add(name)
            named.append(pa.field(name, kind))
        self._split = split
        self._own = own
        self.schema = pa.schema([*head, *named, *own])

    def batch(self, group: Sequence[Row]) -> Any:
        """A record batch of rows."""
        ids, splits, data, cells = zip(*group, strict=True)
        arrays = [pa.array(ids, pa.int64()), *([pa.array(splits, pa.string())] if self._split else [])]
        for key, kind in self._keys.items():
            values = [one.get(key) for one in data]
            if kind == pa.string():
                values = [one if one is None or type(one) is str else json_text(one).decode() for one in values]
            arrays.append(pa.array(values, kind, from_pandas=True))
        arrays += map(_array, zip(*cells, strict=True), (field.type for field in self._own))
        return pa.record_batch(arrays, schema=self.schema)


def _fields(rows: Rows) -> list[Any]:
    """The columns besides those of the task."""
    regions, annotation = _plain(OF_REGIONS), _plain(OF_ANNOTATIONS)
    if rows == "regions":
        return annotation + regions
    nested = [("regions", regions), ("relations", _plain(OF_RELATIONS))]
    annotation += [pa.field(name, pa.list_(pa.struct(fields))) for name, fields in nested]
    return annotation if rows == "annotations" else [pa.field("annotations", pa.list_(pa.struct(annotation)))]


def _plain(columns: Mapping[str, str]) -> list[Any]:
    types = {
        "int": pa.int64(),
        "float": pa.float64(),
        "bool": pa.bool_(),
        "string": pa.string(),
        "strings": pa.list_(pa.string()),
        "points": pa.list_(pa.list_(pa.float64())),
    }
    return [pa.field(name, types[kind]) for name, kind in columns.items()]


def _type(kind: int) -> Any:
    return {BOOL: pa.bool_(), INT: pa.int64(), FLOAT: pa.float64(), INT | FLOAT: pa.float64()}.get(kind, pa.string())


def _array(values: Sequence[Any], kind: Any) -> Any:
    """An array; of lists of structs, each given as the sequence of its cells, by way of their columns."""
    if not (pa.types.is_list(kind) and pa.types.is_struct(kind.value_type)):
        return pa.array(values, kind)
    inner = list(kind.value_type)
    flat = [one for some in values for one in some]
    columns = zip(*flat, strict=True) if flat else [()] * len(inner)
    structs = pa.StructArray.from_arrays(
        [_array(column, field.type) for column, field in zip(columns, inner, strict=True)], fields=inner
    )
    ends = accumulate((len(some) for some in values), initial=0)
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), structs, type=kind)


def _packed(value: Any) -> bytes:
    try:
        return _pack(value)
    except UnicodeEncodeError:  # half a surrogate pair
        return _pack(plain(value))


def _groups(spool: IO[bytes]) -> Iterator[list[Row]]:
    """All rows, as many at a time as a row group has: that does not depend on the batches."""
    group: list[Row] = []
    size = 0
    while head := spool.read(8):
        for about, count, rows in _unpack(spool.read(int.from_bytes(head, "big"))):
            task, split, data = _unpack(about)
            weight = len(about) + len(rows) // count
            for cells in _unpack(rows):
                group.append((task, split, data, cells))
                size += weight
                if len(group) >= GROUP or size >= GROUP_BYTES:
                    yield group
                    group, size = [], 0
    if group:
        yield group
