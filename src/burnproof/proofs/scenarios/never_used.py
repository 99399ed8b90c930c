"""Counters that never move: no window has a ratio of nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.proofs.assertions import (
    all_silent,
    is_absent,
    is_near,
)
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds, slice_seconds
from burnproof.proofs.series.queries import has_gauge
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
    round_up,
)
from burnproof.rules.recording import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import (
        Slo,
    )
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_GRID: Final = 5 * MINUTE


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of what rests while traffic does."""
    if case.measure.pair is not None and not has_gauge(case.slo):
        yield _never_used(case.slo, case.measure, case.groups)


def _never_used(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """Counters that never move: over no window is there a ratio of nothing, and no window is poisoned by 0/0."""
    end = round_up(max(65 * MINUTE, 2 * slice_seconds(slo)), _GRID)
    checks = [all_silent(slo, end)]
    for window in windows(slo, measure):
        metric = naming.error_ratio(window)
        if slo.no_traffic == "ignore":
            checks.append(is_absent(slo, metric, end))
        elif measure.pair is not None and (measure.pair.slices or measure.ratio(window) is not None):
            checks += [is_near(slo, metric, 0, end, group) for group in groups]
    story = Timeline((Stretch(end, rate=Decimal(0)),))
    return Scene("no traffic at all is no ratio", story, _GRID, sample_seconds(slo, _GRID), tuple(checks))
