"""A project as a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput
from ..formats.schema import Schema
from .colours import Colours, on
from .markup import Markup, joined, markup

LABELS = 40
"""Labels that are shown."""

_COUNTS = (
    ("task_number", "tasks"),
    ("total_annotations_number", "annotations"),
    ("skipped_annotations_number", "skipped"),
    ("ground_truth_number", "ground truths"),
    ("total_predictions_number", "predictions"),
)


def project_card(raw: Mapping[str, Any]) -> Markup:
    """The project's title, how far it is, and its labels in their colours."""
    counts = [markup("<b>{}</b> {}", f"{raw[key]:,}", said) for key, said in _COUNTS if isinstance(raw.get(key), int)]
    return markup(
        '<div style="font:14px/1.6 system-ui,sans-serif;border:1px solid #8888;border-radius:8px;padding:.8em 1em;'
        'max-width:600px"><div style="font-size:1.2em;font-weight:600">{} <small style="opacity:.7">project {}</small>'
        "</div>{}{}<div>{}</div>{}</div>",
        raw.get("title") or "(no title)",
        raw.get("id"),
        markup("<div>{}</div>", raw["description"]) if raw.get("description") else markup(""),
        _progress(raw),
        joined(counts, " · "),
        _labels(raw.get("label_config")),
    )


def _progress(raw: Mapping[str, Any]) -> Markup:
    done, there = raw.get("finished_task_number"), raw.get("task_number")
    if not isinstance(done, int) or not isinstance(there, int) or there < 1:
        return markup("")
    part = min(max(100 * done / there, 0), 100)
    return markup(
        '<div role="img" aria-label="{} of {} tasks are finished" title="{} of {}" style="background:#8884;'
        'border-radius:4px;height:8px;margin:.5em 0"><div style="width:{}%;height:8px;background:#2b8a3e;'
        'border-radius:4px"></div></div>',
        done,
        there,
        done,
        there,
        part,
    )


def _labels(config: Any) -> Markup:
    try:
        schema = Schema(config if isinstance(config, str) else None)
    except InvalidInput:
        return markup("")
    colours, names = Colours(schema), schema.classes()
    style = "background:{};color:{};border-radius:4px;padding:0 .5em;margin:.15em;display:inline-block"
    shown = [
        markup(f'<span style="{style}">{{}}</span>', colours.of(name), on(colours.of(name)), name)
        for name in names[:LABELS]
    ]
    more = markup(" and {} more", len(names) - LABELS) if len(names) > LABELS else markup("")
    return markup("<div>{}{}</div>", joined(shown), more)
