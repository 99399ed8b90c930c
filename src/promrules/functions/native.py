"""Native histograms in columns: operators, aggregations and windows, cell by cell where histograms stand.

The fast kernels see floats alone; these functions are called only for vectors that hold histograms.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.values import holds_histogram
from promrules.histograms import statistics as histogram_stats
from promrules.histograms import sums as histogram_sums
from promrules.histograms.trim import trimmed
from promrules.histograms.value import (
    Hint,
    Histogram,
    IncompatibleError,
    Remark,
    add,
    detect_reset,
    divide,
    equal,
    multiply,
    subtract,
)
from promrules.syntax.labels import get

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from promrules.columns.calls import Engine
    from promrules.columns.values import Floats, Mask, Objects, RangeMatrix
    from promrules.syntax.nodes import Node

    Cell = tuple[float | Histogram | None, list[Remark]]

_NONE: Final[tuple[None, list[Remark]]] = (None, [])


def remark(engine: Engine, remarks: Sequence[Remark], metric: str, node: Node) -> None:
    """Pass remarks on, with the metric they are about and the place they point at."""
    for item in remarks:
        engine.ctx.remark(item.level, item.text(metric), node.span)


# --- statistics of single histograms -------------------------------------------------------------------------------

STATISTICS: Final[dict[str, Callable[[Histogram], float]]] = {
    "histogram_count": lambda histogram: histogram.count,
    "histogram_sum": lambda histogram: histogram.sum,
    "histogram_avg": histogram_stats.average,
    "histogram_stddev": histogram_stats.deviation,
    "histogram_stdvar": histogram_stats.variance,
}


# --- operators -----------------------------------------------------------------------------------------------------

Operand = float | Histogram

TRIMS: Final = {"</": True, ">/": False}
"""The operators that cut histograms, and whether they keep what lies below the edge."""


def _kind(operand: Operand) -> str:
    return "histogram" if isinstance(operand, Histogram) else "float"


def operate(op: str, left: Operand, right: Operand) -> tuple[Operand | bool | None, list[Remark], str]:
    """Apply an operator where at least one operand is a histogram, or one that takes histograms only.

    Gives the result (True or False for comparisons, None for none), remarks, and the info text for operands that do
    not go together.
    """
    kinds = (_kind(left), _kind(right))
    try:
        if isinstance(left, Histogram) and isinstance(right, Histogram):
            if op == "+":
                total, remarks = add(left, right)
                return total.compact(), remarks, ""
            if op == "-":
                rest, remarks = subtract(left, right)
                return rest.with_hint(Hint.GAUGE).compact(), remarks, ""
            if op in ("==", "!="):
                return equal(left, right) == (op == "=="), [], ""
        elif isinstance(left, Histogram) and isinstance(right, float) and op in TRIMS:
            return trimmed(left, right, keep_below=TRIMS[op]), [], ""
        elif isinstance(left, Histogram) and isinstance(right, float) and op in ("*", "/"):
            return (multiply if op == "*" else divide)(left, right).compact(), [], ""
        elif isinstance(right, Histogram) and isinstance(left, float) and op == "*":
            return multiply(right, left).compact(), [], ""
    except IncompatibleError:
        return None, [Remark.MIXED_SCHEMAS], ""
    return None, [], f'incompatible sample types encountered for binary operator "{op}": {kinds[0]} {op} {kinds[1]}'


# --- windows -------------------------------------------------------------------------------------------------------


class Window:
    """The samples of one window of one series, histograms among them."""

    def __init__(self, window: RangeMatrix, row: int, column: int) -> None:
        """Cut it out."""
        cut = slice(int(window.lo[row, column]), int(window.hi[row, column]))
        assert window.histograms is not None  # noqa: S101 (only such windows come here; this tells mypy)
        self.objects: list[Histogram | None] = window.histograms[cut].tolist()
        self.times: list[int] = window.times[cut].tolist()
        self.values: list[float] = window.values[cut].tolist()
        self.edges = (int(window.start[column]), int(window.end[column]))
        self.histograms = [item for item in self.objects if item is not None]
        self.mixed = len(self.histograms) != len(self.objects)


def _rate(cell: Window, *, counter: bool, per_second: bool) -> Cell:
    if cell.mixed:
        return None, [Remark.MIXED_FLOATS]
    return histogram_sums.extrapolated(cell.times, cell.histograms, cell.edges, counter=counter, per_second=per_second)


def _instant(cell: Window, *, counter: bool) -> Cell:
    last = cell.objects[-2:]
    if len(last) < 2:
        return _NONE
    before, newest = last
    if before is None and newest is None:
        change = cell.values[-1] - cell.values[-2]
        gap = (cell.times[-1] - cell.times[-2]) / 1000
        if not counter:
            return change, []
        return (cell.values[-1] if cell.values[-1] < cell.values[-2] else change) / gap, []
    if before is None or newest is None:
        return None, [Remark.MIXED_FLOATS]
    return histogram_sums.instantaneous(cell.times[-2:], [before, newest], counter=counter)


def _summed(kernel: Callable[[Sequence[Histogram]], histogram_sums.Outcome]) -> Callable[[Window], Cell]:
    def reduce(cell: Window) -> Cell:
        return (None, [Remark.MIXED_FLOATS]) if cell.mixed else kernel(cell.histograms)

    return reduce


def _at(place: int) -> Callable[[Window], Cell]:
    def take(cell: Window) -> Cell:
        found = cell.objects[place]
        return (cell.values[place] if found is None else found), []

    return take


def _resets(cell: Window) -> Cell:
    return float(sum(_is_reset(cell, place) for place in range(1, len(cell.objects)))), []


def _is_reset(cell: Window, place: int) -> bool:
    before, now = cell.objects[place - 1], cell.objects[place]
    if before is None and now is None:
        return cell.values[place] < cell.values[place - 1]
    if before is None or now is None:
        return True
    return bool(detect_reset(now, before))


def _changes(cell: Window) -> Cell:
    return float(sum(_is_change(cell, place) for place in range(1, len(cell.objects)))), []


def _is_change(cell: Window, place: int) -> bool:
    before, now = cell.objects[place - 1], cell.objects[place]
    if before is None and now is None:
        old, new = cell.values[place - 1], cell.values[place]
        return old != new and not (np.isnan(old) and np.isnan(new))
    if before is None or now is None:
        return True
    return not equal(now, before)


WINDOWS: Final[dict[str, Callable[[Window], Cell]]] = {
    "rate": lambda cell: _rate(cell, counter=True, per_second=True),
    "increase": lambda cell: _rate(cell, counter=True, per_second=False),
    "delta": lambda cell: _rate(cell, counter=False, per_second=False),
    "irate": lambda cell: _instant(cell, counter=True),
    "idelta": lambda cell: _instant(cell, counter=False),
    "sum_over_time": _summed(histogram_sums.total),
    "avg_over_time": _summed(histogram_sums.mean),
    "first_over_time": _at(0),
    "last_over_time": _at(-1),
    "resets": _resets,
    "changes": _changes,
}
"""Range functions that treat histograms; others ignore them, or (counting ones) do not look at values at all."""


def split(window: RangeMatrix) -> tuple[RangeMatrix, RangeMatrix]:
    """Part windows into those of floats alone and those with histograms; the others of each are empty."""
    assert window.histograms is not None  # noqa: S101 (only such windows come here; this tells mypy)
    holds = holds_histogram(window.histograms)
    before = np.concatenate([[0], np.cumsum(holds)])
    native = before[window.hi] > before[window.lo]
    return (
        dataclasses.replace(window, hi=np.where(native, window.lo, window.hi), histograms=None),
        dataclasses.replace(window, hi=np.where(native, window.hi, window.lo)),
    )


def windows(engine: Engine, name: str, window: RangeMatrix, node: Node) -> tuple[Floats, Mask, Objects]:
    """Apply a range function to every window, one by one."""
    shape = window.lo.shape
    values, present = np.zeros(shape), np.zeros(shape, dtype=bool)
    objects = np.full(shape, None, dtype=object)
    kernel = WINDOWS[name]
    for row, column in zip(*np.nonzero(window.hi > window.lo), strict=True):
        result, remarks = kernel(Window(window, row, column))
        remark(engine, remarks, get(window.labels[row], "__name__"), node)
        if result is None:
            continue
        present[row, column] = True
        if isinstance(result, Histogram):
            objects[row, column] = result
        else:
            values[row, column] = result
    return values, present, objects


# --- aggregations --------------------------------------------------------------------------------------------------

AGGREGATES: Final[dict[str, Callable[[Sequence[Histogram]], histogram_sums.Outcome]]] = {
    "sum": histogram_sums.total,
    "avg": histogram_sums.mean,
}


def aggregate(
    engine: Engine, op: str, cells: list[Histogram], floats: int, metric: str, node: Node
) -> Histogram | None:
    """Aggregate the histograms of one group in one column; None with a remark where floats are among them."""
    if floats:
        text = "PromQL warning: encountered a mix of histograms and floats for aggregation"
        engine.ctx.remark("warning", text, node.span)
        return None
    result, remarks = AGGREGATES[op](cells)
    remark(engine, remarks, metric, node)
    return result


def scaled(objects: Objects, factor: float) -> Objects:
    """Multiply every histogram in an array."""
    result = np.full(objects.shape, None, dtype=object)
    for place in zip(*np.nonzero(holds_histogram(objects)), strict=True):
        result[place] = multiply(objects[place], factor)
    return result


def without_reset_hints(objects: Objects) -> Objects:
    """Forget what is known of counter resets between histograms that are no neighbours any more."""
    result = objects.copy()
    for place, item in enumerate(objects.tolist()):
        if item is not None and item.hint in (Hint.RESET, Hint.NOT_RESET):
            result[place] = item.with_hint(Hint.UNKNOWN)
    return result
