"""Operators on vectors that hold native histograms: matched like floats, computed cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.matrices import renamed
from promrules.columns.values import Matrix, Scalar, holds_histogram
from promrules.functions.binary_operators import ARITHMETIC, COMPARISONS, changes_values, matched, scalar_cells
from promrules.functions.native import TRIMS, operate, remark
from promrules.histograms.value import Histogram, Remark

if TYPE_CHECKING:
    from promrules.columns.calls import Engine
    from promrules.columns.frame import Frame
    from promrules.columns.values import Floats, Mask, Objects
    from promrules.syntax.nodes import Binary

COLLISIONS: Final = frozenset({Remark.COLLISION_ADD, Remark.COLLISION_SUB})
"""One histogram comes right after a counter reset and the other one does not."""


def vector_scalar_native(
    engine: Engine, node: Binary, vector: Matrix, scalar: Scalar, frame: Frame, *, swapped: bool
) -> Matrix:
    """Apply an operator to samples and a scalar, floats and histograms each in their way."""
    cells = vector.histograms if vector.histograms is not None else np.full(vector.present.shape, None, dtype=object)
    native = vector.present & holds_histogram(cells)
    plain = Matrix(vector.labels, vector.values, vector.present & ~native, None, vector.drop_name)
    if node.op in TRIMS:
        _refuse_floats(engine, node, plain)
        values, floats = vector.values, np.zeros_like(vector.present)
    else:
        values, floats = scalar_cells(node, plain, scalar, swapped=swapped)
    objects = np.full(vector.present.shape, None, dtype=object)
    for row, column in zip(*np.nonzero(native), strict=True):
        pair = (cells[row, column], float(scalar.values[column]))
        result, remarks, complaint = operate(node.op, *(reversed(pair) if swapped else pair))
        remark(engine, remarks, "", node)
        if complaint:
            engine.ctx.remark("info", f"PromQL info: {complaint}", node.span)
        if isinstance(result, Histogram):
            objects[row, column] = result
    present = floats | holds_histogram(objects)
    if changes_values(node):
        return renamed(vector, values, present, engine.ctx, frame, objects)
    return Matrix(vector.labels, values, present, objects, vector.drop_name)


def _refuse_floats(engine: Engine, node: Binary, plain: Matrix) -> None:
    """Note that an operator for histograms met floats, which drop out."""
    if plain.present.any():
        engine.ctx.remark("info", f"PromQL info: {operate(node.op, 0.0, 0.0)[2]}", node.span)


def matched_native(engine: Engine, node: Binary, left: Matrix, right: Matrix, frame: Frame) -> Matrix:
    """Apply an operator to matching samples, histograms among them.

    The matching runs on numbers that stand for the cells, so that labels, errors and cardinality come from one place.
    """
    cells = _Cells(left, right)
    holder = _Holder(engine, node, cells)
    return matched(node, cells.tagged(left, 0), cells.tagged(right, left.values.size), engine.ctx, frame, holder.apply)


class _Cells:
    """The samples of both operands in one list, addressed by number."""

    def __init__(self, left: Matrix, right: Matrix) -> None:
        self.operands: list[float | Histogram] = [*_operands(left), *_operands(right)]

    def tagged(self, matrix: Matrix, start: int) -> Matrix:
        """Give the vector with each sample replaced by its number."""
        numbers = np.arange(start, start + matrix.values.size, dtype=np.float64).reshape(matrix.values.shape)
        return Matrix(matrix.labels, numbers, matrix.present, None, matrix.drop_name)


def _operands(matrix: Matrix) -> list[float | Histogram]:
    """List a vector's samples row by row."""
    values = matrix.values.ravel().tolist()
    if matrix.histograms is None:
        return list(values)
    pairs = zip(values, matrix.histograms.ravel().tolist(), strict=True)
    return [value if item is None else item for value, item in pairs]


class _Holder:
    """Computes numbered cells."""

    def __init__(self, engine: Engine, node: Binary, cells: _Cells) -> None:
        self.engine, self.node, self.cells = engine, node, cells

    def apply(self, left: Floats, right: Floats, mask: Mask) -> tuple[Floats, Mask, Objects]:
        """Give values, whether each cell holds (stays, for comparisons) and histograms."""
        values, holds = np.zeros(left.shape), np.zeros(left.shape, dtype=bool)
        objects = np.full(left.shape, None, dtype=object)
        for place in zip(*np.nonzero(mask), strict=True):
            first, second = self.cells.operands[int(left[place])], self.cells.operands[int(right[place])]
            if isinstance(first, float) and isinstance(second, float) and self.node.op not in TRIMS:
                a, b = np.array([first]), np.array([second])
                with np.errstate(all="ignore"):
                    if self.node.op in COMPARISONS:
                        values[place], holds[place] = first, COMPARISONS[self.node.op](a, b)[0]
                    else:
                        values[place], holds[place] = ARITHMETIC[self.node.op](a, b)[0], True
                continue
            result, remarks, complaint = operate(self.node.op, first, second)
            remark(self.engine, remarks, "", self.node)
            if not COLLISIONS.isdisjoint(remarks):  # Prometheus warns, and takes the warning for a reason to stop
                mask[place] = False
            elif complaint:
                self.engine.ctx.remark("info", f"PromQL info: {complaint}", self.node.span)
                mask[place] = False
            elif isinstance(result, Histogram):
                objects[place], holds[place] = result, True
            elif isinstance(result, bool):
                objects[place], holds[place] = first, result
            else:
                mask[place] = False
        return values, holds, objects
