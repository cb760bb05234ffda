"""Answers as words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..formats.model import (
    Annotation,
    Answer,
    Choices,
    Moment,
    Number,
    Preference,
    Ranking,
    Rating,
    Reply,
    Taxonomy,
    Text,
)

MOST = 400
"""Characters of an answer that are shown."""


def answers_of(annotation: Annotation) -> list[tuple[str, str]]:
    """Each answer and each relation of regions that are not drawn, as what was asked and what was said."""
    regions = {region.id: ", ".join(region.labels) or region.id for region in annotation.regions}
    found = [(_asked(reply, regions), words(reply.answer)) for reply in annotation.replies]
    for one in annotation.relations:
        sign = {"left": "←", "bi": "↔"}.get(one.direction, "→")
        ends = f"{regions.get(one.source, one.source)} {sign} {regions.get(one.target, one.target)}"
        found.append(("relation", f"{ends} ({', '.join(one.labels)})" if one.labels else ends))
    return found


def words(answer: Answer) -> str:
    """The answer in words."""
    said = _words(answer)
    return said if len(said) <= MOST else f"{said[: MOST - 1]}…"


def _words(answer: Answer) -> str:
    if isinstance(answer, Choices):
        return ", ".join(answer.values)
    if isinstance(answer, Taxonomy):
        return "; ".join(" / ".join(path) for path in answer.paths)
    if isinstance(answer, Rating):
        return f"{'★' * max(min(round(answer.stars), 10), 0)} ({answer.stars:g})"
    if isinstance(answer, Number):
        return f"{answer.value:g}"
    if isinstance(answer, Text):
        return "\n".join(answer.lines)
    if isinstance(answer, Moment):
        return answer.value
    if isinstance(answer, Preference):
        return answer.side
    if isinstance(answer, Ranking):
        return "; ".join(f"{bucket}: {', '.join(items)}".removeprefix(": ") for bucket, items in answer.buckets.items())
    return _plain(answer.value)


def _plain(value: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {one}" for name, one in value.items())


def _asked(reply: Reply, regions: Mapping[str, str]) -> str:
    return reply.control if reply.region is None else f"{reply.control} of {regions.get(reply.region, reply.region)}"
