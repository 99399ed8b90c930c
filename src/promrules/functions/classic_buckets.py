"""Classic histograms: quantile and fraction from cumulative bucket counts, all columns at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from promrules.columns.values import Floats, Mask

_TOLERANCE: Final = 1e-12
"""Relative difference between neighbouring counts that is taken for rounding."""

_SMALLEST_NORMAL: Final = 2.2250738585072014e-308


def _almost_equal(a: Floats, b: Floats) -> Mask:
    """Compare within the relative tolerance, close to zero absolutely (Prometheus' util/almost)."""
    difference, size = np.abs(a - b), np.minimum(np.abs(a) + np.abs(b), np.finfo(np.float64).max)
    tiny = (a == 0) | (b == 0) | (size < _SMALLEST_NORMAL)
    near: Mask = np.where(tiny, difference < _TOLERANCE * _SMALLEST_NORMAL, difference / size < _TOLERANCE)
    equal: Mask = near | (a == b) | (np.isnan(a) & np.isnan(b))
    return equal


def coalesce(bounds: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Add up the counts of buckets with the same bound; ``bounds`` sorted, ``counts`` buckets by columns."""
    unique, place = np.unique(bounds, return_inverse=True)
    if len(unique) == len(bounds):
        return bounds, counts
    joined = np.zeros((len(unique), counts.shape[1]))
    for row, at in enumerate(place.tolist()):
        joined[at] += counts[row]
    return unique, joined


def monotonic(counts: Floats) -> tuple[Floats, Mask]:
    """Lift counts so that they never fall; tell where more than rounding had to be mended."""
    fixed = counts.copy()
    forced = np.zeros(counts.shape[1], dtype=bool)
    with np.errstate(invalid="ignore", over="ignore"):
        for row in range(1, len(counts)):
            before, now = fixed[row - 1], counts[row]
            near = _almost_equal(before, now) & (before != now)
            falls = (now < before) & ~near
            forced |= falls
            fixed[row] = np.where(near | falls, before, now)
    return fixed, forced


def bucket_quantile(q: Floats, bounds: Floats, counts: Floats) -> tuple[Floats, Mask]:
    """Give the ``q``-quantile in each column and where monotonicity was forced.

    ``bounds`` is sorted, ``counts`` cumulative (buckets by columns). NaN without a +Inf bucket, with fewer than two
    buckets or without observations.
    """
    columns = counts.shape[1]
    nothing = np.zeros(columns, dtype=bool)
    special = np.where(q < 0, -np.inf, np.where(q > 1, np.inf, np.nan))
    inside = (q >= 0) & (q <= 1)
    if not np.isposinf(bounds[-1]):
        return special, nothing
    bounds, counts = coalesce(bounds, counts)
    counts, forced = monotonic(counts)
    if len(bounds) < 2:
        return special, nothing
    observations = counts[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        rank = np.where(inside, q, 0.0) * observations
        # The first bucket (the last left out) that reaches the rank; NaN reaches nothing.
        bucket = (~(counts[:-1] >= rank)).cumprod(axis=0).sum(axis=0)
        last = len(bounds) - 1
        column = np.arange(columns)
        below = np.maximum(bucket - 1, 0)
        started = bucket > 0
        begin = np.where(started, bounds[below], 0.0)
        count = counts[bucket, column] - np.where(started, counts[below, column], 0.0)
        rest = rank - np.where(started, counts[below, column], 0.0)
        value = begin + (bounds[bucket] - begin) * (rest / count)
    value = np.where((bucket == 0) & (bounds[0] <= 0), bounds[0], value)
    value = np.where(bucket == last, bounds[last - 1], value)
    valid = inside & (observations != 0)
    return np.where(valid, value, special), forced & valid


def bucket_fraction(lower: Floats, upper: Floats, bounds: Floats, counts: Floats) -> Floats:
    """Give the share of observations from ``lower`` to ``upper`` in each column; shapes as in ``bucket_quantile``."""
    if not np.isposinf(bounds[-1]):
        return np.full(counts.shape[1], np.nan)
    bounds, counts = coalesce(bounds, counts)
    total = counts[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (_rank(upper, bounds, counts) - _rank(lower, bounds, counts)) / total
    share = np.where(lower >= upper, 0.0, share)
    broken = (total == 0) | np.isnan(total) | np.isnan(lower) | np.isnan(upper)
    return np.where(broken, np.nan, share)


def _rank(value: Floats, bounds: Floats, counts: Floats) -> Floats:
    """Give how many observations lie below ``value``, linear within a bucket, none of an infinite one."""
    rank = counts[-1].copy()
    done = np.zeros(len(rank), dtype=bool)
    before = np.zeros(len(rank))
    with np.errstate(invalid="ignore", divide="ignore"):
        for row in range(len(bounds)):
            low = bounds[row - 1] if row else (0.0 if bounds[0] > 0 else -np.inf)
            high = bounds[row]
            reached = ~done & (low >= value)
            rank = np.where(reached, before, rank)
            done |= reached
            within = ~done & (low < value) & (high > value)
            inner = counts[row] if np.isneginf(low) else before + (counts[row] - before) * (value - low) / (high - low)
            rank = np.where(within, inner, rank)
            done |= within
            before = counts[row]
    capped: Floats = np.where(rank > counts[-1], counts[-1], rank)
    return capped
