"""Evaluate a PromQL expression over all steps at once: a node, a storage and steps in, columns out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from promrules.columns.frame import Context, Frame, Options, top_frame
from promrules.columns.matrices import finished, floats_first, joined, merged_samples, repeated, take_rows
from promrules.columns.selectors import instant_vector, range_vector
from promrules.columns.values import EvaluationError, Matrix, RangeMatrix, Result, Scalar, String
from promrules.functions import native
from promrules.functions.aggregate import aggregate
from promrules.functions.binary_operators import SET_OPERATORS, matched, scalars, set_operation, vector_scalar
from promrules.functions.native import TRIMS
from promrules.functions.native_operators import matched_native, vector_scalar_native
from promrules.functions.subquery import needs_pairs, subquery_window, too_many_pairs
from promrules.functions.table import CALLS
from promrules.histograms.bucketless import without_buckets
from promrules.syntax.analysis import needs_origin, plan
from promrules.syntax.labels import without_metadata
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Negation,
    Node,
    NumberLiteral,
    Paren,
    StringLiteral,
    Subquery,
    VectorSelector,
    selectors,
    unwrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from promrules.columns.series import Storage
    from promrules.columns.values import Floats, Times, Value
    from promrules.syntax.analysis import Plan

__all__ = ["Options", "evaluate"]


def evaluate(node: Node, storage: Storage, steps: Times, options: Options | None = None) -> Result:
    """Evaluate ``node`` at every time in ``steps`` (int64 ms, increasing).

    Under instant semantics a failure is reported in ``Result.failure`` with its first step and the columns
    before it stay usable; in a range query (``instant=False``) it is raised, and rows come sorted by labels.

    Raises:
        EvaluationError: the range query fails, or the expression fails before any step is reached.
    """
    ctx = Context(storage, options or Options())
    frame = top_frame(steps, ctx.options)
    blocks = _blocks(node, ctx, frame)
    values = [_finished(Evaluator(ctx, plan(node)).value(node, block), ctx, block) for block in blocks]
    value = _joined(values)
    if isinstance(value, Matrix) and not ctx.options.instant:
        value = take_rows(value, sorted(range(len(value.labels)), key=value.labels.__getitem__))
    return Result(value, list(ctx.annotations.values()), ctx.failure)


def _blocks(node: Node, ctx: Context, frame: Frame) -> list[Frame]:
    """Cut the columns so that no intermediate result grows beyond ``max_cells``."""
    widest = max((len(ctx.storage.select(selector.matchers)) for selector in selectors(node)), default=1)
    size = max(64, ctx.options.max_cells // max(widest, 1))
    if frame.size <= size or isinstance(unwrapped(node), MatrixSelector | Subquery):
        return [frame]
    return [frame.take(slice(begin, begin + size)) for begin in range(0, frame.size, size)]


def _finished(value: Value, ctx: Context, frame: Frame) -> Value:
    """Carry out delayed name removal."""
    return finished(value, ctx, frame) if isinstance(value, Matrix) else value


def _joined(values: list[Value]) -> Value:
    """Put the blocks back together."""
    if len(values) == 1:
        return values[0]
    if isinstance(values[0], Scalar):
        return Scalar(np.concatenate([value.values for value in values if isinstance(value, Scalar)]))
    if isinstance(values[0], String):
        return values[0]
    return joined([value for value in values if isinstance(value, Matrix)])


class Evaluator:
    """Evaluates the nodes of one expression; results of equal parts in the same columns are kept."""

    def __init__(self, ctx: Context, facts: Plan) -> None:
        """Start without results."""
        self.ctx = ctx
        self.facts = facts
        self._known: dict[tuple[int, Frame], Value] = {}

    def value(self, node: Node, frame: Frame) -> Value:
        """Evaluate ``node`` in the columns of ``frame``."""
        key = self.facts.key[id(node)]
        if key not in self.facts.shared:
            return self._fresh(node, frame)
        known = self._known.get((key, frame))
        if known is None:
            known = self._known[key, frame] = self._fresh(node, frame)
        return known

    def _fresh(self, node: Node, frame: Frame) -> Value:
        """Evaluate without looking for a known result."""
        if frame.size > 1 and id(node) in self.facts.fixed and self._same_everywhere(node):
            return _spread(_EVALUATORS[type(node)](self, node, frame.take(slice(0, 1))), frame)
        return _EVALUATORS[type(node)](self, node, frame)

    def _same_everywhere(self, node: Node) -> bool:
        """Tell whether a fixed node may be evaluated once: no cut of visibility, no boundary that moves."""
        options = self.ctx.options
        if options.reader is not None or isinstance(node, MatrixSelector | Subquery):
            return False
        return not options.instant or not needs_origin(node)

    def vector(self, node: Node, frame: Frame) -> Matrix:
        """Evaluate an instant vector, of which a cell holds one sample.

        Raises:
            EvaluationError: ``node`` is of another type.
        """
        return floats_first(self.series(node, frame))

    def series(self, node: Node, frame: Frame) -> Matrix:
        """Evaluate an instant vector as it is, with cells that may hold a float and a histogram.

        Raises:
            EvaluationError: ``node`` is of another type.
        """
        value = self.value(node, frame)
        if not isinstance(value, Matrix):
            raise EvaluationError("expected an instant vector")
        return value

    def scalar(self, node: Node, frame: Frame) -> Floats:
        """Evaluate a scalar.

        Raises:
            EvaluationError: ``node`` is of another type.
        """
        value = self.value(node, frame)
        if not isinstance(value, Scalar):
            raise EvaluationError("expected a scalar")
        return value.values

    def window(self, node: Node, frame: Frame) -> RangeMatrix:
        """Evaluate a range vector.

        Raises:
            EvaluationError: ``node`` is of another type.
        """
        value = self.value(node, frame)
        if not isinstance(value, RangeMatrix):
            raise EvaluationError("expected a range vector")
        return value

    def number(self, node: NumberLiteral, frame: Frame) -> Value:
        """Give a literal in every column."""
        return Scalar(np.full(frame.size, node.value))

    def string(self, node: StringLiteral, _frame: Frame) -> Value:
        """Give a string."""
        return String(node.value)

    def paren(self, node: Paren, frame: Frame) -> Value:
        """Look inside the brackets."""
        return self.value(node.expr, frame)

    def negation(self, node: Negation, frame: Frame) -> Value:
        """Change the sign."""
        value = self.value(node.expr, frame)
        if isinstance(value, Scalar):
            return Scalar(-value.values)
        assert isinstance(value, Matrix)  # noqa: S101 (the parser lets nothing else through; this tells mypy)
        objects = None if value.histograms is None else native.scaled(value.histograms, -1.0)
        negative = Matrix(
            value.labels, -value.values, value.present, objects, [True] * len(value.labels), value.doubles
        )
        if self.ctx.options.delayed_name_removal:
            return negative
        negative.labels, negative.drop_name = [without_metadata(item) for item in value.labels], None
        return merged_samples(negative, self.ctx, frame)

    def selector(self, node: VectorSelector, frame: Frame) -> Value:
        """Select instant samples."""
        return instant_vector(node, self.ctx, frame, bucketless=id(node) in self.facts.bucketless)

    def matrix(self, node: MatrixSelector, frame: Frame) -> Value:
        """Select windows of samples."""
        found = range_vector(node, self.ctx, frame)
        if found.histograms is not None and id(node.selector) in self.facts.bucketless:
            found.histograms = without_buckets(found.histograms, found.lo.min(axis=1).tolist() if found.lo.size else [])
        return found

    def subquery(self, node: Subquery, frame: Frame) -> Value:
        """Evaluate the inside on its grid and cut it into windows."""
        return subquery_window(self, node, frame)

    def call(self, node: Call, frame: Frame) -> Value:
        """Call a function; where a subquery needs a grid per column, a few columns at a time.

        Raises:
            EvaluationError: the engine has no such function.
        """
        kernel = CALLS.get(node.func)
        if kernel is None:
            raise EvaluationError(f'function "{node.func}" is not supported by the embedded engine')
        for arg in node.args:
            inner = unwrapped(arg)
            if isinstance(inner, Subquery) and needs_pairs(inner, self.ctx):
                size = too_many_pairs(inner, self.ctx, frame)
                if size:
                    parts = [frame.take(slice(begin, begin + size)) for begin in range(0, frame.size, size)]
                    return _joined([kernel(self, node, part) for part in parts])
        return kernel(self, node, frame)

    def aggregate(self, node: Aggregate, frame: Frame) -> Value:
        """Aggregate over series."""
        return aggregate(self, node, frame)

    def binary(self, node: Binary, frame: Frame) -> Value:
        """Apply operators; a left-deep chain is followed in a loop, so that its length does not matter."""
        spine: list[Binary] = []
        inner: Node = node
        while isinstance(inner, Binary) and (not spine or self.facts.key[id(inner)] not in self.facts.shared):
            spine.append(inner)
            inner = inner.left
        left = self.value(inner, frame)
        for item in reversed(spine):
            left = self._apply(item, left, self.value(item.right, frame), frame)
        return left

    def _apply(self, node: Binary, left: Value, right: Value, frame: Frame) -> Value:
        """Apply one operator to evaluated operands."""
        if isinstance(left, Scalar) and isinstance(right, Scalar):
            return scalars(node, left, right)
        left = floats_first(left) if isinstance(left, Matrix) else left
        right = floats_first(right) if isinstance(right, Matrix) else right
        if isinstance(left, Matrix) and isinstance(right, Matrix):
            if node.op in SET_OPERATORS:
                return set_operation(node, left, right, self.ctx, frame)
            if node.op in TRIMS or left.histograms is not None or right.histograms is not None:
                return matched_native(self, node, left, right, frame)
            return matched(node, left, right, self.ctx, frame)
        swapped = isinstance(left, Scalar)
        vector, scalar = (right, left) if swapped else (left, right)
        assert isinstance(vector, Matrix)  # noqa: S101 (the parser lets nothing else through; this tells mypy)
        assert isinstance(scalar, Scalar)  # noqa: S101 (the same)
        if node.op in TRIMS or vector.histograms is not None:
            return vector_scalar_native(self, node, vector, scalar, frame, swapped=swapped)
        return vector_scalar(node, vector, scalar, self.ctx, frame, swapped=swapped)


def _spread(value: Value, frame: Frame) -> Value:
    """Give a value of one column in all columns."""
    if isinstance(value, Matrix):
        return repeated(value, frame.size)
    if isinstance(value, Scalar):
        return Scalar(np.repeat(value.values, frame.size))
    return value


_EVALUATORS: Final[dict[type, Callable[[Evaluator, Any, Frame], Value]]] = {
    NumberLiteral: Evaluator.number,
    StringLiteral: Evaluator.string,
    Paren: Evaluator.paren,
    Negation: Evaluator.negation,
    VectorSelector: Evaluator.selector,
    MatrixSelector: Evaluator.matrix,
    Subquery: Evaluator.subquery,
    Call: Evaluator.call,
    Aggregate: Evaluator.aggregate,
    Binary: Evaluator.binary,
}
