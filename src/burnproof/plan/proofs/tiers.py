"""The proof of one tier: silent just below its threshold, firing just above, silent again when predicted.

The story: healthy for as long as the long window, then bad events that amount to a little less than what
the long window tolerates, then a little more. Both windows stand in full view of every number in the rule:

* a threshold off by a fifth fires in the first block or stays silent in the second;
* after the first block only the short window is over its threshold, so ``or`` for ``and`` would fire;
* after the second the alert resets when the short window has forgotten it, long before the long one has.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from math import ceil, floor
from typing import TYPE_CHECKING

from burnproof.plan.alerts import threshold
from burnproof.plan.coverage import needs_coverage
from burnproof.plan.measure import DAY, RAW, uses_hours
from burnproof.plan.proofs.timeline import Stretch, Timeline, round_down, round_up

if TYPE_CHECKING:
    from burnproof.model import Slo, Tier
    from burnproof.plan.measure import Measure

GRIDS = (60, 300, 900, 3600)  # seconds between evaluations that proofs may choose; each its own test file
BELOW, ABOVE = Decimal("0.9"), Decimal("1.1")  # of what the long window tolerates


@dataclass(frozen=True, slots=True)
class Shape:
    """All that a tier's story depends on; equal shapes, equal stories, whatever the SLO is called."""

    threshold: Decimal
    long: int  # seconds, as are all lengths here
    short: int | None
    hold: int
    keep: int
    base: int  # of the recorded pair
    slice: int  # 0 for events
    hours: bool  # the long window moves in whole hours
    recorded: bool  # the long window reads recorded series


@dataclass(frozen=True, slots=True)
class Story:
    """A tier's timeline on its grid, and the times at which arithmetic is sure of its state."""

    timeline: Timeline
    grid: int
    sample: int
    silent: tuple[int, ...]
    firing: tuple[int, ...]


def shape_of(slo: Slo, measure: Measure, tier: Tier) -> Shape:
    """Reduce a tier to what matters for its story."""
    pair = measure.pair
    is_slice = pair is not None and pair.slices
    return Shape(
        threshold=threshold(slo, tier),
        long=tier.long.ms // 1000,
        short=None if tier.short is None else tier.short.ms // 1000,
        hold=0 if tier.hold is None else tier.hold.ms // 1000,
        keep=0 if tier.keep_firing is None else tier.keep_firing.ms // 1000,
        base=0 if pair is None else pair.base.ms // 1000,
        slice=pair.base.ms // 1000 if pair is not None and is_slice else 0,
        hours=pair is not None and uses_hours(pair, tier.long) and needs_coverage(measure, tier.long),
        recorded=needs_coverage(measure, tier.long),
    )


@lru_cache(maxsize=4096)
def tell(shape: Shape) -> Story:
    """Write the story of a tier."""
    grid = grid_of(shape)
    step = round_up(3600, unit_of(shape, grid)) if shape.hours else unit_of(shape, grid)
    warm = round_up(shape.long, step) + (step if shape.recorded else 0)
    timeline, quiet, begins, known = _badly(shape, grid, warm)
    silent = [warm, quiet]
    if shape.hold:
        # At `begins` the condition does not hold yet, so `for` is not over after its length from there; a window that
        # moves in hours does not see it before the next one begins.
        moves = round_up(begins + 1, 3600) - grid if shape.hours else begins
        silent.append(round_down(moves + shape.hold, grid))
        timeline = _on_hold(shape, grid, warm, timeline, known)
        known = timeline.end
    return _ending(shape, grid, _until(timeline, known), silent, known)


def long_ratio(shape: Shape, story: Story) -> tuple[float, float] | None:
    """Give the least and the most that the long window reads between the bad stretches, a tenth allowed for the grid.

    None where the short one may read the same.
    """
    quiet = story.silent[1]
    if shape.short is None:
        return None
    long, short = (story.timeline.mean(quiet - window, quiet) for window in (shape.long, shape.short))
    allowed = float(dilution(shape)) * 1.1  # the bad hours, or all others, may stand where closed windows overlap
    return (long / allowed, long * allowed) if short > 1.3 * allowed * long else None


def _badly(shape: Shape, grid: int, warm: int) -> tuple[Timeline, int, int, int]:
    """Let two bad stretches follow a healthy one; give the story, and when it is judged, goes on, is judged again."""
    for short_too in (False, True):
        first, second = blocks(shape, grid, short_too=short_too)
        # An hourly rate does not see what happens between the last sample of the hour before and the first of its own.
        apart = Stretch(grid if shape.hours and not shape.slice else 0)
        timeline = Timeline((Stretch(warm), apart, first))
        quiet = settled(shape, grid, timeline.end)
        timeline = _until(timeline, quiet).then(apart, second)
        begins, known = timeline.end - second.seconds, settled(shape, grid, timeline.end)
        if _exceeds(shape, grid, timeline, known):
            break
    while not _exceeds(shape, grid, timeline, known):
        # Close to 1 there is no room above the threshold but for an outage that goes on.
        step = 3600 if shape.hours else unit_of(shape, grid)
        timeline = timeline.then(Stretch(step - timeline.end % step, share=Decimal(1)))
        known = timeline.end
    return timeline, quiet, begins, known


def _exceeds(shape: Shape, grid: int, timeline: Timeline, at: int) -> bool:
    """Tell whether both windows are above the threshold, also where they reach back a step further than they say."""
    whole = _until(timeline, at)
    level = float(shape.threshold)
    enough = level if shape.slice else min(level * 1.02, (1 + level) / 2)
    spans = {span for window in (shape.long, shape.short or shape.long) for span in _spans(shape, grid, window)}
    return all(whole.mean(at - span, at) > enough for span in spans)


def _spans(shape: Shape, grid: int, window: int) -> tuple[int, ...]:
    """Give how far back a window sees: of what was recorded whole steps, of which a closed window has one more."""
    if window <= RAW.ms // 1000 and not shape.slice:
        return (window,)
    step = 3600 if window >= DAY.ms // 1000 else unit_of(shape, grid)
    # A verdict on a grid coarser than its slices is still read for some slices after the next one.
    after = step if 0 < shape.slice < grid else 0
    return round_up(window, step) + after, round_down(window, step) + step


def settled(shape: Shape, grid: int, end: int) -> int:
    """Give the first evaluation at which all that happened up to ``end`` has full weight in the long window."""
    if shape.hours:
        # On a grid of an hour, hourly sums of verdicts see a sample for another five minutes of the next hour.
        return round_up(end, 3600) + (3600 if grid == 3600 and 0 < shape.slice < 3600 else 0)
    # A recorded verdict is read once a slice, but stands for a whole step of a coarser grid.
    return round_up(end, unit_of(shape, grid)) + (grid if shape.slice and shape.slice < grid else 0)


def _on_hold(shape: Shape, grid: int, warm: int, timeline: Timeline, known: int) -> Timeline:
    """Keep the condition until `for` is over: by itself while the window remembers all, by going on otherwise."""
    unit = unit_of(shape, grid)
    seconds = round_up(known - timeline.end + shape.hold, unit) + unit
    if shape.short is None and timeline.end + seconds - warm < shape.long:
        return timeline.then(Stretch(seconds))
    sure = Decimal(1) if shape.slice else min(shape.threshold * _above(shape), (1 + shape.threshold) / 2)
    held = timeline.then(Stretch(seconds, share=sure))
    # A little above is not enough where the bad stretches before were worse, and leave the window one after the other.
    lasts = all(_exceeds(shape, grid, held, time) for time in range(round_up(known, unit), held.end + 1, unit))
    return held if lasts else timeline.then(Stretch(seconds, share=Decimal(1)))


def _ending(shape: Shape, grid: int, timeline: Timeline, silent: list[int], known: int) -> Story:
    """Let it pass: the alert resets when the shorter window has fallen to the threshold."""
    window = shape.short or shape.long
    healed = timeline.then(Stretch(2 * window + shape.long))
    resets = healed.falls_below(window, float(shape.threshold), known) + shape.keep
    lag = grid + (unit_of(shape, grid) if shape.slice else 60)
    lag += 300 if not shape.slice and (shape.recorded or window > 3600) else 0
    lag += 3600 if window >= DAY.ms // 1000 and shape.slice < 3600 else 0
    firing = [known]
    still, over = round_down(floor(resets - lag), grid), round_up(ceil(resets + lag), grid)
    if still > known:
        firing.append(still)
    silent.append(over)
    timeline = _until(timeline, over)
    if shape.short is not None:
        alone = _short_slices if shape.slice else _short_alone
        timeline = alone(shape, grid, timeline, silent, firing)
    return Story(timeline.then(Stretch(grid)), grid, sample_of(shape, grid), tuple(silent), tuple(firing))


def _short_alone(shape: Shape, grid: int, timeline: Timeline, silent: list[int], firing: list[int]) -> Timeline:
    """While the long window still remembers, hold the short one just below the threshold, then just above it."""
    length = round_up((shape.short or 0) + (300 if shape.recorded else 60), unit_of(shape, grid))
    above = min(shape.threshold * ABOVE, (1 + shape.threshold) / 2)
    below = timeline.then(Stretch(length, share=shape.threshold * BELOW))
    held = below.then(Stretch(length + round_up(shape.hold, grid), share=above))
    if not _remembers(shape, grid, held, below.end):
        return timeline
    silent.append(below.end)
    firing.append(held.end)
    return held


def _remembers(shape: Shape, grid: int, timeline: Timeline, since: int) -> bool:
    """Tell whether the long window stays above its threshold from a time to the end."""
    enough = float(shape.threshold) * 1.02 * float(dilution(shape))
    times = range(since, timeline.end + 1, unit_of(shape, grid))
    return all(timeline.mean(time - shape.long, time) >= enough for time in (*times, timeline.end))


def _short_slices(shape: Shape, grid: int, timeline: Timeline, silent: list[int], firing: list[int]) -> Timeline:
    """While the long window remembers, let the short one have as many bad slices as it tolerates, then too many."""
    unit, short = unit_of(shape, grid), shape.short or 0
    # What was bad before has left the short window for good.
    start = round_up(max(timeline.end, timeline.last_bad() + short + unit), unit)
    below = floor(shape.threshold * (short // unit))
    above = max(below + 1, floor(shape.threshold * (ceil(short / unit) + 1)) + 1)
    lag = unit if shape.slice < grid else 0
    quiet = _until(timeline, start).then(Stretch(below * unit, share=Decimal(1)))
    held = quiet.then(Stretch((above - below) * unit + round_up(shape.hold, unit), share=Decimal(1)))
    held = _until(held, held.end + lag)
    if lag or not _remembers(shape, grid, held, quiet.end):
        return timeline
    silent.append(quiet.end)
    # When all but one bad slice too many have left, a threshold that is a little higher is no longer exceeded.
    whole = ceil(short / unit)
    fading = held.then(Stretch(max(0, whole - floor(shape.threshold * whole) - 1) * unit))
    if _remembers(shape, grid, fading, quiet.end):
        held = fading
    firing.append(held.end)
    return held


def grid_of(shape: Shape) -> int:
    """Choose how often the story is evaluated: as seldom as still tells the windows apart."""
    finest = (shape.short or shape.long) / 5
    if shape.hold:
        finest = min(finest, max(shape.hold, GRIDS[0]))
    if shape.slice:
        # A slice is bad or good, so the tolerated number of bad ones must be more than a few to tell a fifth apart.
        finest = max(min(finest, float(shape.threshold) * shape.long / 4), shape.slice)
    allowed = [
        grid
        for grid in GRIDS
        if grid <= finest
        and (not shape.slice or grid % shape.slice == 0 or shape.slice % grid == 0)
        # On quarters of an hour, the verdicts that end one weigh more than the rest in an hourly sum.
        and not (shape.hours and shape.slice and grid == 900)
        # A window of tiles sees each sample of a coarser grid once in Prometheus 3, and once more in Prometheus 2.
        and not (shape.recorded and not shape.hours and not shape.slice and grid > shape.base)
    ]
    return max(allowed, default=GRIDS[0])


def unit_of(shape: Shape, grid: int) -> int:
    """Give the step in which a window moves on a grid: whole slices, or whole tiles of the recorded pair."""
    return max(shape.base if (shape.recorded and shape.base < 3600) or shape.slice else 0, grid)


def sample_of(shape: Shape, grid: int) -> int:
    """Choose the seconds between samples: a window of few samples reads too high, by one scrape of what it lacks."""
    if shape.slice >= 3600:
        return 300
    finest = min(shape.long / 20, (shape.short or shape.long) / 5, (shape.slice or 600) / 4, grid)
    return max((step for step in (1, 5, 10, 15, 30, 60) if step <= finest), default=1)


def blocks(shape: Shape, grid: int, *, short_too: bool) -> tuple[Stretch, Stretch]:
    """Give two bad stretches: with the first the long window is just below its threshold, with both just above.

    Where the short window is so short that it no longer sees the first, the second must break it alone.
    """
    diluted = dilution(shape)
    if shape.slice:
        unit = unit_of(shape, grid)
        # A window of no whole number of units holds one of them in part, or not at all.
        below = floor(shape.threshold * (shape.long // unit))
        above = max(below + 1, floor(shape.threshold * ceil(shape.long / unit) * diluted) + 1)
        return Stretch(below * unit, share=Decimal(1)), Stretch((above - below) * unit, share=Decimal(1))
    amount = shape.threshold * shape.long
    # No more than the window holds, where the threshold is close to 1.
    above_factor = min(_above(shape), (1 + 1 / shape.threshold) / 2)
    last = amount * (above_factor - BELOW)
    if short_too:
        last = min(amount, max(last, shape.threshold * (shape.short or 0) * Decimal("1.2")))
    unit = unit_of(shape, grid)
    return _block(amount * above_factor - last, unit), _block(last, unit)


def _above(shape: Shape) -> Decimal:
    """Give the factor on the threshold that is just above it for Prometheus 2 and 3 alike."""
    return max(ABOVE, dilution(shape) * Decimal("1.04"))


def dilution(shape: Shape) -> Decimal:
    """Give how much more a closed window (Prometheus 2) holds than a left-open one when all times are aligned.

    A proof is evaluated at whole minutes, where a subquery of Prometheus 2 sees one point more than of
    Prometheus 3: the bad events must be enough for both. In service, evaluations fall between the points.
    """
    if not shape.recorded:
        return Decimal(1)
    if shape.hours:
        within = Decimal(min(shape.slice, 3600)) / 3600
        return (1 + within) * (1 + Decimal(3600) / shape.long)
    return 1 + Decimal(max(shape.base, shape.slice)) / shape.long


def _block(amount: Decimal, unit: int) -> Stretch:
    """Spread an amount of wholly bad seconds over the fewest steps of the window.

    Whole steps, because a rate loses what happens between the windows of two steps, and makes up for it by
    extrapolating the rest.
    """
    seconds = max(1, int((amount / unit).to_integral_value(ROUND_CEILING))) * unit
    return Stretch(seconds, share=(amount / seconds).quantize(Decimal("0.000001")))


def _until(timeline: Timeline, end: int) -> Timeline:
    rest = end - timeline.end
    return timeline.then(Stretch(rest)) if rest > 0 else timeline
