"""Web servers of the tests' own: one that answers as it is told, one that stands in front of another."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

HTML = b"<!doctype html><html><head><title>Welcome to nginx!</title></head><body>It works.</body></html>"
PER_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    target: str
    headers: Message
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def page(self) -> int:
        return int(parse_qs(urlsplit(self.target).query).get("page", ["1"])[0])


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)


Rule = Callable[[Asked], Answer]


@dataclass
class Web:
    """A running server and what it was asked so far."""

    url: str
    asked: list[Asked] = field(default_factory=list)


def page(status: int = 200) -> Answer:
    """A web page, such as a proxy or another program sends."""
    return Answer(status, HTML, [("Content-Type", "text/html")])


def data(value: Any, status: int = 200) -> Answer:
    """JSON, as Label Studio sends it."""
    return Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json")])


@contextmanager
def serving(rule: Rule, tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    """A web server on the loopback that answers by the rule; with `tls` it speaks https."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, self.path, self.headers, body)
            web.asked.append(asked)
            answer = rule(asked)
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            if "Content-Length" not in dict(answer.headers):
                self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = True

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        if tls is not None:
            httpd.socket = tls.wrap_socket(httpd.socket, server_side=True)
        web = Web(f"http{'s' if tls else ''}://127.0.0.1:{httpd.server_port}")
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield web
        finally:
            httpd.shutdown()
            thread.join()


def behind(prefix: str, upstream: str) -> Rule:
    """The rule of a reverse proxy that serves the upstream server below the prefix, and nothing elsewhere."""
    host = urlsplit(upstream).netloc

    def forward(asked: Asked) -> Answer:
        if not asked.target.startswith(f"{prefix}/"):
            return page(404)
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            headers = {name: value for name, value in asked.headers.items() if name.lower() not in PER_CONNECTION}
            connection.request(asked.method, asked.target.removeprefix(prefix), asked.body or None, headers)
            reply = connection.getresponse()
            kept = [(name, value) for name, value in reply.getheaders() if name.lower() not in PER_CONNECTION]
            kept = [(name, prefix + value if name == "Location" else value) for name, value in kept]
            return Answer(reply.status, reply.read(), kept)
        finally:
            connection.close()

    return forward


def by_path(rules: Mapping[str, Callable[[Asked], Answer] | Answer], otherwise: Answer | None = None) -> Rule:
    """A rule made of one rule or answer for each path."""

    def answer(asked: Asked) -> Answer:
        found = rules.get(asked.path.rstrip("/"), otherwise or page(404))
        return found if isinstance(found, Answer) else found(asked)

    return answer
