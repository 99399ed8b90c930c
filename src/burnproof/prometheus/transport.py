"""Send one request and read its reply, within one deadline, one size and one origin.

No timeout of a socket bounds a whole answer, and none bounds the look-up of a name: a server that sends its headers a
byte at a time would be waited for without end. So a thread of its own does the exchange, and is given up when the time
is over; it then ends with its next byte, or with the process.
"""

from __future__ import annotations

import queue
import threading
import time
import zlib
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions

from burnproof.prometheus.connection import TENANT_HEADER, origin
from burnproof.prometheus.failures import QueryError, of_exception
from burnproof.prometheus.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from burnproof.prometheus.connection import Connection

_PART: Final = 1 << 16
_REDIRECTS: Final = 3
_GZIP: Final = 31  # zlib's number for a gzip header (https://www.zlib.net/manual.html)
_FAILURES: Final = (
    requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked.

    Attributes:
        method: POST where the API has it, since queries are longer than URLs may be; else GET.
        path: below the connection's URL.
        form: names and values.
    """

    method: str
    path: str
    form: tuple[tuple[str, str], ...] = ()


def exchange(session: requests.Session, connection: Connection, call: Call, end: float) -> Reply:
    """Send a request and read its whole reply until ``end`` of the monotonic clock.

    Redirects are followed within the origin alone: elsewhere they would carry the credentials along.

    Raises:
        QueryError: no whole reply came.
    """
    url = f"{connection.url}/{call.path}"
    try:
        for _ in range(_REDIRECTS):
            reply = _within(end, lambda url=url: _once(session, connection, call, url, end))  # type: ignore[misc]
            onward = _same_origin(url, reply, connection)
            if not onward:
                break
            url = onward
    except _FAILURES as error:
        raise of_exception(error, connection) from None
    return reply


def _within(end: float, work: Callable[[], Reply]) -> Reply:
    """Have a thread do some work.

    Raises:
        TimeoutError: it is not done by ``end``.
    """
    done: queue.SimpleQueue[Reply | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.put(work())
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits
            done.put(error)

    threading.Thread(target=run, name="burnproof-http", daemon=True).start()
    try:
        found = done.get(timeout=max(0.0, end - time.monotonic()))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, Exception):
        try:
            raise found
        finally:
            del found  # its traceback holds this frame: a circle, which would keep all that was read
    return found


def _once(session: requests.Session, connection: Connection, call: Call, url: str, end: float) -> Reply:
    """Send one request and read its reply."""
    headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
    if connection.tenant:
        headers[TENANT_HEADER] = connection.tenant
    client = (connection.cert, connection.key) if connection.key else connection.cert or None
    with session.request(
        call.method,
        url,
        params=call.form if call.method == "GET" else None,
        data=call.form if call.method == "POST" else None,
        headers=headers,
        timeout=max(0.001, end - time.monotonic()),
        auth=connection.credentials,
        verify=connection.ca or True,
        cert=client,
        stream=True,
        allow_redirects=False,
    ) as response:
        body = _body(response, end, connection.max_bytes)
        return Reply(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def _body(response: requests.Response, end: float, most: int) -> bytes:
    """Read a body in the parts in which it comes.

    Raises:
        TimeoutError: it is not over by ``end``.
        HTTPError: fewer bytes came than were announced.
        QueryError: it is too large, or coded as nobody asked for.
    """
    decoder = _decoder(response.headers.get("Content-Encoding", ""))
    parts: list[bytes] = []
    size = raw = 0
    # read1 gives what is there; other ways of reading wait for a full buffer, without end.
    while part := response.raw.read1(_PART, decode_content=False):
        raw += len(part)
        plain = decoder.decompress(part, most + 1 - size)
        size += len(plain)
        parts.append(plain)
        if time.monotonic() > end:
            raise TimeoutError
        if size > most:
            parts.clear()
            raise QueryError(f"the answer is larger than {most >> 20} MiB; ask for a shorter span or fewer SLOs")
    expected = response.headers.get("Content-Length", "")
    if expected.isascii() and expected.isdigit() and len(expected) < 16 and raw < int(expected):
        raise urllib3.exceptions.HTTPError(f"{raw} of {int(expected)} bytes came")
    if raw and not decoder.eof:
        raise urllib3.exceptions.HTTPError("its gzip data end in the middle")
    return b"".join(parts)


class _Decoder(Protocol):
    """What zlib's decompressing objects have."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Identity:
    """Gives back what came, as far as it may go."""

    eof = True

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return data[:max_length]


def _decoder(coding: str) -> _Decoder:
    """Give what undoes a content coding within a bound; libraries below undo it first and count later."""
    match coding.strip().lower():
        case "" | "identity":
            return _Identity()
        case "gzip" | "x-gzip":
            return zlib.decompressobj(_GZIP)
        case _:
            raise QueryError("the answer is compressed in a way that was not asked for; check the proxy in between")


def _same_origin(url: str, reply: Reply, connection: Connection) -> str:
    """Give where a redirect leads within the origin; "" for any other reply."""
    place = reply.headers.get("location", "")
    if reply.status not in (301, 302, 307, 308) or not place:
        return ""
    target = urljoin(url, place)
    parts = urlsplit(target)
    return target if origin(parts) == connection.origin and "@" not in parts.netloc else ""
