"""Levels, and the traps of the scaling guide and of the endpoint table that a gate can fall into."""

import pytest

from burnproof.loadtest.gate.judge import Baseline, judge
from burnproof.loadtest.gate.model import Outcome
from burnproof.loadtest.results.formats import result_from_text
from burnproof.specs.resolve import read_slos
from result_samples import EXAMPLES, k6, locust, locust_row, verdict

PASS, WARN, FAIL = Outcome


@pytest.mark.parametrize(
    ("value", "outcome", "level"),
    [
        (299.9, PASS, ""),
        (300, PASS, ""),
        (300.01, WARN, "concern"),
        (500, FAIL, ""),
        (1999, FAIL, ""),
        (2000, FAIL, "critical"),
    ],
)
def test_target_and_critical_level_each_have_their_own_comparison(value, outcome, level):
    check = "{metric: a_ms, below: 500ms, levels: {concern: {at_most: 300ms}, critical: {below: 2000ms}}}"

    found = verdict(f'{{"a_ms": {value}}}', check)

    assert (found.outcome, found.level) == (outcome, level)


def test_near_a_threshold_is_whatever_the_warning_level_says():
    """Some "near thresholds" have no number on their page; here they have one, per SLO."""
    check = "{metric: a_ms, at_most: 7500ms, levels: {warning: 6250ms}}"

    assert [verdict(f'{{"a_ms": {value}}}', check).outcome for value in (6250, 6251, 7500, 7501)] == [
        PASS,
        WARN,
        WARN,
        FAIL,
    ]


def test_an_error_rate_of_half_a_percent_breaks_the_target_and_not_the_critical_level():
    """Availability says critical at 0.5 %, the error rate at 1 %: they are two objectives, each as written."""
    text = locust(locust_row(requests=10000, failures=60))

    rate = verdict(text, "{metric: Aggregated/Failure Ratio, below: 0.1%, levels: {critical: {below: 1%}}}")
    availability = verdict(text, "{metric: Aggregated/Failure Ratio, at_most: 0.1%, levels: {critical: 0.5%}}")

    assert (rate.outcome, rate.level) == (FAIL, "")
    assert (availability.outcome, availability.level) == (FAIL, "critical")


def test_client_and_server_disagree_on_rate_limited_requests():
    """429 is no server error, but k6 counts it as failed: the client's view is an objective of its own."""
    text = k6(failed=600)

    assert verdict(text, "{metric: http_req_failed/rate, below: 1%}").outcome is FAIL


def test_a_spike_may_double_the_latency_of_normal_load_but_no_more():
    """P95 < 2x normal: the rule is relative to the normal run, AND the endpoint's own bound stays."""
    normal = result_from_text("normal", '{"p95_ms": 100}')
    check = "{metric: p95_ms, at_most: 1s, baseline: 2x, min_samples: 0}"

    def spiked(value):
        return verdict(f'{{"p95_ms": {value}}}', check, baseline_of=lambda *_: Baseline(normal)).outcome

    assert [spiked(value) for value in (150, 200, 200.1, 1001)] == [PASS, PASS, FAIL, FAIL]


@pytest.mark.parametrize(
    ("change", "now", "outcome"),
    [
        ("{warn: 10%, fail: 20%}", 110, PASS),
        ("{warn: 10%, fail: 20%}", 110.1, WARN),
        ("{warn: 10%, fail: 20%}", 120.1, FAIL),
    ],
)
def test_a_regression_can_warn_before_it_fails(change, now, outcome):
    before = result_from_text("before", '{"a_ms": 100}')

    found = verdict(
        f'{{"a_ms": {now}}}',
        f"{{metric: a_ms, at_most: 1s, baseline: {change}}}",
        baseline_of=lambda *_: Baseline(before),
    )

    assert found.outcome is outcome


def test_percentage_points_of_something_that_is_no_ratio_fail():
    before = result_from_text("before", '{"a_ms": 100}')
    check = "{metric: a_ms, at_most: 1000, baseline: 5pp}"

    found = verdict('{"a_ms": 100}', check, baseline_of=lambda *_: Baseline(before))

    assert (found.outcome, found.reasons) == (FAIL, ("5pp are percentage points, and it is no ratio.",))


def test_a_baseline_of_another_unit_or_without_the_metric_fails():
    check = "{metric: a, at_most: 5, baseline: 20%}"
    for text in ('{"b": 1}', '{"a": "3ms"}', '{"a": null}', "{"):
        before = result_from_text("before", text)
        assert verdict('{"a": 1}', check, baseline_of=lambda *_, before=before: Baseline(before)).outcome is FAIL


def test_frontend_and_ci_durations_are_judged_by_what_their_tools_write():
    loaded = read_slos([EXAMPLES / "frontend-and-ci.yaml"])
    lighthouse = (
        '{"audits": {"interactive": {"numericValue": 1999, "numericUnit": "millisecond"},'
        ' "first-contentful-paint": {"numericValue": 1000.0, "numericUnit": "millisecond"}}}'
    )
    pytest_xml = (
        '<testsuite name="b" tests="132" time="6.1">' + '<testcase name="t" time="0.1"/>' * 132 + "</testsuite>"
    )

    found = judge(
        loaded.client_side,
        [result_from_text("lighthouse.json", lighthouse), result_from_text("pytest.xml", pytest_xml)],
    )

    outcomes = {one.slo.partition("/")[2]: one.outcome for one in found}
    assert outcomes["time-to-interactive"] is PASS
    assert outcomes["first-contentful-paint"] is FAIL  # exactly 1 s is not below 1 s
    assert outcomes["backend-ci"] is PASS
    # What has no result yet is no data, and no data do not pass; --only leaves them out knowingly.
    assert (outcomes["bundle-size"], outcomes["playwright"]) == (FAIL, FAIL)
