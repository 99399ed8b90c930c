"""PromQL's functions: one table per way they work, name → kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.calls import string
from promrules.columns.matrices import empty, floats_only, renamed, take_rows
from promrules.columns.natural_order import natural_key
from promrules.columns.selectors import instant_vector
from promrules.columns.values import Matrix, Scalar
from promrules.functions import histogram_quantiles as classic
from promrules.functions import native
from promrules.functions.dates import CALENDAR
from promrules.functions.extremes import maximum, minimum
from promrules.functions.info import info
from promrules.functions.label_functions import label_join, label_replace, where_absent
from promrules.functions.range_functions import RANGE_FUNCTIONS, over_range
from promrules.go_math import elementary as gomath
from promrules.syntax.labels import get
from promrules.syntax.nodes import VectorSelector, unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from promrules.columns.calls import Engine
    from promrules.columns.frame import Frame
    from promrules.columns.values import Floats, Mask, Value
    from promrules.syntax.nodes import Call

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


def elementwise(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """Apply a function of one number to every float sample."""
    matrix = engine.vector(node.args[0], frame)
    with np.errstate(all="ignore"):
        values = ELEMENTWISE[node.func](matrix.values)
    return renamed(matrix, values, floats_only(matrix), engine.ctx, frame)


def _absent(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """absent(v): 1 where ``v`` is empty."""
    return where_absent(engine.vector(node.args[0], frame).present, node.args[0])


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
        values = maximum(low, minimum(high, matrix.values))
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


def _of_two(pick: Callable[[Floats, Floats], Floats]) -> Callable[[Engine, Call, Frame], Scalar]:
    def choose(engine: Engine, node: Call, frame: Frame) -> Scalar:
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
    "max_of": _of_two(maximum),
    "min_of": _of_two(minimum),
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
