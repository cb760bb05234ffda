"""What a person sees: results on stdout, progress and complaints on stderr, one exit status for each kind of error.

rich is imported when there is something to print with it: a list that goes into a pipe does without.
"""

from __future__ import annotations

import logging
import os
import sys
from traceback import format_exception
from typing import TYPE_CHECKING, Self

from ..errors import Forbidden, InvalidInput, LabelwireError, NotFound, Unauthorized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console
    from rich.progress import TaskID

    from ..bulk.report import Progress as Done

ERROR, USAGE, NOT_ALLOWED, NOT_FOUND, PARTLY, INTERRUPTED = 1, 2, 3, 4, 5, 130

STATUS: tuple[tuple[type[Exception], int], ...] = (
    (InvalidInput, USAGE),
    (Unauthorized, NOT_ALLOWED),
    (Forbidden, NOT_ALLOWED),
    (NotFound, NOT_FOUND),
    (BrokenPipeError, 0),
    (LabelwireError, ERROR),
    (OSError, ERROR),
)
"""Exit statuses by kind of error; the first that fits."""

EXTRAS = {"PIL": "demo", "aiohttp": "async", "yarl": "async", "filelock": "server", "platformdirs": "server"}
"""Packages that come with an extra, by the name they are imported under."""


def out() -> Console:
    """Where results go."""
    from rich.console import Console

    return Console(highlight=False, markup=False)


def err() -> Console:
    """Where everything else goes."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False)


def status_of(error: Exception) -> int | None:
    """The exit status of an error that is the user's or the server's; None for one of the program's own."""
    if isinstance(error, ImportError):
        return ERROR if _missing(error) else None
    return next((status for kind, status in STATUS if isinstance(error, kind)), None)


def complain(error: Exception, *, traceback: bool) -> None:
    """Prints what is wrong, with the traceback if it is wanted."""
    if isinstance(error, BrokenPipeError):
        # Whoever read it has gone; what is left in the buffer goes nowhere, without a word when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    if traceback:
        err().print("".join(format_exception(error)), soft_wrap=True)
    missing = _missing(error)
    what = f'This needs {missing}: pip install "labelwire[{EXTRAS[missing]}]"' if missing else str(error)
    err().print(f"Error: {what}", style="red", soft_wrap=True)


def facts(values: Mapping[str, object]) -> None:
    """Prints names with their values, a line each, as results."""
    width = max(map(len, values)) + 2
    for name, value in values.items():
        out().print(f"{name:<{width}}{value}", soft_wrap=True)


def _missing(error: BaseException | None) -> str | None:
    """The package of an extra whose absence is behind the error."""
    while isinstance(error, ImportError):
        top = (error.name or "").partition(".")[0]
        if top in EXTRAS:
            return top
        error = error.__cause__
    return None


class Log(logging.Handler):
    """Prints what labelwire logs, down to each request, until it is closed."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._logger = logging.getLogger("labelwire")
        self._before = self._logger.level
        self._logger.setLevel(logging.DEBUG)
        self._logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Prints a line."""
        err().print(self.format(record), style="dim", soft_wrap=True)

    def close(self) -> None:
        """Leaves the log as it was."""
        self._logger.removeHandler(self)
        self._logger.setLevel(self._before)
        super().close()


class Watch:
    """Shows what is being done: a bar each, gone in the end; where stderr is no terminal, a line each."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._console = err()
        self._bars = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        self._what = ""
        self._bar: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._bars.stop()

    def say(self, sentence: str) -> None:
        """Shows one of LocalServer's sentences, which it repeats with the seconds that it has taken so far."""
        self.show(sentence.partition(" … ")[0])

    def progress(self, what: str) -> Callable[[Done], None]:
        """What bulk work tells how far it is."""
        self.show(what)
        return lambda now: self.show(what, now.done, now.total)

    def show(self, what: str, done: int = 0, total: int | None = None) -> None:
        """Shows how far something is; without a `total`, that it goes on."""
        if what != self._what:
            self._finish()
            self._what = what
            self._bar = self._bars.add_task(what, total=total)
            if not self._console.is_terminal:
                self._console.print(what, soft_wrap=True)
        if self._bar is not None:
            self._bars.update(self._bar, completed=done, total=total)

    def _finish(self) -> None:
        if self._bar is not None:
            self._bars.update(self._bar, total=1, completed=1)
