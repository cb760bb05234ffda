"""The most memory that a process and all that it starts have at a time."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

PAUSE = 0.03


class Peak:
    """Looks at a process every 30 ms. Pages that several share are counted in parts, as the system does (PSS)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.mb = 0.0
        self._process = process
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while self._process.poll() is None:
            self.mb = max(self.mb, sum(map(_pss, _family(self._process.pid))))
            threading.Event().wait(PAUSE)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # it has ended
        return
    for child in children.split():
        yield from _family(int(child))


def _pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("Pss:")), 0.0)
