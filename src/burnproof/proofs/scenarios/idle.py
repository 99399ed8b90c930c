"""Traffic stops while the counters stay: nobody is woken, and a ratio of nothing is no ratio."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.proofs.assertions import (
    all_silent,
    is_absent,
)
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds, slice_seconds
from burnproof.proofs.series.queries import has_gauge
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
)
from burnproof.rules.recording import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import (
        Slo,
    )
    from burnproof.rules.measure import Measure


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of an SLO whose budget is a share."""
    if not case.measure.breaks_at:
        yield _idle(case.slo, case.measure)


def _idle(slo: Slo, measure: Measure) -> Scene:
    """Traffic stops while the counters stay: nobody is woken, and a ratio of nothing is no ratio."""
    rest = max(90 * MINUTE, 2 * slice_seconds(slo))
    story = Timeline((Stretch(30 * MINUTE), Stretch(rest, rate=Decimal(0))))
    checks = [all_silent(slo, 30 * MINUTE), all_silent(slo, 60 * MINUTE), all_silent(slo, story.end)]
    if measure.pair is not None and not has_gauge(slo):
        shortest = windows(slo, measure)[0]
        metric = naming.error_ratio(shortest)
        if shortest.ms // 1000 * 2 < rest and not measure.breaks_at:
            idle_ratio = is_absent(slo, metric, story.end)
            if slo.no_traffic == "ignore" and not slo.by:
                checks.append(idle_ratio)
    grid = _grid_for(story.end, slice_seconds(slo))
    return Scene("idle traffic wakes nobody", story, grid, sample_seconds(slo, grid), tuple(checks))


def _grid_for(end: int, length: int) -> int:
    if length >= 3600:
        return 3600
    return MINUTE if end <= 3600 else 5 * MINUTE
