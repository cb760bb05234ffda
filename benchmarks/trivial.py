"""A server that answers with recorded bodies, at once: what is left is the client's own time.

`python -m benchmarks.trivial FOLDER` prints its port and serves until its input ends.
"""

from __future__ import annotations

import re
import selectors
import socket
import sys
from pathlib import Path

ROUTES = (
    (re.compile(rb"/api/tasks/?"), "tasks.json"),
    (re.compile(rb"/api/projects/?"), "projects.json"),
    (re.compile(rb"/api/projects/\d+/?"), "project.json"),
    (re.compile(rb"/api/version/?"), "version.json"),
)
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def _answers(folder: Path) -> dict[str, bytes]:
    answers = {}
    for _, name in ROUTES:
        body = (folder / name).read_bytes()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        answers[name] = head.encode() + body
    return answers


def serve(folder: Path) -> None:
    """Answer requests without a body, one after the other on each connection, on one thread."""
    answers = _answers(folder)
    found: dict[bytes, bytes] = {}
    chooser = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    chooser.register(listener, selectors.EVENT_READ)
    chooser.register(sys.stdin, selectors.EVENT_READ)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    partial: dict[socket.socket, bytes] = {}
    while True:
        for key, _ in chooser.select():
            if key.fileobj is sys.stdin:
                return
            if key.fileobj is listener:
                line, _ = listener.accept()
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                chooser.register(line, selectors.EVENT_READ, data=line)
                partial[line] = b""
                continue
            line = key.data
            try:
                arrived = line.recv(65536)
                heard = partial[line] + arrived
                *requests, partial[line] = heard.split(b"\r\n\r\n")
                for request in requests:
                    path = request.split(b" ", 2)[1].partition(b"?")[0]
                    if path not in found:
                        name = next((name for route, name in ROUTES if route.fullmatch(path)), "")
                        found[path] = answers.get(name, MISSING)
                    line.sendall(found[path])
            except ConnectionError:
                arrived = b""
            if not arrived:
                chooser.unregister(line)
                line.close()
                del partial[line]


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
