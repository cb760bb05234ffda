"""A proxy in front of a real server that cuts, delays, doubles and refuses, as a plan says.

It speaks HTTP/1.1 on plain sockets, since a library would repair what is to be broken. Method, path, query, headers
(Host too, so that links lead back here) and body go through byte for byte; connections of clients are kept alive.
"""

from __future__ import annotations

import http.client
import socket
import threading
from typing import Self
from urllib.parse import urlsplit

from .faults import Answer, Asked, Break, Drip, Fault, Late, Nothing, Phase, Plan, Redirect, Truncated, Twice, gateway
from .line import Line, Lost

Headers = list[tuple[str, str]]
Reply = tuple[int, str, Headers, bytes]

OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "proxy-connection"}
NO_SERVER = gateway(502, "Bad Gateway")
"""What the proxy says when the server behind it is down."""


class Over(Exception):
    """This request is done with; `keep` is whether the connection can carry another."""

    def __init__(self, keep: bool = False) -> None:
        self.keep = keep


class Proxy:
    """The proxy as a context manager.

    Args:
        upstream: the URL of the server behind it; it may be set anew while the proxy runs.
        plan: decides what each request meets; it may be set anew as well.

    Attributes:
        asked: every request that came, in order.
    """

    def __init__(self, upstream: str, plan: Plan | None = None) -> None:
        self.upstream = upstream
        self.plan: Plan = plan or Nothing()
        self.asked: list[Asked] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Condition()
        self._closing = threading.Event()
        self._lines: set[Line] = set()
        self._at_the_server = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._closing.set()
        # A thread that waits in accept() wakes up by a shutdown, not by a close.
        self._listener.shutdown(socket.SHUT_RDWR)
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            line.hang_up()
        with self._lock:
            self._lock.wait_for(lambda: not self._lines and not self._at_the_server, 30)
        self._listener.close()

    def of(self, method: str, target: str = "") -> list[Asked]:
        """The requests with this method whose path and query hold this text."""
        return [asked for asked in self.asked if asked.method == method and target in asked.target]

    def settle(self, within: float = 30.0) -> None:
        """Wait until the server has answered all that was delivered to it, late deliveries included."""
        with self._lock:
            assert self._lock.wait_for(lambda: not self._at_the_server, within), "the server still works on something"

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            line = Line(connection, self._closing)
            with self._lock:
                self._lines.add(line)
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: Line) -> None:
        try:
            kept = False
            while self._one(line, kept):
                kept = True
        except (Lost, OSError):
            return  # the client went away, which is its right
        finally:
            line.close()
            with self._lock:
                self._lines.discard(line)
                self._lock.notify_all()

    def _one(self, line: Line, kept: bool) -> bool:
        """Carry one request through; whether the connection can carry another."""
        start = line.request_line()
        if start is None:
            return False
        method, target, _ = start.split(" ", 2)
        asked = Asked(method, target, kept)
        with self._lock:
            self.asked.append(asked)
            asked.fault = self.plan.choose(asked)
        try:
            return self._through(line, asked, asked.fault or Fault(Drip(1, 0)))
        except Over as over:
            return over.keep

    def _through(self, line: Line, asked: Asked, fault: Fault) -> bool:
        self._strike(line, asked, fault, Phase.ARRIVAL)
        headers = line.head()
        keep = all("close" not in text.lower() for name, text in headers if name.lower() == "connection")
        length = next((int(text) for name, text in headers if name.lower() == "content-length"), 0)
        self._strike(line, asked, fault, Phase.HEADERS)
        body = line.read(length // 2)
        self._strike(line, asked, fault, Phase.BODY)
        body += line.read(length - length // 2)
        self._strike(line, asked, fault, Phase.FORWARD, keep)
        if isinstance(fault.act, Late):
            self._deliver_later(asked, headers, body, fault.act.seconds)
            line.send(*_written(asked, _answer(gateway(504, "Gateway Time-out"))))
            return keep
        reply = self._deliver(asked, headers, body)
        if isinstance(fault.act, Twice):
            again = self._deliver(asked, headers, body)
            reply = again if fault.act.answer == "second" else reply
        self._strike(line, asked, fault, Phase.ANSWERED, keep)
        return self._give(line, asked, fault, reply) and keep

    def _give(self, line: Line, asked: Asked, fault: Fault, reply: Reply) -> bool:
        head, body = _written(asked, reply)
        if isinstance(fault.act, Truncated):
            half = body[: len(body) // 2]
            whole = fault.act.length == "whole"
            line.send(head if whole else _written(asked, (*reply[:3], half))[0], half)
            if whole:
                line.close_gently()
            return not whole
        if fault.phase is Phase.REPLY_HEADERS:
            line.send(head[: len(head) // 2])
            self._strike(line, asked, fault, Phase.REPLY_HEADERS)
            line.send(head[len(head) // 2 :], body)
        elif fault.phase is Phase.REPLY_BODY:
            line.send(head, body[: len(body) // 2])
            self._strike(line, asked, fault, Phase.REPLY_BODY)
            line.send(body[len(body) // 2 :])
        else:
            line.send(head, body)
        line.pace = None
        return True

    def _strike(self, line: Line, asked: Asked, fault: Fault, now: Phase, keep: bool = False) -> None:
        """Do what the fault says if this is its moment."""
        act = fault.act
        if fault.phase is not now or isinstance(act, (Truncated, Twice, Late)):
            return
        if isinstance(act, Drip):
            line.pace = act
            return
        if isinstance(act, Break):
            if act.how == "hanging":
                line.wait_for_the_client_to_go(act.seconds)
            if act.how == "reset":
                line.reset()
            else:
                line.close_gently()
            raise Over
        status, reason, headers, body = self._redirection(act, asked) if isinstance(act, Redirect) else _answer(act)
        if not keep:
            headers.append(("Connection", "close"))
        line.send(*_written(asked, (status, reason, headers, body)))
        if not keep:
            line.close_gently()
        raise Over(keep)

    def _redirection(self, act: Redirect, asked: Asked) -> Reply:
        places = {"proxy": self.url, "server": self.upstream, "https": self.url.replace("http:", "https:")}
        return act.status, "Moved", [("Location", places[act.to] + asked.target)], b""

    def _deliver_later(self, asked: Asked, headers: Headers, body: bytes, seconds: float) -> None:
        def deliver() -> None:
            self._closing.wait(seconds)
            self._deliver(asked, headers, body)
            self._busy(-1)

        self._busy(+1)  # from now on, so that settle() waits for it
        threading.Thread(target=deliver, daemon=True).start()

    def _busy(self, change: int) -> None:
        with self._lock:
            self._at_the_server += change
            self._lock.notify_all()

    def _deliver(self, asked: Asked, headers: Headers, body: bytes) -> Reply:
        """The server's answer. Each request gets a connection of its own, which a development server answers best."""
        self._busy(+1)
        place = urlsplit(self.upstream)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
        try:
            connection.putrequest(asked.method, asked.target, skip_host=True, skip_accept_encoding=True)
            for name, text in headers:
                if name.lower() not in OF_ONE_CONNECTION:
                    connection.putheader(name, text)
            if body or asked.method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(body)))
            connection.putheader("Connection", "close")
            connection.endheaders(body or None)
            with connection.getresponse() as response:
                content = response.read()
                given = [(name, text) for name, text in response.getheaders() if name.lower() not in OF_ONE_CONNECTION]
                asked.statuses.append(response.status)
                return response.status, response.reason, given, content
        except (OSError, http.client.HTTPException):
            return _answer(NO_SERVER)
        finally:
            connection.close()
            self._busy(-1)


def _answer(act: Answer) -> Reply:
    return act.status, http.client.responses.get(act.status, ""), act.headers(), act.body


def _written(asked: Asked, reply: Reply) -> tuple[bytes, bytes]:
    """The head and the body as they go out. Content-Length comes last: half a head lacks it."""
    status, reason, headers, body = reply
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {text}" for name, text in headers)]
    if status not in (204, 304):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1"), b"" if asked.method == "HEAD" else body


def unused_url() -> str:
    """The URL of a port of this machine on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
