"""Spans: days, weeks and months of a time zone, what was before them, and what is due on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import history
import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnproof.model.quantities import duration
from burnproof.report.periods import UNITS, before, due, earlier, trailing, unit_of
from burnproof.report.schedule import due_reports

BERLIN = ZoneInfo("Europe/Berlin")


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("unit", "moment", "start", "end", "name"),
    [
        ("day", "2026-03-29T12:00", "2026-03-28T23:00", "2026-03-29T22:00", "Sunday 2026-03-29"),  # 23 hours long
        ("day", "2026-10-25T12:00", "2026-10-24T22:00", "2026-10-25T23:00", "Sunday 2026-10-25"),  # 25 hours long
        ("week", "2026-11-22T22:59", "2026-11-15T23:00", "2026-11-22T23:00", "week 2026-W47, from 2026-11-16"),
        ("month", "2026-02-28T22:59", "2026-01-31T23:00", "2026-02-28T23:00", "February 2026"),
        ("month", "2026-12-31T23:00", "2026-12-31T23:00", "2027-01-31T23:00", "January 2027"),
    ],
)
def test_a_unit_is_that_of_the_zone(unit, moment, start, end, name):
    span = unit_of(unit, at(moment), BERLIN)

    assert (span.start, span.end, span.name) == (at(start), at(end), name)


def test_a_unit_under_way_ends_now():
    span = unit_of("month", at("2026-11-05T00:00"), ZoneInfo("UTC"), at("2026-11-20T09:00"))

    assert (span.end, span.name) == (at("2026-11-20T09:00"), "November 2026 so far")


@given(
    moment=st.integers(0, 4_000_000_000), unit=st.sampled_from(UNITS), count=st.integers(1, 24),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"]),
)  # fmt: skip
def test_units_tile_time(moment, unit, count, zone):
    """A moment lies in its unit, and the units before it follow each other without gap or overlap."""
    span = unit_of(unit, moment, ZoneInfo(zone))
    found = (*earlier(span, unit, count, ZoneInfo(zone)), span)

    assert span.start <= moment < span.end
    assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]
    assert before(unit, moment, ZoneInfo(zone)) == found[-2]


@given(end=st.integers(10**9, 4 * 10**9), hours=st.integers(1, 9000), count=st.integers(0, 24))
def test_lengths_tile_time(end, hours, count):
    span = trailing(duration(f"{hours}h"), end)
    found = (*earlier(span, None, count, BERLIN), span)

    assert {one.seconds for one in found} == {hours * 3600}
    assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        ("2026-11-20", ["day"]),
        ("2026-11-23", ["day", "week"]),
        ("2026-12-01", ["day", "month"]),
        ("2026-06-01", ["day", "week", "month"]),
    ],
)
def test_what_is_due(day, kinds):
    found = due_reports(history.slos(), date.fromisoformat(day), BERLIN)

    assert [one.scheduled.every for one in found] == kinds
    assert {one.span.end for one in found} == {int(datetime.fromisoformat(day).replace(tzinfo=BERLIN).timestamp())}
    assert all(len(one.slos) == len(history.slos()) for one in found)


def test_each_week_and_month_is_reported_once_a_year():
    days = [date(2027, 1, 1) + timedelta(number) for number in range(365)]

    assert [sum(due(unit, day) for day in days) for unit in UNITS] == [365, 52, 12]


def test_specs_share_a_report():
    other = history.slos(history.SPEC.replace("service: shop", "service: other"))

    found = due_reports((*history.slos(), *other), date(2026, 11, 20), BERLIN)

    assert len(found) == 1
    assert {slo.service for slo in found[0].slos} == {"shop", "other"}
