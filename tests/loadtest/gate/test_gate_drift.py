"""Drift over the course of a run: what passes, warns and fails, and that a course that cannot tell never passes."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from burnproof.loadtest.baseline.drift import drift
from burnproof.loadtest.baseline.drift_page import course_markdown, drift_rows
from burnproof.loadtest.gate.judge import judge
from burnproof.loadtest.gate.model import Outcome
from burnproof.loadtest.results.formats import result_from_text
from burnproof.loadtest.results.model import Sample
from burnproof.specs.resolve import read_slos, slos_from_text
from result_samples import EXAMPLES, locust_history, objectives, record, verdict

PASS, WARN, FAIL = Outcome
START = datetime(2024, 1, 1, 12, tzinfo=UTC).timestamp()
P95 = "{metric: response_time_p95, at_most: 5000ms, drift: 10%}"
FILES = "target/process_open_fds"
MEMORY = "target/process_resident_memory_bytes"


UNITS = {"response_time_p95": "ms", "requests_per_second": "rps", "error_rate": "ratio", MEMORY: "B", FILES: "count"}


def course(users=None, **series):
    """A record with the course of these series, 15 s a stretch."""
    count = len(next(iter(series.values())))
    named = {"users": {"unit": "count", "values": users or [10] * count}}
    named |= {path: {"unit": UNITS[path], "values": list(found)} for path, found in series.items()}
    readings = {
        path: {"value": max(value for value in found if value is not None), "unit": UNITS[path], "samples": count}
        for path, found in series.items()
        if path in (MEMORY, FILES)
    }
    kept = {"seconds": [15 * number for number in range(1, count + 1)], "series": named}
    return record(course=kept, readings=readings, test_duration=15 * count)


def line(start, end, count=60, noise=0.0):
    dice = random.Random(3)
    return [start + (end - start) * at / (count - 1) + dice.gauss(0, noise) for at in range(count)]


JUDGED = [
    (line(400, 400, noise=8), PASS, ""),
    (line(400, 420, noise=8), PASS, ""),  # 5 % is no more than 10 %
    (line(400, 600, noise=8), FAIL, "It drifted: from"),
    (line(400, 600, noise=2000), WARN, "too noisy to tell"),
    (line(400, 200, noise=8), PASS, ""),  # it got better
    ([400.0] * 60, PASS, ""),
    ([400.0] * 4, FAIL, "too short to tell a drift"),
    ([None] * 60, FAIL, "too short to tell a drift"),
    ([0.0] * 60, PASS, ""),
    ([*[0.0] * 30, *line(0, 60, 30)], FAIL, "began at 0"),
]


@pytest.mark.parametrize(("values", "outcome", "words"), JUDGED)
def test_a_drift_is_judged_by_its_size_and_by_whether_it_could_be_chance(values, outcome, words):
    found = verdict(course(response_time_p95=values), P95)

    assert (found.outcome, words in " ".join(found.reasons)) == (outcome, True)


@pytest.mark.parametrize(
    ("end", "outcome"), [(439, PASS), (430, PASS), (450, FAIL), (500, FAIL)]
)  # the steady part is nine tenths of the way
def test_the_rule_is_on_the_change_from_the_start_to_the_end(end, outcome):
    assert verdict(course(response_time_p95=line(400, end)), P95).outcome is outcome


def test_a_floor_drifts_downwards():
    check = "{metric: requests_per_second, at_least: 5rps, drift: 10%}"

    assert verdict(course(requests_per_second=line(50, 60)), check).outcome is PASS
    assert verdict(course(requests_per_second=line(50, 40)), check).outcome is FAIL


def test_ratios_drift_in_percentage_points():
    check = "{metric: error_rate, at_most: 5%, drift: 1pp}"

    assert verdict(course(error_rate=line(0, 0.005)), check).outcome is PASS
    assert verdict(course(error_rate=line(0, 0.02)), check).outcome is FAIL
    latency = verdict(course(response_time_p95=line(1, 1)), "{metric: response_time_p95, at_most: 5000, drift: 1pp}")
    assert (latency.outcome, "it is no ratio" in latency.reasons[0]) == (FAIL, True)


def test_a_drift_never_replaces_the_bound():
    low = "{metric: response_time_p95, at_most: 4s, drift: 10%}"

    assert verdict(course(response_time_p95=[400.0] * 60), low).outcome is FAIL  # the figure of the run is 4500 ms


def test_a_run_without_a_course_shows_no_drift():
    found = verdict(record(), P95)

    assert (found.outcome, "no course of 'response_time_p95'" in found.reasons[0]) == (FAIL, True)


def test_the_time_before_full_load_and_the_warm_up_do_not_count():
    """Users come, caches fill: latency at 2 users and in the first tenth says nothing of a leak."""
    ramp, warm, steady = line(50, 350, 20), line(900, 420, 4), [400.0] * 40
    users = [*range(1, 21), *[100] * 44]

    assert verdict(course(users, response_time_p95=[*ramp, *warm, *steady]), P95).outcome is PASS


def test_the_longest_stretch_at_full_load_is_what_counts():
    """A spike that returns to few users has its height judged, not the way there and back."""
    users = [*[5] * 20, *[50] * 30, *[5] * 20]
    values = [*[100.0] * 20, *[300.0] * 30, *[100.0] * 20]

    found = drift(*_series(course(users, response_time_p95=values)))

    assert (found.first, found.last, found.stretches) == (300, 300, 27)


def _series(text):
    found = result_from_text("run.json", text)
    return found.series["response_time_p95"], found.series


def test_locusts_history_drifts_as_well():
    """Its file has a course and no figure of the whole run: the bound is held against the level at the end."""
    check = "{metric: Aggregated/Requests/s, at_least: 30rps, drift: 10%}"
    steady = locust_history(*((at * 10, 50, 0) for at in range(40)))
    falling = locust_history(*((at * 10, 50 - at / 4, 0) for at in range(40)))

    assert verdict(steady, check).outcome is PASS
    found = verdict(falling, check)
    assert (found.outcome, round(found.actual.value)) == (FAIL, 40)


def test_hours_of_seconds_are_judged_in_stretches_and_alike():
    """Locust writes a row a second; of four hours of them no more than 400 stretches are compared, pair by pair."""
    steady = drift(*_series(course(response_time_p95=line(400, 600, 400))))
    users = [Sample(Decimal(at), Decimal(10)) for at in range(14_400)]
    values = [Sample(Decimal(at), Decimal(repr(value))) for at, value in enumerate(line(400, 600, 14_400))]

    found = drift(values, {"users": users})

    assert found.stretches <= 400
    assert found.last - found.first == pytest.approx(steady.last - steady.first, rel=0.01)


def test_a_plain_check_reads_the_figure_of_a_run_that_has_a_course_too():
    """One record with a course and one without: both are judged by their figures."""
    results = [result_from_text("a.json", course(response_time_p95=[400.0] * 9)), result_from_text("b.json", record())]

    found = judge(objectives("{metric: response_time_p95, at_most: 5s}"), results)

    assert [(one.source, one.outcome) for one in found] == [("a.json", PASS), ("b.json", PASS)]


def test_recovery_is_judged_on_the_course_of_a_record():
    check = "{metric: error_rate, below: 1%, recovers_within: 2m}"
    outage = [*[0.0] * 20, *[0.5] * 7, *[0.0] * 20]

    assert verdict(course(error_rate=outage), check).outcome is PASS
    assert verdict(course(error_rate=[*outage, *[0.5] * 8, 0.0]), check).outcome is FAIL
    assert "had not recovered" in " ".join(verdict(course(error_rate=[*outage, 0.5]), check).reasons)


def test_a_check_judges_a_recovery_or_a_drift():
    check = "{check: {metric: a, at_most: 5, drift: 5%, recovers_within: 5m}}"
    text = f"version: burnproof/v1\nservice: shop\nslos:\n  - name: slo\n    sli: {check}"

    found = slos_from_text("s.yaml", text).problems

    assert [problem.message for problem in found if "drift" in problem.message] == [
        "a check judges either a recovery or a drift"
    ]


def test_the_shipped_soak_gate_finds_a_leak_that_every_other_figure_hides():
    objectives = read_slos([EXAMPLES / "soak-gate.yaml"]).client_side
    sound = {"response_time_p95": [900.0] * 60, "requests_per_second": [8.5] * 60, "error_rate": [0.0] * 60}
    text = course(**sound, **{MEMORY: line(2e8, 3e8), FILES: [40.0] * 60})
    figures = {"response_time_median": 700.0, "response_time_p95": 950.0, "error_rate": 0, "error_count": 0}
    text = json.dumps(json.loads(text) | figures | {"total_requests": 5000})

    found = {one.slo.removeprefix("soak/"): one for one in judge(objectives, [result_from_text("run.json", text)])}

    assert {name for name, one in found.items() if one.outcome is not PASS} == {"memory"}
    assert "from 210.2 MB to 300 MB" in found["memory"].reasons[0]


def test_a_page_has_the_course_in_ten_parts_and_what_drifted():
    found = result_from_text("run.json", course(response_time_p95=line(400, 600), **{MEMORY: [2e8] * 60}))

    page = course_markdown(found)

    assert page.count("\n| ") == 10 + 2 + 4  # ten parts, two figures, two heads
    assert "| 90 s | 10 | 408.5 ms | 200 MB |" in page
    assert [(row[0], row[-1]) for row in drift_rows(found)] == [
        ("P95", "rises"), ("Memory of the target", "no drift beyond chance"),
    ]  # fmt: skip
    assert course_markdown(result_from_text("run.json", record())) == ""
