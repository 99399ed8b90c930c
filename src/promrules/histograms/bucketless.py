"""Histograms without their buckets, as Prometheus reads them for ``histogram_count``, ``histogram_sum`` and ``_avg``.

It looks for counter resets while it reads the samples, when it still sees the buckets, and keeps what it found as the
hint of each sample (``HistogramStatsIterator``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from promrules.histograms.value import Hint, Histogram, detect_reset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Objects = NDArray[np.object_]


def bucketless(sample: Histogram, before: Histogram | None) -> Histogram:
    """Keep count and sum, and what the buckets tell of a reset since the sample ``before`` (None: not read)."""
    hint = sample.hint
    if hint is Hint.UNKNOWN and before is not None:
        hint = Hint.RESET if detect_reset(sample, before) else Hint.NOT_RESET
    return Histogram(sample.schema, sample.count, sample.sum, hint=hint)


def without_buckets(objects: Objects, begins: Sequence[int]) -> Objects:
    """Strip the samples of several series laid end to end, None at floats; ``begins`` tells where each one starts."""
    result = np.full(objects.shape, None, dtype=object)
    starts = frozenset(begins)
    before: Histogram | None = None
    for place, item in enumerate(objects.tolist()):
        if place in starts:
            before = None
        if item is not None:
            result[place] = bucketless(item, before)
            before = item
    return result


def newest_without_buckets(objects: Objects, places: NDArray[np.int64], oldest: NDArray[np.int64]) -> Objects:
    """Strip the samples at ``places`` of such a column; they were read from the places ``oldest`` on (same shape)."""
    result = np.full(places.shape, None, dtype=object)
    for cell, place in np.ndenumerate(places):
        item = objects[place]
        if item is not None:
            before = next(
                (objects[at] for at in range(place - 1, oldest[cell] - 1, -1) if objects[at] is not None), None
            )
            result[cell] = bucketless(item, before)
    return result
