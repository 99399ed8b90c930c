"""Say in one sentence what went wrong with a server, and what to do."""

from __future__ import annotations

import ssl
from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected
from typing import TYPE_CHECKING, Any, Final

import requests
import urllib3.exceptions
from urllib3.exceptions import LocationValueError

from burnproof.prometheus.retries import retry_after

if TYPE_CHECKING:
    from burnproof.prometheus.connection import Connection
    from burnproof.prometheus.reply import Reply

RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_NO_SUCH: Final = frozenset({404, 405, 501})
_OF_THE_QUERY: Final = frozenset({"timeout", "execution", "canceled"})
"""What Prometheus calls failures of one query (https://prometheus.io/docs/prometheus/latest/querying/api/)."""

_TLS: Final = (
    ("CERTIFICATE_VERIFY_FAILED", "name the CA that signed it with --ca"),
    ("WRONG_VERSION_NUMBER", "there is no TLS at this port: write http:// if that is meant"),
    ("CERTIFICATE_REQUIRED", "it wants a client certificate: give --cert and --key"),
    ("HANDSHAKE_FAILURE", "it may want a client certificate: give --cert and --key"),
    ("UNKNOWN_CA", "it does not know who signed the certificate of --cert"),
)
"""Parts of OpenSSL's reasons, and the remedies."""


class QueryError(Exception):
    """A question without a usable answer; the message says why, and never shows a secret."""


class AbsentError(QueryError):
    """The server answers other questions and does not know this one; Mimir has no flags, for example."""


class RefusedError(QueryError):
    """The server understood the question and refuses it; the message is its own."""


class LostError(QueryError):
    """The server as a whole cannot be used, so that asking on makes no sense."""


class AgainError(QueryError):
    """A question that is worth another try.

    Attributes:
        wait: seconds that the server wants to be left alone; 0 where it names none.
        lost: whether the server as a whole is out of reach if it stays so.
    """

    def __init__(self, message: str, *, wait: float = 0.0, lost: bool = False) -> None:
        """Note the sentence."""
        super().__init__(message)
        self.wait = wait
        self.lost = lost


def of_exception(error: Exception, connection: Connection) -> QueryError:
    """Say why no answer came."""
    timeouts = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
    if isinstance(error, timeouts):
        # Slow once is slow again: three times a long wait for each of many questions helps nobody.
        return LostError(
            f"no answer within {connection.timeout:g} s; a longer --timeout, a shorter span or fewer SLOs may help"
        )
    innermost = _innermost(error)
    cause = connection.shown(_in_words(innermost))
    if isinstance(error, requests.exceptions.SSLError | ssl.SSLError):
        remedy = next((remedy for part, remedy in _TLS if part in cause.upper().replace(" ", "_")), "")
        return LostError(f"TLS: {cause}{f'; {remedy}' if remedy else ''}")
    if isinstance(error, requests.exceptions.InvalidProxyURL | requests.exceptions.ProxyError):
        return AgainError(f"the proxy cannot be used: {cause}; check HTTPS_PROXY, HTTP_PROXY and NO_PROXY", lost=True)
    if isinstance(innermost, HTTPException) and not isinstance(innermost, RemoteDisconnected | IncompleteRead):
        return AgainError(f"it does not answer as HTTP does: {cause}; check the port", lost=True)
    if isinstance(error, requests.exceptions.ConnectionError):
        return AgainError(f"the server cannot be reached: {cause}; check host and port, and that it runs", lost=True)
    if isinstance(error, requests.exceptions.InvalidURL | LocationValueError | UnicodeError):
        return LostError("no request can be sent to this address; check the host's name")
    return AgainError(f"the answer broke off: {cause}; a proxy in between may limit its length or time")


def absent(reply: Reply, body: dict[str, Any] | None) -> bool:
    """Tell whether a server says that it has no such endpoint; VictoriaMetrics does so with a 400 that is no JSON."""
    return reply.status in _NO_SUCH or (reply.status == 400 and body is None)


def of_reply(reply: Reply, body: dict[str, Any] | None, connection: Connection) -> QueryError | None:
    """Say why an answer is none; None where it is one."""
    said = _said(reply, body, connection)
    status = f"HTTP {reply.status}"
    if 300 <= reply.status < 400:
        return LostError(_redirected(reply, connection))
    if reply.status == 401:
        return LostError(_unauthorised(said, connection))
    if reply.status == 403:
        return LostError(f"{status}: these credentials may not query it{said}; check their rights, and --tenant")
    if reply.status == 407:
        return LostError(f"{status}: the proxy wants credentials; put them into HTTPS_PROXY or HTTP_PROXY")
    error_type = "" if body is None else str(body.get("errorType", ""))
    if reply.status in RETRIED and error_type not in _OF_THE_QUERY:
        return _again(reply, said)
    if body is None and reply.status == 404:
        return LostError(f"{status}: there is no Prometheus API at this address; add its prefix, such as /prometheus")
    if body is None:
        return QueryError(f"{status}, and the answer is no JSON{said}; check that the address is Prometheus' own")
    if body.get("status") == "success":
        return None
    if reply.status in (400, 422):
        return RefusedError(f"{status}{said}")
    return QueryError(f"{status}{said}")


def _again(reply: Reply, said: str) -> AgainError:
    wait = retry_after(reply.headers.get("retry-after", ""))
    asks = f"; it asks for a pause of {wait:,.0f} s" if wait else ""
    remedy = "; ask again later, or for fewer SLOs at once" if reply.status == 429 else ""
    return AgainError(f"HTTP {reply.status}{said}{asks}{remedy}", wait=wait, lost=reply.status == 429)


def _unauthorised(said: str, connection: Connection) -> str:
    """Say what is missing: a tenant, credentials, or right ones."""
    if "org id" in said.lower() and not connection.tenant:
        return "HTTP 401: it wants a tenant; give --tenant"
    if connection.credentials.source:
        return f"HTTP 401: it refuses the credentials{said}; check {connection.credentials.source}"
    return "HTTP 401: it wants credentials; set BURNPROOF_TOKEN, or BURNPROOF_USER and BURNPROOF_PASSWORD"


def _redirected(reply: Reply, connection: Connection) -> str:
    """Say where it wants to send the question, and the credentials with it."""
    place = connection.shown(reply.headers.get("location", "").partition("?")[0])
    return f"it redirects{f' to {place}' if place else ''} (HTTP {reply.status}); give that address if you trust it"


def _said(reply: Reply, body: dict[str, Any] | None, connection: Connection) -> str:
    """Give the server's own words behind a colon; "" where it has none."""
    if body is None:
        text = reply.body[:4096].decode("utf-8", "replace")
    else:
        text = str(body.get("error") or body.get("message") or "")
    shown = connection.shown(text)
    return f": {shown}" if shown else ""


def _innermost(error: Exception) -> BaseException:
    """Give the first cause of an error, which libraries wrap again and again."""
    seen: BaseException = error
    for _ in range(20):
        inner = seen.__cause__ or seen.__context__ or getattr(seen, "reason", None)
        inner = inner or next((part for part in seen.args if isinstance(part, BaseException)), None)
        if not isinstance(inner, BaseException) or inner is seen:
            break
        seen = inner
    return seen


def _in_words(seen: BaseException) -> str:
    """Name a cause in a few words, without addresses."""
    if isinstance(seen, BadStatusLine) and not isinstance(seen, RemoteDisconnected):
        return "its first line is no status"  # the line itself may be anything, written in any way
    if isinstance(seen, OSError) and seen.strerror:
        return seen.strerror
    return str(seen) or type(seen).__name__
