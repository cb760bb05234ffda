"""The sheets of a task as HTML, for notebooks and for pages."""

from __future__ import annotations

from collections.abc import Sequence

from .colours import Colours
from .markup import Markup, joined, markup
from .scene import Scene
from .sheets import Panel, Sheet
from .svg import svg
from .texts import Marked, text_page

STYLE = Markup("""<style>
.lw{font:14px/1.5 system-ui,sans-serif;max-width:860px}
.lw h4{margin:.4em 0;font-size:1.05em}.lw figure{margin:0 0 1em}.lw figcaption{opacity:.75;margin:.2em 0}
.lw svg{display:block;width:100%;height:auto;max-height:640px}
.lw .lw-text{white-space:pre-wrap;line-height:2.1;overflow-wrap:anywhere}
.lw mark{color:inherit;border-radius:2px}.lw sup{font-weight:600;margin:0 .2em}
.lw dl{display:grid;grid-template-columns:max-content 1fr;gap:.1em 1em;margin:.4em 0}
.lw dt{font-weight:600}.lw dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}.lw small{opacity:.75;display:block}
</style>""")
"""Nothing is of a fixed colour that a dark notebook would hide."""


def task_page(title: str, sheets: Sequence[Sheet], colours: Colours) -> Markup:
    """The task for a page, as an element of its own."""
    inside = joined(_sheet(sheet, colours) for sheet in sheets)
    return markup('{}<div class="lw"><h4>{}</h4>{}</div>', STYLE, title, inside)


def document(title: str, body: Markup) -> Markup:
    """A whole HTML document, in the light or the dark colours of its reader."""
    template = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        '<meta name="referrer" content="no-referrer"><title>{}</title></head><body>{}</body></html>\n'
    )
    return markup(template, title, body)


def _sheet(sheet: Sheet, colours: Colours) -> Markup:
    panels = joined(_panel(panel, colours) for panel in sheet.panels)
    answers = joined(markup("<dt>{}</dt><dd>{}</dd>", asked, said) for asked, said in sheet.answers)
    notes = joined(markup("<small>{}</small>", note) for note in sheet.notes)
    body = markup("{}<dl>{}</dl>", panels, answers) if answers else panels
    return markup("<figure><figcaption>{}</figcaption>{}{}</figure>", sheet.title, body, notes)


def _panel(panel: Panel, colours: Colours) -> Markup:
    if isinstance(panel.shows, Scene):
        return svg(panel.shows, alone=False)
    if isinstance(panel.shows, Marked):
        return text_page(panel.shows, colours)
    return markup("<small>{}: {}</small>", panel.name, panel.shows)
