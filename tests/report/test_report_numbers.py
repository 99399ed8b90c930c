"""The numbers of a report are those of the recorded rules and of what really happened."""

from __future__ import annotations

from dataclasses import astuple

import history
import numpy as np
import pytest
from history import line_of

from burnproof.model import naming
from burnproof.model.quantities import duration
from burnproof.report import Status
from burnproof.report.asjson import document
from burnproof.report.rows import details
from promrules.engine import evaluate
from promrules.syntax.parse import parse

DAY, HOUR, MINUTE = history.DAY, history.HOUR, history.MINUTE
GROUPS = {"by-route {route=/pay}": ("by-route", "/pay"), "by-route {route=/cart}": ("by-route", "/cart")}


def recorded(month, metric, name, at):
    """Read a recorded series at a moment."""
    slo, route = GROUPS.get(name, (name, ""))
    matchers = f'slo_id="shop-{slo}"' + (f',route="{route}"' if route else "")
    step = np.array([at * 1000], dtype=np.int64)
    found = evaluate(parse(f"{metric}{{{matchers}}}"), month, step).value
    assert found.present.sum() == 1
    return float(found.values[found.present][0])


@pytest.mark.parametrize("name", ["availability", "pool", "queue-hours", *GROUPS])
@pytest.mark.parametrize(
    ("period", "ago"),
    [
        ("30d", 0),
        ("30d", 3 * DAY),
        ("1d", 5 * DAY),
        ("3d", 10 * DAY - 8 * HOUR),
        ("1d", 10 * DAY - 35 * MINUTE),  # in the middle of an outage, and of an hour
        ("6h", 10 * DAY - 85 * MINUTE),
    ],
)
def test_attainment_is_that_of_what_happened(report, name, period, ago):
    """Of exactly the span: hours that are closed, and tiles of five minutes around them."""
    end = history.END - ago

    line = line_of(report(period, end, trend=0), name)

    bad, total = history.happened(name, end - duration(period).ms // 1000, end)
    assert line.figures.attainment == pytest.approx(1 - bad / total, abs=1e-7)
    # The first tile after a gap lacks its first sample, and is extrapolated by half a minute.
    assert (line.figures.bad, line.figures.total) == (pytest.approx(bad, rel=1e-4), pytest.approx(total, rel=1e-4))


@pytest.mark.parametrize("name", ["availability", "pool", "queue-hours", *GROUPS])
def test_the_budget_left_is_that_of_the_recorded_rules(report, month, name):
    """The rules' window is exactly 30d long, also at midnight sharp, when an hour of slices is not closed yet."""
    line = line_of(report("30d"), name)

    bad, total = history.happened(name, history.END - 30 * DAY, history.END)
    budget = 1 - line.target
    assert line.remaining == recorded(month, naming.BUDGET_REMAINING, name, history.END)
    assert line.remaining == pytest.approx(1 - bad / total / budget, abs=1e-5)
    assert 1 - line.figures.spent == pytest.approx(1 - bad / total / budget, abs=1e-5)


def test_a_count_is_that_of_the_recorded_rules(report, month):
    line = line_of(report("1d", history.END - 10 * DAY + 12 * HOUR), "restarts")

    ratio = recorded(month, "slo:sli_error:ratio_rate1d", "restarts", history.END - 10 * DAY + 12 * HOUR)
    assert line.figures.spent == pytest.approx(ratio, abs=1e-9)
    assert (line.figures.bad, line.status) == (4, Status.MISSED)


def test_events_are_those_that_happened(report):
    """A day without gap: 18 busy hours at 20 requests a second, 6 quiet ones, and 40 % errors for 20 minutes."""
    figures = line_of(report("1d", history.END - 2 * DAY), "availability").figures

    assert figures.total == pytest.approx(18 * HOUR * 20 + 6 * HOUR, rel=0.001)
    # Of the routes one fails in full, the other at four fifths of it.
    expected = (0.3 + 0.7 * 0.8) * (20 * MINUTE * 20 * 0.4 + (18 * HOUR * 20 + 6 * HOUR - 24_000) * 0.0005)
    # A rate over an hour never sees the minute that straddles its edge, and here that is one of the twenty.
    assert figures.bad == pytest.approx(expected, rel=0.05)


def test_incidents_are_found_with_their_costs_and_alerts(report):
    line = line_of(report("30d"), "availability")

    by_start = {incident.start - history.END: incident for incident in line.incidents}
    assert sorted(by_start) == [-10 * DAY, -6 * DAY, -3 * DAY + 12 * HOUR]
    outage = by_start[-10 * DAY]
    # The last five minutes of an outage are in the rate of the five after it as well.
    assert outage.seconds == pytest.approx(90 * MINUTE, abs=10 * MINUTE)
    assert outage.bad == pytest.approx(90 * MINUTE * 0.9 * 0.86, rel=0.02)
    assert outage.peak == pytest.approx(0.9 * 0.86 / 0.01, rel=0.01)
    assert {(alert.tier, alert.severity) for alert in outage.alerts} >= {("1h", "page")}
    assert by_start[-6 * DAY].alerts == ()
    assert line.longest.start - history.END == -6 * DAY
    assert [incident.share for incident in line.incidents] == sorted((i.share for i in line.incidents), reverse=True)


def test_bad_slices_are_counted_one_by_one(report):
    """An hour of slices of 5 minutes, and hours of slices of an hour, though both are recorded under one name."""
    made = report("30d")

    assert [round(i.bad) for i in line_of(made, "pool").incidents[:4]] == [24] * 4
    assert sum(round(i.bad) for i in line_of(made, "queue-hours").incidents) == 4
    assert line_of(made, "queue-hours").figures.bad == 4


def test_a_gap_is_stated_to_the_minute_and_not_called_good(report):
    line = line_of(report("30d"), "availability")

    assert [(gap.start - history.END, gap.end - history.END) for gap in line.gaps] == [
        (-15 * DAY, -15 * DAY + 5 * HOUR)
    ]
    assert line.coverage == pytest.approx(1 - 5 / 720, abs=1e-3)
    assert line.rules_ran == 1
    assert any("No data for 5h" in note for note in line.notes)


def test_a_span_that_could_have_been_missed_unseen_is_no_met(report):
    """In a day with five hours unseen, the rest of the budget would have been spent by minutes of failure."""
    line = line_of(report("1d", history.END - 14 * DAY), "availability")

    assert line.figures.attainment > line.target
    assert line.status is Status.PARTIAL


@pytest.mark.parametrize(
    ("name", "end", "windows"),
    [
        ("availability", history.START + 12 * HOUR, ["1d", "3d"]),
        ("by-route {route=/pay}", history.START + 30 * HOUR, ["3d"]),
        ("pool", history.START + 65 * HOUR, ["3d"]),
        ("availability", history.START + 67 * HOUR, []),  # eleven twelfths of three days
        ("restarts", history.START + 12 * HOUR, []),
    ],
)
def test_alerts_that_cannot_fire_yet_are_named(report, name, end, windows):
    made = report("6h", end, trend=0)
    line = line_of(made, name)

    assert [str(tier.long) for tier in line.muted] == windows
    said = dict(details(line, made)).get("Muted", "")
    assert all(f"over {window} (" in said for window in windows)
    assert bool(said) == bool(windows)
    found = next(one for one in document(made)["slos"] if line.slo.id == one["id"] and dict(line.group) == one["group"])
    assert [tier["window"] for tier in found["muted_tiers"]] == windows


@pytest.mark.parametrize(("name", "status"), [("nothing", Status.UNKNOWN), ("idle", Status.IDLE)])
def test_nothing_measured_is_no_100_percent(report, name, status):
    line = line_of(report("7d"), name)

    assert line.status is status
    assert line.figures is None or line.figures.attainment is None


def test_before_the_rules_were_deployed_all_is_unknown(report):
    made = report("7d", history.START - DAY)

    assert {line.status for line in made.lines} == {Status.UNKNOWN}
    assert not made.troubles


def test_the_trend_is_what_earlier_reports_said(report):
    made = report("7d", trend=3)
    before = [report("7d", history.END - ago * 7 * DAY, trend=0) for ago in (3, 2, 1)]

    for name in ("availability", "pool", "queue-hours", "restarts", *GROUPS):
        # A report of now reads its last hour as tiles, a later one as a whole: the same events, added up otherwise.
        for one, told in zip(line_of(made, name).trend, before, strict=True):
            assert astuple(one.figures) == pytest.approx(astuple(line_of(told, name).figures), rel=1e-9), name


def test_a_trend_before_the_first_data_is_none(report):
    found = [one.figures for one in line_of(report("30d", trend=3), "availability").trend]

    assert found[:2] == [None, None]
    assert line_of(report("30d", trend=3), "availability").trend[-1].coverage == pytest.approx(0.2, abs=0.01)


def test_the_policy_step_that_holds_is_the_strictest(report):
    made = report("30d")

    steps = {name: line_of(made, name).step for name in ("pool", "queue-hours", "availability")}
    assert {name: step and step.action for name, step in steps.items()} == {
        "pool": "freeze releases", "queue-hours": "review risky changes", "availability": None,
    }  # fmt: skip


def test_the_chart_adds_up_to_the_figures(report):
    for name in ("availability", "pool", "queue-hours"):
        line = line_of(report("30d"), name)

        assert sum(value or 0 for value in line.chart.bad) == pytest.approx(line.figures.bad, rel=1e-9)
        assert sum(value or 0 for value in line.chart.total) == pytest.approx(line.figures.total, rel=1e-9)


def test_the_worst_stand_first(report):
    made = report("30d")

    assert [line.name for line in made.lines][:3] == ["shop/pool", "shop/restarts", "shop/nothing"]
