"""Query a server over Prometheus' HTTP API; every failure becomes one sentence."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import requests

from burnproof.prometheus import answers, failures
from burnproof.prometheus.answers import Answer, Series
from burnproof.prometheus.failures import AbsentError, AgainError, LostError, QueryError
from burnproof.prometheus.retries import LONGEST_PAUSE, TRIES, pause
from burnproof.prometheus.transport import Call, exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from burnproof.prometheus.answers import Labels, Point
    from burnproof.prometheus.connection import Connection

MAX_POINTS: Final = 10_000  # per series and query; Prometheus' own limit is 11,000


@dataclass(slots=True)
class Client:
    """Asks one server.

    A question is tried three times within the connection's timeout. Once one has failed in all its tries, the next
    gets one; if that fails too, the server is given up, and every further question fails at once.

    Attributes:
        connection: URL, credentials, TLS, tenant and time.
        sleep: how to wait before another try.
        queries: how many HTTP requests were sent, repeated ones included.
        answers: how many of them were answered.
        warnings: what the server warned of, each text once.
    """

    connection: Connection
    sleep: Callable[[float], None] = time.sleep
    queries: int = 0
    answers: int = 0
    warnings: dict[str, None] = field(default_factory=dict)
    _session: requests.Session = field(default_factory=requests.Session, repr=False)
    _failed: bool = False
    _lost: str = ""

    @property
    def url(self) -> str:
        """The address in front of ``/api/v1``."""
        return self.connection.url

    def query(self, query: str, at: float) -> Answer:
        """Evaluate a query at a moment (seconds since the epoch).

        Raises:
            RefusedError: the server refuses the query.
            LostError: the server cannot be used any more.
            QueryError: it gives no usable answer.
        """
        return self._asked("query", {"query": query, "time": f"{at:.3f}"}, None)

    def query_range(self, query: str, start: float, end: float, step: float) -> Answer:
        """Evaluate a query at ``start``, every ``step`` seconds, up to ``end``, in as many requests as limits demand.

        Raises what ``query`` raises.
        """
        joined: dict[Labels, list[Point]] = {}
        said: dict[str, None] = {}
        for first, last in pieces(start, end, step):
            window = {"start": f"{first:.3f}", "end": f"{last:.3f}", "step": f"{step:.3f}"}
            # Caches in front of servers move both ends, so there may be one point more.
            answer = self._asked("query_range", {"query": query, **window}, int((last - first) / step) + 2)
            for one in answer.series:
                joined.setdefault(tuple(sorted(one.labels.items())), []).extend(one.points)
            said |= dict.fromkeys(answer.warnings)
        return Answer(tuple(Series(dict(labels), tuple(points)) for labels, points in joined.items()), tuple(said))

    def data(self, method: str, path: str, *form: tuple[str, str]) -> tuple[Any, tuple[str, ...]]:
        """Give the ``data`` of any answer of the API, and its warnings; numbers in it are bounded, nothing else is.

        Raises what ``query`` raises.
        """
        if self._lost:
            raise LostError(self._lost)
        end = time.monotonic() + self.connection.timeout
        call = Call(method, f"api/v1/{path}", form)
        tries = 1 if self._failed else TRIES
        for tried in range(1, tries + 1):
            try:
                found = self._once(call, end)
            except AgainError as error:
                wait = pause(tried, error.wait)
                if tried == tries or wait > LONGEST_PAUSE or time.monotonic() + wait >= end:
                    raise self._given_up(error) from None
                self.sleep(wait)
            except LostError as error:
                self._lost = str(error)
                raise
            else:
                self._failed = False
                return found
        raise AssertionError  # the loop returns or raises

    def _given_up(self, error: AgainError) -> QueryError:
        """Give the error of a question whose tries are used up; of the second in a row the server is lost."""
        if error.lost or self._failed:
            self._lost = str(error)
            return LostError(self._lost)
        self._failed = True
        return QueryError(str(error))

    def _once(self, call: Call, end: float) -> tuple[Any, tuple[str, ...]]:
        """Send one request and read its answer."""
        self.queries += 1
        reply = exchange(self._session, self.connection, call, end)
        body = answers.parsed(reply.body)
        failure = failures.of_reply(reply, body, self.connection)
        if failure is not None and self.answers and failures.absent(reply, body):
            raise AbsentError(str(failure))
        if failure is not None or body is None:
            raise failure or QueryError("the answer is no JSON")
        said = answers.warnings(body, self.connection)
        self.warnings |= dict.fromkeys(said)
        self.answers += 1
        return body.get("data"), said

    def _asked(self, endpoint: str, form: dict[str, str], most: int | None) -> Answer:
        data, said = self.data("POST", endpoint, *form.items())
        try:
            return Answer(answers.series(data, self.connection, most), said)
        except QueryError:
            self.answers -= 1  # it is none
            raise


def pieces(start: float, end: float, step: float) -> Iterator[tuple[float, float]]:
    """Cut a range query into ones of at most ``MAX_POINTS`` points."""
    while start <= end:
        last = min(end, start + (MAX_POINTS - 1) * step)
        yield start, last
        start = last + step
