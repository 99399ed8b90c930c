"""Proofs that a window is covered by rules as old as it is, and that rules which paused for two days are not enough.

Rules run at the start of a test and once more: so long after it that the first run is just old enough to serve, or just
too old.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.quantities import Duration
from burnproof.proofs.assertions import is_near
from burnproof.proofs.scene import MINUTE, Case, Scene
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.rules.coverage import covered_after, needs_coverage
from burnproof.rules.measure import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo

_HOLE, _LONGEST = 2 * DAY.ms // 1000, 15 * DAY.ms // 1000
"""For how long no rule may have run; longer windows allow for less."""


def scenes(case: Case) -> Iterator[Scene]:
    """Yield a scene or two for each window that alerts wait for."""
    slo, measure = case.slo, case.measure
    if slo.query_offset is not None:
        return
    for window in sorted({tier.long for tier in slo.policy.tiers}):
        if needs_coverage(measure, window) and window.ms // 1000 <= _LONGEST:
            # Rules look back in steps of an hour, or of five minutes, for which a closed look at the second one holds
            # the first run too.
            before, after = (30 * MINUTE, 30 * MINUTE) if window >= DAY else (MINUTE * 5 // 2, MINUTE * 15 // 2)
            edge = covered_after(window).ms // 1000 + _HOLE
            yield _scene(slo, window, edge - before, covers=True)
            # The rule says 0 where the series is there that tells the age: not where it is recorded after it.
            if measure.pair is not None and measure.pair.long is not None:
                yield _scene(slo, window, edge + after, covers=False)


def _scene(slo: Slo, window: Duration, time: int, *, covers: bool) -> Scene:
    checks = (is_near(slo, naming.covered(window), float(covers), time),)
    story = Timeline((Stretch(time, rate=None),))
    said = "enough" if covers else "too long ago"
    return Scene(f"{window}: a run {Duration(time * 1000)} ago is {said}", story, time, time, checks, raw=False)
