"""What really happened: requests of pods, good and bad, as counts at points in time. Truth is computed from these.

    traffic = steady(hours(20), per_second=30)                     # a request every 1/30 s
    traffic = failing(traffic, locked(300, 270, 3.6, 0, hours(8)))  # all fail for 3.6 s of every five minutes
    pods = split(traffic, three_pods)                              # each alive pod takes an equal share

Times are seconds since the start of the scenario, which is a full hour and midnight of UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

FOREVER = float("inf")
Span = tuple[float, float]
"""From, included, to, excluded."""


@dataclass(frozen=True)
class Traffic:
    """Requests: at each time so many good ones and so many bad ones."""

    t: np.ndarray
    good: np.ndarray
    bad: np.ndarray


@dataclass(frozen=True)
class Pod:
    """Who serves: from birth to death, and when its counters start again at zero."""

    name: str
    birth: float = -FOREVER
    death: float = FOREVER
    resets: tuple[float, ...] = ()


def hours(count: float) -> float:
    """Give hours in seconds."""
    return count * 3600.0


def steady(until: float, per_second: float = 30.0, start: float = 0.0, step: float = 0.5) -> Traffic:
    """Give traffic of a constant rate, all good; requests of `step` seconds arrive together in its middle."""
    t = np.arange(start, until, step) + step / 2
    return Traffic(t, np.full(len(t), per_second * step), np.zeros(len(t)))


def poisson(until: float, per_second: float, start: float = 0.0, seed: int = 1) -> Traffic:
    """Give requests that arrive by chance, one at a time, all good."""
    chance = np.random.default_rng(seed)
    t = np.sort(chance.uniform(start, until, chance.poisson(per_second * (until - start))))
    return Traffic(t, np.ones(len(t)), np.zeros(len(t)))


def every(until: float, apart: float, start: float = 0.0) -> Traffic:
    """Give one good request at a time, as far apart as is said."""
    t = np.arange(start + apart, until, apart)
    return Traffic(t, np.ones(len(t)), np.zeros(len(t)))


def idle(traffic: Traffic, spans: Sequence[Span]) -> Traffic:
    """Leave out the requests of some spans."""
    kept = ~_within(traffic.t, spans)
    return Traffic(traffic.t[kept], traffic.good[kept], traffic.bad[kept])


def scaled(traffic: Traffic, factor: np.ndarray) -> Traffic:
    """Multiply the requests at each time by a factor."""
    return Traffic(traffic.t, traffic.good * factor, traffic.bad * factor)


def failing(traffic: Traffic, spans: Sequence[Span], share: float = 1.0) -> Traffic:
    """Make a share of the good requests of some spans bad."""
    moved = np.where(_within(traffic.t, spans), traffic.good * share, 0.0)
    return replace(traffic, good=traffic.good - moved, bad=traffic.bad + moved)


def locked(period: float, offset: float, length: float, start: float, until: float) -> list[Span]:
    """Give a span of a length in each period of the clock, `offset` after the period's start."""
    first = np.ceil((start - offset) / period) * period + offset
    return [(float(t), float(t + length)) for t in np.arange(first, until, period)]


def split(traffic: Traffic, pods: Sequence[Pod]) -> list[tuple[Pod, Traffic]]:
    """Share traffic equally among the pods that are alive at each time."""
    alive = np.array([(traffic.t >= pod.birth) & (traffic.t < pod.death) for pod in pods])
    share = alive / np.maximum(alive.sum(axis=0), 1)
    return [
        (pod, Traffic(traffic.t[own > 0], (traffic.good * own)[own > 0], (traffic.bad * own)[own > 0]))
        for pod, own in zip(pods, share, strict=True)
    ]


def pods(count: int, **options: float | tuple[float, ...]) -> list[Pod]:
    """Give pods that are alike."""
    return [Pod(f"shop-{number}", **options) for number in range(count)]


def deployed(count: int, every_seconds: float, until: float, overlap: float = 15.0) -> list[Pod]:
    """Give pods that are all replaced, one generation after the other, each alive `overlap` into the next."""
    births = np.arange(0.0, until, every_seconds)
    return [
        Pod(f"shop-{generation}-{number}", birth if generation else -FOREVER, birth + every_seconds + overlap)
        for generation, birth in enumerate(births)
        for number in range(count)
    ]


def _within(t: np.ndarray, spans: Sequence[Span]) -> np.ndarray:
    if not spans:
        return np.zeros(len(t), dtype=bool)
    edges = np.array(sorted(spans))
    place = np.searchsorted(edges[:, 0], t, side="right") - 1
    return (place >= 0) & (t < edges[np.maximum(place, 0), 1])
