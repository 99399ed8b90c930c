"""Measure how much a figure changed from the start of the steady load to its end.

Only the longest stretch at the run's full number of users counts, less its first tenth, in which caches fill and
processes warm up. The change is Theil and Sen's slope over that stretch, with its 95 % confidence interval, and
whether the order could be chance is Mann's and Kendall's test; see ``statistics``.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from burnproof.loadtest.baseline.rank_statistics import FEWEST, trend
from burnproof.loadtest.results.time_series import USERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from burnproof.loadtest.results.model import Sample

_WARM_UP: Final = 0.1
_MOST: Final = 400
_LOCUST_USERS: Final = "Aggregated/User Count"


@dataclass(frozen=True, slots=True)
class Drift:
    """How a figure went over the steady part of a run.

    Attributes:
        first: Its level at the start, on the fitted line.
        last: Its level at the end.
        change: last - first; ``low`` and ``high`` are the ends of its 95 % confidence interval.
        p: How likely such an order is without any drift.
        stretches: How many values were looked at.
        seconds: How much time lies between the first and the last of them.
    """

    first: float
    last: float
    change: float
    low: float
    high: float
    p: float
    stretches: int
    seconds: float

    def relative(self, value: float) -> float | None:
        """Give a change as a share of the level at the start; None where that is no positive number."""
        return value / self.first if self.first > 0 else None


def drift(course: Sequence[Sample], series: Mapping[str, Sequence[Sample]]) -> Drift | None:
    """Find the drift of a course; None where its steady part has fewer than five values.

    Args:
        course: the figure's samples.
        series: all courses of the run; the one of its users tells the steady part.
    """
    users = series.get(USERS) or series.get(_LOCUST_USERS) or ()
    points = _thinned(
        [(float(sample.time), float(sample.value)) for sample in steady(course, users) if sample.value is not None]
    )
    if len(points) < FEWEST:
        return None
    times = [time for time, _ in points]
    found = trend(times, [value for _, value in points])
    if found is None:
        return None
    seconds = times[-1] - times[0]
    first = median(value - found.slope * (time - times[0]) for time, value in points)
    return Drift(
        first,
        first + found.slope * seconds,
        found.slope * seconds,
        found.low * seconds,
        found.high * seconds,
        found.p,
        len(points),
        seconds,
    )


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Give medians of neighbours where there are many: of an hour of seconds there are 6 million pairs to look at."""
    size = -(-len(points) // _MOST)
    if size <= 1:
        return points
    blocks = [points[start : start + size] for start in range(0, len(points), size)]
    return [(median(time for time, _ in block), median(value for _, value in block)) for block in blocks]


def steady(course: Sequence[Sample], users: Sequence[Sample]) -> Sequence[Sample]:
    """Give the samples of the longest stretch at full load, less its warm-up; all but that where users are unknown."""
    ordered = sorted(course, key=lambda sample: sample.time)
    counted = {sample.time: sample.value for sample in users}
    most = max((value for value in counted.values() if value is not None), default=None)
    longest: list[Sample] = []
    run: list[Sample] = []
    for sample in ordered:
        if most is None or counted.get(sample.time) == most:
            run.append(sample)
        else:
            run = []
        if len(run) > len(longest):
            longest = run
    # One at least: the first stretch holds connections being made and users being started.
    return longest[max(1, round(len(longest) * _WARM_UP)) :]
