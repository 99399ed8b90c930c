"""Prometheus' HTTP API: PromQL to series, at one moment or over a stretch of time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping

Labels = tuple[tuple[str, str], ...]
TIMEOUT: Final = 30.0


class ServerError(Exception):
    """The server cannot be used; the message says why."""


class QueryRefusedError(Exception):
    """The server refuses a query; the message is its own."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave: labels to (time in seconds, value) pairs, and the server's warnings."""

    series: Mapping[Labels, tuple[tuple[float, float], ...]]
    warnings: tuple[str, ...] = ()

    def number(self, labels: Labels) -> float:
        """Give the one value of an instant query, NaN and infinity too; 0 where the series is missing."""
        points = self.series.get(labels, ())
        return points[0][1] if points else 0.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server by the URL in front of ``/api/v1``."""

    url: str

    def instant(self, query: str, time: float) -> Answer:
        """Evaluate a query at ``time`` (seconds since the epoch).

        Raises:
            ServerError: the server cannot be reached or answers nonsense.
            QueryRefusedError: it refuses the query.
        """
        return self._ask("query", {"query": query, "time": f"{time:.3f}"})

    def over(self, query: str, start: float, end: float, step: float) -> Answer:
        """Evaluate a query at ``start``, every ``step`` seconds, up to ``end``; raises as ``instant`` does."""
        span = {"start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:.3f}"}
        return self._ask("query_range", {"query": query, **span})

    def _ask(self, endpoint: str, form: dict[str, str]) -> Answer:
        url = f"{self.url.rstrip('/')}/api/v1/{endpoint}"
        try:
            response = requests.post(url, data=form, timeout=TIMEOUT)
            body = json.loads(response.text)
        except requests.RequestException as error:
            raise ServerError(f"{self.url}: {_cause(error)}") from None
        except ValueError:
            raise ServerError(f"{self.url}: HTTP {response.status_code}, and the answer is no JSON") from None
        if not isinstance(body, dict):
            raise ServerError(f"{self.url}: the answer is not Prometheus'")
        if body.get("status") != "success":
            message = str(body.get("error", f"HTTP {response.status_code}"))
            if response.status_code in (400, 422):
                raise QueryRefusedError(message)
            raise ServerError(f"{self.url}: {message}")
        return Answer(_series(body.get("data")), tuple(map(str, body.get("warnings") or ())))


def _series(data: Any) -> dict[Labels, tuple[tuple[float, float], ...]]:
    """Read a vector, a matrix or a scalar."""
    try:
        if data["resultType"] == "scalar":
            return {(): (_point(data["result"]),)}
        return {
            tuple(
                sorted((str(name), str(value)) for name, value in item["metric"].items() if name != "__name__")
            ): tuple(map(_point, _points(item)))
            for item in data["result"]
        }
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise ServerError("the server's answer does not have the form of Prometheus' API") from None


def _points(item: Any) -> Any:
    """Give the points of one series; those of native histograms where it has no other ones."""
    listed = item.get("values") or item.get("histograms")
    return listed if listed is not None else [item["value"] if "value" in item else item["histogram"]]


def _point(pair: Any) -> tuple[float, float]:
    """Read a time and a value; of a native histogram, its number of observations."""
    value = pair[1]["count"] if isinstance(pair[1], dict) else pair[1]
    return float(pair[0]), float(value)


def _cause(error: requests.RequestException) -> str:
    """Name the cause of a failed request in a few words."""
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT:.0f} s"
    if isinstance(error, requests.ConnectionError):
        return "the server cannot be reached"
    return str(error)
