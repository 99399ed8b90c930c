"""Operators on columns: arithmetic and comparison between scalars, vectors and matched vectors, and set operations."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from promrules.columns.matrices import drops, empty, merged, renamed, stacked
from promrules.columns.values import Matrix, Scalar
from promrules.go_math import elementary as gomath
from promrules.syntax.labels import Labels, drop, format_labels, get, keep, without_metadata
from promrules.syntax.nodes import Cardinality, Matching

if TYPE_CHECKING:
    from promrules.columns.frame import Context, Frame
    from promrules.columns.values import Floats, Mask
    from promrules.syntax.nodes import Binary

COMPARISONS: Final[dict[str, Callable[[Floats, Floats], Mask]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}

ARITHMETIC: Final[dict[str, Callable[[Floats, Floats], Floats]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": np.fmod,
    "^": gomath.pow,
    "atan2": gomath.atan2,
}

Kernel = Callable[..., tuple[Any, Any, Any]]

SET_OPERATORS: Final = frozenset({"and", "or", "unless"})


def scalars(node: Binary, left: Scalar, right: Scalar) -> Scalar:
    """Apply an operator to two scalars; comparisons give 0 or 1."""
    with np.errstate(all="ignore"):
        if node.op in COMPARISONS:
            return Scalar(COMPARISONS[node.op](left.values, right.values).astype(np.float64))
        return Scalar(ARITHMETIC[node.op](left.values, right.values))


def vector_scalar(node: Binary, vector: Matrix, scalar: Scalar, ctx: Context, frame: Frame, *, swapped: bool) -> Matrix:
    """Apply an operator to each sample and a scalar; ``swapped`` when the scalar stands on the left."""
    values, present = scalar_cells(node, vector, scalar, swapped=swapped)
    if changes_values(node):
        return renamed(vector, values, present, ctx, frame)
    return Matrix(vector.labels, values, present, None, vector.drop_name)


def changes_values(node: Binary) -> bool:
    """Tell whether an operator makes new values, which have no metric name; a plain comparison only filters."""
    return node.op in ARITHMETIC or node.return_bool


def scalar_cells(node: Binary, vector: Matrix, scalar: Scalar, *, swapped: bool) -> tuple[Floats, Mask]:
    """Apply an operator to the cells of a vector and a scalar; rows stay where they are."""
    pair = (scalar.values, vector.values) if swapped else (vector.values, scalar.values)
    with np.errstate(all="ignore"):
        if node.op in ARITHMETIC:
            return ARITHMETIC[node.op](*pair), vector.present
        holds = COMPARISONS[node.op](*pair)
    return (holds.astype(np.float64), vector.present) if node.return_bool else (vector.values, vector.present & holds)


@lru_cache(maxsize=65536)
def signature(labels: Labels, matching: Matching) -> Labels:
    """Give the labels by which a series finds its partner."""
    names = frozenset(matching.labels)
    return keep(labels, names) if matching.on else drop(labels, names | {"__name__"})


@lru_cache(maxsize=65536)
def result_labels(left: Labels, right: Labels, matching: Matching, *, drop_names: bool) -> Labels:
    """Give the label set of a match; ``left`` is the many side."""
    if drop_names:
        left = without_metadata(left)
    names = frozenset(matching.labels)
    if matching.cardinality is Cardinality.ONE_TO_ONE:
        left = keep(left, names) if matching.on else drop(left, names)
    if matching.include:
        taken = [(name, value) for name in matching.include if (value := get(right, name))]
        left = tuple(sorted((*drop(left, frozenset(matching.include)), *taken)))
    return left


class Sides:
    """Rows of both operands by match group; the right side is the one of which each group may hold one sample."""

    def __init__(self, left: Matrix, right: Matrix, matching: Matching) -> None:
        """Find the groups."""
        known: dict[Labels, int] = {}
        self.left_of = [known.setdefault(signature(row, matching), len(known)) for row in left.labels]
        self.right_of = [known.setdefault(signature(row, matching), len(known)) for row in right.labels]
        self.groups = list(known)
        self.right_rows: list[list[int]] = [[] for _ in known]
        for row, group in enumerate(self.right_of):
            self.right_rows[group].append(row)


def set_operation(node: Binary, left: Matrix, right: Matrix, ctx: Context, frame: Frame) -> Matrix:
    """Apply ``and``, ``or`` or ``unless``."""
    sides = Sides(left, right, node.matching)
    if node.op == "or":
        there = _group_presence(left.present, sides.left_of, len(sides.groups))
        added = right.present & ~there[sides.right_of]
        extra = Matrix(right.labels, right.values, added, right.histograms, right.drop_name)
        return merged(stacked([left, extra]), ctx, frame)
    there = _group_presence(right.present, sides.right_of, len(sides.groups))[sides.left_of]
    kept = left.present & (there if node.op == "and" else ~there)
    return Matrix(left.labels, left.values, kept, left.histograms, left.drop_name)


def _group_presence(present: Mask, groups: list[int], count: int) -> Mask:
    """Tell where each group has a sample."""
    there = np.zeros((count, present.shape[1]), dtype=bool)
    for row, group in enumerate(groups):
        there[group] |= present[row]
    return there


def matched(
    node: Binary, left: Matrix, right: Matrix, ctx: Context, frame: Frame, kernel: Kernel | None = None
) -> Matrix:
    """Apply an arithmetic or comparison operator to matching samples of two vectors.

    ``kernel`` computes the operands in another way than on floats: ``left, right, mask`` (which it may narrow) to
    values, which cells a comparison keeps, and histograms.
    """
    swapped = node.matching.cardinality is Cardinality.ONE_TO_MANY
    many, one = (right, left) if swapped else (left, right)
    # Prometheus swaps the sides for group_right, but not their fill values.
    fill_many, fill_one = node.matching.fill_left, node.matching.fill_right
    if (not many.labels and fill_many is None) or (not one.labels and fill_one is None):
        return empty(frame.size)
    sides = Sides(many, one, node.matching)
    _check(sides, many, one, node, ctx, frame)
    pairs = _Pairs(node, many, one, sides, swapped=swapped)
    pairs.matches()
    if fill_one is not None:
        pairs.fill_missing_one(fill_one)
    if fill_many is not None:
        pairs.fill_missing_many(fill_many)
    return pairs.result(ctx, frame, kernel)


class _Pairs:
    """Collects the operands of every match as rows, then applies the operator once to all of them."""

    def __init__(self, node: Binary, many: Matrix, one: Matrix, sides: Sides, *, swapped: bool) -> None:
        self.node, self.many, self.one, self.sides, self.swapped = node, many, one, sides, swapped
        self.labels: list[Labels] = []
        self.flags: list[bool] = []
        self.many_values: list[Floats] = []
        self.one_values: list[Floats] = []
        self.masks: list[Mask] = []
        self.origin: list[int] = []
        self.changes = node.op in ARITHMETIC
        self.many_drops, self.one_drops = drops(many), drops(one)

    def matches(self) -> None:
        """Take every pair of rows of the same group."""
        for row, group in enumerate(self.sides.left_of):
            for other in self.sides.right_rows[group]:
                mask = self.many.present[row] & self.one.present[other]
                values = self.many.values[row], self.one.values[other]
                self._add(self.many.labels[row], self.one.labels[other], *values, mask, self.many_drops[row], group)

    def fill_missing_one(self, fill: float) -> None:
        """Pair samples of the many side that have no partner with ``fill``."""
        there = _group_presence(self.one.present, self.sides.right_of, len(self.sides.groups))
        for row, group in enumerate(self.sides.left_of):
            mask = self.many.present[row] & ~there[group]
            filled = np.full(mask.shape, fill)
            labels = self.many.labels[row]
            self._add(
                labels, self.sides.groups[group], self.many.values[row], filled, mask, self.many_drops[row], group
            )

    def fill_missing_many(self, fill: float) -> None:
        """Pair samples of the one side that have no partner with ``fill``."""
        there = _group_presence(self.many.present, self.sides.left_of, len(self.sides.groups))
        for row, group in enumerate(self.sides.right_of):
            mask = self.one.present[row] & ~there[group]
            filled = np.full(mask.shape, fill)
            labels = self.one.labels[row]
            self._add(self.sides.groups[group], labels, filled, self.one.values[row], mask, self.one_drops[row], group)

    def _add(
        self, many: Labels, one: Labels, many_values: Floats, one_values: Floats, mask: Mask, flag: bool, group: int
    ) -> None:
        self.labels.append(result_labels(many, one, self.node.matching, drop_names=self.changes))
        self.many_values.append(many_values)
        self.one_values.append(one_values)
        self.masks.append(mask)
        self.flags.append(flag)
        self.origin.append(group)

    def result(self, ctx: Context, frame: Frame, kernel: Kernel | None) -> Matrix:
        """Apply the operator and put rows of equal labels together."""
        if not self.labels:
            return empty(frame.size)
        many, one, mask = np.array(self.many_values), np.array(self.one_values), np.array(self.masks)
        left, right = (one, many) if self.swapped else (many, one)
        labels, flags = self.labels, self.flags
        values, holds, objects = (kernel or self._on_floats)(left, right, mask)
        self._check_unique(mask, ctx, frame)
        if self.changes:
            return merged(Matrix(labels, values, mask, objects, flags), ctx, frame)
        if not self.node.return_bool:
            return merged(Matrix(labels, values, mask & holds, objects, flags), ctx, frame)
        if not ctx.options.delayed_name_removal:
            labels = [without_metadata(item) for item in labels]
        return merged(Matrix(labels, holds.astype(np.float64), mask, None, [True] * len(labels)), ctx, frame)

    def _on_floats(self, left: Floats, right: Floats, mask: Mask) -> tuple[Floats, Mask, None]:
        """Compute floats."""
        with np.errstate(all="ignore"):
            if self.changes:
                return ARITHMETIC[self.node.op](left, right), mask, None
            return left, COMPARISONS[self.node.op](left, right), None

    def _check_unique(self, mask: Mask, ctx: Context, frame: Frame) -> None:
        """Fail where a group has two matches, under group_left and group_right where two give the same labels.

        Operands of kinds that do not go together are no match.
        """
        alone = self.node.matching.cardinality is Cardinality.ONE_TO_ONE
        message = "multiple matches for labels: " + (
            "many-to-one matching must be explicit (group_left/group_right)"
            if alone
            else "grouping labels must ensure unique matches"
        )
        seen: dict[tuple[int, Labels], Mask] = {}
        for row, (group, labels) in enumerate(zip(self.origin, self.labels, strict=True)):
            key = group, () if alone else labels
            before = seen.get(key)
            if before is None:
                seen[key] = mask[row]
                continue
            ctx.fail(frame, before & mask[row], message)
            seen[key] = before | mask[row]


def _check(sides: Sides, many: Matrix, one: Matrix, node: Binary, ctx: Context, frame: Frame) -> None:
    """Fail where the one side holds two samples of a group."""
    if all(len(rows) < 2 for rows in sides.right_rows):
        return
    anything = many.present.any(axis=0)
    if node.matching.fill_left is not None or node.matching.fill_right is not None:
        anything = np.ones_like(anything)
    for group, rows in enumerate(sides.right_rows):
        if len(rows) < 2:
            continue
        twice = (one.present[rows].sum(axis=0) > 1) & anything
        if twice.any():
            ctx.fail(frame, twice, _duplicate(sides.groups[group], rows, one, node, int(np.argmax(twice))))


def _duplicate(group: Labels, rows: list[int], one: Matrix, node: Binary, column: int) -> str:
    """Word the error about two samples on the one side."""
    first, second = sorted(
        format_labels(one.labels[row]) for row in [row for row in rows if one.present[row, column]][:2]
    )
    side = "left" if node.matching.cardinality is Cardinality.ONE_TO_MANY else "right"
    shown = format_labels(group)
    return (
        f"found duplicate series for the match group {shown} on the {side} hand-side of the operation: "
        f"[{first}, {second}]"
        ";many-to-many matching not allowed: matching labels must be unique on one side"
    )
