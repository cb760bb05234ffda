"""Runs a module in the server's own environment, and ends with the process that wanted it.

    python -I launcher.py [--owner PID] [--leftovers DIR] [--detach] [--port N] MODULE [ARG ...]

A script, not a module of the package: it is run by another Python (3.10 or newer), so it imports nothing but
the standard library. What it has to tell, it prints as lines that begin with "labelwire: ".
"""

from __future__ import annotations

import argparse
import errno
import os
import runpy
import shutil
import socket
import socketserver
import sys
import threading
import time

HOST = "127.0.0.1"
SECONDS_BETWEEN_LOOKS = 0.5


def tell(sentence: str) -> None:
    os.write(1, f"labelwire: {sentence}\n".encode())


def end_with(owner: int, leftovers: str | None) -> None:
    """Waits until the owner is gone, however it went, removes its leftovers and ends this process."""
    if sys.platform == "win32":
        sys.stdin.buffer.read()  # The owner holds the other end.
    else:
        # Not a pipe here: children that the owner forks would hold it open after the owner's death.
        while os.getppid() == owner:
            time.sleep(SECONDS_BETWEEN_LOOKS)
    if leftovers:
        shutil.rmtree(leftovers, ignore_errors=True)
    os._exit(1)


def reserve(port: int) -> int:
    """Binds a port of the loopback (0: any free one) and makes the coming server listen on it and no other.

    Label Studio looks for a free port by itself, and moves on when the wanted one is in use; seconds lie
    between its look and its use. Held from the first moment, the port cannot be lost in between.
    """
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform == "win32":
        held.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    elif port:
        _allow_reuse(held)
    held.bind((HOST, port))
    if sys.platform != "win32":
        # Only now for a port that was to be free: its connections inherit it, and would otherwise keep the
        # port from a restart for as long as clients hold them, or a minute.
        _allow_reuse(held)
    address = held.getsockname()

    def bind(server: socketserver.TCPServer) -> None:
        if tuple(server.server_address[:2]) != address:
            tell(f"port {address[1]} cannot be used: Label Studio found it in use")
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        server.socket.close()
        server.socket = held
        server.server_address = address

    def activate(server: socketserver.TCPServer) -> None:
        try:
            server.socket.listen(server.request_queue_size)
        except OSError as error:  # Another program that was bound to it too was the first to listen.
            tell(f"port {address[1]} cannot be used: {error.strerror}")
            raise
        tell(f"listening on {HOST}:{address[1]}")

    socketserver.TCPServer.server_bind = bind  # type: ignore[assignment]
    socketserver.TCPServer.server_activate = activate  # type: ignore[assignment]
    return int(address[1])


def _allow_reuse(held: socket.socket) -> None:
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--owner", type=int)
    parser.add_argument("--leftovers")
    parser.add_argument("--detach", action="store_true")
    parser.add_argument("--port", type=int)
    parser.add_argument("module")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()

    if options.detach and sys.platform != "win32":
        if child := os.fork():
            tell(f"process {child}")
            os._exit(0)
    else:
        tell(f"process {os.getpid()}")
    if options.owner:
        threading.Thread(target=end_with, args=(options.owner, options.leftovers), daemon=True).start()
    arguments = options.arguments
    if options.port is not None:
        try:
            port = reserve(options.port)
        except OSError as error:
            tell(f"port {options.port} cannot be used: {error.strerror}")
            os._exit(1)
        arguments = [*arguments, "--port", str(port)]
    sys.argv = [options.module, *arguments]
    runpy.run_module(options.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
