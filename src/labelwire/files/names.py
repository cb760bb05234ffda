"""File names that every system takes, each one once in its folder."""

from __future__ import annotations

import re
import unicodedata
from base64 import urlsafe_b64decode
from contextlib import suppress
from urllib.parse import parse_qs, unquote, urlsplit

LONGEST = 200
"""Bytes of a name: below what file systems take, with room for what is put before and after it."""

RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
"""Names of devices on Windows, with any suffix."""

OURS = ".labelwire-"
"""How the names of files begin that are ours while they are written."""

_PATH = re.compile(r"/[^?%#;\\]*+")
"""A path of a server, of which nothing is quoted, and which has no query."""

_PLAIN = re.compile(
    rf"(?!{RESERVED.pattern})[a-z0-9_][a-z0-9_() .-]{{0,150}}\.[a-z0-9]{{1,8}}", re.IGNORECASE | re.ASCII
)
"""What nearly all names are; nothing is to be done to them."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]')


class Names:
    """The names of one folder: each is given once, whatever the system thinks of upper and lower case.

    With `stems` they differ without their suffixes too: no "a.jpg" beside "a.png", where each is to get an "a.txt".
    """

    def __init__(self, *, stems: bool = False) -> None:
        self._stems = stems
        self._taken: set[str] = set()
        self._turns: dict[str, int] = {}

    def give(self, wished: str) -> str:
        """The name itself, made safe; "a-2.jpg" where there is an "a.jpg" already."""
        given = name = safe_name(wished)
        taken = first = self._key(name)
        if first in self._taken:
            turn = self._turns.get(first, 1)
            while taken in self._taken:
                turn += 1
                given = _with_end(name, f"-{turn}")
                taken = self._key(given)
            self._turns[first] = turn
        self._taken.add(taken)
        return given

    def _key(self, name: str) -> str:
        return _key(stem_of(name) if self._stems else name)


def name_in(place: str) -> str:
    """The name of the file that a URL, or an address as task data has it, leads to; "" where it has none."""
    if _PATH.fullmatch(place) and "//" not in place:
        return place.rstrip("/").rpartition("/")[2]
    try:
        parts = urlsplit(place)
        query = parse_qs(parts.query)
    except ValueError:
        return ""
    # Of local files, files of cloud storages and uploads that are kept in one, the query has the path.
    path = next((query[name][0] for name in ("d", "fileuri", "filepath") if name in query), unquote(parts.path))
    if "fileuri" in query:
        with suppress(ValueError):  # as it is, then
            path = urlsafe_b64decode(path).decode()
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def safe_name(name: str) -> str:
    """The name without folder, control characters and what Windows does not take, cut to 200 bytes."""
    if _PLAIN.fullmatch(name):
        return name
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = _FORBIDDEN.sub("_", name).strip().rstrip(". ")
    if not name.strip("._"):
        name = "file"
    if RESERVED.match(name) or name.lower().startswith(OURS):
        name = f"_{name}"
    return _with_end(name, "")


def stem_of(name: str) -> str:
    """The name without its suffix; an ending of more than 20 bytes is none."""
    at = name.rfind(".")
    return name[:at] if 0 < at < len(name) - 1 and (len(name) - at <= 5 or len(name[at:].encode()) <= 20) else name


def _with_end(name: str, end: str) -> str:
    """The name with something put before its suffix, no longer than it may be."""
    stem = stem_of(name)
    suffix = name[len(stem) :]
    room = LONGEST - len(suffix.encode()) - len(end)
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + end + suffix


def _key(name: str) -> str:
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name.casefold())
