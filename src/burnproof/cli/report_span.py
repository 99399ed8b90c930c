"""Read the options of ``burnproof report`` that name times, as a span and as dates."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from burnproof.model.quantities import UnitError, duration
from burnproof.report.periods import UNITS, before, between, trailing, unit_of

if TYPE_CHECKING:
    from burnproof.report.periods import Span, Unit

SHORTEST = 3600
"""Seconds below which a report says less than the recorded pair can hold."""
_MOMENTS = "write now, 2026-11-20, 2026-11-20T09:00 or seconds since the epoch"


def zone_named(name: str) -> ZoneInfo:
    """Find a time zone.

    Raises:
        typer.BadParameter: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise typer.BadParameter(f"{name!r} is no time zone: write for example UTC or Europe/Berlin.") from None


def moment(text: str, zone: ZoneInfo, now: int) -> int:
    """Read a moment as seconds since the epoch; without an offset it is of the zone.

    Raises:
        typer.BadParameter: it is none, or lies in the future.
    """
    if text == "now":
        return now
    try:
        if text.isdigit():
            at = int(text)
            datetime.fromtimestamp(at, zone)
        else:
            read = datetime.fromisoformat(text)
            at = int((read if read.tzinfo else read.replace(tzinfo=zone)).timestamp())
    except (ValueError, OverflowError, OSError):
        raise typer.BadParameter(f"{text!r} is no moment: {_MOMENTS}.") from None
    if at > now:
        raise typer.BadParameter(f"{text} is in the future: a report is about what was measured.")
    return at


def day_named(text: str, zone: ZoneInfo, now: int) -> date:
    """Read a day: a date, ``today`` or ``yesterday``.

    Raises:
        typer.BadParameter: it is none, or lies in the future.
    """
    today = datetime.fromtimestamp(now, zone).date()
    try:
        words = {"today": today, "yesterday": today - timedelta(days=1)}
        day = words[text] if text in words else date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date: write today or 2026-11-20.") from None
    if datetime.combine(day, time(), zone).timestamp() > now:
        raise typer.BadParameter(f"{text} is in the future: what is due then is not measured yet.")
    return day


def span_named(period: str, at: str, start: str, end: str, zone: ZoneInfo, now: int) -> tuple[Span, Unit | None]:
    """Find the span that options mean, and the calendar unit it is.

    A day, week or month is the one that holds ``--at``, up to now; without ``--at`` the last whole one. Any other
    length ends at ``--at``, or now.

    Raises:
        typer.BadParameter: they contradict each other, or mean too short a span.
    """
    if start or end:
        if period or at or not start:
            raise typer.BadParameter("--from goes with --to, and without --period and --at.")
        span = between(moment(start, zone, now), moment(end or "now", zone, now), zone)
        return _long_enough(span), None
    period = period or "30d"
    if period in UNITS:
        unit: Unit = period
        found = unit_of(unit, moment(at, zone, now), zone, now) if at else before(unit, now, zone)
        return _long_enough(found), unit
    try:
        length = duration(period)
    except UnitError as error:
        raise typer.BadParameter(f"--period is day, week, month or a length of time; {error.message}.") from None
    return _long_enough(trailing(length, moment(at or "now", zone, now))), None


def _long_enough(span: Span) -> Span:
    if span.seconds < SHORTEST:
        raise typer.BadParameter(f"{span.name} is shorter than an hour: rules record too little to report on that.")
    return span
