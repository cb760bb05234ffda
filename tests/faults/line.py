"""One connection of a client to the proxy: read piece by piece, and ended in every way that there is."""

from __future__ import annotations

import socket
import struct
import threading
import time

from .faults import Drip

LOOK = 0.002
"""Seconds between two looks at what has come in."""

MOST = 1 << 16

TLS = b"\x16"
"""What a TLS connection begins with. There is none here, and the answer is that of any plain server."""


class Lost(Exception):
    """The client has gone."""


class Line:
    """A client's connection. With a `pace`, data goes in and out in pieces."""

    def __init__(self, connection: socket.socket, closing: threading.Event) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._closing = closing
        self._buffer = b""
        self.pace: Drip | None = None

    def request_line(self) -> str | None:
        """The next request's first line, looked at and not read; None when no more comes."""
        while True:
            ahead = self._buffer + self._socket.recv(MOST, socket.MSG_PEEK)
            if ahead[:1] == TLS:
                self.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                self.close_gently()
                return None
            if b"\r\n" in ahead:
                return ahead.partition(b"\r\n")[0].decode("latin-1")
            if not ahead or self._closing.is_set():
                return None
            time.sleep(LOOK)

    def head(self) -> list[tuple[str, str]]:
        """The request's headers, in order and as they were sent."""
        while b"\r\n\r\n" not in self._buffer:
            self._more(MOST)
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        pairs = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
        return [(name, text.strip()) for name, _, text in pairs]

    def read(self, length: int) -> bytes:
        """So many bytes of the body."""
        while len(self._buffer) < length:
            if self.pace:
                time.sleep(self.pace.seconds)
            self._more(max(length // self.pace.pieces, 1) if self.pace else max(length - len(self._buffer), 1))
        content, self._buffer = self._buffer[:length], self._buffer[length:]
        return content

    def _more(self, most: int) -> None:
        piece = self._socket.recv(most)
        if not piece:
            raise Lost
        self._buffer += piece

    def send(self, *parts: bytes) -> None:
        """Send it, at once or at the pace."""
        content = b"".join(parts)
        if not self.pace:
            self._socket.sendall(content)
            return
        size = max(len(content) // self.pace.pieces, 1)
        for start in range(0, len(content), size):
            self._socket.sendall(content[start : start + size])
            time.sleep(self.pace.seconds)

    def wait_for_the_client_to_go(self, seconds: float) -> None:
        """Neither send nor answer until the client closes, or for so many seconds."""
        self._drain(seconds)

    def close_gently(self) -> None:
        """End what is sent with FIN. What the client still sends is read: an unread rest would make a reset of it."""
        self._socket.shutdown(socket.SHUT_WR)
        self._drain(1.0)
        self.close()

    def reset(self) -> None:
        """End the connection with RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def hang_up(self) -> None:
        """Wake up whoever waits on this connection, since the proxy ends."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it has ended already

    def close(self) -> None:
        """Close it; twice is no error."""
        self._socket.close()

    def _drain(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self._socket.settimeout(0.05)
        while time.monotonic() < end and not self._closing.is_set():
            try:
                if not self._socket.recv(MOST):
                    return
            except TimeoutError:
                continue
            except OSError:
                return
