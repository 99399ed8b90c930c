"""Selectors to columns: which sample an instant selector sees at each time, which samples lie in each window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from promrules.columns.matrices import empty
from promrules.columns.series import INPUT, is_stale
from promrules.columns.values import EvaluationError, Matrix, RangeMatrix, holds_histogram
from promrules.histograms.bucketless import newest_without_buckets
from promrules.histograms.extended_ranges import at_instant
from promrules.histograms.value import Remark
from promrules.syntax.durations import resolve
from promrules.syntax.labels import get
from promrules.syntax.nodes import Boundary, RangeMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from promrules.columns.frame import Context, Frame
    from promrules.columns.series import Series
    from promrules.columns.values import Floats, Mask, Objects, Times
    from promrules.syntax.nodes import Duration, MatrixSelector, VectorSelector


def duration(value: Duration, frame: Frame) -> int:
    """Give a duration's milliseconds in this query.

    Raises:
        EvaluationError: its arithmetic divides by zero or overflows.
    """
    if isinstance(value, int):
        return value
    try:
        return resolve(value, frame.interval, frame.extent)
    except (ArithmeticError, ValueError) as error:
        raise EvaluationError(f"duration expression: {error}") from error


def positive_duration(value: Duration, frame: Frame) -> int:
    """Give a range's or step's milliseconds, which must be positive.

    Raises:
        EvaluationError: it is not.
    """
    found = duration(value, frame)
    if found <= 0:
        raise EvaluationError("duration must be greater than 0")
    return found


def anchor(at: int | Boundary | None, offset: int, frame: Frame) -> Times:
    """Give the times a selector looks at: the columns' own or those of ``@``, less the offset."""
    if at is None:
        base = frame.times
    elif isinstance(at, Boundary):
        base = frame.starts if at is Boundary.START else frame.ends
    else:
        base = np.full_like(frame.times, at)
    shifted: Times = base - offset if offset else base
    return shifted


@dataclass(slots=True)
class Visible:
    """The latest time a selector may see in each column.

    Attributes:
        wanted: what it asks for.
        now: the time of the evaluation that each column belongs to; None where nothing is cut.
        offsets: how far back each writer records.
    """

    wanted: Times
    now: Times | None = None
    offsets: tuple[int, ...] = ()

    def of(self, series: Series, reader: int | None) -> Times:
        """Give the right edge for ``series``: what was written by then, of the reader itself and later ones before."""
        if self.now is None or reader is None:
            return self.wanted
        behind = self.offsets[series.writer] if self.offsets and series.writer != INPUT else 0
        return np.minimum(self.wanted, self.now - (behind + (series.writer >= reader)))


def visible(times: Times, ctx: Context, frame: Frame) -> Visible:
    """Cut ``times`` to what exists when each column is evaluated."""
    options = ctx.options
    if options.reader is not None:
        return Visible(times, frame.origins + options.ahead, options.offsets)
    return Visible(times if options.horizon is None else np.minimum(times, options.horizon))


@dataclass(slots=True)
class Columns:
    """The samples of several series laid end to end, those of series ``s`` at ``begin[s]:begin[s + 1]``."""

    times: Times
    values: Floats
    histograms: Objects | None
    begin: list[int]


def gather(series: Sequence[Series], first: int, last: int, *, keep_stale: bool) -> Columns:
    """Lay the samples of ``series`` with ``first <= T <= last`` end to end."""
    times: list[Times] = []
    values: list[Floats] = []
    histograms: list[Objects | None] = []
    begin = [0]
    for item in series:
        own = item.times
        low, high = 0, len(own)
        if high and (own[0] < first or own[-1] > last):
            low, high = int(own.searchsorted(first)), int(own.searchsorted(last, "right"))
        part, sample = own[low:high], item.values[low:high]
        objects = None if item.histograms is None else item.histograms[low:high]
        if not keep_stale:
            stale = is_stale(sample)
            if stale.any():
                kept = ~stale
                part, sample = part[kept], sample[kept]
                objects = None if objects is None else objects[kept]
        times.append(part)
        values.append(sample)
        histograms.append(objects)
        begin.append(begin[-1] + len(part))
    if len(series) == 1:
        return Columns(times[0], values[0], histograms[0], begin)
    return Columns(np.concatenate(times), np.concatenate(values), _join_objects(values, histograms), begin)


def _join_objects(values: list[Floats], histograms: list[Objects | None]) -> Objects | None:
    """Lay histogram columns end to end, None for series of floats."""
    if all(objects is None for objects in histograms):
        return None
    filled = [
        np.full(len(sample), None, dtype=object) if objects is None else objects
        for sample, objects in zip(values, histograms, strict=True)
    ]
    return np.concatenate(filled)


def _bounds(columns: Columns, series: Sequence[Series], edges: Sequence[Times], side: str) -> Times:
    """Search each series' own edges among its samples; series on the same grid share one search."""
    found = np.empty((len(series), len(edges[0])), dtype=np.int64)
    begin = columns.begin
    before: tuple[Times, Times, Times] | None = None
    for row in range(len(series)):
        part = columns.times[begin[row] : begin[row + 1]]
        if before is not None and before[1] is edges[row] and len(before[0]) == len(part) and (before[0] == part).all():
            local = before[2]
        else:
            local = part.searchsorted(edges[row], side)  # type: ignore[call-overload]
            before = (part, edges[row], local)
        np.add(local, begin[row], out=found[row])
    return found


def instant_vector(
    node: VectorSelector, ctx: Context, frame: Frame, *, timestamps: bool = False, bucketless: bool = False
) -> Matrix:
    """Give the newest sample of each matching series within the lookback, or its time in seconds.

    ``bucketless`` reads count and sum of histograms alone.
    """
    if node.mode is RangeMode.ANCHORED:
        raise EvaluationError("anchored modifier can only be used with range vector selectors")
    offset = duration(node.offset, frame)
    times = anchor(node.at, offset, frame)
    oldest = times - ctx.options.lookback
    if timestamps and node.at is not None:
        # Prometheus looks from the time of @ without the offset, but among the samples it loaded for @ with the offset.
        times, oldest = np.minimum(times, times + offset), np.maximum(oldest, oldest + offset)
    series = ctx.storage.select(node.matchers)
    if not series or not frame.size:
        return empty(frame.size)
    if node.mode is RangeMode.SMOOTHED:
        return _smoothed(node, series, times, ctx, frame)
    seen = visible(times, ctx, frame)
    open_edge = ctx.options.compat >= 3
    columns = gather(series, int(oldest.min()), int(times.max()), keep_stale=True)
    if not len(columns.times):
        return empty(frame.size)
    edges = [seen.of(item, ctx.options.reader) for item in series]
    index = _bounds(columns, series, edges, "right") - 1
    begin = np.array(columns.begin[:-1], dtype=np.int64)[:, np.newaxis]
    present = index >= begin
    index = np.maximum(index, 0)
    taken = columns.times[index]
    present &= (taken > oldest) if open_edge else (taken >= oldest)
    values = columns.values[index]
    present &= ~is_stale(values)
    objects = None if columns.histograms is None else columns.histograms[index]
    if bucketless and columns.histograms is not None:
        first = _bounds(columns, series, [oldest] * len(series), "right" if open_edge else "left")
        objects = newest_without_buckets(columns.histograms, index, first)
    if timestamps:
        values, objects = taken / 1000, None
    elif objects is not None and not holds_histogram(objects[present]).any():
        objects = None
    kept = present.any(axis=1)
    labels = [item.labels for item in series]
    if kept.all():
        return Matrix(labels, values, present, objects)
    rows = np.flatnonzero(kept)
    return Matrix(
        [labels[row] for row in rows],
        values[rows],
        present[rows],
        None if objects is None else objects[rows],
    )


def _smoothed(node: VectorSelector, series: Sequence[Series], times: Times, ctx: Context, frame: Frame) -> Matrix:
    """Give the value on the line between the samples around each time; the last one where none follows."""
    lookback = ctx.options.lookback
    columns = gather(series, int(times.min()) - lookback, int(times.max()) + lookback, keep_stale=False)
    if not len(columns.times):
        return empty(frame.size)
    seen = visible(times + lookback, ctx, frame)
    low = _bounds(columns, series, [times - lookback] * len(series), "right")
    high = _bounds(columns, series, [seen.of(item, ctx.options.reader) for item in series], "right")
    after = np.minimum(_bounds(columns, series, [times] * len(series), "left"), high)
    follows = after < high
    place = np.where(follows, after, 0)
    exact = follows & (columns.times[place] == times)
    before = np.maximum(after - 1, 0)
    present = exact | (after > low)
    with np.errstate(invalid="ignore", divide="ignore"):
        step = (columns.values[place] - columns.values[before]) * (times - columns.times[before])
        line = columns.values[before] + step / (columns.times[place] - columns.times[before])
    values = np.where(exact, columns.values[place], np.where(follows, line, columns.values[before]))
    objects = None
    if columns.histograms is not None:
        objects, present = _smoothed_objects(node, series, (columns, low, high), (times, present), ctx)
    rows = np.flatnonzero(present.any(axis=1))
    labels = [series[int(row)].labels for row in rows]
    return Matrix(labels, values[rows], present[rows], None if objects is None else objects[rows])


def _smoothed_objects(
    node: VectorSelector,
    series: Sequence[Series],
    windows: tuple[Columns, Times, Times],
    cells: tuple[Times, Mask],
    ctx: Context,
) -> tuple[Objects, Mask]:
    """Give histograms on the line between those around each time; windows that mix them with floats give nothing."""
    (columns, low, high), (times, present) = windows, cells
    assert columns.histograms is not None  # noqa: S101 (the caller looked; this tells mypy)
    objects, present = np.full(present.shape, None, dtype=object), present.copy()
    for row, column in np.argwhere(high > low).tolist():
        cut = slice(int(low[row, column]), int(high[row, column]))
        items = columns.histograms[cut].tolist()
        if all(item is None for item in items):
            continue
        result, remarks = None, [Remark.MIXED_FLOATS]
        if None not in items:
            points = list(zip(columns.times[cut].tolist(), items, strict=True))
            result, remarks = at_instant(points, int(times[column]))
        for remark in remarks:
            ctx.remark(remark.level, remark.text(get(series[row].labels, "__name__")), node.span)
        objects[row, column], present[row, column] = result, result is not None
    return objects, present


def range_vector(node: MatrixSelector, ctx: Context, frame: Frame, *, before: int = 0, after: int = 0) -> RangeMatrix:
    """Give the samples in each window, staleness markers left out.

    ``before`` and ``after`` widen the windows in ms while ``start`` and ``end`` stay, for anchored and smoothed.
    """
    selector = node.selector
    length = positive_duration(node.range, frame)
    end = anchor(selector.at, duration(selector.offset, frame), frame)
    start = end - length
    series = ctx.storage.select(selector.matchers)
    if series and frame.size:
        last = int(end.max()) + after
        columns = gather(series, int(start.min()) - before, last, keep_stale=False)
    if not series or not frame.size or not len(columns.times):
        nothing = np.empty((0, frame.size), dtype=np.int64)
        return RangeMatrix([], np.empty(0, dtype=np.int64), np.empty(0), None, nothing, nothing, start, end)
    seen = visible(end + after if after else end, ctx, frame)
    lows = [start - before if before else start] * len(series)
    low = _bounds(columns, series, lows, "right" if ctx.options.compat >= 3 else "left")
    high = _bounds(columns, series, [seen.of(item, ctx.options.reader) for item in series], "right")
    low = np.minimum(low, high)
    rows = np.flatnonzero((high > low).any(axis=1))
    labels = [series[int(row)].labels for row in rows]
    return RangeMatrix(labels, columns.times, columns.values, columns.histograms, low[rows], high[rows], start, end)
