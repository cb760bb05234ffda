"""From tasks to the report's HTML."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from ..agreement import Agreement, measure
from ..agreement.measuring import Names
from ..agreement.result import said
from ..errors import InvalidInput
from ..files.sources import texts
from ..formats.batch import decoded
from ..formats.converting import config_of
from ..formats.schema import Schema
from ..label_config import LabelConfig
from ..showing.colours import Colours
from ..showing.preview import Images, Preview, preview
from .charts import bars, progress
from .figures import Figures, counted

Tasks: TypeAlias = Iterable[Mapping[str, Any]] | str | PathLike[str]
Config: TypeAlias = LabelConfig | str | PathLike[str]

WORST = 6
"""Tasks that are shown with pictures."""

THUMBNAIL = 480
"""Pixels of the longer side of their images."""


class Contents:
    """What a report tells, counted; `worst` are the tasks on which annotators agree least, whose pictures it shows.

    Args:
        tasks: as Label Studio exports them: a file of JSON or JSON Lines, or an iterable, which is held in memory.
        config: the labeling configuration.
        title: the project's.
        names: what people are called, by their ids; by default what the tasks say, mostly the id.

    Raises:
        InvalidInput: where a package of the extra `report` is missing, or the tasks cannot be read.
    """

    def __init__(
        self,
        tasks: Tasks,
        *,
        config: Config | None = None,
        title: str = "Label Studio project",
        names: Names | None = None,
    ) -> None:
        self.title = title
        self._names = names or {}
        self.config = config_of(config)
        source = tasks if isinstance(tasks, (str, PathLike)) else list(tasks)
        self.figures = counted(_each(source), Schema(self.config), self._names)
        self.agreement = measure(source, config=self.config, names=self._names)
        self._shown = self.agreement.worst(WORST)
        wanted = {one.index for one in self._shown}
        found = {index: task for index, task in enumerate(_each(source)) if index in wanted}
        self.worst = [found[one.index] for one in self._shown]

    def html(self, *, images: Images | None = None, date: datetime | None = None) -> str:
        """The report; it is the same for the same input, but for its date, which is now if it is not given.

        `images` are the image files by their addresses in the tasks' data.
        """
        named = [_named(task, self._names) for task in self.worst]
        pictures = [
            (one, preview(task, config=self.config, images=images, predictions=False, longest=THUMBNAIL))
            for one, task in zip(self._shown, named, strict=True)
        ]
        colours = Colours(Schema(self.config))
        return _page(self.title, date or datetime.now(UTC), self.figures, self.agreement, pictures, colours)

    def write(self, path: str | PathLike[str], *, images: Images | None = None, date: datetime | None = None) -> Path:
        """The path of the report that was written; what is there already is replaced once it is whole.

        Raises:
            InvalidInput: for a file that does not end in .html.
        """
        target = Path(path).expanduser()
        if target.suffix.lower() not in (".html", ".htm"):
            raise InvalidInput(f"{os.fspath(path)!r}: name a file that ends in .html.")
        text = self.html(images=images, date=date)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".labelwire-", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as aside:
            aside.write(text)
        Path(name).chmod(0o644)
        return Path(name).replace(target)


def _page(
    title: str,
    date: datetime,
    figures: Figures,
    agreement: Agreement,
    worst: list[tuple[Any, Preview]],
    colours: Colours,
) -> str:
    try:
        from jinja2 import Environment
        from markupsafe import Markup
    except ImportError:
        raise InvalidInput('A report is written with Jinja: pip install "labelwire[report]".') from None
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["coefficient"] = said
    template = environment.from_string((files("labelwire.report") / "report.html.jinja").read_text("utf-8"))
    # What labelwire's own drawing has escaped is markup for Jinja too.
    charts = {
        control: Markup(bars(counts, colours.of, f"How often each label of {control} was given"))  # noqa: S704
        for control, counts in figures.labels.items()
    }
    return template.render(
        title=title,
        date=date.strftime("%Y-%m-%d %H:%M %Z").strip(),
        figures=figures,
        agreement=agreement,
        progress=Markup(progress(figures.days, "Annotations over time")),  # noqa: S704
        charts=charts,
        worst=[(one, Markup(picture._repr_html_())) for one, picture in worst],  # noqa: S704
    )


def _each(tasks: Any) -> Iterable[Mapping[str, Any]]:
    return map(decoded, texts(tasks)) if isinstance(tasks, (str, PathLike)) else tasks


def _named(task: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The task, with the names of people in the place of their ids."""
    given = task.get("annotations")
    known = [_by_name(one, names) for one in given] if isinstance(given, list) else []
    return {**task, "annotations": known}


def _by_name(annotation: Any, names: Names) -> Any:
    by = annotation.get("completed_by") if isinstance(annotation, dict) else None
    return {**annotation, "completed_by": names[by]} if isinstance(by, int) and by in names else annotation
