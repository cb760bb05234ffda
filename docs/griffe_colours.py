"""Shows an endpoint as its callers see it: what comes back, and not the value that describes the call."""

from __future__ import annotations

import re
from typing import Any

import griffe

COLOURED = {"endpoint", "listing", "workflow", "stream"}
PAGED = re.compile(r"^(?:Operation\[Page|Stream)\[(.+?)\]+$")
SINGLE = re.compile(r"^(?:Operation|Flow)\[(.+)\]$")


class Colours(griffe.Extension):
    """Gives endpoints the results that a `Client` gives; an `AsyncClient`'s are the same, awaited."""

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        """Called for each function that was read."""
        if not any(str(one.value).rpartition(".")[2] in COLOURED for one in func.decorators):
            return
        said = str(func.returns or "")
        if found := PAGED.match(said):
            func.returns = f"Pager[{found[1]}]"
        elif found := SINGLE.match(said):
            func.returns = found[1]
        func.decorators = []
        func.parameters = griffe.Parameters(*[one for one in func.parameters if one.name != "self"])
