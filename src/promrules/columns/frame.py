"""The columns an expression is evaluated in, and what one evaluation collects on its way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from promrules.columns.values import Annotation, EvaluationError

if TYPE_CHECKING:
    from promrules.columns.series import Storage
    from promrules.columns.values import Mask, Times


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
        ahead: With ``reader``, how far before the time of the evaluation each step looks, ms: its group's query offset.
        offsets: With ``reader``, how far back each writer records, ms: the query offset of its group; () for none.
        horizon: Latest visible time in ms for all steps, None for no bound (with ``reader`` None).
        max_cells: Cells (series times steps) evaluated at once; more steps than that are done in blocks.
    """

    lookback: int = 300_000
    subquery_step: int = 60_000
    compat: int = 3
    delayed_name_removal: bool = False
    instant: bool = True
    reader: int | None = None
    ahead: int = 0
    offsets: tuple[int, ...] = ()
    horizon: int | None = None
    max_cells: int = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The columns of one evaluation, all arrays of shape ``(n,)``; columns never depend on each other.

    Attributes:
        times: Evaluation time of each column, ms.
        origins: Time of the query each column belongs to; differs from ``times`` inside subqueries.
        starts: What ``@ start()`` stands for.
        ends: What ``@ end()`` stands for.
        steps: Index of the outermost step each column serves, for failures.
        interval: Step of the query in ms, for ``step()``.
        extent: Length of the query in ms, for ``range()``.
        nested: Whether the columns belong to a subquery.
    """

    times: Times
    origins: Times
    starts: Times
    ends: Times
    steps: Times
    interval: int = 0
    extent: int = 0
    nested: bool = False

    @property
    def size(self) -> int:
        """How many columns there are."""
        return len(self.times)

    def take(self, columns: slice) -> Frame:
        """Give some of the columns."""
        return replace(
            self,
            times=self.times[columns],
            origins=self.origins[columns],
            starts=self.starts[columns],
            ends=self.ends[columns],
            steps=self.steps[columns],
        )


def top_frame(times: Times, options: Options) -> Frame:
    """Give the frame of a query at ``times``."""
    steps = np.arange(len(times), dtype=np.int64)
    if options.instant:
        return Frame(times, times, times, times, steps)
    starts = np.full_like(times, times[0] if len(times) else 0)
    ends = np.full_like(times, times[-1] if len(times) else 0)
    interval = int(times[1] - times[0]) if len(times) > 1 else 0
    return Frame(times, times, starts, ends, steps, interval, int(times[-1] - times[0]) if len(times) else 0)


@dataclass(slots=True)
class Context:
    """What belongs to one call of ``evaluate``.

    Attributes:
        storage: Where selectors look.
        options: How to evaluate.
        annotations: Remarks so far, each text and place once.
        failure: The first failure in time so far (instant semantics).
    """

    storage: Storage
    options: Options
    annotations: dict[tuple[str, int], Annotation] = field(default_factory=dict)
    failure: EvaluationError | None = None

    def remark(self, level: str, message: str, span: tuple[int, int]) -> None:
        """Note a warning or an info."""
        self.annotations.setdefault((message, span[0]), Annotation(level, message, span))

    def fail(self, frame: Frame, columns: Mask, message: str) -> None:
        """Note that the query fails in ``columns`` (a mask over the frame), or raise in a range query.

        Raises:
            EvaluationError: outside instant semantics, where one failure spoils all steps.
        """
        hit = np.flatnonzero(columns)
        if not len(hit):
            return
        step = int(frame.steps[hit].min())
        if not self.options.instant:
            raise EvaluationError(message, step)
        if self.failure is None or step < self.failure.step:
            self.failure = EvaluationError(message, step)
