"""Functions of range vectors: tables of kernels, and the way from windows to columns."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.matrices import SAME_LABELSET, compact, empty, renamed
from promrules.columns.values import EvaluationError, Matrix, RangeMatrix, holds_histogram
from promrules.functions import native, over_time, rates
from promrules.functions.extended_ranges import extended_rate, extended_transitions
from promrules.functions.histogram_quantiles import remark_quantiles
from promrules.functions.label_functions import where_absent
from promrules.syntax.analysis import step_invariant
from promrules.syntax.labels import get, without_metadata
from promrules.syntax.nodes import Subquery, unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from promrules.columns.calls import Engine
    from promrules.columns.frame import Frame
    from promrules.columns.values import Floats, Mask, Objects, Times
    from promrules.syntax.nodes import Call, Node

    Columns = tuple[Floats, Mask]

RANGE: Final[dict[str, Callable[[RangeMatrix], Columns]]] = {
    "absent_over_time": over_time.presence,
    "avg_over_time": over_time.mean,
    "changes": over_time.changes,
    "count_over_time": over_time.count,
    "deriv": over_time.derivative,
    "first_over_time": over_time.first,
    "idelta": partial(rates.instantaneous, counter=False),
    "irate": partial(rates.instantaneous, counter=True),
    "last_over_time": over_time.last,
    "mad_over_time": over_time.median_deviation,
    "max_over_time": over_time.largest,
    "min_over_time": over_time.smallest,
    "present_over_time": over_time.presence,
    "resets": over_time.resets,
    "stddev_over_time": over_time.deviation,
    "stdvar_over_time": over_time.variance,
    "sum_over_time": over_time.total,
    "ts_of_first_over_time": over_time.first_time,
    "ts_of_last_over_time": over_time.last_time,
    "ts_of_max_over_time": over_time.largest_time,
    "ts_of_min_over_time": over_time.smallest_time,
}
"""Range vector → one number per window."""

RATES: Final[dict[str, tuple[bool, bool]]] = {
    "rate": (True, True),
    "increase": (True, False),
    "delta": (False, False),
}
"""Whether counter resets count, whether the result is per second."""

PARAMETRIC: Final[dict[str, tuple[int, Callable[[RangeMatrix, list[Floats], Times], Columns]]]] = {
    "quantile_over_time": (1, lambda window, args, _times: over_time.quantile(window, args[0])),
    "predict_linear": (0, lambda window, args, times: over_time.prediction(window, args[0], times)),
    "double_exponential_smoothing": (0, lambda window, args, _times: over_time.smoothed(window, args[0], args[1])),
}
"""Range functions with scalars: the place of the range vector, the kernel."""

KEEPS_NAME: Final = frozenset({"first_over_time", "last_over_time"})
COUNTS_ANY: Final = frozenset(
    {"absent_over_time", "count_over_time", "present_over_time", "ts_of_first_over_time", "ts_of_last_over_time"}
)
"""Range functions that look at times alone, so floats and histograms are the same to them."""

RANGE_FUNCTIONS: Final = frozenset(RANGE) | frozenset(RATES) | frozenset(PARAMETRIC)
_CELLS: Final = 50_000
"""Windows a kernel sees at a time: its intermediate columns then fit a second-level cache."""

_COUNTER_SUFFIXES: Final = ("_total", "_sum", "_count", "_bucket")


def over_range(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """Apply a function to every window of a range vector."""
    place = PARAMETRIC[node.func][0] if node.func in PARAMETRIC else 0
    args = [engine.scalar(arg, frame) for index, arg in enumerate(node.args) if index != place]
    arg = node.args[place]
    if node.func == "quantile_over_time":
        remark_quantiles(engine, args[0], node.args[0])
    if node.func == "double_exponential_smoothing":
        _check_factors(engine, args, frame)
    values, present, window, objects = _windows(engine, node, arg, args, frame)
    if engine.ctx.options.compat >= 3 and _loses_its_window(node, arg):
        return empty(frame.size)
    if node.func == "absent_over_time":
        return where_absent(present, arg)
    if node.func in ("rate", "increase"):
        _remark_counters(engine, window, present if objects is None else present & ~holds_histogram(objects), arg)
    result = Matrix(window.labels, values, present, objects, window.drop_name)
    if node.func in KEEPS_NAME:
        return compact(result)
    result = compact(result)
    if not engine.ctx.options.instant and not engine.ctx.options.delayed_name_removal:
        _refuse_same_names(result)
    return renamed(result, result.values, result.present, engine.ctx, frame, result.histograms)


def _loses_its_window(node: Call, arg: Node) -> bool:
    """Tell whether Prometheus 3 gives nothing: it evaluates a subquery with @ once, and the function then lacks it.

    So it is with predict_linear, and with any function that has another argument which changes with the time.
    """
    inner = unwrapped(arg)
    return isinstance(inner, Subquery) and inner.at is not None and not step_invariant(node)


def _windows(
    engine: Engine, node: Call, arg: Node, args: list[Floats], frame: Frame
) -> tuple[Floats, Mask, RangeMatrix, Objects | None]:
    """Choose the kernel and apply it; histograms go their own way."""
    inner = unwrapped(arg)
    mode = getattr(getattr(inner, "selector", None), "mode", "")
    if mode:
        kernel = extended_rate if node.func in RATES else extended_transitions
        return kernel(engine, node, arg, frame)
    window = engine.window(arg, frame)
    if window.histograms is not None and node.func not in COUNTS_ANY:
        if node.func in native.WINDOWS:
            plain, mixed = native.split(window)
            values, present, objects = native.windows(engine, node.func, mixed, arg)
            floats, there = _on_floats(engine, node, plain, args, frame)
            return np.where(there, floats, values), present | there, window, objects
        window = _without_histograms(engine, window, arg)
    return *_on_floats(engine, node, window, args, frame), window, None


def _on_floats(engine: Engine, node: Call, window: RangeMatrix, args: list[Floats], frame: Frame) -> Columns:
    """Apply the kernel for windows of floats, a few series at a time so that columns stay in the processor's cache."""
    parts = [_kernel(engine, node, part, args, frame) for part in _row_blocks(window)]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _row_blocks(window: RangeMatrix) -> list[RangeMatrix]:
    """Part windows by series, each part with no more samples than its own."""
    rows, columns = window.lo.shape
    size = max(1, _CELLS // max(1, columns))
    if rows <= size:
        return [window]
    parts = []
    for begin in range(0, rows, size):
        low, high = window.lo[begin : begin + size], window.hi[begin : begin + size]
        first, last = int(low.min()), int(high.max())
        part = replace(window, labels=window.labels[begin : begin + size], lo=low - first, hi=high - first)
        parts.append(replace(part, times=window.times[first:last], values=window.values[first:last]))
    return parts


def _kernel(engine: Engine, node: Call, window: RangeMatrix, args: list[Floats], frame: Frame) -> Columns:
    """Choose the kernel and apply it."""
    if node.func in RATES:
        counter, per_second = RATES[node.func]
        clamp_first = engine.ctx.options.compat < 3
        return rates.extrapolated(window, counter=counter, per_second=per_second, clamp_first=clamp_first)
    if node.func in PARAMETRIC:
        return PARAMETRIC[node.func][1](window, args, frame.times)
    return RANGE[node.func](window)


def _without_histograms(engine: Engine, window: RangeMatrix, arg: Node) -> RangeMatrix:
    """Leave histogram samples out of windows, with an info where floats stand beside them."""
    assert window.histograms is not None  # noqa: S101 (the caller looked; this tells mypy)
    floats = ~holds_histogram(window.histograms)
    before = np.concatenate([[0], np.cumsum(floats)])
    low, high = before[window.lo], before[window.hi]
    mixed = (high > low) & (high - low < window.hi - window.lo)
    for row in np.flatnonzero(mixed.any(axis=1)).tolist():
        name = get(window.labels[row], "__name__")
        text = (
            f'PromQL info: ignored histograms in a range containing both floats and histograms for metric name "{name}"'
        )
        engine.ctx.remark("info", text, arg.span)
    return RangeMatrix(
        window.labels, window.times[floats], window.values[floats], None, low, high, window.start, window.end,
        window.drop_name,
    )  # fmt: skip


def _refuse_same_names(matrix: Matrix) -> None:
    """Range queries refuse rows that differ in their name alone, even where they never meet."""
    stripped = [without_metadata(labels) for labels in matrix.labels]
    if len(set(stripped)) < len(stripped):
        raise EvaluationError(SAME_LABELSET)


def _remark_counters(engine: Engine, window: RangeMatrix, present: Mask, arg: Node) -> None:
    """Tell of names that do not look like counters."""
    for row in np.flatnonzero(present.any(axis=1)).tolist():
        name = get(window.labels[row], "__name__")
        if name and not name.endswith(_COUNTER_SUFFIXES):
            text = f'metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "{name}"'
            engine.ctx.remark("info", f"PromQL info: {text}", arg.span)


def _check_factors(engine: Engine, args: list[Floats], frame: Frame) -> None:
    """Refuse smoothing and trend factors outside (0, 1)."""
    for factor, word in zip(args, ("smoothing", "trend"), strict=True):
        bad = ~((factor > 0) & (factor < 1))
        if bad.any():
            letter = "sf" if word == "smoothing" else "tf"
            value = float(factor[int(np.argmax(bad))])
            message = f"invalid {word} factor. Expected: 0 < {letter} < 1, got: {value:f}"
            engine.ctx.fail(frame, bad, message)
