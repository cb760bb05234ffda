"""What is known of the server on a data directory: its owner's login and its process."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import msgspec

from ..errors import InvalidInput
from .process import Process

if TYPE_CHECKING:
    from pathlib import Path

OURS = "labelwire-server"
STATE_FILE = f"{OURS}.json"
LOG_FILE = f"{OURS}.log"
LOCK_FILE = f"{OURS}.lock"
DATABASE = "label_studio.sqlite3"

EMAIL = "admin@localhost.local"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state file's content. `url` and `process` are None while no server runs."""

    version: str
    email: str = EMAIL
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    legacy_token: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)
    api_key: str | None = field(default=None, repr=False)
    process: Process | None = None
    port: int | None = None
    url: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show."""
        return (self.password, self.legacy_token, self.api_key or "")

    @property
    def alive(self) -> Process | None:
        """The server's process, if it still runs."""
        return self.process if self.process and self.process.alive else None


def read(data_dir: Path) -> State | None:
    """The state of a data directory, or None when it has none; raises InvalidInput for a broken file."""
    path = data_dir / STATE_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise InvalidInput(
            f"{path} is not what labelwire wrote there ({error}). It holds the login of the server's owner: "
            f"put its backup back, or use another data directory."
        ) from error


def write(data_dir: Path, state: State) -> None:
    """Replaces the state file, whole or not at all, readable to its owner only."""
    path = data_dir / STATE_FILE
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(state), file, indent=2)
    aside.replace(path)
