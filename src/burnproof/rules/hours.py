"""Windows of a day and more as sums of whole hours, and of what happened since the last one.

Three sums make a window, by how often they change. Each is recorded by itself:

- *settled*: the hours that no rule computes any more. They are read back, hundreds of them for a month. For windows of
  more than three days they are added up every 20 minutes only, so that cost hardly grows with the period.
- *recent*: the last two whole hours, which their rules have just read from raw series. So they are right at the first
  evaluation after a ruler was down. Hours between the settled and the recent ones are read back as well.
- *open*: the tiles of five minutes since the last whole hour, and those of a minute since the last five.

An hour over whose end no rule ran, nor for almost two hours after it, has no tile. What the open sum had last counted
of it stands for it: all but the last minutes before the rules stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.model.quantities import Duration
from burnproof.rules.measure import (
    BASE,
    DAY,
    GRACE,
    MINUTE,
    PATIENT,
    SECOND,
    SIDES,
    Pair,
    Record,
    tile_at,
    times,
    unless_lost,
)

if TYPE_CHECKING:
    from burnproof.model.naming import Side

PATIENCE = Duration(120 * MINUTE)
"""For how long what was settled last is good: what happened since is added to it."""
_REMEMBERED = Duration(2 * DAY.ms)
"""Within how long there must have been settled sums for their absence to be a hole, and not the first day."""
_BEFORE = tuple(Duration(minutes * MINUTE) for minutes in (10, 25, 40))
"""How long before the end of an hour its open sum is looked for, where the hour has no tile."""
_PART = "burnproof_part"
"""A label that keeps the parts of a sum apart under ``or``; the sum takes it away."""


def long_tile_at(pair: Pair, side: Side, slo_id: str) -> str:
    """Read the long tile that ends at a multiple of its length: as last recorded, soon after its end, or once more.

    Where there is none of these, what was open of it serves.
    """
    if pair.long is None:
        return tile_at(pair.name(side), slo_id, pair.base)
    first = tile_at(naming.tile(side, pair.long), slo_id, pair.long)
    again = naming.selector(naming.tile(side, pair.long, again=True), slo_id)
    opened = naming.selector(naming.opened(side), slo_id)
    before = [f"{opened} offset {early}" for early in _BEFORE if early.ms + BASE.ms < pair.long.ms]
    begun = f" or ({' or '.join(before)}) / {plain(pair.long_weight)}" if before else ""
    # The names differ, and sum_over_time must find one series: multiplying drops them.
    return f"1 * ({first[1:-1]} or {again} offset -{Duration(2 * pair.long.ms - MINUTE)}{begun})"


def closed_after(pair: Pair) -> Duration:
    """Give how long after its end an hour is closed: at once where it is read raw, else once it was recorded."""
    return GRACE if pair.slices else Duration(0)


def settled_after(pair: Pair) -> Duration:
    """Give how long after its end an hour is read back, and no longer computed."""
    return GRACE if pair.slices or pair.long is None else Duration(2 * pair.long.ms)


def closed_records(pair: Pair, slo_id: str, windows: tuple[Duration, ...], *, calendar: bool) -> tuple[Record, ...]:
    """Record, for windows of hours, the events in the whole hours of each, and up to which hour they reach.

    Args:
        pair: the tiles.
        slo_id: the SLO.
        windows: those windows.
        calendar: whether a unit of the calendar is made of hours too.
    """
    if pair.long is None:
        return ()
    stamps = [Record(naming.CLOSED, _mark(pair, closed_after(pair)), "slow")]
    if calendar or any(window > PATIENT for window in windows):
        stamps.append(Record(naming.SETTLED, _mark(pair, settled_after(pair)), "rare"))
        lost = f"{_settled_until(slo_id, _REMEMBERED)} unless {_settled_until(slo_id)}"
        stamps.append(Record(naming.LOST, lost, "slow"))
    sums = [one for window in windows for side in SIDES for one in closed_sums(pair, side, slo_id, window, window)]
    return (*stamps, *recent_records(pair, slo_id), *sums)


def _mark(pair: Pair, after: Duration) -> str:
    """Give the end of the last hour that ended so long ago."""
    now = f"time() - {after.ms // SECOND}" if after.ms else "time()"
    length = (pair.long or pair.base).ms // SECOND
    return f"vector({now} - ({now}) % {length})"


def recent_records(pair: Pair, slo_id: str, unit: str = "", start: str = "") -> tuple[Record, ...]:
    """Record what happened in the last two whole hours; verdicts on slices are read as they were recorded.

    Args:
        pair: the tiles.
        slo_id: the SLO.
        unit: of the calendar, in which they must have ended; "" for none.
        start: when that began.
    """
    if pair.slices or pair.long is None:
        return ()
    until = naming.selector(naming.CLOSED, slo_id)
    earlier = f"{until} - {pair.long.ms // SECOND}"
    made = []
    for side in SIDES:
        last, before = (naming.selector(naming.tile(side, pair.long, again=again), slo_id) for again in (False, True))
        if unit:
            last, before = f"({last} and on () ({until} > {start}))", f"({before} and on () ({earlier} > {start}))"
        made.append(Record(naming.recent(side, unit), f"{last} + {before} or {last} or 1 * {before}", "slow"))
    return tuple(made)


def closed_sums(
    pair: Pair, side: Side, slo_id: str, window: Duration, name: Duration | str, starts: tuple[str, str] = ("", "")
) -> tuple[Record, ...]:
    """Record one side's events in the whole hours of a window, and before that in those that are settled.

    Args:
        pair: the tiles.
        side: errors or total.
        slo_id: the SLO.
        window: its length; of a calendar's unit the longest.
        name: the window, or the unit.
        starts: when the unit began, as selectors: as slow rules know it, and as rare ones do; "" for windows.
    """
    unit = "" if isinstance(name, Duration) else name
    start, _ = starts
    tiles, earlier = (_inside(f"({long_tile_at(pair, side, slo_id)})", begin) for begin in starts)
    older = window if pair.slices else Duration(window.ms - settled_after(pair).ms)
    settled = f"sum_over_time({earlier}[{older}:{pair.long}] offset {settled_after(pair)})"
    recent = [] if pair.slices else [naming.selector(naming.recent(side, unit), slo_id)]
    if not unit and window <= PATIENT:
        return (Record(naming.closed(side, name), times(_sum([settled, *recent]), pair.long_weight), "slow"),)
    between = _between(pair, slo_id, tiles)
    last = f"last_over_time({naming.selector(naming.settled(side, name), slo_id)}[{PATIENCE}])"
    if start:
        # What was settled up to the beginning of this unit is of the one before.
        last = f"({last} and on () {_settled_until(slo_id)} > {start})"
    whole = times(_sum([last, between, *recent]), pair.long_weight)
    return (
        Record(naming.settled(side, name), settled, "rare"),
        Record(naming.closed(side, name), f"{whole}\n{unless_lost(slo_id)}", "slow"),
    )


def _inside(tiles: str, start: str) -> str:
    """Keep the tiles that end after a unit of the calendar began."""
    return f"({tiles} and on () (vector(time()) > on () ({start} @ end())))" if start else tiles


def _settled_until(slo_id: str, within: Duration = PATIENCE, at: str = "") -> str:
    """Read up to which hour the settled sums reach, as last recorded."""
    return f"last_over_time({naming.selector(naming.SETTLED, slo_id)}[{within}]{at})"


def _between(pair: Pair, slo_id: str, tiles: str) -> str:
    """Add up the hours that are settled by now and were not when that was last recorded."""
    reach = Duration(PATIENCE.ms + (pair.long or BASE).ms)
    after = f"and on () (vector(time()) > on () {_settled_until(slo_id, at=' @ end()')})"
    return f"sum_over_time(({tiles} {after})[{reach}:{pair.long}] offset {settled_after(pair)})"


def _sum(parts: list[str]) -> str:
    """Add up what may be missing in part: an ``or`` keeps all where a label tells them apart."""
    first, *others = parts
    if not others:
        return first
    named = (f'label_replace({part}, "{_PART}", "{at}", "", "")' for at, part in enumerate(others, start=1))
    return f"sum without ({_PART}) ({first} or {' or '.join(named)})"


def open_records(pair: Pair, slo_id: str, inside: str = "", suffix: str = "") -> tuple[Record, ...]:
    """Record the events in the tiles since the closed hours.

    ``until`` is read at the evaluation (``@ end()``), while the time walks through the subquery: the closed sums and
    the hour up to which they reach were recorded together, up to one slow interval ago.

    Args:
        pair: the tiles.
        slo_id: the SLO.
        inside: a further condition on the time, for units of the calendar.
        suffix: of the names of such.
    """
    if pair.long is None:
        return ()
    reach = Duration(pair.long.ms + 15 * MINUTE)
    made = (
        [] if suffix or pair.fine is None else [Record(naming.TILED, f"vector(time() - time() % {BASE.ms // SECOND})")]
    )
    for side in SIDES:
        whole = _since(naming.CLOSED, slo_id, tile_at(pair.name(side), slo_id, pair.base), inside)
        expr = times(f"sum_over_time({whole}[{reach}:{pair.base}])", pair.weight)
        if pair.fine is not None:
            minute = _since(naming.TILED, slo_id, tile_at(naming.tile(side, pair.fine), slo_id, pair.fine), inside)
            since = times(f"sum_over_time({minute}[{BASE}:{pair.fine}])", pair.fine_weight)
            # Without a closed hour nothing is open: a window would be these minutes alone.
            begun = f"and on () {naming.selector(naming.CLOSED, slo_id)}"
            expr = f"{expr} + {since} or {expr} or ({since} {begun})"
        made.append(Record(naming.opened(side, suffix), expr))
    return tuple(made)


def _since(stamp: str, slo_id: str, tile: str, inside: str) -> str:
    """Keep the tiles that end after a recorded time."""
    return f"({tile} and on () (vector(time()) > on () ({naming.selector(stamp, slo_id)} @ end())){inside})"
