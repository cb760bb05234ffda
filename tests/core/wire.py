"""A server of the tests' own that misbehaves on command. It speaks HTTP and knows nothing of Label Studio."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import msgspec

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the answer that the test gave for its path."""

    protocol_version = "HTTP/1.1"
    server: Wire

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.content = self.rfile.read(length)
        path = self.path.partition("?")[0]
        with self.server.counting:
            self.server.asked[f"{self.command} {path}"] += 1
            self.server.headers.append((f"{self.command} {path}", dict(self.headers)))
            self.turn = self.server.asked[f"{self.command} {path}"]
        self.server.answers[path](self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the names http.server looks for

    def json(self, value: Any, status: int = 200, **headers: str) -> None:
        """A proper answer."""
        self.raw(msgspec.json.encode(value), status, None, Content_Type="application/json", **headers)

    def raw(self, body: bytes, status: int = 200, length: int | None = None, **headers: str) -> None:
        """An answer whose Content-Length may lie."""
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """Close the connection without another word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Wire(ThreadingHTTPServer):
    """`asked` counts the requests by method and path; `headers` has them in order."""

    daemon_threads = True

    def __init__(self, **answers: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = {"/" + name.replace("__", "/"): answer for name, answer in answers.items()}
        self.asked: Counter[str] = Counter()
        self.headers: list[tuple[str, dict[str, str]]] = []
        self.counting = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault of the server."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.shutdown()
        self.server_close()
