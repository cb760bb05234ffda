"""Data directories, and the migrated database that new ones begin with."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from ..errors import InvalidInput
from .places import MAKING, aside, cache_dir, locked
from .process import run
from .settings import server_env
from .state import DATABASE, OURS

if TYPE_CHECKING:
    from pathlib import Path

    from .environment import Environment
    from .progress import Progress

ENV_FILE = ".env"
"""Where Label Studio keeps the key that signs sessions and tokens."""


def check(data_dir: Path) -> None:
    """Raises InvalidInput for a directory that holds other things than a server's."""
    if not data_dir.exists() or (data_dir / DATABASE).exists():
        return
    if not data_dir.is_dir():
        raise InvalidInput(f"{data_dir} is not a directory; name one that is empty or does not exist yet")
    foreign = [file.name for file in data_dir.iterdir() if not file.name.startswith((OURS, MAKING))]
    if foreign:
        raise InvalidInput(
            f"{data_dir} holds {min(foreign)!r} and no Label Studio database; "
            f"name a directory that is empty or does not exist yet"
        )


def prepare(data_dir: Path, environment: Environment, progress: Progress) -> None:
    """Gives a data directory its database and its key, unless it has them. The caller holds the directory's lock."""
    database = data_dir / DATABASE
    if database.exists():
        return
    copy = database.with_name(f"{MAKING}{DATABASE}")
    shutil.copyfile(_template(environment, progress), copy)
    copy.chmod(0o600)
    copy.replace(database)
    # The key that signs sessions and tokens. One that Label Studio makes begins with "$" in one of fifty
    # directories; then it cannot read it back, makes another at each start, and every token is refused.
    with os.fdopen(os.open(data_dir / ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"SECRET_KEY={secrets.token_hex(32)}\n")


def _template(environment: Environment, progress: Progress) -> Path:
    """A database with all migrations and nobody in it: without it, a first start takes a minute more."""
    templates = cache_dir() / "templates"
    database = templates / environment.version / DATABASE
    if not database.exists():
        waiting = f"Waiting for another process that prepares Label Studio {environment.version}"
        with locked(templates / f"{environment.version}.lock", progress, meanwhile=waiting):
            if not database.exists():
                _migrate(database, environment, progress)
    return database


def _migrate(database: Path, environment: Environment, progress: Progress) -> None:
    version = environment.version
    progress.step(f"Preparing the database of Label Studio {version} (once, about a minute)")
    with aside(database.parent) as making:
        # `init -q` migrates and makes no user: the first start makes user and organization, and only when it
        # makes the organization does it heed --enable-legacy-api-token.
        run(
            environment.python,
            "label_studio.server",
            ["init", "-q", "--data-dir", str(making), "--log-level", "ERROR"],
            env=server_env(making, {}),
            log=making / "output",
            progress=progress,
            doing=f"preparing the database of Label Studio {version}",
        )
        with closing(sqlite3.connect(making / DATABASE)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.parent.mkdir(exist_ok=True)
        # The database alone: .env beside it holds this server's own key.
        (making / DATABASE).replace(database)
