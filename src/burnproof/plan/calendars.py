"""A calendar period to its rules: when the current unit began, what was bad in it, how much of its budget is left.

Nothing keeps state. The clock of the zone, the beginning of the unit and its length follow from the time of the
evaluation alone; errors and total are summed over whole local hours that ended after the beginning:

    sum_over_time((errors * (time() > bool scalar(start @ end())))[32d:1h])

The inner time walks through the subquery, while ``@ end()`` stands at the evaluation. One second is taken off the
clock, because the sample taken at midnight sharp tells of the hour before.

The budget of a unit is the objective over the whole unit, of which only a part has gone by: what is spent is the
burn rate so far times the share of the unit that was seen. A bad hour on the first costs what it costs on the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof import naming
from burnproof.model import Calendar, Count
from burnproof.plan.measure import DAY, HOUR, Record, uses_hours
from burnproof.spec.zones import zone_of

if TYPE_CHECKING:
    from burnproof.model import Slo
    from burnproof.plan.measure import Measure, Pair
    from burnproof.units import Duration

# The longest unit, the hour of a changed clock, and some.
_REACH: Final = {"week": "8d", "month": "32d", "quarter": "93d"}
_TINY: Final = "0.000000001"  # fewer events than that in a unit are none


def calendar_of(slo: Slo) -> Calendar | None:
    """Give the calendar that an SLO's budget follows; a count has a period of its own."""
    return slo.period if isinstance(slo.period, Calendar) and not isinstance(slo.indicator, Count) else None


def tile(pair: Pair) -> Duration:
    """Give the time that one summed sample stands for: an hour, or a slice that is longer."""
    return HOUR if uses_hours(pair, DAY) else pair.base


def calendar_rules(slo: Slo, calendar: Calendar, measure: Measure) -> tuple[Record, ...]:
    """Give the rules up to the error ratio of the unit and the share of it that was seen, in the order to run.

    Raises:
        ValueError: the SLO records no pair; only counts do not, and they follow no calendar.
    """
    pair = measure.pair
    if pair is None:
        raise ValueError(f"{slo.id}: a calendar period needs recorded errors and total")
    errors, total = (pair.errors_hour, pair.total_hour) if uses_hours(pair, DAY) else (pair.errors, pair.total)
    step, reach = tile(pair), _REACH[calendar.unit]
    shift = zone_of(calendar.timezone).shift
    moved = f" offset {shift // 60}m" if shift else ""
    later = f" + {shift}" if shift else ""
    inside = f"(time() > bool scalar({naming.selector(naming.PERIOD_START, slo.id)} @ end()){later})"

    def summed(expr: str) -> str:
        return f"sum_over_time(({expr})[{reach}:{step}])"

    bad = summed(f"{naming.selector(errors, slo.id)}{moved} * {inside}")
    whole = summed(f"{naming.selector(total, slo.id)}{moved} * {inside}")
    seen = summed(f"0 * {naming.selector(total, slo.id)}{moved} + {inside}")
    identity = ", ".join(naming.IDENTITY)
    per = f"/ on ({identity}) group_left ()" if slo.by else "/"
    length = naming.selector(naming.PERIOD_LENGTH, slo.id)
    # In the first hour of a unit nothing has happened yet: that has spent nothing, where 0/0 would say nothing.
    ratio = f"{bad}\n/\nclamp_min({whole}, {_TINY})"
    return (
        *_clock(slo, calendar),
        Record(naming.calendar_ratio(calendar.unit), ratio),
        Record(naming.PERIOD_SEEN, f"{step.ms // 1000} * {seen}\n{per}\n{length}"),
    )


def _clock(slo: Slo, calendar: Calendar) -> tuple[Record, ...]:
    """Record the local time, the beginning of the unit in local time and in UTC, and the unit's length in seconds."""
    zone = zone_of(calendar.timezone)
    local = naming.selector(naming.PERIOD_CLOCK, slo.id)
    begin = naming.selector(naming.PERIOD_BEGIN, slo.id)
    now = f"time() - 1{_signed(zone.base)}"
    start = f"{begin}{_signed(-zone.base)}"
    for each in zone.transitions:
        # The same step both ways. A midnight that the clock skips is the moment of the skip; of two, it is the
        # first one, unless the clock went back at midnight sharp and the day before went on.
        change, edge = each.after - each.before, each.at + each.before
        now += f"{_signed(change)} * (time() > bool {each.at})"
        start += f"{_signed(-change)} * ({begin} {'>' if change > 0 else '>='} bool {edge})"
    first, days = _UNITS[calendar.unit]
    return (
        Record(naming.PERIOD_CLOCK, f"vector({now})"),
        Record(naming.PERIOD_BEGIN, f"86400 * ({first.replace('$local', local)})"),
        Record(naming.PERIOD_START, start),
        Record(
            naming.PERIOD_LENGTH,
            # Gone by, and to come: exact on the day of a changed clock and after it, and at the end of any unit.
            f"time() - 1 - {naming.selector(naming.PERIOD_START, slo.id)} + {begin}"
            f" + 86400 * {days.replace('$begin', begin)} - {local}",
        ),
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
