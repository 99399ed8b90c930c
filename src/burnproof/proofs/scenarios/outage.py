"""A full outage: each tier that can tell by then fires at the predicted minute, the others stay silent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.proofs.assertions import (
    tier_fires,
    tier_silent,
)
from burnproof.proofs.prediction import changes, predict, shape_of
from burnproof.proofs.recovery import recovery_checks
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds, slice_seconds
from burnproof.proofs.series.feed import LeftOut
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
    round_up,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import (
        Slo,
        Tier,
    )
    from burnproof.proofs.types import ExprCheck
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_FORGOTTEN: Final = "a full outage is forgotten at the predicted minute"


def scenes(case: Case) -> Iterator[Scene]:
    """Tell an outage in which good events end, and one in which their series end, too."""
    if case.measure.breaks_at:
        return
    for without in (None, LeftOut.GOOD):
        found = _outage(case.slo, case.measure, case.group, without)
        if found is not None:
            yield found


def _outage(slo: Slo, measure: Measure, group: Labels, without: LeftOut | None) -> Scene | None:
    """A full outage: each tier that can tell by then fires at the predicted minute, the others stay silent."""
    length = slice_seconds(slo)
    if length > 5 * MINUTE or not slo.policy.tiers:
        return None
    warm = round_up(75 * MINUTE, length or MINUTE)
    shapes = [(tier, shape_of(slo, measure, tier)) for tier in slo.policy.tiers]
    # A tier that no history covers by then stays silent; the others fire once as much is bad as they tolerate.
    ready = [shape for _, shape in shapes if shape.covered <= warm]
    needed = [float(shape.threshold) * shape.long + shape.hold + length for shape in ready]
    if not ready and without is LeftOut.GOOD:
        return None
    lasts = round_up(max([*needed, 10.0 * MINUTE]), length or MINUTE) + 3 * MINUTE
    view = shapes[0][1].view(MINUTE, sample_seconds(slo))
    story = Timeline((Stretch(warm), Stretch(round_up(lasts, length or MINUTE), share=Decimal(1))))
    more: list[ExprCheck] = []
    title = "a full outage in which the good series vanish still pages"
    if without is not LeftOut.GOOD:
        title = "a full outage pages at the predicted minute, and is forgotten" if ready else _FORGOTTEN
        ends = max((tier.short.ms // 1000 + shape.keep for tier, shape in shapes if tier.short), default=0)
        healed = min(ends, 40 * MINUTE) + 3 * MINUTE
        for after, check in recovery_checks(slo, measure, story, view, group):
            more.append(check)
            healed = max(healed, after)
        story = story.then(Stretch(round_up(healed, length or MINUTE)))
    # Where a series vanishes, `rate` goes on for half a scrape.
    slack = 2 if without else 0
    checks = [
        check
        for tier, shape in shapes
        for check in around(slo, tier, changes(predict(shape, view, story), MINUTE, slack), (group,))
    ]
    return Scene(title, story, MINUTE, view.sample, (*checks, *more), without=without, alike=False)


def around(
    slo: Slo, tier: Tier, found: tuple[tuple[int, bool], ...], groups: tuple[Labels, ...]
) -> Iterator[ExprCheck]:
    """Check a tier around its changes."""
    for time, fires in found:
        yield tier_fires(slo, tier, time, groups) if fires else tier_silent(slo, tier, time)
