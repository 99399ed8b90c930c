"""What a run measures, what it is worth, where it may go, and what is written of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnproof.loadtest.results.formats import result_from_text
from burnproof.loadtest.run.hosts import HostError, reach, target_of
from burnproof.loadtest.run.outcome import Facts, TargetError, made_of, targets
from burnproof.loadtest.run.reading import load_profile
from burnproof.loadtest.run.reliability import distrust
from burnproof.loadtest.run.samples import Samples, percentile

AIMS = targets({})
FINITE = st.floats(min_value=0, max_value=1e6, allow_nan=False)


@given(st.lists(FINITE, min_size=1, max_size=200), st.sampled_from([0.0, 0.05, 0.5, 0.95, 0.99, 1.0]))
def test_percentiles_are_numpys(values, share):
    assert percentile(values, share) == pytest.approx(float(np.percentile(values, share * 100)), rel=1e-9, abs=1e-9)


def test_nothing_has_no_percentile():
    assert percentile([], 0.95) is None


def _samples(times=(), failures=0, **more):
    samples = Samples(**more)
    for time in times:
        samples.request("GET /a", time, None)
    for _ in range(failures):
        samples.request("GET /a", 1.0, "status 500")
    return samples


@given(st.lists(st.lists(FINITE, max_size=20), min_size=1, max_size=5))
def test_what_workers_send_adds_up_to_what_one_process_would_have_measured(parts):
    whole = Samples()
    for part in parts:
        worker = _samples(part, failures=1, completed=2, attempts=1)
        whole.add(worker.drain())
        assert worker == Samples()

    assert sorted(whole.all_times()) == sorted(time for part in parts for time in part)
    assert whole.requests["GET /a"].failures == len(parts)
    assert (whole.completed, whole.attempts) == (2 * len(parts), len(parts))
    assert whole.errors == {"GET /a: status 500": len(parts)}


def test_kinds_of_errors_are_bounded():
    samples = Samples()
    for number in range(1000):
        samples.wrong(f"error {number}")

    assert len(samples.errors) == 51
    assert samples.errors["other errors"] == 950


# p95 of own delay [ms], p95 measured [ms], busy, users wanted, users seen, workers lost -> words of the reasons
TRUST = [
    (1.0, 20.0, 0.3, 5, 5, 0, []),
    (10.0, 20.0, 0.3, 5, 5, 0, []),
    (10.1, 20.0, 0.3, 5, 5, 0, ["late by 10.1 ms"]),
    (30.0, 300.0, 0.9, 5, 5, 0, []),
    (30.1, 300.0, 0.91, 5, 5, 0, ["late by 30.1 ms", "91% of a core"]),
    (1.0, 20.0, 0.3, 200, 150, 1, ["150 of 200 users", "1 workers were lost"]),
]


@pytest.mark.parametrize(("late", "measured", "busy", "wanted", "seen", "lost", "reasons"), TRUST)
def test_figures_are_distrusted_for_a_reason(late, measured, busy, wanted, seen, lost, reasons):
    samples = _samples([measured] * 20, busy=busy)
    samples.delays.extend([late] * 20)

    found = distrust(samples, wanted, seen, lost)

    assert len(found) == len(reasons)
    assert all(word in sentence for word, sentence in zip(reasons, found, strict=True))


def test_users_that_never_came_are_explained_by_the_ramp():
    found = distrust(_samples([1.0]), 5, 4, 0, "5 users take 5 s to start.")

    assert "Only 4 of 5 users were ever active. 5 users take 5 s to start." in found


def test_an_unmeasured_delay_is_distrusted():
    assert "was not measured" in distrust(_samples([1.0]), 1, 1, 0)[0]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "localhost:8000", "http://[::1]:80", "127.0.0.9"])
def test_this_machine_may_be_loaded(url):
    assert target_of(url, ()).host in ("127.0.0.1", "localhost", "::1", "127.0.0.9")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://192.0.2.1:80", r"not this machine: .*--allow-host 192\.0\.2\.1"),
        ("http://0.0.0.0:80", "not this machine"),
        ("ftp://127.0.0.1", "is no target"),
        ("http://127.0.0.1:99999", "is no target"),
        ("http://127.0.0.1:80/api", "has a path"),
        ("http://127.0.0.1@192.0.2.1/", "not this machine"),
    ],
)
def test_nothing_else_may(url, message):
    with pytest.raises(HostError, match=message):
        target_of(url, ())


def test_a_host_may_be_allowed_expressly():
    assert target_of("https://192.0.2.1", {"192.0.2.1"}).url == "https://192.0.2.1:443"


def test_a_silent_port_is_said():
    with pytest.raises(HostError, match=r"nothing answers at http://127\.0\.0\.1:1"):
        reach(target_of("http://127.0.0.1:1", ()))


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("SLO_FIRST_BYTE_P95_MS", "fast"),
        ("SLO_COMPLETION_P99_S", "0"),
        ("SLO_RECONNECT_RATE_MIN", "99"),
        ("SLO_FIRST_BYTE_P95_MS", "99%"),
        ("SLO_COMPLETION_P99_S", "-1s"),
        ("SLO_RECONNECT_RATE_MIN", "101%"),
    ],
)
def test_targets_that_are_none_are_refused(variable, text):
    with pytest.raises(TargetError, match=variable):
        targets({variable: text})


def test_targets_come_from_the_four_variables():
    env = {
        "SLO_FIRST_BYTE_P95_MS": "250", "SLO_MSG_THROUGHPUT_MIN": "20", "SLO_RECONNECT_RATE_MIN": "0.95",
        "SLO_COMPLETION_P99_S": "60",
    }  # fmt: skip

    assert targets(env) == (Decimal(250), Decimal(20), Decimal("0.95"), Decimal(60))


def test_variables_are_read_as_the_gate_reads_them():
    env = {
        "SLO_FIRST_BYTE_P95_MS": "0.25s", "SLO_MSG_THROUGHPUT_MIN": "1200rpm", "SLO_RECONNECT_RATE_MIN": " 95% ",
        "SLO_COMPLETION_P99_S": "1m",
    }  # fmt: skip

    found = targets(env)

    assert [round(value, 6) for value in found] == [250, 20, Decimal("0.95"), 60]
    assert targets(dict.fromkeys(env, "  ")) == AIMS


def _made(profile, samples, distrusted=(), aims=AIMS):
    started = datetime(2026, 2, 24, 10, tzinfo=UTC)
    return made_of(load_profile(profile).profile, samples, started, 10.0, distrusted, Facts("ci", "1.2", "abc"), aims)


def _sessions(first=20.0, rate=40.0, took=0.5, completed=100, failed=0, attempts=100, successes=100):
    samples = Samples(completed=completed, failed=failed, attempts=attempts, successes=successes)
    samples.first_bytes.extend([first] * completed)
    samples.rates.extend([rate] * completed)
    samples.completions.extend([took] * completed)
    return samples


# The comparison is inclusive: a value on its target has met it.
VERDICTS = [
    ({}, (True, True, True, True)),
    ({"first": 500.0}, (True, True, True, True)),
    ({"first": 500.01}, (False, True, True, True)),
    ({"rate": 10.0}, (True, True, True, True)),
    ({"rate": 9.99}, (True, False, True, True)),
    ({"attempts": 412, "successes": 408}, (True, True, True, True)),
    ({"attempts": 412, "successes": 407}, (True, True, False, True)),
    ({"attempts": 0, "successes": 0}, (True, True, False, True)),
    ({"took": 30.0}, (True, True, True, True)),
    ({"took": 30.1}, (True, True, True, False)),
    ({"completed": 0, "failed": 5}, (False, False, True, False)),
]


@pytest.mark.parametrize(("changes", "passed"), VERDICTS)
def test_the_streaming_report_judges_by_inclusive_targets_and_fails_without_data(changes, passed):
    report = _made("smoke", _sessions(**changes)).report

    assert tuple(objective.passed for objective in report.objectives) == passed
    assert report.all_passed == all(passed)


def test_throughput_is_the_low_percentile():
    samples = _sessions(completed=0)
    samples.completed = 100
    samples.first_bytes.extend([1.0] * 100)
    samples.completions.extend([1.0] * 100)
    samples.rates.extend(float(value) for value in range(1, 101))

    throughput = _made("smoke", samples).report.throughput

    assert (throughput.first, throughput.second, throughput.third) == (
        Decimal("50.5"), Decimal("1.0"), Decimal("5.95"),
    )  # fmt: skip


def test_the_file_is_a_record_and_a_streaming_report_that_the_gate_reads():
    result = result_from_text("run.json", _made("smoke", _sessions(failed=1)).text)

    assert result.fault == ""
    assert result.run.operation == "streaming_smoke"
    assert (result.run.users, result.run.requests, result.run.failures) == (5, 101, 1)
    assert result.readings["metrics.first_byte_latency_ms.p95"].value == 20
    assert result.readings["metrics.first_byte_latency_ms.p95"].samples == 100


def test_response_times_are_of_what_succeeded_and_every_endpoint_has_its_own():
    made = _made("health", _samples([float(value) for value in range(1, 101)], failures=25))
    result = result_from_text("run.json", made.text)

    assert result.fault == ""
    assert result.readings["response_time_p95"].value == Decimal("95.05")
    assert result.readings["error_rate"].value == Decimal("0.2")
    assert result.readings["requests_per_second"].value == Decimal("12.5")
    assert result.readings["GET /a/p95"].value == Decimal("95.05")
    assert result.readings["GET /a/p95"].samples == 100
    assert made.record.file_name == "health_check_baseline_20260224_100000.json"


def test_doubts_are_written_down():
    document = json.loads(_made("smoke", _sessions(), distrusted=("Too late.",)).text)

    assert document["load_generator"] == {"trusted": False, "reasons": ["Too late."]}
    assert document["errors"] == ["Too late."]
