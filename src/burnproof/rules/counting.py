"""Calculate from when until when a window counts an event, and how old the rules must be.

A scrape sees an event up to one scrape interval after it happened. Raw windows hold it from then on. Tiles hold it once
they have ended on the clock. Windows of more than three days drop whole hours, some time after these have left them.
Rules that look back by a query offset, and slices that are judged some time after their end, do so later by as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from burnproof.model.quantities import Duration
from burnproof.rules.coverage import covered_after, needs_coverage
from burnproof.rules.measure import FAST_INTERVAL, HOUR, PATIENT, RARE_INTERVAL, SLOW_INTERVAL, uses_hours
from burnproof.rules.recording import pace_of

if TYPE_CHECKING:
    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure, Pair


def longest_open(pair: Pair) -> Duration:
    """Give by how much a window may be longer than its name whose settled hours are added up seldom."""
    return Duration((pair.long or HOUR).ms + RARE_INTERVAL.ms + SLOW_INTERVAL.ms)


def newest(pair: Pair, window: Duration) -> Duration:
    """Give the length of the tiles with which a window ends: what happened counts once such a tile has ended."""
    return pair.fine if pair.fine is not None and uses_hours(pair, window) else pair.base


@dataclass(frozen=True, slots=True)
class Counting:
    """What becomes of an event in one window, as times after it happened; the evaluation comes on top.

    Attributes:
        window: its nominal length.
        begins: when it counts at the earliest, and …
        seen: … at the latest.
        leaves: when it stops to count at the earliest, and …
        gone: … at the latest.
        every: the time between two recordings of the window.
        covered: how long the rules must have run before a tier of this window can fire; None where it need not wait.
    """

    window: Duration
    begins: Duration
    seen: Duration
    leaves: Duration
    gone: Duration
    every: Duration
    covered: Duration | None


def counting(slo: Slo, measure: Measure, window: Duration) -> Counting:
    """Follow an event through a window of an SLO."""
    scrape, late, pair = slo.scrape.ms, delay(slo).ms, measure.pair
    raw = pair is None or not needs_coverage(measure, window)
    step = 0 if pair is None or raw else newest(pair, window).ms
    patient = pair is not None and not raw and uses_hours(pair, window) and window > PATIENT
    most = longest_open(pair).ms if pair is not None and patient else step
    return Counting(
        window=window,
        begins=Duration(late),
        seen=Duration(late + scrape + step),
        leaves=Duration(late + window.ms),
        gone=Duration(late + window.ms + most + scrape),
        every=SLOW_INTERVAL if pace_of(slo, measure, window) == "slow" else FAST_INTERVAL,
        covered=None if raw else covered_after(window),
    )


def delay(slo: Slo) -> Duration:
    """Give how long rules wait before they look at what happened: the query offset, and a comparison's lag."""
    judged = slo.indicator.judged_after(slo.scrape).ms
    return Duration(judged + (0 if slo.query_offset is None else slo.query_offset.ms))
