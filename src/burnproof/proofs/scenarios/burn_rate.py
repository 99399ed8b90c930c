"""Prove one tier: silent just below its threshold, firing just above, resolved when predicted.

Where traffic can rest, it rests until the window is covered, so that both windows see just what follows:

1. events of which a hundredth less than the threshold are bad (silent), and then so many more that it is a hundredth
   more (firing): a factor off by 2 % is noticed;
2. an outage, after which the long window remembers while the short one forgets (reset), then sees a hundredth less than
   the threshold (silent) and a hundredth more (firing);
3. no events at all: the alert goes on for as long as the last ratio stands for the short window.

Where idle time counts as good, a window that rests is good again: there, events go on until `for` is over.

Slices and gauges cannot rest. There, good ones fill the window; then bad ones come, one after the other, until it
fires.

What is checked is not typed in: it is each evaluation before and after the alert changes, as ``predict`` says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from burnproof.proofs import tolerances
from burnproof.proofs.assertions import tier_fires, tier_silent
from burnproof.proofs.prediction import Shape, changes, predict, shape_of
from burnproof.proofs.scene import GRIDS, Case, Scene
from burnproof.proofs.timeline import EVENTS_PER_SECOND, Stretch, Timeline, round_up
from burnproof.rules.measure import DAY, GRACE, RAW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.proofs.views import View

_TILE = 300
_MOST_CHECKS = 16
_BAD = Decimal(1)


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of each tier of a budget that is a share."""
    if case.measure.breaks_at:
        return
    slo = case.slo
    for number, tier in enumerate(slo.policy.tiers):
        story = tell(shape_of(slo, case.measure, tier))
        checks = [tier_silent(slo, tier, time) for time in story.silent]
        checks += [tier_fires(slo, tier, time, (case.group,)) for time in story.firing]
        title = f"{tier.long}: silent just below {tier.factor}x, fires just above, resets"
        # The names that rules record under are the same for all tiers: one scene with other SLOs' series is enough.
        last = tier.long == max(one.long for one in slo.policy.tiers)
        scene = Scene(title, story.timeline, story.grid, story.sample, tuple(checks), decoys=last, near=True)
        yield replace(scene, alike=False, tier=number)


@dataclass(frozen=True, slots=True)
class Story:
    """A tier's timeline on its grid, and the times at which arithmetic is sure of its state."""

    timeline: Timeline
    grid: int
    sample: int
    silent: tuple[int, ...]
    firing: tuple[int, ...]


@lru_cache(maxsize=4096)
def tell(shape: Shape, grid: int | None = None) -> Story:
    """Write the story of a tier, on the coarsest grid that tells its windows apart or on a given one."""
    grid = grid or grid_of(shape)
    sample = sample_of(shape, grid)
    view = shape.view(grid, sample)
    timeline = _resting(shape, view) if shape.rests else _busy(shape, view)
    return story_of(shape, view, timeline)


def story_of(shape: Shape, view: View, timeline: Timeline) -> Story:
    """Find what to check: the evaluations around each change, and the last one."""
    found = changes(predict(shape, view, timeline), view.grid)[:_MOST_CHECKS]
    silent = tuple(time for time, state in found if not state)
    return Story(timeline, view.grid, view.sample, silent, tuple(time for time, state in found if state))


def _resting(shape: Shape, view: View) -> Timeline:
    """Tell the story of events that can rest."""
    grid, limit = view.grid, shape.threshold
    unit = round_up(max(2 * view.sample, _TILE if shape.long > RAW.ms // 1000 else 0), grid)
    sides = tolerances.THRESHOLD
    low = limit * sides.less
    high = (limit + min(limit * (2 * sides.more - 1), Decimal(1))) / 2  # between the threshold and 2 % more, below 1
    parts = next(number for number in (1, 2, 4, 8, 16, 32) if ((1 + number) * high - low) / number <= 1)
    share = min(_BAD, _digits(((1 + parts) * high - low) / parts))
    rate = _rate(shape, unit)
    seen = settle(shape, grid)
    timeline = Timeline(
        (
            Stretch(round_up(shape.covered, grid) + 2 * grid, rate=Decimal(0)),
            Stretch(unit, _digits(low), rate),
            Stretch(seen, rate=Decimal(0)),
            Stretch(parts * unit, share, rate),
            Stretch(round_up(seen + shape.hold, grid), _digits(high), rate if shape.idle else Decimal(0)),
        )
    )
    if shape.short is not None:
        timeline = _short_alone(shape, view, timeline, rate, (low, high))
    return timeline.then(
        Stretch(round_up(shape.known + shape.keep + (shape.short or shape.long), grid) + 2 * grid, rate=Decimal(0))
    )


def _short_alone(
    shape: Shape, view: View, timeline: Timeline, rate: Decimal, around: tuple[Decimal, Decimal]
) -> Timeline:
    """While the long window remembers an outage, hold the short one just below the threshold, then just above it."""
    grid, low, high = view.grid, *around
    length = round_up((shape.short or 0) + view.sample, grid) + grid
    told = timeline.then(
        Stretch(2 * grid, _BAD, rate), Stretch(length + round_up(shape.keep, grid), _digits(low), rate)
    )
    held = told.then(Stretch(length + round_up(shape.hold, grid), _digits(high), rate))
    states = predict(shape, view, held)
    return held if states[told.end // grid] is False and states[-1] is True else timeline


def _busy(shape: Shape, view: View) -> Timeline:
    """Tell the story of what cannot rest: good ones, then bad ones until it fires, good ones until it resets, again."""
    grid = view.grid
    unit = round_up(max(shape.slice, grid), grid)
    warm = round_up(max(shape.long, shape.covered) + shape.tile, unit) + 2 * unit
    timeline = Timeline((Stretch(warm), Stretch(unit * max(1, int(shape.threshold * shape.long / unit) - 1), _BAD)))
    timeline = _until(shape, view, timeline, _BAD, unit, firing=True)
    timeline = _until(shape, view, timeline, Decimal(0), unit, firing=False)
    if shape.short is not None:
        timeline = _until(shape, view, timeline, _BAD, unit, firing=True)
    return timeline.then(Stretch(2 * unit))


def _until(shape: Shape, view: View, timeline: Timeline, share: Decimal, unit: int, *, firing: bool) -> Timeline:
    """Go on with a share of bad events until the alert fires for sure, or is silent for sure."""
    most = 2 * (shape.long + shape.hold + shape.keep + shape.known) // unit + 4
    # Doubling finds the number of units, halving the least one.
    low, high = 0, 1
    while high < most and predict(shape, view, timeline.then(Stretch(high * unit, share)))[-1] is not firing:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if predict(shape, view, timeline.then(Stretch(middle * unit, share)))[-1] is firing:
            high = middle
        else:
            low = middle
    return timeline.then(Stretch(high * unit, share))


def settle(shape: Shape, grid: int) -> int:
    """Give how long after an event a window may not count it in full: on a coarse grid, until its hour is closed."""
    if shape.long >= DAY.ms // 1000 and shape.tile:
        return round_up(shape.tile + GRACE.ms // 1000, grid)
    return round_up(_TILE, grid) if shape.long > RAW.ms // 1000 else 0


def _rate(shape: Shape, unit: int) -> Decimal:
    """Choose so many events per second that there are enough of them, and that the bad ones can be counted finely."""
    enough = Decimal(4 * shape.least / unit)
    return max(EVENTS_PER_SECOND, 1 / shape.threshold, enough).to_integral_value(ROUND_CEILING)


def _digits(share: Decimal) -> Decimal:
    """Keep six significant digits, for people to read."""
    return share.quantize(Decimal(1).scaleb(share.adjusted() - 5)) if share else share


def grid_of(shape: Shape) -> int:
    """Choose how often the story is evaluated: as seldom as still tells the windows apart."""
    finest = (shape.short or shape.long) / 5
    if shape.hold:
        finest = min(finest, max(shape.hold, GRIDS[0]))
    if shape.keep:
        finest = min(finest, max(shape.short or shape.long, shape.keep) / 3)
    if shape.slice:
        # A slice is bad or good, so the tolerated number of bad ones must be more than a few to tell a fifth apart.
        finest = max(min(finest, float(shape.threshold) * shape.long / 4), shape.slice)
    allowed = [
        grid
        for grid in GRIDS
        if grid <= finest
        and (not shape.slice or grid % shape.slice == 0 or shape.slice % grid == 0)
        # On a coarser grid a window of tiles sees some of them alone.
        and not (not shape.slice and RAW.ms // 1000 < shape.long < DAY.ms // 1000 and grid > shape.base)
    ]
    return max(allowed, default=GRIDS[0])


def sample_of(shape: Shape, grid: int) -> int:
    """Choose the seconds between samples: those of the scrapes, or more where a window holds enough of them."""
    if shape.compared and grid % shape.compared == 0:
        return shape.compared
    if shape.slice >= 3600:
        return 300
    least = shape.scrape or 1
    finest = min(shape.long / 20, (shape.short or shape.long) / 5, (shape.slice or 600) / 4, grid)
    multiples = (step for step in (1, 5, 10, 15, 30, 60) if step % least == 0 and step <= finest)
    # Ranges are one scrape longer than their windows, so samples that are closer than scrapes would be counted twice.
    usual = least if shape.scrape and grid % least == 0 else min(least, int(finest) or 1)
    return max(multiples, default=usual)
