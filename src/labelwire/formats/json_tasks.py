"""Label Studio's own JSON: whole tasks, an array of them or one a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from math import isfinite
from pathlib import Path
from typing import IO, Any, ClassVar

import msgspec
from msgspec.structs import replace

from ..errors import InvalidInput
from ..files.opening import located
from ..files.sources import texts
from ..label_config import LabelConfig
from .batch import Context, Part, counted, decoded
from .inferring import inferred
from .model import Sample
from .output import Output
from .parsing import Parser
from .report import Report
from .schema import Schema

_encode = msgspec.json.Encoder().encode


class JsonWriter:
    """Writes `tasks.json`, or with a split `train.json` and so on: the tasks as they are, but for annotations that do
    not count."""

    OPTIONS: ClassVar[dict[str, Any]] = {}
    suffix = ".json"
    between = (b"[\n", b",\n", b"\n]\n")

    def __init__(self, context: Context) -> None:
        self._splits = tuple(name for name, _ in context.options.split)

    def encode(self, samples: Sequence[Sample], report: Report) -> Part:
        """The part of the output that these samples become."""
        rows: list[tuple[str, bytes]] = []
        for sample in samples:
            rows.append((sample.split, json_text(sample.raw)))
            counted(report, len(sample.annotations), sample.region_count)
        return Part(rows=rows)

    def join(self, parts: Iterable[Part], output: Output, _: Report) -> None:
        """Write the parts to the output."""
        before, comma, after = self.between
        if self._splits and output.is_single:
            raise InvalidInput(f"{output.place} is one file, and a split needs one each: name a folder.")
        with ExitStack() as stack:
            streams: dict[str, IO[bytes]] = {}
            for split in self._splits or ("",):
                streams[split] = stack.enter_context(output.open((split or "tasks") + self.suffix))
                streams[split].write(before)
            begun: set[str] = set()
            for part in parts:
                for split, stream in streams.items():
                    there = [text for where, text in part.rows if where == split]
                    if there:
                        stream.write((comma if split in begun else b"") + comma.join(there))
                        begun.add(split)
            for split, stream in streams.items():
                stream.write(after if split in begun or before else b"")


class JsonLinesWriter(JsonWriter):
    """Writes `tasks.jsonl`, or with a split `train.jsonl` and so on."""

    suffix = ".jsonl"
    between = (b"", b"\n", b"\n")


def json_text(value: Any) -> bytes:
    """The value as JSON. What JSON and UTF-8 do not have is replaced: NaN by null, half a surrogate pair by U+FFFD."""
    try:
        return _encode(value)
    except (UnicodeEncodeError, OverflowError):
        return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":")).encode()


def plain(value: Any) -> Any:
    """The value, without what JSON and UTF-8 do not have."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {plain(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


class JsonReader:
    """Reads tasks as they are."""

    def __init__(self, place: Path, report: Report, *, config: LabelConfig | None = None) -> None:
        self._place = place
        self._report = report
        self.config = config if config is not None else inferred(texts(place))

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether this is a file of Label Studio's tasks."""
        if not place.is_file():
            return False
        try:
            if located(place).suffix not in (".json", ".jsonl", ".ndjson"):
                return False
            first = next(texts(place), b"{}")
            task = decoded(first)
        except (ValueError, RecursionError):
            return False
        return isinstance(task, dict) and isinstance(task.get("data"), dict)

    def samples(self) -> Iterator[Sample]:
        """The tasks, each with all of its annotations and then its predictions."""
        schema = Schema(self.config)
        given, guessed = Parser(schema, skipped=True), Parser(schema, predictions=True)
        for index, text in enumerate(texts(self._place)):
            task = decoded(text)
            sample = given.sample(task, index, self._report)
            if sample is None:
                continue
            more = Report()
            second = guessed.sample(task, index, more)
            more.tasks_in = 0  # it is the same task
            self._report.add(more)
            found = (*sample.annotations, *second.annotations) if second is not None else sample.annotations
            self._report.tasks_out += 1
            self._report.annotations_out += len(found)
            self._report.regions_out += sum(len(one.regions) for one in found)
            yield replace(sample, annotations=found)
