"""Budgets of a period: exact over changes of the clock, and certain from the first day on."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from cases import BAD, Case, Outcome, play, spec
from events import failing, hours, scaled, steady
from rulefiles import compiled, only
from scrapes import Scrape

DAY = 86_400.0
MONTHLY = "slo:sli_error:ratio_rate_month"
BUDGET = "slo:period_error_budget_remaining:ratio"
STEPS = "budget_policy:\n  - {below: 25%, do: freeze releases}\n  - {below: 0%, do: all hands, severity: page}\nslos:"
MONTH = "window: {calendar: month, timezone: Europe/Berlin}"


def budget(case: Case) -> Outcome:
    """Play a case with the rules of its budget alone, evaluated every four minutes: periods are long."""
    case = replace(case, scrape=Scrape(60), interval=240.0)
    files = only(compiled(case.spec), [BUDGET, MONTHLY], alerts="BudgetLow")
    return play(case, {path: re.sub(r"\binterval: 1m\b", "interval: 4m", text) for path, text in files.items()})


def at(year: int, month: int, day: int, hour: int = 0) -> float:
    """Give a time of UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC).timestamp()


def monthly() -> str:
    """Give the shop's spec with calendar months of Berlin, and steps of its budget."""
    return spec(BAD, 60).replace("window: 30d", MONTH).replace("slos:", STEPS)


# The clock changes on March 29 and on October 25; outages before the change, and in the hours around the month's end.
CHANGES = [
    ("March 2026", at(2026, 2, 27), at(2026, 2, 28, 23), at(2026, 3, 31, 22), (at(2026, 3, 10, 3), at(2026, 3, 29, 0))),
    (
        "October 2026",
        at(2026, 9, 29),
        at(2026, 9, 30, 22),
        at(2026, 10, 31, 23),
        (at(2026, 10, 9, 3), at(2026, 10, 25, 0)),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "epoch", "begin", "end", "outages"), CHANGES, ids=[change[0] for change in CHANGES])
def test_a_month_in_which_the_clock_changes_is_exact(name, epoch, begin, end, outages):
    spans = [(t - epoch, t - epoch + hours(1)) for t in (begin - hours(1), *outages, end - hours(1))]
    until = end - epoch + DAY
    outcome = budget(
        Case(
            name,
            lambda: failing(steady(until, step=10.0), spans, 0.5),
            until,
            spec=monthly(),
            epoch=epoch,
        )
    )
    truth = outcome.truths[0]
    figure = outcome.verdict.one(MONTHLY)

    looked = np.concatenate(
        [np.arange(begin + hours(2), end - 600, hours(1)), np.arange(end + hours(2), epoch + until, hours(1))]
    )
    for t in looked:
        unit = begin if t < end else end
        # A scrape just after midnight tells of events just before it.
        ratios = [
            bad / total
            for early in (0.0, 30.0, 60.0)
            for late in (0.0, 200.0, 660.0)
            for bad, total in [truth.counts(np.array([unit - early - epoch]), np.array([t - late - epoch]))]
        ]
        least, most = float(np.min(ratios)), float(np.max(ratios))
        assert least * 0.99 - 1e-9 <= figure.at(t) <= most * 1.01 + 1e-9, datetime.fromtimestamp(t, UTC)


def daily(until: float):
    """Traffic of day and night: a tenth at night of what the afternoon has."""
    traffic = steady(until, step=10.0)
    return scaled(traffic, 1 - 0.9 * np.cos((traffic.t / DAY - 0.125) * 2 * np.pi))


@pytest.mark.slow
def test_an_outage_in_the_first_night_of_a_month_spends_its_share_and_no_more():
    """One hour of full outage on the first of April; the rules saw all of March."""
    epoch = at(2026, 2, 26)
    first = at(2026, 3, 31, 22) - epoch
    until = first + 4 * DAY
    outage = (first + hours(1), first + hours(2))
    outcome = budget(Case("a night", lambda: failing(daily(until), [outage]), until, spec=monthly(), epoch=epoch))
    whole = daily(first + 30 * DAY)
    month = whole.good[whole.t > first].sum()
    left = 1 - outcome.events.bad.sum() / (0.001 * month)

    figure = outcome.verdict.one(BUDGET)
    shown = figure.values[figure.ts > epoch + outage[1] + 900]
    assert shown.min() >= left - 0.05
    assert shown.max() <= left + 0.05
    _assert_steps(outcome, left, outage)


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [20, 40, 180])
@pytest.mark.parametrize("day", [1, 5])
def test_an_outage_soon_after_deployment_spends_its_share_of_the_month(day, minutes):
    """Rules of a rolling period know days; the budget is that of thirty, and what is spent is certain."""
    until = (day + 3) * DAY
    outage = (day * DAY, day * DAY + 60 * minutes)
    outcome = budget(
        Case(
            f"{minutes} minutes on day {day}",
            lambda: failing(steady(until, step=5.0), [outage]),
            until,
            spec=spec(BAD, 60).replace("slos:", STEPS),
        )
    )
    left = 1 - minutes / (30 * 1440 * 0.001)

    figure = outcome.verdict.one(BUDGET)
    shown = figure.values[figure.ts > outcome.case.epoch + outage[1] + 900]
    assert shown.min() >= left - 0.05
    assert shown.max() <= left + 0.05
    _assert_steps(outcome, left, outage)


def _assert_steps(outcome, left: float, outage: tuple[float, float]) -> None:
    """Each step that is passed fires once, in the outage or just after, and goes on; no other fires."""
    fired = [f for f in outcome.verdict.firings() if f.labels["alertname"].endswith("BudgetLow")]
    passed = sum(left < step for step in (0.25, 0.0))
    assert len(fired) == passed, [(f.labels.get("slo_budget_below"), f.start, f.end) for f in fired]
    for firing in fired:
        assert outage[0] <= firing.start - outcome.case.epoch <= outage[1] + 900
        assert firing.end is None
