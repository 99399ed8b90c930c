"""Pyrra's objects: indicators, grouping, alerting options, and what its own rules get wrong."""

from __future__ import annotations

import pytest
from importing import imported

from burnproof.model.quantities import duration

OBJECT = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: shop-errors
  namespace: shop
spec:
  target: "{target}"
  window: {window}
  indicator:
    {indicator}
{more}
"""
RATIO = "ratio: {errors: {metric: 'x_total{code=~\"5..\"}'}, total: {metric: x_total}}"


def of_pyrra(tmp_path, indicator=RATIO, target="99", window="4w", more="", **options):
    text = OBJECT.format(indicator=indicator, target=target, window=window, more=more)
    return imported(tmp_path, text, **options)


INDICATORS = {
    "ratio": (RATIO, {"ratio": {"total": "x_total", "bad": 'x_total{code=~"5.."}'}}),
    "grouping": (
        RATIO[:-1] + ", grouping: [route, method]}",
        {"ratio": {"total": "x_total", "bad": 'x_total{code=~"5.."}', "by": ["route", "method"]}},
    ),
    "latency": (
        "latency: {success: {metric: 'x_seconds_bucket{le=\"0.5\"}'}, total: {metric: x_seconds_count}}",
        {"latency": {"histogram": "x_seconds", "at_most": "500ms"}},
    ),
    "latency as Prometheus 3 writes it": (
        "latency: {success: {metric: 'x_seconds_bucket{le=~\"1(\\\\.0)?\"}'}, total: {metric: x_seconds_count}}",
        {"latency": {"histogram": "x_seconds", "at_most": "1s"}},
    ),
    "latencyNative": (
        "latencyNative: {latency: 200ms, total: {metric: 'x_seconds{job=\"a\"}'}}",
        {"latency": {"histogram": 'x_seconds{job="a"}', "at_most": "200ms", "native": "true"}},
    ),
    "bool_gauge": (
        "bool_gauge: {metric: probe_success, grouping: [target]}",
        {"probe": {"gauge": "probe_success", "by": ["target"]}},
    ),
}


@pytest.mark.parametrize(("indicator", "sli"), INDICATORS.values(), ids=INDICATORS)
def test_indicators(tmp_path, indicator, sli):
    made = of_pyrra(tmp_path, indicator)

    assert made.slo["sli"] == sli, made.messages
    assert made.codes == []


# slo/rules.go, Windows: seconds are rounded to whole minutes, halves up.
WINDOWS = [
    ("4w", [("1h", "5m", "2m"), ("6h", "30m", "15m"), ("1d", "2h", "1h"), ("4d", "6h", "3h")]),
    (
        "30d",
        [("1h4m", "5m", "2m"), ("6h26m", "32m", "16m"), ("1d1h43m", "2h9m", "1h4m"), ("4d6h51m", "6h26m", "3h13m")],
    ),
    ("14d", [("30m", "3m", "1m"), ("3h", "15m", "8m"), ("12h", "1h", "30m"), ("2d", "3h", "1h30m")]),
]


@pytest.mark.parametrize(("window", "tiers"), WINDOWS)
def test_alerts_are_scaled_as_pyrra_scales_them(tmp_path, window, tiers):
    made = of_pyrra(tmp_path, window=window, scrape=duration("30s"))
    found = made.slos[0].policy.tiers

    assert [(str(tier.long), str(tier.short), str(tier.hold)) for tier in found] == tiers
    assert [(str(tier.factor), tier.severity) for tier in found] == [
        ("14", "critical"), ("7", "critical"), ("2", "warning"), ("1", "warning"),
    ]  # fmt: skip


def test_windows_without_two_scrapes_are_lengthened_and_named(tmp_path):
    """Of seven days Pyrra's fastest window is a minute, in which scrapes a minute apart have no rate."""
    made = of_pyrra(tmp_path, window="7d")

    assert made.codes == ["carried-otherwise"]
    assert str(made.slos[0].policy.tiers[0].short) == "4m"
    assert of_pyrra(tmp_path, window="7d", scrape=duration("15s")).codes == []


ALERTING = {
    "name: Mine": ("name", "Mine"),
    "absent: false": ("no_data", "false"),
    "burnrates: false": ("policy", "none"),
    "disabled: true": ("policy", "none"),
    "severities: {absent: info}": ("no_data", "info"),
}


@pytest.mark.parametrize(("option", "written"), ALERTING.items(), ids=ALERTING)
def test_alerting_options(tmp_path, option, written):
    made = of_pyrra(tmp_path, more=f"  alerting: {{{option}}}")

    assert made.codes == []
    assert made.slo["alerting"][written[0]] == written[1]


def test_severities_of_each_tier(tmp_path):
    made = of_pyrra(tmp_path, more="  alerting: {severities: {fastBurn: page, longTermBurn: info}}")

    assert [tier.severity for tier in made.slos[0].policy.tiers] == ["page", "critical", "warning", "info"]


def test_a_page_that_is_dead_in_pyrra_is_left_out(tmp_path):
    made = of_pyrra(tmp_path, target="90")

    assert made.codes == ["not-carried"]
    assert len(made.slos[0].policy.tiers) == 3


@pytest.mark.parametrize("target", ["0", "100", "101", "NaN", ""])
def test_targets_that_are_none_are_refused(tmp_path, target):
    assert of_pyrra(tmp_path, target=target).codes == ["not-imported"]


REFUSED = {
    "bool_gauge: {metric: up}\n    " + RATIO: "exactly one of ratio, latency",
    "ratio: {errors: {metric: 'sum(x)'}, total: {metric: x}}": "this is no selector of a metric",
    "ratio: {errors: {metric: 'x[5m]'}, total: {metric: x}}": "this is no selector of a metric",
    "ratio: {total: {metric: x}}": "the indicator has no errors",
}


@pytest.mark.parametrize(("indicator", "message"), REFUSED.items(), ids=REFUSED)
def test_what_pyrra_ignores_or_refuses_is_refused(tmp_path, indicator, message):
    made = of_pyrra(tmp_path, indicator)

    assert made.files == {}
    assert message in made.messages


def test_an_offset_that_pyrra_drops_counts_and_is_named(tmp_path):
    made = of_pyrra(tmp_path, "bool_gauge: {metric: up offset 5m}")

    assert made.codes == ["carried-otherwise"]
    assert made.slo["sli"]["probe"]["gauge"] == "up offset 5m"


def test_all_documents_are_read(tmp_path):
    first = OBJECT.format(indicator=RATIO, target=99, window="4w", more="")
    made = imported(tmp_path, f"{first}---{first.replace('shop-errors', 'other')}")

    assert [slo["name"] for slo in made.spec["slos"]] == ["shop-errors", "other"]


def test_labels_for_rules_are_carried_over_and_those_of_kubernetes_named(tmp_path):
    text = OBJECT.format(indicator=RATIO, target=99, window="4w", more="")
    labels = (
        "  labels: {pyrra.dev/team: a, role: alert-rules, prometheus: k8s}\n  annotations: {pyrra.dev/runbook: see}\n"
    )
    made = imported(tmp_path, text.replace("spec:", labels + "spec:"))

    assert made.slo["labels"] == {"team": "a"}
    assert made.slo["alerting"]["annotations"] == {"runbook": "see"}
    assert made.codes == ["not-carried"]
    assert "(role, prometheus)" in made.messages


SERVICES = [
    ("labels: {pyrra.dev/service: a, app: b}", RATIO, {}, "a"),
    ("labels: {app: b}", RATIO, {}, "b"),
    ("labels: {}", "bool_gauge: {metric: 'up{job=\"api\"}'}", {}, "api"),
    ("labels: {}", RATIO, {}, "shop"),
    ("labels: {app: b}", RATIO, {"service": "told"}, "told"),
]


@pytest.mark.parametrize(("labels", "indicator", "options", "service"), SERVICES)
def test_whose_service_it_is(tmp_path, labels, indicator, options, service):
    text = OBJECT.format(indicator=indicator, target=99, window="4w", more="")
    made = imported(tmp_path, text.replace("  namespace:", f"  {labels}\n  namespace:"), **options)

    assert made.spec["service"] == service
