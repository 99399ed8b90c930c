"""Go's time.Time (in UTC) and time.Duration, as far as alert templates can reach them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000_000
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


class Month(int):
    """A month that prints its name."""

    def __str__(self) -> str:
        return _MONTHS[self - 1]


class Weekday(int):
    """A day of the week, Sunday = 0, that prints its name."""

    def __str__(self) -> str:
        return _DAYS[self]


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in nanoseconds."""

    ns: int

    def __str__(self) -> str:
        """Give `1h2m3.5s`, `1.5ms`, `0s`: the form of Go's `Duration.String`."""
        sign, rest = ("-", -self.ns) if self.ns < 0 else ("", self.ns)
        if rest == 0:
            return "0s"
        if rest < SECOND:
            for unit, size in (("ms", 1_000_000), ("µs", 1000), ("ns", 1)):
                if rest >= size:
                    return f"{sign}{_decimal(rest, size)}{unit}"
        minutes, seconds = divmod(rest, 60 * SECOND)
        hours, minutes = divmod(minutes, 60)
        text = f"{_decimal(seconds, SECOND)}s"
        if hours:
            return f"{sign}{hours}h{minutes}m{text}"
        return f"{sign}{minutes}m{text}" if minutes else f"{sign}{text}"

    def rounded(self, unit: int) -> Duration:
        """Round to a multiple of `unit`, halves away from zero; a unit of zero changes nothing."""
        if unit <= 0:
            return self
        size = abs(self.ns)
        whole = (size * 2 + unit) // (2 * unit) * unit
        return Duration(whole if self.ns >= 0 else -whole)

    def truncated(self, unit: int) -> Duration:
        """Round towards zero to a multiple of `unit`."""
        if unit <= 0:
            return self
        whole = abs(self.ns) // unit * unit
        return Duration(whole if self.ns >= 0 else -whole)


def _decimal(amount: int, size: int) -> str:
    whole, rest = divmod(amount, size)
    digits = str(rest).zfill(len(str(size)) - 1).rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)


@dataclass(frozen=True, slots=True)
class Time:
    """An instant in nanoseconds since the Unix epoch, always in UTC."""

    ns: int

    @property
    def date(self) -> datetime:
        """The instant in whole microseconds (years outside 1 to 9999 raise OverflowError)."""
        return _EPOCH + timedelta(microseconds=self.ns // 1000)

    def __str__(self) -> str:
        return self.format("2006-01-02 15:04:05.999999999 -0700 MST")

    def format(self, layout: str) -> str:
        """Write the instant in a layout of Go's reference time, `Mon Jan 2 15:04:05 MST 2006`."""
        date = self.date
        return _LAYOUT.sub(lambda found: _stamp(found.group(), date, self.ns % SECOND), layout)


_LAYOUT = re.compile(
    r"January|Jan|Monday|Mon|MST|2006|Z07:00:00|Z070000|Z07:00|Z0700|Z07|-07:00:00|-070000|-07:00|-0700|-07"
    r"|[.,](?:0+|9+)(?![0-9])|002|__2|01|02|03|04|05|06|15|PM|pm|_2|1|2|3|4|5"
)
_STAMPS: dict[str, Callable[[datetime], str]] = {
    "January": lambda date: _MONTHS[date.month - 1],
    "Jan": lambda date: _MONTHS[date.month - 1][:3],
    "Monday": lambda date: _DAYS[date.isoweekday() % 7],
    "Mon": lambda date: _DAYS[date.isoweekday() % 7][:3],
    "MST": lambda _: "UTC",
    "2006": lambda date: f"{date.year:04d}",
    "06": lambda date: f"{date.year % 100:02d}",
    "01": lambda date: f"{date.month:02d}",
    "1": lambda date: str(date.month),
    "02": lambda date: f"{date.day:02d}",
    "_2": lambda date: f"{date.day:2d}",
    "2": lambda date: str(date.day),
    "002": lambda date: f"{date.timetuple().tm_yday:03d}",
    "__2": lambda date: f"{date.timetuple().tm_yday:3d}",
    "15": lambda date: f"{date.hour:02d}",
    "03": lambda date: f"{(date.hour - 1) % 12 + 1:02d}",
    "3": lambda date: str((date.hour - 1) % 12 + 1),
    "04": lambda date: f"{date.minute:02d}",
    "4": lambda date: str(date.minute),
    "05": lambda date: f"{date.second:02d}",
    "5": lambda date: str(date.second),
    "PM": lambda date: "PM" if date.hour >= 12 else "AM",
    "pm": lambda date: "pm" if date.hour >= 12 else "am",
}


def _stamp(token: str, date: datetime, fraction: int) -> str:
    if token in _STAMPS:
        return _STAMPS[token](date)
    if token[0] == "Z":
        return "Z"
    if token[0] == "-":
        return "+" + token[1:].replace("7", "0")
    digits = f"{fraction:09d}"[: len(token) - 1].ljust(len(token) - 1, "0")
    if token[1] == "9":
        digits = digits.rstrip("0")
        return token[0] + digits if digits else ""
    return token[0] + digits


TIME_METHODS: dict[str, tuple[tuple[type, ...], Callable[..., object]]] = {
    "String": ((), str),
    "Format": ((str,), Time.format),
    "Unix": ((), lambda self: self.ns // SECOND),
    "UnixMilli": ((), lambda self: self.ns // 1_000_000),
    "UnixMicro": ((), lambda self: self.ns // 1000),
    "UnixNano": ((), lambda self: self.ns),
    "Year": ((), lambda self: self.date.year),
    "Month": ((), lambda self: Month(self.date.month)),
    "Day": ((), lambda self: self.date.day),
    "Hour": ((), lambda self: self.date.hour),
    "Minute": ((), lambda self: self.date.minute),
    "Second": ((), lambda self: self.date.second),
    "Nanosecond": ((), lambda self: self.ns % SECOND),
    "Weekday": ((), lambda self: Weekday(self.date.isoweekday() % 7)),
    "YearDay": ((), lambda self: self.date.timetuple().tm_yday),
    "UTC": ((), lambda self: self),
    "IsZero": ((), lambda _: False),
    "Add": ((Duration,), lambda self, by: Time(self.ns + by.ns)),
    "Sub": ((Time,), lambda self, other: Duration(self.ns - other.ns)),
    "After": ((Time,), lambda self, other: self.ns > other.ns),
    "Before": ((Time,), lambda self, other: self.ns < other.ns),
    "Equal": ((Time,), lambda self, other: self.ns == other.ns),
}
DURATION_METHODS: dict[str, tuple[tuple[type, ...], Callable[..., object]]] = {
    "String": ((), str),
    "Hours": ((), lambda self: self.ns / (3600 * SECOND)),
    "Minutes": ((), lambda self: self.ns / (60 * SECOND)),
    "Seconds": ((), lambda self: self.ns / SECOND),
    "Milliseconds": ((), lambda self: int(self.ns / 1_000_000)),
    "Microseconds": ((), lambda self: int(self.ns / 1000)),
    "Nanoseconds": ((), lambda self: self.ns),
    "Abs": ((), lambda self: Duration(abs(self.ns))),
    "Round": ((Duration,), lambda self, unit: self.rounded(unit.ns)),
    "Truncate": ((Duration,), lambda self, unit: self.truncated(unit.ns)),
}
