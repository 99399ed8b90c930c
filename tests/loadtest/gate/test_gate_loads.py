"""One API under three loads: a spike is held against everyday load by name, a soak against its own start."""

from __future__ import annotations

import json

import pytest

from burnproof.specs.resolve import slos_from_text
from result_samples import EXAMPLES, record, spec

GATE = EXAMPLES / "traces-gate.yaml"
ENDPOINTS = ("get-trace", "list-traces", "create-trace", "create-batch")


def run(operation, p95, users, errors=0, **changes):
    readings = {f"{name}/p95": {"value": p95 / 4, "unit": "ms", "samples": 500} for name in ENDPOINTS}
    more = {"readings": readings, "environment": "ci", "total_requests": 2550, "error_rate": errors / 2550} | changes
    return record(operation=operation, response_time_p95=p95, concurrent_users=users, error_count=errors, **more)


@pytest.fixture
def gated(burnproof, tmp_path):
    """Gate a spike against a store that holds everyday load; gives exit code and verdicts by SLO."""
    (tmp_path / "normal.json").write_text(run("traces_normal", 200.0, 10))
    burnproof("baseline", "record", tmp_path / "normal.json", check=0)

    def gate(text, *options):
        (tmp_path / "spike.json").write_text(text)
        done = burnproof("gate", "spike.json", "--spec", GATE, "--baseline", "baselines", "--only", "spike-*", "--json",
                         *options)  # fmt: skip
        found = json.loads(done.stdout)["verdicts"]
        return done.returncode, {one["slo"].removeprefix("traces/"): one for one in found}

    return gate


@pytest.mark.parametrize(
    ("p95", "errors", "failed"),
    [
        (390.0, 0, set()),
        (400.0, 0, set()),  # exactly twice is no regression
        (400.1, 0, {"spike-latency"}),
        (1000.0, 0, {"spike-latency"}),
        (390.0, 1, {"spike-breaks-nothing"}),
    ],
)
def test_a_spike_of_other_users_and_length_is_held_against_everyday_load(gated, p95, errors, failed):
    """10 users for five minutes and 100 for two are not alike; the rule says that this is meant."""
    code, found = gated(run("traces_spike", p95, 100, errors, test_duration=130))

    assert {name for name, one in found.items() if one["outcome"] != "PASS"} == failed
    assert (code, found["spike-latency"]["baseline"]) == (int(bool(failed)), 200.0)


def test_environment_and_version_must_still_be_the_same(gated):
    other = run("traces_spike", 300.0, 100, environment="staging")
    newer = run("traces_spike", 300.0, 100, version="9")

    assert "environment differs" in gated(other)[1]["spike-latency"]["reasons"][0]
    assert "--across-versions" in gated(newer)[1]["spike-latency"]["reasons"][0]
    assert gated(newer, "--across-versions")[0] == 0


def test_without_everyday_load_there_is_no_pass(burnproof, tmp_path):
    (tmp_path / "baselines").mkdir()
    (tmp_path / "spike.json").write_text(run("traces_spike", 300.0, 100))

    done = burnproof("gate", "spike.json", "--spec", GATE, "--baseline", "baselines", "--only", "spike-*", check=1)

    assert "no baseline of the operation 'traces_normal' is recorded" in done.stdout


def test_everyday_load_keeps_the_p95_of_every_endpoint(burnproof, tmp_path):
    (tmp_path / "normal.json").write_text(run("traces_normal", 404.0, 10))  # 101 ms each

    done = burnproof("gate", "normal.json", "--spec", GATE, "--no-baseline", "--only", "normal-*", check=1)

    assert [line.partition(":")[0] for line in done.stdout.splitlines() if line.startswith("[")] == [
        "[FAIL] traces/normal-get", "[PASS] traces/normal-list", "[PASS] traces/normal-create",
        "[PASS] traces/normal-batch-of-100",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "picked"),
    [
        ("content-*", ["content-p95", "content-errors", "content-rps"]),
        ("content-api/content-p95", ["content-p95"]),
        ("*/content-p95", ["content-p95"]),
        ("content-api/*-p95", ["health-p95", "content-p95", "mixed-p95"]),
        ("*-p95", ["health-p95", "content-p95", "mixed-p95"]),
    ],
)
def test_a_pattern_without_a_slash_is_about_names_and_never_about_the_service(burnproof, tmp_path, pattern, picked):
    """The service is called content-api, so that `content-*` must not mean all that it has."""
    (tmp_path / "run.json").write_text(record())
    options = ("--spec", EXAMPLES / "load-profiles.yaml", "--no-baseline", "--json", "--only", pattern)

    found = json.loads(burnproof("gate", "run.json", *options).stdout)["verdicts"]

    assert [one["slo"].removeprefix("content-api/") for one in found if one["metric"]] == picked


def test_baseline_rules_without_a_rule_are_refused():
    found = slos_from_text("s.yaml", spec("{metric: a, at_most: 5, baseline: {of: normal}}")).problems

    assert [problem.message for problem in found] == ["the baseline rules say neither fail nor warn"]
