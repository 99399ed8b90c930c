"""What Prometheus sees of it: counters of pods, scraped at their phases, with what goes wrong in that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from judge import STALE, Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from events import Pod, Span, Traffic


@dataclass(frozen=True)
class Scrape:
    """How targets are scraped.

    Attributes:
        interval: seconds between two scrapes of a target; each has its own phase in it.
        jitter: how far a scrape is off its time at most, seconds.
        missed: share of scrapes that fail: no sample, and a staleness marker.
        delay: how late a sample arrives, seconds, from and to; in order within a series.
        down: when nothing is scraped at all, and nobody writes staleness markers.
        replicas: names of the servers of an HA pair, each of which scrapes at its own phase.
        dead: spans in which a replica is down, by name.
        lazy: error counters appear with their first error, as many client libraries have it; else they start at 0.
        seed: of all chance in it.
    """

    interval: float = 30.0
    jitter: float = 0.0
    missed: float = 0.0
    delay: tuple[float, float] = (0.0, 0.0)
    down: tuple[Span, ...] = ()
    replicas: tuple[str, ...] = ("",)
    dead: Mapping[str, Span] | None = None
    lazy: bool = False
    seed: int = 3


@dataclass(frozen=True)
class Column:
    """A counter that each pod exposes: its labels, and whether it counts `good`, `bad` or `all` requests."""

    labels: Mapping[str, str]
    counts: str
    error: bool = False
    """Whether it is a counter of errors, which may appear late (`Scrape.lazy`)."""


def counter(counts: str, name: str = "http_requests_total", *, error: bool = False, **labels: str) -> Column:
    """Describe a counter of the shop."""
    return Column({"__name__": name, "job": "shop", **labels}, counts, error)


BY_CODE = (counter("good", code="200"), counter("bad", code="500", error=True))
HISTOGRAM = (
    counter("good", "http_request_duration_seconds_bucket", le="0.25"),
    counter("all", "http_request_duration_seconds_bucket", le="1.0"),
    counter("all", "http_request_duration_seconds_bucket", le="+Inf"),
    counter("all", "http_request_duration_seconds_count"),
)


def scrape(
    served: Sequence[tuple[Pod, Traffic]],
    until: float,
    how: Scrape,
    columns: Sequence[Column] = BY_CODE,
    old: float = 1e6,
) -> list[Series]:
    """Give the counters of all pods; a pod without a birth has counted `old` requests of each kind before the start."""
    chance = np.random.default_rng(how.seed)
    found = []
    for replica in how.replicas:
        for pod, traffic in served:
            ts, stale = _times(pod, until, how, chance, replica)
            late = np.sort(ts + chance.uniform(*how.delay, len(ts))) if how.delay[1] else ts
            for column in columns:
                labels = {**column.labels, "pod": pod.name, **({"replica": replica} if replica else {})}
                counts = {"good": traffic.good, "bad": traffic.bad, "all": traffic.good + traffic.bad}[column.counts]
                born = how.lazy and column.error
                values = _counter(traffic.t, counts, ts, pod, 0.0 if born or pod.birth > -np.inf else old)
                seen = ~stale & ((values > 0) | ~np.array(born))
                first = int(np.argmax(seen)) if seen.any() else len(ts)
                if first < len(ts):
                    shown = np.where(stale, STALE, values)
                    found.append(Series(labels, ts[first:], shown[first:], late[first:]))
    return found


def _times(
    pod: Pod, until: float, how: Scrape, chance: np.random.Generator, replica: str
) -> tuple[np.ndarray, np.ndarray]:
    """Give the times at which a pod has a sample, and which of these are staleness markers."""
    phase = chance.uniform(0, how.interval)
    ts = np.arange(phase, until, how.interval)
    ts = np.round(ts + chance.uniform(-how.jitter, how.jitter, len(ts)), 3)
    stale = chance.random(len(ts)) < how.missed
    alive = (ts >= pod.birth) & (ts < pod.death)
    last = int(np.searchsorted(ts, pod.death))
    if last < len(ts) and (alive[:last]).any():
        alive[last] = stale[last] = True  # the target is gone: its series end
    down = np.zeros(len(ts), dtype=bool)
    for begin, end in (*how.down, *([how.dead[replica]] if how.dead and replica in how.dead else [])):
        down |= (ts >= begin) & (ts < end)
    kept = alive & ~down
    return ts[kept], stale[kept]


def _counter(t: np.ndarray, counts: np.ndarray, ts: np.ndarray, pod: Pod, before: float) -> np.ndarray:
    """Give what a counter shows at each scrape: all it counted since it last began at zero."""
    sums = np.concatenate([[0.0], np.cumsum(counts)])
    shown = sums[np.searchsorted(t, ts, side="right")] + before
    for reset in sorted(pod.resets):
        shown = np.where(
            ts >= reset, sums[np.searchsorted(t, ts, side="right")] - sums[np.searchsorted(t, reset)], shown
        )
    return np.round(shown, 6)
