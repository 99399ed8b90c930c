"""Sums over windows, equal to Prometheus' compensated summation, from prefix sums where that is provably the same.

Prometheus adds each window by Neumaier's variant of Kahan summation. Prefix sums in double-double arithmetic give the
same rounded result in two subtractions per window, unless the prefix is so much larger than the window's sum that its
low part runs out of bits; those windows, and short ones, are added exactly as Prometheus does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from promrules.columns.values import Floats, Mask, Times

_SHORT: Final = 12
"""Windows up to this many samples are cheaper to add directly."""

_MAX_RATIO: Final = 2.0**40
"""Largest prefix relative to the window's sum that the double-double difference is trusted with."""


def kahan_step(value: Floats, total: Floats, carry: Floats) -> tuple[Floats, Floats]:
    """Add ``value`` to ``total`` with its compensation ``carry``, element by element (Neumaier 1974)."""
    after = total + value
    with np.errstate(invalid="ignore", over="ignore"):
        larger = np.abs(total) >= np.abs(value)
        lost = np.where(larger, (total - after) + value, (value - after) + total)
    return after, np.where(np.isinf(after), 0.0, carry + lost)


def window_sums(values: Floats, low: Times, high: Times) -> Floats:
    """Give the sum of ``values[low:high]`` for every window, any shape; 0 for empty ones."""
    total, carry, _ = _window_parts(values, low, high)
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(total), total, total + carry)


def _window_parts(values: Floats, low: Times, high: Times) -> tuple[Floats, Floats, Mask]:
    """Give the sums of windows as unevaluated pairs ``total + carry``.

    The mask tells where ``total`` is not the plain running sum Prometheus would have at the end of the window.
    """
    shape = low.shape
    counts = (high - low).ravel()
    longest = int(counts.max(initial=0))
    if longest <= _SHORT or counts.sum() <= 4 * len(values):
        total, carry = added(values, low.ravel(), counts)
        return total.reshape(shape), carry.reshape(shape), np.zeros(shape, dtype=bool)
    total, carry, doubtful, rounded = _from_prefixes(values, low, high)
    if doubtful.any():
        total[doubtful], carry[doubtful] = added(values, low[doubtful], (high - low)[doubtful])
    return total, carry, rounded & ~doubtful


def added(values: Floats, low: Times, counts: Times) -> tuple[Floats, Floats]:
    """Add each window sample by sample, all windows side by side."""
    total, carry = np.zeros(len(low)), np.zeros(len(low))
    with np.errstate(invalid="ignore", over="ignore"):
        for position, active in active_windows(counts):
            total[active], carry[active] = kahan_step(values[low[active] + position], total[active], carry[active])
    return total, carry


def active_windows(counts: Times) -> list[tuple[int, slice | NDArray[np.intp]]]:
    """Give, for each position, the windows that reach so far."""
    longest = int(counts.max(initial=0))
    shortest = int(counts.min(initial=longest))
    full: list[tuple[int, slice | NDArray[np.intp]]] = [(position, slice(None)) for position in range(shortest)]
    if longest == shortest:
        return full
    order = np.argsort(-counts, kind="stable")
    reach = np.searchsorted(-counts[order], -np.arange(shortest, longest), side="left")
    return full + [(shortest + step, order[:size]) for step, size in enumerate(reach.tolist())]


def _from_prefixes(values: Floats, low: Times, high: Times) -> tuple[Floats, Floats, Mask, Mask]:
    """Give windows' sums from double-double prefix sums per row.

    The first mask tells which windows must be added directly, the second whose running sums get rounded.
    """
    total, carry = np.zeros(low.shape), np.zeros(low.shape)
    doubtful, rounded = np.zeros(low.shape, dtype=bool), np.zeros(low.shape, dtype=bool)
    for row in range(low.shape[0]):
        used = high[row] > low[row]
        if not used.any():
            continue
        first, last = int(low[row][used].min()), int(high[row].max())
        part = values[first:last]
        below = np.where(used, low[row] - first, 0)
        above = np.where(used, high[row] - first, 0)
        total[row], carry[row], doubtful[row], exact = _row(part, below, above)
        rounded[row] = used & (not exact)
    return total, carry, doubtful, rounded


def _row(part: Floats, below: Times, above: Times) -> tuple[Floats, Floats, Mask, bool]:
    """Give one row's sums, which of them are doubtful, and whether no sum was rounded at all.

    Special values are counted apart so that they do not poison later windows.
    """
    finite = np.isfinite(part)
    clean = part if finite.all() else np.where(finite, part, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        high_part = np.concatenate([[0.0], np.cumsum(clean)])
        lost = _rounding(high_part, clean)
        exact = not bool(lost.any())
        low_part = None if exact else np.concatenate([[0.0], np.cumsum(lost)])
        left, right = high_part[below], high_part[above]
        total = right - left
        kept = total - right
        carry = (right - (total - kept)) + (-left - kept)  # two-difference, exact (Knuth)
        if low_part is not None:
            carry = carry + (low_part[above] - low_part[below])
        biggest = np.abs(high_part).max()
        doubtful = np.zeros(total.shape, dtype=bool)
        if not exact or not np.isfinite(biggest) or biggest >= 2.0**1000:
            doubtful = ~(biggest < _MAX_RATIO * np.abs(total + carry)) & (above > below)
            doubtful &= _count(clean != 0, below, above) > 0
    if clean is not part:
        total, carry = _with_specials(part, below, above, total, carry)
    return total, carry, doubtful, exact


def _rounding(prefix: Floats, values: Floats) -> Floats:
    """Give what each step of a prefix sum lost to rounding (two-sum, Knuth)."""
    before, after = prefix[:-1], prefix[1:]
    virtual = after - before
    lost: Floats = (before - (after - virtual)) + (values - virtual)
    return lost


def _count(mask: Mask, below: Times, above: Times) -> Times:
    """Count True in each window."""
    prefix = np.concatenate([[0], np.cumsum(mask)])
    counted: Times = prefix[above] - prefix[below]
    return counted


def _with_specials(part: Floats, below: Times, above: Times, total: Floats, carry: Floats) -> tuple[Floats, Floats]:
    """Put NaN and infinities into the sums of the windows that contain them."""
    up = _count(part == np.inf, below, above) > 0
    down = _count(part == -np.inf, below, above) > 0
    broken = (_count(np.isnan(part), below, above) > 0) | (up & down)
    total = np.where(up, np.inf, np.where(down, -np.inf, total))
    return np.where(broken, np.nan, total), np.where(up | down | broken, 0.0, carry)


def window_means(values: Floats, low: Times, high: Times) -> Floats:
    """Give the mean of every window: the compensated sum over the count, an incremental mean where it overflows."""
    total, carry, rounded = _window_parts(values, low, high)
    rounded &= np.isfinite(total)
    if rounded.any():
        # The mean is total/n + carry/n, so the split between the two matters to the last bit.
        plain = _running_sums(values, low[rounded], high[rounded])
        carry[rounded] += total[rounded] - plain
        total[rounded] = plain
    counts = (high - low).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        means = total / counts + carry / counts
        overflow = ~np.isfinite(total) & (high > low)
    if overflow.any():
        means[overflow] = _incremental_means(values, low[overflow], (high - low)[overflow])
    return means


def _running_sums(values: Floats, low: Times, high: Times) -> Floats:
    """Add each window from left to right without compensation; windows that begin together share the work."""
    sums = np.empty(len(low))
    order = np.lexsort((high, low))
    begins = low[order]
    cuts = np.flatnonzero(np.diff(begins)) + 1
    for group in np.split(order, cuts):
        start = int(low[group[0]])
        running = values[start : int(high[group[-1]])].cumsum()
        sums[group] = running[high[group] - start - 1]
    return sums


def _incremental_means(values: Floats, low: Times, counts: Times) -> Floats:
    """Average windows whose sum leaves the range of floats, or that contain special values."""
    total, carry = values[low].copy(), np.zeros(len(low))
    mean = np.zeros(len(low))
    incremental = np.zeros(len(low), dtype=bool)
    with np.errstate(invalid="ignore", over="ignore"):
        for position, active in active_windows(counts):
            if position == 0:
                continue
            value, count = values[low[active] + position], position + 1.0
            new_total, new_carry = kahan_step(value, total[active], carry[active])
            switch = np.isinf(new_total) & ~incremental[active]
            going = incremental[active] | switch
            mean_now = np.where(switch, total[active] / (count - 1), mean[active])
            carry_now = np.where(switch, carry[active] / (count - 1), carry[active])
            share = (count - 1) / count
            new_mean, mean_carry = kahan_step(value / count, share * mean_now, share * carry_now)
            mean[active] = np.where(going, new_mean, mean[active])
            carry[active] = np.where(going, mean_carry, new_carry)
            total[active] = np.where(going, total[active], new_total)
            incremental[active] = going
        size = counts.astype(np.float64)
        return np.where(incremental, mean + carry, total / size + carry / size)
