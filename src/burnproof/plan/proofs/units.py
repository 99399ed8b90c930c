"""What a calendar unit has seen at a time of a story, by counting hours; no PromQL, no clock but that of 1970.

Proofs begin on 1 January 1970, long before the first transition that rules know, so zones keep one offset in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from burnproof.plan.calendars import calendar_of, tile
from burnproof.plan.periods import budget
from burnproof.plan.proofs.queries import has_gauge
from burnproof.spec.zones import zone_of

if TYPE_CHECKING:
    from burnproof.model import Calendar, Slo
    from burnproof.plan.measure import Measure
    from burnproof.plan.proofs.timeline import Timeline

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Unit:
    """A calendar unit: its beginning by the local clock and by UTC, and its end by UTC, in seconds."""

    begin: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules have summed up at a time: the ratio since the unit began, and the share of the unit."""

    ratio: float
    share: float

    def left(self, slo: Slo) -> float:
        """Give the budget that is left: what was bad, out of what the whole unit may have."""
        return 1 - self.ratio / float(budget(slo)) * self.share


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


def tiles(slo: Slo, measure: Measure, grid: int, start: int, end: int) -> list[int]:
    """List the ends of the summed hours (or slices) in ``(start, end]`` at which rules ran every ``grid`` seconds."""
    calendar, pair = calendar_of(slo), measure.pair
    if calendar is None or pair is None:
        return []
    step, shift = tile(pair).ms // 1000, zone_of(calendar.timezone).shift
    # A gauge is judged at the very first evaluation, where a rate has nothing to say yet.
    earliest = max(start, -1 if has_gauge(slo) else 0)
    first = (earliest // grid + 1) * grid
    return [time for time in range(first, end + 1, grid) if (time + shift) % step == 0]


def seen(slo: Slo, measure: Measure, story: Timeline, grid: int, time: int) -> Seen | None:
    """Predict what stands at ``time`` under a traffic that does not change; None where nothing was summed yet."""
    calendar, pair = calendar_of(slo), measure.pair
    if calendar is None or pair is None:
        return None
    step, shift = tile(pair).ms // 1000, zone_of(calendar.timezone).shift
    last = time // step * step - shift
    if not tiles(slo, measure, grid, -1, last):
        return None
    unit = unit_at(calendar, time)
    inside = tiles(slo, measure, grid, unit.start, last)
    bad = sum(story.mean(end - step, max(end, 1)) for end in inside)  # at 0 a gauge tells what begins there
    return Seen(bad / len(inside) if inside else 0.0, len(inside) * step / (unit.end - unit.start))
