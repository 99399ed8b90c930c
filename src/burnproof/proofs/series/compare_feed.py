"""Two counters, of which one keeps up with the other or falls short."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from burnproof.proofs.series.example_labels import example
from burnproof.proofs.series.feed import LeftOut, Without
from burnproof.proofs.series.replicas import replicated
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.rules.query_terms import terms_of

if TYPE_CHECKING:
    from burnproof.model.slo import Compare, Query, Slo
    from burnproof.proofs.types import InputSeries
    from promrules.syntax.labels import Labels


def compare_feed(slo: Slo, indicator: Compare, group: Labels) -> CompareFeed | None:
    """Find a series for each side."""
    left, right = _counter(indicator.left, group), _counter(indicator.right, group)
    if left is None or right is None or left == right:
        return None
    late = indicator.judged_after(slo.scrape).ms // 1000
    if 2 * indicator.tolerance * indicator.judged_over(slo.scrape).ms >= indicator.slice.ms:
        return None  # half a slice is no loss in so long a window
    return CompareFeed(left, right, indicator.op in (">=", ">"), late, slo.scrape.ms // 1000)


@dataclass(frozen=True, slots=True)
class CompareFeed:
    """Two counters: right moves at the story's rate, and left falls short of it (or exceeds it) by a stretch's share.

    Slices are judged some time after their end. So the counters are that much ahead of the story: what a story says of
    a time is what is judged then.
    """

    left: Labels
    right: Labels
    left_must_keep_up: bool  # a left side that is missing then breaks the comparison
    late: int  # seconds
    scrape: int

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        if without is LeftOut.BAD or (without is LeftOut.GOOD and not self.left_must_keep_up) or self.late % sample:
            return None
        values: dict[Labels, list[tuple[int, Decimal | None]]] = {self.left: [], self.right: []}
        for stretch in self._recovering(story).ahead(self.late).stretches:
            samples = stretch.seconds // sample
            right = None if stretch.rate is None else stretch.rate * sample
            behind = stretch.share - stretch.catch_up
            short = behind if self.left_must_keep_up else -behind
            left = None if right is None else right * (1 - short)
            if without is LeftOut.GOOD and stretch.is_bad:
                left = None
            values[self.left].append((samples, left))
            values[self.right].append((samples, Decimal(0) if without is LeftOut.RIGHT else right))
        return tuple(series for atom, steps in values.items() for series in replicated(atom, tuple(steps)))

    def _recovering(self, story: Timeline) -> Timeline:
        """Let left keep up in the last scrape of what is bad.

        Ranges that are closed on the left hold a scrape of the slice before, which is no part of the one judged.
        """
        told: list[Stretch] = []
        for stretch, after in pairwise((*story.stretches, None)):
            ends = stretch is not None and stretch.is_bad and after is not None and not (after.is_bad or after.catch_up)
            if stretch is None or not ends or stretch.seconds <= self.scrape:
                told += [stretch] if stretch else []
                continue
            told.append(replace(stretch, seconds=stretch.seconds - self.scrape))
            told.append(replace(stretch, seconds=self.scrape, share=Decimal(0)))
        return Timeline(tuple(told))


def _counter(query: Query, group: Labels) -> Labels | None:
    terms = terms_of(query)
    if terms is None or len(terms) != 1 or terms[0].factor != 1:
        return None
    return example(terms[0].selector.matchers, None, group)
