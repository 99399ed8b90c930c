"""Collect what a run measures: every latency and every session; samples of workers are added."""

from __future__ import annotations

import math
import time
from array import array
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

_ERRORS_KEPT: Final = 50
_LISTS: Final = ("first_bytes", "rates", "completions", "delays", "ended", "took")
_COUNTS: Final = ("completed", "failed", "attempts", "successes")


def percentile(values: Iterable[float], share: float) -> float | None:
    """Give a percentile by linear interpolation between the two nearest of the sorted values.

    ``share`` lies in [0, 1]: 0.95 for p95. None without values. The definition is numpy's default (type 7 of Hyndman
    and Fan, "Sample Quantiles in Statistical Packages", 1996).
    """
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _floats() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Requests:
    """What became of the requests of one endpoint; ``times`` are milliseconds of those that succeeded."""

    times: array[float] = field(default_factory=_floats)
    failures: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return len(self.times) + self.failures


@dataclass(slots=True)
class Samples:
    """Everything measured.

    Attributes:
        requests: Endpoint's title to its requests.
        first_bytes: Milliseconds to the first byte, of each completed session.
        rates: Messages per second of each completed session.
        completions: Seconds of each completed session.
        delays: Milliseconds by which the load generator itself was late, of each time it looked.
        ended: When each request or session ended, by the clock that all processes of a machine share.
        took: Milliseconds that it took, beside ``ended``; NaN where it failed.
        errors: What went wrong, to how often.
        busy: Share of one core that the busiest process of the load generator used.
        last: When the last request or session ended, by the same clock.
    """

    requests: dict[str, Requests] = field(default_factory=dict)
    first_bytes: array[float] = field(default_factory=_floats)
    rates: array[float] = field(default_factory=_floats)
    completions: array[float] = field(default_factory=_floats)
    delays: array[float] = field(default_factory=_floats)
    ended: array[float] = field(default_factory=_floats)
    took: array[float] = field(default_factory=_floats)
    completed: int = 0
    failed: int = 0
    attempts: int = 0
    successes: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    busy: float = 0.0
    last: float = 0.0

    def request(self, title: str, milliseconds: float, error: str | None) -> None:
        """Note a request that ended."""
        made = self.requests.setdefault(title, Requests())
        self.over(milliseconds if error is None else math.nan)
        if error is None:
            made.times.append(milliseconds)
        else:
            made.failures += 1
            self.wrong(f"{title}: {error}")

    def over(self, milliseconds: float) -> None:
        """Note that something ended just now; NaN where it failed."""
        self.last = time.monotonic()
        self.ended.append(self.last)
        self.took.append(milliseconds)

    def wrong(self, error: str) -> None:
        """Count an error; of those beyond the fiftieth kind only the number is kept."""
        known = error if error in self.errors or len(self.errors) < _ERRORS_KEPT else "other errors"
        self.errors[known] = self.errors.get(known, 0) + 1

    def all_times(self) -> list[float]:
        """Give the milliseconds of all requests that succeeded."""
        return [time for made in self.requests.values() for time in made.times]

    def drain(self) -> dict[str, Any]:
        """Give all of it as a message for ``add``, and forget it here."""
        message: dict[str, Any] = {name: getattr(self, name).tobytes() for name in _LISTS}
        message |= {name: getattr(self, name) for name in _COUNTS}
        message["requests"] = {title: [made.times.tobytes(), made.failures] for title, made in self.requests.items()}
        message |= {"errors": dict(self.errors), "busy": self.busy, "last": self.last}
        fresh = Samples()
        for item in fields(self):
            setattr(self, item.name, getattr(fresh, item.name))
        return message

    def add(self, message: dict[str, Any]) -> None:
        """Take in what another process measured."""
        for name in _LISTS:
            getattr(self, name).frombytes(message[name])
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + message[name])
        for title, (times, failures) in message["requests"].items():
            made = self.requests.setdefault(title, Requests())
            made.times.frombytes(times)
            made.failures += failures
        for error, count in message["errors"].items():
            self.errors[error] = self.errors.get(error, 0) + count
        self.busy = max(self.busy, message["busy"])
        self.last = max(self.last, message["last"])


Seen = dict[str, list[tuple[float, float]]]
"""Gauge of the target to (seconds from the start, value) pairs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run.

    Attributes:
        began: The start by the monotonic clock, which ``samples.ended`` is of.
        seconds: From the start to when the last request was done.
        most_users: The most that were active at once.
        distrusted: Why its figures are not to be trusted, as sentences.
        users: How many were active, as (seconds from the start, users).
        watched: What the target said of itself, by gauge, likewise.
    """

    samples: Samples
    started: datetime
    began: float
    seconds: float
    most_users: int
    distrusted: tuple[str, ...]
    interrupted: bool
    users: tuple[tuple[float, float], ...] = ()
    watched: Seen = field(default_factory=dict)

    @property
    def late(self) -> float | None:
        """The load generator's own delay at p95, in milliseconds."""
        return percentile(self.samples.delays, 0.95)


def mean(values: Sequence[float]) -> float | None:
    """Give the arithmetic mean; None without values."""
    return math.fsum(values) / len(values) if values else None
