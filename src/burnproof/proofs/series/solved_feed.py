"""Tell a story of events by the series that `event_solver` found."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from burnproof.model.decimals import plain
from burnproof.proofs.series.event_solver import EventSolver
from burnproof.proofs.series.example_labels import NO_SELECTOR, metric
from burnproof.proofs.series.feed import LeftOut, Without
from burnproof.proofs.timeline import Stretch, Timeline, counter_values, gauge_values, grained
from burnproof.proofs.types import InputSeries

if TYPE_CHECKING:
    from collections.abc import Callable

    from burnproof.model.slo import Ratio
    from burnproof.proofs.series.event_solver import Solution
    from promrules.syntax.labels import Labels


_ROUNDING = Decimal("1e-4")
"""The largest share of a rise that may be lost: a tenth of what checks leave open."""


def solved_feed(ratio: Ratio, by: tuple[str, ...], group: Labels) -> SolvedFeed | None:
    """Find series for a ratio of any form; None where none were found."""
    solver = EventSolver(ratio, by, group)
    found = solver.solve()
    if found is None:
        return None
    only_bad = frozenset(labels for labels in found.good if not found.good[labels] and found.bad[labels])
    optional = only_bad if _can_lack(solver, found, only_bad) else frozenset()
    return SolvedFeed(found, optional)


def _can_lack(solver: EventSolver, found: Solution, absent: frozenset[Labels]) -> bool:
    """Tell whether good events are counted as such while series do not exist that only bad ones need."""
    left = {labels: level for labels, level in found.good.items() if labels not in absent}
    return solver.events({**found.states, **left}) == (Fraction(1), Fraction(solver.counts_good))


@dataclass(frozen=True, slots=True)
class SolvedFeed:
    """Series of good and bad events, each with its level for one of them.

    Attributes:
        found: the series.
        only_bad: those that need not exist before the first bad event.
    """

    found: Solution
    only_bad: frozenset[Labels]

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``; samples that are counted cannot rest, nor come more often."""
        if without is not None and (without is not LeftOut.BAD or not self.only_bad):
            return None
        rates = {stretch.rate for stretch in story.stretches} - {None}
        if not self.found.scales and (0 in rates or len(rates) > 1):
            return None
        if not self.found.mixes and {stretch.share for stretch in story.stretches} - {0, 1}:
            return None
        if not _looks_back(self.found, story, sample):
            return None
        absent = self.only_bad if without else frozenset()
        moving = [labels for labels in self.found.good if labels not in absent]
        if not all(self._is_exact(labels, stretch, sample) for labels in moving for stretch in story.stretches):
            return None
        made = [self._moving(labels, story.ahead(self.found.ahead.get(labels, 0)), sample) for labels in moving]
        return (*made, *(self._state(labels, story, sample) for labels in self.found.states))

    def _moving(self, labels: Labels, story: Timeline, sample: int) -> InputSeries:
        if labels in self.found.counters:
            rises = _steps(story, sample, lambda stretch: self._amount(labels, stretch, sample))
            return InputSeries(metric(NO_SELECTOR, labels), counter_values(rises))
        levels = _steps(story, sample, lambda stretch: self._amount(labels, stretch, sample))
        texts = tuple((samples, None if level is None else plain(level)) for samples, level in levels)
        # Like a rate, it has nothing to say at the very first evaluation: one sample would pass for a whole hour.
        _, _, later = gauge_values(texts).partition(" ")
        return InputSeries(metric(NO_SELECTOR, labels), f"_ {later}")

    def _amount(self, labels: Labels, stretch: Stretch, sample: int) -> Decimal | None:
        """Give what a series rises by, or is, in a sample of a stretch."""
        if stretch.rate is None:
            return None
        good, bad = (_decimal(levels[labels]) for levels in (self.found.good, self.found.bad))
        event = (1 - stretch.share) * good + stretch.share * bad
        return event * stretch.rate * sample if self.found.scales else event

    def _is_exact(self, labels: Labels, stretch: Stretch, sample: int) -> bool:
        """Tell whether a counter's rise loses nothing worth mention where it is rounded to a binary fraction."""
        rise = self._amount(labels, stretch, sample) if labels in self.found.counters else None
        return rise is None or abs(grained(rise) - rise) <= rise * _ROUNDING

    def _state(self, labels: Labels, story: Timeline, sample: int) -> InputSeries:
        level = _decimal(self.found.states[labels])
        steps = _steps(story, sample, lambda stretch: None if stretch.rate is None else level)
        texts = tuple((samples, None if level is None else plain(level)) for samples, level in steps)
        return InputSeries(metric(NO_SELECTOR, labels), gauge_values(texts))


def _looks_back(found: Solution, story: Timeline, sample: int) -> bool:
    """Tell whether a story can be told to queries that look back: it must rest as long at first."""
    first = story.stretches[0]
    lengths = {found.ahead.get(labels, 0) for labels in found.good}
    return lengths == {0} or all(
        length % sample == 0 and (not length or (first.rate == 0 and length <= first.seconds)) for length in lengths
    )


def _steps(
    story: Timeline, sample: int, amount: Callable[[Stretch], Decimal | None]
) -> tuple[tuple[int, Decimal | None], ...]:
    return tuple((stretch.seconds // sample, amount(stretch)) for stretch in story.stretches)


def _decimal(level: Fraction) -> Decimal:
    return Decimal(level.numerator) / level.denominator
