"""Decide which tiers wait until their window is covered: those that read tiles.

On the day of deployment a window of three days holds minutes. Five minutes of an outage would read as 100 % errors in
three days. So such a tier waits until the rules are as old as its window. *No rules yet* is told from *a hole*, for any
record that is old enough serves: a ruler that was down for a day mutes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.quantities import Duration
from burnproof.rules.measure import DAY, MINUTE, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure

_HOLE = Duration(2 * DAY.ms)
"""How long no rule may have run without muting a tier."""
_LONG = Duration(15 * DAY.ms)
"""Windows beyond this are covered a fifteenth early, so that no record older than the window is asked for."""


def needs_coverage(measure: Measure, window: Duration) -> bool:
    """Tell whether a window reads recorded tiles, which have no past on the day of deployment.

    A count needs no coverage: what was counted was counted.
    """
    return measure.pair is not None and measure.ratio(window) is None


def anchor_of(slo_id: str, measure: Measure) -> str:
    """Select the series whose age is that of the tiles: written at every evaluation, data or not.

    The error budget is older where earlier rules of the same SLO recorded other tiles.
    """
    has_hours = measure.pair is not None and measure.pair.long is not None
    return naming.selector(naming.CLOSED if has_hours else naming.ANCHOR, slo_id)


def covered_after(window: Duration) -> Duration:
    """Give the age of the rules at which a window counts as covered: a little less than its length."""
    part = 15 if window > _LONG else 12
    return Duration((window.ms - window.ms // part) // MINUTE * MINUTE or MINUTE)


def coverage(slo: Slo, measure: Measure) -> Iterator[Record]:
    """Yield, for each window that a tier waits for, the rule that says whether it is covered: 1 or 0."""
    for window in sorted({tier.long for tier in slo.policy.tiers if needs_coverage(measure, tier.long)}):
        yield Record(naming.covered(window), _covered(anchor_of(slo.id, measure), window), pace="slow")


def _covered(anchor: str, window: Duration) -> str:
    age = covered_after(window)
    reach = Duration(window.ms - age.ms) if window > _LONG else _HOLE
    step = Duration(60 * MINUTE) if window >= DAY else Duration(5 * MINUTE)
    return f"present_over_time({anchor}[{reach}:{step}] offset {age}) or 0 * {anchor}"
