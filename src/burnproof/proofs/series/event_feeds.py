"""Series of good and bad events: counters, or a gauge that says of each look whether it was good."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model.decimals import plain
from burnproof.proofs.series.counters import bundles, uncounted
from burnproof.proofs.series.example_labels import NO_SELECTOR, example, metric
from burnproof.proofs.series.feed import LeftOut, Without
from burnproof.proofs.series.replicas import replicated
from burnproof.proofs.timeline import Stretch, Timeline, counter_values, gauge_values
from burnproof.proofs.types import InputSeries
from burnproof.rules.kinds.events import as_ratio, is_classic
from burnproof.rules.query_terms import terms_of

if TYPE_CHECKING:
    from burnproof.model.slo import Floor, Latency, Ratio
    from promrules.syntax.labels import Labels


def event_feed(indicator: Ratio | Latency | Floor, group: Labels) -> EventFeed | ProbeFeed | None:
    """Find series for a ratio, or for a histogram that is read as one."""
    ratio = as_ratio(indicator)
    found = bundles(ratio, group)
    if found is None:
        return _probe_feed(ratio, group)
    counted, other = found.counted, found.other
    good, bad = (counted, other) if ratio.counts == "good" else (other, counted)
    return EventFeed(good, bad, uncounted(ratio, group), ratio.counts, is_classic(indicator))


@dataclass(frozen=True, slots=True)
class EventFeed:
    """Counters of good and bad events."""

    good: tuple[Labels, ...]
    bad: tuple[Labels, ...]
    uncounted: Labels | None = None  # a series of what is counted that the total lacks
    counts: str = "good"  # whether good or bad events are counted
    one_source: bool = False  # of one histogram: good or bad series do not vanish by themselves

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        if without is LeftOut.TOTAL:
            return self._with_uncounted(story, sample)
        if self.one_source and without in (LeftOut.GOOD, LeftOut.BAD):
            return None
        alone = {LeftOut.BAD: set(self.bad) - set(self.good), LeftOut.GOOD: set(self.good) - set(self.bad)}
        alone |= dict.fromkeys(_COUNTED, alone[LeftOut.GOOD if self.counts == "good" else LeftOut.BAD])
        only = alone.get(without, set()) if isinstance(without, LeftOut) else set()
        if without is not None and not only:
            return None
        made = []
        for atom in dict.fromkeys((*self.good, *self.bad)):
            if without is LeftOut.BAD and atom in only:
                continue
            gone = without in (LeftOut.GOOD, *_COUNTED) and atom in only
            pair = replicated(atom, self._increments(atom, story, sample, gone=gone))
            if gone and without is LeftOut.ONE_COUNTED:
                pair[0] = replicated(atom, self._increments(atom, story, sample, gone=False))[0]
            made += pair
        return tuple(made)

    def _with_uncounted(self, story: Timeline, sample: int) -> tuple[InputSeries, ...] | None:
        usual = self.series(story, sample)
        if self.uncounted is None or usual is None:
            return None
        # All the usual events are good; where bad ones are counted, the excess begins beyond as many bad.
        missing = 0 if self.counts == "good" else 1
        rises = tuple(
            (s.seconds // sample, (s.rate or Decimal(0)) * sample * (missing + s.excess if s.excess else 0))
            for s in story.stretches
        )
        return (*usual, InputSeries(metric(NO_SELECTOR, self.uncounted), counter_values(rises)))

    def _increments(
        self, atom: Labels, story: Timeline, sample: int, *, gone: bool
    ) -> tuple[tuple[int, Decimal | None], ...]:
        return tuple(
            (stretch.seconds // sample, self._increment(atom, stretch, sample, gone=gone))
            for stretch in story.stretches
        )

    def _increment(self, atom: Labels, stretch: Stretch, sample: int, *, gone: bool) -> Decimal | None:
        if stretch.rate is None or (gone and stretch.share == 1):
            return None
        events = stretch.rate * sample
        return events * ((1 - stretch.share) * (atom in self.good) + stretch.share * (atom in self.bad))


_COUNTED = (LeftOut.COUNTED, LeftOut.ONE_COUNTED)


@dataclass(frozen=True, slots=True)
class ProbeFeed:
    """The mean of many probes' 0 and 1: a gauge that is the share of those that are counted."""

    atom: Labels
    counts_good: bool

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``; a probe cannot rest, and its failures have no series of their own."""
        rates = {stretch.rate for stretch in story.stretches} - {None}
        if without or 0 in rates or len(rates) > 1:
            return None
        levels = tuple(
            (s.seconds // sample, None if s.rate is None else plain(1 - s.share if self.counts_good else s.share))
            for s in story.stretches
        )
        # Like a rate, it has nothing to say at the very first evaluation: one look would pass for a whole hour.
        _, _, later = gauge_values(levels).partition(" ")
        return (InputSeries(metric(NO_SELECTOR, self.atom), f"_ {later}"),)


def _probe_feed(ratio: Ratio, group: Labels) -> ProbeFeed | None:
    """Recognise a gauge of 0 and 1, summed for what is counted, its samples counted for the total."""
    total, counted = terms_of(ratio.total), terms_of(ratio.counted)
    if total is None or counted is None or len(total) != 1 or len(counted) != 1:
        return None
    if (total[0].func, counted[0].func) != ("count_over_time", "sum_over_time") or total[0].factor != counted[0].factor:
        return None
    atom = example((*total[0].selector.matchers, *counted[0].selector.matchers), None, group)
    return None if atom is None else ProbeFeed(atom, counts_good=ratio.counts == "good")
