"""Predict by arithmetic whether a tier fires at each evaluation of a proof, or that it is uncertain.

A story is evaluated as the alert is written: the long window and the last known ratio of the short one above the
threshold, events enough, the window covered, then `for` and `keep_firing_for`. That is done for ranges that are open
on the left and for closed ones, and for a threshold a little lower and a little higher than it is. Where all agree, a
proof may say so; elsewhere floats, or the version of Prometheus, would decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from burnproof.model.policies import BUILT_IN, DEFAULT
from burnproof.model.slo import Compare, Ratio
from burnproof.proofs import tolerances
from burnproof.proofs.series.queries import has_gauge, judges_at_once
from burnproof.proofs.views import View, is_raw, reach, seen
from burnproof.rules.alerting import known_for, threshold
from burnproof.rules.coverage import covered_after, needs_coverage
from burnproof.rules.kinds.composite import weight_of
from burnproof.rules.query_terms import COUNTERS, terms_of

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.slo import Slo, Tier
    from burnproof.proofs.timeline import Timeline
    from burnproof.proofs.views import Counts, Events
    from burnproof.rules.measure import Measure


@dataclass(frozen=True, slots=True)
class Shape:
    """All that a tier's alert depends on; equal shapes, equal stories. Lengths are in seconds.

    Attributes:
        threshold: the error ratio above which it fires.
        known: for how long the last ratio of the shorter window stands for one that has no events.
        covered: the age of the rules from which it may fire, 0 where it waits for nothing.
        least: the events that the long window must hold, 0 where any number will do.
        rests: whether traffic can cease while the series stay.
        unseen: for how long no slice is judged, because that is done later than they end.
        compared: the time between two scrapes where sides are compared, which fewer samples would blur; else 0.
        idle: whether a raw window without events has a ratio of 0, and not none.
        fine: the length of the tiles with which windows of hours end, 0 where these have none.
    """

    threshold: Decimal
    long: int
    short: int | None
    hold: int
    keep: int
    known: int
    covered: int
    least: float
    scrape: int
    base: int
    slice: int
    tile: int
    rests: bool
    unseen: int
    compared: int
    idle: bool
    fine: int

    def view(self, grid: int, sample: int) -> View:
        """Give how its windows are read on a grid."""
        return View(self.scrape, sample, grid, self.base, self.slice > 0, self.tile, self.unseen, self.fine)


def shape_of(slo: Slo, measure: Measure, tier: Tier | None = None) -> Shape:
    """Reduce a tier to what matters for its story: unless given the first, or that of the default policy."""
    if tier is None:
        tier = next(iter(slo.policy.tiers or BUILT_IN[DEFAULT].tiers))
    pair = measure.pair
    slices = pair is not None and pair.slices
    base = 0 if pair is None else pair.base.ms // 1000
    counters = counts_counters(slo)
    guarded = slo.min_events is not None and pair is not None and not slices
    return Shape(
        threshold=threshold(slo, tier),
        long=tier.long.ms // 1000,
        short=None if tier.short is None else tier.short.ms // 1000,
        hold=0 if tier.hold is None else tier.hold.ms // 1000,
        keep=0 if tier.keep_firing is None else tier.keep_firing.ms // 1000,
        known=known_for(tier.short or tier.long).ms // 1000,
        covered=covered_after(tier.long).ms // 1000 if needs_coverage(measure, tier.long) else 0,
        least=float((slo.min_events or 0) / weight_of(slo)) if guarded else 0.0,
        scrape=slo.scrape.ms // 1000 if counters and not judges_at_once(slo) else 0,
        base=base,
        slice=base if slices else 0,
        tile=pair.long.ms // 1000 if pair is not None and pair.long is not None else 0,
        rests=pair is not None and not slices and counters and not has_gauge(slo),
        unseen=unseen(slo),
        compared=slo.scrape.ms // 1000 if any(isinstance(part.indicator, Compare) for part in slo.parts) else 0,
        idle=pair is not None and not slices and slo.no_traffic == "good",
        fine=pair.fine.ms // 1000 if pair is not None and pair.fine is not None else 0,
    )


def unseen(slo: Slo) -> int:
    """Give the seconds by which slices are judged after their end."""
    return slo.indicator.judged_after(slo.scrape).ms // 1000


def counts_counters(slo: Slo) -> bool:
    """Tell whether an events SLI counts with counters, and not the samples of a gauge."""
    ratios = [part.indicator for part in slo.parts if isinstance(part.indicator, Ratio)]
    return all(term.func in COUNTERS for ratio in ratios for term in terms_of(ratio.total) or ())


def counts_per_second(slo: Slo) -> bool:
    """Tell whether an events SLI is read as events per second, and not as their number in a window."""
    ratios = [part.indicator for part in slo.parts if isinstance(part.indicator, Ratio)]
    return all(term.func == "rate" for ratio in ratios for term in terms_of(ratio.total) or ())


@lru_cache(maxsize=8192)
def predict(shape: Shape, view: View, timeline: Timeline) -> tuple[bool | None, ...]:
    """Give for each evaluation, from time 0 on, whether the alert fires; None where it is uncertain."""
    margin = tolerances.FLOAT if shape.slice else tolerances.MARGIN_OF_THRESHOLD
    runs = [
        _run(shape, view, timeline, float(shape.threshold) * factor, closed=closed)
        for closed in (False, True)
        for factor in (1 - margin, 1 + margin)
    ]
    return tuple(states[0] if len(set(states)) == 1 else None for states in zip(*runs, strict=True))


def changes(states: tuple[bool | None, ...], grid: int, slack: int = 0) -> tuple[tuple[int, bool], ...]:
    """Give the evaluations around each change of what is certain, and the last one, as (seconds, firing).

    With ``slack``, so many evaluations before and after one must say the same.
    """
    sure = [
        (number * grid, state)
        for number, state in enumerate(states)
        if state is not None and set(states[max(0, number - slack) : number + slack + 1]) == {state}
    ]
    chosen: dict[int, bool] = {}
    for (before, old), (after, new) in pairwise(sure):
        if old != new:
            chosen |= {before: old, after: new}
    return tuple(sorted((chosen | dict(sure[-1:])).items()))


def _run(shape: Shape, view: View, timeline: Timeline, level: float, *, closed: bool) -> list[bool]:
    """Evaluate the alert at every step, with one way to close ranges and one threshold."""
    story = seen(view, timeline)
    long = story.window(shape.long, closed=closed)
    last = long if shape.short is None else story.window(shape.short, closed=closed)
    with np.errstate(invalid="ignore", divide="ignore"):
        over = np.where(long.total > 0, long.bad / long.total, -1.0) > level
        nothing = 0.0 if shape.idle and is_raw(view, shape.short or shape.long) else -1.0
        ratio = np.where(last.total > 0, last.bad / last.total, nothing)
    enough = _events(shape, view, long, closed=closed) >= shape.least
    states: list[bool] = []
    known, known_at = -1.0, -(10**12)
    since: int | None = None  # the condition holds without a break since then
    lost: int | None = None  # it fires, and the condition is gone since then
    firing = False
    for number, time in enumerate(range(0, timeline.end + 1, view.grid)):
        if ratio[number] >= 0:
            known, known_at = ratio[number], time
        remembered = known > level and time - known_at < shape.known + closed
        if remembered and (over[number] or shape.short is None) and enough[number] and time >= shape.covered:
            since = time if since is None else since
            lost = None
            firing = firing or time - since >= shape.hold
        else:
            since = None
            if firing:
                lost = time if lost is None else lost
                firing = time - lost < shape.keep
        states.append(firing)
    return states


def _events(shape: Shape, view: View, long: Events, *, closed: bool) -> Counts:
    """Give the number of events that the long window is taken to hold."""
    if not (closed and shape.scrape and is_raw(view, shape.long)):
        return long.total
    # A closed range holds one scrape more, and what it holds is taken for the window.
    return long.total * (shape.long / reach(view, shape.long)[1])
