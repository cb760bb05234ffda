"""The sheets of a task as one drawing, one below another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .colours import Colours
from .scene import Ground, Line, Mark, Placed, Run, Scene
from .sheets import Panel, Sheet
from .texts import COLUMNS, Marked, text_scene

_WIDTH, _MARGIN = 840.0, 20.0
_QUIET = "#495057"


def stacked(title: str, sheets: Sequence[Sheet], colours: Colours) -> Scene:
    """The drawing."""
    marks: list[Mark] = [Line(_MARGIN, 34, 19, (Run(title, bold=True),))]
    y = 44.0
    for sheet in sheets:
        marks.append(Line(_MARGIN, y + 18, 14, (Run(sheet.title, ink=_QUIET),)))
        y += 30
        for panel in sheet.panels:
            scene = _scene(panel, colours)
            scale = (_WIDTH - 2 * _MARGIN) / scene.width
            marks.append(Placed(_MARGIN, y, scale, scene))
            y += scene.height * scale + 12
        for line in _lines(sheet):
            marks.append(Line(_MARGIN, y + 14, 14, line))
            y += 22
        y += 10
    said = "; ".join(sheet.title for sheet in sheets)
    return Scene(_WIDTH, y + 8, (Ground(0, 0, _WIDTH, y + 8, "#ffffff"), *marks), f"{title}: {said}")


def _scene(panel: Panel, colours: Colours) -> Scene:
    if isinstance(panel.shows, Scene):
        return panel.shows
    if isinstance(panel.shows, Marked):
        return text_scene(panel.shows, colours, panel.name)
    return Scene(800, 24, (Line(0, 16, 14, (Run(f"{panel.name}: {_cut(panel.shows)}", ink=_QUIET),)),), panel.name)


def _lines(sheet: Sheet) -> Iterator[tuple[Run, ...]]:
    for asked, said in sheet.answers:
        yield Run(f"{asked}: ", bold=True), Run(_cut(said.replace("\n", " / ")))
    for note in sheet.notes:
        yield (Run(_cut(note), ink=_QUIET),)


def _cut(said: str) -> str:
    return said if len(said) < COLUMNS - 20 else f"{said[: COLUMNS - 21]}…"
