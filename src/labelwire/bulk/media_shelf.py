"""Which media files are on the server already, and under which marks they went there: two tables of SQLite.

They stand in the ledger's file or, without one, in a temporary file that ends with the run.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from os import PathLike
from typing import Any
from uuid import uuid4

from msgspec import Struct

from ..core.json import encode
from .ledger import Ledger
from .media_files import Media

SCHEMA = """
create table if not exists media (
    position integer primary key,
    path text not null,
    size integer not null,
    name text not null,
    results text not null,      -- JSON: its annotations and predictions
    id integer,                 -- of the upload, once the server has it
    stored text                 -- its path on the server
);
create table if not exists sending (
    mark text primary key,
    first integer not null,     -- positions of its first and its last file
    last integer not null,
    before integer,             -- ids of the markers around its files, once they are known
    after integer,
    state text not null default 'sent'  -- then 'there', 'lost' for one that may arrive yet, and 'gone'
);
"""

AT_ONCE = 500
"""Rows read at a time: an open query would keep the ledger from writing."""


class Sending(Struct, frozen=True):
    """One attempt to bring files to the server: the mark in its markers' names, and its files' names in order."""

    mark: str
    first: int
    names: list[str]


class Shelf:
    """The files of one run.

    Raises:
        InvalidInput: for a ledger of another project, or a file that is none.
    """

    def __init__(self, path: str | PathLike[str] | None, server: str, project: int) -> None:
        self.lasting = path is not None
        self.run = f"labelwire-{uuid4().hex[:12]}"
        place = ""
        if path is not None:
            book = Ledger(path, server, project)
            self.run, place = book.run, str(book.path)
            book.close()
        # The driver of the async client works in several threads, one at a time.
        self._db = sqlite3.connect(place, check_same_thread=False)
        self._db.executescript(SCHEMA)
        self._sent = int(self._one("select count(*) from sending"))

    def known(self, position: int) -> tuple[str, int, str | None] | None:
        """Path, size and path on the server of the file that was at this position in an earlier run."""
        found = self._db.execute("select path, size, stored from media where position = ?", (position,)).fetchall()
        return found[0] if found else None

    def sending(self, batch: Sequence[tuple[Media, dict[str, Any]]]) -> str:
        """Note, before they are sent, which files go up; the mark under which they can be found on the server."""
        self._sent += 1
        mark = f"{self.run}-files-{self._sent}"
        rows = [(one.position, one.path, one.size, one.name, encode(results).decode()) for one, results in batch]
        with self._db:
            self._db.executemany(
                "insert or replace into media (position, path, size, name, results) values (?, ?, ?, ?, ?)", rows
            )
            self._db.execute(
                "insert into sending (mark, first, last) values (?, ?, ?)", (mark, rows[0][0], rows[-1][0])
            )
        return mark

    def arrived(self, mark: str, first: int, markers: tuple[int, int], files: Sequence[tuple[int, str]]) -> None:
        """Note the ids of the markers, and ids and paths of the files, from this position on."""
        rows = [(file, stored, first + index) for index, (file, stored) in enumerate(files)]
        with self._db:
            self._db.execute(
                "update sending set before = ?, after = ?, state = 'there' where mark = ?", (*markers, mark)
            )
            self._db.executemany("update media set id = ?, stored = ? where position = ?", rows)

    def lost(self, mark: str) -> None:
        """Note that an attempt was given up, although it may arrive yet."""
        with self._db:
            self._db.execute("update sending set state = 'lost' where mark = ?", (mark,))

    def refused(self, mark: str) -> None:
        """Note that an attempt left nothing on the server."""
        with self._db:
            self._db.execute("update sending set state = 'gone' where mark = ?", (mark,))

    def unsettled(self) -> list[Sending]:
        """The attempts of which nobody knows yet what became of them."""
        return self._sendings("sent")

    def doubtful(self) -> list[Sending]:
        """The attempts that were given up, although they may arrive yet."""
        return self._sendings("lost")

    def markers(self) -> list[int]:
        """The ids of all markers that are known."""
        rows = self._db.execute("select before, after from sending where state = 'there'").fetchall()
        return [marker for pair in rows for marker in pair]

    def tidied(self) -> None:
        """Note that no marker is left on the server."""
        with self._db:
            self._db.execute(
                "update sending set state = 'gone' where state != 'sent'"
            )  # and the marks are not given again

    @property
    def count(self) -> int:
        """How many files are on the server."""
        return int(self._one("select count(*) from media where id is not null"))

    def uploads(self) -> list[int]:
        """The ids of the files that are on the server."""
        return [file for (file,) in self._db.execute("select id from media where id is not null").fetchall()]

    def stored(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Path on the server, own name, and results of each file, in the order of the input."""
        position = -1
        query = "select position, stored, name, results from media where position > ? order by position limit ?"
        while rows := self._db.execute(query, (position, AT_ONCE)).fetchall():
            for _, stored, name, results in rows:
                yield stored, name, json.loads(results)
            position = rows[-1][0]

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _one(self, query: str) -> Any:
        return self._db.execute(query).fetchall()[0][0]

    def _sendings(self, state: str) -> list[Sending]:
        query = "select mark, first, last from sending where state = ? order by rowid"
        names = "select name from media where position between ? and ? order by position"
        return [
            Sending(mark, first, [name for (name,) in self._db.execute(names, (first, last)).fetchall()])
            for mark, first, last in self._db.execute(query, (state,)).fetchall()
        ]
