"""What the shell completes: projects, formats, profiles. It says nothing but that, and takes a second at the most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

SECONDS = 1.0
"""How long a person waits for a completion."""

Context = Any
Found = list[tuple[str, str]]


def _quietly(look: Callable[[], Iterable[tuple[str, str]]], incomplete: str) -> Found:
    """What was found in time, of what begins so; nothing where anything goes wrong."""
    from contextlib import redirect_stderr, suppress
    from io import StringIO
    from threading import Thread

    found: Found = []

    def work() -> None:
        with suppress(Exception):
            found.extend(look())

    with redirect_stderr(StringIO()):
        worker = Thread(target=work, daemon=True)
        worker.start()
        worker.join(SECONDS)
    return [pair for pair in list(found) if pair[0].startswith(incomplete)]


def projects(ctx: Context, incomplete: str) -> Found:
    """Ids of projects with their titles."""

    def look() -> Iterable[tuple[str, str]]:
        from ..core.retry import NEVER
        from .connect import client

        given = {name: ctx.params.get(name) for name in ("url", "api_key", "profile")}
        with client(**given, timeout=(SECONDS, SECONDS), retry=NEVER) as connected:
            return [(str(one.id), one.title or "") for one in connected.projects.list(include=["id", "title"])]

    return _quietly(look, incomplete)


def profiles(incomplete: str) -> Found:
    """Names of profiles with their servers."""

    def look() -> Iterable[tuple[str, str]]:
        from .. import settings

        return [(one.name, one.url) for one in settings.read().profiles.values()]

    return _quietly(look, incomplete)


def written(incomplete: str) -> Found:
    """Names of formats that there is a writer for."""
    return _formats("writer", incomplete)


def readable(incomplete: str) -> Found:
    """Names of formats that there is a reader for."""
    return _formats("reader", incomplete)


def _formats(role: str, incomplete: str) -> Found:
    def look() -> Iterable[tuple[str, str]]:
        from ..formats.registry import FORMATS

        return [(one.name, one.title) for one in FORMATS.values() if getattr(one, role)]

    return _quietly(look, incomplete)
