"""Nothing ever succeeded, so no series of good events exists: that reads as all bad."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.proofs.scene import MINUTE, Case, Scene, every_ratio, sample_seconds
from burnproof.proofs.series.feed import LeftOut
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


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of an SLO of events."""
    if case.measure.pair is not None and not case.measure.pair.slices:
        yield _never_good(case.slo, case.measure, case.groups)


def _never_good(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """Nothing ever succeeded, so no series of good events exists: that reads as all bad, in every window."""
    end = 65 * MINUTE
    story = Timeline((Stretch(end, share=Decimal(1)),))
    checks = every_ratio(slo, measure, groups, 1.0, end)
    return Scene(
        "no good series reads as all bad", story, _GRID, sample_seconds(slo), checks, without=LeftOut.GOOD, decoys=True
    )
