"""The proof of ``min_events``: below that many events no share of errors is worth a page."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from burnproof.plan.alerts import needs_coverage
from burnproof.plan.kinds.composite import weight_of
from burnproof.plan.measure import uses_hours
from burnproof.plan.proofs.checks import tier_fires, tier_silent
from burnproof.plan.proofs.standing import Scene
from burnproof.plan.proofs.tiers import GRIDS, shape_of, tell
from burnproof.plan.proofs.timeline import REPLICAS_GRAIN, Stretch, Timeline

if TYPE_CHECKING:
    from burnproof.model import Slo, Tier
    from burnproof.plan.measure import Measure
    from burnproof.plan.types import Labels


# More than a fifth below the guard would miss a guard that is off by a fifth; Prometheus 2 counts up to an eighth
# more at whole minutes (see `tiers.dilution`).
_FEW = Decimal("0.85")


def guard_scene(slo: Slo, measure: Measure, tier: Tier, group: Labels) -> Scene | None:
    """Every event fails, at first too few of them to judge; then traffic grows past the guard, and the tier fires."""
    pair = measure.pair
    if slo.min_events is None or pair is None or pair.slices:
        return None
    shape = shape_of(slo, measure, tier)
    # A number of events is no quotient: samples of the pair further apart than the lookback would lose some.
    grid = tell(shape).grid if uses_hours(pair, tier.long) else min(tell(shape).grid, GRIDS[1])
    step = 3600 if uses_hours(pair, tier.long) else 300
    window = tier.long.ms // 1000
    warm = -(-window // step) * step + (step if needs_coverage(measure, tier.long) else 0)
    sample = 60 if window > 1200 else 15
    needed = slo.min_events / weight_of(slo)
    few = _grained(needed * _FEW / window, sample)
    many = 2 * few
    if few * window >= needed:
        return None  # counters cannot rise so slowly in a test
    # few * (window - x) + 2 * few * x = N is solved for x; the recorded pair adds a tile, an hourly sum an hour.
    grown = int(needed / few - window) + 1
    fires = -(-(warm + grown + step + 300) // step) * step + step + (0 if tier.hold is None else tier.hold.ms // 1000)
    fires = -(-fires // grid) * grid
    before = (warm + grown - step - 300) // grid * grid
    checks = [tier_silent(slo, tier, warm), tier_fires(slo, tier, fires, (group,))]
    if before > warm and not uses_hours(pair, tier.long):
        checks.append(tier_silent(slo, tier, before))
    bad = Decimal(1)
    story = Timeline((Stretch(warm, bad, few), Stretch(fires + grid - warm, bad, many)))
    title = f"{tier.long}: fewer than {slo.min_events} events are no verdict"
    return Scene(title, story, grid, sample, tuple(checks), alike=False)


def _grained(rate: Decimal, sample: int) -> Decimal:
    """Round events per second down so that what each of two replicas rises by in a sample is exact."""
    grains = (rate * sample * REPLICAS_GRAIN).to_integral_value(ROUND_FLOOR)
    return max(grains, Decimal(1)) / REPLICAS_GRAIN / sample
