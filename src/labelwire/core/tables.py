"""Listings as tables of pandas, polars and Arrow. What is named `…_at` and holds dates becomes dates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..errors import InvalidInput
from .json import encode
from .model import Model
from .shapes import EXACT, Mixed, Shape, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import polars as pl
    import pyarrow as pa


def to_pandas(rows: Iterable[Mapping[str, Any] | Model]) -> pd.DataFrame:
    """The rows as a DataFrame; fields of `data` are columns such as `data.text`, nested lists and dicts stay objects.

    Columns stand in the order in which they first come. Dates are UTC. Integers stay integers where some are missing
    (as `Int64`).

    Raises:
        InvalidInput: when pandas is not installed, or a row is no dict.
    """
    try:
        import pandas as pd
    except ImportError:
        raise _missing("pandas", "pandas") from None
    frame: dict[str, Any] = {}
    for name, values in _columns(rows).items():
        moments = _moments(values) if name.endswith("_at") else None
        if moments is not None:
            frame[name] = pd.Series(moments, dtype="datetime64[us, UTC]")
        else:
            frame[name] = pd.Series(values, dtype=_pandas_type(values))
    return pd.DataFrame(frame)


def to_polars(rows: Iterable[Mapping[str, Any] | Model]) -> pl.DataFrame:
    """The rows as a polars DataFrame; see `to_arrow` for its columns.

    Raises:
        InvalidInput: when polars is not installed, or a row is no dict.
    """
    try:
        import polars as pl
    except ImportError:
        raise _missing("polars", "polars") from None
    frame: list[pl.Series] = []
    for name, values in _columns(rows).items():
        moments = _moments(values) if name.endswith("_at") else None
        if moments is not None:
            frame.append(pl.Series(name, moments, dtype=pl.Datetime("us", "UTC")))
            continue
        try:
            frame.append(_series(name, values, shape_of(values)))
        except (Mixed, UnicodeEncodeError):
            frame.append(pl.Series(name, _texts(values), dtype=pl.String))
    return pl.DataFrame(frame)


def to_arrow(rows: Iterable[Mapping[str, Any] | Model]) -> pa.Table:
    """The rows as an Arrow table; fields of `data` are columns such as `data.text`, dates are UTC.

    Columns stand in the order in which they first come. Lists and objects become nested types, an object's fields being
    all that any row has, without those that are empty objects in every row. A column whose values have no type in
    common is JSON text.

    Raises:
        InvalidInput: when pyarrow is not installed, or a row is no dict.
    """
    try:
        import pyarrow as pa
    except ImportError:
        raise _missing("pyarrow", "arrow") from None
    table: dict[str, Any] = {}
    for name, values in _columns(rows).items():
        moments = _moments(values) if name.endswith("_at") else None
        if moments is not None:
            table[name] = pa.array(moments, pa.timestamp("us", "UTC"))
            continue
        try:
            table[name] = pa.array(values, _arrow_type(shape_of(values)))
        except (Mixed, UnicodeEncodeError):
            table[name] = pa.array(_texts(values), pa.string())
    return pa.table(table)


def _missing(package: str, extra: str) -> InvalidInput:
    return InvalidInput(f'This needs {package}: pip install "labelwire[{extra}]".')


def _columns(rows: Iterable[Mapping[str, Any] | Model]) -> dict[str, list[Any]]:
    """The columns' values, None where a row lacks them; those of `data` stand together in its place."""
    outer: dict[str, list[Any]] = {}
    inner: dict[str, list[Any]] = {}
    count = 0
    for count, row in enumerate(rows, 1):
        raw = row.raw if isinstance(row, Model) else row
        if not isinstance(raw, Mapping):
            raise InvalidInput(f"Row {count:,} is a {type(raw).__name__}; a table is made of dicts or models.")
        for name, value in raw.items():
            if name == "data" and isinstance(value, Mapping):
                outer.setdefault("data", [])
                for field, item in value.items():
                    _put(inner.setdefault(f"data.{field}", []), count, item)
            else:
                _put(outer.setdefault(name, []), count, value)
    columns: dict[str, list[Any]] = {}
    for name, values in outer.items():
        if name == "data":
            columns.update(inner)
        if values:
            columns[name] = values
    for values in columns.values():
        values.extend([None] * (count - len(values)))
    return columns


def _put(column: list[Any], count: int, value: Any) -> None:
    column.extend([None] * (count - 1 - len(column)))
    column.append(value)


def _moments(values: list[Any]) -> list[datetime | None] | None:
    """The dates of a column, or None when not all of it are dates."""
    moments: list[datetime | None] = []
    for value in values:
        if value is not None:
            try:
                moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
            except (TypeError, ValueError):
                return None
            moments.append(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
        else:
            moments.append(None)
    return moments


def _texts(values: list[Any]) -> list[str | None]:
    return [None if value is None else _text(value) for value in values]


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which only the escaped form can say
        return json.dumps(value, default=str)
    return text


def _pandas_type(values: list[Any]) -> str | None:
    kinds = {type(value) for value in values}
    missing = type(None) in kinds
    kinds.discard(type(None))
    if kinds == {str}:
        return None  # pandas has its own mind about text, one that depends on its version
    if kinds == {bool}:
        return "boolean" if missing else "bool"
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in values if value is not None):
        return "Int64" if missing else "int64"
    if kinds == {float} or (
        kinds == {int, float} and all(-EXACT <= value <= EXACT for value in values if type(value) is int)
    ):
        return "float64"
    return "object"


def _series(name: str, values: list[Any], shape: Shape) -> pl.Series:
    """The values as a Series of the shape's type."""
    import polars as pl

    if isinstance(shape, (list, dict)):
        with suppress(InvalidInput):  # NaN has no JSON
            # polars reads nested values fifteen times faster from JSON than from Python's objects.
            texts = [None if value is None else encode(value).decode() for value in values]
            return pl.Series(name, texts, dtype=pl.String).str.json_decode(_polars_type(shape))
    # Not strict, for 1 to become 1.0 inside lists and objects; the shape has shown that nothing else changes.
    return pl.Series(name, values, dtype=_polars_type(shape), strict=False)


def _arrow_type(shape: Shape) -> Any:
    import pyarrow as pa

    if isinstance(shape, list):
        return pa.list_(_arrow_type(shape[0]))
    if isinstance(shape, dict):
        return pa.struct([(field, _arrow_type(item)) for field, item in shape.items()])
    plain = {"bool": pa.bool_(), "int": pa.int64(), "long": pa.int64(), "float": pa.float64(), "text": pa.string()}
    return plain[shape] if shape else pa.null()


def _polars_type(shape: Shape) -> Any:
    import polars as pl

    if isinstance(shape, list):
        return pl.List(_polars_type(shape[0]))
    if isinstance(shape, dict):
        return pl.Struct({field: _polars_type(item) for field, item in shape.items()})
    plain = {"bool": pl.Boolean, "int": pl.Int64, "long": pl.Int64, "float": pl.Float64, "text": pl.String}
    return plain[shape] if shape else pl.Null
