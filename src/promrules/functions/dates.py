"""Calendar functions on seconds since the epoch, UTC, proleptic Gregorian."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from promrules.columns.values import Floats

    Seconds = NDArray[np.int64]

_DAY: Final = 86_400

_EPOCH: Final = 9_223_372_028_715_321_600
"""Seconds from the beginning of Go's calendar, in the year -292277022399, to 1970: whole days."""


def _seconds(values: Floats) -> NDArray[np.uint64]:
    """Cut to whole seconds toward zero, as Go's ``int64(f)`` on amd64, counted from the beginning of its calendar.

    NaN and what does not fit become the smallest integer, which lies before that beginning and wraps round to
    the last day of the calendar, in the year 292277026596.
    """
    fits = np.abs(values) < 2.0**63
    whole = np.where(fits, np.trunc(np.where(fits, values, 0.0)), -(2.0**63)).astype(np.int64)
    return whole.view(np.uint64) + np.uint64(_EPOCH)


def _date(values: Floats, unit: str) -> NDArray[np.datetime64]:
    """Give dates cut to days, months or years."""
    days = (_seconds(values) // np.uint64(_DAY)).astype(np.int64) - _EPOCH // _DAY
    return days.astype("datetime64[D]").astype(f"datetime64[{unit}]")


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
    return (_seconds(values) % np.uint64(_DAY)).astype(np.int64) // 3600


def minute(values: Floats) -> Seconds:
    """Give the minute of the hour."""
    return (_seconds(values) % np.uint64(_DAY)).astype(np.int64) // 60 % 60


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
