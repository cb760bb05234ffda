"""Tables as tasks: CSV, TSV, JSON_MIN, JSON Lines and Parquet, with columns that hold what a control says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import msgspec
from msgspec import Struct

from ..errors import InvalidInput
from ..files.sources import rows
from ..label_config import LabelConfig
from .inferring import inferred, tag_of
from .json_min import ABOUT
from .json_tasks import json_text
from .model import Sample
from .parsing import Parser
from .report import Report
from .schema import Schema

Row: TypeAlias = Mapping[str, Any]

_VALUES = {
    "choices": "choices",
    "taxonomy": "taxonomy",
    "textarea": "text",
    "number": "number",
    "rating": "rating",
    "datetime": "datetime",
    "pairwise": "selected",
    "ranker": "ranker",
}
"""By the type of a control, the key of its results' value that has the answer."""

_LISTS = frozenset({"choices", "taxonomy", "textarea"})
_NOT_DATA = frozenset({*ABOUT, "agreement", "history", "split"})


class Asked(Struct, frozen=True):
    """A control that a column belongs to."""

    type: str
    object: str


class TableReader:
    """Reads a table: a column of a control's name holds what that says, the others are the task's data.

    The rows of one task that CSV, TSV and JSON_MIN have for its annotations become one task again. Without a
    configuration, one is made: for the first column that a tag can show, with the choices that are in the columns
    `labels`, by default in a column "label".
    """

    SUFFIXES: ClassVar[frozenset[str]] = frozenset({".jsonl", ".ndjson", ".json", ".txt"})

    def __init__(
        self,
        place: Path,
        report: Report,
        *,
        config: LabelConfig | None = None,
        labels: Sequence[str] | None = None,
    ) -> None:
        self._place = place
        self._report = report
        first = next(self._rows(), {})
        if isinstance(labels, str) or any(name not in first for name in labels or ()):
            raise InvalidInput(f"labels are names of columns, and not {labels!r}; there are: {', '.join(first)}.")
        if config is None:
            names = labels if labels is not None else [name for name in ("label",) if name in first]
            shown = next((key for key, value in first.items() if key not in names and tag_of(value)), "")
            asked = {name: Asked("choices", shown) for name in names if shown}
            config = inferred(json_text(task) for task in self._tasks(asked))
        self._asked = asked_of(config)
        self._parser = Parser(Schema(config), skipped=True)
        self.config = config

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether this is such a table, by its name and its first row."""
        if not place.is_file() or place.suffix.lower() not in cls.SUFFIXES:
            return False
        try:
            return isinstance(next(rows(place), None), Mapping)
        except InvalidInput:
            return False

    def samples(self) -> Iterator[Sample]:
        """The rows as tasks."""
        for index, task in enumerate(self._tasks(self._asked)):
            sample = self._parser.sample(task, index, self._report)
            if sample is not None:
                self._report.tasks_out += 1
                self._report.annotations_out += len(sample.annotations)
                self._report.regions_out += sum(len(one.regions) for one in sample.annotations)
                yield sample

    def _rows(self) -> Iterator[Row]:
        for row in rows(self._place):
            data = row.get("data") if len(row) == 1 else None
            yield data if isinstance(data, Mapping) else row

    def _tasks(self, asked: Mapping[str, Asked]) -> Iterator[dict[str, Any]]:
        """The tasks as Label Studio writes them."""
        for (task, _), some in groupby(enumerate(self._rows()), _same_task):
            there = [row for _, row in some]
            of_ours = "annotation_id" in there[0]  # and a key that a task does not have is an empty cell
            without = {*asked, *(_NOT_DATA | {"id"} if of_ours else ())}
            data = {
                key.removeprefix("_data_") if of_ours else key: one
                for key, one in there[0].items()
                if key not in without and not (of_ours and one in ("", None))
            }
            annotations = [one for row in there if (one := _annotation(row, asked, of_ours=of_ours)) is not None]
            yield {**({"id": task} if task is not None else {}), "data": data, "annotations": annotations}


class JsonMinReader(TableReader):
    """Reads JSON_MIN."""

    SUFFIXES = frozenset({".json"})

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether this is such a file, by what its first object has."""
        return super().fits(place) and "annotation_id" in next(rows(place), {})


class CsvReader(TableReader):
    """Reads CSV."""

    SUFFIXES = frozenset({".csv"})


class TsvReader(TableReader):
    """Reads TSV."""

    SUFFIXES = frozenset({".tsv"})


class ParquetReader(TableReader):
    """Reads Parquet."""

    SUFFIXES = frozenset({".parquet", ".pq"})


def asked_of(config: LabelConfig) -> dict[str, Asked]:
    """The controls of a configuration by name."""
    return {name: Asked(control.type, next(iter(control.to_name), "")) for name, control in config.controls.items()}


def _same_task(numbered: tuple[int, Row]) -> tuple[int | None, int]:
    """What rows of one task have in common: its id, where they are of the server; else each is a task."""
    number, row = numbered
    task = row.get("id")
    return (task, -1) if "annotation_id" in row and type(task) is int else (None, number)


def _annotation(row: Row, asked: Mapping[str, Asked], *, of_ours: bool) -> dict[str, Any] | None:
    result = [item for name, control in asked.items() for item in items_of(name, control, row.get(name))]
    if not result and (not of_ours or row.get("annotation_id") in (None, "")):
        return None
    about: dict[str, Any] = {"result": result}
    if of_ours:
        about |= {
            "id": row.get("annotation_id"),
            "completed_by": row.get("annotator"),
            **{name: row.get(name) for name in ("created_at", "updated_at", "lead_time")},
        }
    return about


def items_of(name: str, control: Asked, cell: Any) -> Iterator[dict[str, Any]]:
    """The results that a cell holds: the answer itself, its value as JSON, or a list of values."""
    if cell is None or cell == "" or cell == []:
        return
    if isinstance(cell, str) and cell[:1] in ("[", "{"):
        with suppress(msgspec.DecodeError):  # a text that begins so
            cell = msgspec.json.decode(cell)
    values = cell if isinstance(cell, list) and cell and isinstance(cell[0], Mapping) else [cell]
    for value in values:
        item: dict[str, Any] = {"from_name": name, "to_name": control.object, "type": control.type}
        if isinstance(value, Mapping):
            sizes = {key: value[key] for key in ("original_width", "original_height") if key in value}
            yield {**item, **sizes, "value": {key: one for key, one in value.items() if key not in sizes}}
        elif key := _VALUES.get(control.type):
            if control.type in _LISTS and not isinstance(value, list):
                value = [str(value)]
            yield {**item, "value": {key: value}}
