"""The proof of ``min_events``: below that many events no share of errors is worth a page."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.plan.kinds.composite import weight_of
from burnproof.plan.measure import HOUR, uses_hours
from burnproof.plan.proofs.checks import tier_fires, tier_silent
from burnproof.plan.proofs.standing import Scene
from burnproof.plan.proofs.tiers import GRIDS, shape_of, tell
from burnproof.plan.proofs.timeline import REPLICAS_GRAIN, Stretch, Timeline, round_up

if TYPE_CHECKING:
    from burnproof.model import Slo, Tier
    from burnproof.plan.measure import Measure
    from burnproof.plan.proofs.tiers import Shape
    from burnproof.plan.types import Labels


# Of min_events, in the order in which they happen. The first are good, and those of a window that is over. Of the
# second and third a guard that is off by a fifth would make a verdict, and of all but the first it would not.
_BEFORE, _EARLY, _FEW, _MORE, _LATER = (Decimal(part) for part in ("0.4", "0.5", "0.35", "0.22", "0.03"))
_BAD = Decimal(1)
_TILE = 300
_SLOWEST = Decimal(1) / REPLICAS_GRAIN / 60  # events per second that a counter of two replicas can have
_GRAINS = 4  # per sample of a burst; a counter that rises by less is not to be had in a test


def guard_scene(slo: Slo, measure: Measure, tier: Tier, group: Labels) -> Scene | None:
    """After much traffic every event fails, at first too few of them to judge; a few more, and the tier fires."""
    pair = measure.pair
    if slo.min_events is None or pair is None or pair.slices:
        return None
    shape = shape_of(slo, measure, tier)
    hours = uses_hours(pair, tier.long)
    # A number of events is no quotient: samples of the pair further apart than the lookback would lose some.
    grid = tell(shape).grid if hours else min(tell(shape).grid, GRIDS[1])
    step = HOUR.ms // 1000 if hours else _TILE
    sample = 60 if shape.long > 1200 else 15
    least = slo.min_events / weight_of(slo)
    # A window of no whole number of tiles takes the mean of those it has, so a burst weighs now more and now less.
    told = _in_bursts(least, shape, step, grid) if hours or shape.long % _TILE == 0 else None
    if told is None:
        grid = GRIDS[0]
        told = _steadily(least, shape, grid)
    story, quiet, fires = told
    if any(0 < (stretch.rate or 0) * sample * REPLICAS_GRAIN < _GRAINS for stretch in story.stretches[:-1]):
        return None
    checks = (tier_silent(slo, tier, quiet), tier_fires(slo, tier, fires, (group,)))
    title = f"{tier.long}: fewer than {slo.min_events} events are no verdict"
    return Scene(title, story, grid, sample, checks, alike=False)


def _in_bursts(least: Decimal, shape: Shape, step: int, grid: int) -> tuple[Timeline, int, int] | None:
    """Let whole steps of the window have all the events; give the story, and the times of silence and of the alert.

    Nothing happens in between, so closed and left-open windows count the same. A window of twice the length would
    still see what was long ago, one of half would have forgotten what was not. None where the window is too short.
    """
    held = round_up(shape.hold, grid)
    later = min(round_up(shape.long * 0.6, step), (shape.long - held - 1) // step * step - step)
    if later < 2 * step:
        return None
    story = Timeline(
        (_rest(step), _burst(least * _BEFORE, step, Decimal(0)), _rest(round_up(shape.long, step) - later))
    )
    story = story.then(_burst(least * _EARLY, step), _rest(later - step), _burst(least * _FEW, step))
    quiet = story.end
    story = story.then(_burst(least * _MORE, step))
    fires = story.end + held
    return story.then(_burst(least * _LATER, fires + grid - story.end)), quiet, fires


def _steadily(least: Decimal, shape: Shape, grid: int) -> tuple[Timeline, int, int]:
    """Let a window of few steps have too few events, and then enough, spread over all of it.

    It is looked at one evaluation after its last step, when closed and left-open windows hold the same ones.
    """
    window, few = shape.long, least * (_EARLY + _FEW)
    story = Timeline((_of_window(least * _BEFORE, window, window + _TILE, Decimal(0)),))
    story = story.then(_of_window(few, window, window + _TILE + grid))
    quiet = story.end
    fires = quiet + window + 2 * _TILE + round_up(shape.hold, _TILE)
    return story.then(_of_window(few + least * _MORE, window, fires + grid - quiet)), quiet, fires


def _rest(seconds: int) -> Stretch:
    return Stretch(seconds, rate=Decimal(0))


def _burst(events: Decimal, seconds: int, share: Decimal = _BAD) -> Stretch:
    return _of_window(events, seconds, seconds, share)


def _of_window(events: Decimal, window: int, seconds: int, share: Decimal = _BAD) -> Stretch:
    """Let events come at the rate that makes so many in a window."""
    return Stretch(seconds, share, max(events / window, _SLOWEST).quantize(Decimal("0.000001")))
