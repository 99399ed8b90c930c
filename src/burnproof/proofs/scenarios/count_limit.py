"""A count: one event short of the limit is silent, the one that reaches it fires, and in time it resolves."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.slo import (
    Count,
    Slo,
    Tier,
)
from burnproof.proofs.assertions import (
    at,
    is_near,
    tier_fires,
    tier_silent,
)
from burnproof.proofs.scene import GRIDS, Case, Scene
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
)
from burnproof.proofs.types import ExprCheck
from burnproof.rules.alerting import (
    threshold,
)
from burnproof.rules.kinds.count import allowed
from burnproof.rules.periods import period
from burnproof.rules.recording import info_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.rules.types import Labels

_DAY: Final = 86_400
_MOST_SAMPLES: Final = 4000  # in one window; promtool gives up at 10,000 a query


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of each tier of a count."""
    if isinstance(case.slo.indicator, Count):
        for number, tier in enumerate(case.slo.policy.tiers):
            yield replace(_limit(case.slo, case.slo.indicator, tier, case.groups), tier=number)


def _needed(slo: Slo, indicator: Count, tier: Tier) -> int:
    """Give the count that makes a tier fire: factor x its window's share of the limit, rounded up."""
    return max(1, int((threshold(slo, tier) * allowed(indicator, tier.long)).to_integral_value(ROUND_CEILING)))


def _limit(slo: Slo, indicator: Count, tier: Tier, groups: tuple[Labels, ...]) -> Scene:
    """Count up to one short of the limit, then to it, then wait for the window to forget."""
    count = _needed(slo, indicator, tier)
    window = tier.long.ms // 1000
    grid = max((step for step in GRIDS if step * 12 <= window and (step <= 300 or window > _DAY)), default=GRIDS[0])
    sample = next(step for step in (min(60, grid), 300, 900, 1800, 3600) if window / step < _MOST_SAMPLES)
    below, more = count - 1, 1
    hold = 0 if tier.hold is None else tier.hold.ms // 1000
    keep = 0 if tier.keep_firing is None else tier.keep_firing.ms // 1000
    held = grid * -(-(hold + grid) // grid)
    story = Timeline((Stretch(2 * grid), Stretch(2 * grid, counted=Decimal(below))))
    quiet = story.end
    # Two counters take turns, so that what is told apart by nothing the selector names is still summed.
    story = story.then(Stretch(grid + held, counted=Decimal(more)))
    known = story.end
    story = story.then(Stretch(2 * grid, counted=Decimal(1)))
    more_than_known = story.end
    # One more than the limit was counted, so the window is below it when the first two or more have left.
    forgets = {0: known, 1: quiet}.get(below, 2 * grid) + window + keep
    over = -(-forgets // grid) * grid + 2 * grid
    story = story.then(Stretch(over + grid - story.end))
    checks = [tier_silent(slo, tier, quiet), tier_silent(slo, tier, over)]
    checks.append(tier_fires(slo, tier, known, (groups[0],)))
    checks.append(tier_fires(slo, tier, more_than_known, (groups[0],)))
    checks.append(ExprCheck(at(more_than_known), f'ALERTS{{{naming.ID}="decoy"}}', ()))
    still = forgets - 2 * grid
    if still > more_than_known:
        checks.append(tier_fires(slo, tier, still // grid * grid, (groups[0],)))
    if tier.long == indicator.per:
        checks += _records(slo, indicator, below + more, known, groups[0])
        checks.append(is_near(slo, naming.count_over(indicator.per), count + 1, more_than_known, groups[0]))
    title = f"{tier.long}: the limit is reached, not approached"
    return Scene(title, story, grid, sample, tuple(checks), decoys=True, alike=False)


def _records(slo: Slo, indicator: Count, count: int, end: int, group: Labels) -> list[ExprCheck]:
    spent = float(count / indicator.limit)
    return [
        is_near(slo, naming.SERIES, 2, end, group),
        is_near(slo, naming.count_over(indicator.per), count, end, group),
        is_near(slo, naming.error_ratio(indicator.per), spent, end, group),
        is_near(slo, naming.CURRENT_BURN_RATE, spent, end, group),
        is_near(slo, naming.PERIOD_BURN_RATE, spent, end, group),
        is_near(slo, naming.BUDGET_REMAINING, 1 - spent, end, group),
        is_near(slo, naming.ERROR_BUDGET, float(slo.budget), end),
        is_near(slo, naming.PERIOD_DAYS, period(slo).ms / 86_400_000, end),
        is_near(slo, naming.INFO, 1, end, labels=info_labels(slo)),
    ]
