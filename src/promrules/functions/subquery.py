"""Subqueries: evaluate the inside once on the grid all columns share, then cut windows out of it.

A subquery's grid lies at absolute multiples of its step, so the columns of a query share one. Only where the inside
depends on whose subquery it is (``@ start()`` of an instant query, samples not yet visible) has each column its own
grid; these grids are then laid end to end and evaluated together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.frame import Frame
from promrules.columns.selectors import anchor, duration, positive_duration
from promrules.columns.values import EvaluationError, Matrix, RangeMatrix
from promrules.functions.native import without_reset_hints
from promrules.syntax.analysis import looks_ahead, needs_origin
from promrules.syntax.nodes import selectors

if TYPE_CHECKING:
    from promrules.columns.calls import Engine
    from promrules.columns.frame import Context
    from promrules.columns.values import Mask, Times
    from promrules.syntax.nodes import Subquery

_MAX_POINTS: Final = 20_000_000
"""Points of one subquery's grid; more is a mistake in the query, and would exhaust the memory."""

_PAIRS: Final = 400_000
"""Columns evaluated together where each outer column has its own grid."""


def _edges(node: Subquery, ctx: Context, frame: Frame) -> tuple[Times, Times, Times, Times, int]:
    """Give window start and end, the first and last grid time of each column, and the step (all ms)."""
    length = positive_duration(node.range, frame)
    step = ctx.options.subquery_step if node.step is None else positive_duration(node.step, frame)
    end = anchor(node.at, duration(node.offset, frame), frame)
    start = end - length
    first = (start // step + 1) * step if ctx.options.compat >= 3 else -(-start // step) * step
    return start, end, first, end // step * step, step


def needs_pairs(node: Subquery, ctx: Context) -> bool:
    """Tell whether each column needs its own grid."""
    options = ctx.options
    if not options.instant:
        return False
    if needs_origin(node.expr):
        return True
    if options.reader is None:
        return False
    if looks_ahead(node):
        return True
    reader = options.reader
    late = {writer for writer, offset in enumerate(options.offsets) if offset > options.ahead}
    return any(
        series.writer >= reader or series.writer in late
        for item in selectors(node.expr)
        for series in ctx.storage.select(item.matchers)
    )


def too_many_pairs(node: Subquery, ctx: Context, frame: Frame) -> int:
    """Give how many columns to take at a time where all their grids together are too long; 0 for all at once."""
    _, _, first, last, step = _edges(node, ctx, frame)
    longest = int(((last - first) // step + 1).max(initial=1))
    size = max(1, _PAIRS // max(1, longest))
    return size if size < frame.size else 0


def subquery_window(engine: Engine, node: Subquery, frame: Frame) -> RangeMatrix:
    """Evaluate a subquery to windows.

    Raises:
        EvaluationError: the grid is absurdly long.
    """
    start, end, first, last, step = _edges(node, engine.ctx, frame)
    counts = np.maximum((last - first) // step + 1, 0)
    if needs_pairs(node, engine.ctx):
        return _own_grids(engine, node, frame, (start, end, first, counts), step)
    used = counts > 0
    if not used.any():
        return _cut(engine.series(node.expr, _inner(frame, first[:0], first[:0], step)), first[:0], start, end)
    low, high = int(first[used].min()), int(last[used].max())
    if (high - low) // step + 1 > _MAX_POINTS:
        raise EvaluationError(f"subquery has more than {_MAX_POINTS} points, choose a larger step")
    grid = np.arange(low, high + 1, step, dtype=np.int64)
    grid = _needed(grid, low, step, first, counts)
    # A point serves first the earliest column whose window reaches it.
    serves = np.minimum(np.searchsorted(end, grid), frame.size - 1) if frame.size > 1 else np.zeros_like(grid)
    inner = _inner(frame, grid, serves, step)
    return _cut(engine.series(node.expr, inner), grid, start, end, first, last)


def _needed(grid: Times, low: int, step: int, first: Times, counts: Times) -> Times:
    """Leave out grid points that no window reaches."""
    marks = np.zeros(len(grid) + 1, dtype=np.int64)
    begin = np.clip((first - low) // step, 0, len(grid))
    stop = np.clip(begin + counts, 0, len(grid))
    np.add.at(marks, begin, 1)
    np.add.at(marks, stop, -1)
    covered = np.cumsum(marks)[:-1] > 0
    return grid if covered.all() else grid[covered]


def _inner(frame: Frame, grid: Times, serves: Times, step: int) -> Frame:
    """Give the frame of the inside."""
    columns = serves.astype(np.intp)
    extent = int(grid[-1] - grid[0]) if len(grid) else 0
    return Frame(
        grid,
        frame.origins[columns],
        frame.starts[columns],
        frame.ends[columns],
        frame.steps[columns],
        frame.interval or step,
        frame.extent or extent,
        nested=True,
    )


def _cut(
    matrix: Matrix, grid: Times, start: Times, end: Times, first: Times | None = None, last: Times | None = None
) -> RangeMatrix:
    """Cut columns on one increasing grid into windows."""
    begin = grid.searchsorted(first) if first is not None else np.zeros(len(start), dtype=np.int64)
    stop = grid.searchsorted(last, "right") if last is not None else np.zeros(len(start), dtype=np.int64)
    return _windows(matrix, grid, np.minimum(begin, stop), stop, start, end)


def _windows(matrix: Matrix, grid: Times, begin: Times, stop: Times, start: Times, end: Times) -> RangeMatrix:
    """Lay the present cells of all rows end to end; windows are runs of grid columns ``begin:stop``."""
    if matrix.doubles is not None and matrix.doubles.any():
        matrix, grid, begin, stop = _side_by_side(matrix, matrix.doubles, grid, begin, stop, end)
    present = matrix.present
    _, columns = np.nonzero(present)
    prefix = np.zeros((present.shape[0], present.shape[1] + 1), dtype=np.int64)
    np.cumsum(present, axis=1, out=prefix[:, 1:])
    offset = np.concatenate([[0], np.cumsum(prefix[:, -1])])[:-1, np.newaxis]
    objects = None if matrix.histograms is None else without_reset_hints(matrix.histograms[present])
    low, high = prefix[:, begin] + offset, prefix[:, stop] + offset
    return RangeMatrix(
        matrix.labels, grid[columns], matrix.values[present], objects, low, high, start, end, matrix.drop_name
    )


def _side_by_side(
    matrix: Matrix, doubles: Mask, grid: Times, begin: Times, stop: Times, end: Times
) -> tuple[Matrix, Times, Times, Times]:
    """Give the histograms that share a cell with a float columns of their own, each behind the float's.

    At the very end of a window Prometheus reads one sample, the float.
    """
    assert matrix.histograms is not None  # noqa: S101 (doubles hold histograms; this tells mypy)
    twice = np.repeat(np.arange(len(grid)), 2)
    behind = np.arange(len(twice)) % 2 == 1
    shared = doubles[:, twice]
    present = np.where(behind, shared, matrix.present[:, twice])
    objects = matrix.histograms[:, twice]
    objects[shared & ~behind] = None
    wide = Matrix(matrix.labels, matrix.values[:, twice], present, objects, matrix.drop_name)
    last = grid[np.maximum(stop - 1, 0)]
    return wide, grid[twice], 2 * begin, 2 * stop - ((stop > begin) & (last == end))


def _own_grids(
    engine: Engine, node: Subquery, frame: Frame, edges: tuple[Times, Times, Times, Times], step: int
) -> RangeMatrix:
    """Evaluate the grids of all columns laid end to end."""
    start, end, first, counts = edges
    total = int(counts.sum())
    if total > _MAX_POINTS:
        raise EvaluationError(f"subquery has more than {_MAX_POINTS} points, choose a larger step")
    stop = np.cumsum(counts)
    begin = stop - counts
    owner = np.repeat(np.arange(frame.size), counts)
    grid = first[owner] + (np.arange(total) - begin[owner]) * step
    matrix = engine.series(node.expr, _inner(frame, grid, owner, step))
    return _windows(matrix, grid, begin, stop, start, end)
