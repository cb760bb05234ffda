"""Media files that were fetched once: a folder of them, with what is known of each."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Sequence
from hashlib import blake2b
from os import PathLike
from pathlib import Path, PurePosixPath
from time import time
from typing import Any

from msgspec import Struct

from ..errors import InvalidInput
from ..files.names import OURS, name_in, safe_name

SCHEMA = """
create table if not exists file (
    key text primary key,
    place text not null,     -- below the folder
    size integer not null,
    tag text not null,       -- the ETag
    modified text not null,  -- Last-Modified
    seen text not null       -- the run that has fetched it, or has asked whether it is the same still
);
"""

OLD = 24 * 3600.0
"""Seconds after which a half-fetched file is nobody's."""

WAIT = 60.0
"""Seconds to wait for another process that writes to the same cache."""


class Kept(Struct, frozen=True):
    """A file in the cache."""

    place: Path
    size: int
    tag: str
    modified: str
    seen: str


class Cache:
    """Files by their keys. Several processes may use one; what one of them keeps is whole.

    Args:
        folder: where; by default in the user's own folder for caches, or in LABELWIRE_CACHE_DIR.

    Raises:
        InvalidInput: for a folder that cannot be used.
    """

    def __init__(self, folder: str | PathLike[str] | None = None) -> None:
        self.folder = Path(folder).expanduser() if folder is not None else default_folder()
        self._lock = threading.Lock()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for part in self.folder.glob(f"{OURS}*.part"):
                if part.stat().st_mtime < time() - OLD:
                    part.unlink(missing_ok=True)
            self._db = self._opened()
        except (OSError, sqlite3.Error) as error:
            raise InvalidInput(f"{os.fspath(self.folder)!r} cannot hold media: {error}. Name another cache.") from None

    def get(self, key: str) -> Kept | None:
        """What is kept under a key."""
        rows = self._do("select place, size, tag, modified, seen from file where key = ?", key)
        if not rows:
            return None
        kept = Kept(self.folder / rows[0][0], *rows[0][1:])
        try:
            return kept if kept.place.stat().st_size == kept.size else None
        except OSError:
            return None

    def part(self) -> Path:
        """A new file in the folder, for what is on its way."""
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=OURS, suffix=".part")
        os.close(handle)
        return Path(name)

    def put(self, key: str, part: Path, *, tag: str, modified: str, seen: str) -> Path:
        """Keep a file that has come whole, and say where it is."""
        digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        suffix = PurePosixPath(safe_name(name_in(key))).suffix
        place = f"{digest[:2]}/{digest[2:]}{suffix if len(suffix) <= 8 else ''}"
        target = self.folder / place
        target.parent.mkdir(exist_ok=True)
        size = part.stat().st_size
        part.replace(target)
        self._do("insert or replace into file values (?, ?, ?, ?, ?, ?)", key, place, size, tag, modified, seen)
        return target

    def same(self, key: str, seen: str) -> None:
        """Note that a file is what its server has still."""
        self._do("update file set seen = ? where key = ?", seen, key)

    def close(self) -> None:
        """Close the list of what is kept."""
        self._db.close()

    def _opened(self) -> sqlite3.Connection:
        place = self.folder / "index.sqlite"
        for last in (False, True):
            # Used from the driver's threads, one at a time.
            db = sqlite3.connect(place, timeout=WAIT, check_same_thread=False, isolation_level=None)
            try:
                # Nothing is lost with it but time: it need not be on the disk before the next file comes.
                db.execute("pragma synchronous = off")
                db.executescript(SCHEMA)
            except sqlite3.DatabaseError as error:
                db.close()
                if last or isinstance(error, sqlite3.OperationalError):
                    raise
                place.unlink()  # it is damaged
            else:
                return db
        raise AssertionError("unreachable")

    def _do(self, query: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(query, [_plain(one) for one in values]).fetchall()


def _plain(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def default_folder() -> Path:
    """Where media are kept when no folder is named.

    Raises:
        InvalidInput: where nobody knows, for want of a package.
    """
    chosen = os.environ.get("LABELWIRE_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser() / "media"
    try:
        import platformdirs
    except ImportError:
        raise InvalidInput(
            'Where media are kept is said by platformdirs: pip install "labelwire[formats]"; or name a folder, cache=….'
        ) from None
    return platformdirs.user_cache_path("labelwire") / "media"
