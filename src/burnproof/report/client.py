"""Prometheus' HTTP API, defensively: PromQL to series; whatever else a server sends becomes one sentence."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import requests
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from burnproof.report.connection import Connection

MAX_POINTS: Final = 10_000  # per series and query; Prometheus' own limit is 11,000
RETRIED: Final = frozenset({429, 500, 502, 503, 504})
TRIES: Final = 3
_BACKOFF: Final = 0.5  # seconds before the second try, doubled before each further one
_LONGEST_WAIT: Final = 10.0
_MAX_BYTES: Final = 512 * 1024 * 1024
_MESSAGE: Final = 200

Point = tuple[float, float]


class QueryError(Exception):
    """A query without a usable answer.

    Attributes:
        lost: whether the server as a whole is out of reach, so that asking on makes no sense.
    """

    def __init__(self, message: str, *, lost: bool = False) -> None:
        """Note the sentence."""
        super().__init__(message)
        self.lost = lost


@dataclass(frozen=True, slots=True)
class Found:
    """One series of an answer: its labels and its finite points."""

    labels: dict[str, str]
    points: tuple[Point, ...]


@dataclass(slots=True)
class Client:
    """Asks one server.

    Attributes:
        connection: URL, credentials, TLS and tenant.
        timeout: seconds for a whole answer, however it trickles in.
        sleep: how to wait before another try.
        queries: how many HTTP queries were sent, repeated ones included.
        answers: how many of them were answered.
        warnings: what the server warned of, each text once.
    """

    connection: Connection
    timeout: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    queries: int = 0
    answers: int = 0
    warnings: dict[str, None] = field(default_factory=dict)
    _lost: str = ""

    def instant(self, query: str, at: float) -> list[Found]:
        """Evaluate a query at a moment (seconds since the epoch).

        Raises:
            QueryError: the server gives no usable answer.
        """
        return self._ask("query", {"query": query, "time": f"{at:.3f}"})

    def over(self, query: str, start: int, end: int, step: int) -> list[Found]:
        """Evaluate a query at ``start``, every ``step`` seconds, up to ``end``, in as many requests as limits demand.

        Raises:
            QueryError: the server gives no usable answer.
        """
        joined: dict[tuple[tuple[str, str], ...], list[Point]] = {}
        for first, last in pieces(start, end, step):
            window = {"start": str(first), "end": str(last), "step": str(step)}
            for found in self._ask("query_range", {"query": query, **window}):
                joined.setdefault(tuple(sorted(found.labels.items())), []).extend(found.points)
        return [Found(dict(labels), tuple(points)) for labels, points in joined.items()]

    def _ask(self, endpoint: str, form: dict[str, str]) -> list[Found]:
        if self._lost:
            raise QueryError(self._lost, lost=True)
        for number in range(1, TRIES + 1):
            try:
                return self._once(endpoint, form)
            except _AgainError as error:
                if number == TRIES:
                    self._lost = str(error) if error.lost else ""
                    raise QueryError(str(error), lost=error.lost) from None
                self.sleep(error.wait or min(_LONGEST_WAIT, _BACKOFF * 2 ** (number - 1)))
            except QueryError as error:
                self._lost = str(error) if error.lost else ""
                raise
        raise AssertionError  # the loop returns or raises

    def _once(self, endpoint: str, form: dict[str, str]) -> list[Found]:
        """Send one request and read its answer."""
        self.queries += 1
        try:
            status, headers, text = self._send(endpoint, form)
        except requests.Timeout:
            # Slow once is slow again: three times a long wait for each of many queries helps nobody.
            raise QueryError(f"no answer within {self.timeout:g} s", lost=True) from None
        except requests.exceptions.SSLError as error:
            raise QueryError(f"TLS: {_cause(error)}", lost=True) from None
        except requests.exceptions.ConnectionError as error:
            raise _AgainError(f"the server cannot be reached: {_cause(error)}", lost=True) from None
        except requests.RequestException as error:
            raise _AgainError(f"the answer broke off: {_cause(error)}") from None
        if 300 <= status < 400:
            raise QueryError(f"it redirects (HTTP {status}): give the address behind it", lost=True)
        if status in (401, 403):
            raise QueryError(f"HTTP {status}: it refuses the credentials, or wants some", lost=True)
        body = _json(text)
        if status in RETRIED and _error_type(body) not in ("timeout", "execution", "canceled"):
            raise _AgainError(_refusal(status, body, text), wait=_wait(headers))
        if body is None:
            raise QueryError(f"HTTP {status}, and the answer is no JSON: {_short(text)}", lost=status == 404)
        if body.get("status") != "success":
            raise QueryError(_refusal(status, body, text))
        self._note(body)
        found = list(_series(body.get("data")))
        self.answers += 1
        return found

    def _send(self, endpoint: str, form: dict[str, str]) -> tuple[int, dict[str, str], str]:
        """Send a request and read the whole answer within the time for it, even if it comes in drops."""
        end = time.monotonic() + self.timeout
        with self.connection.post(f"api/v1/{endpoint}", form, self.timeout) as response:
            try:
                body = _whole(response, end)
            except TimeoutError:
                raise requests.Timeout from None
            except (OSError, ValueError, HTTPError) as error:
                if "timed out" in str(error).lower():
                    raise requests.Timeout from None
                raise requests.RequestException(error) from None
            return response.status_code, dict(response.headers), body.decode("utf-8", "replace")

    def _note(self, body: dict[str, Any]) -> None:
        """Keep the server's warnings: partial answers of Thanos, Mimir and their kin announce themselves so."""
        warnings = body.get("warnings")
        for warning in warnings if isinstance(warnings, list) else ():
            if str(warning).startswith("PromQL info"):
                continue  # advice on the query, which some versions put here; the answer is whole
            self.warnings[_short(str(warning))] = None
        if body.get("isPartial") is True:
            self.warnings["the answer is partial"] = None  # VictoriaMetrics' word for it


def _whole(response: requests.Response, end: float) -> bytes:
    """Read a body until a moment of the monotonic clock.

    Raises:
        TimeoutError: it is not over by then.
        HTTPError: fewer bytes came than were announced.
        QueryError: it is too large.
    """
    parts: list[bytes] = []
    size = 0
    # read1 gives what is there; other ways of reading wait for a full buffer, without end.
    while part := response.raw.read1(1 << 16, decode_content=True):
        parts.append(part)
        size += len(part)
        if time.monotonic() > end:
            raise TimeoutError
        if size > _MAX_BYTES:
            raise QueryError(f"the answer is larger than {_MAX_BYTES >> 20} MiB: report a shorter span")
    expected = response.headers.get("Content-Length", "")
    if expected.isdigit() and "Content-Encoding" not in response.headers and size < int(expected):
        raise HTTPError(f"{size} of {expected} bytes came")
    return b"".join(parts)


class _AgainError(Exception):
    """A request that is worth another try."""

    def __init__(self, message: str, *, wait: float = 0.0, lost: bool = False) -> None:
        super().__init__(message)
        self.wait = wait
        self.lost = lost


def pieces(start: int, end: int, step: int) -> Iterator[tuple[int, int]]:
    """Cut a range query into ones of at most ``MAX_POINTS`` points."""
    while start <= end:
        last = min(end, start + (MAX_POINTS - 1) * step)
        yield start, last
        start = last + step


def _json(text: str) -> dict[str, Any] | None:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _error_type(body: dict[str, Any] | None) -> str:
    return "" if body is None else str(body.get("errorType", ""))


def _refusal(status: int, body: dict[str, Any] | None, text: str) -> str:
    """Give the server's own words for what it did not do."""
    said = text if body is None else str(body.get("error") or body.get("message") or "")
    return f"HTTP {status}: {_short(said)}" if said.strip() else f"HTTP {status}"


def _short(text: str) -> str:
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= _MESSAGE else f"{line[:_MESSAGE]}…"


def _wait(headers: dict[str, str]) -> float:
    """Read how long the server wants to be left alone, in seconds."""
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return min(_LONGEST_WAIT, float(value)) if value.isdigit() else 0.0


def _series(data: Any) -> Iterator[Found]:
    """Read a vector or a matrix; NaN and infinities are no measurements and are left out.

    Raises:
        QueryError: it has not the form of Prometheus' answers.
    """
    try:
        if data["resultType"] not in ("vector", "matrix"):
            raise QueryError(f"the answer is a {_short(str(data['resultType']))}, not series")
        for item in data["result"]:
            points = item["values"] if data["resultType"] == "matrix" else [item["value"]]
            numbers = [(float(at), float(value)) for at, value in points]
            labels = {str(name): str(value) for name, value in item["metric"].items()}
            yield Found(labels, tuple(point for point in numbers if math.isfinite(point[1])))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise QueryError("the answer does not have the form of Prometheus' API") from None


def _cause(error: Exception) -> str:
    """Name the innermost cause in a few words, without addresses."""
    seen: BaseException = error
    while True:
        inner = seen.__cause__ or seen.__context__ or getattr(seen, "reason", None)
        inner = inner or next((part for part in seen.args if isinstance(part, BaseException)), None)
        if not isinstance(inner, BaseException) or inner is seen:
            break
        seen = inner
    if isinstance(seen, OSError) and seen.strerror:
        return seen.strerror
    return _short(str(seen)) or type(seen).__name__
