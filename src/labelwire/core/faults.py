"""What a driver says when there was no answer, in one place for both of them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from ..errors import ConnectionLost, TimedOut

if TYPE_CHECKING:
    from .operation import Wire


class Fault(Enum):
    """Where on its way a request was lost; the value says it in words."""

    TLS = "no trusted TLS connection ({reason}). For a certificate of your own pass verify='path/to/ca.pem'."
    CONNECT_TIMEOUT = "no connection in time. Is the URL right and the server up?"
    NAME = "the host's name is not known. Check the URL."
    PROXY = "the proxy cannot be used ({reason})."
    REFUSED = "nothing answers there. Is the server up, and the port right?"
    TIMEOUT = "no answer in time."
    BROKEN = "the connection broke before the answer was complete."


UNKNOWN_FATE = " Nobody knows whether the server applied it: look before you send it again."


def lost(wire: Wire, fault: Fault, reason: object = "") -> ConnectionLost:
    """The error for a request that got no answer."""
    kind = TimedOut if fault in (Fault.TIMEOUT, Fault.CONNECT_TIMEOUT) else ConnectionLost
    message = f"{wire.method} {wire.url.partition('?')[0]}: {fault.value.format(reason=reason)}"
    if fault not in (Fault.TIMEOUT, Fault.BROKEN):
        error = kind(message, applied=False, passing=fault is not Fault.TLS)
    else:
        error = kind(message if wire.method in ("GET", "HEAD") else message + UNKNOWN_FATE)
    error.fault = fault.name
    return error
