"""Make the rules of the budget's period: how long it is, what happened in it, what is certainly spent.

    spent = bad events / (error budget x events of the whole period)

In a period that is seen in full this is the burn rate. In one that has only begun (a month on its third day, or any
period after a deployment) the events to come are part of it: what was seen, and for the rest the usual traffic. The
usual traffic is the mean of what was recorded, of the time before the unit began too; in the first day, when a quiet
night may be all that was seen, it is the busiest five minutes. So an hour of outage costs on the first what it costs
on the last, and no more is called spent than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.model.quantities import Duration
from burnproof.model.slo import CALENDAR, Calendar, Count, Rolling
from burnproof.rules.calendars import REACH, calendar_of, calendar_rules, tile
from burnproof.rules.coverage import anchor_of
from burnproof.rules.hours import PATIENCE, long_tile_at
from burnproof.rules.measure import (
    DAY,
    GRACE,
    HOUR,
    MINUTE,
    SECOND,
    Record,
    long_over,
    rounded,
    tile_at,
    tiles_over,
    times,
    uses_hours,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.naming import Side
    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure, Pair

_TINY = "1e-9"  # fewer events than that in a period are none
_SIDES: tuple[Side, Side] = ("errors", "total")


def period(slo: Slo) -> Duration:
    """Give the length of the budget's period; a calendar unit has that of its longest."""
    match slo.indicator, slo.period:
        case Count(per=per), _:
            return per
        case _, Rolling(length=length):
            return length
        case _, Calendar(unit=unit):
            return CALENDAR[unit].longest


def period_ratio(slo: Slo) -> str:
    """Name the error ratio of the budget's period: ``slo:sli_error:ratio_rate30d``, or ``…_month``."""
    calendar = calendar_of(slo)
    return naming.error_ratio(period(slo)) if calendar is None else naming.calendar_ratio(calendar.unit)


def period_text(slo: Slo) -> str:
    """Name the period for people: ``30d``, or ``month (Europe/Berlin)``."""
    if isinstance(slo.period, Calendar) and not isinstance(slo.indicator, Count):
        return f"{slo.period.unit} ({slo.period.timezone})"
    return str(period(slo))


def period_events(slo: Slo, side: Side) -> str:
    """Name the number of bad, or of all, events in the period: ``slo:sli_errors:increase30d``, or ``…month``."""
    calendar = calendar_of(slo)
    return naming.summed(side, period(slo) if calendar is None else calendar.unit)


def reads_raw(slo: Slo, measure: Measure) -> bool:
    """Tell whether the period is so short that its ratio is read from raw series: nothing of it is unseen."""
    return calendar_of(slo) is None and measure.ratio(period(slo)) is not None


def spent_share(slo: Slo, measure: Measure) -> str:
    """Write the share of the period's budget that is spent."""
    if reads_raw(slo, measure):
        return naming.selector(naming.PERIOD_BURN_RATE, slo.id)
    errors = naming.selector(period_events(slo, "errors"), slo.id)
    expected = naming.selector(naming.PERIOD_EXPECTED, slo.id)
    # In the first minutes of a unit nothing has happened yet: that has spent nothing, where 0/0 would say nothing.
    whole = f"clamp_min({expected}, {_TINY})" if calendar_of(slo) else f"({expected} > 0)"
    return rounded(f"{errors} / {plain(slo.budget)} / {whole}")


def period_records(slo: Slo, measure: Measure) -> Iterator[Record]:
    """Yield what is recorded of the period, up to the events that its whole length is expected to have."""
    pair = measure.pair
    if pair is None or reads_raw(slo, measure):
        return
    calendar = calendar_of(slo)
    if calendar is None:
        yield from (Record(naming.summed(side, period(slo)), _events(slo, pair, side)) for side in _SIDES)
    else:
        yield from calendar_rules(slo, calendar, measure)
    errors, total = (naming.selector(period_events(slo, side), slo.id) for side in _SIDES)
    ratio = f"{errors}\n/\nclamp_min({total}, {_TINY})" if calendar else f"{errors}\n/\n({total} > 0)"
    yield Record(period_ratio(slo), rounded(ratio))
    yield Record(naming.OLDEST, _oldest(slo, measure), pace="slow")
    yield Record(naming.PERIOD_SEEN, _seen(slo))
    yield from _usual(slo, measure, pair)
    yield Record(naming.PERIOD_EXPECTED, _expected(slo, total))


def _events(slo: Slo, pair: Pair, side: Side) -> str:
    if uses_hours(pair, period(slo)):
        return long_over(side, slo.id, period(slo))
    return times(tiles_over(pair, side, slo.id, period(slo)), pair.weight)


def _oldest(slo: Slo, measure: Measure) -> str:
    """Give the time of the oldest record in the period: its age does not depend on how many there are."""
    calendar, length = calendar_of(slo), period(slo)
    reach = str(length) if calendar is None else REACH[calendar.unit]
    step = HOUR if length >= DAY else Duration(5 * MINUTE)
    anchor = anchor_of(slo.id, measure)
    # On the day of deployment no whole step has been recorded yet.
    return f"min_over_time(timestamp({anchor})[{reach}:{step}]) or timestamp({anchor})"


def _seen(slo: Slo) -> str:
    """Give the share of the period since the rules first ran in it; no hole in between counts as unseen."""
    oldest = naming.selector(naming.OLDEST, slo.id)
    if calendar_of(slo) is None:
        length = period(slo)
        # The oldest of points an hour apart is up to an hour younger than the period.
        step = 3600 if length >= DAY else 300
        return f"clamp_max((time() - {oldest} + {step}) / {length.ms // SECOND}, 1)"
    start, whole = (naming.selector(name, slo.id) for name in (naming.PERIOD_START, naming.PERIOD_LENGTH))
    return f"clamp_min(time() - 1 - clamp_min({oldest}, scalar({start})), 0) / {whole}"


def _usual(slo: Slo, measure: Measure, pair: Pair) -> Iterator[Record]:
    """Yield the rate that is expected of time not seen: a mean, or in the first day the busiest five minutes."""
    tiles = f"({tile_at(pair.total, slo.id, pair.base)})"
    per_tile = pair.weight * SECOND / pair.base.ms
    yield Record(naming.PEAK, times(f"max_over_time({tiles}[1d:{pair.base}])", per_tile), pace="slow")
    calendar = calendar_of(slo)
    total = naming.selector(period_events(slo, "total"), slo.id)
    seen = naming.selector(naming.PERIOD_SEEN, slo.id)
    anchor = anchor_of(slo.id, measure)
    joined = f"/ {_identity(slo)}" if slo.by else "/"
    if calendar is None:
        mean = f"{total} {joined} ({seen} * {period(slo).ms // SECOND})"
    else:
        length, weight = tile(pair), pair.weight if pair.long is None else pair.long_weight
        walked = f"({long_tile_at(pair, 'total', slo.id)})[{REACH[calendar.unit]}:{length}] offset {GRACE}"
        yield Record(naming.USUAL, times(f"avg_over_time({walked})", weight * SECOND / length.ms), pace="rare")
        mean = f"last_over_time({naming.selector(naming.USUAL, slo.id)}[{PATIENCE}])"
    aged = f"and on ({naming.ID}) last_over_time({anchor}[1d:1h] offset 1d)"
    yield Record(naming.EXPECTED_RATE, f"({mean})\n{aged}\nor\n{naming.selector(naming.PEAK, slo.id)}")


def _expected(slo: Slo, total: str) -> str:
    """Give the events of the whole period: those seen, and for the rest of its length the usual ones."""
    rate = naming.selector(naming.EXPECTED_RATE, slo.id)
    seen = naming.selector(naming.PERIOD_SEEN, slo.id)
    whole = naming.selector(naming.PERIOD_LENGTH, slo.id) if calendar_of(slo) else str(period(slo).ms // SECOND)
    rest = f"((1 - {seen}) * {whole})"
    return f"{total}\n+\n{rate} * {_identity(slo)} {rest}" if slo.by else f"{total}\n+\n{rate} * {rest}"


def _identity(slo: Slo) -> str:
    """Join a series of groups with one of the SLO."""
    return f"on ({', '.join(naming.IDENTITY)}) group_left ()" if slo.by else ""
