"""A gauge that puts a value on either side of its bound."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from burnproof.proofs.series.example_labels import NO_SELECTOR, metric
from burnproof.proofs.series.linear_solver import Line, line_of
from burnproof.proofs.timeline import Timeline, gauge_values
from burnproof.proofs.types import InputSeries

if TYPE_CHECKING:
    from burnproof.model.slo import Threshold
    from burnproof.proofs.series.feed import Without
    from promrules.syntax.labels import Labels


def line_feed(indicator: Threshold, group: Labels) -> GaugeFeed | None:
    """Choose values on either side of the bound, and what the query's series must be for them."""
    line = line_of(indicator.value, group)
    if line is None:
        return None
    bound, op = indicator.bound, indicator.op
    step = abs(bound) / 10 or Decimal(1)
    below, above = bound - step, bound + step
    sides = {"<": (below, above), "<=": (bound, above), ">": (above, below), ">=": (bound, below)}
    good, bad = (sides | {"==": (bound, above), "!=": (above, bound)})[op]
    if line.slope != 1 or line.base != 0:
        # What was solved for is rounded, so it stays clear of the bound itself.
        good = {"<=": below, ">=": above}.get(op, good)
    return GaugeFeed(line.atom, line.others, _level(line, good), _level(line, bad))


@dataclass(frozen=True, slots=True)
class GaugeFeed:
    """A gauge that puts a value on the good or the bad side of its bound; others that it is computed with stay at 1."""

    atom: Labels
    others: tuple[Labels, ...]
    good: str
    bad: str

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        if without:
            return None
        made = []
        for atom in (self.atom, *self.others):
            good, bad = (self.good, self.bad) if atom == self.atom else ("1", "1")
            levels = tuple(
                (s.seconds // sample, None if s.rate is None else bad if s.is_bad else good) for s in story.stretches
            )
            made.append(InputSeries(metric(NO_SELECTOR, atom), gauge_values(levels)))
        return tuple(made)


def _level(line: Line, value: Decimal) -> str:
    """Write the level of the solved series with twelve digits at most."""
    return f"{float(line.x_for(Fraction(value))):.12g}"
