"""Values out of what is typed: shares, name=value, standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import typer


def shares(text: str) -> dict[str, float]:
    """The shares of a split, from "train=0.8,val=0.2"."""
    try:
        return {name.strip(): float(share) for name, _, share in (one.partition("=") for one in text.split(","))}
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no split; write shares by name: train=0.8,val=0.2") from None


def pairs(texts: Iterable[str]) -> dict[str, Any]:
    """Names with their values, from "name=value". A value that is JSON is what it says, any other is text."""
    found: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise typer.BadParameter(f"{text!r} is no NAME=VALUE.")
        try:
            found[name] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            found[name] = value
    return found


def ids(texts: Sequence[str]) -> list[int]:
    """Numbers from what is typed, or, for a single "-", from standard input."""
    words = sys.stdin.read().split() if list(texts) == ["-"] else texts
    try:
        return [int(word) for word in words]
    except ValueError as error:
        raise typer.BadParameter(f"An id is a number: {error}.") from None


@contextmanager
def file(path: str, format: str | None) -> Iterator[str]:
    """The path itself; for "-" that of a file with what standard input has, JSON Lines unless a format is named."""
    if path != "-":
        yield path
        return
    from pathlib import Path
    from shutil import copyfileobj
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="labelwire-") as folder:
        place = Path(folder) / f"stdin.{format or 'jsonl'}"
        with place.open("wb") as stream:
            copyfileobj(sys.stdin.buffer, stream)
        yield str(place)
