"""Read answers of Prometheus' HTTP API as series; sizes, numbers and labels are bounded here."""

from __future__ import annotations

import json
import math
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from burnproof.prometheus.failures import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from burnproof.prometheus.connection import Connection

Labels = tuple[tuple[str, str], ...]
"""Names and values, sorted by name."""
Point = tuple[float, float]
"""A time in seconds since the epoch, and a value."""

MAX_MEMORY: Final = 128 * 1024 * 1024
"""Bytes that an answer may take once it is parsed; 600,000 points take so much."""
MAX_WARNINGS: Final = 20
_PER_VALUE: Final = 64  # bytes of an item of a list with the list or number that it holds, measured with CPython 3.11
_PER_OBJECT: Final = 256  # … and of an object with a key
_LATEST: Final = 253_402_300_800.0  # the year 10000, in seconds
_DIGITS: Final = r"(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})"
_NUMBER: Final = re.compile(rf"[+-]?(?:Inf|NaN|{_DIGITS}(?:[eE][+-]?[0-9]{{1,4}})?)")
_NO_FORM: Final = "the answer does not have the form of Prometheus' API; check that the address is Prometheus' own"
_LONG: Final = 15  # digits of an integer that a float holds exactly


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an answer.

    Attributes:
        labels: its labels, its name among them.
        points: its samples; of native histograms their numbers of observations. NaN and infinities are among them.
    """

    labels: dict[str, str]
    points: tuple[Point, ...]

    def finite(self) -> Series:
        """Give it without NaN and infinities, which are no measurements."""
        if all(math.isfinite(value) for _, value in self.points):
            return self
        return Series(self.labels, tuple(point for point in self.points if math.isfinite(point[1])))


@dataclass(frozen=True)
class Answer:
    """What a query gave, with the server's warnings."""

    series: tuple[Series, ...]
    warnings: tuple[str, ...] = ()

    @cached_property
    def by_labels(self) -> dict[Labels, tuple[Point, ...]]:
        """The points of each series by its labels, without its name."""
        return {
            tuple(sorted((name, value) for name, value in one.labels.items() if name != "__name__")): one.points
            for one in self.series
        }

    def number(self, labels: Labels) -> float:
        """Give the one value of an instant query, NaN and infinity too; 0 where the series is missing."""
        points = self.by_labels.get(labels, ())
        return points[0][1] if points else 0.0


def parsed(body: bytes) -> dict[str, Any] | None:
    """Parse a JSON object; None where it is none.

    Raises:
        QueryError: it would take too much memory.
    """
    text = body.decode("utf-8", "replace")
    # A byte of JSON can cost 32 bytes of memory: `[],` is a list of its own, and one emoji makes a text four times
    # as wide.
    values = _PER_VALUE * (text.count(",") + text.count("[")) + _PER_OBJECT * text.count("{")
    if 2 * sys.getsizeof(text) + values > MAX_MEMORY:
        raise QueryError("the answer holds too many values; ask for a shorter span or fewer SLOs")
    try:
        found = json.loads(text, parse_int=_integer)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def series(data: Any, connection: Connection, most: int | None = None) -> tuple[Series, ...]:
    """Read a scalar, a vector or a matrix with at most so many points a series.

    Raises:
        QueryError: it has not the form of Prometheus' answers.
    """
    try:
        kind = data["resultType"]
        if kind == "scalar":
            return (Series({}, (_point(data["result"]),)),)
        if kind not in ("vector", "matrix"):
            raise QueryError(f"the answer is a {connection.shown(str(kind))}, not series; check the query")
        return tuple(_series(data["result"], connection, most))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise QueryError(_NO_FORM) from None


def label_sets(data: Any, connection: Connection) -> tuple[dict[str, str], ...]:
    """Read the labels of series.

    Raises:
        QueryError: they have not the form of Prometheus' answers.
    """
    try:
        return tuple(_labels(one, connection) for one in data)
    except (TypeError, ValueError, AttributeError):
        raise QueryError(_NO_FORM) from None


def texts(data: Any, connection: Connection) -> tuple[str, ...]:
    """Read a list of texts, such as names of labels.

    Raises:
        QueryError: it is none.
    """
    if not isinstance(data, list) or not all(isinstance(one, str) for one in data):
        raise QueryError(_NO_FORM)
    return tuple(_clean(one, connection) for one in data)


def mapping(data: Any) -> dict[str, Any]:
    """Read an object.

    Raises:
        QueryError: it is none.
    """
    if not isinstance(data, dict):
        raise QueryError(_NO_FORM)
    return data


def warnings(body: dict[str, Any], connection: Connection) -> tuple[str, ...]:
    """Give the server's warnings: partial answers of Thanos, Mimir and their kin announce themselves so."""
    given = body.get("warnings")
    # Advice on the query, which some versions put here, does not make the answer partial.
    said = [str(one) for one in given if not str(one).startswith("PromQL info")] if isinstance(given, list) else []
    found = dict.fromkeys(connection.shown(one) for one in said[:MAX_WARNINGS])
    if len(said) > MAX_WARNINGS:
        found[f"and {len(said) - MAX_WARNINGS} more warnings"] = None
    if body.get("isPartial") is True:
        found["the answer is partial"] = None  # VictoriaMetrics' word for it
    return tuple(found)


def _series(items: Any, connection: Connection, most: int | None) -> Iterator[Series]:
    for item in items:
        points = tuple(map(_point, _listed(item)))
        if most is not None and len(points) > most:
            raise ValueError
        if points:  # no server sends a series without any, and none has something to read in it
            yield Series(_labels(item["metric"], connection), points)


def _listed(item: Any) -> Iterable[Any]:
    """Give the points of one series; those of native histograms where it has no other ones."""
    listed = item.get("values") or item.get("histograms", item.get("values"))
    if isinstance(listed, list):
        return listed
    if "values" in item:
        raise TypeError
    return [item["value"] if "value" in item else item["histogram"]]


def _point(pair: Any) -> Point:
    """Read a time and a value; of a native histogram, its number of observations."""
    at, given = pair
    if not isinstance(at, int | float) or not 0 <= at <= _LATEST:
        raise ValueError
    return float(at), number(given["count"] if isinstance(given, dict) else given)


def number(text: Any) -> float:
    """Read a value as Prometheus writes it, within a float's range and a length that no float needs.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise ValueError
    return float(text)


def _labels(given: Any, connection: Connection) -> dict[str, str]:
    return {_clean(name, connection): _clean(value, connection) for name, value in given.items()}


def _clean(text: Any, connection: Connection) -> str:
    """Give a label without secrets, and without characters that a terminal would act on."""
    if not isinstance(text, str):
        raise TypeError
    plain = text if text.isprintable() else "".join(one if one.isprintable() else "\ufffd" for one in text)
    return connection.hidden(plain)


def _integer(text: str) -> float:
    """Read an integer of JSON; Python would take none of 4,300 digits."""
    return int(text) if len(text) <= _LONG else float(text)
