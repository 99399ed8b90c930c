"""Range functions over ``anchored`` and ``smoothed`` selectors: windows reach out by the lookback to find their edges.

``anchored`` takes the last sample at or before the left edge as the value there; ``smoothed`` interpolates at both
edges. Nothing is extrapolated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.selectors import range_vector
from promrules.columns.values import EvaluationError, RangeMatrix, holds_histogram
from promrules.functions import native, over_time
from promrules.histograms import extended_ranges as histogram_extended
from promrules.histograms.value import Remark
from promrules.syntax.labels import get
from promrules.syntax.nodes import MatrixSelector, RangeMode, unwrapped

if TYPE_CHECKING:
    from promrules.columns.calls import Engine
    from promrules.columns.frame import Frame
    from promrules.columns.values import Floats, Mask, Objects
    from promrules.histograms.sums import Outcome
    from promrules.syntax.nodes import Call, Node

_SAFE: Final = {
    RangeMode.ANCHORED: ("changes", "delta", "increase", "rate", "resets"),
    RangeMode.SMOOTHED: ("delta", "increase", "rate"),
}


def _selector(engine: Engine, node: Call, arg: Node, frame: Frame) -> tuple[MatrixSelector, RangeMatrix]:
    """Check that the function goes with the mode, and give the widened windows."""
    selector = unwrapped(arg)
    assert isinstance(selector, MatrixSelector)  # noqa: S101 (only selectors have a mode; this tells mypy)
    mode = selector.selector.mode
    if node.func not in _SAFE[mode]:
        safe = ", ".join(_SAFE[mode])
        raise EvaluationError(f"{mode} modifier can only be used with: {safe} - not with {node.func}")
    lookback = engine.ctx.options.lookback
    after = lookback if mode is RangeMode.SMOOTHED else 0
    return selector, range_vector(selector, engine.ctx, frame, before=lookback, after=after)


def _anchored(window: RangeMatrix) -> tuple[RangeMatrix, Mask]:
    """Begin each window with the last sample at or before its left edge; tell which windows have samples inside."""
    low, present = window.lo.copy(), np.zeros(window.lo.shape, dtype=bool)
    for row in range(low.shape[0]):
        first, last = int(window.lo[row].min()), int(window.hi[row].max())
        part = window.times[first:last]
        edge = part.searchsorted(window.start, "right") + first - 1
        low[row] = np.clip(edge, window.lo[row], window.hi[row])
        inside = window.hi[row] > window.lo[row]
        newest = window.times[np.maximum(window.hi[row] - 1, 0)]
        present[row] = inside & (newest > window.start)
    hi = np.where(present, window.hi, low)
    return replace(window, lo=low, hi=hi), present


Extended = tuple["Floats", "Mask", RangeMatrix, "Objects | None"]
"""Values, which windows have one, the windows, and histograms where results are histograms."""


def extended_transitions(engine: Engine, node: Call, arg: Node, frame: Frame) -> Extended:
    """Resets and changes over an anchored selector."""
    _, window = _selector(engine, node, arg, frame)
    window, _ = _anchored(window)
    kernel = over_time.resets if node.func == "resets" else over_time.changes
    if window.histograms is None:
        return *kernel(window), window, None
    plain, mixed = native.split(window)
    values, present, objects = native.windows(engine, node.func, mixed, arg)
    floats, there = kernel(plain)
    return np.where(there, floats, values), present | there, window, objects


def extended_rate(engine: Engine, node: Call, arg: Node, frame: Frame) -> Extended:
    """rate, increase and delta between the values at the edges of each window."""
    selector, window = _selector(engine, node, arg, frame)
    smooth = selector.selector.mode is RangeMode.SMOOTHED
    counter = node.func != "delta"
    values, present = np.zeros(window.lo.shape), np.zeros(window.lo.shape, dtype=bool)
    objects = None if window.histograms is None else np.full(window.lo.shape, None, dtype=object)
    for row, column in zip(*np.nonzero(window.hi > window.lo), strict=True):
        cut = slice(int(window.lo[row, column]), int(window.hi[row, column]))
        edges = (int(window.start[column]), int(window.end[column]))
        if objects is not None and window.histograms is not None and holds_histogram(window.histograms[cut]).any():
            result, remarks = _native_change(window, cut, edges, node.func, smooth=smooth)
            native.remark(engine, remarks, get(window.labels[row], "__name__"), arg)
            objects[row, column], present[row, column] = result, result is not None
            continue
        points = list(zip(window.times[cut].tolist(), window.values[cut].tolist(), strict=True))
        change = _change(points, edges, smooth=smooth, counter=counter)
        if change is not None:
            seconds = (edges[1] - edges[0]) / 1000
            values[row, column] = change / seconds if node.func == "rate" else change
            present[row, column] = True
    return values, present, window, objects


def _native_change(window: RangeMatrix, cut: slice, edges: tuple[int, int], func: str, *, smooth: bool) -> Outcome:
    """Apply rate, increase or delta to a window with histograms; floats beside them spoil it."""
    assert window.histograms is not None  # noqa: S101 (the caller looked; this tells mypy)
    items = window.histograms[cut].tolist()
    if any(item is None for item in items):
        return None, [Remark.MIXED_FLOATS]
    points = list(zip(window.times[cut].tolist(), items, strict=True))
    return histogram_extended.change(points, edges, smooth=smooth, counter=func != "delta", per_second=func == "rate")


Point = tuple[int, float]


def _change(points: list[Point], edges: tuple[int, int], *, smooth: bool, counter: bool) -> float | None:
    """Give the difference between the values at the two edges, resets made good; None without samples inside."""
    start, end = edges
    first = max(0, next((i for i, point in enumerate(points[:-1]) if point[0] > start), len(points) - 1) - 1)
    last = len(points) - 1
    if smooth:
        last = next((i for i, point in enumerate(points[:-1]) if point[0] >= end), last)
    if points[last][0] <= start or points[first][0] > end:
        return None
    left, right = points[first][1], points[last][1]
    if smooth and points[first][0] < start:
        left = _interpolated(points[first], points[first + 1], start, counter=counter)
    if smooth and last > 0 and points[last][0] > end:
        right = _interpolated(points[last - 1], points[last], end, counter=counter)
    change = right - left
    if not counter:
        return change
    first += points[first][0] <= start
    last -= points[last][0] >= end
    before, correction = left, 0.0
    for _, value in points[first : last + 1]:
        correction += before if value < before else 0.0
        before = value
    correction += before if right < before else 0.0
    return change + correction


def _interpolated(before: Point, after: Point, time: int, *, counter: bool) -> float:
    """Give the value on the line between two samples; a counter that was reset begins at zero."""
    low = 0.0 if counter and after[1] < before[1] else before[1]
    return low + (after[1] - low) * (time - before[0]) / (after[0] - before[0])
