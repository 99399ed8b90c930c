"""Local stand-ins that speak the protocols: a Slack webhook and an SMTP server, with the faults of real ones."""

from __future__ import annotations

import base64
import json
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from places import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Slack:
    """A webhook.

    Attributes:
        answers: status, text and headers of the next answers; then it takes everything.
        messages: what was posted, refused messages included.
    """

    url: str = ""
    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def slack() -> Iterator[Slack]:
    """Run a webhook until the block ends."""
    sink = Slack()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sink.messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            status, text, headers = sink.answers.pop(0) if sink.answers else (200, "ok", {})
            self.send_response(status)
            for name, value in {"Content-Length": str(len(text)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    with _running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        sink.url = f"http://127.0.0.1:{port}/services/T0/B0/secret"
        yield sink


@dataclass
class Smtp:
    """An SMTP server (RFC 5321).

    Attributes:
        replies: what to say to the next commands that begin so, instead of yes.
        mails: sender, recipients and text of what was taken.
        logins: user and password of AUTH PLAIN.
    """

    port: int = 0
    replies: dict[str, list[str]] = field(default_factory=dict)
    mails: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def smtp() -> Iterator[Smtp]:  # noqa: C901 - one branch per command of the protocol
    """Run an SMTP server until the block ends."""
    sink = Smtp()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            sender, recipients = "", []
            self.say("220 sink ready")
            while line := self.rfile.readline().decode().strip():
                word = line.split()[0].upper()
                planned = sink.replies.get(word, [])
                if planned:
                    self.say(planned.pop(0))
                elif word == "EHLO":
                    self.say("250-sink")
                    self.say("250 AUTH PLAIN")
                elif word == "AUTH":
                    _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                    sink.logins.append((user, password))
                    self.say("235 welcome")
                elif word == "MAIL":
                    sender, recipients = line[10:].split()[0].strip("<>:"), []
                    self.say("250 ok")
                elif word == "RCPT":
                    recipients.append(line[8:].strip("<>"))
                    self.say("250 ok")
                elif word == "DATA":
                    self.say("354 go on")
                    text = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        text += part.removeprefix(b".") if part.startswith(b"..") else part
                    sink.mails.append((sender, tuple(recipients), text))
                    self.say("250 taken")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with _running(Server(("127.0.0.1", 0), Handler)) as port:
        sink.port = port
        yield sink


@contextmanager
def _running(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)
