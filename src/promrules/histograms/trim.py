"""A native histogram and an edge in, the observations on one side of it out: the operators ``</`` and ``>/``.

A bucket that holds the edge is divided as quantiles divide it, on a logarithmic scale or, for custom buckets and the
zero bucket, on a linear one. The sum is estimated anew from bucket middles, geometric or arithmetic. Buckets that
reach to infinity cannot be divided: they stay or go as a whole, except that one from -Inf to a positive bound is
taken to begin at 0, as classic histograms do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from promrules.go_math import elementary as gomath
from promrules.histograms.buckets import Buckets, upper_bounds

if TYPE_CHECKING:
    from promrules.histograms.value import Histogram


@dataclass(frozen=True, slots=True)
class _Scale:
    """How a bucket is divided: which side of zero, and whether linearly."""

    positive: bool
    linear: bool


def _finite(value: float) -> float:
    return 0.0 if math.isinf(value) else value


def _middle(lower: float, upper: float, scale: _Scale) -> float:
    """Give the value that stands for the observations between two bounds."""
    if math.isinf(lower) or math.isinf(upper):
        if math.isinf(lower) and not math.isinf(upper):
            return upper / 2 if upper > 0 else upper
        return _finite(lower)
    if scale.linear:
        return (lower + upper) / 2
    middle = math.sqrt(abs(lower * upper))
    return middle if scale.positive else -middle


def _below(lower: float, upper: float, count: float, edge: float, scale: _Scale) -> float:
    """Give how many of a finite bucket's observations lie below an edge."""
    if edge <= lower or edge >= upper:
        return 0.0 if edge <= lower else count
    if scale.linear:
        return count * ((edge - lower) / (upper - lower))
    low, high, at = (float(value) for value in gomath.log2(np.abs([lower, upper, edge])))
    return count * ((at - low) / (high - low) if scale.positive else 1 - (at - high) / (low - high))


def _open_below(upper: float, count: float, edge: float, *, keep_below: bool) -> tuple[float, float]:
    """Divide a bucket that begins at -Inf: what is kept, and its middle."""
    from_zero = upper > 0 and not math.isinf(upper)
    if not keep_below:
        if edge == -math.inf:
            return count, 0.0
        if edge >= 0 and upper > edge and not math.isinf(upper):
            return count * (1 - edge / upper), (edge + upper) / 2
        return 0.0, _finite(upper)
    if edge >= upper:
        return count, 0.0
    if edge > 0 and from_zero:
        return count * edge / upper, edge / 2
    return (count, edge) if upper <= 0 else (0.0, _finite(upper))


def _divided(
    bounds: tuple[float, float], count: float, edge: float, scale: _Scale, *, keep_below: bool
) -> tuple[float, float]:
    """Divide the bucket an edge lies in: what is kept, and its middle."""
    lower, upper = bounds
    if lower == -math.inf:
        return _open_below(upper, count, edge, keep_below=keep_below)
    if upper == math.inf:
        return (count, edge) if not keep_below and edge >= lower else (0.0, _finite(lower))
    below = _below(lower, upper, count, edge, scale)
    if keep_below:
        return below, _middle(lower, edge, scale)
    return count - below, _middle(edge, upper, scale)


def _zero(threshold: float, sides: tuple[bool, bool], edge: float, *, keep_below: bool) -> tuple[float, float]:
    """Divide the zero bucket, one-sided if all other observations are: the share kept, and its middle."""
    positive, negative = sides
    lower = 0.0 if positive and not negative else -threshold
    upper = 0.0 if negative and not positive else threshold
    if edge <= lower or edge >= upper:
        # A zero bucket of no width lies above an edge of 0.
        return (0.0, 0.0) if keep_below == (edge <= lower) else (1.0, (lower + upper) / 2)
    if keep_below:
        return (edge - lower) / (upper - lower), (lower + edge) / 2
    return (upper - edge) / (upper - lower), (edge + upper) / 2


def _side(histogram: Histogram, edge: float, *, positive: bool, keep_below: bool) -> tuple[Buckets, list[float]]:
    """Trim the buckets of one sign; give them and what each adds to the sum."""
    side = histogram.positive if positive else histogram.negative
    near = upper_bounds(histogram.schema, side.index - 1, histogram.bounds)
    far = upper_bounds(histogram.schema, side.index, histogram.bounds)
    scale = _Scale(positive, histogram.custom)
    kept, sums = side.count.copy(), []
    for place in np.flatnonzero(side.count):
        edges = (float(near[place]), float(far[place])) if positive else (-float(far[place]), -float(near[place]))
        count = float(side.count[place])
        if (edges[1] <= edge) if keep_below else (edges[0] >= edge):
            middle = _middle(*edges, scale)
        elif (edges[0] < edge) if keep_below else (edges[1] > edge):
            count, middle = _divided(edges, count, edge, scale, keep_below=keep_below)
        else:
            count, middle = 0.0, 0.0
        kept[place] = count
        sums.append(middle * count)
    return side.scaled(kept), sums


def trimmed(histogram: Histogram, edge: float, *, keep_below: bool) -> Histogram:
    """Give the histogram without the observations above (``keep_below``) or below ``edge``.

    Where nothing is cut off, count and sum stay as they are; otherwise they are those of the buckets left.
    """
    positive, sums = _side(histogram, edge, positive=True, keep_below=keep_below)
    negative, more = _side(histogram, edge, positive=False, keep_below=keep_below)
    zero_count = histogram.zero_count
    sums += more
    if zero_count > 0:
        sides = bool((histogram.positive.count != 0).any()), bool((histogram.negative.count != 0).any())
        share, middle = _zero(histogram.zero_threshold, sides, edge, keep_below=keep_below)
        zero_count *= share
        sums.append(middle * zero_count)
    if positive.same(histogram.positive) and negative.same(histogram.negative) and zero_count == histogram.zero_count:
        return histogram
    count = total = 0.0
    for part in (*positive.count.tolist(), *negative.count.tolist(), zero_count):
        count += part
    for part in sums:
        total += part
    return replace(
        histogram, count=count, sum=total, zero_count=zero_count, positive=positive, negative=negative
    ).compact()
