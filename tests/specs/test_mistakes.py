"""Mistakes that compile are told, and what only resembles them is passed in silence."""

import re

import pytest
import yaml

from burnproof.specs.checks.mistakes.additivity import obstacle
from burnproof.specs.checks.mistakes.dimensions import described, dimension_of
from burnproof.specs.checks.mistakes.names import nearly
from burnproof.specs.keys.promql.queries import read
from burnproof.specs.keys.promql.uses import Use
from burnproof.specs.resolve import read_slos, slos_from_text
from places import ROOT, SHARED

_SHARE = "histogram_fraction(0, 1, rate(h[$window])) * histogram_count(rate(h[$window]))"
CASES = SHARED.parent / "cases"
IMPORTS = SHARED / "import"


def spec(*slis, fields="objective: 99%"):
    slos = "".join(f"  - {{name: x{number}, {fields}, sli: {sli}}}\n" for number, sli in enumerate(slis))
    return f"version: burnproof/v1\nservice: shop\nscrape_interval: 15s\nslos:\n{slos}"


def found(sli, fields="objective: 99%"):
    return [one.code for one in slos_from_text("a.yaml", spec(sli, fields=fields)).problems]


def ratio(total, counted, key="bad"):
    total, counted = (text.replace("'", "''") for text in (total, counted))
    return f"{{ratio: {{total: '{total}', {key}: '{counted}'}}}}"


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("http_requests_total", "http_request_total", True),
        ("http_requests_total", "httprequests_total", True),
        ("http_requests_total", "Http_Requests_total", True),
        ("http_requests_total", "http_requests", True),
        ("checkout_total", "checkuot_total", True),
        ("checkout_total", "chekout_total", True),
        ("http_requests_total", "https_requests_total", False),
        ("node_network_receive_bytes_total", "node_network_transmit_bytes_total", False),
        ("node_rx_total", "node_tx_total", False),
        ("app_produced_messages_total", "app_producer_messages_total", False),
        ("api_v1_requests_total", "api_v2_requests_total", False),
        ("http_requests_total", "http_request_duration_seconds_count", False),
        ("grpc_server_handled_total", "grpc_server_started_total", False),
        ("cache_hits_total", "cache_misses_total", False),
        ("reads_in_total", "reads_on_total", False),
    ],
)
def test_names_that_differ_by_a_slip_are_near(one, two, expected):
    assert nearly(one, two) is nearly(two, one) is expected


@pytest.mark.parametrize(
    "sli",
    [
        ratio('r_total{path="/api/{id}"}', 'r_total{path="/api/{id}",code=~"5.."}'),
        ratio('r_total{path="/static/*path"}', 'r_total{path="/static/*path",code=~"5.."}'),
        ratio('r_total{path="/[id]/[...slug]"}', 'r_total{path="/[id]/[...slug]",code=~"5.."}'),
        ratio('r_total{version="1.2.3"}', 'r_total{version="1.2.3",code=~"5.."}'),
        ratio('r_total{instance="10.0.0.1:9090"}', 'r_total{instance="10.0.0.1:9090",code=~"5.."}'),
        ratio('r_total{consumer="$Default"}', 'r_total{consumer="$Default",code=~"5.."}'),
        ratio("r_total", 'r_total{code=~"^(5..|429)$"}'),
        ratio("r_total", 'r_total{code!~"2..|3.."}'),
        ratio("r_total", 'r_total{code!="200"}'),
        ratio("r_total", 'r_total{code!~"5.."}', "good"),
        ratio("r_total", 'r_total{grpc_code="OK"}', "good"),
        ratio("r_total", 'r_total{code=~"4.."}'),
        ratio('r_total{code!~"4.."}', 'r_total{code!~"4..",reason="timeout"}'),
        ratio("jobs_total", "jobs_failed_total"),
        ratio("jobs_total", "jobs_succeeded_total", "good"),
        ratio("rpc_started_total", "rpc_handled_errors_total"),
        ratio("envoy_requests", "envoy_errors"),
        ratio('h_seconds_bucket{le="+Inf"}', 'h_seconds_bucket{le="0.5"}', "good"),
        ratio("h_seconds_count", 'h_seconds_bucket{le="1"}', "good"),
        ratio("h_seconds_count", 'h_seconds_bucket{le=~"1(\\\\.0)?"}', "good"),
        ratio("count_over_time(up[$window])", "count_over_time(up[$window]) - sum_over_time(up[$window])"),
        ratio("sum(rate(a_total[$window])) or vector(0)", "sum(rate(b_total[$window])) or 0 * sum(rate(c[$window]))"),
        ratio("sum(rate(a_seconds_sum[$window]))", "sum(rate(b_seconds_sum[$window]))"),
        ratio("sum(rate(a_total[$window]) * on (pod) group_left (node) kube_pod_info)", "sum(rate(b_total[$window]))"),
        ratio("sum(rate(a_total[$window]) and on (pod) kube_pod_up == 1)", "sum(rate(b_total[$window]))"),
        ratio("sum(max by (pod) (increase(a_total[$window])))", "sum(max by (pod) (increase(b_total[$window])))"),
        ratio("sum(avg_over_time(job:a:rate5m[$window]))", "sum(avg_over_time(job:b:rate5m[$window]))"),
        ratio("histogram_count(rate(h[$window]))", _SHARE, "good"),
        "{compare: {left: app_processed_total, op: '>=', right: app_produced_total, tolerance: 5%, slice: 1m}}",
        "{latency: {histogram: h_bytes, at_most: 1000, buckets: [1000]}}",
        "{quantile: {histogram: h_bytes, quantile: p95, at_most: 1000, slice: 5m}}",
        "{threshold: {value: 'topk(1, a) / on () b', op: '<', bound: 1, slice: 5m}}",
        "{threshold: {value: 'sum(rate(a[$window])) and on () b > 1', op: '<', bound: 1, slice: 5m}}",
    ],
)  # fmt: skip
def test_what_only_resembles_a_mistake_is_passed(sli):
    assert found(sli) == []


@pytest.mark.parametrize(
    ("sli", "code"),
    [
        (ratio("r_total", 'r_total{code="50[0-9]"}'), "regex-as-text"),
        (ratio("r_total", 'r_total{code="^5"}'), "regex-as-text"),
        (ratio('r_total{path=~"$path"}', 'r_total{path=~"$path",code=~"5.."}'), "variable"),
        (ratio('r_total{job="[[job]]"}', 'r_total{job="[[job]]",code=~"5.."}'), "variable"),
        (ratio("r_total", 'r_total{status="success"}'), "inverted"),
        (ratio("r_total", 'r_total{code!~"2.."}', "good"), "inverted"),
        (ratio("r_total", 'sum(rate(r_total[$window])) - sum(rate(r_total{code=~"5.."}[$window]))'), "inverted"),
        (ratio('r_total{env="prod"}', 'r_total{env="staging",code=~"5.."}'), "outside-total"),
        (ratio("irate(a_total[$window])", "irate(b_total[$window])"), "not-additive"),
        (ratio("sum(rate(a_total[$window]))", "max by (pod) (sum by (pod) (rate(b_total[$window])))"), "not-additive"),
        (ratio("sum(rate(a_total[$window]))", "sum(rate(b_total[$window]) > 0.1)"), "not-additive"),
        (ratio("sum(rate(a_total[$window]))", "sum(rate(b_total[$window]) and rate(c[$window]) > 1)"), "not-additive"),
        (ratio("sum(rate(a_total[$window]))", "sum(b_now and on () rate(c_total[$window]))"), "not-additive"),
        (ratio("sum(increase(a_total[$window]))", "1 - increase(b_total[$window]) / increase(a_total[$window])"),
         "dimension"),
        ("{latency: {histogram: h_seconds, at_most: 5}}", "time-unit"),
        ("{quantile: {histogram: h, quantile: p95, less_than: 300, slice: 5m}}", "time-unit"),
        ("{latency: {histogram: h_seconds, at_most: 5s}}", "undeclared-buckets"),
        ("{threshold: {value: 'sort_by_label(a)', op: '<', bound: 1, slice: 5m}}", "promql-experimental"),
        (ratio("rate(a_total[$window] anchored)", "b_total"), "promql-experimental"),
    ],
)  # fmt: skip
def test_mistakes_are_told(sli, code):
    assert code in found(sli)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rate(a_total[5m])", "events per second"),
        ("sum(increase(a[5m]))", "events"),
        ("rate(a_seconds_sum[5m])", "seconds per second"),
        ("rate(a_seconds_sum[5m]) / rate(a_seconds_count[5m])", "seconds per event"),
        ("rate(a_total[5m]) / rate(b_total[5m])", "a ratio"),
        ("1 - rate(a_total[5m]) / rate(b_total[5m])", "a ratio"),
        ("rate(a_total[5m]) > bool 1", "a ratio"),
        ("60 * rate(a_total[5m])", "events per second"),
        ("sum_over_time(up[5m])", "events"),
        ("sum_over_time(a_seconds[5m]) / count_over_time(a_seconds[5m])", "seconds"),
        ("time() - a_timestamp_seconds", "seconds"),
        ("histogram_quantile(0.9, sum by (le) (rate(a_seconds_bucket[5m])))", "seconds"),
        ("clamp_min(max by (x) (a_bytes), 0)", "bytes"),
        ("rate(a_bytes_total[5m]) * on () b_seconds", "byte seconds per second"),
        ("a + 0", ""),
        ("ln(rate(a_total[5m]))", ""),
    ],
)
def test_dimensions_follow_functions_and_operators(text, expected):
    assert described(dimension_of(read(text, Use.VALUE).node)) == expected


def test_an_obstacle_is_the_part_that_does_not_add_up():
    text = "sum(rate(a[$window])) + sum(last_over_time(b[$window]))"
    start, end = obstacle(read(text, Use.EVENTS).node, is_selector=False).span

    assert text[start:end] == "last_over_time(b[$window])"


def test_a_place_is_found_through_quotes_folds_and_blocks():
    text = """version: burnproof/v1
service: shop
slos:
  - name: x
    objective: 99%
    sli:
      ratio:
        total: "sum(rate(r_total{job=\\"api\\"}[$window]))"
        bad: |
          # faults
          sum(rate(r_total{job="api",code="5.."}[$window]))
          + sum(rate(r_total
            {job="api",code="4.."}[$window]))
"""
    places = [str(one.span) for one in slos_from_text("a.yaml", text).problems]

    assert places == ["a.yaml:11:38", "a.yaml:13:24"]


def test_the_services_of_the_project_are_free_of_warnings():
    assert list(read_slos([str(ROOT / "slos")]).problems) == []


RIGHT = {
    "bucket-bound-as-text": [],
    "clamp-min": [],
    "comment-in-query": [],
    "freshness-by-group": ["silent-group"],
    "join-of-states": [],
    "label-replace": [],
    "look-back-longer-than-slice": [],
    "maintenance-by-unless": [],
    "max-without-replica": [],
    "only-counts": [],
    "operands-never-match": ["by-label"],
    "or-fallback": ["not-additive", "not-additive"],
    "quotient-as-errors": ["dimension"],
    "rate-of-recorded-sum": ["recorded-sum", "recorded-sum"],
    "subquery-of-window": ["promql-window", "promql-window"],
    "topk": ["not-additive"],
}


@pytest.mark.parametrize("case", RIGHT)
def test_shapes_met_in_public_are_told_of_as_they_deserve(case):
    path = CASES / case / "spec.yaml"
    if not path.exists():
        pytest.skip("the shapes met in public are not here")

    assert [one.code for one in read_slos([str(path)]).problems] == RIGHT[case]


def imported():
    """Yield the queries of other tools' examples as SLIs: (file, total, errors)."""
    for path in sorted(IMPORTS.rglob("*.y*ml")):
        for document in yaml.safe_load_all(path.read_text()):
            yield from ((path.name, *pair) for pair in _pairs(document))


def _pairs(value):
    if isinstance(value, list):
        for item in value:
            yield from _pairs(item)
    if not isinstance(value, dict):
        return
    folded = {key.lower().replace("_", ""): item for key, item in value.items()}
    if {"errorquery", "totalquery"} <= folded.keys():
        yield folded["totalquery"], folded["errorquery"], "bad"
    elif {"errors", "total"} <= folded.keys() or {"success", "total"} <= folded.keys():
        key = "errors" if "errors" in folded else "success"
        yield folded["total"]["metric"], folded[key]["metric"], "bad" if key == "errors" else "good"
    else:
        for item in value.values():
            yield from _pairs(item)


def test_examples_of_other_tools_are_passed_in_silence():
    examples = list(imported())
    if not examples:
        pytest.skip("the examples of other tools are not here")
    told = {}
    for name, total, counted, key in examples:
        queries = [re.sub(r"\{\{\s*\.window\s*\}\}", "$window", " ".join(text.split())) for text in (total, counted)]
        codes = found(ratio(*queries, key))
        if codes and "promql-syntax" not in codes:  # VictoriaMetrics has functions of its own
            told[name, counted] = codes

    assert told == {}
