"""Compare two counters slice by slice: ``left op right``, within a tolerance.

Two rates over a few scrapes differ by more than any useful tolerance although nothing is lost: each counter is scraped
at its own time, scrapes fail, events are under way, samples come late. So a slice is bad where both hold:

- *when*: in the slice itself the smaller side falls short by more than half of the tolerance;
- *whether*: over a longer window that ends with the slice (``over``) it falls short by more than the tolerance, and by
  more events than chance explains (the square root of their number). There the side that must be the larger one has
  until now to catch up, and its best reading counts, so that what is under way and what comes late is not lost.

For that a slice is judged some time after its end (``lag``). Judging one slice by itself called 99 of 480 healthy
minutes bad, at ten events per second that trail by up to three seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.model.quantities import Duration
from burnproof.rules import selectors
from burnproof.rules.kinds.slices import sliced
from burnproof.rules.measure import SECOND, Record, Verdict
from burnproof.rules.query_terms import counts_per_second

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.slo import Compare, Query, Slo
    from burnproof.rules.measure import Measure

_READINGS = 12  # of the side that may catch up, at most: each reads the whole window once more
_STEPS = tuple(Duration(seconds * SECOND) for seconds in (5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600))


def measure(slo: Slo, indicator: Compare) -> Measure:
    """Measure a comparison; the two rates that are recorded beside the verdicts are those of the window up to now."""
    sides = Sides(slo, indicator)
    over = indicator.judged_over(slo.scrape)
    records = (
        Record(naming.SLICE_RIGHT, sides.rate(indicator.right, over)),
        Record(
            naming.SLICE_LEFT,
            f"{sides.rate(indicator.left, over)}\nor {sides.join}\n0 * {naming.selector(naming.SLICE_RIGHT, slo.id)}",
        ),
    )
    bad = verdict(slo, indicator)
    return sliced(slo, records, bad, indicator.slice, Verdict(bad, records[0].expr))


def verdict(slo: Slo, indicator: Compare) -> str:
    """Say by PromQL whether the last slice that can be judged by now is bad (1) or good (0)."""
    late = indicator.judged_after(slo.scrape)
    return f"last_over_time({fails(slo, indicator)}[{indicator.slice}:{indicator.slice}] offset {late})"


def fails(slo: Slo, indicator: Compare) -> str:
    """Say by PromQL whether left fails right (1) or not (0) in the slice that ended then; it reads what came later."""
    sides = Sides(slo, indicator)
    length, over = indicator.slice, indicator.judged_over(slo.scrape)
    broken = sides.lost(over)
    if over != length:
        broken = f"({sides.short(length)})\n* {sides.join} ({broken})"
    if slo.no_traffic == "good":
        return f"({broken})"
    # An idle slice has neither left nor right; where only the right side rests, the comparison still counts.
    right, left = (sides.rate(query, length) for query in (indicator.right, indicator.left))
    return f"(({broken})\nand {sides.join} ({right} > 0 or {left} > 0))"


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of a comparison as PromQL."""

    slo: Slo
    indicator: Compare

    @property
    def join(self) -> str:
        """The labels that both are joined on."""
        return f"on ({', '.join(self.slo.by)})"

    @property
    def keeps_up(self) -> bool:
        """Whether left is the side that must be the larger one."""
        return self.indicator.op in (">=", ">")

    def rate(self, query: Query, window: Duration) -> str:
        """Give one side over a window, as events per second."""
        return selectors.aggregated("sum", self.slo.by, selectors.rate(query, window, self.slo.scrape))

    def short(self, window: Duration) -> str:
        """Say whether the comparison fails by more than half of the tolerance."""
        half = self.indicator.tolerance / 2
        factor = 1 - half if self.keeps_up else 1 + half
        right = self.rate(self.indicator.right, window)
        left = self._filled(self.rate(self.indicator.left, window), window)
        return f"{left} {_BROKEN_BY[self.indicator.op]} bool {self.join} {_times(factor, right)}"

    def lost(self, window: Duration) -> str:
        """Say whether the best reading of the larger side is too small, by the tolerance and by what chance explains.

        What may be missing is the larger of the two; PromQL has no minimum of two vectors, so the lower bound stands
        where it is the lower one, and the other one else.
        """
        tolerance = self.indicator.tolerance
        left, right = (self.rate(query, window) for query in (self.indicator.left, self.indicator.right))
        if self.keeps_up:
            larger, smaller, allowed = self._filled(self._best(left), window), right, _times(1 - tolerance, right)
        else:
            larger, smaller = self._best(right), self._filled(left, window)
            allowed = f"{smaller} / {plain(1 + tolerance)}"
        unit = f" / {window.ms // SECOND}" if counts_per_second(self.indicator.right) else ""
        likely = f"{smaller} - sqrt({smaller}{unit})"
        return f"{larger} < bool {self.join} (({allowed} < {likely}) or {likely})"

    def _filled(self, left: str, window: Duration) -> str:
        """Read a left side that is missing while right moves as 0.

        A consumer that died before its first message keeps up with nothing.
        """
        return f"({left} or {self.join} 0 * {self.rate(self.indicator.right, window)})"

    def _best(self, rate: str) -> str:
        """Give the highest reading from the end of the slice until the lag is over."""
        lag = self.indicator.lag_at(self.slo.scrape)
        step = step_of(self.indicator.slice, self.slo.scrape, lag)
        # A second more, so that a range open on the left holds the reading at the slice's end.
        return f"max_over_time({rate}[{Duration(lag.ms + SECOND)}:{step}] offset -{lag})"


def step_of(length: Duration, scrape: Duration, lag: Duration) -> Duration:
    """Give how far the readings are apart: half a scrape, unless that makes too many; slices end with one.

    A scrape that failed shortens what is read at the edges of a window. Few readings in a row all suffer from that.
    """
    least = max(scrape.ms // 2, lag.ms // _READINGS)
    fitting = (step for step in _STEPS if step.ms >= least and length.ms % step.ms == 0)
    return next(fitting, length)


def _times(factor: Decimal, expr: str) -> str:
    return expr if factor == 1 else f"{plain(factor)} * {expr}"


_BROKEN_BY = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
