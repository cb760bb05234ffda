"""A dataset that Hugging Face's `datasets.load_dataset(folder)` loads as it is, with classes, splits and a card."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import IO, Any, ClassVar, TypeAlias

import msgspec
import pyarrow as pa

from ..errors import InvalidInput
from .batch import Context, Part, counted
from .hugging_face_columns import NO_COLUMN, Feature, free, groups_of, questions_of, tags_of, value
from .json_tasks import json_text, plain
from .model import Annotation, Sample
from .output import Output
from .report import Report
from .tables import whole

Row: TypeAlias = dict[str, Any]

NO_ANSWER = "an answer that the dataset has no column for"
SECOND = "a second answer to a question"
RELATION = "a relation between regions, for which the dataset has no column"
TURNED = "Of boxes that are turned, bbox is the upright one around."

GROUP = 1000
"""Rows of a row group."""

FILES = frozenset({"image", "audio", "video"})

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


class HuggingFaceWriter:
    """Writes `data/train.parquet`, or one of each split, and the card `README.md`.

    A row is a task with one annotation: `id`, what the task shows, and by the configuration

    - `width` and `height` of an image in pixels, and `objects`: lists `bbox` (x, y, width, height in pixels),
      `category` and, where there are polygons, `segmentation` (x, y, x, y … in pixels);
    - `entities` of a text: lists `start`, `end` (code points), `label`, `text`; and `tokens` with their `ner_tags`;
    - `segments` of a sound or video: lists `start`, `end` (seconds), `label`;
    - a column for each control that asks about the whole task: a class or a list of classes, text or a number.

    With media it writes the folder of images, sounds or videos that `datasets` knows, `data/NAME` or
    `data/train/NAME`, with `metadata.jsonl`, in which classes are words.
    """

    OPTIONS: ClassVar[dict[str, Any]] = {}
    MEDIA = "data"

    def __init__(self, context: Context) -> None:
        schema = context.schema
        self._main = main = context.shown
        self._as_files = context.with_media and main is not None and main.type in FILES
        self._splits = tuple(name for name, _ in context.options.split)
        for name in self._splits:
            if not re.fullmatch(r"\w+", name):
                raise InvalidInput(f"{name!r} is no name of a split for Hugging Face: letters, digits and _ only.")
        taken = {"id", "file_name"}
        self._shown = {free(one.key, taken): one for one in schema.objects.values() if one.path}
        self._groups = groups_of(context, taken)
        self._tags = tags_of(schema, self._groups, taken)
        self._questions = questions_of(schema, taken)
        self._sizes = main is not None and main.type == "image" and taken.isdisjoint(("width", "height"))
        self.features: dict[str, Feature] = {
            "id": value("int64"),
            **{name: value("string") for name, shown in self._shown.items() if not (self._as_files and shown is main)},
            **({"width": value("int64"), "height": value("int64")} if self._sizes else {}),
            **{one.column: one.feature for one in self._groups.values()},
            **(self._tags.features if self._tags is not None else {}),
            **{one.column: one.feature for one in self._questions.values()},
        }

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """The rows, each with its split: as lists of cells, or as lines of `metadata.jsonl`."""
        rows: list[tuple[str, Row]] = []
        for sample in samples:
            written = 0
            for annotation in sample.annotations or (Annotation(),):
                row = self._of_task(sample)
                written += self._of_annotation(row, sample, annotation, report)
                rows.append((sample.split, row))
            counted(report, len(sample.annotations), written)
        if self._as_files:
            return Part(rows=[(split, json_text(row) + b"\n") for split, row in rows])
        lists = [(split, [_listed(row.get(name)) for name in self.features]) for split, row in rows]
        try:
            return Part(rows=_pack(lists))
        except UnicodeEncodeError:
            return Part(rows=_pack(plain(lists)))

    def join(self, parts: Iterable[Part], output: Output, _: Report) -> None:
        """Write the rows of each split, and the card."""
        with ExitStack() as stack:
            if self._as_files:
                self._lines(parts, output, stack)
            else:
                self._tables(parts, output, stack)
        output.write("README.md", self._card().encode("utf-8", "replace"))

    def _lines(self, parts: Iterable[Part], output: Output, stack: ExitStack) -> None:
        streams = {
            split: stack.enter_context(output.open(f"data/{split}/metadata.jsonl" if split else "data/metadata.jsonl"))
            for split in self._splits or ("",)
        }
        for part in parts:
            for split, line in part.rows:
                streams[split].write(line)

    def _tables(self, parts: Iterable[Part], output: Output, stack: ExitStack) -> None:
        sinks = {
            split: _Sink(stack.enter_context(output.open(f"data/{split or 'train'}.parquet")), self.features)
            for split in self._splits or ("",)
        }
        for part in parts:
            for split, cells in _unpack(part.rows):
                sinks[split].add(cells)
        for sink in sinks.values():
            sink.close()

    def _of_task(self, sample: Sample) -> Row:
        """The cells of what a task shows."""
        row: Row = {"id": whole(sample.id)}
        main = sample.media.get(self._main.name) if self._main is not None else None
        if self._as_files:
            row["file_name"] = main.name if main is not None else None
        for name, shown in self._shown.items():
            if name in self.features:
                given = shown.of(sample.data)
                row[name] = given if given is None or isinstance(given, str) else json_text(given).decode()
        if self._sizes and main is not None:
            row["width"], row["height"] = main.width, main.height
        return row

    def _of_annotation(self, row: Row, sample: Sample, annotation: Annotation, report: Report) -> int:
        """Put the cells of an annotation into the row; how many regions they hold."""

        def leave_out(reason: str, region: str | None, detail: str) -> None:
            report.leave_out(reason, sample.id, sample.index, annotation=annotation.id, region=region, detail=detail)

        for group in self._groups.values():
            row[group.column] = {name: [] for name in group.lists}
        written = 0
        for region in annotation.regions:
            there = self._groups.get(region.object)
            reason = NO_COLUMN
            if there is not None:
                reason = there.add(region, row[there.column], words=self._as_files)
            if reason:
                leave_out(reason, region.id, ", ".join((region.type, *region.labels)))
            written += not reason
            if getattr(region.shape, "rotation", 0.0):
                report.note(TURNED)
        if self._tags is not None:
            text = self._shown_text(self._tags.object, sample)
            if text is not None:
                row |= self._tags.cells(text, annotation.regions)
        for reply in annotation.replies:
            question = self._questions.get(reply.control) if reply.region is None else None
            cell = question.cell(reply, words=self._as_files) if question is not None else None
            if question is None or cell is None or question.column in row:
                leave_out(SECOND if cell is not None else NO_ANSWER, reply.region, f"{reply.control} ({reply.type})")
            else:
                row[question.column] = cell
        for relation in annotation.relations:
            leave_out(RELATION, None, f"{relation.source} to {relation.target}")
        return written

    def _shown_text(self, name: str, sample: Sample) -> str | None:
        shown = next(one for one in self._shown.values() if one.name == name)
        text = shown.of(sample.data)
        return text if isinstance(text, str) and shown.value_type != "url" else None

    def _card(self) -> str:
        """What tells `load_dataset` the splits."""
        lines = ["---", "configs:", "- config_name: default", "  data_files:"]
        for split in self._splits or ("train",):
            path = f"{split}.parquet" if not self._as_files else f"{split}/**" if self._splits else "**"
            lines += [f"  - split: {split}", f"    path: data/{path}"]
        lines += ["---", "", "Labeled with Label Studio. Columns:", "", *(f"- `{name}`" for name in self.features), ""]
        return "\n".join(lines)


class _Sink:
    """A Parquet file that rows are added to; its metadata tells `datasets` the features."""

    def __init__(self, stream: IO[bytes], features: Mapping[str, Feature]) -> None:
        import pyarrow.parquet as pq

        told = json_text({"info": {"features": features}})
        fields = [pa.field(name, _arrow(feature)) for name, feature in features.items()]
        self._schema = pa.schema(fields, metadata={"huggingface": told})
        self._writer = pq.ParquetWriter(stream, self._schema, compression="zstd")
        self._rows: list[Sequence[Any]] = []

    def add(self, cells: Sequence[Any]) -> None:
        """A row."""
        self._rows.append(cells)
        if len(self._rows) == GROUP:
            self._write()

    def close(self) -> None:
        """Write what is left, and the end of the file."""
        if self._rows:
            self._write()
        self._writer.close()

    def _write(self) -> None:
        columns = zip(*self._rows, strict=True)
        arrays = [_array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        self._rows = []


def _arrow(feature: Feature) -> Any:
    """How a column is stored."""
    match feature.get("_type"):
        case "Value":
            return pa.type_for_alias(feature["dtype"])
        case "ClassLabel":
            return pa.int64()
        case "Sequence":
            return pa.list_(_arrow(feature["feature"]))
        case _:
            return pa.struct([pa.field(name, _arrow(inner)) for name, inner in feature.items()])


def _listed(cell: Any) -> Any:
    return list(cell.values()) if isinstance(cell, dict) else cell


def _array(cells: Sequence[Any], kind: Any) -> Any:
    """An array; of structs, each given as the list of its fields."""
    if not pa.types.is_struct(kind):
        return pa.array(cells, kind)
    arrays = [pa.array(column, field.type) for column, field in zip(zip(*cells, strict=True), kind, strict=True)]
    return pa.StructArray.from_arrays(arrays, fields=list(kind))
