"""Where things are kept, and how processes take turns there."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

try:
    import filelock
    import platformdirs
except ImportError as missing:
    raise ImportError(
        f'a local Label Studio needs the package {missing.name}: pip install "labelwire[server]"'
    ) from missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .progress import Progress

MAKING = ".making-"
SECONDS_BETWEEN_TRIES = 0.5


def cache_dir() -> Path:
    """Environments and templates, which can be deleted and are made again; LABELWIRE_CACHE_DIR moves them."""
    chosen = os.environ.get("LABELWIRE_CACHE_DIR")
    return Path(chosen).expanduser().resolve() if chosen else platformdirs.user_cache_path("labelwire")


def default_data_dir() -> Path:
    """The data directory of a detached server for which none was named."""
    return platformdirs.user_data_path("labelwire") / "server"


@contextmanager
def locked(path: Path, progress: Progress, *, meanwhile: str) -> Iterator[None]:
    """Holds the lock file `path`; while another process has it, tells `meanwhile`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        progress.step(meanwhile)
        while not lock.is_locked:
            try:
                lock.acquire(timeout=SECONDS_BETWEEN_TRIES)
            except filelock.Timeout:
                progress.tick()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def aside(target: Path) -> Iterator[Path]:
    """A directory beside `target` to make it in; moved into its place when it is whole, it is never half-made.

    The caller holds the target's lock. What makers that were killed have left behind is removed, and a new name
    taken: what they had started may still write there for a moment.
    """
    prefix = f"{MAKING}{target.name}-"
    for left_behind in target.parent.glob(f"{prefix}*"):
        shutil.rmtree(left_behind, ignore_errors=True)
    making = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        yield making
    finally:
        shutil.rmtree(making, ignore_errors=True)
