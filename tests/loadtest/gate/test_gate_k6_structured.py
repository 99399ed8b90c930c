"""k6's machine-readable summary has the paths and the counts of the older one, or is refused by name."""

import json
from decimal import Decimal

import pytest

from burnproof.loadtest.gate.model import Outcome
from burnproof.loadtest.results.formats import result_from_text
from result_samples import verdict

PASS, WARN, FAIL = Outcome
P95 = "{metric: http_req_duration/p(95), at_most: 500ms}"


def metric(name, kind, contains="default", **values):
    """One metric; percentiles are given as p95."""
    named = {"p(95)" if part == "p95" else part: value for part, value in values.items()}
    return {"name": name, "type": kind, "contains": contains, "values": named}


def summary(*, version="1.0.0", requests=3000, failed=3, p95=180.5, metrics=()):
    """The summary of a run, as schema 1.0.0 of k6 has it."""
    return json.dumps({
        "version": version,
        "metadata": {"generatedAt": "2026-03-01T10:00:00Z", "k6Version": "1.5.0"},
        "config": {"duration": 60.01, "execution": "local", "script": "script.js"},
        "results": {
            "metrics": [
                metric("http_reqs", "counter", count=requests),
                metric("http_req_failed", "rate", rate=failed / max(requests, 1), matches=failed, total=requests),
                metric("http_req_duration", "trend", "time", avg=90.1, min=2.0, med=80.0, max=950.2, p95=p95),
                metric("vus_max", "gauge", min=10, max=10, value=10),
                metric("errors", "rate", rate=0, matches=0, total=100),
                *metrics,
            ],
            "checks": {
                "metrics": [
                    metric("checks_total", "counter", count=200),
                    metric("checks_failed", "rate", rate=0.05, matches=10, total=200),
                    metric("checks_succeeded", "rate", rate=0.95, matches=190, total=200),
                ],
                "results": [{"name": "status is 200", "passes": 190, "fails": 10}],
            },
        },
    })  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "unit", "samples"),
    [
        ("http_req_duration/p(95)", "180.5", "ms", 3000),
        ("http_req_failed/rate", "0.001", "ratio", 3000),
        ("http_reqs/count", "3000", "", 3000),
        ("checks/rate", "0.95", "ratio", 200),
        ("checks/status is 200", "0.95", "ratio", 200),
        ("errors/rate", "0", "ratio", 100),
    ],
)
def test_paths_are_those_of_the_older_summary(path, value, unit, samples):
    made = result_from_text("summary.json", summary())

    assert (made.fault, made.format) == ("", "k6 summary")
    found = made.readings[path]
    assert (found.value, found.unit.name, found.samples) == (Decimal(value), unit, samples)


def test_requests_failures_users_and_duration_are_known():
    run = result_from_text("summary.json", summary(failed=30)).run

    assert (run.requests, run.failures, run.users, run.duration) == (3000, 30, 10, Decimal("60.01"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (summary(requests=0, failed=0), "no request was made"),
        (summary(failed=3000), "all 3000 requests failed"),
        (summary(metrics=[metric("http_reqs", "counter", count=1)]), "has the metric 'http_reqs' twice"),
        (summary(metrics=[{"name": "x"}]), "damaged: its metrics are no list of names and values"),
        (summary().replace('"metrics": [', '"metric": [', 1), "its metrics are no list"),
        (summary(version="2.0.0"), "the schema '2.0.0' of k6's summary is not known"),
        (summary(version=None), "write it without --new-machine-readable-summary"),
        (summary().replace('"matches": 3,', '"matches": 900,'), "900 of 3000 are 0.3000"),
    ],
)
def test_what_cannot_be_trusted_never_passes(text, says):
    assert says in result_from_text("summary.json", text).fault
    assert verdict(text, P95).outcome is FAIL


def test_it_passes_and_fails_as_the_older_one():
    assert verdict(summary(), P95).outcome is PASS
    assert verdict(summary(p95=500.1), P95).outcome is FAIL
    assert verdict(summary(requests=19, failed=0), P95).outcome is FAIL
