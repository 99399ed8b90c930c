"""Calendar functions on seconds since the epoch, UTC, proleptic Gregorian."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from burnproof.promql.values import Floats

    Seconds = NDArray[np.int64]

_LIMIT: Final = 10**15
"""Seconds beyond this leave numpy's calendar; such dates are of no use to anyone."""


def _seconds(values: Floats) -> Seconds:
    """Cut to whole seconds toward zero, as Go's ``int64(f)``."""
    usable = np.abs(values) < _LIMIT
    return np.where(usable, np.trunc(np.where(usable, values, 0.0)), 0).astype(np.int64)


def _date(values: Floats, unit: str) -> NDArray[np.datetime64]:
    """Give dates cut to days, months or years."""
    return _seconds(values).astype("datetime64[s]").astype(f"datetime64[{unit}]")


def _number(dates: NDArray[np.datetime64] | NDArray[np.timedelta64]) -> Seconds:
    """Give the integers behind dates."""
    return dates.astype(np.int64)


def year(values: Floats) -> Seconds:
    """Give the year."""
    return _number(_date(values, "Y")) + 1970


def month(values: Floats) -> Seconds:
    """Give the month, 1 to 12."""
    return _number(_date(values, "M")) % 12 + 1


def day_of_month(values: Floats) -> Seconds:
    """Give the day of the month, from 1."""
    return _number(_date(values, "D") - _date(values, "M").astype("datetime64[D]")) + 1


def day_of_year(values: Floats) -> Seconds:
    """Give the day of the year, from 1."""
    return _number(_date(values, "D") - _date(values, "Y").astype("datetime64[D]")) + 1


def day_of_week(values: Floats) -> Seconds:
    """Give the day of the week, Sunday is 0."""
    return (_number(_date(values, "D")) + 4) % 7


def days_in_month(values: Floats) -> Seconds:
    """Give the length of the month in days."""
    start = _date(values, "M")
    return _number((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]"))


def hour(values: Floats) -> Seconds:
    """Give the hour of the day."""
    return _seconds(values) // 3600 % 24


def minute(values: Floats) -> Seconds:
    """Give the minute of the hour."""
    return _seconds(values) // 60 % 60


CALENDAR: Final[dict[str, Callable[[Floats], Seconds]]] = {
    "year": year,
    "month": month,
    "day_of_month": day_of_month,
    "day_of_year": day_of_year,
    "day_of_week": day_of_week,
    "days_in_month": days_in_month,
    "hour": hour,
    "minute": minute,
}
