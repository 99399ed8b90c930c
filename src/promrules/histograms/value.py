"""Native histograms in, native histograms out: the value type of PromQL and its arithmetic.

A histogram counts observations in buckets whose bounds follow from its schema: for -4 to 8 the positive axis is
divided at powers of 2**(2**-schema), mirrored for negative values, with a zero bucket of its own width between
them; schema -53 brings its own bounds. All values are immutable; buckets are held sparsely, by index.

Rules, names and rounding order follow Prometheus' native histogram specification
(https://prometheus.io/docs/specs/native_histograms/) and its `FloatHistogram`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from promrules.histograms.buckets import (
    CUSTOM,
    EMPTY,
    Buckets,
    beyond,
    gathered,
    merged_layout,
    reduce_buckets,
    upper_bounds,
)
from promrules.syntax.go_float import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int64]


class Hint(Enum):
    """What is known about a counter reset right before a histogram; the value is its name in test notation."""

    UNKNOWN = "unknown"
    RESET = "reset"
    NOT_RESET = "not_reset"
    GAUGE = "gauge"


class Remark(Enum):
    """What an operation on histograms has to tell the user: level and text as Prometheus words them.

    ``{metric}`` stands where the metric name follows, ``{named}`` where the words around it go with it.
    """

    MIXED_FLOATS = ("warning", 'encountered a mix of histograms and floats for metric name "{metric}"')
    NOT_COUNTER = ("warning", 'this native histogram metric is not a counter: "{metric}"')
    NOT_GAUGE = ("warning", 'this native histogram metric is not a gauge: "{metric}"')
    MIXED_SCHEMAS = (
        "warning",
        'vector contains a mix of histograms with exponential and custom buckets schemas for metric name "{metric}"',
    )
    COLLISION_ADD = ("warning", "conflicting counter resets during histogram addition")
    COLLISION_SUB = ("warning", "conflicting counter resets during histogram subtraction")
    COLLISION_AGG = ("warning", "conflicting counter resets during histogram aggregation")
    RECONCILED_ADD = ("info", "mismatched custom buckets were reconciled during addition")
    RECONCILED_SUB = ("info", "mismatched custom buckets were reconciled during subtraction")
    RECONCILED_AGG = ("info", "mismatched custom buckets were reconciled during aggregation")
    QUANTILE_NAN = ("info", "input to histogram_quantile has NaN observations, result is NaN{named}")
    QUANTILE_SKEWED = ("info", "input to histogram_quantile has NaN observations, result is skewed higher{named}")
    FRACTION_NAN = (
        "info",
        "input to histogram_fraction has NaN observations, which are excluded from all fractions{named}",
    )

    @property
    def level(self) -> str:
        """``warning`` or ``info``."""
        return self.value[0]

    def text(self, metric: str = "") -> str:
        """Give the annotation as Prometheus prints it, without a position."""
        named = f' for metric name "{metric}"' if metric else ""
        words: str = self.value[1]
        return f"PromQL {self.level}: {words.format(metric=metric, named=named)}"


class IncompatibleError(Exception):
    """Histograms with custom and with exponential buckets cannot be combined."""


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """One sample of a native histogram.

    Attributes:
        schema: Resolution, -4 to 8, or ``CUSTOM``.
        count: Number of observations, NaN observations too.
        sum: Sum of observations.
        zero_count: Observations in the zero bucket.
        zero_threshold: Upper edge of the zero bucket, which is symmetric.
        positive: Buckets above the zero bucket; all buckets for ``CUSTOM``.
        negative: Buckets below the zero bucket, by magnitude.
        bounds: Upper bounds of the custom buckets but for the last, which ends at infinity; empty otherwise.
        hint: What is known about a counter reset right before this sample.
    """

    schema: int = 0
    count: float = 0.0
    sum: float = 0.0
    zero_count: float = 0.0
    zero_threshold: float = 0.0
    positive: Buckets = EMPTY
    negative: Buckets = EMPTY
    bounds: tuple[float, ...] = ()
    hint: Hint = Hint.UNKNOWN

    def __str__(self) -> str:
        parts = [f"count:{number(self.count)}", f"sum:{number(self.sum)}"]
        for near, far, _, count in reversed(self._intervals(self.negative)):
            parts.append(f"[{number(-far)},{number(-near)}):{number(count)}")
        if self.zero_count:
            edge = self.zero_threshold
            parts.append(f"[{number(-edge)},{number(edge)}]:{number(self.zero_count)}")
        for near, far, index, count in self._intervals(self.positive):
            opening = "[" if self.custom and index == 0 else "("
            parts.append(f"{opening}{number(near)},{number(far)}]:{number(count)}")
        return "{" + ", ".join(parts) + "}"

    def _intervals(self, side: Buckets) -> list[tuple[float, float, int, float]]:
        """Give inner and outer bound, index and count of each populated bucket, from zero outward."""
        side = side.compact()
        inner = upper_bounds(self.schema, side.index - 1, self.bounds).tolist()
        outer = upper_bounds(self.schema, side.index, self.bounds).tolist()
        return list(zip(inner, outer, side.index.tolist(), side.count.tolist(), strict=True))

    @property
    def custom(self) -> bool:
        """Whether the buckets have custom bounds."""
        return self.schema == CUSTOM

    def compact(self) -> Histogram:
        """Drop all empty buckets."""
        return replace(self, positive=self.positive.compact(), negative=self.negative.compact())

    def with_hint(self, hint: Hint) -> Histogram:
        """Give the same histogram with another hint."""
        return self if hint is self.hint else replace(self, hint=hint)

    def overflows(self) -> bool:
        """Tell whether any number in it is infinite."""
        singles = np.array([self.zero_count, self.count, self.sum, *self.bounds])
        return any(np.isinf(part).any() for part in (singles, self.positive.count, self.negative.count))


def at_schema(histogram: Histogram, target: int) -> Histogram:
    """Give an exponential histogram at a resolution not above its own, the hint forgotten if it changes."""
    if target == histogram.schema:
        return histogram
    if histogram.custom or target == CUSTOM or target > histogram.schema:
        raise IncompatibleError
    return replace(
        histogram,
        schema=target,
        positive=reduce_buckets(histogram.positive, histogram.schema, target),
        negative=reduce_buckets(histogram.negative, histogram.schema, target),
        hint=Hint.UNKNOWN,
    )


def widened_zero(histogram: Histogram, threshold: float) -> tuple[float, float]:
    """A zero threshold not below the histogram's in; zero count and threshold it would have then out.

    A threshold inside a populated bucket is moved outward to the end of that bucket.
    """
    if threshold == histogram.zero_threshold:
        return histogram.zero_count, threshold
    sides = [
        (upper_bounds(histogram.schema, side.index - 1), upper_bounds(histogram.schema, side.index), side.count)
        for side in (histogram.positive, histogram.negative)
    ]
    moved = True
    while moved:
        moved = False
        for lower, upper, count in sides:
            cut = (lower < threshold) & (upper > threshold) & (count != 0)
            if cut.any():
                threshold, moved = float(upper[cut][-1]), True
    total = histogram.zero_count
    for lower, _, count in sides:
        for part in count[lower < threshold]:
            total += float(part)
    return total, threshold


def with_zero_threshold(histogram: Histogram, threshold: float) -> Histogram:
    """Widen the zero bucket to ``threshold`` or beyond, and take the buckets it covers into it."""
    if threshold == histogram.zero_threshold:
        return histogram
    count, threshold = widened_zero(histogram, threshold)
    return replace(
        histogram,
        zero_count=count,
        zero_threshold=threshold,
        positive=beyond(histogram.positive, histogram.schema, threshold, lower=True).compact(),
        negative=beyond(histogram.negative, histogram.schema, threshold, lower=True).compact(),
    )


def common_zero(left: Histogram, right: Histogram) -> tuple[Histogram, float]:
    """Two exponential histograms in; the left one with a zero bucket for both, and the right one's count in it, out.

    The right one's own buckets are not touched: as in Prometheus, those inside the zero bucket are left out when
    buckets are added, judged at the common resolution.
    """
    count, threshold = right.zero_count, right.zero_threshold
    while threshold != left.zero_threshold:
        if left.zero_threshold > threshold:
            count, threshold = widened_zero(right, left.zero_threshold)
        else:
            left = with_zero_threshold(left, threshold)
    return left, count


def common_hint(left: Hint, right: Hint) -> tuple[Hint, bool]:
    """Hints of two operands in; the result's hint, and whether they contradict each other, out."""
    if left is right:
        return left, False
    if Hint.GAUGE in (left, right):
        return Hint.GAUGE, False
    return Hint.UNKNOWN, Hint.UNKNOWN not in (left, right)


def common_bounds(left: Histogram, right: Histogram) -> tuple[float, ...]:
    """Give the custom bounds that two histograms share."""
    known = set(right.bounds)
    return tuple(bound for bound in left.bounds if bound in known)


def onto_bounds(histogram: Histogram, bounds: tuple[float, ...]) -> Indices:
    """Custom bounds that all are the histogram's in; for each of its buckets the index there out."""
    own = np.array([*histogram.bounds, np.inf])[histogram.positive.index]
    return np.searchsorted(np.array(bounds), own).astype(np.int64)


def rebound(histogram: Histogram, bounds: tuple[float, ...]) -> Histogram:
    """Merge custom buckets into those between ``bounds``, which all are the histogram's."""
    if bounds == histogram.bounds:
        return histogram
    index, places = np.unique(onto_bounds(histogram, bounds), return_inverse=True)
    counts = gathered(places, histogram.positive.count, len(index))
    return replace(histogram, bounds=bounds, positive=Buckets(index, counts).compact())


def _combined(left: Histogram, right: Histogram, sign: float) -> tuple[Histogram, tuple[bool, bool]]:
    """Operands and the sign of the right one in; result, hint collision and reconciled bounds out."""
    if left.custom != right.custom:
        raise IncompatibleError
    hint, collision = common_hint(left.hint, right.hint)
    reconciled = left.bounds != right.bounds
    if left.custom:
        bounds = common_bounds(left, right)
        left, right = rebound(left, bounds), rebound(right, bounds)
    else:
        left, zero_count = common_zero(left, right)
        schema = min(left.schema, right.schema)
        left, right = at_schema(left, schema), replace(at_schema(right, schema), zero_count=zero_count)
    sides = []
    for mine, other in ((left.positive, right.positive), (left.negative, right.negative)):
        outside = other if left.custom else beyond(other, left.schema, left.zero_threshold, lower=False)
        index, mine_count, other_count = merged_layout(mine, outside)
        sides.append(Buckets(index, mine_count + sign * other_count))
    result = replace(
        left,
        count=left.count + sign * right.count,
        sum=left.sum + sign * right.sum,
        zero_count=left.zero_count + sign * right.zero_count,
        positive=sides[0],
        negative=sides[1],
        hint=hint,
    )
    return result, (collision, reconciled)


def add(left: Histogram, right: Histogram) -> tuple[Histogram, list[Remark]]:
    """Two histograms in, their sum at the lower of the resolutions and what there is to say about it out.

    Raises:
        IncompatibleError: only one of them has custom buckets.
    """
    result, (collision, reconciled) = _combined(left, right, 1.0)
    return result, [Remark.COLLISION_ADD] * collision + [Remark.RECONCILED_ADD] * reconciled


def subtract(left: Histogram, right: Histogram) -> tuple[Histogram, list[Remark]]:
    """Two histograms in, their difference out, otherwise as ``add``; the hint is treated like that of a sum."""
    result, (collision, reconciled) = _combined(left, right, -1.0)
    return result, [Remark.COLLISION_SUB] * collision + [Remark.RECONCILED_SUB] * reconciled


def multiply(histogram: Histogram, factor: float) -> Histogram:
    """Scale all counts and the sum; a negative factor makes a gauge of it."""
    with np.errstate(over="ignore", invalid="ignore"):
        return replace(
            histogram,
            count=float(np.multiply(histogram.count, factor)),
            sum=float(np.multiply(histogram.sum, factor)),
            zero_count=0.0 if histogram.custom else float(np.multiply(histogram.zero_count, factor)),
            positive=histogram.positive.scaled(histogram.positive.count * factor),
            negative=histogram.negative.scaled(histogram.negative.count * factor),
            hint=Hint.GAUGE if factor < 0 else histogram.hint,
        )


def divide(histogram: Histogram, divisor: float) -> Histogram:
    """Divide all counts and the sum; division by zero removes the buckets."""
    empty = divisor == 0
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        count, total, zero_count = (np.array([histogram.count, histogram.sum, histogram.zero_count]) / divisor).tolist()
        return replace(
            histogram,
            count=count,
            sum=total,
            zero_count=0.0 if histogram.custom else zero_count,
            positive=EMPTY if empty else histogram.positive.scaled(histogram.positive.count / divisor),
            negative=EMPTY if empty else histogram.negative.scaled(histogram.negative.count / divisor),
            hint=Hint.GAUGE if divisor < 0 else histogram.hint,
        )


def equal(left: Histogram, right: Histogram) -> bool:
    """Tell whether two histograms have the same buckets and numbers to the bit; hints are not compared."""
    singles = [np.array([h.count, h.sum, h.zero_count]).tobytes() for h in (left, right)]
    return (
        left.schema == right.schema
        and left.bounds == right.bounds
        and left.zero_threshold == right.zero_threshold
        and singles[0] == singles[1]
        and left.positive.same(right.positive)
        and left.negative.same(right.negative)
    )


def _shrunk(current: Buckets, previous: Buckets) -> bool:
    _, now, before = merged_layout(current, previous)
    return bool((now < before).any())


def detect_reset(current: Histogram, previous: Histogram) -> bool:
    """Tell whether a counter histogram was reset between two samples.

    A hint decides at once; otherwise any count that shrinks, a finer resolution, a narrower zero bucket or one
    that cuts a populated bucket means a reset. The sum does not count: negative observations lower it.
    """
    if current.hint in (Hint.RESET, Hint.NOT_RESET):
        return current.hint is Hint.RESET
    if current.count < previous.count or (current.custom and not previous.custom):
        return True
    if current.custom:
        bounds = common_bounds(current, previous)
        return _shrunk(rebound(current, bounds).positive, rebound(previous, bounds).positive)
    if current.schema > previous.schema or current.zero_threshold < previous.zero_threshold or previous.custom:
        return True
    zero_count, threshold = widened_zero(previous, current.zero_threshold)
    if threshold != current.zero_threshold or current.zero_count < zero_count:
        return True
    sides = ((current.positive, previous.positive), (current.negative, previous.negative))
    return any(
        _shrunk(
            beyond(now, current.schema, threshold, lower=False),
            beyond(reduce_buckets(before, previous.schema, current.schema), current.schema, threshold, lower=False),
        )
        for now, before in sides
    )
