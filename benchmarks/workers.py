"""The contestants' processes, as the benchmark sees them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).parent.parent


class NotMeasured(Exception):
    """A contestant could not do a row."""


def pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    """The input and the output of a process that was started with pipes for both."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process has no pipes")
    return process.stdin, process.stdout


class Worker:
    """One contestant's process; it answers calls until it is closed."""

    def __init__(self, program: str, python: str, log: IO[str]) -> None:
        # Without bytecode, what is imported when it is first used would be compiled within the times.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        self.program = program
        self._process = subprocess.Popen(  # noqa: S603
            [python, "-m", f"benchmarks.contestants.{program}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        self._calls, self._answers = pipes(self._process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, call: dict[str, Any]) -> dict[str, Any]:
        """What one measurement took.

        Raises:
            NotMeasured: when the contestant could not do it, and why.
        """
        try:
            self._calls.write(json.dumps(call) + "\n")
            self._calls.flush()
            line = self._answers.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise NotMeasured(f"{self.program}'s process ended; its output says why")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise NotMeasured(answer["error"])
        return answer

    def close(self) -> None:
        """End the process."""
        with suppress(BrokenPipeError):  # it may have ended by itself
            self._calls.close()
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()


class Workers:
    """A process for each contestant that is asked, all ended together."""

    def __init__(self, pythons: dict[str, str], log: IO[str]) -> None:
        self._pythons = pythons
        self._log = log
        self._running: dict[str, Worker] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._running.values():
            worker.close()

    def call(self, program: str, call: dict[str, Any], *, fresh: bool) -> dict[str, Any]:
        """One measurement, by a new process where its memory is what counts."""
        if fresh:
            with self._start(program) as worker:
                return worker(call)
        if program not in self._running:
            self._running[program] = self._start(program)
        return self._running[program](call)

    def _start(self, program: str) -> Worker:
        return Worker(program, self._pythons.get(program, sys.executable), self._log)
