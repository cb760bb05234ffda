"""Tasks and predictions that wait on disk until it is their turn, in a database that is gone once it is closed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import msgspec
from msgspec import Struct

from ..core.json import encode, loads
from ..errors import InvalidInput, UnexpectedReply
from ..files.json_items import items

_TABLES = """
create table prediction (task integer not null, id integer not null, text blob not null);
create table task (id integer primary key, text blob not null, annotations integer not null, skipped integer not null);
"""


class Key(Struct):
    """What a prediction is found by."""

    id: int
    task: int


class _Annotation(Struct, gc=False):
    was_cancelled: bool | None = None


class _Exported(Struct, gc=False):
    id: int
    annotations: list[_Annotation]


class Shelf:
    """The tasks and the predictions of a project, as JSON text."""

    def __init__(self) -> None:
        # Pages are fetched ahead in another thread, one at a time.
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._db.executescript(_TABLES)

    def fill(self, file: IO[bytes]) -> int:
        """How many predictions were taken in from the file, a JSON array.

        Raises:
            UnexpectedReply: where it is something else.
        """
        filled = self._fill(
            file, "insert into prediction values (?, ?, ?)", _predictions, "The list of the project's predictions"
        )
        self._db.execute("create index by_task on prediction (task, id)")
        return filled

    def of(self, task: int) -> list[Any]:
        """The task's predictions, in the order of their ids."""
        rows = self._db.execute("select text from prediction where task = ? order by id", (task,))
        return [loads(text) for (text,) in rows]

    def put(self, tasks: Iterable[dict[str, Any]]) -> None:
        """Take in tasks without annotations."""
        self._db.executemany(
            "insert or replace into task values (?, ?, 0, 0)", [(task["id"], encode(task)) for task in tasks]
        )

    def put_exported(self, file: IO[bytes]) -> int:
        """How many tasks were taken in from the file, an export, in the place of those of the same ids.

        Raises:
            UnexpectedReply: where it is no export.
        """
        return self._fill(file, "insert or replace into task values (?, ?, ?, ?)", _exported, "The export")

    def counts(self) -> tuple[int, int, int]:
        """How many tasks there are, how many annotations they have that were submitted, and how many skipped."""
        found = self._db.execute("select count(*), total(annotations), total(skipped) from task").fetchone()
        return int(found[0]), int(found[1]), int(found[2])

    def tasks(self, after: int, most: int) -> Sequence[dict[str, Any]]:
        """The next tasks by id, as they were put there."""
        rows = self._db.execute("select text from task where id > ? order by id limit ?", (after, most))
        return [loads(text) for (text,) in rows]

    def close(self) -> None:
        """Throw it all away."""
        self._db.close()

    def _fill(self, file: IO[bytes], sql: str, rows: Any, name: str) -> int:
        file.seek(0)
        self._db.execute("begin")
        try:
            filled = self._db.executemany(sql, rows(file))
        except (InvalidInput, msgspec.DecodeError, UnicodeDecodeError) as error:
            self._db.execute("rollback")
            raise UnexpectedReply(f"{name} is not as expected: {error}") from None
        self._db.execute("commit")
        return filled.rowcount


def _predictions(file: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    key = msgspec.json.Decoder(Key).decode
    for text in items(file, name="The list"):
        found = key(text)
        yield found.task, found.id, text


def _exported(file: IO[bytes]) -> Iterator[tuple[int, bytes, int, int]]:
    decode = msgspec.json.Decoder(_Exported).decode
    for text in items(file, name="The export"):
        found = decode(text)
        skipped = sum(1 for one in found.annotations if one.was_cancelled)
        yield found.id, text, len(found.annotations) - skipped, skipped
