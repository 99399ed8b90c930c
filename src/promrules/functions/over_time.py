"""Statistics over windows of floats: one kernel per ``…_over_time`` function and its kin.

A kernel takes a ``RangeMatrix`` (and scalars, one per column) and gives ``values, present``, both series by columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from promrules.functions.extremes import first_largest, first_smallest, has_negative_zero
from promrules.functions.quantiles import quantile_columns
from promrules.functions.sums import active_windows, kahan_step, window_means, window_sums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from promrules.columns.values import Floats, Mask, RangeMatrix, Times

    Columns = tuple[Floats, Mask]

_BLOCK = 2_000_000


def total(window: RangeMatrix) -> Columns:
    """sum_over_time."""
    return window_sums(window.values, window.lo, window.hi), window.hi > window.lo


def mean(window: RangeMatrix) -> Columns:
    """avg_over_time."""
    return window_means(window.values, window.lo, window.hi), window.hi > window.lo


def count(window: RangeMatrix) -> Columns:
    """count_over_time."""
    return (window.hi - window.lo).astype(np.float64), window.hi > window.lo


def presence(window: RangeMatrix) -> Columns:
    """present_over_time, and absent_over_time before it is turned round."""
    return np.ones(window.lo.shape), window.hi > window.lo


def first(window: RangeMatrix) -> Columns:
    """first_over_time."""
    return _taken(window.values, window.lo, window)


def last(window: RangeMatrix) -> Columns:
    """last_over_time."""
    return _taken(window.values, window.hi - 1, window)


def first_time(window: RangeMatrix) -> Columns:
    """ts_of_first_over_time, seconds."""
    return _taken(window.times / 1000, window.lo, window)


def last_time(window: RangeMatrix) -> Columns:
    """ts_of_last_over_time, seconds."""
    return _taken(window.times / 1000, window.hi - 1, window)


def _taken(column: Floats, index: Times, window: RangeMatrix) -> Columns:
    """Give one sample per window."""
    present = window.hi > window.lo
    if not len(column):
        return np.zeros(present.shape), present
    return column[np.where(present, index, 0)], present


def resets(window: RangeMatrix) -> Columns:
    """Count decreases from one sample to the next."""
    return _transitions(window, window.values[1:] < window.values[:-1])


def changes(window: RangeMatrix) -> Columns:
    """Count differences from one sample to the next; NaN equals NaN."""
    after, before = window.values[1:], window.values[:-1]
    return _transitions(window, (after != before) & ~(np.isnan(after) & np.isnan(before)))


def _transitions(window: RangeMatrix, marks: Mask) -> Columns:
    """Count the marked steps between neighbours inside each window."""
    present = window.hi > window.lo
    if not len(window.values):
        return np.zeros(present.shape), present
    prefix = np.concatenate([[0], np.cumsum(marks)])
    begin = np.where(present, window.lo, 0)
    stop = np.where(present, window.hi - 1, 0)
    return (prefix[stop] - prefix[begin]).astype(np.float64), present


def largest(window: RangeMatrix) -> Columns:
    """max_over_time; NaN only where all are NaN."""
    return _extreme(window, first_largest if has_negative_zero(window.values) else np.fmax)


def smallest(window: RangeMatrix) -> Columns:
    """min_over_time; NaN only where all are NaN."""
    return _extreme(window, first_smallest if has_negative_zero(window.values) else np.fmin)


def _extreme(window: RangeMatrix, pick: Callable[[Floats, Floats], Floats]) -> Columns:
    """Give the extreme of each window from a table of extremes over powers of two (sparse table)."""
    low, high = window.lo, window.hi
    present = high > low
    out = np.zeros(low.shape)
    if not present.any():
        return out, present
    lengths = (high - low)[present]
    begin = low[present]
    levels = np.frexp(lengths.astype(np.float64))[1] - 1  # floor(log2(length)), exact for integers
    result = np.empty(len(lengths))
    table = window.values
    for level in range(int(levels.max()) + 1):
        if level:
            half = 1 << (level - 1)
            table = pick(table[:-half], table[half:])
        chosen = levels == level
        start = begin[chosen]
        result[chosen] = pick(table[start], table[start + lengths[chosen] - (1 << level)])
    out[present] = result
    return out, present


def largest_time(window: RangeMatrix) -> Columns:
    """ts_of_max_over_time: seconds of the last among equal maxima."""
    return _extreme_time(window, np.greater_equal)


def smallest_time(window: RangeMatrix) -> Columns:
    """ts_of_min_over_time: seconds of the last among equal minima."""
    return _extreme_time(window, np.less_equal)


def _extreme_time(window: RangeMatrix, better: np.ufunc) -> Columns:
    """Walk all windows side by side, keeping the best sample so far."""
    present = window.hi > window.lo
    low = window.lo[present]
    best = low.copy()
    for position, active in active_windows((window.hi - window.lo)[present]):
        index = low[active] + position
        kept = best[active]
        wins = better(window.values[index], window.values[kept]) | np.isnan(window.values[kept])
        best[active] = np.where(wins, index, kept)
    out = np.zeros(present.shape)
    out[present] = window.times[best] / 1000
    return out, present


def variance(window: RangeMatrix) -> Columns:
    """stdvar_over_time: Welford's recurrence with compensated mean and sum of squares."""
    present = window.hi > window.lo
    low, counts = window.lo[present], (window.hi - window.lo)[present]
    average, average_carry = np.zeros(len(low)), np.zeros(len(low))
    squares, squares_carry = np.zeros(len(low)), np.zeros(len(low))
    with np.errstate(invalid="ignore", over="ignore"):
        for position, active in active_windows(counts):
            value = window.values[low[active] + position]
            delta = value - (average[active] + average_carry[active])
            new, carry = kahan_step(delta / (position + 1.0), average[active], average_carry[active])
            average[active], average_carry[active] = new, carry
            step = delta * (value - (new + carry))
            squares[active], squares_carry[active] = kahan_step(step, squares[active], squares_carry[active])
        out = np.zeros(present.shape)
        out[present] = (squares + squares_carry) / counts
    return out, present


def deviation(window: RangeMatrix) -> Columns:
    """stddev_over_time."""
    values, present = variance(window)
    with np.errstate(invalid="ignore"):
        return np.sqrt(values), present


def quantile(window: RangeMatrix, q: Floats) -> Columns:
    """quantile_over_time with one ``q`` per column."""
    out = np.zeros(window.lo.shape)
    for row, columns, samples, there in dense_windows(window):
        out[row, columns] = quantile_columns(samples, there, q[columns])
    return out, window.hi > window.lo


def median_deviation(window: RangeMatrix) -> Columns:
    """mad_over_time: the median distance from the median; NaN where a sample is NaN."""
    out = np.zeros(window.lo.shape)
    for row, columns, samples, there in dense_windows(window):
        half = np.full(samples.shape[1], 0.5)
        with np.errstate(invalid="ignore"):
            distance = np.abs(samples - quantile_columns(samples, there, half))
        broken = (np.isnan(samples) & there).any(axis=0)
        out[row, columns] = np.where(broken, np.nan, quantile_columns(distance, there, half))
    return out, window.hi > window.lo


def dense_windows(window: RangeMatrix) -> Iterator[tuple[int, slice, Floats, Mask]]:
    """Yield blocks of windows as ``row, columns, samples (position by column), which of them exist``."""
    for row in range(window.lo.shape[0]):
        counts = window.hi[row] - window.lo[row]
        longest = int(counts.max(initial=0))
        if not longest:
            continue
        width = max(1, _BLOCK // longest)
        for begin in range(0, len(counts), width):
            columns = slice(begin, begin + width)
            position = np.arange(longest)[:, np.newaxis]
            there = position < counts[columns]
            index = np.where(there, window.lo[row][columns] + position, 0)
            yield row, columns, window.values[index], there


def smoothed(window: RangeMatrix, level: Floats, trend: Floats) -> Columns:
    """double_exponential_smoothing with the factors of each column (Holt's linear trend method)."""
    counts = window.hi - window.lo
    present = counts >= 2
    low = window.lo[present]
    level_cells = np.broadcast_to(level, present.shape)[present]
    trend_cells = np.broadcast_to(trend, present.shape)[present]
    out = np.zeros(present.shape)
    if not len(low):
        return out, present
    older, newer = np.zeros(len(low)), window.values[low].copy()
    slope = window.values[low + 1] - newer
    with np.errstate(invalid="ignore", over="ignore"):
        for position, active in active_windows(counts[present]):
            if position == 0:
                continue
            factor, drift = level_cells[active], trend_cells[active]
            x = factor * window.values[low[active] + position]
            if position > 1:
                slope[active] = drift * (newer[active] - older[active]) + (1 - drift) * slope[active]
            y = (1 - factor) * (newer[active] + slope[active])
            older[active], newer[active] = newer[active], x + y
    out[present] = newer
    return out, present


def regression(window: RangeMatrix, intercept_at: Times | None) -> tuple[Floats, Floats, Mask]:
    """Give slope per second and intercept of the least squares line of each window of two samples or more.

    ``intercept_at`` is the time (ms, one per column) where the line's value is wanted, None for the first sample's.
    """
    counts = window.hi - window.lo
    present = counts >= 2
    low, size = window.lo[present], counts[present]
    slope, intercept = np.zeros(present.shape), np.zeros(present.shape)
    if not len(low):
        return slope, intercept, present
    origin = window.times[low] if intercept_at is None else np.broadcast_to(intercept_at, present.shape)[present]
    start = window.values[low]
    constant = np.ones(len(low), dtype=bool)
    sums = [np.zeros(len(low)) for _ in range(8)]
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        for position, active in active_windows(size):
            index = low[active] + position
            y = window.values[index]
            x = (window.times[index] - origin[active]) / 1e3
            if position:
                constant[active] &= y == start[active]
            for term, pair in zip((x, y, x * y, x * x), range(0, 8, 2), strict=True):
                sums[pair][active], sums[pair + 1][active] = kahan_step(
                    term, sums[pair][active], sums[pair + 1][active]
                )
        sum_x, sum_y, sum_xy, sum_xx = (sums[pair] + sums[pair + 1] for pair in range(0, 8, 2))
        n = size.astype(np.float64)
        steep = (sum_xy - sum_x * sum_y / n) / (sum_xx - sum_x * sum_x / n)
        height = sum_y / n - steep * sum_x / n
        flat = np.where(np.isinf(start), np.nan, 0.0)
        slope[present] = np.where(constant, flat, steep)
        intercept[present] = np.where(constant, np.where(np.isinf(start), np.nan, start), height)
    return slope, intercept, present


def derivative(window: RangeMatrix) -> Columns:
    """deriv: slope per second."""
    slope, _, present = regression(window, None)
    return slope, present


def prediction(window: RangeMatrix, seconds: Floats, times: Times) -> Columns:
    """predict_linear: the line's value ``seconds`` after the evaluation time."""
    slope, intercept, present = regression(window, times)
    with np.errstate(invalid="ignore", over="ignore"):
        return slope * seconds + intercept, present
