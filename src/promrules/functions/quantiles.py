"""Quantiles of the samples in each column, as Prometheus defines them: linear between ranks, NaN lowest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from promrules.columns.values import Floats, Mask


def quantile_columns(samples: Floats, there: Mask, q: Floats) -> Floats:
    """Give the ``q``-quantile of each column's samples; shapes ``(n, columns)``, mask alike, ``(columns,)``.

    NaN for a NaN ``q`` or no samples, -Inf for ``q < 0``, +Inf for ``q > 1``.
    """
    counts = there.sum(axis=0)
    missing = there & np.isnan(samples)
    nans = missing.sum(axis=0)
    ordered = np.sort(np.where(there, np.where(missing, -np.inf, samples), np.inf), axis=0)
    with np.errstate(invalid="ignore"):
        rank = np.where((q >= 0) & (q <= 1), q, 0.0) * (counts - 1)
        floor = np.floor(rank)
        lower = np.maximum(0, floor).astype(np.int64)
        upper = np.minimum(counts - 1, lower + 1)
        weight = rank - floor
        column = np.arange(samples.shape[1])

        def at(index: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
            """Give the sample at a rank; the lowest ranks belong to NaN."""
            return np.where(index < nans, np.nan, ordered[np.maximum(index, 0), column])

        value = at(lower) * (1 - weight) + at(upper) * weight
    value = np.where(q < 0, -np.inf, np.where(q > 1, np.inf, value))
    result: Floats = np.where((counts == 0) | np.isnan(q), np.nan, value)
    return result
