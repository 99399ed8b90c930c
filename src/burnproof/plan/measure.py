"""Every SLI kind as a pair of measures, bad(W) and total(W); what follows is common to all kinds.

error ratio = bad / total; burn rate = error ratio / (1 - objective).
Errors and total are recorded apart, so that a long window is the quotient of two sums and thus weighted
by traffic; an average of recorded ratios would not be.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof import naming
from burnproof.decimals import plain
from burnproof.units import Duration

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = 60_000
BASE = Duration(5 * MINUTE)  # events are recorded as rates over five minutes, and read back every five: a tiling
RECORDED = Duration(120 * MINUTE)  # shorter windows read raw counters: quick detection, no cold start
HOUR = Duration(60 * MINUTE)
DAY = Duration(24 * 60 * MINUTE)  # windows from here on read one sample an hour: 720 points for 30 days


@dataclass(frozen=True, slots=True)
class Record:
    """A recording rule without the identity labels that all of them carry."""

    name: str
    expr: str


@dataclass(frozen=True, slots=True)
class Pair:
    """The recorded pair that long windows sum: its names, and the length of time one sample stands for.

    Events have an hourly pair of their own, straight from the raw counters: a rate never sees the increment
    that straddles the edge of its window, so twelve windows of five minutes would guess at twelve times as many.
    """

    errors: str
    total: str
    errors_hour: str
    total_hour: str
    base: Duration
    weight: int  # events that a sample of 1 stands for: 300 for a rate over five minutes, 1 for a slice or a number
    hour_weight: int  # the same for the hourly pair
    slices: bool  # whether samples are verdicts on slices, and not events


@dataclass(frozen=True, slots=True)
class Measure:
    """How one SLO is measured.

    Attributes:
        records: the rules that make the pair, in the order they must run.
        pair: the recorded pair, or None where every window is read from raw series (counts).
        ratio: the error ratio over a window as PromQL from raw series, or None where the pair must serve.
        presence: a recorded series that exists as long as data arrive, idle or not.
        breaks_at: whether reaching a threshold already breaks it (a count), or only exceeding it (a ratio).
    """

    records: tuple[Record, ...]
    pair: Pair | None
    ratio: Callable[[Duration], str | None]
    presence: str
    breaks_at: bool = False


def events_pair(*, per_second: bool) -> Pair:
    """Give the pair of an events SLI; its samples are rates, or already numbers of events."""
    names = (naming.ERRORS, naming.TOTAL, naming.ERRORS_HOUR, naming.TOTAL_HOUR)
    weights = (BASE.ms // 1000, HOUR.ms // 1000) if per_second else (1, 1)
    return Pair(*names, BASE, *weights, slices=False)


def slice_pair(length: Duration) -> Pair:
    """Give the pair of an SLI judged in slices of ``length``."""
    return Pair(
        naming.SLICE_ERRORS,
        naming.SLICE_TOTAL,
        naming.SLICE_ERRORS_HOUR,
        naming.SLICE_TOTAL_HOUR,
        length,
        1,
        1,
        slices=True,
    )


def no_raw_ratio(_window: Duration) -> str | None:
    """Slices: every window reads the pair."""
    return None


def sum_over(pair: Pair, series: str, series_hour: str, slo_id: str, window: Duration) -> str:
    """Sum one side of the pair over ``window``: points a tile apart, or an hour apart from a day on.

    Subquery steps are absolute multiples, so each stretch of time is counted once and the cost does not
    depend on how often the rules run.
    """
    if uses_hours(pair, window):
        return f"sum_over_time({naming.selector(series_hour, slo_id)}[{window}:{HOUR}])"
    return f"sum_over_time({naming.selector(series, slo_id)}[{window}:{pair.base}])"


def uses_hours(pair: Pair, window: Duration) -> bool:
    """Tell whether ``window`` is summed from trailing-hour sums."""
    return window >= DAY and pair.base < HOUR


def errors_over(pair: Pair, slo_id: str, window: Duration) -> str:
    """Sum the errors of the pair over ``window``."""
    return sum_over(pair, pair.errors, pair.errors_hour, slo_id, window)


def total_over(pair: Pair, slo_id: str, window: Duration) -> str:
    """Sum the total of the pair over ``window``."""
    return sum_over(pair, pair.total, pair.total_hour, slo_id, window)


def ratio_over(measure: Measure, slo_id: str, window: Duration) -> str:
    """Give the error ratio over ``window``; a window without events has no ratio, never 0/0."""
    raw = measure.ratio(window)
    if raw is not None:
        return raw
    if measure.pair is None:
        raise ValueError(f"{slo_id}: nothing to read a window of {window} from")
    total = total_over(measure.pair, slo_id, window)
    # Verdicts are only there where something was judged, so their total is never 0; idle counters add up to just that.
    return f"{errors_over(measure.pair, slo_id, window)}\n/\n{total if measure.pair.slices else f'({total} > 0)'}"


def events_over(pair: Pair, slo_id: str, window: Duration) -> str:
    """Count the events in ``window``."""
    if not pair.slices and window == HOUR:
        return _times(naming.selector(pair.total_hour, slo_id), pair.hour_weight)
    if uses_hours(pair, window):
        return _times(total_over(pair, slo_id, window), pair.hour_weight)
    if window > pair.base and window.ms % pair.base.ms == 0:
        return _times(total_over(pair, slo_id, window), pair.weight)
    # Of any other window the tiles are now one more and now one fewer, or none at all; their mean is always there.
    total = naming.selector(pair.total, slo_id)
    mean = total if window <= pair.base else f"avg_over_time({total}[{window}:{pair.base}])"
    return _times(mean, Decimal(pair.weight * window.ms) / pair.base.ms)


def _times(expr: str, weight: Decimal | int) -> str:
    return expr if weight == 1 else f"{expr} * {plain(Decimal(weight))}"


def hour_sums(pair: Pair, slo_id: str) -> tuple[Record, ...]:
    """Record the verdicts of the trailing hour, added up; slices of an hour or more are read as they are."""
    if pair.base >= HOUR:
        return ()
    return (
        Record(pair.total_hour, f"sum_over_time({naming.selector(pair.total, slo_id)}[{HOUR}:{pair.base}])"),
        Record(pair.errors_hour, f"sum_over_time({naming.selector(pair.errors, slo_id)}[{HOUR}:{pair.base}])"),
    )
