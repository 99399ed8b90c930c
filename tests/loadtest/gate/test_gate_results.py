"""Results of every format: what is read, and that nothing missing, damaged or meaningless ever passes."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnproof.loadtest.gate.judge import judge
from burnproof.loadtest.gate.model import Outcome
from burnproof.loadtest.results.formats import read_result, result_from_text
from burnproof.loadtest.results.model import percentile_of, samples_needed
from burnproof.model.measured import quantity
from result_samples import (
    LOCUST_HEADER,
    k6,
    locust,
    locust_history,
    locust_row,
    objectives,
    record,
    streaming,
    verdict,
    verdicts,
)

PASS, WARN, FAIL = Outcome
P99 = "{metric: Aggregated/99%, at_most: 500ms}"


def untrusted(trusted, *reasons):
    """A record whose load generator speaks of its own figures."""
    said = {"trusted": trusted} | ({"reasons": list(reasons)} if reasons else {})
    return record(load_generator=said)


SOUND = {
    "record": (record(), "{metric: response_time_p95, at_most: 5000ms}"),
    "streaming": (streaming(), "{metric: first_byte_latency_ms.p95, at_most: 500ms}"),
    "locust": (locust(), P99),
    "k6": (k6(), "{metric: http_req_duration/p(99), at_most: 500ms}"),
    "junit": (
        '<testsuites time="6.5"><testsuite name="u" tests="1"><testcase name="a" time="6.5"/></testsuite></testsuites>',
        "{metric: total/time, below: 30s}",
    ),
    "json": ('{"a": {"latency_ms": 12}}', "{metric: a.latency_ms, at_most: 20ms}"),
}


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_file_passes(kind):
    text, check = SOUND[kind]

    assert verdict(text, check).outcome is PASS


def test_a_load_generator_that_trusts_its_figures_or_says_nothing_of_itself_is_no_fault():
    """Records of other tools have no such section; one that is there must say ``true``."""
    text, check = SOUND["record"]

    assert verdict(text, check).outcome is PASS
    assert verdict(untrusted(True), check).outcome is PASS


def test_figures_that_are_not_to_be_trusted_are_shown_with_the_failure():
    """Who is paged for it needs the number, and that the load generator is to blame."""
    found = verdict(untrusted(False, "Only 3 of 50 users were ever active."), SOUND["record"][1])

    assert (found.outcome, found.actual.value) == (FAIL, Decimal(4500))
    assert "Only 3 of 50 users were ever active." in found.reasons[0]


@pytest.mark.parametrize("kind", SOUND)
def test_a_file_cut_off_anywhere_never_passes(kind):
    """Every prefix of every format, one character at a time from the end and then in steps."""
    text, check = SOUND[kind]
    bare = text.rstrip()
    cuts = [*range(max(0, len(bare) - 40), len(bare)), *range(0, len(bare), 17)]

    passed = [cut for cut in cuts if verdict(bare[:cut], check).outcome is PASS]

    # Without its line end a CSV has lost only its last number, which is then none; here another is judged.
    assert [cut for cut in passed if kind != "locust" or cut < len(bare) - 3] == []


@pytest.mark.parametrize(
    ("text", "check", "says"),
    [
        ("", P99, "the file is empty"),
        ("  \n", P99, "the file is empty"),
        ("\x00\x01", P99, "the file is none of JSON, JUnit XML and Locust's CSV"),
        (LOCUST_HEADER + "\r\n", P99, "holds a header and no row"),
        (locust(locust_row("GET", "/api")), P99, "its last row, Aggregated, is missing"),
        (locust(locust_row(requests=0)), P99, "no request was made"),
        (locust(locust_row(p99="N/A")), P99, "it is N/A"),
        (locust(locust_row(p99="")), P99, "the cell is empty"),
        (locust(locust_row(p99="nan")), P99, "is no number"),
        (locust(locust_row(p99="inf")), P99, "is no number"),
        (locust(locust_row(p99="1e400")), P99, "too large to be a measurement"),
        (locust(locust_row(p99="-5")), P99, "a time of -5 cannot be"),
        (locust(locust_row(requests=99)), P99, "99 samples are too few: 100 are needed"),
        (locust(locust_row(requests=5000, failures=5000)), P99, "all 5000 requests failed"),
        (locust(locust_row(requests=10, failures=20)), P99, "all 10 requests failed"),
        (locust(), "{metric: Aggregated/97%, at_most: 500ms}", "is missing"),
        (locust(), "{metric: /api/99%, at_most: 500ms}", "is missing"),
        (locust(), "{metric: Aggregated/Requests/s, at_most: 500ms}", "unit is wrong"),
        (locust(), "{metric: Aggregated/99%, at_least: 10rps}", "unit is wrong"),
        (locust().replace("Failure Count", "Failures"), P99, "has no column"),
        (locust(locust_row(), locust_row()), P99, "there twice"),
        ("Method,Name,Error,Occurrences\nGET,/,x,1\n", P99, "list of failures"),
        ("Count,Message,Traceback,Nodes\r\n", P99, "list of exceptions; give the file that ends in _stats.csv"),
        ("a,b\n1,2\n", P99, "none of JSON"),
        (k6(requests=0, failed=0), "{metric: http_req_duration/p(99), at_most: 500ms}", "no request was made"),
        (k6(failed=3000), "{metric: http_req_duration/p(99), at_most: 500ms}", "all 3000 requests failed"),
        (k6(requests=50, failed=0), "{metric: http_req_duration/p(99), at_most: 500ms}", "50 samples are too few"),
        (k6(), "{metric: http_req_duration/p(95), at_most: 500ms}", "is missing"),
        (k6(p99="x"), "{metric: http_req_duration/p(99), at_most: 500ms}", "is no number"),
        ("<html></html>", "{metric: total/time, below: 1s}", "begins with <html>"),
        ("<testsuites/>", "{metric: total/time, below: 1s}", "holds no test case"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><testsuites>&a;</testsuites>', "{metric: total/time, below: 1s}", "entities"),
        ("{}", "{metric: a, at_most: 1}", "no object with numbers"),
        ("[]", "{metric: a, at_most: 1}", "no object with numbers"),
        ("null", "{metric: a, at_most: 1}", "none of JSON"),
        ('{"a": NaN}', "{metric: a, at_most: 1}", "is no number"),
        ('{"a": Infinity}', "{metric: a, at_least: 1}", "is no number"),
        ('{"a": 1e999}', "{metric: a, at_least: 1}", "too large"),
        ('{"a": null}', "{metric: a, at_most: 1}", "it is null"),
        ('{"a": "N/A"}', "{metric: a, at_most: 1}", "is no number"),
        ('{"a": [], "b": 1}', "{metric: a, at_most: 1}", "is missing"),
        ('{"a": 1, "a": 2}', "{metric: a, at_most: 5}", "is twice"),
        ('{"a.b": 1, "a": {"b": 9}}', "{metric: a.b, at_most: 5}", "two values of the file have this path"),
        ('{"a": 0.3}', "{metric: a, at_most: 500ms}", "unit of a is not known"),
        ('{"a_ms": 300}', "{metric: a_ms, at_most: 0.5, unit: s}", "unit is unclear"),
        ('{"a_ratio": 99}', "{metric: a_ratio, at_least: 0.9}", "is it a percentage"),
        ('{"a": 99}', "{metric: a, at_least: 0.9, unit: ratio}", "ratio of 99"),
        ('{"ok": true}', "{metric: ok, at_most: 500}", "true or false"),
        (record(total_requests=0, error_count=0, error_rate=0), SOUND["record"][1], "no request was made"),
        (record(error_count=2550, error_rate=1), SOUND["record"][1], "all 2550 requests failed"),
        (record(error_rate=0.001), SOUND["record"][1], "error_rate is 0.001"),
        (record(error_count=3000), SOUND["record"][1], "3000 errors in 2550 requests"),
        (record(response_time_p95=...), SOUND["record"][1], "incomplete: response_time_p95 missing"),
        (record(response_time_p95=None), SOUND["record"][1], "it is null"),
        (record(timestamp="yesterday"), SOUND["record"][1], "no ISO 8601 time"),
        (record(test_duration=0), SOUND["record"][1], "no duration"),
        (record(schema="burnproof/result/v9"), SOUND["record"][1], "is not burnproof/result/v1"),
        (untrusted(False, "Late by 12 ms."), SOUND["record"][1], "does not trust its figures: Late by 12 ms."),
        (untrusted(False), SOUND["record"][1], "does not trust its figures: it does not say why"),
        (untrusted("yes"), SOUND["record"][1], "does not trust its figures"),
        (record(load_generator=None), SOUND["record"][1], "does not trust its figures"),
        (record(load_generator={"reasons": []}), SOUND["record"][1], "does not trust its figures"),
        (streaming(load_generator={"trusted": False, "reasons": ["Late."]}), SOUND["streaming"][1], "figures: Late."),
        (streaming(results={}), SOUND["streaming"][1], "must be counts"),
        (streaming().replace(', "errors": []', ""), SOUND["streaming"][1], "incomplete: errors missing"),
        (locust_history((0, 10, 0), (10, 10, 0)), P99, "not one value"),
    ],
)  # fmt: skip
def test_what_cannot_be_trusted_never_passes(text, check, says):
    found = verdicts(text, check)

    assert {one.outcome for one in found} == {FAIL}
    assert says.lower() in " ".join(reason for one in found for reason in one.reasons).lower()


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("latin-1")))
def test_no_text_makes_the_readers_fail_or_pass(text):
    found = judge(objectives(P99), [result_from_text("x", text)])

    assert {one.outcome for one in found} == {FAIL}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["metrics", "operation", "http_reqs", "results", "slo_validation", "count", "a"]), inner
            )
        ),
    )
)
def test_no_json_makes_the_readers_fail(value):
    result_from_text("x", json.dumps(value))


def test_headers_and_failures_that_a_naive_gate_lets_through_fail():
    """Header only passed, 100 % fast failures passed, N/A crashed, exactly 500 passed a `< 500`."""
    strict = "{metric: Aggregated/99%, below: 500ms}"

    assert verdict(LOCUST_HEADER, strict).outcome is FAIL
    assert verdict(locust(locust_row(failures=5000, p99="3")), strict).outcome is FAIL
    assert verdict(locust(locust_row(p99="N/A")), strict).outcome is FAIL
    assert verdict(locust(locust_row(p99="500")), strict).outcome is FAIL
    assert verdict(locust(locust_row(p99="499")), strict).outcome is PASS


def test_locust_rows_are_named_by_name_or_by_type_and_name():
    text = locust(
        locust_row("GET", "/api/debates", p99="300"),
        locust_row("POST", "/api/debates", p99="800"),
        locust_row("GET", "/api/health", p99="20"),
        locust_row(requests=15000),
    )

    assert str(verdict(text, "{metric: /api/health/99%, at_most: 1s}").actual) == "20 ms"
    assert str(verdict(text, "{metric: POST /api/debates/99%, at_most: 1s}").actual) == "800 ms"
    both = verdict(text, "{metric: /api/debates/99%, at_most: 1s}")
    assert both.reasons == ("Several numbers have this name; name one of GET /api/debates/99%, POST /api/debates/99%.",)


def test_a_row_of_a_single_request_is_not_judged_like_the_sum():
    text = locust(locust_row("GET", "/rare", requests=1, p99="3"), locust_row("GET", "/", requests=4999), locust_row())

    assert verdict(text, "{metric: /rare/99%, at_most: 500ms}").outcome is FAIL
    assert verdict(text, P99).outcome is PASS


def test_the_failure_ratio_of_locust_is_failures_over_requests():
    text = locust(locust_row(requests=3000, failures=30))

    found = verdict(text, "{metric: Aggregated/Failure Ratio, at_most: 1%}")

    assert (found.outcome, found.actual.value) == (PASS, Decimal("0.01"))
    assert verdict(text, "{metric: Aggregated/Failure Ratio, below: 1%}").outcome is FAIL


def test_no_errors_in_few_requests_prove_little():
    """For fewer than 0.1 % failures with 95 % confidence it takes about 3000 requests, which min_samples asks for."""
    check = "{metric: Aggregated/Failure Ratio, at_most: 0.1%, min_samples: 3000}"

    assert verdict(locust(locust_row(requests=200)), check).outcome is FAIL
    assert verdict(locust(locust_row(requests=3000)), check).outcome is PASS


def test_a_locust_file_with_a_byte_order_mark_and_unix_lines_is_read(tmp_path):
    path = tmp_path / "results_stats.csv"
    path.write_text("\ufeff" + locust().replace("\r\n", "\n"), encoding="utf-8")

    assert read_result(path).fault == ""


@pytest.mark.parametrize(
    ("path", "value", "unit", "samples"),
    [
        ("http_req_duration/p(99)", "400.0", "ms", 3000),
        ("http_req_duration.avg", "90.1", "ms", 3000),
        ("http_reqs/rate", "50.0", "rps", 3000),
        ("http_req_failed/rate", "0.001", "ratio", 3000),
        ("checks/status is 200", "0.999", "ratio", 3000),
    ],
)
def test_k6_summaries(path, value, unit, samples):
    made = result_from_text("summary.json", k6()).readings[path]

    assert (made.value, made.unit.name, made.samples) == (Decimal(value), unit, samples)


def test_k6_passes_of_http_req_failed_are_the_failed_requests():
    made = result_from_text("summary.json", k6(failed=30))

    assert (made.run.requests, made.run.failures) == (3000, 30)


def test_what_is_false_in_a_rate_of_a_script_did_not_fail():
    """`new Rate("errors")` counts each request that was no error among its fails."""
    check = "{metric: errors/rate, at_most: 1%}"

    assert verdict(k6(errors={"passes": 0, "fails": 1000, "value": 0}), check).outcome is PASS
    assert verdict(k6(errors={"passes": 20, "fails": 980, "value": 0.02}), check).outcome is FAIL
    none_held = k6(checks={"passes": 0, "fails": 9, "value": 0})
    assert verdict(none_held, "{metric: checks/rate, at_least: 0}").outcome is FAIL


def test_k6_handle_summary_has_the_same_numbers_one_level_down():
    trend = {"avg": 90.1, "med": 80.0, "p(99)": 400.0}
    document = {
        "root_group": {"checks": [{"name": "ok", "passes": 1, "fails": 1}], "groups": [
            {"name": "g", "checks": [{"name": "in", "passes": 3, "fails": 1}], "groups": []}]},
        "state": {"testRunDurationMs": 60000.5},
        "metrics": {
            "http_reqs": {"type": "counter", "contains": "default", "values": {"count": 500, "rate": 8.3}},
            "http_req_duration": {"contains": "time", "values": trend, "thresholds": {"p(99)<500": {}}},
            "http_req_failed": {"type": "rate", "values": {"rate": 0.01, "passes": 5, "fails": 495}},
        },
    }  # fmt: skip
    made = result_from_text("summary.json", json.dumps(document))

    assert made.readings["http_req_duration/p(99)"].value == Decimal("400.0")
    assert made.readings["checks/g::in"].value == Decimal("0.75")
    assert (made.run.duration, made.run.failures) == (Decimal("60.0005"), 5)


def test_junit_suites_cases_and_their_sum():
    text = """<?xml version="1.0"?>
    <testsuites><testsuite name="api" tests="3" time="1,004.5">
      <testcase classname="c" name="a" time="4.5"/>
      <testcase name="b" time="1000"><failure>no</failure></testcase>
      <testcase name="c" time="0"><skipped/></testcase>
    </testsuite><testsuite name="ui" tests="1" time="2"><testcase name="x" time="2"/></testsuite></testsuites>"""
    made = result_from_text("junit.xml", text)

    shown = {path: str(reading.value) for path, reading in made.readings.items() if not reading.trouble}
    assert shown["total/time"] == "1006.5"
    assert shown["api/a/time"] == "4.5"
    assert shown["api/Failure Ratio"] == "0.5"
    assert "api/c/time" not in shown  # a skipped test took no time


def test_lighthouse_says_its_units():
    document = {"audits": {"interactive": {"numericValue": 1900.5, "numericUnit": "millisecond"}}}

    check = "{metric: audits.interactive.numericValue, below: 2s}"

    assert verdict(json.dumps(document), check).outcome is PASS
    document["audits"]["interactive"]["numericValue"] = 2000
    assert verdict(json.dumps(document), check).outcome is FAIL


def test_a_kb_has_1000_bytes_and_a_kib_1024():
    text = '{"bundle_bytes": 500001}'

    assert verdict(text, "{metric: bundle_bytes, at_most: 500KB}").outcome is FAIL
    assert verdict(text, "{metric: bundle_bytes, at_most: 500KiB}").outcome is PASS


def test_text_with_a_unit_is_a_number_in_it():
    assert verdict('{"p": "6250ms"}', "{metric: p, at_most: 6.25s}").outcome is PASS
    assert verdict('{"p": "6%"}', "{metric: p, at_most: 0.06, unit: ratio}").outcome is PASS


@pytest.mark.parametrize(
    ("text", "check", "outcome"),
    [
        ('{"requests_per_s": 120}', "{metric: requests_per_s, at_least: 100rps}", PASS),
        ('{"requests_per_s": 120}', "{metric: requests_per_s, at_least: 100, unit: rps}", PASS),
        ('{"requests_per_s": 90}', "{metric: requests_per_s, at_least: 100rps}", FAIL),
        ('{"jobs_per_minute": 120}', "{metric: jobs_per_minute, at_least: 2rps}", PASS),
        ('{"msgs_per_ms": 3}', "{metric: msgs_per_ms, at_most: 5ms}", FAIL),
        ('{"lag_ms": {"max": 3}}', "{metric: lag_ms.max, at_most: 5ms}", PASS),
        ('{"lag_ms": [3, 4]}', "{metric: lag_ms.1, at_most: 5ms}", PASS),
        ('{"lag_ms": {"count": 3}}', "{metric: lag_ms.count, at_most: 5}", PASS),
        ('{"lag_ms": {"count": 3}}', "{metric: lag_ms.count, at_most: 5, unit: count}", PASS),
        ('{"lag_ms": {"count": 3}}', "{metric: lag_ms.count, at_most: 5ms}", FAIL),
        ('{"class_s": {"n": 4}}', "{metric: class_s.n, at_most: 5s}", FAIL),
        ('{"class_s": 4}', "{metric: class_s, at_most: 5, unit: count}", PASS),
        ('{"compression_ratio": 4.5}', "{metric: compression_ratio, at_most: 5, unit: count}", PASS),
        ('{"compression_ratio": 4.5}', "{metric: compression_ratio, at_most: 5}", FAIL),
        (k6(), "{metric: http_req_duration/p(99), at_most: 500, unit: rps}", FAIL),
    ],
)
def test_a_unit_that_a_name_suggests_is_a_guess(text, check, outcome):
    assert verdict(text, check).outcome is outcome


def test_a_percentile_without_a_known_number_of_samples_warns():
    text = '{"lat_ms": {"p99": 10, "n": 500}}'

    assert verdict(text, "{metric: lat_ms.p99, at_most: 20ms}").outcome is WARN
    assert verdict(text, "{metric: lat_ms.p99, at_most: 20ms, samples: lat_ms.n}").outcome is PASS
    assert verdict(text, "{metric: lat_ms.p99, at_most: 20ms, samples: lat_ms.n, min_samples: 501}").outcome is FAIL
    assert verdict(text, "{metric: lat_ms.p99, at_most: 20ms, samples: nowhere}").outcome is FAIL


@pytest.mark.parametrize(
    ("path", "percentile", "needed"),
    [
        ("Aggregated/99%", 99, 100), ("Aggregated/99.9%", "99.9", 1000), ("x.p95", 95, 20), ("x.p5", 5, 20),
        ("http_req_duration/p(97)", 97, 34), ("http_req_duration/med", 50, 2), ("response_time_p95", 95, 20),
        ("Aggregated/100%", None, 1), ("Aggregated/Requests/s", None, 1), ("mp3", None, 1), ("x.max", None, 1),
    ],
)  # fmt: skip
def test_percentiles_by_name(path, percentile, needed):
    assert percentile_of(path) == (None if percentile is None else Decimal(percentile))
    assert samples_needed(path) == needed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("5,247", "5247"), ("0.01%", "0.01%"), ("6250ms", "6250 ms"), ("1.2GB", "1.2 GB"), ("60 RPM", "60 rpm"),
        ("10 messages/sec/debate", "10 messages/sec/debate"),
    ],
)  # fmt: skip
def test_quantities(text, shown):
    assert str(quantity(text)) == shown


def test_recovery_is_the_longest_stretch_out_of_bounds():
    check = "{metric: Aggregated/Failure Ratio, below: 1%, recovers_within: 5m}"

    def judged(*rates):
        return verdict(locust_history(*((60 * minute, 100, rate) for minute, rate in enumerate(rates))), check)

    assert judged(0, 50, 50, 0, 50, 0).outcome is PASS  # 2 min and 1 min
    assert str(judged(0, 50, 50, 0, 50, 0).actual) == "120 s"
    assert judged(0, 50, 50, 50, 50, 0, 0).outcome is PASS  # 4 min
    assert judged(0, 50, 50, 50, 50, 50, 0).outcome is FAIL  # exactly 5 min are not less than 5
    assert judged(0, 0, 0, 50).reasons == ("It had not recovered when the run ended.",)


def test_a_moment_without_requests_in_a_run_is_no_recovery():
    check = "{metric: Aggregated/Failure Ratio, below: 1%, recovers_within: 2m}"
    moments = ((0, 100, 0), (60, 100, 90), (120, 0, 0), (180, 0, 0), (240, 100, 0))

    assert str(verdict(locust_history(*moments), check).actual) == "180 s"


def test_an_outage_at_the_start_counts():
    check = "{metric: Aggregated/Failure Ratio, below: 1%, recovers_within: 2m}"
    moments = ((0, 0, 0), (60, 0, 0), (120, 0, 0), (180, 100, 0), (240, 100, 0))

    found = verdict(locust_history(*moments), check)

    assert (found.outcome, str(found.actual), found.samples) == (FAIL, "180 s", 2)


@pytest.mark.parametrize(("away", "actual", "outcome"), [(3, "0 s", PASS), (4, "240 s", PASS), (5, "300 s", FAIL)])
def test_a_gap_in_a_course_is_out_of_bounds(away, actual, outcome):
    """Up to three steps of the course may pass between two samples."""
    check = "{metric: Aggregated/Failure Ratio, below: 1%, recovers_within: 5m}"
    moments = [(60 * minute, 100, 0) for minute in (*range(6), *range(5 + away, 11 + away))]

    found = verdict(locust_history(*moments), check)

    assert (found.outcome, str(found.actual)) == (outcome, actual)


def test_a_recovery_is_not_trusted_where_too_many_requests_failed():
    check = "{{metric: Aggregated/Failure Ratio, below: 1%, recovers_within: 5m, max_failures: {}}}"
    text = locust_history((0, 100, 0), (60, 100, 50), (120, 100, 0))

    assert verdict(text, check.format("1%")).outcome is PASS
    assert verdict(text, check.format("0.1%")).reasons == ("5 of 1000 requests failed, more than 0.1%.",)


def test_a_reason_is_said_once():
    text = record(total_requests=6000, error_count=6000, error_rate=1)

    found = judge(objectives("{metric: response_time_p95, at_most: 5s}"), [result_from_text("a.json", text)])

    assert found[-1].reasons == ("All 6000 requests failed.",)


def test_names_are_not_capitalised_and_sentences_end_once():
    assert verdict('{"a": {"b": "N/A"}}', "{metric: a.b, at_most: 5}").reasons[0].startswith("a.b has no usable value")
    trouble = {"load_generator": {"trusted": False, "reasons": ["It was late; 10 ms are let pass."]}}
    (file, *_) = judge(objectives("{metric: a, at_most: 5}"), [result_from_text("a.json", record(**trouble))])
    assert file.reasons[0].endswith("10 ms are let pass.")


def test_true_or_false_has_no_headroom():
    found = verdict('{"ok": true}', "{metric: ok, at_least: 1}")

    assert (found.outcome, found.headroom, found.headroom_share) == (PASS, None, None)


def test_files_are_picked_by_name_and_operation_and_each_must_have_the_metric():
    found = judge(
        objectives("{metric: a, at_most: 5, file: '*.json'}", "{metric: a, at_most: 5}"),
        [result_from_text("x.json", '{"a": 1}'), result_from_text("y.json", '{"b": 1}')],
    )

    assert [(one.slo, one.source, one.outcome) for one in found] == [
        ("app/check-0", "x.json", PASS),
        ("app/check-0", "y.json", FAIL),
        ("app/check-1", "x.json", PASS),
    ]


def test_a_file_that_no_objective_reads_is_a_warning():
    found = judge(
        objectives("{metric: a, at_most: 5}"), [result_from_text("x", '{"a": 1}'), result_from_text("y", '{"b": 1}')]
    )

    assert [(one.slo, one.outcome) for one in found] == [("app/check-0", PASS), ("y", WARN)]


def test_a_missing_metric_names_what_looks_like_it():
    assert "Did you mean Aggregated/99%" in verdict(locust(), "{metric: Aggregated/p99%, at_most: 1s}").reasons[0]


@given(
    value=st.decimals(0, 10**6, places=3),
    bound=st.decimals(0, 10**6, places=3),
    op=st.sampled_from(["at_most", "below", "at_least", "above"]),
)
def test_a_number_passes_exactly_where_its_bound_holds(value, bound, op):
    holds = {"at_most": value <= bound, "below": value < bound, "at_least": value >= bound, "above": value > bound}[op]

    found = verdict(f'{{"a_ms": {value}}}', f"{{metric: a_ms, {op}: {bound}ms}}")

    assert found.outcome is (PASS if holds else FAIL)


@given(value=st.decimals(1, 10**6, places=3), bound=st.decimals(1, 10**6, places=3))
def test_seconds_and_milliseconds_are_the_same_time(value, bound):
    """No rounding on the way: 500.01 ms is more than 0.5 s."""
    in_ms = verdict(f'{{"a_ms": {value}}}', f"{{metric: a_ms, at_most: {bound}ms}}")
    in_s = verdict(f'{{"a_ms": {value}}}', f"{{metric: a_ms, at_most: {bound / 1000}s}}")

    assert in_ms.outcome is in_s.outcome


def test_a_record_can_carry_the_sections_of_a_streaming_report():
    """What `burnproof load run` writes: one file with both, and at fault where either is."""
    both = json.loads(record()) | json.loads(streaming())
    made = result_from_text("x", json.dumps(both))

    assert (made.fault, made.run.operation) == ("", "content_generation_baseline")
    assert made.readings["response_time_p95"].value == Decimal("4500.0")
    assert made.readings["metrics.first_byte_latency_ms.p95"].value == Decimal("38.91")

    stalled = json.loads(record()) | json.loads(streaming(completed=0, failed=5))
    assert result_from_text("x", json.dumps(stalled)).fault == "no session was completed"


def test_old_locust_wrote_none_for_the_type_of_the_sum():
    assert verdict(locust(locust_row(kind="None")), "{metric: None Aggregated/99%, at_most: 500ms}").outcome is PASS
    assert verdict(locust(locust_row(kind="None")), P99).outcome is PASS


def test_the_truth_of_a_report_can_be_an_objective():
    check = "{metric: all_slos_passed, at_least: 1}"

    assert verdict(streaming(), check).outcome is PASS
    assert verdict(streaming(all_slos_passed=False), check).outcome is FAIL
