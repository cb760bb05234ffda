"""Batches done side by side: in processes of their own, and in this one while they have enough to do.

A process that has no other thread, not even of a library's, is forked where it is Linux's, which takes no time.
Otherwise they are plain subprocesses. They are no `multiprocessing`, which starts the caller's own script again in each
worker, and so goes wrong for every script without a `__main__` guard, or forks a process whatever threads it has.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any, NoReturn, Protocol, Self

import msgspec

from ..errors import LabelwireError
from .batch import Batches, Job, Part, Record

if sys.platform == "linux":
    import fcntl

MOST = 3
AHEAD = 3
"""Batches that each worker has at a time: one that it does, and enough that wait while this process does one."""

HELD = 6
"""Parts that may wait for one before them."""

LOOKS = hasattr(select, "poll")
"""Whether the system tells of a pipe that something is in it. Elsewhere, this process waits for the others."""

_packed = msgspec.msgpack.Encoder().encode
_unpacked = msgspec.msgpack.Decoder(list[Record]).decode
"""Batches, in a fourth of the time that pickling them takes."""

PIPE = 1 << 20
"""Bytes that a pipe holds, where the system lets it: more than a batch, so that nobody waits in the middle of one.

A read that is done in steps would wait at each for the thread that works.
"""

_CALL = "from labelwire.formats.workers import serve; serve()"


class WorkerLost(LabelwireError):
    """A process that worked on a batch has ended."""


class Process(Protocol):
    """A process with its input and its output, neither of which is buffered here."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    def kill(self) -> None:
        """End it."""

    def wait(self) -> int:
        """Wait for its end; its exit status."""
        ...


class _Slot:
    """A batch's turn: the part that it has become, once it is there."""

    __slots__ = ("part",)

    def __init__(self, part: Part | None = None) -> None:
        self.part = part


class _Worker:
    """A process, and the slots of the batches that it has."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.slots: deque[_Slot] = deque()
        self._poll = select.poll() if LOOKS else None
        if self._poll is not None and process.stdout is not None:
            self._poll.register(process.stdout, select.POLLIN)

    def give(self, batch: Sequence[Record]) -> _Slot:
        """Have it do a batch."""
        _send(self.process.stdin, _packed(batch))
        slot = _Slot()
        self.slots.append(slot)
        return slot

    def take(self) -> None:
        """Wait for its next answer."""
        self.slots.popleft().part = _receive(self.process)

    @property
    def answers(self) -> bool:
        """Whether its next answer has begun to come."""
        return bool(self.slots) and self._poll is not None and bool(self._poll.poll(0))


class Workers:
    """Processes that do a job's batches; a context manager that ends them."""

    def __init__(self, job: Job, count: int) -> None:
        self._job = job
        self._here: Batches | None = None
        self._processes: list[Process] = []
        try:
            for _ in range(count):
                self._processes.append(_Forked(self._processes) if _alone() else _started())
            for process in self._processes:
                _send(process.stdin, _pickled(job))
        except BaseException:
            self._end(kill=True)
            raise

    def parts(self, batches: Iterable[Sequence[Record]]) -> Iterator[Part]:
        """The parts, in the order of the batches; few are under way at a time."""
        workers = [_Worker(process) for process in self._processes]
        turns: deque[_Slot] = deque()
        most = AHEAD * len(workers) + HELD
        for batch in batches:
            free = min(workers, key=lambda worker: len(worker.slots))
            if len(free.slots) < AHEAD:
                turns.append(free.give(batch))
            else:
                turns.append(_Slot(self._done_here(batch)))
            for worker in workers:
                while worker.answers:
                    worker.take()
            yield from _come(turns)
            while turns and (len(turns) >= most or (not LOOKS and all(len(one.slots) >= AHEAD for one in workers))):
                _wait(workers, turns[0])
                yield from _come(turns)
        while turns:
            _wait(workers, turns[0])
            yield from _come(turns)

    def _done_here(self, batch: Sequence[Record]) -> Part:
        self._here = self._here or Batches(self._job)
        return self._here.part(batch)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(kill=error is not None)

    def _end(self, *, kill: bool) -> None:
        for process in self._processes:
            if kill:
                process.kill()
            if process.stdin is not None:
                with suppress(OSError):  # it has ended by itself
                    process.stdin.close()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _come(turns: deque[_Slot]) -> Iterator[Part]:
    """The parts whose turn it is and which are there."""
    while turns and (part := turns[0].part) is not None:
        turns.popleft()
        yield part


def _wait(workers: Iterable[_Worker], slot: _Slot) -> None:
    """Wait for a part that a worker has."""
    worker = next((one for one in workers if slot in one.slots), None)
    while worker is not None and slot.part is None:
        worker.take()


class _Forked:
    """A process that goes on from here, with pipes to it."""

    def __init__(self, before: Sequence[Process]) -> None:
        given, self._given = _pipe()
        self._answered, answers = _pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._serve(before, given, answers)
        os.close(given)
        os.close(answers)
        self._code: int | None = None
        self.stdin: IO[bytes] | None = os.fdopen(self._given, "wb", buffering=0)
        self.stdout: IO[bytes] | None = os.fdopen(self._answered, "rb", buffering=0)

    def _serve(self, before: Sequence[Process], given: int, answers: int) -> NoReturn:
        """The life of the new process. It ends without what the caller's would do at its end."""
        code = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.close(self._given)
            os.close(self._answered)
            for one in before:  # else they would wait for the end of their input until this one ends
                for stream in (one.stdin, one.stdout):
                    if stream is not None:
                        os.close(stream.fileno())
            # What a library prints must not get among what the caller prints.
            sys.stdout = sys.stderr
            _work(os.fdopen(given, "rb"), os.fdopen(answers, "wb"))
            code = 0
        finally:
            os._exit(code)

    def kill(self) -> None:
        """End it."""
        if self._code is None:
            os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end; its exit status."""
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        return self._code


def _started() -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen(  # noqa: S603 - this interpreter, with these modules
        [sys.executable, "-c", _CALL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        env=environment,
        pipesize=PIPE,
    )


def _pipe() -> tuple[int, int]:
    ends = os.pipe()
    if sys.platform == "linux":
        with suppress(OSError):  # the system may allow less
            fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, PIPE)
    return ends


def _alone() -> bool:
    """Whether this process has one thread, which the system knows better than Python."""
    return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208


def _send(stream: IO[bytes] | None, content: bytes) -> None:
    if stream is None:
        raise WorkerLost("A process that converts has no input.")
    try:
        left = memoryview(len(content).to_bytes(8, "big") + content)
        while left:
            left = left[stream.write(left) :]
        stream.flush()
    except OSError:  # Windows has another one than a broken pipe
        raise WorkerLost("A process that converts has ended; workers=0 shows why, in this process.") from None


def _receive(process: Process) -> Part:
    content = _read(process.stdout)
    if content is None:
        code = process.wait()
        raise WorkerLost(
            f"A process that converts has ended with {code}, maybe for want of memory; workers=0 does all of it in "
            "this process."
        )
    answer = pickle.loads(content)  # noqa: S301 - from a process of our own
    if isinstance(answer, BaseException):
        raise answer
    if not isinstance(answer, Part):
        raise WorkerLost("A process that converts has answered something else.")
    return answer


def _read(stream: IO[bytes] | None) -> bytearray | None:
    """What was sent; None where the other side has ended, maybe in the middle of it."""
    if stream is None or (head := _exactly(stream, 8)) is None:
        return None
    return _exactly(stream, int.from_bytes(head, "big"))


def _exactly(stream: Any, size: int) -> bytearray | None:
    content = bytearray(size)
    left = memoryview(content)
    while left:
        count = stream.readinto(left)
        if not count:
            return None
        left = left[count:]
    return content


def _pickled(value: Any) -> bytes:
    return pickle.dumps(value, protocol=5)


def serve() -> None:
    """A worker: a job, then batches, from standard input to standard output until the input ends."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    # What a library prints must not get among the answers.
    sys.stdout = sys.stderr
    _work(source, target)


def _work(source: IO[bytes], target: IO[bytes]) -> None:
    job = _read(source)
    if job is None:
        return
    # Read meanwhile: while one side waits to be rid of a batch and the other of a part, nobody would go on.
    given: SimpleQueue[bytearray | None] = SimpleQueue()
    threading.Thread(target=_read_all, args=(source, given), daemon=True).start()
    batches: Batches | None = None
    while (records := given.get()) is not None:
        answer: Any
        try:
            batches = batches or Batches(pickle.loads(job))  # noqa: S301 - from a process of our own
            answer = batches.part(_unpacked(records))
        except BaseException as error:  # told to the caller, who raises it
            answer = _portable(error)
        _send(target, _pickled(answer))


def _read_all(source: IO[bytes], given: SimpleQueue[bytearray | None]) -> None:
    while (records := _read(source)) is not None:
        given.put(records)
    given.put(None)


def _portable(error: BaseException) -> BaseException:
    """The error, or what it says where it cannot be sent to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # whatever its class does
        return WorkerLost(f"A process that converts has failed: {type(error).__name__}: {error}")
    return error
