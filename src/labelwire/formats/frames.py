"""Annotations as tables in memory: Arrow, pandas, polars and Hugging Face datasets.

from labelwire import formats

regions = formats.to_pandas("export.json", config="config.xml")
regions.groupby("label").size()

texts = formats.to_datasets("export.json", config="config.xml", split={"train": 0.9, "test": 0.1})
"""

from __future__ import annotations

import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from ..errors import InvalidInput
from .converting import Config, OnReport, Tasks, convert
from .options import Choice
from .tables import Rows

if TYPE_CHECKING:
    import datasets
    import pandas as pd
    import polars as pl
    import pyarrow as pa


def to_arrow(
    tasks: Tasks,
    /,
    *,
    config: Config | None = None,
    rows: Rows = "regions",
    progress: OnReport | None = None,
    workers: int | None = None,
    **choice: Unpack[Choice],
) -> pa.Table:
    """An Arrow table of tasks as Label Studio writes them.

    Args:
        rows: what a row is: "regions" (the default: a region or an answer), "annotations" (with lists of both) or
            "tasks" (with lists of annotations). The columns are those of `labelwire.formats.tables`.
        progress: is told the report so far, after each batch; it has what was left out.

    The other arguments, and the errors, are those of `convert`.
    """
    arrow = _imported("pyarrow", "arrow")
    options: dict[str, Any] = {**choice, "rows": rows}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "table.arrow"
        convert(tasks, "arrow", place, config=config, progress=progress, workers=workers, **options)
        with arrow.OSFile(str(place)) as file, arrow.ipc.open_file(file) as reader:
            return reader.read_all()


def to_pandas(tasks: Tasks, /, **choice: Any) -> pd.DataFrame:
    """A pandas frame. Numbers and truth values that may be missing keep their kind: Int64, boolean.

    The arguments, and the errors, are those of `to_arrow`.
    """
    pandas, arrow = _imported("pandas", "pandas"), _imported("pyarrow", "arrow")
    kinds = {arrow.int64(): pandas.Int64Dtype(), arrow.bool_(): pandas.BooleanDtype()}
    frame: pd.DataFrame = to_arrow(tasks, **choice).to_pandas(types_mapper=kinds.get)
    return frame


def to_polars(tasks: Tasks, /, **choice: Any) -> pl.DataFrame:
    """A polars frame; the arguments, and the errors, are those of `to_arrow`."""
    frame: pl.DataFrame = _imported("polars", "polars").from_arrow(to_arrow(tasks, **choice))
    return frame


def to_datasets(
    tasks: Tasks,
    /,
    *,
    config: Config | None = None,
    progress: OnReport | None = None,
    workers: int | None = None,
    **choice: Unpack[Choice],
) -> datasets.Dataset | datasets.DatasetDict:
    """A Hugging Face dataset in memory, or one for each split, with the columns of the format "hf".

    Images, sounds and videos are there by their addresses; where these are paths of files here,
    `.cast_column("image", datasets.Image())` opens them. The arguments, and the errors, are those of `convert`.
    """
    hugging_face, parquet = _imported("datasets", "datasets"), _imported("pyarrow.parquet", "arrow")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "dataset"
        convert(tasks, "hf", place, config=config, progress=progress, workers=workers, **choice)
        names = tuple(choice.get("split") or ()) or ("train",)
        found = {name: hugging_face.Dataset(parquet.read_table(place / "data" / f"{name}.parquet")) for name in names}
    return hugging_face.DatasetDict(found) if choice.get("split") else found["train"]


def _imported(package: str, extra: str) -> Any:
    try:
        return import_module(package)
    except ImportError:
        raise InvalidInput(f'This needs {package}: pip install "labelwire[{extra}]".') from None
