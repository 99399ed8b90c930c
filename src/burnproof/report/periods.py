"""Find the span of a report: a day, week or month of a time zone, or any length up to a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from burnproof.model.quantities import Duration

Unit = Literal["day", "week", "month"]
UNITS: Final[tuple[Unit, ...]] = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, its start left out and its end part of it, as PromQL's ranges are.

    Attributes:
        start: Seconds since the epoch.
        end: Seconds since the epoch.
        name: What people call it: ``2026-11-20``, ``week of 2026-11-16``, ``November 2026``.
    """

    start: int
    end: int
    name: str

    @property
    def seconds(self) -> int:
        """Its length in seconds."""
        return self.end - self.start


def unit_of(unit: Unit, at: int, zone: ZoneInfo, until: int | None = None) -> Span:
    """Give the day, week (from Monday) or month that holds a moment, cut off at ``until``."""
    return _span(unit, _first(unit, datetime.fromtimestamp(at, zone).date()), zone, until)


def before(unit: Unit, at: int, zone: ZoneInfo) -> Span:
    """Give the last whole day, week or month that had ended at a moment."""
    first = _first(unit, datetime.fromtimestamp(at, zone).date())
    return _span(unit, _first(unit, first - timedelta(days=1)), zone, None)


def due(unit: Unit, day: date) -> bool:
    """Tell whether a report is due on a day: daily always, weekly on Mondays, monthly on the first."""
    return _first(unit, day) == day


def trailing(length: Duration, end: int) -> Span:
    """Give the stretch of a length that ends at a moment."""
    return Span(end - length.ms // 1000, end, f"the last {length}")


def between(start: int, end: int, zone: ZoneInfo) -> Span:
    """Give the stretch between two moments."""
    return Span(start, end, f"{moment_text(start, zone)} to {moment_text(end, zone)}")


def earlier(span: Span, unit: Unit | None, count: int, zone: ZoneInfo) -> tuple[Span, ...]:
    """Give the spans of the same kind before one, oldest first."""
    found: list[Span] = []
    at = span.start
    for number in range(1, count + 1):
        if unit is None:
            end = span.end - number * span.seconds
            found.append(Span(end - span.seconds, end, f"until {moment_text(end, zone)}"))
        else:
            found.append(before(unit, at, zone))
            at = found[-1].start
    return tuple(reversed(found))


def moment_text(at: float, zone: ZoneInfo) -> str:
    """Write a moment for people, with its zone."""
    found = datetime.fromtimestamp(at, zone)
    return f"{found:%Y-%m-%d %H:%M} {found.tzname()}"


def _first(unit: Unit, day: date) -> date:
    """Give the first day of the unit that holds a day."""
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)


_NAMES: Final[dict[Unit, str]] = {"day": "%A %Y-%m-%d", "week": "week %G-W%V, from %Y-%m-%d", "month": "%B %Y"}


def _span(unit: Unit, first: date, zone: ZoneInfo, until: int | None) -> Span:
    following = _first(unit, first + timedelta(days={"day": 1, "week": 7, "month": 32}[unit]))
    start, end = (int(datetime.combine(day, time(), zone).timestamp()) for day in (first, following))
    so_far = until is not None and until < end
    name = first.strftime(_NAMES[unit]) + (" so far" if so_far else "")
    return Span(start, min(end, until) if until is not None else end, name)
