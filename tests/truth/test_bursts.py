"""Errors that come with the clock: jobs of every five minutes, every hour and every night are seen in full."""

from __future__ import annotations

import pytest
from cases import Case, check
from events import failing, hours, locked, pods, steady
from scrapes import Scrape

DAY = 86_400.0
SHORT = {"5m": hours(1), "30m": hours(1), "1h": hours(2), "2h": hours(3), "6h": hours(7)}


def five_minutes(offset: float, interval: float = 30, count: int = 3, **options) -> Case:
    """1.2 % of all requests fail, 12 times what the budget allows: 3.6 s of every five minutes, for eight hours."""
    return Case(
        f"3.6 s of failure {offset:.0f} s into every five minutes, {count} pods scraped every {interval:.0f} s",
        lambda: failing(steady(hours(18)), locked(300, offset, 3.6, hours(8), hours(16))),
        until=hours(18),
        served_by=pods(count),
        scrape=Scrape(interval),
        compare=SHORT,
        **options,
    )


def hourly(offset: float, interval: float = 30) -> Case:
    """1.1 % of all requests fail: 40 s of every hour, for two days."""
    return Case(
        f"40 s of failure {offset:.0f} s into every hour, scraped every {interval:.0f} s",
        lambda: failing(steady(3 * DAY), locked(3600, offset, 40, hours(30), 3 * DAY)),
        until=3 * DAY,
        scrape=Scrape(interval),
        compare={"2h": hours(3), "6h": hours(7), "1d": hours(26), "30d": hours(32)},
    )


def daily(offset: float) -> Case:
    """0.7 % of all requests fail: ten minutes around the same time of each day."""
    return Case(
        f"ten minutes of failure every day from {offset / 3600:.2f} h",
        lambda: failing(steady(5 * DAY), locked(DAY, offset, 600, 0, 5 * DAY)),
        until=5 * DAY,
        compare={"6h": hours(7), "1d": DAY * 1.2, "3d": 3.2 * DAY, "30d": 3 * DAY},
    )


def test_failures_of_every_five_minutes_are_seen():
    check(five_minutes(270))


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("interval", [15, 30, 60])
@pytest.mark.parametrize("offset", [0, 15, 100, 190, 240, 270, 296])
def test_failures_of_every_five_minutes_are_seen_at_every_offset(offset, interval, count):
    check(five_minutes(offset, interval, count))


@pytest.mark.slow
@pytest.mark.parametrize("interval", [15, 30, 60])
@pytest.mark.parametrize("offset", [0, 20, 1790, 3540, 3570])
def test_failures_of_every_hour_are_seen(offset, interval):
    check(hourly(offset, interval))


@pytest.mark.slow
@pytest.mark.parametrize("offset", [10, hours(3) + 1200, DAY - 300])
def test_failures_of_every_day_are_seen(offset):
    check(daily(offset))
