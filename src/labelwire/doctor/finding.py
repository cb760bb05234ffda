"""What the doctor says."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

State: TypeAlias = Literal["fine", "note", "wrong"]


class Finding(Struct, frozen=True):
    """One thing that was looked at.

    Attributes:
        check: what: settings, way, version, clock or token.
        state: "wrong" where it has to be mended, "note" where it is good to know.
        found: what is so, in one sentence.
        advice: what to do about it, in one sentence; "" where there is nothing to do.
    """

    check: str
    state: State
    found: str
    advice: str = ""
