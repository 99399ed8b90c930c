"""Evaluate a PromQL expression over all steps at once: a node, a storage and steps in, columns out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burnproof.promql.nodes import Node
    from burnproof.promql.series import Storage
    from burnproof.promql.values import Result, Times


@dataclass(frozen=True, slots=True)
class Options:
    """How an evaluation is done.

    Attributes:
        lookback: How far back an instant selector looks, ms.
        subquery_step: Step of a subquery that names none, ms.
        compat: 3 for left-open windows and lookback, 2 for closed ones (Prometheus 2.x).
        delayed_name_removal: Drop metric names at the end of the query instead of in each function.
        instant: Every step is an instant query of its own (rules); False: one range query over all steps.
        reader: Index of the evaluating rule in evaluation order: at step ``ts`` samples of writers before it and of
            inputs are visible up to ``ts``, those of itself and of later writers only before ``ts``. None: no cut.
        horizon: Latest visible time in ms for all steps, None for no bound (with ``reader`` None).
        max_cells: Cells (series x steps) evaluated at once; more steps than that are done in blocks.
    """

    lookback: int = 300_000
    subquery_step: int = 60_000
    compat: int = 3
    delayed_name_removal: bool = False
    instant: bool = True
    reader: int | None = None
    horizon: int | None = None
    max_cells: int = 4_000_000


def evaluate(node: Node, storage: Storage, steps: Times, options: Options | None = None) -> Result:
    """Evaluate ``node`` at every time in ``steps`` (int64 ms, increasing).

    Under instant semantics a failure is reported in ``Result.failure`` with its first step and the columns
    before it stay usable; in a range query (``instant=False``) it is raised.

    Raises:
        EvaluationError: the range query fails, or the expression fails before any step is reached.
    """
    raise NotImplementedError
