"""A dataset on disk, of whatever format, as tasks that Label Studio imports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

from ..errors import InvalidInput
from ..label_config import LabelConfig
from .building import task_of
from .converting import config_of
from .model import Sample
from .registry import FORMATS, Format, find
from .report import Report
from .schema import Schema


class Reader(Protocol):
    """A format's reader.

    It raises InvalidInput for a place that does not hold its format, and reports single items that it cannot take.
    `config` is a labeling configuration that fits what it reads, where the caller gave none.
    """

    config: LabelConfig

    def __init__(self, place: Path, report: Report, *, config: LabelConfig | None = None, **own: Any) -> None: ...

    @classmethod
    def fits(cls, place: Path) -> bool:
        """Whether what is at a place is of this format."""
        ...

    def samples(self) -> Iterator[Sample]:
        """The samples, one after another."""
        ...


class Dataset:
    """What `read` found.

    Attributes:
        format: the name of its format.
        config: the labeling configuration for it.
        report: what was taken and what not; complete when `samples` or `tasks` has come to its end.
    """

    def __init__(self, format: Format, place: Path, config: LabelConfig | None, own: dict[str, Any]) -> None:
        self.format = format.name
        self.report = Report(format=format.name, place=os.fspath(place))
        self._reader: Reader = format.load("reader")(place, self.report, config=config, **own)
        self.config = self._reader.config

    def samples(self) -> Iterator[Sample]:
        """The samples, one after another."""
        return self._reader.samples()

    def tasks(self) -> Iterator[dict[str, Any]]:
        """The tasks, one after another, as Label Studio imports them.

        The data of one with media has the path of its file, which `client.imports.dataset` uploads.
        """
        schema = Schema(self.config)
        for sample in self.samples():
            yield task_of(sample, schema)


def read(
    path: str | PathLike[str],
    format: str | None = None,
    *,
    config: LabelConfig | str | PathLike[str] | None = None,
    **own: Any,
) -> Dataset:
    """A dataset: a folder, or the file that its annotations are in.

    Args:
        path: where it is.
        format: what it is; without it, that is seen by what is there.
        config: a labeling configuration to read it for; without it, one is made.
        **own: options of the format's reader, such as `images`, the folder of the images.

    Raises:
        InvalidInput: where nothing is, where no format fits, or what is there is broken.
    """
    place = Path(path).expanduser()
    return Dataset(format_at(place, format), place, config_of(config), own)


def format_at(place: Path, format: str | None) -> Format:
    """The format of what is at a place: the one of that name, or the one that is seen.

    Raises:
        InvalidInput: where nothing is, or no format fits.
    """
    if not place.exists():
        raise InvalidInput(f"There is nothing at {os.fspath(place)!r}.")
    return find(format)[0] if format is not None else detect(place)


def detect(place: Path) -> Format:
    """The format of what is at a place.

    Raises:
        InvalidInput: where none fits.
    """
    for one in FORMATS.values():
        there = all(find_spec(package) for package in one.needs)
        if one.reader and there and one.load("reader").fits(place):
            return one
    known = ", ".join(one.name for one in FORMATS.values() if one.reader)
    raise InvalidInput(f"{os.fspath(place)!r} is not seen to be of any format; say format= one of {known}.")
