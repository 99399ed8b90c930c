"""The rate family over windows, in Prometheus' order of operations, so that results agree to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from promrules.columns.values import Floats, Mask, RangeMatrix, Times


def extrapolated(window: RangeMatrix, *, counter: bool, per_second: bool, clamp_first: bool) -> tuple[Floats, Mask]:
    """Give rate (``counter``, ``per_second``), increase (``counter``) or delta of each window of two samples or more.

    The increase is extrapolated to the window's edges where samples come within 1.1 average gaps of them, else by half
    a gap, and for counters never below zero; ``clamp_first`` applies that last rule before the first (Prometheus 2.x).
    """
    low, high = window.lo, window.hi
    present = high - low >= 2
    if not present.any():
        return np.zeros(present.shape), present
    first, last = np.where(present, low, 0), np.where(present, high - 1, 0)
    values, times = window.values, window.times
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        change = values[last] - values[first]
        if counter:
            change = _with_resets(change, values, first, last, present)
        first_time, last_time = times[first], times[last]
        to_start = (first_time - window.start) / 1000
        to_end = (window.end - last_time) / 1000
        sampled = (last_time - first_time) / 1000
        gap = sampled / np.maximum(last - first, 1)
        threshold = gap * 1.1
        if not clamp_first:
            to_start = np.where(to_start >= threshold, gap / 2, to_start)
        if counter:
            start_value = values[first]
            to_zero = np.where((change > 0) & (start_value >= 0), sampled * (start_value / change), to_start)
            to_start = np.where(to_zero < to_start, to_zero, to_start)
        if clamp_first:
            to_start = np.where(to_start >= threshold, gap / 2, to_start)
        to_end = np.where(to_end >= threshold, gap / 2, to_end)
        factor = (sampled + to_start + to_end) / sampled
        if per_second:
            factor = factor / ((window.end - window.start) / 1000)
        return change * factor, present


def _with_resets(change: Floats, values: Floats, first: Times, last: Times, present: Mask) -> Floats:
    """Add the value before each counter reset inside the windows, in the order of time."""
    resets = np.flatnonzero(values[1:] < values[:-1]) + 1
    if not len(resets):
        return change
    before = np.zeros(len(values), dtype=np.int64)
    before[resets] = 1
    before = np.cumsum(before)  # resets at or before each sample
    begin, stop = before[first], before[last]
    lost = values[resets - 1]
    most = int(np.where(present, stop - begin, 0).max(initial=0))
    for step in range(most):
        index = begin + step
        inside = index < stop
        change = np.where(inside, change + lost[np.where(inside, index, 0)], change)
    return change


def instantaneous(window: RangeMatrix, *, counter: bool) -> tuple[Floats, Mask]:
    """Give irate (``counter``: per second, resets count from zero) or idelta from the last two samples."""
    present = window.hi - window.lo >= 2
    last = np.where(present, window.hi - 1, 0)
    previous = np.where(present, window.hi - 2, 0)
    if not len(window.values):
        return np.zeros(present.shape), present
    newest, older = window.values[last], window.values[previous]
    gap = window.times[last] - window.times[previous]
    present = present & (gap != 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        if not counter:
            return newest - older, present
        change = np.where(newest < older, newest, newest - older)
        return change / (gap / 1000), present
