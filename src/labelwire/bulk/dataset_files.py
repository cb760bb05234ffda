"""The tasks of a dataset on their way to a server: those with a file of theirs here, and the others."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from ..core.operation import Flow
from ..formats.media import FILES
from ..formats.schema import Schema
from .media import bring, target_of
from .media_files import Media, look
from .report import OnProgress, Report

if TYPE_CHECKING:
    from ..formats.dataset import Dataset

KINDS = frozenset({*FILES, "hypertext", "text", "timeseries"})
"""Tags whose value may be the address of a file."""

NO_FILE = "a task whose file is not there"
OUTSIDE = "a task whose file is outside of the dataset's folder"
SEVERAL = "a task with several files"
UNFIT = "an annotation that does not fit the labeling configuration"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class DatasetFiles:
    """A dataset's tasks, sorted: iterated, it gives the files of those that have one.

    It is what `Incoming` is for files that were named one by one.

    Attributes:
        key: the data key of the files.
        count: how many tasks have a file here.
        others: how many have none and need none.
    """

    def __init__(self, dataset: Dataset, roots: Sequence[Path]) -> None:
        self.key = ""
        self.count = 0
        self.others = 0
        self._dataset = dataset
        self._roots = [Path(os.path.normpath(root.absolute())) for root in roots]
        self._schema = Schema(dataset.config)
        self._with_file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - until close()
        self._without: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._results: dict[int, dict[str, Any]] = {}

    def begin(self) -> None:
        """Read the whole dataset."""
        shown = [one for one in self._schema.objects.values() if one.type in KINDS and one.key]
        for index, task in enumerate(self._dataset.tasks()):
            self._fit(task, index)
            found = {one.key: task["data"].get(one.key) for one in shown}
            named = {key: value for key, value in found.items() if self._may_be_file(value)}
            files = {key: file for key, value in named.items() if (file := self._file(value)) is not None}
            reason, detail = "", ""
            if len(files) > 1 or (files and self.key not in ("", *files)):
                reason, detail = SEVERAL, ", ".join(files)
            elif not files and (lost := [one for one in shown if one.key in named and one.type in FILES]):
                value = str(named[lost[0].key])
                reason, detail = OUTSIDE if self._leads_out(value) else NO_FILE, value[:200]
            if reason:
                self._dataset.report.leave_out(reason, None, index, detail=detail)
                self._dataset.report.tasks_out -= 1
                continue
            if not files:
                self._without.write(_encode(task) + b"\n")
                self.others += 1
                continue
            ((self.key, file),) = files.items()
            self._with_file.write(_encode((os.fspath(file), task)) + b"\n")
            self.count += 1

    def rest(self) -> Iterator[dict[str, Any]]:
        """The tasks that need no file."""
        self._without.seek(0)
        for line in self._without:
            yield _decode(line)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Media]:
        self._with_file.seek(0)
        for position, line in enumerate(self._with_file):
            file, task = _decode(line)
            more = {key: value for key, value in task["data"].items() if key != self.key}
            whole = {
                "annotations": task.get("annotations"),
                "predictions": task.get("predictions"),
                "data": more,
                "meta": task.get("meta"),
            }
            # Whoever reads is one file ahead at most.
            self._results.pop(position - 2, None)
            self._results[position] = {name: value for name, value in whole.items() if value}
            yield look(file, position)

    def results_of(self, media: Media) -> dict[str, Any]:
        """What belongs to a file that was given last or before."""
        return self._results[media.position]

    def check(self) -> None:
        """Nothing is left to be looked at."""

    def unused(self) -> list[str]:
        """Every task has its own file."""
        return []

    def close(self) -> None:
        """Forget them all."""
        self._with_file.close()
        self._without.close()

    def _fit(self, task: dict[str, Any], index: int) -> None:
        """Leave out annotations and predictions that the server would not show."""
        config = self._dataset.config
        if not config.controls:
            return
        for kind in ("annotations", "predictions"):
            kept = []
            for one in task.get(kind) or ():
                problems = config.problems(one["result"])
                if problems:
                    self._dataset.report.leave_out(UNFIT, None, index, detail=str(problems[0]))
                else:
                    kept.append(one)
            task[kind] = kept

    def _may_be_file(self, value: Any) -> bool:
        text = value[0] if isinstance(value, list) and len(value) == 1 else value
        if not isinstance(text, str) or not text or len(text) > 4_000 or "\n" in text or "\0" in text:
            return False
        # A path that begins like an address of the server's is a file's where a folder of the caller's has it.
        below = os.path.isabs(text) and not self._leads_out(text)  # noqa: PTH117
        return below or ("://" not in text and not text.startswith(("/data/", "data:")))

    def _file(self, value: Any) -> Path | None:
        text = value[0] if isinstance(value, list) else value
        if self._leads_out(text):
            return None
        places = (Path(os.path.normpath(root / text)) for root in self._roots)
        return next((place for place in places if os.path.isfile(place)), None)  # noqa: PTH113 - names may be too long

    def _leads_out(self, value: str) -> bool:
        """Whether a path is in none of the folders that the caller has named: such a file is not sent anywhere."""
        places = [Path(os.path.normpath(root / value)) for root in self._roots]
        return not any(place.is_relative_to(root) for place, root in zip(places, self._roots, strict=True))


def import_dataset_files(
    project: int, files: DatasetFiles, *, ledger: str | PathLike[str] | None, progress: OnProgress | None
) -> Flow[Report]:
    """Bring the files with what belongs to them, each once."""
    target = yield from target_of(project, files.key, others=True)
    return (yield from bring(project, target, files, files.count, ledger=ledger, progress=progress))
