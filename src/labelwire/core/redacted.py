"""What may be shown of a URL and of a server's words: nothing that lets anybody in."""

from __future__ import annotations

import re
from collections.abc import Iterable


def bare(url: str) -> str:
    """The URL without query, fragment and user information, any of which may hold a secret."""
    return re.sub(r"(?<=://)[^/@]*@", "", re.split(r"[?#]", url, maxsplit=1)[0])


def redacted(text: str, secrets: Iterable[str]) -> str:
    """The text with "[secret]" in the place of each secret."""
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, "[secret]")
    return text
