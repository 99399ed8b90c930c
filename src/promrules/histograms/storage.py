"""Samples of one series in, the histograms Prometheus' storage gives back for them out.

The storage keeps histograms in chunks. A chunk of a counter holds no reset, so all its samples but the first come
back marked "not reset", and all share one bucket layout, with empty buckets where a sample had none. Classic
histograms can be loaded as native ones with custom buckets (NHCB).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.histograms.buckets import CUSTOM, MAX_SCHEMA, MIN_SCHEMA, Buckets, buckets, merged_layout
from promrules.histograms.value import Hint, Histogram
from promrules.syntax.go_float import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

STALE: Final = "stale"
"""Stands for a staleness marker among the samples of ``stored``."""

FLOAT: Final = "float"
"""Stands for a float among the samples of ``stored``."""

Sample = Histogram | str


def _shrinks(sample: Histogram, before: Histogram) -> bool:
    """Tell whether a counter lost observations in any bucket."""
    if sample.count < before.count or sample.zero_count < before.zero_count:
        return True
    for now, then in ((sample.positive, before.positive), (sample.negative, before.negative)):
        _, left, right = merged_layout(now, then)
        if (left < right).any():
            return True
    return False


def _continues(sample: Histogram, before: Histogram) -> bool:
    """Tell whether a sample goes into the chunk of the one before it."""
    same_shape = (
        sample.schema == before.schema
        and sample.zero_threshold == before.zero_threshold
        and sample.bounds == before.bounds
    )
    gauge = sample.hint is Hint.GAUGE
    if not same_shape or gauge != (before.hint is Hint.GAUGE):
        return False
    return gauge or (sample.hint is not Hint.RESET and not _shrinks(sample, before))


def _laid_out(side: Buckets, index: NDArray[np.int64]) -> Buckets:
    counts = np.zeros(len(index))
    counts[np.searchsorted(index, side.index)] = side.count
    return Buckets(index, counts)


def _read_back(chunk: Sequence[Histogram]) -> list[Histogram]:
    """One chunk in, its samples as queries see them out."""
    positive = np.unique(np.concatenate([sample.positive.index for sample in chunk]))
    negative = np.unique(np.concatenate([sample.negative.index for sample in chunk]))
    gauge = chunk[0].hint is Hint.GAUGE
    first, rest = (Hint.GAUGE, Hint.GAUGE) if gauge else (Hint.UNKNOWN, Hint.NOT_RESET)
    return [
        replace(
            sample,
            positive=_laid_out(sample.positive, positive),
            negative=_laid_out(sample.negative, negative),
            hint=rest if place else first,
        )
        for place, sample in enumerate(chunk)
    ]


def stored(samples: Sequence[Sample]) -> list[Sample]:
    """Consecutive samples of a series, ``FLOAT`` and ``STALE`` among them, in; the same as read back out.

    Chunks are cut where histograms do not continue each other, not at the storage's size limits: those only
    turn a "not reset" into an "unknown" here and there.
    """
    result: list[Sample] = []
    chunk: list[Histogram] = []
    for sample in samples:
        if chunk and (isinstance(sample, str) or not _continues(sample, chunk[-1])):
            result += _read_back(chunk)
            chunk = []
        if isinstance(sample, str):
            result.append(sample)
        else:
            chunk.append(sample)
    return result + (_read_back(chunk) if chunk else [])


def refusal(histogram: Histogram) -> str:
    """Say why Prometheus' storage does not take a histogram; "" where it does (``FloatHistogram.Validate``)."""
    wrong = _custom_refusal(histogram) if histogram.schema == CUSTOM else _exponential_refusal(histogram)
    if wrong:
        return wrong
    if histogram.count < 0:
        return f"observation count is {number(histogram.count)}: histogram's observation count is negative"
    return _negative_bucket("positive", histogram.positive)


def _exponential_refusal(histogram: Histogram) -> str:
    if not MIN_SCHEMA <= histogram.schema <= MAX_SCHEMA:
        return (
            f"histogram has an invalid schema, which must be between {MIN_SCHEMA} and {MAX_SCHEMA} for exponential "
            f"buckets, or {CUSTOM} for custom buckets, got schema {histogram.schema}"
        )
    if histogram.zero_count < 0:
        return f"zero bucket has an observation count of {number(histogram.zero_count)}, which is negative"
    if histogram.bounds:
        return "histogram with exponential schema must not have custom bounds"
    return _negative_bucket("negative", histogram.negative)


def _custom_refusal(histogram: Histogram) -> str:
    if any(not after > before for before, after in pairwise(histogram.bounds)):
        return "custom buckets: histogram custom bounds must be in strictly increasing order"
    if any(math.isinf(bound) for bound in histogram.bounds):
        return "custom buckets: histogram custom bounds must be finite"
    if len(histogram.positive) and int(histogram.positive.index.max()) > len(histogram.bounds):
        return f"custom buckets: only {len(histogram.bounds)} custom bounds defined, which are too few"
    if histogram.zero_count or histogram.zero_threshold or len(histogram.negative):
        return "custom buckets: must have no zero bucket and no negative buckets"
    return ""


def _negative_bucket(side: str, found: Buckets) -> str:
    below = found.count[found.count < 0]
    return f"{side} side: a bucket has an observation count of {number(float(below[0]))}" if len(below) else ""


@dataclass(frozen=True, slots=True)
class Classic:
    """The samples of one classic histogram at one time.

    Attributes:
        counts: Cumulative count per upper bound, +Inf possibly among them.
        count: Value of the ``_count`` series, None if there is none.
        total: Value of the ``_sum`` series, 0 if there is none.
    """

    counts: Mapping[float, float]
    count: float | None = None
    total: float = 0.0


def from_classic(classic: Classic) -> Histogram:
    """Give the native histogram with custom buckets that stands for a classic one.

    Raises:
        ValueError: counts are negative, not cumulative, or contradict ``_count``.
    """
    edges = sorted(classic.counts)
    cumulative = [classic.counts[edge] for edge in edges]
    count = classic.count if classic.count is not None else (cumulative[-1] if cumulative else 0.0)
    if not edges or edges[-1] != math.inf:
        edges.append(math.inf)
        cumulative.append(count)
    if cumulative[0] < 0 or count < 0:
        raise ValueError("negative bucket count in classic histogram")
    if any(after < before for before, after in pairwise(cumulative)):
        raise ValueError("counts of a classic histogram are not cumulative")
    if cumulative[-1] != count:
        raise ValueError(f"count mismatch: count={count:g} != le=+Inf count={cumulative[-1]:g}")
    counts = np.diff(np.array([0.0, *cumulative]))
    return Histogram(
        schema=CUSTOM,
        count=count,
        sum=classic.total,
        positive=buckets(0, counts.tolist()).compact(),
        bounds=tuple(edges[:-1]),
    )
