"""Acknowledging at once, for a server that waits for it.

`label-studio start` writes headers and body apart, and its second write waits until the first is acknowledged, which a
kept-alive connection puts off for 40 ms. Linux can be told not to; it forgets soon, so it is told before each answer.
"""

from __future__ import annotations

import socket
from typing import Any

OPTION: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Linux has it; elsewhere nothing is done."""


def acknowledge_at_once(line: Any) -> None:
    """Tell the system so for what this socket receives next."""
    if OPTION is not None and line is not None:
        line.setsockopt(socket.IPPROTO_TCP, OPTION, 1)
