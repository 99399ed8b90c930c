"""Calculate the calendar units of proofs with Python's calendar; no PromQL.

Proofs begin on 1 January 1970, long before the first transition that rules know, so zones keep one offset in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from burnproof.model.time_zones import zone_of

if TYPE_CHECKING:
    from burnproof.model.slo import Calendar

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Unit:
    """A calendar unit: its beginning by the local clock and by UTC, and its end by UTC, in seconds."""

    begin: int
    start: int
    end: int


def unit_at(calendar: Calendar, time: int) -> Unit:
    """Give the unit that the second before ``time`` lies in; midnight sharp ends a unit."""
    offset = zone_of(calendar.timezone).base
    day = (_EPOCH + timedelta(seconds=time - 1 + offset)).replace(hour=0, minute=0, second=0)
    match calendar.unit:
        case "week":
            first = day - timedelta(days=day.weekday())
            after = first + timedelta(days=7)
        case "month":
            first = day.replace(day=1)
            after = (first + timedelta(days=31)).replace(day=1)
        case "quarter":
            first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            after = (first + timedelta(days=92)).replace(day=1)
    begin, end = _seconds(first), _seconds(after)
    return Unit(begin, begin - offset, end - offset)


def _seconds(moment: datetime) -> int:
    return int((moment - _EPOCH).total_seconds())
