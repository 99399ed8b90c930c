"""Prove a count: silent one event below the limit, firing at it, resolved when old events leave."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.proofs.assertions import all_silent, at, is_near, tier_fires, tier_silent
from burnproof.proofs.scenarios.burn_rate import GRIDS
from burnproof.proofs.scenarios.outage import Scene
from burnproof.proofs.series.counters import instance
from burnproof.proofs.series.example_labels import example, metric
from burnproof.proofs.series.replicas import paired
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.proofs.types import ExprCheck, InputSeries
from burnproof.rules import selectors
from burnproof.rules.alerting import threshold
from burnproof.rules.kinds.count import allowed
from burnproof.rules.periods import budget, period
from burnproof.rules.recording import info_labels
from promrules.syntax.labels import matches
from promrules.syntax.nodes import VectorSelector

if TYPE_CHECKING:
    from burnproof.model.slo import Count, Slo, Tier
    from burnproof.rules.types import Labels

_DAY = 86_400
_TOLD = 600  # seconds of the story of short-lived series
_REST = 10  # samples in which they stay away, or at rest
_PODS = 5
_AFTER_RESET = 3  # two before it and one after
_MOST_SAMPLES = 4000  # in one window; promtool gives up at 10,000 a query


def needed(slo: Slo, indicator: Count, tier: Tier) -> int:
    """Give the count that makes a tier fire: factor x its window's share of the limit, rounded up."""
    return max(1, int((threshold(slo, tier) * allowed(indicator, tier.long)).to_integral_value(ROUND_CEILING)))


def tier_scene(slo: Slo, indicator: Count, tier: Tier, groups: tuple[Labels, ...]) -> Scene:
    """Count up to one short of the limit, then to it, then wait for the window to forget."""
    count = needed(slo, indicator, tier)
    window = tier.long.ms // 1000
    grid = max((step for step in GRIDS if step * 12 <= window and (step <= 300 or window > _DAY)), default=GRIDS[0])
    sample = next(step for step in (min(60, grid), 300, 900, 1800, 3600) if window / step < _MOST_SAMPLES)
    below, more = count - 1, 1
    hold = 0 if tier.hold is None else tier.hold.ms // 1000
    keep = 0 if tier.keep_firing is None else tier.keep_firing.ms // 1000
    held = grid * -(-(hold + grid) // grid)
    story = Timeline((Stretch(2 * grid), Stretch(2 * grid, share=Decimal(below))))
    quiet = story.end
    # Two counters take turns, so that what is told apart by nothing the selector names is still summed.
    story = story.then(Stretch(grid + held, share=Decimal(more)))
    known = story.end
    story = story.then(Stretch(2 * grid, share=Decimal(1)))
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
        is_near(slo, naming.ERROR_BUDGET, float(budget(slo)), end),
        is_near(slo, naming.PERIOD_DAYS, period(slo).ms / 86_400_000, end),
        is_near(slo, naming.INFO, 1, end, labels=info_labels(slo)),
    ]


def whole_scene(slo: Slo, indicator: Count, group: Labels) -> Scene | None:
    """Count pods that are there for two samples and restart once, and a counter that was reset.

    ``increase`` extrapolates each pod to two. None where the window is shorter than what is told, or where
    a matcher leaves no room for several series.
    """
    per = indicator.per.ms // 1000
    atom = example(selectors.read(indicator.counter).matchers, None, group)
    if atom is None or per < 2 * _TOLD:
        return None
    told = [(f"short-{number}", f"3 4 stale _x{_REST}") for number in range(_PODS)]
    told.append(("reset", f"3 4 5 0 1 1x{_REST}"))
    atoms = [(instance(atom, "instance", value), values) for value, values in told]
    if not all(matches(one, selectors.read(indicator.counter).matchers) for one, _ in atoms):
        return None
    series = tuple(InputSeries(metric(VectorSelector(()), one), values) for one, values in atoms)
    if slo.dedup:
        series = tuple(twin for one in series for twin in paired(one, slo.dedup, 1))
    story = Timeline((Stretch(_TOLD),))
    check = is_near(slo, naming.count_over(indicator.per), _PODS + _AFTER_RESET, story.end, group)
    return Scene("short-lived series and resets count whole events", story, 60, 60, (check,), others=series)


def quiet_scene(slo: Slo) -> Scene:
    """Counters that only exist are no events: a pod first seen with a count of seven has restarted zero times."""
    story = Timeline((Stretch(3600),))
    return Scene("counters at rest wake nobody", story, 300, 60, (all_silent(slo, story.end),))
