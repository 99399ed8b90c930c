"""One rule's result over some steps: rows of a matrix to label sets of their own, with what is wrong at which step."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from promrules.columns.values import EvaluationError, Matrix, Scalar
from promrules.engine import Options, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from promrules.columns.series import Storage
    from promrules.columns.values import Mask, Times
    from promrules.syntax.labels import Labels
    from promrules.syntax.nodes import Node

NOT_A_VECTOR = "rule result is not a vector or scalar"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of a rule at a step (index in the block it was found in)."""

    step: int
    message: str


@dataclass(slots=True)
class Column:
    """One label set over the steps of a block.

    Attributes:
        labels: what the rule makes of the rows' labels.
        present: at which steps it exists.
        rows: the matrix row of every step, or the one row of all.
    """

    labels: Labels
    present: Mask
    rows: int | Times


def vector(node: Node, storage: Storage, steps: Times, options: Options) -> tuple[Matrix, Failure | None]:
    """Evaluate an expression at every step as an instant query; a scalar counts as a vector without labels.

    Returns the matrix, meaningless from the failure's step on, and the first failure.
    """
    try:
        result = evaluate(node, storage, steps, options)
    except EvaluationError as error:
        return _nothing(len(steps)), Failure(error.step, error.message)
    failure = Failure(result.failure.step, result.failure.message) if result.failure else None
    value = result.value
    if isinstance(value, Matrix):
        return value, failure
    if isinstance(value, Scalar):
        return Matrix([()], value.values.reshape(1, -1), np.ones((1, len(steps)), dtype=np.bool_)), failure
    return _nothing(len(steps)), failure or Failure(0, NOT_A_VECTOR)


def _nothing(steps: int) -> Matrix:
    return Matrix([], np.empty((0, steps)), np.empty((0, steps), dtype=np.bool_))


def join(pieces: Iterable[tuple[Labels, int, Mask]], steps: int) -> tuple[list[Column], int | None]:
    """Put rows with the same new labels together; also give the first step where two of them coincide."""
    by_labels: dict[Labels, list[tuple[int, Mask]]] = defaultdict(list)
    for labels, row, present in pieces:
        by_labels[labels].append((row, present))
    columns: list[Column] = []
    clash: int | None = None
    for labels, parts in by_labels.items():
        if len(parts) == 1:
            columns.append(Column(labels, parts[0][1], parts[0][0]))
            continue
        counts = np.zeros(steps, dtype=np.int64)
        rows = np.zeros(steps, dtype=np.int64)
        for row, present in parts:
            counts += present
            rows[present] = row
        doubled = np.flatnonzero(counts > 1)
        if len(doubled) and (clash is None or doubled[0] < clash):
            clash = int(doubled[0])
        columns.append(Column(labels, counts > 0, rows))
    return columns, clash


def earliest(*failures: Failure | None) -> Failure | None:
    """Give the failure of the earliest step; at one step the first one given wins."""
    known = [failure for failure in failures if failure is not None]
    return min(known, key=lambda failure: failure.step) if known else None


def over_limit(counts: Times, limit: int, what: str) -> Failure | None:
    """Give the failure of the first step that has more than `limit` series or alerts (0: no limit)."""
    if limit <= 0:
        return None
    over = np.flatnonzero(counts > limit)
    if not len(over):
        return None
    step = int(over[0])
    return Failure(step, f"exceeded limit of {limit} with {int(counts[step])} {what}")
