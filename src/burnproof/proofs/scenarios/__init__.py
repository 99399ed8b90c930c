"""What happens in proofs: one file for each scenario, all in one table.

A scenario is ``scenes(case)``: it yields the scenes that an SLO has of it, none where it has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.proofs.scenarios import (
    budget_policy,
    burn_rate,
    calendar_periods,
    cold_start,
    comparisons,
    composite_members,
    conditional_values,
    count_at_rest,
    count_limit,
    count_whole_events,
    coverage,
    deployment,
    excess,
    few_observations,
    few_slices,
    given_ratios,
    given_sums,
    idle,
    min_events,
    missing_buckets,
    missing_series,
    never_good,
    never_used,
    no_data,
    no_errors,
    one_sided,
    outage,
    rolling_period,
    slices,
    swings,
    tiles,
    trickle,
    window_edges,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from burnproof.proofs.scene import Case, Scene

SCENARIOS: Final[tuple[Callable[[Case], Iterator[Scene]], ...]] = (
    burn_rate.scenes,
    min_events.scenes,
    few_slices.scenes,
    count_limit.scenes,
    count_at_rest.scenes,
    count_whole_events.scenes,
    outage.scenes,
    deployment.scenes,
    idle.scenes,
    no_errors.scenes,
    never_used.scenes,
    excess.scenes,
    never_good.scenes,
    trickle.scenes,
    swings.scenes,
    one_sided.scenes,
    cold_start.scenes,
    calendar_periods.scenes,
    rolling_period.scenes,
    composite_members.scenes,
    comparisons.scenes,
    slices.scenes,
    conditional_values.scenes,
    few_observations.scenes,
    window_edges.scenes,
    no_data.scenes,
    missing_series.scenes,
    missing_buckets.scenes,
    coverage.scenes,
    tiles.scenes,
    given_ratios.scenes,
    given_sums.scenes,
    budget_policy.scenes,
)
"""In the order in which proofs are written; those of one alert stand together."""


def scenes_of(case: Case) -> list[Scene]:
    """Give what is to be proved of an SLO."""
    told = [scene for scenario in SCENARIOS for scene in scenario(case)]
    return sorted(told, key=lambda scene: len(case.slo.policy.tiers) if scene.tier is None else scene.tier)
