"""Read OpenSLO's time windows and lengths as periods and durations."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from burnproof.importers.model import Calendar
from burnproof.importers.reading import Keys, Shape, refused
from burnproof.model.quantities import Duration

if TYPE_CHECKING:
    from burnproof.specs.source import Scalar

_WINDOW: Final = Shape("timeWindow", ("duration", "isRolling", "calendar", "unit", "count"))
_CALENDAR: Final = Shape("calendar", ("startTime", "timeZone"))
_SHORTHAND: Final = re.compile(r"(\d+)\s*([mhdwMQY])")
_MS: Final = {
    "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
    "M": 30 * 86_400_000, "Q": 90 * 86_400_000, "Y": 365 * 86_400_000,
}  # fmt: skip
_UNITS: Final = {"minute": "m", "hour": "h", "day": "d", "week": "w", "month": "M", "quarter": "Q", "year": "Y"}
_CALENDARS: Final = {"1w": "week", "7d": "week", "1M": "month", "1m": "month", "1Q": "quarter", "3M": "quarter"}
_LONGEST: Final = 400 * 86_400_000
_ROLLING: Final = "periods of the calendar are week, month and quarter"
# When units begin here, and how a start that says otherwise is told.
_BEGINS: Final = {
    "week": "on Monday at midnight",
    "month": "at midnight of the 1st",
    "quarter": "at its first midnight",
}


def period_of(spec: Keys) -> tuple[str | Calendar, Duration]:
    """Give what is written for the period, and its length.

    Raises:
        Refused: it is no period.
    """
    windows = list(spec.each(_WINDOW, "timeWindow", "timeWindows"))
    if not windows:
        spec.notes.otherwise(spec.node, "it names no time window, so its period is 30d", "write one under timeWindow")
        return "", Duration(_MS["M"])
    for other in windows[1:]:
        spec.notes.left_out(other.node, "not carried over: a second time window", "write a second SLO for it")
    window = windows[0]
    text, place = _shorthand(window)
    zone = window.below(_CALENDAR, "calendar")
    rolling = window.flag("isRolling")
    window.done()
    aligned = not rolling if rolling is not None else zone is not None
    ms = _length(text, place)
    if not aligned:
        if text[-1] in "MQY":
            window.notes.otherwise(place, f"a rolling {text} is {Duration(ms)} here", "write the days that are meant")
        return ("" if ms == _MS["M"] else _written(text, ms)), Duration(ms)
    unit = _CALENDARS.get(text)
    if unit is None:
        hint = f"{_ROLLING}; write one of them, or a length"
        window.notes.otherwise(place, f"a calendar window of {text} becomes a rolling {Duration(ms)}", hint)
        return _written(text, ms), Duration(ms)
    if text == "1m":
        window.notes.otherwise(place, "1m is a minute in OpenSLO; a month is taken to be meant", "write 1M")
        ms = _MS["M"]
    return Calendar(unit, _zone(zone, unit)), Duration(ms)


def _shorthand(window: Keys) -> tuple[str, Scalar]:
    """Give a window as v1 writes it, ``4w``; v1alpha has a unit and a count."""
    whole = window.scalar("duration")
    if whole is not None:
        return whole.text.strip(), whole
    unit, count = window.needed("unit"), window.needed("count")
    letter = _UNITS.get(unit.text.strip().lower().removesuffix("s"))
    if letter is None:
        raise refused(f"{unit.text.strip()} is no unit of time", unit.span(), "write Day, Week, Month or Quarter")
    return f"{count.text.strip()}{letter}", count


def _length(text: str, place: Scalar) -> int:
    found = _SHORTHAND.fullmatch(text)
    if found is None or not int(found[1]):
        raise refused(f"{text} is no time window", place.span(), "write for example 28d, 4w, 1M or 1Q")
    ms = int(found[1]) * _MS[found[2]]
    if ms > _LONGEST:
        raise refused(f"{text} is longer than 400 days", place.span(), "write for example 90d or 365d")
    return ms


def _written(text: str, ms: int) -> str:
    """Keep a length as it was written, where it means the same here."""
    return text if text[-1] in "mhdw" else str(Duration(ms))


def _zone(calendar: Keys | None, unit: str) -> str:
    """Give the zone of a calendar, and name a start that units do not have here."""
    if calendar is None:
        return ""
    start, zone = calendar.scalar("startTime"), calendar.text("timeZone")
    calendar.done()
    if start is not None and not _is_begin(start.text.strip(), unit):
        message = f"each {unit} begins {_BEGINS[unit]} here, and not as of {start.text.strip()}"
        calendar.notes.otherwise(start, message, "calendar units cannot be shifted")
    return "" if zone in ("UTC", "Etc/UTC") else zone


def _is_begin(text: str, unit: str) -> bool:
    """Tell whether a time is the midnight at which a unit begins."""
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return False
    if (start.hour, start.minute, start.second) != (0, 0, 0):
        return False
    return start.weekday() == 0 if unit == "week" else start.day == 1 and (unit == "month" or start.month % 3 == 1)


def slice_of(found: Scalar) -> Duration:
    """Give the length of a slice; a bare number counts minutes.

    Raises:
        Refused: it is none.
    """
    text = found.text.strip()
    return Duration(_length(f"{text}m" if text.isdigit() else text, found))


def window_of(found: Scalar) -> Duration:
    """Give the length of a lookback window.

    Raises:
        Refused: it is none.
    """
    return Duration(_length(found.text.strip(), found))
