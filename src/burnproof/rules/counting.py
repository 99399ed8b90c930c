"""Calculate from when until when a window counts an event, and how old the rules must be.

A scrape sees an event up to one scrape interval after it happened. Raw windows hold it from then on. Tiles hold it once
they have ended on the clock, and windows of hours drop whole hours (rules/measure.py).
Rules that look back by a query offset, and slices that are judged some time after their end, do so later by as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from burnproof.model.quantities import Duration
from burnproof.rules.coverage import covered_after, needs_coverage
from burnproof.rules.measure import FAST_INTERVAL, HOUR, SLOW, SLOW_INTERVAL, closed_after, uses_hours

if TYPE_CHECKING:
    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure, Pair


def longest_open(pair: Pair) -> Duration:
    """Give by how much a window of hours may be longer than its name says: the open hour, until it is closed."""
    return Duration(closed_after(pair).ms + (pair.long or HOUR).ms + SLOW_INTERVAL.ms)


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
    step = 0 if pair is None or raw else pair.base.ms
    least, most = 0, step
    if pair is not None and not raw and uses_hours(pair, window):
        least, most = closed_after(pair).ms, longest_open(pair).ms
    return Counting(
        window=window,
        begins=Duration(late),
        seen=Duration(late + scrape + step),
        leaves=Duration(late + window.ms + least),
        gone=Duration(late + window.ms + most + scrape),
        every=_recorded(window, raw=raw),
        covered=None if raw else covered_after(window),
    )


def delay(slo: Slo) -> Duration:
    """Give how long rules wait before they look at what happened: the query offset, and a comparison's lag."""
    judged = slo.indicator.judged_after(slo.scrape).ms
    return Duration(judged + (0 if slo.query_offset is None else slo.query_offset.ms))


def _recorded(window: Duration, *, raw: bool) -> Duration:
    return SLOW_INTERVAL if raw and window >= SLOW else FAST_INTERVAL
