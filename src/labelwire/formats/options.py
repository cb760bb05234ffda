"""What a caller may say of a conversion. Every choice has a name and a default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, TypedDict, get_args

from msgspec import Struct

from ..errors import InvalidInput
from ..files.names import safe_name
from .choosing import Which

Source: TypeAlias = Literal["annotations", "predictions"]
Naming: TypeAlias = Literal["original", "stored", "id"]
Classes: TypeAlias = Sequence[str] | Mapping[str, int]


class Choice(TypedDict, total=False):
    """The choices that every format has.

    - `source`: "annotations" (the default) or "predictions".
    - `annotations`: which of a task's annotations count (`labelwire.formats.Which`); the default is "latest" for
      formats of training data and "all" for those that keep annotations apart (JSON, JSONL, JSON_MIN, CSV, TSV,
      Parquet).
    - `by`: the user, by id or email, of annotations="user".
    - `media`: the tag, by name, or the key of the task's data, that the output is about, where a project shows
      several; by default the first one of a fitting kind, and for formats of images all images.
    - `classes`: the classes in their order, or each with its number; by default the labels in the config's order.
    - `names`: of media files: "original" (the default: as they were before they were uploaded), "stored" (as the
      server calls them) or "id" (the task's id). Two alike become "a.jpg" and "a-2.jpg".
    - `unlabeled`: what becomes of tasks without an annotation that counts: "leave out" or "keep". The default is
      "keep" for formats that hold whole tasks, else "leave out". A task whose annotation has no regions was
      labeled, and is kept.
    - `skipped`: what becomes of annotations with which a task was skipped: "leave out" (the default, but for JSON and
      JSONL, which keep them) or "keep".
    - `split`: shares by name, such as {"train": 0.8, "val": 0.1, "test": 0.1}. Where a task goes depends on its
      file's name, or its id, and on `seed` alone: it stays there when others come.
    - `seed`: another one gives another split.
    - `official`: write what the official exporter (2.1.2) writes, where that is sound.
    """

    source: Source
    annotations: Which
    by: int | str | None
    media: str | None
    classes: Classes | None
    names: Naming
    unlabeled: Literal["leave out", "keep"]
    skipped: Literal["leave out", "keep"]
    split: Mapping[str, float] | None
    seed: int
    official: bool


class Options(Struct, frozen=True, kw_only=True):
    """The choices, each made."""

    source: Source = "annotations"
    annotations: Which = "latest"
    by: int | str | None = None
    media: str | None = None
    classes: tuple[tuple[str, int], ...] | None = None
    names: Naming = "original"
    unlabeled: str = "leave out"
    skipped: str = "leave out"
    split: tuple[tuple[str, float], ...] = ()
    seed: int = 0
    official: bool = False

    def __post_init__(self) -> None:
        for name, allowed in (
            ("source", get_args(Source)),
            ("names", get_args(Naming)),
            ("unlabeled", ("leave out", "keep")),
            ("skipped", ("leave out", "keep")),
        ):
            if (said := getattr(self, name)) not in allowed:
                raise InvalidInput(f"{name} is {said!r}; it is one of: {', '.join(map(repr, allowed))}.")
        if type(self.seed) is not int or not -(2**63) <= self.seed < 2**63:
            raise InvalidInput(f"seed is {self.seed!r}; it is a whole number.")


def shares_of(given: Mapping[str, float] | None) -> tuple[tuple[str, float], ...]:
    """The shares of a split, by name.

    Raises:
        InvalidInput: where they are none, do not add up to 1, or a name is none of a folder.
    """
    if not given:
        return ()
    if not isinstance(given, Mapping) or not all(type(share) in (int, float) for share in given.values()):
        raise InvalidInput(f'split is {given!r}; it is shares by name, such as {{"train": 0.8, "val": 0.2}}.')
    total = sum(given.values())
    if min(given.values()) < 0 or not 0.999 <= total <= 1.001:
        raise InvalidInput(f"The shares of split add up to {total:g}; they are to add up to 1, none below 0.")
    for name in given:
        if not isinstance(name, str) or safe_name(name) != name:
            raise InvalidInput(f"{name!r} is no name of a split: it becomes the name of a folder or file.")
    return tuple(given.items())


def classes_of(given: Classes | None) -> tuple[tuple[str, int], ...] | None:
    """Classes with their numbers.

    Raises:
        InvalidInput: for a string in place of a list, a class or a number that is there twice, a negative number.
    """
    if given is None:
        return None
    if isinstance(given, (str, bytes)):
        raise InvalidInput(f"classes are a list of names, and not {given!r}.")
    found = tuple(given.items()) if isinstance(given, Mapping) else tuple((name, n) for n, name in enumerate(given))
    names, numbers = [name for name, _ in found], [number for _, number in found]
    if len(set(names)) < len(names) or len(set(numbers)) < len(numbers):
        raise InvalidInput("A class, or the number of one, is there twice in classes.")
    if not all(isinstance(name, str) for name in names) or not all(type(n) is int and n >= 0 for n in numbers):
        raise InvalidInput("classes are names, or names with their numbers from 0.")
    return found
