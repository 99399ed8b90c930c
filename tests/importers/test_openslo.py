"""OpenSLO's objects in every version and form: methods, windows, references, composites, and queries without ranges."""

from __future__ import annotations

import json

import pytest
import yaml
from importing import imported

from burnproof.importers import import_files

QUERY = "{{metricSource: {{type: Prometheus, spec: {{query: '{query}'}}}}}}"
SLO = """
apiVersion: openslo/v1
kind: SLO
metadata:
  name: availability
spec:
  service: shop
  indicator:
    metadata: {{name: requests}}
    spec:
      {metric}
  timeWindow:
    - {window}
  budgetingMethod: {method}
  objectives:
    - {objective}
"""


def metric(query):
    return QUERY.format(query=query.replace("'", "''"))


def ratio(good, total, counter="true"):
    return f"ratioMetric: {{counter: {counter}, good: {metric(good)}, total: {metric(total)}}}"


def of_openslo(
    tmp_path,
    measured=None,
    window="{duration: 30d, isRolling: true}",
    method="Occurrences",
    objective="{target: 0.999}",
    more="",
):
    measured = measured or ratio("good_total", "all_total")
    text = SLO.format(metric=measured, window=window, method=method, objective=objective)
    return imported(tmp_path, text.rstrip() + more + "\n")


def test_a_ratio(tmp_path):
    made = of_openslo(tmp_path)

    assert made.codes == []
    assert made.slo["sli"] == {"ratio": {"total": "all_total", "good": "good_total"}}
    assert made.slo["alerting"] == {"policy": "none"}


# What has no range gets one; what has one becomes the window.
RANGES = {
    "bare": ("good_total", "all_total", "true", {"ratio": {"total": "all_total", "good": "good_total"}}),
    "sums": ("sum(good_total)", "sum(all_total)", "true", {"ratio": {"total": "all_total", "good": "good_total"}}),
    "groups": (
        "sum by (zone) (good_total)",
        "sum by (zone) (all_total)",
        "true",
        {"ratio": {"total": "all_total", "good": "good_total", "by": ["zone"]}},
    ),
    "two counters": (
        "sum(a_total) + sum(b_total)",
        "sum(all_total)",
        "true",
        {
            "ratio": {
                "total": "sum(rate(all_total[$window]))",
                "good": "sum(rate(a_total[$window])) + sum(rate(b_total[$window]))",
            }
        },
    ),
    "gauges": (
        "sum(good)",
        "sum(every)",
        "false",
        {"ratio": {"total": "sum(sum_over_time(every[$window]))", "good": "sum(sum_over_time(good[$window]))"}},
    ),
    "a bucket": (
        'sum(x_seconds_bucket{le="0.1"})',
        "sum(x_seconds_count)",
        "true",
        {"latency": {"histogram": "x_seconds", "at_most": "100ms"}},
    ),
    "templates": (
        "sum(rate(good_total[{{.window}}]))",
        "sum(rate(all_total[$window]))",
        "true",
        {"ratio": {"total": "all_total", "good": "good_total"}},
    ),
}


@pytest.mark.parametrize(("good", "total", "counter", "sli"), RANGES.values(), ids=RANGES)
def test_ranges_are_put_into_queries(tmp_path, good, total, counter, sli):
    made = of_openslo(tmp_path, ratio(good, total, counter))

    assert made.slo["sli"] == sli
    assert [code for code in made.codes if code != "carried-otherwise"] == []


def test_a_fixed_range_becomes_the_window_and_is_named(tmp_path):
    made = of_openslo(tmp_path, ratio("sum(rate(good_total[5m]))", "sum(rate(all_total[5m]))"))

    assert made.slo["sli"] == {"ratio": {"total": "all_total", "good": "good_total"}}
    assert "its fixed range became the window of each alert" in made.messages


def test_timeslices_of_a_ratio(tmp_path):
    made = of_openslo(
        tmp_path, method="Timeslices", objective="{target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 5m}"
    )

    assert made.slo["sli"]["threshold"] == {
        "value": "(sum(rate(good_total[$window])) or 0 * sum(rate(all_total[$window])))"
        " / (sum(rate(all_total[$window])) > 0)",
        "op": ">=",
        "bound": "0.95",
        "slice": "5m",
    }


def test_timeslices_of_a_value(tmp_path):
    objective = "{op: lt, value: 5, target: 0.99, timeSliceTarget: TARGET, timeSliceWindow: 10}"
    whole = of_openslo(
        tmp_path, f"thresholdMetric: {metric('queue')}", method="Timeslices", objective=objective.replace("TARGET", "1")
    )
    some = of_openslo(
        tmp_path,
        f"thresholdMetric: {metric('queue')}",
        method="Timeslices",
        objective=objective.replace("TARGET", "0.9"),
    )

    assert whole.slo["sli"]["threshold"] == {"value": "queue", "op": "<", "bound": "5", "slice": "10m"}
    assert some.slo["sli"]["threshold"] == {
        "value": "avg_over_time(((queue) < bool 5)[$window:])",
        "op": ">=",
        "bound": "0.9",
        "slice": "10m",
    }


def test_ratio_timeslices_are_a_mean_and_named(tmp_path):
    made = of_openslo(tmp_path, method="RatioTimeslices", objective="{target: 0.99, timeSliceWindow: 5m}")

    assert made.codes == ["carried-otherwise"]
    assert made.slo["sli"]["ratio"]["total"].startswith("count(")


RAW = [
    (
        "success",
        "1 - sum(rate(bad_total[{{.window}}])) / sum(rate(all_total[{{.window}}]))",
        {"total": "all_total", "bad": "bad_total"},
    ),
    (
        "failure",
        "sum(rate(bad_total[{{.window}}])) / sum(rate(all_total[{{.window}}]))",
        {"total": "all_total", "bad": "bad_total"},
    ),
    (
        "failure",
        "1 - sum(rate(bad_total[{{.window}}])) / sum(rate(all_total[{{.window}}]))",
        {"total": "all_total", "good": "bad_total"},
    ),
]


@pytest.mark.parametrize(("kind", "query", "sli"), RAW)
def test_a_raw_ratio(tmp_path, kind, query, sli):
    made = of_openslo(tmp_path, f"ratioMetric: {{rawType: {kind}, raw: {metric(query)}}}")

    assert made.slo["sli"] == {"ratio": sli}


WINDOWS = [
    ("{duration: 4w, isRolling: true}", "4w", 0),
    ("{duration: 30d, isRolling: true}", None, 0),
    ("{duration: 1M, isRolling: true}", None, 1),
    (
        "{duration: 1w, calendar: {startTime: '2024-01-01 00:00:00', timeZone: Europe/Berlin}}",
        {"calendar": "week", "timezone": "Europe/Berlin"},
        0,
    ),
    ("{duration: 1w, calendar: {startTime: '2024-01-02 00:00:00', timeZone: UTC}}", {"calendar": "week"}, 1),
    ("{duration: 1M, isRolling: false}", {"calendar": "month"}, 0),
    ("{duration: 1Q, calendar: {startTime: '2024-04-01', timeZone: UTC}}", {"calendar": "quarter"}, 0),
    ("{duration: 28d, isRolling: false}", "28d", 1),
    ("{duration: 1Y, isRolling: false}", "365d", 1),
]


@pytest.mark.parametrize(("window", "written", "named"), WINDOWS)
def test_time_windows(tmp_path, window, written, named):
    made = of_openslo(tmp_path, window=window)

    assert made.spec.get("window") == written
    assert made.codes == ["carried-otherwise"] * named


POLICY = """
  alertPolicies:
    - kind: AlertPolicy
      metadata: {name: fast}
      spec:
        alertWhenBreaching: true
        alertWhenNoData: false
        conditions:
          - kind: AlertCondition
            metadata: {name: quick}
            spec:
              severity: page
              condition: {kind: burnrate, op: gt, threshold: 10, lookbackWindow: 1h, alertAfter: 5m}
          - kind: AlertCondition
            metadata: {name: odd}
            spec:
              severity: page
              condition: {kind: burnrate, op: lte, threshold: 2, lookbackWindow: 1h, alertAfter: 5m}
        notificationTargets:
          - kind: AlertNotificationTarget
            metadata: {name: pager}
            spec: {target: pagerduty}
"""


def test_alert_policies(tmp_path):
    made = of_openslo(tmp_path, more=POLICY)
    (tier,) = made.slos[0].policy.tiers

    assert (str(tier.factor), str(tier.long), tier.short, str(tier.hold)) == ("10", "1h", None, "5m")
    assert made.slos[0].no_data_alert is False
    assert made.codes == ["not-carried", "not-carried"]
    assert "a burn rate that is lte" in made.messages
    assert "notification targets (pager)" in made.messages


def test_several_objectives_are_levels(tmp_path):
    made = of_openslo(tmp_path, objective="{target: 0.99}\n    - {displayName: Stretch Goal, targetPercent: 99.95}")

    assert made.slo["levels"] == [{"name": "stretch-goal", "objective": "99.95%"}]
    assert [str(slo.objective) for slo in made.slos] == ["0.99", "0.9995"]


def test_a_composite(tmp_path):
    indicator = "{metadata: {name: NAME}, spec: {" + ratio("NAME_good_total", "NAME_total") + "}}"
    objectives = "\n    - ".join(
        f"{{displayName: {name}, target: {target}, compositeWeight: {weight}, "
        f"indicator: {indicator.replace('NAME', name)}}}"
        for name, target, weight in (("one", 0.99, 1), ("two", 0.9, 2))
    )
    made = of_openslo(tmp_path, "{}", objective=objectives)

    assert [slo["name"] for slo in made.spec["slos"]] == ["availability-one", "availability-two", "availability"]
    assert made.spec["slos"][2]["sli"] == {
        "composite": {"weighted": {"availability-one": "1", "availability-two": "2"}}
    }
    assert made.spec["slos"][2]["objective"] == "93%"
    assert len(made.slos) == 3


FORMS = ["list", "json", "documents", "folder"]
REFERENCE = SLO.format(
    metric="x: 1", window="{duration: 30d, isRolling: true}", method="Occurrences", objective="{target: 0.999}"
)
PARTS = {
    "slo": REFERENCE.replace(
        "  indicator:\n    metadata: {name: requests}\n    spec:\n      x: 1\n", "  indicatorRef: requests\n"
    ),
    "sli": "apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: requests}\nspec:\n  "
    + ratio("good_total", "all_total").replace("{type: Prometheus, ", "{metricSourceRef: prom, "),
    "source": "apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: prom}\nspec: {type: Prometheus}",
}


@pytest.mark.parametrize("form", FORMS)
def test_references_are_followed_in_every_form(tmp_path, form):
    objects = [yaml.safe_load(text) for text in PARTS.values()]
    if form == "folder":
        for name, text in PARTS.items():
            (tmp_path / f"{name}.yml").write_text(text)
        made = import_files([str(tmp_path)])
    else:
        path = tmp_path / "all.json"
        path.write_text(
            {
                "list": yaml.safe_dump(objects),
                "json": json.dumps(objects, indent=1),
                "documents": "\n---\n".join(PARTS.values()),
            }[form]
        )
        made = import_files([str(tmp_path)])

    assert [problem.message for problem in made.problems] == []
    assert "good: good_total" in made.files["shop.yaml"]


@pytest.mark.parametrize("missing", ["sli", "source"])
def test_references_that_lead_nowhere_are_errors(tmp_path, missing):
    for name, text in PARTS.items():
        if name != missing:
            (tmp_path / f"{name}.yml").write_text(text)

    assert "unresolved" in {problem.code for problem in import_files([str(tmp_path)]).problems}


def test_other_sources_than_prometheus_are_refused(tmp_path):
    made = of_openslo(tmp_path, ratio("a", "b").replace("Prometheus", "Datadog"))

    assert made.codes == ["not-imported"]
    assert "its metrics come from Datadog" in made.messages


V1ALPHA = """
        apiVersion: openslo/v1alpha
        kind: SLO
        metadata: {name: availability, displayName: Requests}
        spec:
          service: shop
          budgetingMethod: Occurrences
          timeWindows: [{unit: Day, count: 28, isRolling: true}]
          objectives:
            - target: 0.999
              ratioMetrics:
                good: {source: prometheus, queryType: promql, query: 'sum(rate(good_total[{{.window}}]))'}
                total: {source: prometheus, queryType: promql, query: 'sum(rate(all_total[{{.window}}]))'}
        """


def test_v1alpha(tmp_path):
    made = imported(tmp_path, V1ALPHA)

    assert made.codes == []
    assert made.spec["window"] == "28d"
    assert made.slo["sli"] == {"ratio": {"total": "all_total", "good": "good_total"}}


def test_v2alpha(tmp_path):
    made = imported(
        tmp_path,
        """
        - apiVersion: openslo.com/v2alpha
          kind: DataSource
          metadata: {name: prom}
          spec: {type: prometheus}
        - apiVersion: openslo.com/v2alpha
          kind: SLI
          metadata: {name: requests}
          spec:
            ratioMetric:
              counter: true
              good: {dataSourceRef: prom, spec: {query: good_total}}
              total: {dataSourceSpec: {type: prometheus}, spec: {query: all_total}}
        - apiVersion: openslo.com/v2alpha
          kind: SLO
          metadata: {name: availability}
          spec:
            serviceRef: shop
            sliRef: requests
            timeWindow: [{duration: 4w, isRolling: true}]
            budgetingMethod: Occurrences
            objectives: [{target: 0.98}]
        """,
    )

    assert made.codes == []
    assert made.spec["service"] == "shop"
    assert made.slo["sli"] == {"ratio": {"total": "all_total", "good": "good_total"}}


def test_objects_that_no_slo_has_are_named(tmp_path):
    made = imported(tmp_path, "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: alone}\nspec: {}\n")

    assert made.codes == ["not-carried"]
    assert "no SLO that was read has the Service alone" in made.messages
