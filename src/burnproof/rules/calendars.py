"""Make the rules of a calendar period: when the unit began, what was bad in it, how much budget is left.

Nothing keeps state. The clock of the zone, the beginning of the unit and its length follow from the time of the
evaluation alone; errors and total are summed over whole local hours that ended after the beginning, and over the five
minutes that ended since:

    sum_over_time((errors and on () (vector(time()) > on () (start @ end())))[32d:1h])

The inner time walks through the subquery, while ``@ end()`` stands at the evaluation. One second is taken off the
clock, because the tile that ends at midnight sharp tells of the hour before.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.quantities import Duration, duration
from burnproof.model.slo import Calendar, Count, Rolling
from burnproof.model.time_zones import zone_of
from burnproof.rules.hours import closed_sums, long_tile_at, open_records, recent_records
from burnproof.rules.measure import (
    DAY,
    HOUR,
    SECOND,
    Record,
    long_over,
    times,
)

if TYPE_CHECKING:
    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure, Pace, Pair

# The longest unit, the hour of a changed clock, and some.
REACH: Final = {"week": "8d", "month": "32d", "quarter": "93d"}


def calendar_of(slo: Slo) -> Calendar | None:
    """Give the calendar that an SLO's budget follows; a count has a period of its own."""
    return slo.period if isinstance(slo.period, Calendar) and not isinstance(slo.indicator, Count) else None


def long_tile(slo: Slo) -> Duration | None:
    """Give the length of the tiles that an SLO's long windows are made of; None where it has no such window.

    An hour, or the part of one by which the zone's midnight is off the full hour of UTC: half an hour in India.
    """
    calendar = calendar_of(slo)
    if calendar is not None:
        shift = zone_of(calendar.timezone).shift
        return Duration(gcd(HOUR.ms, shift * SECOND))
    spans = [window for tier in slo.policy.tiers for window in (tier.long, tier.short) if window is not None]
    if isinstance(slo.period, Rolling):
        spans.append(slo.period.length)
    return HOUR if max(spans) >= DAY else None


def tile(pair: Pair) -> Duration:
    """Give the time that one summed tile stands for: an hour or a part of it, or a slice that is longer."""
    return pair.long or pair.base


def calendar_rules(slo: Slo, calendar: Calendar, measure: Measure) -> tuple[Record, ...]:
    """Give the rules that find the current unit and count what happened in it, in the order to run.

    Raises:
        ValueError: the SLO records no pair; only counts do not, and they follow no calendar.
    """
    pair = measure.pair
    if pair is None:
        raise ValueError(f"{slo.id}: a calendar period needs recorded errors and total")
    names = (naming.PERIOD_START, naming.seldom(naming.PERIOD_START))
    start, earlier = (naming.selector(name, slo.id) for name in names)
    inside = f" and on () (vector(time()) > on () ({start} @ end()))"
    reach, step, unit = REACH[calendar.unit], tile(pair), calendar.unit
    sides: tuple[naming.Side, naming.Side] = ("errors", "total")
    if pair.long is None:
        whole = (
            Record(
                naming.summed(side, unit),
                times(f"sum_over_time(({long_tile_at(pair, side, slo.id)}{inside})[{reach}:{step}])", pair.weight),
            )
            for side in sides
        )
        return (*_clock(slo, calendar), *whole)
    closed = (one for side in sides for one in closed_sums(pair, side, slo.id, duration(reach), unit, (start, earlier)))
    summed = (Record(naming.summed(side, unit), long_over(side, slo.id, unit, unit)) for side in sides)
    recent = recent_records(pair, slo.id, unit, start)
    clock = (*_clock(slo, calendar), *_start(slo, calendar, seldom=True))
    return (*clock, *recent, *closed, *open_records(pair, slo.id, inside, unit), *summed)


def _clock(slo: Slo, calendar: Calendar) -> tuple[Record, ...]:
    """Record the local time, the beginning of the unit in local time and in UTC, and the unit's length in seconds.

    They stand with the closed sums, which are about the same unit then; a unit begins with their next evaluation.
    """
    local, begin = (naming.selector(name, slo.id) for name in (naming.PERIOD_CLOCK, naming.PERIOD_BEGIN))
    _, days = _UNITS[calendar.unit]
    return (
        *_start(slo, calendar),
        Record(
            naming.PERIOD_LENGTH,
            # Gone by, and to come: exact on the day of a changed clock and after it, and at the end of any unit.
            f"time() - 1 - {naming.selector(naming.PERIOD_START, slo.id)} + {begin}"
            f" + 86400 * {days.replace('$begin', begin)} - {local}",
            pace="slow",
        ),
    )


def _start(slo: Slo, calendar: Calendar, *, seldom: bool = False) -> tuple[Record, ...]:
    """Record the local time, and the beginning of the unit in local time and in UTC.

    ``seldom`` is for the settled sums: each group knows the unit of its own evaluation.
    """
    zone = zone_of(calendar.timezone)
    names = (naming.PERIOD_CLOCK, naming.PERIOD_BEGIN, naming.PERIOD_START)
    clock_name, begin_name, start_name = map(naming.seldom, names) if seldom else names
    local, begin = (naming.selector(name, slo.id) for name in (clock_name, begin_name))
    now = f"time() - 1{_signed(zone.base)}"
    start = f"{begin}{_signed(-zone.base)}"
    for each in zone.transitions:
        # The same step both ways. A midnight that the clock skips is the moment of the skip; of two, it is the
        # first one, unless the clock went back at midnight sharp and the day before went on.
        change, edge = each.after - each.before, each.at + each.before
        now += f"{_signed(change)} * (time() > bool {each.at})"
        start += f"{_signed(-change)} * ({begin} {'>' if change > 0 else '>='} bool {edge})"
    first, _ = _UNITS[calendar.unit]
    pace: Pace = "rare" if seldom else "slow"
    return (
        Record(clock_name, f"vector({now})", pace),
        Record(begin_name, f"86400 * ({first.replace('$local', local)})", pace),
        Record(start_name, start, pace),
    )


# The first day of the unit, as days since 1970 by the local clock; and the unit's days, from its beginning. A month
# has at least 28 days and at most 31, so a day 32 days away lies in the month beside it, early or late.
_TODAY: Final = "floor($local / 86400)"
_FIRST_OF_MONTH: Final = f"{_TODAY} - day_of_month($local) + 1"
_MONTHS_IN: Final = "(month($local) - 1) % 3"
_FIRST_OF_QUARTER: Final = (
    f"{_FIRST_OF_MONTH}"
    f" - ({_MONTHS_IN} > bool 0) * days_in_month(86400 * ({_FIRST_OF_MONTH} - 1))"
    f" - ({_MONTHS_IN} > bool 1) * days_in_month(86400 * ({_FIRST_OF_MONTH} - 32))"
)
_DAYS_OF_QUARTER: Final = "(days_in_month($begin) + days_in_month($begin + 2764800) + days_in_month($begin + 5443200))"
_UNITS: Final = {
    "week": (f"{_TODAY} - ({_TODAY} + 3) % 7", "7"),  # 1970 began on a Thursday
    "month": (_FIRST_OF_MONTH, "days_in_month($begin)"),
    "quarter": (_FIRST_OF_QUARTER, _DAYS_OF_QUARTER),
}


def _signed(number: int) -> str:
    """Write a term of a sum; nothing for 0."""
    return f" {'+' if number > 0 else '-'} {abs(number)}" if number else ""
