"""A terminal, in which a test reads what a command says and types what a person would."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

pty = pytest.importorskip("pty", reason="terminals are POSIX's")

SECONDS = 60.0
"""How long a test waits for words."""

START = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, sys.argv[1:])"
"""Makes the terminal on standard input the process's own: where passwords are asked for, and whence Ctrl-C comes."""


class Terminal:
    """A command on a terminal of its own. `seen` is all that the terminal has shown."""

    def __init__(self, process: subprocess.Popen[bytes], end: int) -> None:
        self._process = process
        self._end = end
        self._expected = 0
        self.seen = ""

    def type(self, text: str) -> None:
        """Types the text; "\\x03" is Ctrl-C."""
        os.write(self._end, text.encode())

    def expect(self, words: str) -> None:
        """Reads as far as to these words, after those that were expected before."""
        while (found := self.seen.find(words, self._expected)) < 0:
            assert self._read(), f"It ended before it said {words!r}: {self.seen!r}"
        self._expected = found + len(words)

    def status(self) -> int:
        """The exit status, when the command has ended."""
        while self._read():
            pass
        return self._process.wait(SECONDS)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._end], [], [], SECONDS)
        assert ready, f"Nothing more in {SECONDS:.0f} s than: {self.seen!r}"
        try:
            text = os.read(self._end, 65536)
        except OSError:  # Linux's way of saying that nobody writes any more
            return False
        self.seen += text.decode()
        return bool(text)


@contextlib.contextmanager
def typing(*arguments: object, **environment: str) -> Iterator[Terminal]:
    """`labelwire ARGUMENTS` on a terminal; it is killed where the test does not see its end."""
    end, theirs = pty.openpty()
    known: Mapping[str, str] = {**os.environ, "TERM": "xterm", "COLUMNS": "200", **environment}
    command = [sys.executable, "-m", "labelwire.cli", *map(str, arguments)]
    with subprocess.Popen(
        [sys.executable, "-c", START, *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=known,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        try:
            yield Terminal(process, end)
        finally:
            process.kill()
            os.close(end)
