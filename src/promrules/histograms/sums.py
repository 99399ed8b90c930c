"""Several native histograms in, their sum, mean, rate or difference out.

Sums are compensated (Kahan, with Neumaier's improvement) in every bucket: a second histogram of the same layout
carries what rounding lost, as in Prometheus.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from promrules.histograms.buckets import CUSTOM, Buckets, beyond, merged_layout, target_index, upper_bounds
from promrules.histograms.value import (
    Hint,
    Histogram,
    IncompatibleError,
    Remark,
    add,
    at_schema,
    common_bounds,
    common_hint,
    common_zero,
    detect_reset,
    divide,
    multiply,
    onto_bounds,
    subtract,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Indices = NDArray[np.int64]

Outcome = tuple[Histogram | None, list[Remark]]
"""A histogram, or None where none can be given, with what there is to say about it."""


def _increase(addend: Floats, total: Floats, lost: Floats) -> tuple[Floats, Floats]:
    """One step of compensated summation, element by element: addend, sum and compensation in, new ones out."""
    with np.errstate(all="ignore"):
        after = total + addend
        big = np.abs(total) >= np.abs(addend)
        lost = lost + np.where(big, (total - after) + addend, (addend - after) + total)
    return after, np.where(np.isinf(after), 0.0, lost)


@dataclass(frozen=True, slots=True)
class _Running:
    """A sum so far, and the compensation in the same layout."""

    total: Histogram
    lost: Histogram

    def sides(self) -> tuple[tuple[Buckets, Buckets], tuple[Buckets, Buckets]]:
        """Give sums and compensations of the positive and of the negative buckets."""
        return (self.total.positive, self.lost.positive), (self.total.negative, self.lost.negative)


def _start(histogram: Histogram) -> _Running:
    nothing = replace(
        histogram,
        count=0.0,
        sum=0.0,
        zero_count=0.0,
        positive=histogram.positive.scaled(np.zeros(len(histogram.positive))),
        negative=histogram.negative.scaled(np.zeros(len(histogram.negative))),
    )
    return _Running(histogram, nothing)


def _gather(places: Indices, total: Floats, lost: Floats, size: int) -> tuple[Floats, Floats]:
    """Merge sorted buckets into ``size`` places, one compensated addition after another."""
    into, carried = np.zeros(size), np.zeros(size)
    for place, count, rest in zip(places, total, lost, strict=True):
        for part in (count, rest):
            into[place], carried[place] = _increase(part, into[place], carried[place])
    return into, carried


def _regroup(total: Buckets, lost: Buckets, target: Indices) -> tuple[Buckets, Buckets]:
    """Give each bucket the index in ``target``, merging equal ones."""
    index, places = np.unique(target, return_inverse=True)
    if len(index) == len(target):
        return Buckets(index, total.count), Buckets(index, lost.count)
    into, carried = _gather(places, total.count, lost.count, len(index))
    return Buckets(index, into), Buckets(index, carried)


def _at_schema(running: _Running, schema: int) -> _Running:
    own = running.total.schema
    if own == schema:
        return running
    sides = [_regroup(total, lost, target_index(total.index, own, schema)) for total, lost in running.sides()]
    return _Running(
        replace(running.total, schema=schema, positive=sides[0][0], negative=sides[1][0]),
        replace(running.lost, schema=schema, positive=sides[0][1], negative=sides[1][1]),
    )


def _rebound(running: _Running, bounds: tuple[float, ...]) -> _Running:
    if running.total.bounds == bounds:
        return running
    target = onto_bounds(running.total, bounds)
    total, lost = _regroup(running.total.positive, running.lost.positive, target)
    return _Running(
        replace(running.total, bounds=bounds, positive=total), replace(running.lost, bounds=bounds, positive=lost)
    )


def _with_zero_threshold(running: _Running, addend: Histogram) -> tuple[_Running, float]:
    """A sum and an addend in; the sum with a zero bucket for both, and the addend's count in it, out.

    What the sum's zero bucket swallows is added with compensation.
    """
    wide, zero_count = common_zero(running.total, addend)
    if wide.zero_threshold == running.total.zero_threshold:
        return running, zero_count
    zero, rest = np.array(running.total.zero_count), np.array(running.lost.zero_count)
    for total, lost in running.sides():
        inside = upper_bounds(running.total.schema, total.index - 1) < wide.zero_threshold
        for pair in zip(total.count[inside], lost.count[inside], strict=True):
            for part in pair:
                zero, rest = _increase(part, zero, rest)
    lost_wide = replace(
        running.lost,
        zero_threshold=wide.zero_threshold,
        zero_count=float(rest),
        positive=_restricted(running.lost.positive, wide.positive),
        negative=_restricted(running.lost.negative, wide.negative),
    )
    return _Running(replace(wide, zero_count=float(zero)), lost_wide), zero_count


def _restricted(lost: Buckets, layout: Buckets) -> Buckets:
    """Keep of the compensation the buckets that a layout still has."""
    kept = np.isin(lost.index, layout.index)
    return Buckets(lost.index[kept], lost.count[kept])


def _side(
    sums: tuple[Buckets, Buckets], addends: tuple[Buckets, Buckets], edge: tuple[int, float]
) -> tuple[Buckets, Buckets]:
    """Buckets of one sign with their compensations, sum and addend, in; the new sum and compensation out."""
    outside = [part if edge[0] == CUSTOM else beyond(part, *edge, lower=False) for part in addends]
    index, total, count = merged_layout(sums[0], outside[0])
    _, lost, rest = merged_layout(Buckets(index, merged_layout(sums[1], Buckets(index, total))[1]), outside[1])
    for addend in (count, rest):
        total, lost = _increase(addend, total, lost)
    return Buckets(index, total), Buckets(index, lost)


def _aligned(running: _Running, addend: Histogram) -> tuple[_Running, _Running]:
    """A sum and an addend in, both with the same bounds or resolution and zero bucket out."""
    if addend.custom:
        bounds = common_bounds(running.total, addend)
        return _rebound(running, bounds), _rebound(_start(addend), bounds)
    running, zero_count = _with_zero_threshold(running, addend)
    schema = min(running.total.schema, addend.schema)
    return _at_schema(running, schema), _at_schema(_start(replace(addend, zero_count=zero_count)), schema)


def _add(running: _Running, addend: Histogram) -> tuple[_Running, bool]:
    """One more histogram in; the new sum, and whether custom bounds had to be reconciled, out.

    Raises:
        IncompatibleError: custom and exponential buckets meet.
    """
    if running.total.custom != addend.custom:
        raise IncompatibleError
    hint, _ = common_hint(running.total.hint, addend.hint)
    reconciled = running.total.bounds != addend.bounds
    running, more = _aligned(running, addend)
    total, lost, edge = running.total, running.lost, (running.total.schema, running.total.zero_threshold)
    sides = [_side(mine, other, edge) for mine, other in zip(running.sides(), more.sides(), strict=True)]
    numbers = _increase(
        np.array([more.total.count, more.total.sum, more.total.zero_count]),
        np.array([total.count, total.sum, total.zero_count]),
        np.array([lost.count, lost.sum, lost.zero_count]),
    )
    parts = [
        replace(
            part,
            count=float(numbers[place][0]),
            sum=float(numbers[place][1]),
            zero_count=float(numbers[place][2]),
            positive=sides[0][place],
            negative=sides[1][place],
            hint=hint,
        )
        for place, part in enumerate((total, lost))
    ]
    return _Running(parts[0], parts[1]), reconciled


def _hint_remarks(histograms: Sequence[Histogram], reconciled: bool) -> list[Remark]:
    hints = {histogram.hint for histogram in histograms}
    collision = {Hint.RESET, Hint.NOT_RESET} <= hints
    return [Remark.COLLISION_AGG] * collision + [Remark.RECONCILED_AGG] * reconciled


def total(histograms: Sequence[Histogram]) -> Outcome:
    """Histograms (at least one) in, their sum as of ``sum`` and ``sum_over_time`` out; None if they do not mix."""
    running, reconciled = _start(histograms[0]), False
    try:
        for histogram in histograms[1:]:
            running, merged = _add(running, histogram)
            reconciled |= merged
    except IncompatibleError:
        return None, [Remark.MIXED_SCHEMAS]
    result = add(running.total, running.lost)[0] if len(histograms) > 1 else running.total
    return result.compact(), _hint_remarks(histograms, reconciled)


def mean(histograms: Sequence[Histogram]) -> Outcome:
    """Histograms (at least one) in, their mean as of ``avg`` and ``avg_over_time`` out; None if they do not mix.

    The sum is divided at the end; should it overflow, the mean is carried along instead, from there on.
    """
    running, reconciled, incremental = _start(histograms[0]), False, False
    try:
        for number, histogram in enumerate(histograms[1:], start=2):
            if not incremental:
                tried, merged = _add(running, histogram)
                reconciled |= merged
                if not tried.total.overflows():
                    running = tried
                    continue
                incremental = True
                running = _Running(divide(running.total, number - 1), divide(running.lost, number - 1))
            share = (number - 1) / number
            running = _Running(multiply(running.total, share), multiply(running.lost, share))
            running, merged = _add(running, divide(histogram, number))
            reconciled |= merged
    except IncompatibleError:
        return None, [Remark.MIXED_SCHEMAS]
    number = 1 if incremental else len(histograms)
    result = divide(running.total, number)
    if len(histograms) > 1:
        result = add(result, divide(running.lost, number))[0]
    return result.compact(), _hint_remarks(histograms, reconciled)


def _reset_places(histograms: Sequence[Histogram]) -> list[int]:
    """Give the places of the histograms that come right after a reset; hints spare most comparisons."""
    suspects = [place for place, histogram in enumerate(histograms) if histogram.hint is not Hint.NOT_RESET]
    return [place for place in suspects if place and detect_reset(histograms[place], histograms[place - 1])]


def _counter_increase(histograms: Sequence[Histogram]) -> Outcome:
    """Counter histograms (two or more) in, how much they grew, over resets, out."""
    first, resets = histograms[0], _reset_places(histograms)
    remarks = [Remark.NOT_COUNTER] * any(histogram.hint is Hint.GAUGE for histogram in histograms)
    if resets[:1] == [1]:
        # What came before a reset does not matter, so its layout must not either.
        first, resets = Histogram(schema=histograms[1].schema, bounds=histograms[1].bounds), resets[1:]
    schemas = {first.schema, *[histogram.schema for histogram in histograms[1:]]}
    if CUSTOM in schemas and len(schemas) > 1:
        return None, [Remark.MIXED_SCHEMAS]
    grown, said = subtract(at_schema(histograms[-1], min(schemas)), first)
    remarks += [remark for remark in said if remark is Remark.RECONCILED_SUB]
    for place in resets:
        grown, said = add(grown, histograms[place - 1])
        remarks += [remark for remark in said if remark is Remark.RECONCILED_ADD]
    return grown.with_hint(Hint.GAUGE).compact(), remarks


def _gauge_difference(histograms: Sequence[Histogram]) -> Outcome:
    """Gauge histograms (two or more) in, the last less the first out."""
    first, last = histograms[0], histograms[-1]
    if first.custom != last.custom:
        return None, [Remark.MIXED_SCHEMAS]
    schema = min(first.schema, last.schema)
    difference, said = subtract(at_schema(last, schema), first)
    remarks: list[Remark] = [remark for remark in said if remark is Remark.RECONCILED_SUB]
    if first.hint is not Hint.GAUGE or last.hint is not Hint.GAUGE:
        remarks.append(Remark.NOT_GAUGE)
    return difference.with_hint(Hint.GAUGE).compact(), remarks


def extrapolated(
    times: Sequence[int], histograms: Sequence[Histogram], window: tuple[int, int], *, counter: bool, per_second: bool
) -> Outcome:
    """Samples of one window in, rate (counter, per second), increase (counter) or delta (neither) out.

    Args:
        times: When the samples were taken, ms, increasing.
        histograms: The samples, as many; fewer than two give None.
        window: Left and right edge of the range, ms.
        counter: Whether resets are to be made good, and the start is not extrapolated below zero.
        per_second: Whether to divide by the length of the range.
    """
    if len(histograms) < 2:
        return None, []
    result, remarks = _counter_increase(histograms) if counter else _gauge_difference(histograms)
    if result is None:
        return None, remarks
    to_start, to_end = (times[0] - window[0]) / 1000, (window[1] - times[-1]) / 1000
    sampled = (times[-1] - times[0]) / 1000
    spacing = sampled / (len(times) - 1)
    # Beyond 1.1 average spacings from an edge the series is taken to begin or end half a spacing away.
    to_start = spacing / 2 if to_start >= spacing * 1.1 else to_start
    to_end = spacing / 2 if to_end >= spacing * 1.1 else to_end
    if counter and result.count > 0 and histograms[0].count >= 0:
        to_start = min(to_start, sampled * (histograms[0].count / result.count))
    factor = (sampled + to_start + to_end) / sampled
    if per_second:
        factor /= (window[1] - window[0]) / 1000
    return multiply(result, factor), remarks


def instantaneous(times: Sequence[int], histograms: Sequence[Histogram], *, counter: bool) -> Outcome:
    """The last two samples of a window in, ``irate`` (counter) or ``idelta`` of them out.

    Args:
        times: When they were taken, ms; equal times give None.
        histograms: The two samples.
        counter: Whether to divide by the time between them, after a look for a reset.
    """
    (before, last), elapsed = histograms, times[1] - times[0]
    if elapsed == 0:
        return None, []
    gauges = [histogram.hint is Hint.GAUGE for histogram in histograms]
    remarks = [Remark.NOT_COUNTER] * (counter and any(gauges)) + [Remark.NOT_GAUGE] * (not counter and not all(gauges))
    result = last
    if not counter or not detect_reset(last, before):
        try:
            result, said = subtract(last, before)
        except IncompatibleError:
            return None, [*remarks, Remark.MIXED_SCHEMAS]
        remarks += [remark for remark in said if remark is Remark.RECONCILED_SUB]
    result = result.with_hint(Hint.GAUGE).compact()
    return divide(result, elapsed / 1000) if counter else result, remarks
