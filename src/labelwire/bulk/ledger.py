"""What a run has sent and what became of it, in an SQLite file, so that it can go on where it was interrupted."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path
from uuid import uuid4

from msgspec import Struct, field

from ..errors import InvalidInput
from .batches import Batch
from .report import Refused

SCHEMA = """
create table if not exists run (
    name text not null, server text not null, project integer not null, tidied integer not null default 1
);
create table if not exists batch (
    first integer primary key,  -- the position of its first item in the input
    last integer not null,
    digest blob not null,
    marks text not null,        -- JSON: the names under which it was sent, in order
    ids blob,                   -- 64-bit integers once it is known to be on the server
    annotations integer not null default 0,
    predictions integer not null default 0
);
create table if not exists refused (position integer primary key, reason text not null);
"""


class Entry(Struct):
    """One batch: how often and under which marks it was sent, and its tasks' ids once they are known."""

    first: int
    last: int
    digest: bytes
    marks: list[str] = field(default_factory=list)
    ids: array[int] | None = None
    annotations: int = 0
    predictions: int = 0


class Ledger:
    """The batches of one run. Without a path it is kept in memory and ends with the run.

    Raises:
        InvalidInput: for a file that is no ledger, or one of a run into another project.
    """

    def __init__(self, path: str | PathLike[str] | None, server: str, project: int) -> None:
        self.path = None if path is None else Path(fspath(path)).expanduser()
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # The driver of the async client works in several threads, one at a time.
            self._db = sqlite3.connect(self.path or ":memory:", check_same_thread=False, isolation_level=None)
            self._db.executescript(SCHEMA)
            found = self._db.execute("select name, server, project from run").fetchone()
        except sqlite3.DatabaseError as error:
            raise InvalidInput(f"{path} cannot be used as a ledger: {error}.") from None
        if found is None:
            found = (f"labelwire-{uuid4().hex[:12]}", server, project)
            self._db.execute("insert into run (name, server, project) values (?, ?, ?)", found)
        elif found[1:] != (server, project):
            self.close()
            raise InvalidInput(
                f"{path} is the ledger of an import into project {found[2]} of {found[1]}, and not into project "
                f"{project} of {server}. Give each import a ledger of its own."
            )
        self.run: str = found[0]

    def entries(self) -> list[Entry]:
        """The batches so far, in order."""
        rows = self._db.execute(
            "select first, last, digest, marks, ids, annotations, predictions from batch order by first"
        )
        return [
            Entry(first, last, digest, json.loads(marks), None if ids is None else array("q", ids), made, predicted)
            for first, last, digest, marks, ids, made, predicted in rows
        ]

    def sending(self, batch: Batch, marks: list[str]) -> None:
        """Note, before it is sent, under which marks the batch may be found on the server."""
        self._db.execute("update run set tidied = 0")
        self._db.execute(
            "insert or replace into batch (first, last, digest, marks) values (?, ?, ?, ?)",
            (batch.first, batch.positions[-1], batch.digest, json.dumps(marks)),
        )

    def applied(self, batch: Batch, ids: array[int], annotations: int, predictions: int) -> None:
        """Note that the batch is on the server, and its tasks' ids."""
        self._db.execute(
            "update batch set ids = ?, annotations = ?, predictions = ? where first = ?",
            (ids.tobytes(), annotations, predictions, batch.first),
        )

    def forget(self, batch: Batch) -> None:
        """Take back that the batch is sent: it certainly was not applied."""
        self._db.execute("delete from batch where first = ?", (batch.first,))

    @property
    def tidied(self) -> bool:
        """Whether nothing that was sent since needs to be tidied up."""
        return bool(self._db.execute("select tidied from run").fetchone()[0])

    def tidy(self) -> None:
        """Note that all is tidied up."""
        self._db.execute("update run set tidied = 1")

    def refuse(self, refused: Sequence[Refused]) -> None:
        """Note which items the server does not take."""
        rows = [(one.position, one.reason) for one in refused]
        self._db.executemany("insert or replace into refused values (?, ?)", rows)

    def refused(self) -> list[Refused]:
        """The items that the server does not take."""
        return [Refused(*row) for row in self._db.execute("select position, reason from refused order by position")]

    def close(self) -> None:
        """Close the file."""
        self._db.close()
