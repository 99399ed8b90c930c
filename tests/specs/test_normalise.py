"""Defaults, names, policies and inheritance: from what an author writes to what is compiled."""

from decimal import Decimal

import pytest

from burnproof.model.quantities import duration
from burnproof.model.slo import Calendar, Count, Floor, Latency, Owner, Quantile, Ratio, Rolling, Threshold
from burnproof.specs.resolve import camel_case, slos_from_text

RATIO = "sli: {ratio: {total: a_total, bad: b_total}}"


def load(text, *, ok=True):
    loaded = slos_from_text("a.yaml", text)
    assert loaded.ok is ok, loaded.problems
    return loaded


def slo(fields, top="", service="shop"):
    text = f"version: burnproof/v1\nservice: {service}\n{top}\nslos:\n  - {{name: x, {fields}}}\n"
    return load(text).slos[0]


def test_defaults_are_filled_in():
    found = slo(f"objective: 99.9, {RATIO}")

    assert found.id == "shop-x"
    assert found.alert_name == "ShopXBurnRateHigh"
    assert Decimal("0.999") == found.objective
    assert Rolling(duration("30d")) == found.period
    assert found.policy.name == "google"
    assert (found.no_traffic, found.no_data_alert, found.no_data_severity) == ("ignore", True, "ticket")


@pytest.mark.parametrize(
    ("name", "camel"),
    [("latency-p95", "LatencyP95"), ("a_b-c", "ABC"), ("gpuInfo", "GpuInfo"), ("x", "X"), ("2xx", "2xx")],
)
def test_camel_case(name, camel):
    assert camel == camel_case(name)


def test_an_slo_inherits_from_its_document_and_may_differ():
    top = (
        "owner: {team: a, contact: b}\nlabels: {tier: '2', zone: x}\nwindow: 28d\nscrape_interval: 15s\n"
        "alerting: {policy: google-3, runbook: r, labels: {route: a}, no_data: page}"
    )
    heir = slo(f"objective: 99.9, {RATIO}", top)
    other = slo(
        f"objective: 99.9, {RATIO}, owner: {{team: c}}, labels: {{zone: y}}, window: 30d, scrape_interval: 10s,"
        " alerting: {policy: single-window, runbook: own, labels: {route: b}, no_data: false}",
        top,
    )

    assert Owner("a", "b") == heir.owner
    assert Owner("c", "") == other.owner
    assert heir.labels == (("tier", "2"), ("zone", "x"))
    assert other.labels == (("tier", "2"), ("zone", "y"))
    assert (str(heir.period.length), str(other.period.length)) == ("28d", "30d")
    assert (str(heir.scrape_interval), str(other.scrape_interval)) == ("15s", "10s")
    assert (heir.policy.name, other.policy.name) == ("google-3", "single-window")
    assert (heir.runbook, other.runbook) == ("r", "own")
    assert (heir.alert_labels, other.alert_labels) == ((("route", "a"),), (("route", "b"),))
    assert (heir.no_data_alert, heir.no_data_severity, other.no_data_alert) == (True, "page", False)


@pytest.mark.parametrize(
    ("sli", "expected"),
    [
        ("ratio: {total: a, good: b}", lambda i: (Ratio, i.counts, i.counted.text) == (type(i), "good", "b")),
        ("ratio: {total: a, bad: b}", lambda i: (Ratio, i.counts, i.counted.text) == (type(i), "bad", "b")),
        (
            "latency: {histogram: h, at_most: 250ms, buckets: [0.5, 100ms, 0.25]}",
            lambda i: (
                (Latency, Decimal("0.25"), (Decimal("0.1"), Decimal("0.25"), Decimal("0.5")))
                == (type(i), i.bound, i.buckets)
            ),
        ),
        ("floor: {histogram: h, more_than: 10}", lambda i: (Floor, Decimal(10)) == (type(i), i.bound)),
        (
            "quantile: {histogram: h, quantile: 95%, at_most: 0.2s, slice: 1h}",
            lambda i: (Quantile, Decimal("0.95"), "<=", Decimal("0.2")) == (type(i), i.quantile, i.op, i.bound),
        ),
        ("quantile: {histogram: h, quantile: p99.9, less_than: 1s, slice: 1h}", lambda i: i.op == "<"),
        (
            "threshold: {value: a / b, op: '<', bound: 80%, slice: 1m}",
            lambda i: (Threshold, Decimal("0.8"), False) == (type(i), i.bound, i.value.is_selector),
        ),
    ],
)
def test_kinds_are_read_with_exact_values(sli, expected):
    assert expected(slo(f"objective: 99%, sli: {{{sli}}}").indicator)


@pytest.mark.parametrize(("bound", "limit"), [("fewer_than: 3", 3), ("at_most: 2", 3), ("at_most: 0", 1)])
def test_a_count_knows_the_first_number_that_is_too_many(bound, limit):
    found = slo(f"sli: {{count: {{counter: c_total, {bound}, per: 24h}}}}")

    assert isinstance(found.indicator, Count)
    assert limit == found.indicator.limit
    assert (found.objective, found.policy.name, str(found.policy.tiers[0].long)) == (None, "count", "1d")


@pytest.mark.parametrize(
    ("scope", "by"), [("total", ()), ("pod", ("pod",)), ("[pod, container]", ("pod", "container"))]
)
def test_the_scope_of_a_count_is_its_grouping(scope, by):
    assert by == slo(f"sli: {{count: {{counter: c_total, fewer_than: 3, per: 24h, scope: {scope}}}}}").by


def test_a_default_policy_keeps_the_tiers_that_hold_whole_slices():
    hours = slo("objective: 99%, sli: {quantile: {histogram: h, quantile: 0.95, at_most: 0.2s, slice: 1h}}")
    compare = "{compare: {left: a, op: '>=', right: b, tolerance: 5%, slice: 1m}}"
    minutes = slo(f"objective: 99%, sli: {compare}", "scrape_interval: 15s")

    assert [f"{tier.long}/{tier.short}" for tier in hours.policy.tiers] == ["1d/2h", "3d/6h"]
    assert len(minutes.policy.tiers) == 4


def test_own_policies_are_used_as_they_are_written_and_by_name():
    top = (
        "window: 7d\npolicies: [{name: mine, tiers: "
        "[{factor: 2x, long: 1h, short: 5m, severity: page, for: 2m, keep_firing_for: 9m}]}]"
    )
    tier = slo(f"objective: 99%, {RATIO}, alerting: {{policy: mine}}", top).policy.tiers[0]

    assert (Decimal(2), "1h", "5m", "page", "2m", "9m") == (
        tier.factor,
        str(tier.long),
        str(tier.short),
        tier.severity,
        str(tier.hold),
        str(tier.keep_firing),
    )


def test_built_in_policies_scale_to_the_period():
    assert str(slo(f"objective: 99.9, window: 90d, {RATIO}").policy.tiers[0].long) == "3h"


def test_calendar_windows_are_read():
    assert Calendar("month", "UTC") == slo(f"objective: 99.9, window: {{calendar: month}}, {RATIO}").period


def test_journeys_carry_their_texts():
    top = "journeys: {pay: Pay for it, look: Look around}"

    assert slo(f"objective: 99.9, journey: pay, {RATIO}", top).journeys == (("pay", "Pay for it"),)
    assert slo(f"objective: 99.9, journey: [x], {RATIO}").journeys == (("x", "x"),)


def test_reports_are_carried():
    top = "reports: [{every: week, title: Review, to: Team}]"

    assert [(r.every, r.title, r.to) for r in slo(f"objective: 99, {RATIO}", top).reports] == [
        ("week", "Review", "Team")
    ]


def test_places_are_known_by_path_also_for_what_is_inherited():
    found = slo(f"objective: 99.9, {RATIO}", "window: 28d")

    assert found.span("objective").line == 5
    assert found.span("window").line == 3
    assert found.span("sli.ratio.total").column > found.span("sli").column
    assert found.span("sli.ratio.nothing") == found.span("sli.ratio")


def test_several_documents_of_a_file_each_count():
    one = f"version: burnproof/v1\nservice: a\nslos: [{{name: x, objective: 99%, {RATIO}}}]\n"

    assert [found.id for found in load(f"{one}---\n{one.replace('service: a', 'service: b')}").slos] == ["a-x", "b-x"]


def test_an_objective_with_a_problem_does_not_hide_the_problems_of_others():
    text = (
        f"version: burnproof/v1\nservice: a\nslos:\n  - {{name: x, objective: 101, {RATIO}, labels: {{slo: y}}}}\n"
        "  - {name: y, objective: 99%, sli: {ratio: {total: 'sum(', bad: b}}, alerting: {policy: nope}}\n"
        f"  - {{name: z, objective: 99%, {RATIO}}}\n"
    )
    loaded = load(text, ok=False)

    assert {"objective", "reserved-label", "promql-syntax", "unknown-policy"} == {
        found.code for found in loaded.problems
    }
    assert [found.id for found in loaded.slos] == ["a-z"]


LEVELED = """version: burnproof/v1
service: shop
slos:
  - name: x
    objective: 99%
    sli: {latency: {histogram: 'h{job="x"}', at_most: 500ms, buckets: [0.5, 1]}}
    levels:
      - {name: critical, at_most: 1s, severity: page}
      - {name: strict, objective: 99.5%, severity: ticket, alerting: {policy: google-3}}
"""


def test_a_level_has_its_own_severity_policy_and_places():
    """Alerts of a level go where the level says, and problems point at what the level itself states."""
    target, critical, strict = load(LEVELED).slos

    assert [tier.severity for tier in target.policy.tiers] == ["page", "page", "ticket", "ticket"]
    assert {tier.severity for tier in critical.policy.tiers} == {"page"}
    assert [tier.severity for tier in strict.policy.tiers] == ["ticket"] * 3
    assert [each.span("sli.latency.at_most").line for each in (target, critical, strict)] == [6, 8, 6]
    assert [each.span("objective").line for each in (target, critical, strict)] == [5, 5, 9]
    assert [each.span("alerting.policy") and each.span("alerting.policy").line for each in (target, strict)][1] == 9
