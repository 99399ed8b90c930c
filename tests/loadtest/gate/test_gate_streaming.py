"""The streaming baseline: every acceptance number, and what was decided where its page is unclear."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from burnproof.loadtest.gate.judge import judge
from burnproof.loadtest.gate.model import Outcome, exit_code
from burnproof.loadtest.results.formats import result_from_text
from burnproof.loadtest.results.streaming import Distribution, Objective, StreamingReport
from burnproof.loadtest.results.streaming_text import human_report
from burnproof.specs.resolve import read_slos
from result_samples import EXAMPLES, streaming, verdict

PASS, WARN, FAIL = Outcome
OBJECTIVES = read_slos([EXAMPLES / "streaming-gate.yaml"]).client_side
NAMES = ("first-byte-p95", "throughput-p5", "reconnection", "completion-p99", "success-rate")


def gated(env=None, **numbers):
    """Judge a report by the shipped example; verdicts by the SLO's name."""
    found = judge(OBJECTIVES, [result_from_text("report.json", streaming(**numbers))], env=env)
    return {one.slo.removeprefix("streaming/"): one for one in found}


@pytest.mark.parametrize(
    ("numbers", "slo", "outcome"),
    [
        ({"first_byte": 38.91}, "first-byte-p95", PASS),
        ({"first_byte": 300.0}, "first-byte-p95", PASS),
        ({"first_byte": 300.01}, "first-byte-p95", WARN),
        ({"first_byte": 500.0}, "first-byte-p95", WARN),  # keeps the target, and is past the concern
        ({"first_byte": 500.01}, "first-byte-p95", FAIL),
        ({"throughput": 28.03}, "throughput-p5", PASS),
        ({"throughput": 15.0}, "throughput-p5", PASS),
        ({"throughput": 14.99}, "throughput-p5", WARN),
        ({"throughput": 10.0}, "throughput-p5", WARN),
        ({"throughput": 9.99}, "throughput-p5", FAIL),
        ({"successes": 410}, "reconnection", PASS),
        ({"successes": 408}, "reconnection", WARN),
        ({"successes": 407}, "reconnection", FAIL),
        ({"completion": 0.812}, "completion-p99", PASS),
        ({"completion": 20.0}, "completion-p99", PASS),
        ({"completion": 20.01}, "completion-p99", WARN),
        ({"completion": 30.0}, "completion-p99", WARN),
        ({"completion": 30.1}, "completion-p99", FAIL),
        ({"completed": 2821, "failed": 29}, "success-rate", WARN),
        ({"completed": 2700, "failed": 300}, "success-rate", FAIL),
    ],
)
def test_acceptance_numbers(numbers, slo, outcome):
    assert gated(**numbers)[slo].outcome is outcome


@pytest.mark.parametrize(
    ("text", "check"),
    [
        (streaming(first_byte=500.0), "{metric: first_byte_latency_ms.p95, at_most: 500ms}"),
        (streaming(throughput=10.0), "{metric: message_throughput_per_sec.p5, at_least: 10}"),
        (streaming(attempts=100, successes=99), "{metric: reconnection.success_rate, at_least: 99%}"),
        (streaming(completion=30.0), "{metric: debate_completion_s.p99, at_most: 30s}"),
    ],
)
def test_a_value_exactly_at_an_inclusive_bound_keeps_it(text, check):
    """The table says `<` and the column `lte`: the column wins, for all four."""
    assert verdict(text, check).outcome is PASS


@pytest.mark.parametrize(
    ("env", "numbers", "slo", "outcome"),
    [
        ({"SLO_FIRST_BYTE_P95_MS": "250"}, {"first_byte": 260}, "first-byte-p95", FAIL),
        ({"SLO_FIRST_BYTE_P95_MS": "250"}, {"first_byte": 250}, "first-byte-p95", PASS),
        ({"SLO_FIRST_BYTE_P95_MS": "0.25s"}, {"first_byte": 260}, "first-byte-p95", FAIL),
        ({"SLO_FIRST_BYTE_P95_MS": ""}, {"first_byte": 260}, "first-byte-p95", PASS),
        ({"SLO_FIRST_BYTE_P95_MS": "fast"}, {"first_byte": 1}, "first-byte-p95", FAIL),
        ({"SLO_FIRST_BYTE_P95_MS": "NaN"}, {"first_byte": 1}, "first-byte-p95", FAIL),
        ({"SLO_FIRST_BYTE_P95_MS": "inf"}, {"first_byte": 1}, "first-byte-p95", FAIL),
        ({"SLO_MSG_THROUGHPUT_MIN": "20"}, {"throughput": 19}, "throughput-p5", FAIL),
        ({"SLO_MSG_THROUGHPUT_MIN": "20"}, {"throughput": 20}, "throughput-p5", PASS),
        (
            {"SLO_COMPLETION_P99_S": "60"},
            {"completion": 45},
            "completion-p99",
            WARN,
        ),  # passes, past the concern of 20 s
        ({"SLO_COMPLETION_P99_S": "60"}, {"completion": 61}, "completion-p99", FAIL),
        ({"SLO_RECONNECT_RATE_MIN": "0.999"}, {"successes": 410}, "reconnection", FAIL),
        ({"SLO_RECONNECT_RATE_MIN": "0.98"}, {"successes": 407}, "reconnection", WARN),
        ({"SLO_RECONNECT_RATE_MIN": "99"}, {"successes": 412}, "reconnection", FAIL),  # a ratio, not a percentage
        ({"SLO_RECONNECT_RATE_MIN": "99%"}, {"successes": 412}, "reconnection", PASS),
    ],
)
def test_the_environment_overrides_targets(env, numbers, slo, outcome):
    """All four variables; what is no number fails instead of being ignored."""
    assert gated(env, **numbers)[slo].outcome is outcome


def test_without_its_concern_45_seconds_pass_a_target_of_60():
    check = "{metric: debate_completion_s.p99, at_most: 30s, env: SLO_COMPLETION_P99_S}"

    assert verdict(streaming(completion=45), check, env={"SLO_COMPLETION_P99_S": "60"}).outcome is PASS


@pytest.mark.parametrize(
    ("outcomes", "strict", "report_only", "code"),
    [
        ((PASS, PASS), False, False, 0),
        ((PASS, FAIL), False, False, 1),
        ((PASS, FAIL), True, False, 1),
        ((PASS, FAIL), False, True, 0),
        ((PASS, WARN), False, False, 0),
        ((PASS, WARN), True, False, 1),
        ((), False, False, 1),
    ],
)
def test_exit_codes(outcomes, strict, report_only, code):
    """A gate fails on a failure; --report-only is the run that only reports, and --strict fails on warnings too."""
    made = [verdict(streaming(), "{metric: results.success_rate, at_least: 0}") for _ in outcomes]
    found = [replace(one, outcome=outcome) for one, outcome in zip(made, outcomes, strict=True)]

    assert exit_code(found, strict=strict, report_only=report_only) == code


def test_most_sessions_failing_does_not_pass_however_fast_the_others_were():
    """Percentiles are over completed sessions only, so the success rate is an objective of its own."""
    assert gated(completed=1140, failed=1710)["success-rate"].outcome is FAIL


def test_a_check_can_refuse_a_figure_of_a_run_that_mostly_failed():
    check = "{metric: first_byte_latency_ms.p95, at_most: 500ms, max_failures: 5%}"

    found = verdict(streaming(completed=1140, failed=1710), check)

    assert (found.outcome, found.reasons) == (FAIL, ("1710 of 2850 requests failed, more than 5%.",))


def test_no_completed_session_never_passes():
    found = judge(OBJECTIVES, [result_from_text("report.json", streaming(completed=0, failed=20))])

    assert {one.outcome for one in found} == {FAIL}
    assert "No session was completed." in found[0].reasons


def test_no_attempted_reconnection_is_no_data_neither_100_percent_nor_a_crash():
    found = gated(attempts=0, successes=0)["reconnection"]

    assert (found.outcome, found.actual) == (FAIL, None)
    assert any("no reconnection was attempted" in reason for reason in found.reasons)


@pytest.mark.parametrize(
    ("slo", "headroom", "share"),
    [
        ("first-byte-p95", "461.09 ms", "0.92218"),
        ("throughput-p5", "18.03 messages/sec/debate", "1.803"),
        ("completion-p99", "29.188 s", "0.972933"),
    ],
)
def test_headroom_is_the_distance_to_the_target(slo, headroom, share):
    found = gated()[slo]

    assert (str(found.headroom), round(found.headroom_share, 6)) == (headroom, Decimal(share))


def test_headroom_of_a_ratio_is_the_share_of_its_error_budget():
    """0.0051 of 0.99 would be 0.5 %; of the budget of 0.01, half is left."""
    check = "{metric: reconnection.success_rate, at_least: 99%}"

    found = verdict(streaming(attempts=10000, successes=9951), check)

    assert (found.headroom_share, str(found.headroom)) == (Decimal("0.51"), "51%")


def test_the_floor_is_the_fifth_percentile_and_no_other_number():
    """Min and mean are decoys: they fail here, and only p5 is judged."""
    text = streaming(throughput=12.0)
    changed = text.replace('"mean": 48.12, "min": 22.15', '"mean": 1.0, "min": 0.5')

    assert verdict(changed, "{metric: message_throughput_per_sec.p5, at_least: 10}").outcome is PASS
    assert verdict(changed, "{metric: message_throughput_per_sec.mean, at_least: 10}").outcome is FAIL


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        ("{metric: first_byte_latency_ms.p95, at_most: 0.5s}", PASS),  # 38.91 ms
        ("{metric: first_byte_latency_ms.p95, at_most: 0.03s}", FAIL),
        ("{metric: debate_completion_s.p99, at_most: 900ms}", PASS),
        ("{metric: debate_completion_s.p99, at_most: 800ms}", FAIL),
        ("{metric: results.success_rate, at_least: 99.89%}", PASS),
        ("{metric: results.success_rate, at_least: 0.9990}", FAIL),
        ("{metric: first_byte_latency_ms.p95, at_most: 99%}", FAIL),
        ("{metric: reconnection.success_rate, at_least: 10ms}", FAIL),
        ("{metric: message_throughput_per_sec.p5, at_least: 1ms}", FAIL),
    ],
)
def test_units_are_brought_together_or_nothing_is_compared(check, outcome):
    assert verdict(streaming(), check).outcome is outcome


@pytest.mark.parametrize("prefix", ["", "metrics."])
def test_metrics_are_named_with_and_without_their_section(prefix):
    assert verdict(streaming(), f"{{metric: {prefix}debate_completion_s.p99, at_most: 30s}}").outcome is PASS


def test_a_sample_with_dots_in_it_is_no_json_and_fails():
    text = streaming().replace('"2026-02-24T10:00:00+00:00"', "...")

    found = verdict(text, "{metric: first_byte_latency_ms.p95, at_most: 500ms}")

    assert found.outcome is FAIL


def test_failed_sessions_with_an_empty_list_of_errors_are_no_contradiction():
    assert result_from_text("r", streaming(failed=3)).fault == ""


def test_littles_law_is_not_asserted():
    """50 slots x 62.34 s / 2850 sessions is 1.09 s a session, more than p99: idle time between them is allowed."""
    assert {one.outcome for one in gated().values()} == {PASS}


@pytest.mark.parametrize(
    ("metric", "completed", "outcome"),
    [
        ("debate_completion_s.p99", 99, FAIL),
        ("debate_completion_s.p99", 100, PASS),
        ("first_byte_latency_ms.p95", 19, FAIL),
        ("first_byte_latency_ms.p95", 20, PASS),
        ("first_byte_latency_ms.p50", 2, PASS),
    ],
)
def test_a_percentile_needs_as_many_samples_as_make_it_more_than_the_extreme_value(metric, completed, outcome):
    found = verdict(streaming(completed=completed, failed=0), f"{{metric: {metric}, at_most: 30s}}")

    assert found.outcome is outcome


def test_a_spec_can_ask_for_fewer_samples_knowingly():
    check = "{metric: debate_completion_s.p99, at_most: 30s, min_samples: 5}"

    assert verdict(streaming(completed=40, failed=0), check).outcome is PASS


def made_report(**changes):
    """The run of the sample report."""
    values = {
        "concurrency": 50,
        "target_duration": Decimal(60),
        "actual_duration": Decimal("62.34"),
        "started_at": "2026-02-24T10:00:00+00:00",
        "completed_at": "2026-02-24T10:01:02+00:00",
        "completed": 2847,
        "failed": 3,
        "first_byte": Distribution(Decimal("18.42"), Decimal("38.91"), Decimal("52.17")),
        "throughput": Distribution(Decimal("48.12"), Decimal("22.15"), Decimal("28.03")),
        "completion": Distribution(Decimal("0.421"), Decimal("0.687"), Decimal("0.812")),
        "attempts": 412,
        "successes": 410,
        "objectives": (
            Objective(True, Decimal("38.91"), Decimal(500)),
            Objective(True, Decimal("28.03"), Decimal(10)),
            Objective(True, Decimal(410) / 412, Decimal("0.99")),
            Objective(True, Decimal("0.812"), Decimal(30)),
        ),
    } | changes
    return StreamingReport(**values)


GOLDEN = """\
======================================================================
  ARAGORA STREAMING SLO BASELINE REPORT
======================================================================
Configuration: 50 concurrent, 62.34s duration
Debates: 2847/2850 completed (99.9% success)
First Byte Latency (ms): p50 18.42, p95 38.91, p99 52.17
Message Throughput (messages/sec/debate): mean 48.12, min 22.15, p5 28.03
Reconnection: attempts 412, successes 410, rate 99.51%
Debate Completion (s): p50 0.421, p95 0.687, p99 0.812
----------------------------------------------------------------------
SLO Validation:
[PASS] First Byte Latency p95: 38.91 ms (target: 500.0 ms, headroom: 461.09)
[PASS] Message Throughput: 28.03 messages/sec/debate (target: 10.0, headroom: 18.03)
[PASS] Reconnection Success Rate: 0.9951 ratio (target: 0.99, headroom: 0.0051)
[PASS] End-to-End Debate Completion p99: 0.812 seconds (target: 30.0, headroom: 29.19)
Overall: ALL PASSED
======================================================================
"""


def test_the_human_report():
    assert human_report(made_report()) == GOLDEN


def test_the_json_report_has_exactly_its_keys_and_is_read_back():
    document = made_report().as_json()

    assert list(document) == [
        "configuration", "timing", "results", "metrics", "slo_validation", "all_slos_passed", "errors",
    ]  # fmt: skip
    assert document["results"] == {"completed_debates": 2847, "failed_debates": 3, "success_rate": 2847 / 2850}
    assert document["slo_validation"]["first_byte_latency"] == {"passed": True, "actual": 38.91, "target": 500.0}
    assert set(document["metrics"]["reconnection"]) == {"total_attempts", "success_rate"}
    assert result_from_text("r", json.dumps(document)).fault == ""


def test_a_report_without_reconnections_shows_no_data_and_does_not_pass():
    lost = Objective(False, None, Decimal("0.99"))
    made = made_report(
        attempts=0, successes=0, objectives=(*made_report().objectives[:2], lost, made_report().objectives[3])
    )

    text = human_report(made)

    assert "Reconnection: attempts 0, successes 0, rate no data" in text
    assert "[FAIL] Reconnection Success Rate: no data (target: 0.99)" in text
    assert "Overall: FAILED" in text


def test_a_report_without_a_completed_session_passes_nothing():
    assert not made_report(completed=0).all_passed


def test_rounding_never_puts_a_value_onto_the_bound_it_breaks():
    broken = Objective(False, Decimal("500.001"), Decimal(500))

    text = human_report(made_report(objectives=(broken, *made_report().objectives[1:])))

    assert "[FAIL] First Byte Latency p95: 500.001 ms (target: 500.0 ms, headroom: -0.001" in text


def test_less_than_all_is_never_shown_as_100_percent():
    assert "2849/2850 completed (99.9% success)" in human_report(made_report(completed=2849, failed=1))
