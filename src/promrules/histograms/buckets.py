"""The buckets of one sign of a native histogram: bounds by index, lower resolution, common layout.

Bucket ``i`` of schema ``s`` reaches from ``2**((i-1) * 2**-s)``, left out, to ``2**(i * 2**-s)``, so lowering the
schema by one merges buckets in pairs. Custom buckets (schema -53) lie between bounds of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.go_math.elementary import exp2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Indices = NDArray[np.int64]

CUSTOM: Final = -53
"""The schema of histograms with custom bucket bounds."""

MIN_SCHEMA: Final = -4
MAX_SCHEMA: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """The buckets of one sign.

    Attributes:
        index: Bucket indices, increasing; each bucket reaches up to (in magnitude) and includes ``bound(index)``.
        count: Observations per bucket, same shape; a count of 0 is allowed.
    """

    index: Indices
    count: Floats

    def __len__(self) -> int:
        return len(self.index)

    def scaled(self, counts: Floats) -> Buckets:
        """Keep the layout, replace the counts."""
        return Buckets(self.index, counts)

    def compact(self) -> Buckets:
        """Drop the empty buckets."""
        filled = self.count != 0
        return self if filled.all() else Buckets(self.index[filled], self.count[filled])

    def same(self, other: Buckets) -> bool:
        """Tell whether layout and counts are equal to the bit."""
        return np.array_equal(self.index, other.index) and self.count.tobytes() == other.count.tobytes()


def buckets(offset: int, counts: Sequence[float]) -> Buckets:
    """Give the buckets with consecutive indices from ``offset``."""
    return Buckets(np.arange(offset, offset + len(counts), dtype=np.int64), np.array(counts, dtype=np.float64))


EMPTY: Final = Buckets(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64))


@cache
def _octave(schema: int) -> Floats:
    """Give the bucket bounds from 0.5 on, up to but without 1, of a schema from 0 to 8; shape ``(2**schema,)``.

    Prometheus' client libraries made their table by stepping from one bound to the next and taking every second
    one from the schema below. That is up to a few units in the last place away from the exact powers, and part of
    the format: bounds must agree with theirs to the bit.
    """
    if schema == 0:
        return np.array([0.5])
    coarse, step = _octave(schema - 1), float(exp2(2.0**-schema))
    return np.stack([coarse, coarse * step], axis=1).ravel()


def upper_bounds(schema: int, index: Indices, bounds: Sequence[float] = ()) -> Floats:
    """Give the upper bound (in magnitude) of each bucket; the lower one is that of ``index - 1``."""
    if schema == CUSTOM:
        padded = np.array([-np.inf, *bounds, np.inf])
        found: Floats = padded[index + 1]
        return found
    if schema < 0:
        mantissa, exponent = np.ones(len(index)), index << -schema
        last = exponent == 1024
    else:
        mantissa = _octave(schema)[index & ((1 << schema) - 1)]
        exponent = (index >> schema) + 1
        last = (mantissa == 0.5) & (exponent == 1025)
    with np.errstate(over="ignore", under="ignore"):
        edges = np.ldexp(mantissa, np.clip(exponent, -5000, 5000).astype(np.int32))
    # The last bucket of finite observations ends at the largest float, so that infinities have one of their own.
    return np.where(last, np.finfo(np.float64).max, edges)


def target_index(index: Indices, schema: int, target: int) -> Indices:
    """Bucket indices in a resolution in, those in a lower one out."""
    return ((index - 1) >> (schema - target)) + 1


def gathered(places: Indices, counts: Floats, size: int) -> Floats:
    """Add each count, in their order, to its place among ``size``."""
    totals = np.zeros(size)
    np.add.at(totals, places, counts)
    return totals


def reduce_buckets(side: Buckets, schema: int, target: int) -> Buckets:
    """Merge buckets into those of a lower resolution."""
    if schema == target or not len(side):
        return side
    index, places = np.unique(target_index(side.index, schema, target), return_inverse=True)
    return Buckets(index, gathered(places, side.count, len(index)))


def merged_layout(left: Buckets, right: Buckets) -> tuple[Indices, Floats, Floats]:
    """Two sets of buckets in; all indices and both counts on them out."""
    if np.array_equal(left.index, right.index):
        return left.index, left.count, right.count
    index = np.union1d(left.index, right.index)
    spread = np.zeros((2, len(index)))
    spread[0, np.searchsorted(index, left.index)] = left.count
    spread[1, np.searchsorted(index, right.index)] = right.count
    return index, spread[0], spread[1]


def beyond(side: Buckets, schema: int, threshold: float, *, lower: bool) -> Buckets:
    """Keep the buckets beyond a zero threshold, judged by their lower or their upper bound."""
    if threshold == 0 or not len(side):
        return side
    edge = upper_bounds(schema, side.index - 1) >= threshold if lower else upper_bounds(schema, side.index) > threshold
    return side if edge.all() else Buckets(side.index[edge], side.count[edge])
