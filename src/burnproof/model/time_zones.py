"""Give a time zone's offsets from UTC as constants, by which rules find local midnight.

PromQL knows UTC alone, so the transitions of a zone are written into the rules when they are compiled. The table
covers fixed years, whatever the day of the compilation: the same spec gives the same bytes, today and next year.
Source of the transitions: the IANA database of the machine that compiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

FIRST_YEAR: Final = 2025
END_YEAR: Final = 2038
"""Transitions from the first year up to this one, excluded, are compiled in; beyond, offsets stand still."""

HOUR: Final = 3600
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Transition:
    """From ``at`` on (seconds since 1970, UTC) the offset has changed from ``before`` to ``after`` seconds."""

    at: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone's offset in seconds before its first transition, and its transitions in the order of time."""

    base: int
    transitions: tuple[Transition, ...]

    @property
    def shift(self) -> int:
        """The seconds by which local hours begin after those of UTC, such as 1800 in India."""
        return self.base % HOUR

    @property
    def has_whole_hours(self) -> bool:
        """Whether every transition moves the clock by whole hours, so that local hours always begin alike."""
        return all((transition.after - self.base) % HOUR == 0 for transition in self.transitions)

    def offset(self, at: int) -> int:
        """Give the offset at a time."""
        return next((each.after for each in reversed(self.transitions) if at >= each.at), self.base)


@lru_cache(maxsize=256)
def zone_of(name: str) -> Zone:
    """Look a zone up.

    Raises:
        ZoneInfoNotFoundError: there is none of this name; reading the spec has let none such pass.
    """
    zone = ZoneInfo(name)

    def offset(at: int) -> int:
        moment = datetime.fromtimestamp(at, UTC).astimezone(zone)
        return int((moment.utcoffset() or timedelta()).total_seconds())

    start = int(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(END_YEAR, 1, 1, tzinfo=UTC).timestamp())
    base = before = offset(start)
    found = []
    for day in range(start, end, _DAY):
        after = offset(day + _DAY)
        if after != before:
            low, high = day, day + _DAY
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == before else (low, middle)
            found.append(Transition(high, before, after))
            before = after
    return Zone(base, tuple(found))
