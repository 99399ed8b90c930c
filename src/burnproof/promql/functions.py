"""PromQL's functions: one table per way they work, name → kernel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from burnproof.promql import classic, gomath, native, over_time, rates
from burnproof.promql.calls import string, unwrapped
from burnproof.promql.dates import CALENDAR
from burnproof.promql.extended import extended_rate, extended_transitions
from burnproof.promql.info import info
from burnproof.promql.label_functions import absent_labels, label_join, label_replace
from burnproof.promql.labels import get, without_metadata
from burnproof.promql.matrices import compact, empty, floats_only, renamed, take_rows
from burnproof.promql.nodes import VectorSelector
from burnproof.promql.selectors import instant_vector
from burnproof.promql.sorting import natural_key
from burnproof.promql.values import EvaluationError, Matrix, Scalar, holds_histogram

if TYPE_CHECKING:
    from collections.abc import Callable

    from burnproof.promql.calls import Engine
    from burnproof.promql.frame import Frame
    from burnproof.promql.nodes import Call, Node
    from burnproof.promql.values import Floats, Mask, RangeMatrix, Times, Value

    Columns = tuple[Floats, Mask]


def _sign(values: Floats) -> Floats:
    return np.where(values < 0, -1.0, np.where(values > 0, 1.0, values))


ELEMENTWISE: Final[dict[str, Callable[[Floats], Floats]]] = {
    "abs": np.abs,
    "acos": gomath.acos,
    "acosh": gomath.acosh,
    "asin": gomath.asin,
    "asinh": gomath.asinh,
    "atan": gomath.atan,
    "atanh": gomath.atanh,
    "ceil": np.ceil,
    "cos": gomath.cos,
    "cosh": gomath.cosh,
    "deg": lambda values: values * 180 / np.pi,
    "exp": gomath.exp,
    "floor": np.floor,
    "ln": gomath.log,
    "log10": gomath.log10,
    "log2": gomath.log2,
    "rad": lambda values: values * np.pi / 180,
    "sgn": _sign,
    "sin": gomath.sin,
    "sinh": gomath.sinh,
    "sqrt": np.sqrt,
    "tan": gomath.tan,
    "tanh": gomath.tanh,
}
"""float → float on each sample."""

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
_COUNTER_SUFFIXES: Final = ("_total", "_sum", "_count", "_bucket")


def elementwise(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """Apply a function of one number to every float sample."""
    matrix = engine.vector(node.args[0], frame)
    with np.errstate(all="ignore"):
        values = ELEMENTWISE[node.func](matrix.values)
    return renamed(matrix, values, floats_only(matrix), engine.ctx, frame)


def over_range(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """Apply a function to every window of a range vector."""
    place = PARAMETRIC[node.func][0] if node.func in PARAMETRIC else 0
    args = [engine.scalar(arg, frame) for index, arg in enumerate(node.args) if index != place]
    arg = node.args[place]
    if node.func == "quantile_over_time":
        classic.remark_quantiles(engine, args[0], node.args[0])
    if node.func == "double_exponential_smoothing":
        _check_factors(engine, args, frame)
    values, present, window, objects = _windows(engine, node, arg, args, frame)
    if node.func == "absent_over_time":
        return _where_absent(present, arg)
    if node.func in ("rate", "increase"):
        _remark_counters(engine, window, present if objects is None else present & ~holds_histogram(objects), arg)
    result = Matrix(window.labels, values, present, objects, window.drop_name)
    if node.func in KEEPS_NAME:
        return compact(result)
    result = compact(result)
    if not engine.ctx.options.instant and not engine.ctx.options.delayed_name_removal:
        _refuse_same_names(result)
    return renamed(result, result.values, result.present, engine.ctx, frame, result.histograms)


def _windows(
    engine: Engine, node: Call, arg: Node, args: list[Floats], frame: Frame
) -> tuple[Floats, Mask, RangeMatrix, np.ndarray[tuple[int, ...], np.dtype[np.object_]] | None]:
    """Choose the kernel and apply it; histograms go their own way."""
    inner = unwrapped(arg)
    mode = getattr(getattr(inner, "selector", None), "mode", "")
    if mode:
        kernel = extended_rate if node.func in RATES else extended_transitions
        values, present, window = kernel(engine, node, arg, frame)
        return values, present, window, None
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
    """Apply the kernel for windows of floats."""
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
    return type(window)(
        window.labels, window.times[floats], window.values[floats], None, low, high, window.start, window.end,
        window.drop_name,
    )  # fmt: skip


def _refuse_same_names(matrix: Matrix) -> None:
    """Range queries refuse rows that differ in their name alone, even where they never meet."""
    stripped = [without_metadata(labels) for labels in matrix.labels]
    if len(set(stripped)) < len(stripped):
        raise EvaluationError("vector cannot contain metrics with the same labelset")


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


def _absent(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """absent(v): 1 where ``v`` is empty."""
    return _where_absent(engine.vector(node.args[0], frame).present, node.args[0])


def _where_absent(present: Mask, arg: Node) -> Matrix:
    """Give 1 in the columns where nothing is present."""
    gone: Mask = ~np.logical_or.reduce(present, axis=0, keepdims=True)
    return compact(Matrix([absent_labels(arg)], np.ones(gone.shape), gone))


def _calendar(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """year(v=time()) and its kin."""
    kernel = CALENDAR[node.func]
    if not node.args:
        values = kernel((frame.times // 1000).astype(np.float64)).astype(np.float64)
        return Matrix([()], values[np.newaxis, :], np.ones((1, frame.size), dtype=bool))
    matrix = engine.vector(node.args[0], frame)
    return renamed(matrix, kernel(matrix.values).astype(np.float64), floats_only(matrix), engine.ctx, frame)


def _clamp(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """clamp, clamp_min, clamp_max; nothing where the bounds cross."""
    matrix = engine.vector(node.args[0], frame)
    bounds = [engine.scalar(arg, frame) for arg in node.args[1:]]
    infinite = np.full(frame.size, np.inf)
    low = -infinite if node.func == "clamp_max" else bounds[0]
    high = infinite if node.func == "clamp_min" else bounds[-1]
    with np.errstate(invalid="ignore"):
        values = np.maximum(low, np.minimum(high, matrix.values))
        present = floats_only(matrix) & ~(high < low)
    return renamed(matrix, values, present, engine.ctx, frame)


def _round(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """round(v, to=1): to the nearest multiple, halves up."""
    matrix = engine.vector(node.args[0], frame)
    nearest = engine.scalar(node.args[1], frame) if len(node.args) > 1 else np.ones(frame.size)
    with np.errstate(all="ignore"):
        inverse = 1.0 / nearest
        values = np.floor(matrix.values * inverse + 0.5) / inverse
    return renamed(matrix, values, floats_only(matrix), engine.ctx, frame)


def _scalar(engine: Engine, node: Call, frame: Frame) -> Scalar:
    """scalar(v): the value of the only float, else NaN."""
    matrix = engine.vector(node.args[0], frame)
    present = floats_only(matrix)
    if not matrix.labels:
        return Scalar(np.full(frame.size, np.nan))
    value = matrix.values[np.argmax(present, axis=0), np.arange(frame.size)]
    return Scalar(np.where(present.sum(axis=0) == 1, value, np.nan))


def _vector(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """vector(s): one series without labels."""
    values = engine.scalar(node.args[0], frame)
    return Matrix([()], values[np.newaxis, :], np.ones((1, frame.size), dtype=bool))


def _timestamp(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """timestamp(v): when a selector's sample was taken, else the evaluation time."""
    inner = unwrapped(node.args[0])
    if isinstance(inner, VectorSelector):
        matrix = instant_vector(inner, engine.ctx, frame, timestamps=True)
        return renamed(matrix, matrix.values, matrix.present, engine.ctx, frame)
    matrix = engine.vector(node.args[0], frame)
    values = np.broadcast_to(frame.times / 1000, matrix.present.shape)
    return renamed(matrix, values, matrix.present, engine.ctx, frame)


def _sort(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """sort, sort_desc: order an instant result by value, NaN last."""
    matrix = engine.vector(node.args[0], frame)
    if not engine.ctx.options.instant:
        text = "sort is ineffective for range queries since results are always ordered by labels"
        engine.ctx.remark("warning", f"PromQL warning: {text}", node.span)
    present = floats_only(matrix)
    matrix = Matrix(matrix.labels, matrix.values, present, None, matrix.drop_name)
    if frame.size != 1:
        return matrix
    values = matrix.values[:, 0]
    key = -values if node.func == "sort_desc" else values
    return take_rows(matrix, np.lexsort((key, np.isnan(values))).tolist())


def _sort_by_label(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """sort_by_label, sort_by_label_desc: order an instant result by labels in natural order."""
    matrix = engine.vector(node.args[0], frame)
    if not engine.ctx.options.instant:
        text = "sort is ineffective for range queries since results are always ordered by labels"
        engine.ctx.remark("warning", f"PromQL warning: {text}", node.span)
    names = [string(arg) for arg in node.args[1:]]
    keys = [([natural_key(get(labels, name)) for name in names], labels) for labels in matrix.labels]
    order = sorted(range(len(keys)), key=keys.__getitem__, reverse=node.func == "sort_by_label_desc")
    return take_rows(matrix, order)


def _statistic(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """histogram_count, _sum, _avg, _stddev, _stdvar: one number per native histogram."""
    matrix = engine.vector(node.args[0], frame)
    if matrix.histograms is None:
        return empty(frame.size)
    kernel = native.STATISTICS[node.func]
    present = matrix.present & ~floats_only(matrix)
    values = np.zeros(present.shape)
    for row, column in zip(*np.nonzero(present), strict=True):
        values[row, column] = kernel(matrix.histograms[row, column])
    return renamed(matrix, values, present, engine.ctx, frame)


def _of_two(pick: np.ufunc) -> Callable[[Engine, Call, Frame], Scalar]:
    def choose(engine: Engine, node: Call, frame: Frame) -> Scalar:
        with np.errstate(invalid="ignore"):
            return Scalar(pick(engine.scalar(node.args[0], frame), engine.scalar(node.args[1], frame)))

    return choose


def _constant(give: Callable[[Frame], Floats]) -> Callable[[Engine, Call, Frame], Scalar]:
    return lambda _engine, _node, frame: Scalar(give(frame))


SPECIAL: Final[dict[str, Callable[[Engine, Call, Frame], Value]]] = {
    "absent": _absent,
    "clamp": _clamp,
    "clamp_max": _clamp,
    "clamp_min": _clamp,
    "end": _constant(lambda frame: frame.ends / 1000),
    "histogram_fraction": classic.fraction,
    "histogram_quantile": classic.quantile,
    "histogram_quantiles": classic.quantiles,
    "info": info,
    "label_join": label_join,
    "label_replace": label_replace,
    "max_of": _of_two(np.maximum),
    "min_of": _of_two(np.minimum),
    "pi": _constant(lambda frame: np.full(frame.size, np.pi)),
    "range": _constant(lambda frame: np.full(frame.size, frame.extent / 1000)),
    "round": _round,
    "scalar": _scalar,
    "sort": _sort,
    "sort_by_label": _sort_by_label,
    "sort_by_label_desc": _sort_by_label,
    "sort_desc": _sort,
    "start": _constant(lambda frame: frame.starts / 1000),
    "step": _constant(lambda frame: np.full(frame.size, frame.interval / 1000)),
    "time": _constant(lambda frame: frame.times / 1000),
    "timestamp": _timestamp,
    "vector": _vector,
}
"""Functions with their own way with arguments."""

CALLS: Final[dict[str, Callable[[Engine, Call, Frame], Value]]] = {
    **dict.fromkeys(ELEMENTWISE, elementwise),
    **dict.fromkeys(RANGE_FUNCTIONS, over_range),
    **dict.fromkeys(CALENDAR, _calendar),
    **dict.fromkeys(native.STATISTICS, _statistic),
    **SPECIAL,
}
"""Every function the engine has."""
