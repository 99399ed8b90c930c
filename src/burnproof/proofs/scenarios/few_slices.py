"""Prove a tier slice by slice, if its scenario is evaluated too seldom to tell slices apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from burnproof.proofs.assertions import tier_fires, tier_silent
from burnproof.proofs.prediction import shape_of
from burnproof.proofs.scenarios.burn_rate import grid_of, tell
from burnproof.proofs.scene import GRIDS, Case, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo, Tier
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_MOST = 2000  # evaluations: what a window of a day takes at a slice a minute; promtool takes long for more


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of each tier that has one."""
    for number, tier in enumerate(case.slo.policy.tiers):
        found = None if case.measure.breaks_at else _one_by_one(case.slo, case.measure, tier, case.group)
        if found is not None:
            yield replace(found, tier=number)


def _one_by_one(slo: Slo, measure: Measure, tier: Tier, group: Labels) -> Scene | None:
    """Tell the tier's story slice by slice; None where it is told so anyway, or where it takes too long."""
    shape = shape_of(slo, measure, tier)
    grid = max((step for step in GRIDS if shape.slice and shape.slice % step == 0), default=0)
    if not grid or shape.short is None or grid >= grid_of(shape) or 2 * shape.long // grid > _MOST:
        return None
    story = tell(shape, grid)
    if story.timeline.end // grid > _MOST:
        return None
    checks = [tier_silent(slo, tier, time) for time in story.silent]
    checks += [tier_fires(slo, tier, time, (group,)) for time in story.firing]
    title = f"{tier.long}: counts slices one by one"
    return Scene(title, story.timeline, grid, story.sample, tuple(checks), alike=False)
