"""Files of lines, one for each split: what writers of one long text share."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import IO, ClassVar

from ..errors import InvalidInput
from .batch import Context, Part
from .output import Output
from .report import Report


class Lines:
    """Writes one file, or one for each split; the rows of its parts are texts by split.

    Class attributes:
        whole: the file's name.
        of_split: the name of each file of a split; "{}" stands for the split.
    """

    whole: ClassVar[str]
    of_split: ClassVar[str]

    def __init__(self, context: Context) -> None:
        self._splits = tuple(name for name, _ in context.options.split)

    def part(self, texts: Iterable[tuple[str, str]]) -> Part:
        """The part that these texts are, each with its split. Half a surrogate pair, which no file can hold, is "?"."""
        found: dict[str, list[str]] = {}
        for split, text in texts:
            found.setdefault(split, []).append(text)
        return Part(rows={split: "".join(some).encode("utf-8", "replace") for split, some in found.items()})

    def join(self, parts: Iterable[Part], output: Output, report: Report) -> None:
        """Write the files; those of splits to which no task has come are empty."""
        if self._splits and output.is_single:
            raise InvalidInput(f"{output.place} is one file, and a split needs one each: name a folder.")
        with ExitStack() as stack:
            streams: dict[str, IO[bytes]] = {
                split: stack.enter_context(output.open(self.of_split.format(split) if split else self.whole))
                for split in self._splits or ("",)
            }
            for part in parts:
                for split, text in part.rows.items():
                    streams[split].write(text)
