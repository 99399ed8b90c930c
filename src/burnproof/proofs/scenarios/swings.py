"""Traffic triples while the share of bad events stays: no ratio moves."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.proofs.assertions import (
    is_between,
)
from burnproof.proofs.prediction import counts_counters, counts_per_second
from burnproof.proofs.scene import MINUTE, Case, Scene, every_ratio, sample_seconds
from burnproof.proofs.timeline import (
    EVENTS_PER_SECOND,
    Stretch,
    Timeline,
)
from burnproof.rules.kinds.composite import weight_of
from burnproof.rules.measure import BASE, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import (
        Slo,
    )
    from burnproof.proofs.types import ExprCheck
    from burnproof.rules.types import Labels

_GRID: Final = 5 * MINUTE


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of an SLO that counts events with counters."""
    if case.measure.pair is not None and not case.measure.pair.slices and counts_counters(case.slo):
        yield _swings(case.slo, case.measure, case.groups)


def _swings(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """Traffic triples while the share of bad events stays: no ratio moves, for errors and total see the same window."""
    share, sample = Decimal("0.125"), sample_seconds(slo)
    calm = Timeline((Stretch(63 * MINUTE, share=share),))
    story = calm.then(Stretch(22 * MINUTE, share=share, rate=EVENTS_PER_SECOND * 3))
    checks = [
        check
        for time in (calm.end + 2 * MINUTE, story.end)
        for check in every_ratio(slo, measure, groups, float(share), time)
    ]
    if counts_per_second(slo):
        checks += _swung(slo, story, sample, groups[0])
    return Scene("a ratio does not move with traffic", story, _GRID, sample, tuple(checks))


def _swung(slo: Slo, story: Timeline, sample: int, group: Labels) -> Iterator[ExprCheck]:
    """Check the rates while their window holds both traffics, which a closed range sees a sample more of."""
    calm, busy = story.stretches
    window, after = BASE.ms // 1000, 2 * MINUTE
    whole = float(EVENTS_PER_SECOND * weight_of(slo))
    means = [(left + 2 * after) / left for left in (window, window + sample)]
    for metric, share in ((naming.TOTAL, 1.0), (naming.ERRORS, float(busy.share))):
        low, high = min(means) * whole * share, max(means) * whole * share
        yield is_between(slo, metric, low, high, calm.seconds + after, group)
