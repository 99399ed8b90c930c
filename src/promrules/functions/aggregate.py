"""Evaluate an aggregation: its parameter, its groups, its kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from promrules.columns.calls import string
from promrules.columns.matrices import drops, empty, floats_only, take_rows
from promrules.columns.values import EvaluationError, Matrix
from promrules.functions import aggregation, native, ranking
from promrules.functions.aggregation import REDUCERS, SKIPS_HISTOGRAMS, Groups
from promrules.functions.histogram_quantiles import format_g, remark_quantiles
from promrules.syntax.labels import get, is_utf8, quote

if TYPE_CHECKING:
    from promrules.columns.calls import Engine
    from promrules.columns.frame import Frame
    from promrules.columns.values import Floats, Mask
    from promrules.syntax.nodes import Aggregate

_INT64 = 2.0**63


def aggregate(engine: Engine, node: Aggregate, frame: Frame) -> Matrix:
    """Aggregate over series in every column.

    Raises:
        EvaluationError: an impossible label name for count_values.
    """
    if node.op == "count_values":
        assert node.param is not None  # noqa: S101 (the parser sees to it; this tells mypy)
        name = string(node.param)
        if not is_utf8(name):
            raise EvaluationError(f"invalid label name {quote(name)}")
        matrix = engine.vector(node.expr, frame)
        return aggregation.count_values(matrix, name, node.grouping, without=node.without)
    param = None if node.param is None else engine.scalar(node.param, frame)
    matrix = engine.vector(node.expr, frame)
    if node.op in SKIPS_HISTOGRAMS and matrix.histograms is not None:
        matrix = _floats(engine, node, matrix)
    groups = Groups(matrix.labels, node.grouping, without=node.without)
    if node.op in _SELECTING:
        assert param is not None  # noqa: S101 (the parser sees to it; this tells mypy)
        return _selected(engine, node, matrix, groups, param, frame)
    if node.op == "quantile":
        assert param is not None  # noqa: S101 (the same)
        assert node.param is not None  # noqa: S101 (the same)
        remark_quantiles(engine, param, node.param)
    if not matrix.labels:
        return empty(frame.size)
    if matrix.histograms is not None and node.op in native.AGGREGATES:
        return _mixed(engine, node, matrix, groups)
    present = aggregation.present_groups(matrix.present, groups)
    if node.op == "quantile" and param is not None:
        values = aggregation.quantile(matrix.values, matrix.present, groups, param)
    else:
        values = REDUCERS[node.op](matrix.values, matrix.present, groups)
    return Matrix(groups.labels, values, present, None, groups.any_drop(drops(matrix)))


_SELECTING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})


def _floats(engine: Engine, node: Aggregate, matrix: Matrix) -> Matrix:
    """Leave histograms out, with an info."""
    kept = floats_only(matrix)
    if (matrix.present & ~kept).any():
        text = f"PromQL info: ignored histogram in {node.op} aggregation"
        span = node.span if node.op in ("topk", "bottomk") else node.expr.span
        engine.ctx.remark("info", text, span)
    return Matrix(matrix.labels, matrix.values, kept, None, matrix.drop_name)


def _selected(engine: Engine, node: Aggregate, matrix: Matrix, groups: Groups, k: Floats, frame: Frame) -> Matrix:
    """Keep some rows of each group."""
    if node.op == "limit_ratio":
        return _sampled(engine, node, matrix, k, frame)
    if not (k >= 1).any() and not np.isnan(k).any():
        return empty(frame.size)
    engine.ctx.fail(frame, np.isnan(k), "Parameter value is NaN")
    for bad, word in ((k <= -_INT64, "underflows"), (k >= _INT64, "overflows")):
        if bad.any():
            value = format_g(float(k[int(np.argmax(bad))]))
            engine.ctx.fail(frame, bad, f"Scalar value {value} {word} int64")
    k = np.clip(np.trunc(np.where(np.isnan(k), 0.0, k)), 0, len(matrix.labels))
    if node.op == "limitk":
        kept, order = ranking.limit(matrix.present, groups, k), list(range(len(matrix.labels)))
    else:
        kept, order = ranking.select(matrix.values, matrix.present, groups, k, top=node.op == "topk")
    cut = Matrix(matrix.labels, matrix.values, kept, matrix.histograms, matrix.drop_name)
    return take_rows(cut, order)


def _sampled(engine: Engine, node: Aggregate, matrix: Matrix, ratio: Floats, frame: Frame) -> Matrix:
    """Keep a pseudo-random share of all series, the same at every step."""
    engine.ctx.fail(frame, np.isnan(ratio), "Ratio value is NaN")
    if not matrix.labels:
        return empty(frame.size)
    for value in np.unique(ratio[np.abs(ratio) > 1]).tolist():
        assert node.param is not None  # noqa: S101 (the parser sees to it; this tells mypy)
        limit = "1" if value > 0 else "-1"
        text = f"ratio value should be between -1 and 1, got {format_g(value)}, capping to {limit}"
        engine.ctx.remark("warning", f"PromQL warning: {text}", node.param.span)
    kept = ranking.sampled(matrix.present, matrix.labels, np.clip(ratio, -1.0, 1.0))
    kept &= ratio != 0
    return Matrix(matrix.labels, matrix.values, kept, matrix.histograms, matrix.drop_name)


def _mixed(engine: Engine, node: Aggregate, matrix: Matrix, groups: Groups) -> Matrix:
    """Sum or average where histograms are among the samples."""
    floats = floats_only(matrix)
    values = REDUCERS[node.op](matrix.values, floats, groups)
    present = aggregation.present_groups(floats, groups)
    objects = np.full(present.shape, None, dtype=object)
    for place, rows in enumerate(groups.members):
        _mixed_group(engine, node, matrix, rows, floats[rows], present[place], objects[place])
    return Matrix(groups.labels, values, present, objects, groups.any_drop(drops(matrix)))


def _mixed_group(
    engine: Engine,
    node: Aggregate,
    matrix: Matrix,
    rows: list[int],
    floats: Mask,
    present: Mask,
    objects: np.ndarray[tuple[int, ...], np.dtype[np.object_]],
) -> None:
    """Fill in the columns of one group that hold histograms."""
    assert matrix.histograms is not None  # noqa: S101 (the caller looked; this tells mypy)
    block = matrix.histograms[rows]
    native_cells = matrix.present[rows] & ~floats
    metric = get(matrix.labels[rows[0]], "__name__")
    for column in np.flatnonzero(native_cells.any(axis=0)).tolist():
        cells = block[native_cells[:, column], column].tolist()
        result = native.aggregate(engine, node.op, cells, int(floats[:, column].sum()), metric, node.expr)
        objects[column] = result
        present[column] = result is not None
