"""Less than an event a minute, half of them bad, still has a ratio of one half."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.proofs.prediction import counts_counters
from burnproof.proofs.scene import MINUTE, Case, Scene, every_ratio, sample_seconds
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import (
        Slo,
    )
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_GRID: Final = 5 * MINUTE
_TRICKLE: Final = Decimal(8) / 1024  # events per sample, of which half are bad


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of an SLO that counts events with counters."""
    if case.measure.pair is not None and not case.measure.pair.slices and counts_counters(case.slo):
        yield _trickle(case.slo, case.measure, case.groups)


def _trickle(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """Less than an event a minute, half of them bad, still has a ratio of one half."""
    end = 65 * MINUTE
    sample = sample_seconds(slo)
    story = Timeline((Stretch(end, share=Decimal("0.5"), rate=_TRICKLE / sample),))
    return Scene(
        "a trickle of traffic has its ratio", story, _GRID, sample, every_ratio(slo, measure, groups, 0.5, end)
    )
