"""Charts as inline SVG, in the colours of the page that they are on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import accumulate

from ..showing.markup import Markup, joined, markup

MOST = 30
"""Bars of a chart; what is less often is told as a number."""


def bars(counts: Mapping[str, int], colour: Callable[[str], str], title: str) -> Markup:
    """A horizontal bar for each, with its name and its count."""
    shown = list(counts.items())[:MOST]
    most = max((count for _, count in shown), default=0) or 1
    row, left, width = 26, 190, 720
    parts = []
    for place, (name, count) in enumerate(shown):
        y = 4 + place * row
        long = (width - left - 70) * count / most
        short = name if len(name) <= 26 else f"{name[:25]}…"
        parts.append(
            markup(
                '<g><title>{}: {}</title><text x="{}" y="{}" text-anchor="end">{}</text>'
                '<rect x="{}" y="{}" width="{}" height="18" rx="3" fill="{}"/><text x="{}" y="{}">{}</text></g>',
                name,
                f"{count:,}",
                left - 10,
                y + 14,
                short,
                left,
                y,
                max(long, 1.5),
                colour(name),
                left + max(long, 1.5) + 8,
                y + 14,
                f"{count:,}",
            )
        )
    more = len(counts) - len(shown)
    below = markup('<text x="{}" y="{}">and {} more</text>', left, row * len(shown) + 18, more) if more else markup("")
    height = row * (len(shown) + bool(more)) + 8
    return _chart(width, height, title, markup("{}{}", joined(parts), below))


def progress(days: Mapping[str, int], title: str) -> Markup:
    """How many there were in all at the end of each day, as a line; nothing for fewer than two days."""
    known = [(date.fromisoformat(day), count) for day, count in days.items() if _is_day(day)]
    if len(known) < 2:
        return markup("")
    first, last = known[0][0], known[-1][0]
    total = sum(count for _, count in known)
    width, height, left, low = 720, 200, 56, 168
    span = (last - first).days or 1
    points = [
        (left + (width - left - 16) * (day - first).days / span, low - (low - 16) * there / total)
        for (day, _), there in zip(known, accumulate(count for _, count in known), strict=True)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    ground = f"{points[0][0]:.1f},{low} {line} {points[-1][0]:.1f},{low}"
    dots = joined(
        markup('<circle cx="{}" cy="{}" r="3"><title>{}: {} new</title></circle>', x, y, day.isoformat(), f"{count:,}")
        for (x, y), (day, count) in zip(points, known, strict=True)
    )
    inside = markup(
        '<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/><polygon class="area" points="{}"/>'
        '<polyline class="line" points="{}"/><g class="dots">{}</g><text x="{}" y="22" text-anchor="end">{}</text>'
        '<text x="{}" y="{}" text-anchor="end">0</text><text x="{}" y="190">{}</text>'
        '<text x="{}" y="190" text-anchor="end">{}</text>',
        left, low, width - 16, low, ground, line, dots, left - 8, f"{total:,}", left - 8, low + 4, left,
        first.isoformat(), width - 16, last.isoformat(),
    )  # fmt: skip
    return _chart(width, height, title, inside)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _chart(width: float, height: float, title: str, inside: Markup) -> Markup:
    template = '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}</svg>'
    return markup(template, width, height, title, title, inside)
