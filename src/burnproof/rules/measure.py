"""Hold every kind of SLI as a pair of measures, bad(W) and total(W); all else is common to all kinds.

error ratio = bad / total; burn rate = error ratio / (1 - objective).
Windows up to six hours read the raw series. Longer ones add up recorded *tiles*: what happened in five whole minutes
of the clock, or in a whole hour. Errors and total are recorded apart, so that a long window is the quotient of two sums
and thus weighted by traffic; an average of recorded ratios would not be.

A range over a counter that is scraped every s seconds is one scrape longer than what it measures: ``rate(x[5m30s])``
holds eleven samples at 30 s, so the ten increments of five minutes. Two neighbouring ranges share one sample, and no
increment falls between them (docs/adr/0009-exact-tiles.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.model.quantities import Duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from burnproof.model.naming import Side
    from burnproof.model.slo import Slo

SECOND = 1000
MINUTE = 60 * SECOND
BASE = Duration(5 * MINUTE)  # a tile of events
RAW = Duration(360 * MINUTE)  # windows up to this length read raw series: no cold start, and a stopped ruler harms none
SLOW = Duration(120 * MINUTE)  # windows from here on are recorded less often
HOUR = Duration(60 * MINUTE)
DAY = Duration(24 * 60 * MINUTE)  # windows from here on are made of hours, and of the tiles since the last one
PATIENT = Duration(3 * DAY.ms)  # longer windows have the hours of long ago added up every 20 minutes only
FAST_INTERVAL = Duration(MINUTE)
SLOW_INTERVAL = Duration(4 * MINUTE)  # below the lookback of five minutes, or readers in other groups miss some
RARE_INTERVAL = Duration(20 * MINUTE)  # far above it: whatever reads such a series takes its last value of two hours
LOOKBACK = Duration(5 * MINUTE)  # Prometheus' own, how old a sample may be that an instant query finds
GRACE = Duration(5 * MINUTE)  # after its end an hour is closed: its tile was recorded once by then


Pace = Literal["fast", "slow", "rare"]


@dataclass(frozen=True, slots=True)
class Record:
    """A recording rule without the identity labels that all of them carry.

    Attributes:
        pace: how often it is evaluated. What reads much and changes little is slow; what only the next hour changes,
            and what is read back with patience, is rare.
    """

    name: str
    expr: str
    pace: Pace = "fast"


@dataclass(frozen=True, slots=True)
class Pair:
    """The recorded tiles that long windows add up.

    Attributes:
        errors: the series of tiles of bad events; ``total`` that of all.
        base: the length of a tile.
        weight: the events that a tile of 1 stands for: 300 for a rate over five minutes, 1 for a slice.
        long: the length of the tiles that windows of a day and more are made of; None where ``base`` serves.
        long_weight: the events that a long tile of 1 stands for.
        fine: the length of the tiles of what happened since the last ``base``; None where nothing is told of that.
        fine_weight: the events that such a tile of 1 stands for.
        slices: whether tiles are verdicts on slices, and not events.
    """

    errors: str
    total: str
    base: Duration
    weight: Decimal
    long: Duration | None
    long_weight: Decimal
    slices: bool
    fine: Duration | None = None
    fine_weight: Decimal = Decimal(1)

    def name(self, side: Side) -> str:
        """Name the tiles of one side."""
        return self.errors if side == "errors" else self.total


@dataclass(frozen=True, slots=True)
class Verdict:
    """How single slices are judged from raw series alone: for composites and the live gate, which read no tiles.

    Attributes:
        bad: PromQL that is 1 or more where the slice that ends now is bad, and 0 where it is good.
        present: PromQL that gives something as long as data arrive, idle or not.
    """

    bad: str
    present: str


@dataclass(frozen=True, slots=True)
class Measure:
    """How one SLO is measured.

    Attributes:
        records: the rules that make the tiles, in the order they must run.
        pair: the recorded tiles, or None where every window is read from raw series (counts).
        ratio: the error ratio over a window as PromQL from raw series, or None where tiles must serve.
        presence: a recorded series that exists as long as data arrive, idle or not.
        total: the number of events in a window as PromQL from raw series, or None where tiles must serve.
        breaks_at: whether reaching a threshold already breaks it (a count), or only exceeding it (a ratio).
        verdict: how single slices are judged, or None where it is judged by events or counted.
    """

    records: tuple[Record, ...]
    pair: Pair | None
    ratio: Callable[[Duration], str | None]
    presence: str
    total: Callable[[Duration], str | None]
    breaks_at: bool = False
    verdict: Verdict | None = None


def is_slow(slo: Slo, window: Duration) -> bool:
    """Tell whether a raw window is recorded every few minutes: a long one, or one that only long ones stand beside.

    The 30m of a 6h page changes with its 6h: an alert is no sooner than the later of the two.
    """
    if window <= BASE:
        return False
    beside = {tier.long for tier in slo.policy.tiers if window in {tier.long, tier.short}}
    return min(beside, default=window) >= SLOW


def slow_interval(late: Duration | None) -> Duration:
    """Give the time between two evaluations of what changes little.

    What is recorded is as old as the rules look back, and must be within the lookback until it is recorded again.
    """
    if late is None:
        return SLOW_INTERVAL
    left = (LOOKBACK.ms - MINUTE - late.ms) // MINUTE * MINUTE
    return Duration(max(left, FAST_INTERVAL.ms))


def step_at_marks(scrape: Duration, length: Duration = BASE) -> Duration:
    """Give how far apart a counter is looked at for its tiles: a scrape at most, and a whole part of their length.

    Zero where that cannot be done: a look finds no sample that is older than the lookback of five minutes, and the real
    interval may be twice the declared one.
    """
    if not scrape.ms or 2 * scrape.ms > LOOKBACK.ms or scrape > length:
        return Duration(0)
    most = max(scrape.ms, SECOND)
    return Duration(max(step for step in range(SECOND, most + 1, SECOND) if length.ms % step == 0))


def slice_pair(length: Duration, long: Duration) -> Pair:
    """Give the pair of an SLI judged in slices of ``length``, of which long windows add up tiles of ``long``."""
    one = Decimal(1)
    return Pair(
        naming.SLICE_ERRORS,
        naming.SLICE_TOTAL,
        length,
        one,
        long if length < long and long.ms % length.ms == 0 else None,
        one,
        slices=True,
    )


def nothing_raw(_window: Duration) -> str | None:
    """Slices: every window reads the tiles."""
    return None


def uses_hours(pair: Pair, window: Duration) -> bool:
    """Tell whether ``window`` is made of hours and what is open, and not of tiles alone."""
    return window >= DAY and pair.long is not None


def on_clock(expr: str, length: Duration, *, again: bool = False) -> str:
    """Give what ``expr`` was at the last whole multiple of ``length`` (``again``: the one before it).

    Subquery steps are absolute multiples, so a range of one step holds one of them, whenever it is evaluated.
    """
    return f"last_over_time({expr}[{length}:{length}]{f' offset {length}' if again else ''})"


def tile_at(series: str, slo_id: str, length: Duration) -> str:
    """Read a recorded tile of one SLO; see ``read_tile``."""
    return read_tile(naming.selector(series, slo_id), length)


def read_tile(selected: str, length: Duration) -> str:
    """Read the tile that ends at a multiple of ``length``, at that very time (as in a subquery that walks those).

    It is recorded again and again until the next one begins; the last record is the best, for late samples are in it.
    So the read reaches forward. Where records are sparse, because no rule ran for some time, an earlier one serves.
    """
    if length < BASE:
        # The lookback of five minutes would find the tile before where this one was not recorded.
        return f"last_over_time({selected}[{length}] offset -{Duration(length.ms - SECOND)})"
    soon = f"{selected} offset -{Duration(BASE.ms - SECOND)}"
    if length == BASE:
        return soon
    return f"({selected} offset -{Duration(length.ms - MINUTE)} or {soon})"


def tiles_over(pair: Pair, side: Side, slo_id: str, window: Duration, *, at_mark: bool = False) -> str:
    """Add up the tiles of one side that end in ``window``.

    ``at_mark`` is for evaluations at the end of a tile alone: there a range that is a second shorter begins at no tile,
    so that closed ranges, as before Prometheus 3, hold no tile more.
    """
    tile = tile_at(pair.name(side), slo_id, pair.base)
    inner = tile if pair.base < BASE or tile.startswith("(") else f"({tile})"
    return f"sum_over_time({inner}[{Duration(window.ms - SECOND) if at_mark else window}:{pair.base}])"


def long_over(side: Side, slo_id: str, window: Duration | str, opened: str = "", valid: str = "") -> str:
    """Count one side's events in a window of hours: the closed ones, and what happened since.

    Args:
        side: errors or total.
        slo_id: the SLO.
        window: the window, or the unit of the calendar.
        opened: the suffix of the open sums' names.
        valid: a condition on the closed sum.
    """
    closed = naming.selector(naming.closed(side, window), slo_id)
    if valid:
        closed = f"({closed} {valid})"
    since = naming.selector(naming.opened(side, opened), slo_id)
    patient = not isinstance(window, Duration) or window > PATIENT
    parts = [f"{closed} + {since}", closed, f"({since} {unless_lost(slo_id)})" if patient else since]
    if isinstance(window, Duration):
        parts.insert(0, f"{closed} + {since} - {_gone(side, slo_id, window)}")
    return f"({' or '.join(parts)})"


def _gone(side: Side, slo_id: str, window: Duration) -> str:
    """Give what has left a window of its oldest hour: what was open a window ago, if it was of that very hour."""
    opened, closed = (naming.selector(name, slo_id) for name in (naming.opened(side), naming.CLOSED))
    return f"({opened} offset {window} and on () ({closed} offset {window} == {closed} - {window.ms // SECOND}))"


def unless_lost(slo_id: str) -> str:
    """Say nothing after rules did not run for long, until the settled hours are added up again (``rules/hours.py``)."""
    return f"unless on () {naming.selector(naming.LOST, slo_id)}"


def ratio_over(measure: Measure, slo_id: str, window: Duration) -> str:
    """Give the error ratio over ``window``; a window without events has no ratio, never 0/0.

    Ratios of events are rounded to twelve places, so that one that is exactly at a threshold is not above it by the
    last digit of a float: ``1 - 0.9856`` is 0.014400000000000013.
    """
    pair = measure.pair
    raw = measure.ratio(window)
    if raw is not None:
        return raw if pair is None else rounded(raw)
    if pair is None:
        raise ValueError(f"{slo_id}: nothing to read a window of {window} from")
    enough = f">= {least}" if (least := least_slices(pair, window)) else "> 0"
    if uses_hours(pair, window):
        return rounded(f"{long_over('errors', slo_id, window)}\n/\n({long_over('total', slo_id, window)} {enough})")
    errors, total = (tiles_over(pair, side, slo_id, window) for side in SIDES)
    if pair.slices:
        # Verdicts are only there where something was judged, so their total is never 0.
        return f"{errors}\n/\n{total}" if least == 1 else f"{errors}\n/\n({total} {enough})"
    return rounded(f"{errors}\n/\n({total} > 0)")


def least_slices(pair: Pair, window: Duration) -> int:
    """Give how many judged slices a window must hold before it has a ratio; 0 where it holds events.

    Half of its slices, or of those of an hour where it is longer: after an idle night or a gap one bad slice would
    else be 100 %. Hours with fewer than six slices count as six, and one alone never stands for a window of several.
    """
    if not pair.slices:
        return 0
    held = max(1, window.ms // pair.base.ms)
    most = max(HOUR.ms // pair.base.ms, _FEW_SLICES)
    return max(min(held, 2), -(-min(held, most) // 2))


_FEW_SLICES = 6


def rounded(expr: str) -> str:
    """Round a ratio to twelve places."""
    return f"round({expr}, 1e-12)"


def events_over(measure: Measure, slo_id: str, window: Duration) -> str:
    """Count the events in ``window``.

    Raises:
        ValueError: the SLO counts no events.
    """
    raw = measure.total(window)
    if raw is not None:
        return raw
    pair = measure.pair
    if pair is None:
        raise ValueError(f"{slo_id}: a window of {window} has no events")
    if uses_hours(pair, window):
        return long_over("total", slo_id, window)
    return times(tiles_over(pair, "total", slo_id, window), pair.weight)


def times(expr: str, weight: Decimal) -> str:
    """Multiply by a weight that is not 1."""
    return expr if weight == 1 else f"{expr} * {plain(weight)}"


SIDES: tuple[Side, Side] = ("errors", "total")
