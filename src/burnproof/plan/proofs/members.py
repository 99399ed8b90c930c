"""The proofs of a composite that are about its members: each of them counts, and for as much as its weight says."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof import naming
from burnproof.model import AnyBad, Weighted
from burnproof.plan.kinds.composite import weight_of
from burnproof.plan.proofs.checks import is_near
from burnproof.plan.proofs.standing import MINUTE, Scene, sample_seconds, slice_seconds
from burnproof.plan.proofs.timeline import Stretch, Timeline, round_up
from burnproof.plan.proofs.together import ALONE
from burnproof.plan.rules import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model import Slo
    from burnproof.plan.measure import Measure
    from burnproof.plan.types import Labels

_GRID = 5 * MINUTE
_SHARE = Decimal("0.25")


def member_scenes(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Iterator[Scene]:
    """Yield a scene for each member of a composite: it alone is bad, and the composite says how much that is."""
    match slo.indicator:
        case Weighted(members=members):
            for weight, member in members:
                yield _heavy(slo, measure, groups, member, weight)
        case AnyBad(members=parts):
            for part in parts:
                yield _enough(slo, groups, part)


def _heavy(slo: Slo, measure: Measure, groups: tuple[Labels, ...], member: Slo, weight: Decimal) -> Scene:
    """A quarter of one member's events is bad, and all have as many events: its weight in all weights, times that."""
    story = Timeline((Stretch(65 * MINUTE, share=_SHARE),))
    value = float(_SHARE * weight / weight_of(slo))
    checks = tuple(
        is_near(slo, naming.error_ratio(window), value, story.end, group)
        for window in windows(slo, measure)
        for group in groups
    )
    title = f"{member.id} counts {weight} of {weight_of(slo)} times"
    return Scene(title, story, _GRID, sample_seconds(slo), checks, without=ALONE + member.id)


def _enough(slo: Slo, groups: tuple[Labels, ...], member: Slo) -> Scene:
    """One member is bad, just so, and the others are good: the slice is bad, by one of them."""
    end = round_up(max(15 * MINUTE, 3 * slice_seconds(slo)), _GRID)
    story = Timeline((Stretch(end, share=Decimal(1)),))
    checks = tuple(
        is_near(slo, metric, 1, end, group) for group in groups for metric in (naming.SLICE_VALUE, naming.SLICE_ERRORS)
    )
    title = f"{member.id} alone makes a slice bad"
    return Scene(title, story, _GRID, sample_seconds(slo), checks, without=ALONE + member.id)
