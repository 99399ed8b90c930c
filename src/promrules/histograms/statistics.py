"""A native histogram in, a number about its distribution out: average, deviation, quantile, fraction.

Inside an exponential bucket observations are taken to be spread evenly on a logarithmic scale, inside the zero
bucket and custom buckets evenly on a linear one (https://prometheus.io/docs/specs/native_histograms/).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from promrules.go_math import elementary as gomath
from promrules.histograms.buckets import upper_bounds
from promrules.histograms.value import Histogram, Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket with its real bounds and its observations."""

    lower: float
    upper: float
    count: float


def ordered(histogram: Histogram) -> list[Bucket]:
    """Give all buckets, the zero bucket if populated, in ascending order; none reaches into the zero bucket."""
    threshold = histogram.zero_threshold
    rows: list[Bucket] = []
    for sign, side in ((-1.0, histogram.negative), (1.0, histogram.positive)):
        outer = upper_bounds(histogram.schema, side.index, histogram.bounds)
        inner = upper_bounds(histogram.schema, side.index - 1, histogram.bounds)
        if not histogram.custom:
            inner = np.where((inner > 0) & (inner < threshold), threshold, inner)
        found = [(float(a), float(b), float(c)) for a, b, c in zip(inner, outer, side.count, strict=True)]
        if sign < 0:
            rows.extend(Bucket(-far, -near, count) for near, far, count in reversed(found))
            if histogram.zero_count > 0:
                rows.append(Bucket(-threshold, threshold, histogram.zero_count))
        else:
            rows.extend(Bucket(near, far, count) for near, far, count in found)
    return rows


def average(histogram: Histogram) -> float:
    """Give the arithmetic mean of all observations, NaN without any."""
    return histogram.sum / histogram.count if histogram.count else _ratio(histogram.sum)


def _ratio(total: float) -> float:
    """A dividend in, what IEEE 754 makes of its division by zero out."""
    return math.nan if total == 0 or math.isnan(total) else math.copysign(math.inf, total)


def _middle(bucket: Bucket, *, custom: bool) -> float:
    """Give the value that stands for a bucket in a variance."""
    if custom:
        return (bucket.upper + bucket.lower) / 2
    if bucket.lower <= 0 <= bucket.upper:
        return 0.0
    middle = math.sqrt(bucket.upper * bucket.lower)
    return -middle if bucket.upper < 0 else middle


def variance(histogram: Histogram) -> float:
    """Give the estimated variance of the observations."""
    mean = average(histogram)
    total = lost = 0.0
    for bucket in ordered(histogram):
        if bucket.count == 0:
            continue
        delta = _middle(bucket, custom=histogram.custom) - mean
        addend = bucket.count * delta * delta
        after = total + addend
        if math.isinf(after):
            lost = 0.0
        elif abs(total) >= abs(addend):
            lost += (total - after) + addend
        else:
            lost += (addend - after) + total
        total = after
    total += lost
    return total / histogram.count if histogram.count else _ratio(total)


def deviation(histogram: Histogram) -> float:
    """Give the estimated standard deviation of the observations."""
    spread = variance(histogram)
    return math.sqrt(spread) if spread >= 0 else math.nan


def _one_sided(bucket: Bucket, histogram: Histogram) -> Bucket:
    """A bucket around zero in; what is left of it if all other buckets lie on one side out."""
    if not len(histogram.negative) and len(histogram.positive):
        return Bucket(0.0, bucket.upper, bucket.count)
    if not len(histogram.positive) and len(histogram.negative):
        return Bucket(bucket.lower, 0.0, bucket.count)
    return bucket


def _walk(buckets: Iterator[Bucket], rank: float) -> tuple[Bucket, float]:
    """Buckets and a rank in; the bucket that holds it (or the last), and the count up to its end, out."""
    bucket, count = Bucket(0.0, 0.0, 0.0), 0.0
    for bucket in buckets:
        if bucket.count == 0:
            continue
        count += bucket.count
        if count >= rank:
            break
    return bucket, count


def quantile(q: float, histogram: Histogram) -> tuple[float, Remark | None]:
    """Give the q-quantile of the observations: -Inf below 0, +Inf above 1, NaN without observations."""
    if q < 0 or q > 1:
        return math.copysign(math.inf, q), None
    if histogram.count == 0 or math.isnan(q):
        return math.nan, None
    # NaN observations are in the count but in no bucket; then only the way up from the lowest bucket is right.
    skewed = math.isnan(histogram.sum)
    upward = skewed or q < 0.5
    rows = ordered(histogram)
    walk = iter(rows if upward else reversed(rows))
    rank = (q if upward else 1 - q) * histogram.count
    bucket, count = _walk(walk, rank)
    if histogram.custom:
        if bucket.lower == -math.inf:
            if bucket.upper <= 0:
                return bucket.upper, None
            bucket = Bucket(0.0, bucket.upper, bucket.count)
        elif bucket.upper == math.inf:
            return bucket.lower, None
    elif bucket.lower < 0 < bucket.upper:
        bucket = _one_sided(bucket, histogram)
    count = min(count, histogram.count)
    if count < rank:
        return (math.nan, Remark.QUANTILE_NAN) if skewed else (bucket.upper, None)
    within = rank - (count - bucket.count) if upward else count - rank
    remark = None
    if skewed:
        # To count what is left, Prometheus walks on with the same bucket variable: the last one is interpolated.
        left = list(walk)
        remark = Remark.QUANTILE_SKEWED if _counted(left, count) < histogram.count else None
        bucket = left[-1] if left else bucket
    return _interpolated(bucket, within, custom=histogram.custom), remark


def _counted(rows: Iterable[Bucket], start: float = 0.0) -> float:
    """Add up counts one by one: the built-in sum rounds differently from Python 3.12 on."""
    for row in rows:
        start += row.count
    return start


@lru_cache(maxsize=4096)
def _log2(bound: float) -> float:
    """Give a binary logarithm; the same bounds come up at every step."""
    return float(gomath.log2(bound))


def _interpolated(bucket: Bucket, within: float, *, custom: bool) -> float:
    """A bucket and a rank inside it in, the value at that rank out."""
    share = within / bucket.count if bucket.count else _ratio(within)
    if custom or bucket.lower <= 0 <= bucket.upper:
        return bucket.lower + (bucket.upper - bucket.lower) * share
    low, high = _log2(abs(bucket.lower)), _log2(abs(bucket.upper))
    if bucket.lower > 0:
        return float(gomath.exp2(low + (high - low) * share))
    return -float(gomath.exp2(high + (low - high) * (1 - share)))


def _rank_inside(value: float, bucket: Bucket, before: float, *, linear: bool) -> float:
    """A value inside a bucket and the count before it in, the count up to the value out."""
    if linear:
        if bucket.lower == -math.inf:
            return bucket.count
        return before + bucket.count * (value - bucket.lower) / (bucket.upper - bucket.lower)
    low, high, at = _log2(abs(bucket.lower)), _log2(abs(bucket.upper)), _log2(abs(value))
    share = (at - low) / (high - low) if value > 0 else 1 - (at - high) / (low - high)
    return before + bucket.count * share


def _rank(value: float, histogram: Histogram, rows: list[Bucket]) -> float | None:
    """A value and all buckets in, the count of observations up to it out; None above all buckets."""
    before = 0.0
    for row in rows:
        around_zero = row.lower <= 0 <= row.upper
        bucket = _one_sided(row, histogram) if around_zero else row
        if bucket.lower >= value:
            return before
        if bucket.upper > value:
            return _rank_inside(value, bucket, before, linear=histogram.custom or around_zero)
        before += bucket.count
    return None


def fraction(lower: float, upper: float, histogram: Histogram) -> tuple[float, Remark | None]:
    """Give the share of observations between two values, 0 if they are not in order."""
    if histogram.count == 0 or math.isnan(lower) or math.isnan(upper):
        return math.nan, None
    if lower >= upper:
        return 0.0, None
    rows = ordered(histogram)
    counted, remark = histogram.count, None
    if math.isnan(histogram.sum):
        counted = _counted(rows)
        remark = Remark.FRACTION_NAN if counted < histogram.count else None
    ranks = []
    for value in (lower, upper):
        rank = _rank(value, histogram, rows)
        ranks.append(counted if rank is None or rank > counted else rank)
    return (ranks[1] - ranks[0]) / histogram.count, remark
