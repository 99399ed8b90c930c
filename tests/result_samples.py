"""Result files for tests, made by functions: each gives the text of a sound file, with what differs as arguments."""

from __future__ import annotations

import json
from pathlib import Path

from burnproof.loadtest.gate.judge import judge, no_baseline
from burnproof.loadtest.results.formats import result_from_text
from burnproof.specs.resolve import slos_from_text

EXAMPLES = Path(__file__).parents[1] / "examples"
PERCENTILES = ("50%", "66%", "75%", "80%", "90%", "95%", "98%", "99%", "99.9%", "99.99%", "100%")
LOCUST_HEADER = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s," + ",".join(PERCENTILES)
)


def streaming(
    *,
    first_byte=38.91,
    throughput=28.03,
    attempts=412,
    successes=410,
    completion=0.812,
    completed=2847,
    failed=3,
    **changes,
):
    """The report of a run of streaming sessions."""
    total = completed + failed
    document = {
        "configuration": {"concurrency": 50, "target_duration_seconds": 60.0, "total_debates": total},
        "timing": {
            "actual_duration_seconds": 62.34,
            "started_at": "2026-02-24T10:00:00+00:00",
            "completed_at": "2026-02-24T10:01:02+00:00",
        },
        "results": {
            "completed_debates": completed,
            "failed_debates": failed,
            "success_rate": round(completed / total, 4) if total else None,
        },
        "metrics": {
            "first_byte_latency_ms": {"p50": 18.42, "p95": first_byte, "p99": 52.17},
            "message_throughput_per_sec": {"mean": 48.12, "min": 22.15, "p5": throughput},
            "reconnection": {
                "total_attempts": attempts,
                "success_rate": successes / attempts if attempts else None,
            },
            "debate_completion_s": {"p50": 0.421, "p95": 0.687, "p99": completion},
        },
        "slo_validation": {},
        "all_slos_passed": True,
        "errors": [],
    }
    return json.dumps(document | changes)


def record(**changes):
    """The de-facto record of a load-test run."""
    document = {
        "operation": "content_generation_baseline",
        "environment": "baseline",
        "version": "0.1.0",
        "timestamp": "2024-01-01T12:00:00",
        "response_time_mean": 2500.0,
        "response_time_median": 2000.0,
        "response_time_p95": 4500.0,
        "response_time_p99": 8000.0,
        "response_time_max": 12000.0,
        "requests_per_second": 8.5,
        "concurrent_users": 10,
        "total_requests": 2550,
        "error_rate": 0.02,
        "error_count": 51,
        "test_duration": 300,
    } | changes
    return json.dumps({key: value for key, value in document.items() if value is not ...})


def locust_row(kind="", name="Aggregated", requests=5000, failures=0, p99="480", **cells):
    """One row of Locust's statistics."""
    percentiles = dict.fromkeys(PERCENTILES, "N/A" if requests == 0 else "100") | {"99%": p99}
    values = [kind, name, requests, failures, 90, 95.5, 3, 900, 512.0, 41.2, 0.0, *(percentiles | cells).values()]
    return ",".join(map(str, values))


def locust(*rows):
    """Locust's ``*_stats.csv``; without rows, one aggregated row."""
    return "\r\n".join([LOCUST_HEADER, *(rows or (locust_row(),))]) + "\r\n"


def locust_history(*moments):
    """Locust's ``*_stats_history.csv`` of (time, requests/s, failures/s) of the aggregated row."""
    header = (
        "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,95%,99%,Total Request Count,Total Failure Count,"
        "Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,"
        "Total Average Content Size"
    )
    rows = [
        f"{time},50,,Aggregated,{rate},{failing},10,20,30,1000,5,10,11.0,1,99,512.0" for time, rate, failing in moments
    ]
    return "\r\n".join([header, *rows]) + "\r\n"


def k6(*, p99=400.0, requests=3000, failed=3, **metrics):
    """k6's ``--summary-export``."""
    document = {
        "metrics": {
            "http_reqs": {"count": requests, "rate": 50.0},
            "http_req_duration": {"avg": 90.1, "min": 2.0, "med": 80.0, "max": 950.2, "p(90)": 180.0, "p(99)": p99},
            "http_req_failed": {
                "passes": failed,
                "fails": requests - failed,
                "value": failed / requests if requests else 0,
            },
            "checks": {"passes": requests - failed, "fails": failed, "value": 0.999},
            "vus_max": {"value": 100, "min": 100, "max": 100},
        }
        | metrics,
        "root_group": {
            "name": "",
            "path": "",
            "checks": {"status is 200": {"name": "status is 200", "passes": requests - failed, "fails": failed}},
            "groups": {},
        },
    }
    return json.dumps(document)


def spec(*checks):
    """A spec with one SLO a check, named check-0, check-1 …; each check is the text of a YAML mapping."""
    slos = "".join(f"  - name: check-{number}\n    sli: {{check: {check}}}\n" for number, check in enumerate(checks))
    return f"version: burnproof/v1\nservice: app\nslos:\n{slos}"


def objectives(*checks):
    """The objectives of such a spec, which must be free of problems."""
    loaded = slos_from_text("app.yaml", spec(*checks))

    assert [found.message for found in loaded.problems] == []

    return loaded.client_side


def verdicts(text, *checks, env=None, baseline_of=no_baseline, name="result"):
    """Judge checks on one file."""
    return judge(objectives(*checks), [result_from_text(name, text)], env=env, baseline_of=baseline_of)


def verdict(text, check, **options):
    """Judge one check on one file; what is said of the file itself comes first and is left out."""
    return verdicts(text, check, **options)[-1]
