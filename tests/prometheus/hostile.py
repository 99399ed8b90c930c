"""A server on a loopback port that answers with any bytes at all, and keeps what it was sent."""

from __future__ import annotations

import json
import socket
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMANDS = {
    "report": ("report", "shop.yaml", "--period", "1d"),
    "gate": ("gate", "--spec", "shop.yaml"),
    "check": ("check", "shop.yaml", "--quiet"),
}
"""What asks a server."""
PATIENCE = 30.0
"""Seconds after which an endless answer ends, so that a client without a deadline fails its test and does not hang."""


@dataclass
class Request:
    """What one connection sent."""

    line: str
    headers: dict[str, str]
    body: str


@dataclass
class Talk:
    """One connection, for a behaviour to answer on."""

    socket: socket.socket
    request: Request
    stopped: threading.Event

    def write(self, data: bytes) -> None:
        self.socket.sendall(data)

    def head(self, status: str = "200 OK", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
        self.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))

    def answer(self, body: str | bytes | dict[str, Any], status: str = "200 OK", **headers: str) -> None:
        text = json.dumps(body) if isinstance(body, dict) else body
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        self.head(status, Content_Length=str(len(data)), **headers)
        self.write(data)

    def endless(self, part: bytes, pause: float = 0.0) -> None:
        """Write a part again and again until the client goes, the test ends, or patience does."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not self.stopped.wait(pause):
            self.write(part)

    def hold(self) -> None:
        """Keep the connection open."""
        self.stopped.wait(PATIENCE)


@dataclass
class Hostile:
    """The server: where it is, how it behaves, what it was sent."""

    url: str = ""
    behave: Callable[[Talk], None] = lambda talk: talk.hold()
    requests: list[Request] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Hostile]:
    """Serve until the block ends."""
    found, stopped = Hostile(), threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    found.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    threads: list[threading.Thread] = []

    def talk(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(PATIENCE)
            request = _read(connection)
            if request is not None:
                found.requests.append(request)
                found.behave(Talk(connection, request, stopped))

    def accept() -> None:
        with suppress(OSError):
            while True:
                thread = threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True)
                threads.append(thread)
                thread.start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield found
    finally:
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(PATIENCE)
        for thread in threads:
            thread.join(PATIENCE)


def _read(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65_536)
    return Request(line, headers, body.decode())


@cache
def gzipped(text: bytes, times: int) -> bytes:
    """Give a text, so many times over, as gzip, without ever having all of it in memory."""
    coder = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(coder.compress(text) for _ in range(times)), coder.flush()])


@cache
def filled(start: str, part: str, times: int, end: str) -> bytes:
    """Give a text with a part so many times over in its middle."""
    return f"{start}{part * times}{end}".encode()


def vector(*items: Any, **more: Any) -> dict[str, Any]:
    """Give the answer of an instant query."""
    return {"status": "success", "data": {"resultType": "vector", "result": list(items)}, **more}
