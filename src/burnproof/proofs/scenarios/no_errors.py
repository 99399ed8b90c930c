"""No error ever happened, so no error series exists: that reads as zero errors, not as nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.proofs.assertions import (
    all_silent,
    is_near,
)
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds
from burnproof.proofs.series.feed import LeftOut
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
)
from burnproof.rules.measure import HOUR, Measure
from burnproof.rules.recording import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import (
        Slo,
    )
    from burnproof.rules.types import Labels


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of an SLO of events."""
    if case.measure.pair is not None and not case.measure.pair.slices:
        yield _no_errors(case.slo, case.measure, case.groups)


def _no_errors(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """No error ever happened, so no error series exists: that reads as zero errors, not as nothing."""
    story = Timeline((Stretch(65 * MINUTE),))
    end = story.end
    checks = [all_silent(slo, end)]
    for group in groups:
        checks.append(is_near(slo, naming.ERRORS, 0, end, group))
        checks += [
            is_near(slo, naming.error_ratio(window), 0, end, group)
            for window in windows(slo, measure)
            if window.ms <= HOUR.ms
        ]
        checks.append(is_near(slo, naming.BUDGET_REMAINING, 1, end, group))
    title = "no error series reads as no errors"
    return Scene(title, story, 5 * MINUTE, sample_seconds(slo), tuple(checks), without=LeftOut.BAD, decoys=True)
