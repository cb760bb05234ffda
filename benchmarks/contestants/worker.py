"""The line protocol of the contestants: a call in as a line of JSON, what it took out as another.

A call names a row, the server and the row's arguments. The client is made and has made its first request before
the clock starts (a row that is `warm` has run once, too), and what a row gives is counted after it stops.
"""

from __future__ import annotations

import gc
import inspect
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import counting

Connect = Callable[[str, str], Any]
Row = Callable[[Any, dict[str, Any]], Any]


def serve(connect: Connect, rows: Mapping[str, Any]) -> None:
    """Answer calls until the input ends; `rows` has the functions by name. What a library prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    clients: dict[str, Any] = {}
    run: Callable[[Any], Any] | None = None
    for line in sys.stdin:
        call = json.loads(line)
        row: Row = rows[call["row"]]
        try:
            if inspect.iscoroutinefunction(row) and run is None:
                import asyncio  # here, since a contestant without it shall not carry its weight

                run = asyncio.Runner().run
            if call["url"] not in clients:
                clients[call["url"]] = _now(connect(call["url"], call["token"]), run)
                if call["warm"]:
                    _now(row(clients[call["url"]], {**call, "times": call.get("at_once", 2)}), run)
            answer = _measure(row, clients[call["url"]], call, run)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"[:500]}
        answers.write(json.dumps(answer) + "\n")


def _measure(row: Row, client: Any, call: dict[str, Any], run: Callable[[Any], Any] | None) -> dict[str, Any]:
    gc.collect()
    before = peak_mb()
    result: Any = None
    cpu, started = time.process_time(), time.perf_counter()
    for _ in range(call["loops"]):
        result = _now(row(client, call), run)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    after = peak_mb()
    return {
        "seconds": seconds,
        "cpu": cpu,
        "peak_mb": after,
        "over_mb": after - before,
        "count": counting.COUNTS[call["counts"]](result),
    }


def _now(value: Any, run: Callable[[Any], Any] | None) -> Any:
    return run(value) if run is not None and inspect.iscoroutine(value) else value


def peak_mb() -> float:
    """The most memory this process ever had, in MB of a million bytes.

    Linux passes ru_maxrss on from the process that started this one; VmHWM is this program's own.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6
