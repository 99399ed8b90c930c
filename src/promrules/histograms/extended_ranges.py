"""Native histograms of one widened window in, their change between its edges out: ``anchored`` and ``smoothed``.

An anchored window begins with the last sample at or before its left edge; a smoothed one has the values at both
edges interpolated between the samples around them. Nothing is extrapolated.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from promrules.histograms.value import (
    Hint,
    Histogram,
    Remark,
    add,
    detect_reset,
    divide,
    multiply,
    subtract,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from promrules.histograms.sums import Outcome

Point = tuple[int, Histogram]
"""Time in ms and sample."""

_TOLD = (Remark.RECONCILED_ADD, Remark.RECONCILED_SUB)


def interpolated(before: Point, after: Point, time: int, *, counter: bool) -> tuple[Histogram, list[Remark]]:
    """Two samples and a time between them in, the histogram on the line between them out.

    A counter that was reset in between is taken to begin at nothing.

    Raises:
        IncompatibleError: only one of the samples has custom buckets.
    """
    for place, histogram in (before, after):
        if place == time:
            return histogram, []
    share = (time - before[0]) / (after[0] - before[0])
    if counter and detect_reset(after[1], before[1]):
        return multiply(after[1], share), []
    change, said = subtract(after[1], before[1])
    value, more = add(multiply(change, share), before[1])
    return value, [remark for remark in (*said, *more) if remark in _TOLD]


def at_instant(points: Sequence[Point], time: int) -> Outcome:
    """Samples around a time in, the value a smoothed instant selector has there out: None before the first sample."""
    place = bisect_left([point[0] for point in points], time)
    if place < len(points) and points[place][0] == time:
        return points[place][1], []
    if place == 0:
        return None, []
    if place == len(points):
        return points[-1][1].with_hint(Hint.UNKNOWN), []
    before, after = points[place - 1], points[place]
    if before[1].custom != after[1].custom:
        return None, [Remark.MIXED_SCHEMAS]
    gauge = before[1].hint is Hint.GAUGE and after[1].hint is Hint.GAUGE
    return interpolated(before, after, time, counter=not gauge)


def change(
    points: Sequence[Point], edges: tuple[int, int], *, smooth: bool, counter: bool, per_second: bool
) -> Outcome:
    """Give rate (counter, per second), increase (counter) or delta (neither) between the edges of a window.

    Args:
        points: The samples of the window, widened by the lookback; at least one.
        edges: Left and right edge, ms.
        smooth: Interpolate at the edges; otherwise the window is anchored.
        counter: Whether resets are to be made good.
        per_second: Whether to divide by the length of the window.
    """
    first, last = _inside([point[0] for point in points], edges, smooth=smooth)
    if points[last][0] <= edges[0] or (smooth and points[first][0] > edges[1]):
        return None, []
    used = [histogram for _, histogram in points[first : last + 1]]
    if any(histogram.custom != used[0].custom for histogram in used):
        return None, [Remark.MIXED_SCHEMAS]
    left, right = points[first][1], points[last][1]
    remarks: list[Remark] = []
    if smooth and points[first][0] < edges[0]:
        left, remarks = interpolated(points[first], points[first + 1], edges[0], counter=counter)
    if smooth and last > 0 and points[last][0] > edges[1]:
        right, said = interpolated(points[last - 1], points[last], edges[1], counter=counter)
        remarks += said
    result, said = subtract(right, left)
    remarks += [*said, *_hint_remarks(used, left, right, counter=counter)]
    if counter:
        spanned = smooth and points[first][0] < edges[0] and detect_reset(points[first + 1][1], points[first][1])
        for lost in _lost(used, left, right, spanned=spanned):
            result, said = add(result, lost)
            remarks += said
    if per_second:
        result = divide(result, (edges[1] - edges[0]) / 1000)
    kept: list[Remark] = [remark for remark in remarks if remark not in (Remark.COLLISION_ADD, Remark.COLLISION_SUB)]
    return result.with_hint(Hint.GAUGE).compact(), kept


def _inside(times: list[int], edges: tuple[int, int], *, smooth: bool) -> tuple[int, int]:
    """Give the first and the last sample that matter: those at or before the left and at or after the right edge."""
    last = len(times) - 1
    first = max(0, bisect_right(times, edges[0], 0, last) - 1)
    return first, bisect_left(times, edges[1], 0, last) if smooth else last


def _hint_remarks(used: list[Histogram], left: Histogram, right: Histogram, *, counter: bool) -> list[Remark]:
    if counter:
        return [Remark.NOT_COUNTER] * any(histogram.hint is Hint.GAUGE for histogram in used)
    return [Remark.NOT_GAUGE] * (left.hint is not Hint.GAUGE or right.hint is not Hint.GAUGE)


def _lost(used: list[Histogram], left: Histogram, right: Histogram, *, spanned: bool) -> list[Histogram]:
    """Give the histograms right before each reset between the edges; one the left edge spans is made good already."""
    begin, previous = (2, used[1]) if spanned else (1, left)
    if begin > len(used) - 1:
        return []
    lost = []
    for histogram in (*used[begin:-1], right):
        if detect_reset(histogram, previous):
            lost.append(previous)
        previous = histogram
    return lost
