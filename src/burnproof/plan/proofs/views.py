"""What each window holds at an evaluation of a proof, as stretches of time; arithmetic on the clock, no PromQL.

A window of raw series holds whole scrapes up to the evaluation. One of tiles holds those that end in it and that some
evaluation recorded; one of hours holds the closed hours and the tiles since. Ranges are open on the left since
Prometheus 3 and closed before, so there are two answers, which differ where a sample or a tile ends just where the
range begins. All times are whole seconds from the start of the test, which is 1 January 1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from burnproof.plan.measure import BASE, DAY, GRACE, RAW

if TYPE_CHECKING:
    from burnproof.plan.proofs.timeline import Timeline

Spans = tuple[tuple[int, int], ...]
"""Stretches of time, each as (start, end)."""

_LOOKBACK = BASE.ms // 1000
_MINUTE = 60
_GRACE = GRACE.ms // 1000


@dataclass(frozen=True, slots=True)
class View:
    """How an SLO's windows are read in a proof; all lengths in seconds.

    Attributes:
        scrape: what the rules take for the time between two scrapes; 0 where they count samples, not increments.
        sample: the time between two samples of the proof.
        grid: the time between two evaluations.
        base: the length of a tile; ``slices`` whether it is a verdict.
        long: the length of the tiles of long windows, 0 where ``base`` serves.
    """

    scrape: int
    sample: int
    grid: int
    base: int
    slices: bool
    long: int


def is_raw(view: View, window: int) -> bool:
    """Tell whether a window reads raw series."""
    return not view.slices and window <= RAW.ms // 1000


def is_long(view: View, window: int) -> bool:
    """Tell whether a window is made of hours."""
    return window >= DAY.ms // 1000 and view.long > 0


def held(view: View, window: int, time: int) -> tuple[Spans, Spans]:
    """Give what a window holds at a time: with ranges that are open on the left, and with closed ones."""
    if is_raw(view, window):
        near, far = reach(view, window)
        return ((time - near, time),), ((time - far, time),)
    if is_long(view, window):
        return _long(view, window, time, closed=False), _long(view, window, time, closed=True)
    left, right = time - window, time
    return _merged(_tiles(view, left + 1, right)), _merged(_tiles(view, left, right))


def reach(view: View, window: int) -> tuple[int, int]:
    """Give how far back a raw window sees, in whole samples: open on the left, and closed."""
    if not view.scrape:
        return window, window + view.sample
    span = window + view.scrape
    return (span - 1) // view.sample * view.sample, span // view.sample * view.sample


def _tiles(view: View, first: int, last: int) -> list[tuple[int, int]]:
    """List the tiles that end from ``first`` to ``last`` and were recorded."""
    base = view.base
    ends = range(-(-first // base) * base, last + 1, base)
    # A rate needs two samples, so nothing is recorded at time 0; a gauge has a value there.
    return [(end - base, end) for end in ends if _was_recorded(view, base, end) and (end > 0 or not view.scrape)]


def _was_recorded(view: View, length: int, end: int) -> bool:
    """Tell whether some evaluation recorded the tile that ends then, where its reader finds it."""
    soon = -(-end // view.grid) * view.grid
    if soon < end + min(length, _LOOKBACK):
        return True
    late = (end + length - _MINUTE) // view.grid * view.grid
    return length > _LOOKBACK and late > end + length - _MINUTE - _LOOKBACK and late >= end


@lru_cache(maxsize=16_384)
def _long(view: View, window: int, time: int, *, closed: bool) -> Spans:
    """List what a window of hours holds: the closed ones, and the tiles since."""
    return held_between(view, time - _GRACE - window, time, closed=closed)


def held_between(view: View, after: int, time: int, *, closed: bool, opened: bool = True) -> Spans:
    """List the closed hours that end after a time, and (``opened``) the tiles since."""
    if not view.long:
        return _merged(_tiles(view, after + (0 if closed else 1), time))
    long, end = view.long, time - _GRACE
    first = after + (0 if closed else 1)
    marks = range(-(-first // long) * long, end + 1, long)
    parts: list[tuple[int, int]] = []
    for mark in marks:
        if mark <= 0 or not _hour_recorded(view, mark, time):
            continue
        if view.slices:
            parts += _tiles(view, mark - long + (0 if closed else 1), mark)
        else:
            parts.append((mark - long, mark))
    since = max(end // long * long, time - long - 3 * _LOOKBACK, after)
    return _merged(parts + (_tiles(view, since + 1, time) if opened else []))


def _hour_recorded(view: View, mark: int, now: int) -> bool:
    if _was_recorded(view, view.long, mark):
        return True
    again = mark + 2 * view.long - _MINUTE
    late = min(again, now) // view.grid * view.grid
    return late > again - _LOOKBACK


def _merged(parts: list[tuple[int, int]]) -> Spans:
    """Join stretches that follow one another; ones that overlap stay apart, for what is in both counts twice."""
    made: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if made and made[-1][1] == start:
            made[-1] = (made[-1][0], end)
        else:
            made.append((start, end))
    return tuple(made)


def ratios(view: View, timeline: Timeline, window: int, time: int) -> tuple[float, ...]:
    """Give the error ratios that a window may read at a time; none where it holds no events."""
    found = []
    for spans in set(held(view, window, time)):
        bad = total = 0.0
        for start, end in spans:
            some, all_of_them = timeline.amounts(start, end)
            bad, total = bad + some, total + all_of_them
        if total:
            found.append(bad / total)
    return tuple(found)
