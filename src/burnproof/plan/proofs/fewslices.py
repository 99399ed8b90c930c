"""The short window's threshold to the slice, where a tier's own story is evaluated too seldom to tell slices apart.

The story: enough bad slices early in the long window to keep it above the threshold, a quiet stretch in which the short
one forgets them, then as many bad slices as the short one tolerates, then one too many.
"""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor
from typing import TYPE_CHECKING

from burnproof.plan.proofs.checks import tier_fires, tier_silent
from burnproof.plan.proofs.standing import Scene
from burnproof.plan.proofs.tiers import GRIDS, Shape, dilution, grid_of, sample_of, shape_of
from burnproof.plan.proofs.timeline import Stretch, Timeline, round_up

if TYPE_CHECKING:
    from burnproof.model import Slo, Tier
    from burnproof.plan.measure import Measure
    from burnproof.plan.types import Labels

_MOST = 2000  # evaluations: what a window of a day takes at a slice a minute; promtool takes long for more
_FIFTH = Decimal("0.2")
_BAD = Decimal(1)


def few_scene(slo: Slo, measure: Measure, tier: Tier, group: Labels) -> Scene | None:
    """Give the scene; None where the tier's own story is as fine, or where this one does not fit into its windows."""
    shape = shape_of(slo, measure, tier)
    grid = max((step for step in GRIDS if shape.slice and shape.slice % step == 0), default=0)
    if not grid or shape.short is None or grid >= grid_of(shape) or shape.keep:
        return None
    slices = ceil(shape.short / shape.slice)
    tolerated = floor(shape.threshold * slices)
    # A closed window holds a slice more, of which as many must be too many.
    broken = max(tolerated + 1, floor(shape.threshold * (slices + 1)) + 1)
    if not _tells(shape.threshold, slices, tolerated):
        return None
    found = _story(shape, shape.short, tolerated, broken)
    if found is None or found[0].end // grid > _MOST:
        return None
    story, silent = found
    checks = (tier_silent(slo, tier, silent), tier_fires(slo, tier, story.end, (group,)))
    title = f"{tier.long}: silent at {tolerated} bad slices in {tier.short}, fires at {broken}"
    return Scene(title, story, grid, sample_of(shape, grid), checks, alike=False)


def _tells(threshold: Decimal, slices: int, tolerated: int) -> bool:
    """Tell whether a threshold off by a fifth tolerates another number of slices."""
    return any(floor(threshold * (1 + off) * slices) != tolerated for off in (_FIFTH, -_FIFTH))


def _story(shape: Shape, short: int, tolerated: int, broken: int) -> tuple[Timeline, int] | None:
    """Write the story, and when the short window tolerates what it sees; it ends where it no longer does."""
    length = shape.slice
    hold = round_up(shape.hold, length)
    slack = 2 * (3600 if shape.hours else length)
    # The rules must have run for as long as the window when the last slices turn bad.
    covered = round_up(shape.long, length) + length
    begins = round_up(broken * length + hold + 2 * length + slack, length)
    early = ceil(shape.threshold * ceil(shape.long / length) * dilution(shape) * Decimal("1.05")) + 1
    quiet = covered - begins - early * length
    if quiet < short + slack or hold + broken * length >= short:
        return None
    story = Timeline(
        (Stretch(begins), Stretch(early * length, _BAD), Stretch(quiet), Stretch(tolerated * length, _BAD))
    )
    return story.then(Stretch((broken - tolerated) * length, _BAD), Stretch(hold + length)), story.end
