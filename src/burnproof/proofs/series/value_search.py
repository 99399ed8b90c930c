"""Find series for a value of any form, by solving for one series while the others stay as they are.

What a query gives of steady series is worked out by ``steady``. In one series at a time it is a line, or the search
goes on: with that as a gauge, a counter or a clock, and the others at levels that its comparisons suggest. The search
has a budget of effort.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import islice, product
from typing import TYPE_CHECKING, Final, NamedTuple

from burnproof.proofs.series.candidates import candidates_of
from burnproof.proofs.series.look_back import OF_THE_LAST
from burnproof.proofs.series.steady import Steady, UnsteadyError
from burnproof.proofs.series.value_solver import Flow, Kind, Level, ValueFeed, lasts
from burnproof.rules import selectors
from promrules.syntax.labels import keep
from promrules.syntax.nodes import Call, MatrixSelector, Subquery, walk
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Threshold
    from promrules.syntax.labels import Labels
    from promrules.syntax.nodes import Node

    Levels = Mapping[Labels, Fraction]

MOST_EVALUATIONS: Final = 2000
_MOMENTS: Final = (Fraction(0), Fraction(3_000_000))
_NOT_OF_STEADY: Final = frozenset({"increase", "sum_over_time", "count_over_time", "predict_linear", "changes"})
"""Functions whose value depends on how many samples a range holds, or on how the series moved before."""


class _Line(NamedTuple):
    """A value as a line of one series: ``base + slope * level``."""

    base: Fraction
    slope: Fraction


def searched_feed(indicator: Threshold, by: tuple[str, ...], group: Labels) -> ValueFeed | None:
    """Find series for a value on either side of its bound; None where none were found."""
    root = parse(indicator.value.text.replace(selectors.WINDOW, str(indicator.slice)))
    if indicator.op not in ("<", "<=", ">", ">=") or not _is_prompt(root, indicator.slice):
        return None
    return _Search(indicator, root, frozenset(by), group).run()


def _is_prompt(root: Node, length: Duration) -> bool:
    """Tell whether a value says of a slice what happened in it, and needs no more than levels to be told."""
    calls = [one for one in walk(root) if isinstance(one, Call)]
    over = [call for call in calls if call.func not in OF_THE_LAST]
    ranges = [arg for call in over for arg in call.args if isinstance(arg, MatrixSelector | Subquery)]
    held = all(isinstance(arg.range, int) and arg.range <= length.ms for arg in ranges)
    return held and not any(call.func in _NOT_OF_STEADY for call in calls)


class _Search:
    """The search for one value, in one group."""

    def __init__(self, indicator: Threshold, root: Node, by: frozenset[str], group: Labels) -> None:
        self.indicator, self.by, self.group = indicator, by, group
        self.found = candidates_of((root,), group)
        self.series = (*self.found.moving, *self.found.states)
        self.query = Steady(root, self.series)
        self.has_clock = any(isinstance(one, Call) and one.func == "time" for one in walk(root))
        self.outlives = lasts(indicator.value, indicator.slice)
        self.left = MOST_EVALUATIONS

    def run(self) -> ValueFeed | None:
        """Try each series as the one that moves."""
        for active in self.series:
            others = [one for one in self.series if one != active]
            for levels in islice(product(self.found.pool, repeat=len(others)), 64):
                fixed = dict(zip(others, levels, strict=True))
                for kind in self._kinds(active):
                    feed = self._solved(active, kind, fixed)
                    if feed is not None:
                        return feed
                if self.left <= 0:
                    return None
        return None

    def _kinds(self, active: Labels) -> Iterator[Kind]:
        if active in self.found.counters:
            yield "counter"
        else:
            yield "gauge"
            if self.has_clock:
                yield "clock"

    def _solved(self, active: Labels, kind: Kind, fixed: Levels) -> ValueFeed | None:
        """Solve for the levels of one series on either side of the bound, and see whether they are what they should."""
        line = self._line(active, kind, fixed)
        if line is None:
            return None
        bound, step = Fraction(self.indicator.bound), abs(Fraction(self.indicator.bound)) / 10 or Fraction(1)
        for width in (step, 7 * step):
            if kind == "clock" and width <= self.outlives:
                continue  # a clock that stopped goes on to fall behind for as long as its last sample is read
            sides = (bound - width, bound + width)
            good, bad = sides if self.indicator.op in ("<", "<=") else sides[::-1]
            levels = [(wanted - line.base) / line.slope for wanted in (good, bad)]
            if kind != "clock" and min(levels) < 0:
                continue
            if all(
                self._value(active, kind, level, fixed) == wanted
                for level, wanted in zip(levels, (good, bad), strict=True)
            ):
                kept, broken = map(_decimal, levels)
                still = (Flow(self._still(one, level), _decimal(level)) for one, level in fixed.items())
                return ValueFeed((Flow(Level(active, kind, kept), broken), *still))
        return None

    def _still(self, labels: Labels, level: Fraction) -> Level:
        return Level(labels, "counter" if labels in self.found.counters else "gauge", _decimal(level))

    def _line(self, active: Labels, kind: Kind, fixed: Levels) -> _Line | None:
        """Read a value as a line of one series, around some level; None where it is flat, or none."""
        for around in (1, 10, 100, 1000):
            at = [self._value(active, kind, Fraction(around * factor), fixed) for factor in (1, 2, 3)]
            one, two, three = at
            if one is None or two is None or three is None:
                return None
            if one != two and three - two == two - one:
                slope = (two - one) / around
                return _Line(one - slope * around, slope)
        return None

    def _value(self, active: Labels, kind: Kind, level: Fraction, fixed: Levels) -> Fraction | None:
        """Give the value at a level of one series; None where it is not known, or depends on the time."""
        self.left -= 1
        if self.left <= 0:
            return None
        found = set()
        for moment in _MOMENTS:
            try:
                value = self.query.value({**fixed, active: moment - level if kind == "clock" else level}, moment)
            except UnsteadyError:
                return None
            own = {labels for labels in value if keep(labels, self.by) == self.group} if isinstance(value, dict) else ()
            if not isinstance(value, dict) or len(own) != 1 or len(value) != 1:
                return None
            found.add(next(iter(value.values())))
        return found.pop() if len(found) == 1 else None


def _decimal(level: Fraction) -> Decimal:
    return Decimal(f"{float(level):.12g}")
