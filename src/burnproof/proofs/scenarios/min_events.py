"""Prove ``min_events``: below that many events no alert fires."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.proofs import tolerances
from burnproof.proofs.assertions import tier_fires, tier_silent
from burnproof.proofs.prediction import changes, predict, shape_of
from burnproof.proofs.scenarios.burn_rate import grid_of, sample_of, settle
from burnproof.proofs.scene import Case, Scene
from burnproof.proofs.timeline import REPLICAS_GRAIN, Stretch, Timeline, round_up
from burnproof.rules.measure import RAW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo, Tier
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_BEFORE: Final = Decimal("0.5")  # of min_events: good ones, which the window has forgotten when the bad ones come
_MORE: Final = tolerances.GUARD.more - tolerances.GUARD.less


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of each tier that has such a guard."""
    for number, tier in enumerate(case.slo.policy.tiers):
        found = None if case.measure.breaks_at else _guarded(case.slo, case.measure, tier, case.group)
        if found is not None:
            yield replace(found, tier=number)


def _guarded(slo: Slo, measure: Measure, tier: Tier, group: Labels) -> Scene | None:
    """Every event fails, at first too few of them to judge; a few more, and the tier fires.

    None where the SLO has no such guard, where traffic cannot rest, or where so few events cannot be told in a test.
    """
    shape = shape_of(slo, measure, tier)
    if not shape.least or not shape.rests:
        return None
    grid = grid_of(shape)
    sample = sample_of(shape, grid)
    unit = round_up(max(sample, shape.base if shape.long > RAW.ms // 1000 else 0), grid)
    least = Decimal(str(shape.least))
    if least * _MORE / unit * sample * REPLICAS_GRAIN < tolerances.FEWEST_PER_SAMPLE:
        return None
    rest = _rest(settle(shape, grid))
    forgotten = round_up(max(shape.long, shape.covered) + shape.tile, grid) + 2 * grid
    held = round_up(shape.hold, grid) + grid
    story = Timeline(
        (
            _rest(grid),
            _burst(least * _BEFORE, unit, Decimal(0)),
            _rest(forgotten),
            _burst(least * tolerances.GUARD.less, unit),
            rest,
            _burst(least * _MORE, unit),
            rest,
            # Where idle time counts as good, only more events can hold it until `for` is over.
            _burst(2 * least * held / shape.long if shape.idle else Decimal(0), held),
        )
    )
    checks = tuple(
        tier_fires(slo, tier, time, (group,)) if fires else tier_silent(slo, tier, time)
        for time, fires in changes(predict(shape, shape.view(grid, sample), story), grid)
    )
    title = f"{tier.long}: fewer than {slo.min_events} events are no verdict"
    return Scene(title, story, grid, sample, checks, alike=False)


def _rest(seconds: int) -> Stretch:
    return Stretch(seconds, rate=Decimal(0))


def _burst(events: Decimal, seconds: int, share: Decimal = Decimal(1)) -> Stretch:
    return Stretch(seconds, share, (events / seconds).quantize(Decimal("0.00000001")))
