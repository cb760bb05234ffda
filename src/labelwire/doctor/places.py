"""Where Label Studio is, when it is not at the URL: above it, or below one of the paths that people serve it under."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ..errors import LabelwireError
from .answers import Answer, ask
from .finding import Finding

USUAL = (
    "ls",
    "label-studio",
    "labelstudio",
    "labels",
    "label",
    "labeling",
    "labelling",
    "studio",
    "annotate",
    "annotation",
)
"""Sub-paths that are tried."""

GATEWAY = (502, 503, 504)
"""What a proxy answers for a server that it does not reach, wherever one looks."""


def misplaced(url: str, answer: Answer, timeout: float) -> Finding | None:
    """That the URL's path is wrong, where Label Studio is at another path of the same host."""
    if answer.status in GATEWAY:
        return None
    for place in _places(url):
        try:
            there = ask(place, timeout)
        except LabelwireError:
            return None
        if there.release is not None:
            path = urlsplit(place).path
            what = f"under the sub-path {path}, which the URL lacks" if path else "without the path that the URL has"
            return Finding("way", "wrong", f"Label Studio is on this host {what}.", f"Use {place} as the URL.")
    return None


def _places(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    above = parts.path.rstrip("/")
    while above:
        above = above.rpartition("/")[0]
        yield f"{parts.scheme}://{parts.netloc}{above}"
    for name in USUAL:
        yield f"{parts.scheme}://{parts.netloc}/{name}"
