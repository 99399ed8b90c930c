"""What an alert says at night: what is bad, how bad, against which bound with its unit, what it costs."""

from __future__ import annotations

import pytest
import yaml

import promrules
from burnproof.compile import compile_specs
from burnproof.compile.plan import rule_groups
from burnproof.rules.types import AlertingRule
from burnproof.rules.units import unit_of
from burnproof.specs.resolve import slos_from_text

SPEC = """
version: burnproof/v1
service: shop
scrape_interval: 30s
slos:
  - name: it
    OBJECTIVE
    sli: SLI
    alerting:
      policy: {name: own, tiers: [{factor: FACTOR, long: LONG, short: SHORT, severity: page}]}
"""
FIRES = "the alert fires above 10%, which is 10 times the error budget of 1%."
SOME_BAD = f"The share of bad slices over 1h is VALUE; {FIRES}"
ALL_BAD = SOME_BAD.replace("VALUE", "100%")
BURNS = "shop it burns its error budget 10x or faster:"
KINDS = {
    "ratio": (
        "{ratio: {total: t_total, bad: b_total}}",
        f"{BURNS} VALUE bad over 1h",
        f"The error ratio over 1h is VALUE; {FIRES}",
    ),
    "latency": (
        "{latency: {histogram: rpc_seconds, at_most: 250ms, buckets: [0.1, 0.25, 1]}}",
        f"{BURNS} VALUE slower than 250ms over 1h",
        f"The error ratio over 1h is VALUE; {FIRES} A request is bad that takes longer than 250ms.",
    ),
    "compare": (
        "{compare: {left: in_total, op: '>=', right: out_total, tolerance: 5%, slice: 5m}}",
        f"{BURNS} bad in VALUE of the slices of 5m over 1h",
        f"{SOME_BAD} A slice of 5m is bad unless left >= right within a tolerance of 5%.",
    ),
}


def spec(sli, *, objective="objective: 99%", factor=10, long="1h", short="15m"):
    text = SPEC.replace("SLI", sli).replace("OBJECTIVE", objective).replace("FACTOR", str(factor))
    return text.replace("LONG", long).replace("short: SHORT, ", f"short: {short}, " if short else "")


def alert(text):
    loaded = slos_from_text("shop.yaml", text)
    assert loaded.ok, loaded.problems
    rules = (rule for group in rule_groups(loaded.slos[0]) for rule in group.rules)
    return next(rule for rule in rules if isinstance(rule, AlertingRule))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_says_what_is_bad_and_against_which_bound(kind):
    sli, summary, description = KINDS[kind]
    annotations = dict(alert(spec(sli)).annotations)

    value = "{{ $value | humanizePercentage }}"
    assert annotations["summary"] == summary.replace("VALUE", value)
    assert annotations["description"] == description.replace("VALUE", value)
    assert annotations["budget_spent"] == "1.39% of the 30d budget goes within 1h at this rate"


COUNTED = """In the last 2h 100% of what they may see was counted; the alert fires at 100%.
The limit is fewer than 3 per 2h. The count of the last 2h is 3 now.""".replace("\n", " ")
PRESENT = {
    "quantile": (
        spec(
            "{quantile: {histogram: rpc_seconds, quantile: 0.95, at_most: 75ms, slice: 5m, buckets: [0.075, 0.25, 1]}}"
        ),
        {
            'rpc_seconds_bucket{le="0.075"}': "0+0x300",
            'rpc_seconds_bucket{le="0.25"}': "0+100x300",
            'rpc_seconds_bucket{le="1"}': "0+100x300",
            'rpc_seconds_bucket{le="+Inf"}': "0+100x300",
            "rpc_seconds_count": "0+100x300",
        },
        f"{BURNS} p95 missed 75ms in 100% of the slices of 5m over 1h",
        f"{ALL_BAD} A slice of 5m is bad unless its p95 is <= 75ms. p95 is 241.2ms now.",
    ),
    "threshold of bytes": (
        spec("{threshold: {value: max(used_bytes), op: '<=', bound: 1073741824, slice: 5m}}"),
        {"used_bytes": "1610612736x300"},
        f"{BURNS} value not <= 1GiB in 100% of the slices of 5m over 1h",
        f"{ALL_BAD} A slice of 5m is bad unless its value is <= 1GiB. The value is 1.5GiB now.",
    ),
    "count": (
        spec("{count: {counter: restarts_total, fewer_than: 3, per: 2h}}", objective="", factor=1, long="2h", short=""),
        {"restarts_total": "0x100 1x50 3x150"},
        "shop it burns its error budget 1x or faster: 100% of the limit of 3 per 2h",
        COUNTED,
    ),
}


@pytest.mark.parametrize("kind", PRESENT)
def test_an_alert_looks_up_what_the_value_is_now(kind, tmp_path):
    """Expanded by the engine, over series whose values are known by hand."""
    text, series, summary, description = PRESENT[kind]
    (tmp_path / "shop.yaml").write_text(text, encoding="utf-8")
    made = compile_specs([str(tmp_path / "shop.yaml")], kinds=("rules",))
    assert made.files, made.problems
    (tmp_path / "rules.yaml").write_text(made.files["rules/shop.yaml"], encoding="utf-8")
    rule = alert(text)
    fixed = {name: told for name, told in rule.annotations if "{{" not in told}
    value = description.partition(" is ")[2].partition(";")[0] if "The share" in description else "100%"
    expected = {
        **fixed, "summary": summary, "description": description, "value": value, "budget_remaining": "REMAINING",
    }  # fmt: skip
    result = _run(tmp_path, series, rule, expected)
    if "REMAINING" in str(expected):  # what is left of the budget is not what is told here
        found = _got(result)
        expected["budget_remaining"] = found["budget_remaining"]
        assert found == expected


def _run(folder, series, rule, expected):
    labels = {**dict(rule.labels), "slo": "it", "slo_id": "shop-it", "slo_service": "shop"}
    check = {
        "eval_time": "2h",
        "alertname": rule.alert,
        "exp_alerts": [{"exp_labels": labels, "exp_annotations": expected}],
    }
    test = {
        "interval": "30s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [check],
    }
    document = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}
    (folder / "tests.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    (result,) = promrules.run_tests([folder / "tests.yaml"])
    return result


def _got(result):
    """Give the annotations of the one alert that fires."""
    (failure,) = (failure for test in result.tests for failure in test.failures)
    (firing,) = failure.got
    return dict(firing.annotations)


UNITS = {
    "rpc_seconds": ("{latency: {histogram: rpc_seconds, at_most: 1500ms, buckets: [1.5]}}", "1.5s"),
    "an age": ("{threshold: {value: time() - max(written_timestamp), op: '<', bound: 7200, slice: 5m}}", "2h"),
    "bytes": ("{threshold: {value: max(used_bytes), op: '<', bound: 1536, slice: 5m}}", "1.5KiB"),
    "a ratio": ("{threshold: {value: max(used_ratio), op: '<', bound: 0.9, slice: 5m}}", "90%"),
    "a rate of bytes": (
        "{threshold: {value: 'sum(rate(sent_bytes[$window]))', op: '<', bound: 1024, slice: 5m}}",
        "1024",
    ),
    "a number": ("{threshold: {value: max(queue_depth), op: '<', bound: 500, slice: 5m}}", "500"),
}


@pytest.mark.parametrize("name", UNITS)
def test_bounds_have_their_units(name):
    sli, shown = UNITS[name]
    (slo,) = slos_from_text("shop.yaml", spec(sli)).slos
    indicator = slo.indicator

    assert unit_of(indicator).write(indicator.bound) in (shown, shown.replace("1.5KiB", "1536B"))


def test_a_value_that_rounds_to_the_threshold_is_not_called_above_it():
    """The value at the threshold reads 10%: the text names both, and does not compare them."""
    annotations = dict(alert(spec("{ratio: {total: t_total, bad: b_total}}")).annotations)

    assert "is {{ $value | humanizePercentage }}, above" not in annotations["description"]
