"""The content API's baselines: every acceptance number of its pages, and what was decided where they are unclear."""

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from burnproof.loadtest.baseline.compare import RULES, change_text, compare
from burnproof.loadtest.baseline.run_metadata import Facts, differences, stated, unstated
from burnproof.loadtest.baseline.store import StoreError, keep, latest_comparable, record_of, stored
from burnproof.loadtest.baseline.thresholds import DISTANCES, Distance, alert_rules, bases_of, rules_text, thresholds
from burnproof.loadtest.gate.judge import Baseline, judge
from burnproof.loadtest.gate.model import Outcome
from burnproof.loadtest.results.formats import read_result, result_from_text
from burnproof.loadtest.results.markdown import record_markdown
from burnproof.loadtest.results.record import RECORD_KEYS, record_name
from burnproof.model.measured import quantity
from burnproof.model.result_check import Change
from burnproof.specs.resolve import read_slos
from places import PATIENCE
from result_samples import EXAMPLES, k6, locust, record, streaming, verdict

PASS, WARN, FAIL = Outcome
PROFILES = read_slos([EXAMPLES / "load-profiles.yaml"]).client_side
BEFORE = result_from_text("before.json", record())


def run(**changes):
    """A run; its errors follow from the ratio unless given."""
    if "error_rate" in changes and "error_count" not in changes:
        changes["error_count"] = round(changes["error_rate"] * changes.get("total_requests", 2550))
    return result_from_text("run.json", record(**changes))


def regressed(**changes):
    return {one.rule.title for one in compare(run(**changes), BEFORE) if one.regressed}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"response_time_p95": 5400.0}, set()),  # exactly +20 % is no regression
        ({"response_time_p95": 5400.01}, {"P95"}),
        ({"requests_per_second": 7.225}, set()),  # exactly -15 %
        ({"requests_per_second": 7.22}, {"RPS"}),
        ({"total_requests": 10000, "error_rate": 0.07}, set()),  # exactly +5 points, not +5 %
        ({"total_requests": 10000, "error_rate": 0.0701}, {"Error rate"}),
        ({"total_requests": 10000, "error_rate": 0.0211}, set()),
        ({"response_time_p95": 9000.0, "requests_per_second": 1.0}, {"P95", "RPS"}),
        ({"response_time_p95": None}, {"P95"}),  # what cannot be compared is no pass
    ],
)
def test_regression_thresholds_are_strict(changes, expected):
    assert regressed(**changes) == expected


@pytest.mark.parametrize(
    ("profile", "changes", "failed"),
    [
        # 4500 ms x 1.2 passes the regression rule and breaks the objective of 5000 ms.
        ("content_generation_baseline", {"response_time_p95": 5400.0}, {"content-p95"}),
        ("content_generation_baseline", {"total_requests": 10000, "error_rate": 0.07}, {"content-errors"}),
        ("content_generation_baseline", {"requests_per_second": 7.225}, set()),
        ("content_generation_baseline", {"requests_per_second": 5.0}, {"content-rps"}),  # keeps 5+, and fell by 41 %
        ("content_generation_baseline", {"response_time_p95": 5000.0}, set()),
        ("content_generation_baseline", {"response_time_p95": 5000.01}, {"content-p95"}),
    ],
)
def test_regression_is_anded_with_the_absolute_criteria(profile, changes, failed):
    made = run(**changes)
    content = [one for one in PROFILES if one.check.operation == profile]

    found = judge(content, [made], baseline_of=lambda *_: Baseline(BEFORE))

    assert {one.slo.partition("/")[2] for one in found if one.outcome is FAIL} == failed


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({"response_time_p95": 100.0, "error_rate": 0.001, "requests_per_second": 50.0}, set()),
        ({"response_time_p95": 100.01, "error_rate": 0.001, "requests_per_second": 50.0}, {"health-p95"}),
        # 0.1 % + 5 points = 5.1 % passes the regression rule with 51 times the budget
        ({"response_time_p95": 90.0, "error_rate": 0.051, "requests_per_second": 50.0}, {"health-errors"}),
        ({"response_time_p95": 90.0, "error_rate": 0.001, "requests_per_second": 49.99}, {"health-rps"}),
    ],
)
def test_health_criteria(changes, failed):
    shared = {"operation": "health_check_baseline", "total_requests": 10000, "response_time_p99": 200.0}
    before = result_from_text(
        "b", record(**shared, response_time_p95=90.0, error_rate=0.001, error_count=10, requests_per_second=50.0)
    )
    health = [one for one in PROFILES if one.check.operation == "health_check_baseline"]

    found = judge(health, [run(**shared, **changes)], baseline_of=lambda *_: Baseline(before))

    assert {one.slo.partition("/")[2] for one in found if one.outcome is FAIL} == failed


@pytest.mark.parametrize(
    ("p95", "errors", "rps", "failed"),
    [(3000.0, 0.02, 10.0, set()), (3000.1, 0.0201, 9.99, {"mixed-p95", "mixed-errors", "mixed-rps"})],
)
def test_mixed_criteria(p95, errors, rps, failed):
    made = run(
        operation="mixed_workload_baseline",
        response_time_p95=p95,
        error_rate=errors,
        requests_per_second=rps,
        total_requests=10000,
    )
    mixed = [one for one in PROFILES if one.check.operation == "mixed_workload_baseline"]

    found = judge(mixed, [made], baseline_of=None)

    assert {one.slo.partition("/")[2] for one in found if one.outcome is FAIL} == failed


def test_a_regression_rule_without_a_baseline_fails_unless_it_is_left_out():
    content = [one for one in PROFILES if one.check.operation == "content_generation_baseline"]

    assert {one.outcome for one in judge(content, [BEFORE])} == {FAIL}
    assert {one.outcome for one in judge(content, [BEFORE], baseline_of=None)} == {PASS}


def test_an_equal_value_keeps_an_inclusive_bound_and_breaks_a_strict_one():
    """Throughput stands as "> 10 RPS", "10+" and min_rps: the spec says which is meant."""
    text = record(requests_per_second=10.0)

    assert verdict(text, "{metric: requests_per_second, at_least: 10rps}").outcome is PASS
    assert verdict(text, "{metric: requests_per_second, above: 10rps}").outcome is FAIL


@pytest.mark.parametrize(
    ("bases", "distances", "expected"),
    [
        (
            {"response_time_p95": "5000ms", "requests_per_second": "5rps", "error_rate": "5%"},
            None,
            {"6250 ms", "7500 ms", "4.5 rps", "4 rps", "0.06 ratio", "0.1 ratio"},
        ),
        (
            {"response_time_p95": "100ms", "requests_per_second": "50rps", "error_rate": "0.1%"},
            Distance("error_rate", Change(Decimal("0.001"), in_points=True), Change(Decimal("0.004"), in_points=True)),
            {"125 ms", "150 ms", "45 rps", "40 rps", "0.002 ratio", "0.005 ratio"},
        ),
    ],
)
def test_alert_thresholds_are_derived_per_metric(bases, distances, expected):
    """25 % and 50 % hold for P95 alone: throughput lies below, and error rates move in percentage points."""
    rules = (*DISTANCES[:2], distances or DISTANCES[2])
    made = thresholds({metric: quantity(text) for metric, text in bases.items()}, rules)

    assert {str(one.limit) for one in made} == expected


def test_thresholds_from_a_measured_baseline_differ_from_those_of_the_target():
    made = thresholds(bases_of(BEFORE))

    assert [str(one.limit) for one in made if one.metric == "response_time_p95"] == ["5625 ms", "6750 ms"]


def test_thresholds_become_alerts_in_seconds_and_ratios(promtool, tmp_path):
    queries = {
        "response_time_p95": "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))",
        "requests_per_second": "sum(rate(http_requests_total[5m]))",
    }
    document = alert_rules(
        "content_generation",
        thresholds({"response_time_p95": quantity("5000ms"), "requests_per_second": quantity("5rps")}),
        queries,
    )
    path = tmp_path / "rules.yaml"
    path.write_text(rules_text(document))

    exprs = {rule["alert"]: rule["expr"] for rule in yaml.safe_load(path.read_text())["groups"][0]["rules"]}
    assert exprs["ContentGenerationP95Warning"].endswith(" > 6.25")
    assert exprs["ContentGenerationP95Critical"].endswith(" > 7.5")
    # No demand is no lack of capacity: a throughput of 0 does not page at night.
    assert (
        exprs["ContentGenerationRpsCritical"]
        == f"({queries['requests_per_second']}) < 4 and ({queries['requests_per_second']}) > 0"
    )
    assert (
        subprocess.run(
            [promtool, "check", "rules", path], check=False, capture_output=True, timeout=PATIENCE
        ).returncode
        == 0
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"concurrent_users": 15}, "The number of users differs: 15, and 10"),
        ({"test_duration": 120}, "The duration differs: 120 s, and 300 s"),
        ({"environment": "ci"}, "The environment differs: 'ci', and 'baseline'"),
        ({"version": "0.2.0"}, "The version differs: '0.2.0', and '0.1.0' in the baseline; --across-versions"),
        ({"operation": "mixed_workload_baseline"}, "The operation differs"),
        ({"version": ""}, "The run does not state its version"),
    ],
)
def test_runs_that_are_not_alike_are_not_compared(changes, says):
    assert says in " ".join(differences(run(**changes).run, BEFORE.run))


@pytest.mark.parametrize("duration", [300, 299.2, 310.5, 329])
def test_a_run_that_ended_a_little_later_is_the_same_test(duration):
    assert differences(run(test_duration=duration).run, BEFORE.run) == ()


def test_versions_are_compared_when_that_is_what_is_asked():
    assert differences(run(version="0.2.0").run, BEFORE.run, across_versions=True) == ()


def test_a_sample_that_no_closed_loop_can_produce_is_still_read():
    """8.5 RPS at a mean of 2.5 s are 21 requests in flight with 10 users: not ours to refuse."""
    assert BEFORE.fault == ""


def test_a_record_has_exactly_its_fields_in_order_and_its_name(tmp_path):
    path = keep(tmp_path, stated(BEFORE, Facts(revision="abc")))

    document = json.loads(path.read_text())
    assert path.name == "content_generation_baseline_20240101_120000.json"
    assert list(document) == [*RECORD_KEYS, "schema", "git_revision"]
    assert list(document) == [*json.loads(record()), "schema", "git_revision"]
    assert {key: document[key] for key in RECORD_KEYS if key != "timestamp"} == {
        key: value for key, value in json.loads(record()).items() if key != "timestamp"
    }
    assert document["timestamp"] == "2024-01-01T12:00:00+00:00"
    assert read_result(path).fault == ""


def test_a_time_without_a_zone_is_utc_and_names_sort_by_time():
    assert BEFORE.run.timestamp == datetime(2024, 1, 1, 12, tzinfo=UTC)
    names = [record_name("x", datetime(2024, 1, day, tzinfo=UTC)) for day in (1, 2, 10)]
    assert names == sorted(names)


def test_a_name_that_would_leave_the_folder_is_refused(tmp_path):
    with pytest.raises(StoreError, match="cannot name a file"):
        keep(tmp_path, stated(run(operation="../../etc/x"), Facts()))


@pytest.mark.parametrize(
    ("text", "p95", "rate"),
    [(locust(), "100", "41.2"), (k6(http_req_duration={"p(95)": 210.5}), "210.5", "50.0")],
)
def test_other_formats_become_records_once_their_run_is_stated(tmp_path, text, p95, rate):
    facts = Facts("checkout", "ci", "1.0", "", 50, Decimal(120))
    made = stated(result_from_text("x", text), facts)

    kept = read_result(keep(tmp_path, made, datetime(2026, 2, 1, tzinfo=UTC)))

    assert (kept.fault, kept.readings["response_time_p95"].value, kept.readings["requests_per_second"].value) == (
        "", Decimal(p95), Decimal(rate),
    )  # fmt: skip
    for path, reading in made.readings.items():
        if reading.value is not None:
            assert abs(kept.readings[path].value - reading.value) < Decimal("1e-9")
            assert kept.readings[path].unit == reading.unit


def test_a_streaming_report_is_recorded_with_its_own_numbers(tmp_path):
    made = stated(result_from_text("x", streaming()), Facts("debates", "ci", "1.0"))

    kept = read_result(keep(tmp_path, made))

    assert kept.readings["first_byte_latency_ms.p95"].value == Decimal("38.91")


def test_a_run_of_sessions_keeps_its_endpoints_and_its_sessions_numbers(tmp_path):
    """Rules such as ``metric: generate/p95, baseline: 20%`` need them in the baseline."""
    readings = {"generate/p95": {"value": 812.5, "unit": "ms", "samples": 400}}
    made = result_from_text("x", record(**json.loads(streaming()), total_requests=2850, error_count=3, error_rate=0.001,
                                        readings=readings))  # fmt: skip

    kept = read_result(keep(tmp_path, made))

    assert kept.readings["generate/p95"] == made.readings["generate/p95"]
    for path in ("metrics.first_byte_latency_ms.p95", "metrics.message_throughput_per_sec.p5"):
        assert (kept.readings[path].value, kept.readings[path].unit) == (
            made.readings[path].value, made.readings[path].unit,
        )  # fmt: skip


UNTRUSTED = record(load_generator={"trusted": False, "reasons": ["Late."]})


@pytest.mark.parametrize("text", ["", locust().partition("\n")[0], record(error_count=2550, error_rate=1), UNTRUSTED])
def test_a_faulty_run_is_no_baseline(tmp_path, text):
    with pytest.raises(StoreError, match="a baseline must be a good run"):
        keep(tmp_path, result_from_text("x", text))


def test_a_run_must_state_what_makes_it_comparable():
    with pytest.raises(StoreError, match="--operation, --users, --duration, --environment, --app-version"):
        record_of(result_from_text("x", locust()), datetime.now(UTC))
    assert unstated(BEFORE.run) == ()


def test_records_are_never_overwritten(tmp_path):
    keep(tmp_path, BEFORE)

    with pytest.raises(StoreError, match="never overwritten"):
        keep(tmp_path, BEFORE)


def test_the_newest_comparable_record_is_the_baseline(tmp_path):
    for day, users in ((1, 10), (2, 10), (3, 99)):
        keep(tmp_path, run(timestamp=f"2024-01-0{day}T00:00:00", concurrent_users=users))
    (tmp_path / "broken.json").write_text("{")

    folder = stored(tmp_path)
    found, refusal = latest_comparable(run(timestamp="2024-01-09T00:00:00"), folder.records)

    assert (len(folder.records), len(folder.faulty), refusal) == (3, 1, "")
    assert found.run.timestamp.day == 2
    none, why = latest_comparable(run(timestamp="2024-01-09T00:00:00", concurrent_users=7), folder.records)
    assert none is None
    assert "users differs: 7, and 99" in why


def test_a_run_is_no_baseline_of_itself_or_of_an_earlier_one(tmp_path):
    for day in (1, 2, 3):
        keep(tmp_path, run(timestamp=f"2024-01-0{day}T00:00:00", total_requests=2550 + day))
    first, second, third = stored(tmp_path).records

    assert latest_comparable(third, (first, second, third))[0] is second
    assert latest_comparable(second, (first, second, third))[0] is first
    none, why = latest_comparable(first, (first, second, third))
    assert (none, why) == (None, f"no baseline of the operation {first.run.operation!r} is older than the run itself")
    same_second = run(timestamp="2024-01-01T00:00:00", total_requests=9999)
    assert latest_comparable(same_second, (first,))[0] is first  # another run: its figures are not the same


def test_a_newer_run_of_another_operation_may_be_named(tmp_path):
    keep(tmp_path, run(operation="normal", timestamp="2024-01-09T00:00:00"))
    spike = run(operation="spike", timestamp="2024-01-08T00:00:00")

    assert latest_comparable(spike, stored(tmp_path).records, operation="normal")[0] is not None


def test_changes_are_shown_as_percent_or_points():
    found = compare(run(response_time_p95=4950.0, total_requests=10000, error_rate=0.025), BEFORE)

    assert [change_text(one) for one in found] == ["+10.0%", "+0.0%", "+0.5pp"]


@given(
    was=st.decimals("0.001", 10**5, places=3),
    now=st.decimals("0.001", 10**5, places=3),
)
def test_a_regression_is_exactly_what_lies_beyond_the_allowed_change(was, now):
    readings = {
        metric: replace(BEFORE.readings[metric], value=was) for metric in ("response_time_p95", "requests_per_second")
    }
    before = replace(BEFORE, readings=BEFORE.readings | readings)
    after = replace(
        BEFORE, readings=BEFORE.readings | {metric: replace(made, value=now) for metric, made in readings.items()}
    )

    p95, rps, _ = compare(after, before, RULES)

    assert p95.regressed == (now > was * Decimal("1.2"))
    assert rps.regressed == (now < was * Decimal("0.85"))


def test_the_week_after_sets_no_limit_on_the_number_of_records(tmp_path):
    start = datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(5):
        keep(tmp_path, run(timestamp=(start + timedelta(days=number)).isoformat()))

    assert len(stored(tmp_path, "content_generation_baseline").records) == 5
    assert stored(tmp_path, "other").records == ()


PAGE = """\
# content_generation_baseline

| Run |  |
| --- | --- |
| Time | 2024-01-01 12:00:00 UTC |
| Environment | baseline |
| Version | 0.1.0 |
| Revision | not stated |
| Users | 10 |
| Duration | 300 s |
| Requests | 2,550 |
| Errors | 51 |

| Figure | Value |
| --- | --- |
| Mean | 2500 ms |
| Median | 2000 ms |
| P95 | 4500 ms |
| P99 | 8000 ms |
| Max | 12000 ms |
| Throughput | 8.5 rps |
| Error rate | 2% |
"""


def test_the_page_of_a_record():
    assert record_markdown(BEFORE) == PAGE


def test_a_page_cannot_be_broken_by_what_a_file_holds():
    page = record_markdown(run(environment="a|b\n# c <script>", total_requests=0, error_count=0, error_rate=0))

    assert "| Environment | a\\|b # c &lt;script> |" in page
    assert "> **Not to be trusted**: no request was made." in page
