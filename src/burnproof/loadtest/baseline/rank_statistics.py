"""Test for a trend and estimate its slope, by rank statistics that outliers do not move.

Mann-Kendall: S counts the pairs that rise less those that fall; under no trend its distribution is that of random
orderings (Mann 1945, Kendall 1975), exact here for few runs without ties, and normal with the variance corrected
for ties otherwise. Theil-Sen: the slope is the median of all pairwise slopes (Sen 1968), its confidence interval
the pairwise slopes at the ranks (N -+ z sd(S)) / 2 (Gilbert 1987, chapter 16).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist, median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

ALPHA: Final = 0.05
FEWEST: Final = 5
"""With four runs even a perfect order has p = 2 / 4! = 0.083, so nothing can be told."""

_EXACT: Final = 40


@dataclass(frozen=True, slots=True)
class Trend:
    """What the order of values says.

    Attributes:
        slope: The median change per unit of time.
        low: The lower end of its 95 % confidence interval.
        high: The upper end.
        p: How likely an order at least so marked is without any trend, two-sided.
    """

    slope: float
    low: float
    high: float
    p: float


def trend(times: Sequence[float], values: Sequence[float]) -> Trend | None:
    """Find the trend of values over time; None where there are too few of them, or all at one time.

    Args:
        times: when, in any unit, in any order.
        values: what was measured then.
    """
    points = sorted(zip(times, values, strict=True))
    pairs = [(a, b) for index, a in enumerate(points) for b in points[index + 1 :] if b[0] > a[0]]
    if len(points) < FEWEST or not pairs:
        return None
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs)
    score = sum((b[1] > a[1]) - (b[1] < a[1]) for a, b in pairs)
    deviation = math.sqrt(_variance([time for time, _ in points], [value for _, value in points]))
    reach = NormalDist().inv_cdf(1 - ALPHA / 2) * deviation
    lower = max(0, math.floor((len(slopes) - reach) / 2) - 1)
    upper = min(len(slopes) - 1, math.ceil((len(slopes) + reach) / 2))
    return Trend(median(slopes), slopes[lower], slopes[upper], _probability(score, points, deviation))


def _probability(score: int, points: Sequence[tuple[float, float]], deviation: float) -> float:
    """Give the two-sided probability of a score at least this far from 0 without a trend."""
    count = len(points)
    tied = len({time for time, _ in points}) < count or len({value for _, value in points}) < count
    if not tied and count <= _EXACT:
        orders = _inversions(count)
        total = count * (count - 1) // 2
        far = sum(number for down, number in enumerate(orders) if abs(total - 2 * down) >= abs(score))
        return far / math.factorial(count)
    if deviation == 0:
        return 1.0
    # A score moves in steps of two, so half a step belongs to the next value.
    corrected = max(0, abs(score) - 1) / deviation
    return 2 * (1 - NormalDist().cdf(corrected))


def _variance(times: Sequence[float], values: Sequence[float]) -> float:
    """Give the variance of the score without a trend, less what ties in either take away (Kendall 1975)."""
    count = len(values)

    def spread(size: int) -> int:
        return size * (size - 1) * (2 * size + 5)

    groups = [Counter(times).values(), Counter(values).values()]
    ties = [sum(spread(size) for size in sizes) for sizes in groups]
    thirds = [sum(size * (size - 1) * (size - 2) for size in sizes) for sizes in groups]
    twos = [sum(size * (size - 1) for size in sizes) for sizes in groups]
    variance = (spread(count) - sum(ties)) / 18
    variance += thirds[0] * thirds[1] / (9 * count * (count - 1) * (count - 2))
    return max(0.0, variance + twos[0] * twos[1] / (2 * count * (count - 1)))


@lru_cache(maxsize=64)
def _inversions(count: int) -> tuple[int, ...]:
    """Count the orderings of ``count`` values by their falling pairs (Mahonian numbers)."""
    found = [1]
    for size in range(2, count + 1):
        grown = [0] * (len(found) + size - 1)
        for down, number in enumerate(found):
            for step in range(size):
                grown[down + step] += number
        found = grown
    return tuple(found)
