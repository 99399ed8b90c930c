"""A counter whose every rise is an event."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.proofs.series.counters import instance
from burnproof.proofs.series.example_labels import NO_SELECTOR, example, metric
from burnproof.proofs.timeline import Timeline, counter_values
from burnproof.proofs.types import InputSeries
from burnproof.rules import selectors

if TYPE_CHECKING:
    from burnproof.model.slo import Count
    from burnproof.proofs.series.feed import Without
    from promrules.syntax.labels import Labels


def count_feed(indicator: Count, group: Labels) -> CountFeed | None:
    """Find two series of a counter."""
    atom = example(selectors.read(indicator.counter).matchers, None, group)
    return None if atom is None else CountFeed((atom, instance(atom, "instance", "second")))


@dataclass(frozen=True, slots=True)
class CountFeed:
    """A counter that rises by one at each event; each stretch begins with those that are counted in it."""

    atoms: tuple[Labels, ...]

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        if without:
            return None
        made = []
        for number, atom in enumerate(self.atoms):
            steps: list[tuple[int, Decimal | None]] = []
            for at, stretch in enumerate(story.stretches):
                samples = stretch.seconds // sample
                mine = stretch.counted if at % len(self.atoms) == number else Decimal(0)
                flat = None if stretch.rate is None else Decimal(0)
                if mine:
                    steps.append((1, mine))
                    samples -= 1
                steps.append((samples, flat))
            made.append(InputSeries(metric(NO_SELECTOR, atom), counter_values(tuple(steps), start=Decimal(7))))
        return tuple(made)
