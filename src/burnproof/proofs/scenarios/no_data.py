"""The series vanish: the no-data alert fires, and only that one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.slo import (
    Compare,
    Slo,
    Threshold,
)
from burnproof.proofs.assertions import (
    all_silent,
    at,
    no_data_fires,
    tier_silent,
)
from burnproof.proofs.prediction import unseen
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds, slice_seconds
from burnproof.proofs.series.decoys import anchor_decoy
from burnproof.proofs.series.value_solver import lasts
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
    round_down,
    round_up,
)
from burnproof.proofs.types import ExprCheck
from burnproof.rules.alerting import (
    NO_DATA_FOR,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.rules.measure import Measure

NO_DATA_HOLD: Final = 10 * MINUTE
assert NO_DATA_FOR == "10m"  # noqa: S101 - the arithmetic below is about this very figure


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of an SLO that asks for the alert."""
    if case.slo.no_data_alert:
        yield _no_data(case.slo, case.measure)


def _no_data(slo: Slo, measure: Measure) -> Scene:
    """The series vanish: the no-data alert fires, and only that one."""
    lag, warm = presence_lag(slo, measure), warm_up(slo)
    fires = warm + lag + NO_DATA_HOLD
    # A verdict on a comparison stands for a slice more where ranges are closed, and a composite reads it as a value.
    slack = slice_seconds(slo) if slo.parts != (slo,) and any(map(unseen, slo.parts)) else 0
    seen = round_up(fires + slack + 3 * MINUTE, 5 * MINUTE)
    story = Timeline((Stretch(warm), Stretch(lag + slack + NO_DATA_HOLD + 20 * MINUTE, rate=None)))
    checks = (
        all_silent(slo, warm),
        all_silent(slo, fires - 3 * MINUTE if lag <= 10 * MINUTE else round_down(fires - 5 * MINUTE, 5 * MINUTE)),
        no_data_fires(slo, seen),
        ExprCheck(at(seen), f'ALERTS{{{naming.ID}="decoy"}}', ()),
        *(tier_silent(slo, tier, seen) for tier in slo.policy.tiers),
    )
    grid = MINUTE if lag <= 10 * MINUTE else 5 * MINUTE
    sample = min(MINUTE, sample_seconds(slo, grid))
    return Scene(
        "vanished data raise the no-data alert alone",
        story,
        grid,
        sample,
        checks,
        others=(anchor_decoy(story, sample),),
    )


def warm_up(slo: Slo) -> int:
    """Give the seconds of data before they vanish; what is judged later than it ends is told as much earlier."""
    return max(30 * MINUTE, round_up(unseen(slo) + 15 * MINUTE, 5 * MINUTE))


def presence_lag(slo: Slo, measure: Measure) -> int:
    """Give the seconds for which the presence series outlives its input."""
    if measure.presence == naming.TOTAL:
        return 5 * MINUTE
    if measure.presence in (naming.SLICE_VALUE, naming.SLICE_RIGHT):
        # What is judged late is told as much earlier.
        length = slice_seconds(slo)
        return max(_lasts(part, length) - unseen(part) for part in slo.parts)
    return 0


def _lasts(slo: Slo, length: int) -> int:
    """Give the seconds for which the value that slices of a length are judged by outlives its input."""
    match slo.indicator:
        case Threshold(value=value, slice=own):
            return lasts(value, own)
        case Compare() as indicator:
            return indicator.judged_over(slo.scrape).ms // 1000
        case _:  # members of a composite that count events are counted over its slices
            return length
