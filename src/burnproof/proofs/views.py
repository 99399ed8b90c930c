"""Calculate what each window holds at every evaluation of a proof: bad events and all events.

A window of raw series holds whole scrapes up to the evaluation. One of tiles holds those that end in it and that some
evaluation recorded; one of hours holds the closed hours and the tiles since. Ranges are open on the left since
Prometheus 3 and closed before, so there are two answers, which differ where a sample or a tile ends just where the
range begins. All times are whole seconds from the start of the test, which is 1 January 1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from burnproof.model.quantities import Duration
from burnproof.proofs import tolerances
from burnproof.proofs.timeline import EVENTS_PER_SECOND
from burnproof.rules.measure import BASE, DAY, GRACE, HOUR, RAW, least_slices, slice_pair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from burnproof.proofs.timeline import Timeline

    Times = NDArray[np.int64]
    Counts = NDArray[np.float64]

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
        unseen: the length at the start of which no slice is judged, because that is done later than they end.
        fine: the length of the tiles since the last one of ``base`` in windows of hours, 0 where there are none.
    """

    scrape: int
    sample: int
    grid: int
    base: int
    slices: bool
    long: int
    unseen: int = 0
    fine: int = 0


def is_raw(view: View, window: int) -> bool:
    """Tell whether a window reads raw series."""
    return not view.slices and window <= RAW.ms // 1000


def is_long(view: View, window: int) -> bool:
    """Tell whether a window is made of hours."""
    return window >= DAY.ms // 1000 and view.long > 0


class Events(NamedTuple):
    """Bad events and all events, at each of some times."""

    bad: Counts
    total: Counts

    def __sub__(self, other: Events) -> Events:
        return Events(self.bad - other.bad, self.total - other.total)

    def plus(self, other: Events) -> Events:
        """Add what happened elsewhere."""
        return Events(self.bad + other.bad, self.total + other.total)


def reach(view: View, window: int) -> tuple[int, int]:
    """Give how far back a raw window sees, in whole samples: open on the left, and closed."""
    if not view.scrape:
        return window, window + view.sample
    span = window + view.scrape
    return (span - 1) // view.sample * view.sample, span // view.sample * view.sample


class Seen:
    """A story as the rules see it: its events up to any time, and its tiles one after the other."""

    def __init__(self, view: View, timeline: Timeline) -> None:
        """Note the story."""
        self.view = view
        self.end = timeline.end
        self.times: Times = np.arange(0, timeline.end + 1, view.grid)
        edges, bad, total = [0], [0.0], [0.0]
        for stretch in timeline.stretches:
            events = stretch.seconds * float(stretch.rate or 0)
            edges.append(edges[-1] + stretch.seconds)
            bad.append(bad[-1] + events * float(stretch.share))
            total.append(total[-1] + events)
        self._edges, self._bad, self._total = np.array(edges), np.array(bad), np.array(total)

    def until(self, times: Times) -> Events:
        """Count what happened up to times."""
        return Events(np.interp(times, self._edges, self._bad), np.interp(times, self._edges, self._total))

    def window(self, window: int, *, closed: bool, few: bool = False) -> Events:
        """Count what a window holds at each evaluation, with ranges that are closed or open on the left.

        Too few judged slices are no ratio, as no events are none; with ``few`` they are counted all the same.
        """
        if is_raw(self.view, window):
            return self.until(self.times) - self.until(self.times - reach(self.view, window)[closed])
        if is_long(self.view, window):
            found = self.long(self.times - self.grace - window, closed=closed) - self._gone(window)
        else:
            found = self.tiles.between(self.times - window, self.times, closed=closed)
        if few:
            return found
        enough = found.total >= least_events(self.view, window)
        return Events(np.where(enough, found.bad, 0.0), np.where(enough, found.total, 0.0))

    def long(self, after: Times, *, closed: bool, sharp: bool = False, opened: bool = True) -> Events:
        """Count the closed hours that end after some times, and (``opened``) the tiles since, at each evaluation.

        Args:
            after: those times.
            closed: whether ranges are closed.
            sharp: whether the times are a condition that the rules state, and no edge of a range.
            opened: whether to count what is not closed yet.
        """
        edge = closed and not sharp
        if not self.view.long:
            return self.tiles.between(after, self.times if opened else self.times - _GRACE, closed=edge)
        length, ends = self.view.long, self.times - self.grace
        if not opened:
            return self.hours.between(after, self.times - _GRACE, closed=edge)
        until = ends // length * length
        if self.view.slices:
            hours = self.hours.between(after, ends, closed=edge)
        else:
            hours = self.hours.between(after, self.times - 2 * length, closed=edge)
            for end in (until - length, until):
                inside = end > after
                happened = self.until(end) - self.until(end - length)
                hours = hours.plus(Events(happened.bad * inside, happened.total * inside))
        since = np.maximum(np.maximum(until, self.times - length - 3 * _LOOKBACK), after)
        found = hours.plus(self.tiles.between(since, self.times, closed=False))
        if not self.view.fine:
            return found
        lately = np.maximum(self.times // self.view.base * self.view.base, after)
        return found.plus(self.minutes.between(lately, self.times, closed=False))

    def _gone(self, window: int) -> Events:
        """Count what has left the oldest hour of a window of hours: what was open a window ago."""
        before = self.times - window
        # The last evaluation until then, unless it is older than the lookback.
        looked = before // self.view.grid * self.view.grid
        known = (looked >= 0) & (before - looked < _LOOKBACK)
        found = self._open(np.maximum(looked, 0))
        return Events(found.bad * known, found.total * known)

    def _open(self, times: Times) -> Events:
        """Count what happened since the closed hours, at evaluations."""
        since = (times - self.grace) // self.view.long * self.view.long
        found = self.tiles.between(since, times, closed=False)
        if not self.view.fine:
            return found
        return found.plus(self.minutes.between(times // self.view.base * self.view.base, times, closed=False))

    @property
    def grace(self) -> int:
        """How long after its end an hour is closed, in seconds."""
        return _GRACE if self.view.slices else 0

    def peak(self, after: int, until: int) -> float:
        """Give the most events of a tile that ends after one time and up to another."""
        return self.tiles.most(after, until)

    def length_of_hours(self, after: Times, *, closed: bool) -> Times:
        """Give the seconds that the closed hours after some times hold at each evaluation."""
        tiles = self.hours if self.view.long else self.tiles
        length = self.view.long or self.view.base
        return tiles.count(after, self.times - _GRACE, closed=closed) * length

    @cached_property
    def tiles(self) -> _Tiles:
        """The recorded tiles."""
        base = self.view.base
        ends = np.arange(self.view.unseen + base if self.view.scrape else 0, self.end + 1, base)
        ends = ends[_recorded(self.view, base, ends)]
        # A gauge has a value at the first evaluation, where a rate has nothing to say yet.
        starts = np.where(ends > 0, ends - base, 0)
        return _Tiles(ends, self.until(np.where(ends > 0, ends, base)) - self.until(starts))

    @cached_property
    def minutes(self) -> _Tiles:
        """The recorded tiles of a minute, of which windows of hours read those since the last of five."""
        length = self.view.fine
        ends = np.arange(length, self.end + 1, length)
        ends = ends[_recorded(self.view, length, ends)]
        return _Tiles(ends, self.until(ends) - self.until(ends - length))

    @cached_property
    def hours(self) -> _Tiles:
        """The recorded hours."""
        length = self.view.long
        ends = np.arange(length if self.view.scrape else 0, self.end + 1, length)
        ends = ends[_recorded(self.view, length, ends)]
        if self.view.slices:
            return _Tiles(ends, self.tiles.between(ends - length, ends, closed=False))
        return _Tiles(ends, self.until(ends) - self.until(ends - length))


class _Tiles:
    """Tiles by the time at which they end, and what is in each."""

    def __init__(self, ends: Times, events: Events) -> None:
        self.ends = ends
        self._bad = np.concatenate([[0.0], np.cumsum(events.bad)])
        self._total = np.concatenate([[0.0], np.cumsum(events.total)])

    def count(self, after: Times, until: Times, *, closed: bool) -> Times:
        """Count the tiles between two times."""
        first = np.searchsorted(self.ends, after, side="left" if closed else "right")
        counted: Times = np.maximum(np.searchsorted(self.ends, until, side="right") - first, 0)
        return counted

    def most(self, after: int, until: int) -> float:
        """Give the most events of a tile between two times."""
        first, last = np.searchsorted(self.ends, after, side="right"), np.searchsorted(self.ends, until, side="right")
        return float(np.max(np.diff(self._total[first : last + 1]), initial=0.0))

    def between(self, after: Times, until: Times, *, closed: bool) -> Events:
        """Add up the tiles that end after one time, or at it where ``closed``, and up to another."""
        first = np.searchsorted(self.ends, after, side="left" if closed else "right")
        last = np.maximum(np.searchsorted(self.ends, until, side="right"), first)
        return Events(self._bad[last] - self._bad[first], self._total[last] - self._total[first])


def _recorded(view: View, length: int, ends: Times) -> NDArray[np.bool_]:
    """Tell which tiles some evaluation recorded where their reader finds them: soon after their end, or late."""
    soon = -(-ends // view.grid) * view.grid < ends + min(length, _LOOKBACK)
    late = (ends + length - _MINUTE) // view.grid * view.grid
    found: NDArray[np.bool_] = soon | (
        (length > _LOOKBACK) & (late > ends + length - _MINUTE - _LOOKBACK) & (late >= ends)
    )
    return found


@lru_cache(maxsize=256)
def seen(view: View, timeline: Timeline) -> Seen:
    """Give a story as the rules see it."""
    return Seen(view, timeline)


@lru_cache(maxsize=256)
def least_events(view: View, window: int) -> float:
    """Give the events of the slices that a window must hold to have a ratio; stories of slices have usual traffic."""
    if not view.slices:
        return 0.0
    slices = slice_pair(Duration(view.base * 1000), HOUR)
    return least_slices(slices, Duration(window * 1000)) * view.base * float(EVENTS_PER_SECOND) * (1 - tolerances.FLOAT)


def ratios(view: View, timeline: Timeline, window: int, time: int) -> tuple[float, ...]:
    """Give the error ratios that a window may read at a time; none where it holds no events."""
    sides = (seen(view, timeline).window(window, closed=closed) for closed in (False, True))
    at = time // view.grid
    return tuple(float(events.bad[at] / events.total[at]) for events in sides if events.total[at])
