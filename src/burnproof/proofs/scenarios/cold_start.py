"""Everything is bad from the first evaluation on: a tier of an hour or less waits for its window, too."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.proofs.assertions import (
    tier_fires,
    tier_silent,
)
from burnproof.proofs.prediction import changes, predict, shape_of
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds, slice_seconds
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
    round_up,
)
from burnproof.rules.coverage import needs_coverage
from burnproof.rules.measure import HOUR, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import (
        Slo,
    )
    from burnproof.rules.types import Labels


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of each such tier."""
    if case.measure.pair is not None:
        yield from _cold_starts(case.slo, case.measure, case.groups)


def _cold_starts(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Iterator[Scene]:
    """Everything is bad from the first evaluation on: a tier of an hour or less waits for its window, too."""
    for tier in slo.policy.tiers:
        window = tier.long.ms // 1000
        length = slice_seconds(slo)
        if not needs_coverage(measure, tier.long) or window > HOUR.ms // 1000 or window <= 2 * length:
            continue
        shape = shape_of(slo, measure, tier)
        view = shape.view(MINUTE, sample_seconds(slo))
        hold = 0 if tier.hold is None else tier.hold.ms // 1000
        story = Timeline((Stretch(round_up(window + hold + max(MINUTE, length), MINUTE) + MINUTE, share=Decimal(1)),))
        checks = tuple(
            tier_fires(slo, tier, time, groups) if fires else tier_silent(slo, tier, time)
            for time, fires in changes(predict(shape, view, story), MINUTE)
        )
        yield Scene(f"{tier.long}: waits until its window is covered", story, MINUTE, view.sample, checks)
