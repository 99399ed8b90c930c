"""Connect a WebSocket from a greenlet, take text messages as they come, close."""

from __future__ import annotations

import socket
import ssl
from collections import deque
from typing import TYPE_CHECKING, Final

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

if TYPE_CHECKING:
    from burnproof.loadtest.run.hosts import Target

_CHUNK: Final = 65536


class StreamError(Exception):
    """A connection that could not be made or broke; the message says in a few words how."""


class WebSocket:
    """An open connection; made by ``connect``."""

    def __init__(self, connected: socket.socket, protocol: WSConnection) -> None:
        """Take over a TCP connection on which the handshake is yet to be made."""
        self._socket = connected
        self._protocol = protocol
        self._ready: deque[str] = deque()
        self._text: list[str] = []
        self._is_open = False
        self._is_over = False

    def receive(self) -> str | None:
        """Wait for the next message; None once the other side has closed in order.

        Raises:
            StreamError: the connection broke, or nothing came in time.
        """
        while not self._ready:
            if self._is_over:
                return None
            self._read()
        return self._ready.popleft()

    def close(self) -> None:
        """Say goodbye and close, without waiting for the answer."""
        try:
            self._socket.sendall(self._protocol.send(CloseConnection(code=1000)))
        except (OSError, LocalProtocolError):
            pass  # it is closed already
        finally:
            self._socket.close()

    def handshake(self, target: Target, path: str) -> None:
        """Ask for the upgrade and wait until it is granted.

        Raises:
            StreamError: it was refused, or nothing came in time.
        """
        self._send(self._protocol.send(Request(host=f"{target.host}:{target.port}", target=path)))
        while not self._is_open:
            self._read()
            # A short stream can be over in the very read that opened it.
            if self._is_over and not self._is_open:
                raise StreamError("closed during the handshake")

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise StreamError(_words(error)) from None

    def _read(self) -> None:
        """Read once from the socket and act on what that brings."""
        try:
            data = self._socket.recv(_CHUNK)
        except OSError as error:
            raise StreamError(_words(error)) from None
        if not data:
            raise StreamError("the connection broke")
        try:
            self._protocol.receive_data(data)
            for event in self._protocol.events():
                self._act(event)
        except RemoteProtocolError as error:
            raise StreamError(f"no WebSocket: {error}") from None

    def _act(self, event: object) -> None:
        match event:
            case TextMessage():
                self._text.append(event.data)
                if event.message_finished:
                    self._ready.append("".join(self._text))
                    self._text.clear()
            case AcceptConnection():
                self._is_open = True
            case RejectConnection():
                raise StreamError(f"refused with status {event.status_code}")
            case Ping():
                self._send(self._protocol.send(event.response()))
            case CloseConnection():
                self._is_over = True
                if event.code not in (1000, 1001):
                    raise StreamError(f"closed with code {event.code}")


def connect(target: Target, path: str, seconds: float) -> WebSocket:
    """Open a WebSocket.

    Args:
        target: host and port.
        path: with its query.
        seconds: the longest silence, now and later.

    Raises:
        StreamError: nobody listens, or the upgrade was refused.
    """
    try:
        connected = socket.create_connection((target.host, target.port), seconds)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if target.scheme == "https":
            connected = ssl.create_default_context().wrap_socket(connected, server_hostname=target.host)
    except OSError as error:
        raise StreamError(_words(error)) from None
    made = WebSocket(connected, WSConnection(ConnectionType.CLIENT))
    try:
        made.handshake(target, path)
    except BaseException:
        connected.close()
        raise
    return made


def _words(error: OSError) -> str:
    return "nothing came in time" if isinstance(error, TimeoutError) else (error.strerror or str(error)).lower()
