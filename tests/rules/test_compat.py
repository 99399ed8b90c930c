"""Series and alert labels under the names of Sloth and Pyrra, for dashboards and routes during a migration."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
import yaml

from burnproof.compile.plan import make_plan
from burnproof.output.render import render
from promrules.syntax.nodes import selectors
from promrules.syntax.parse import parse
from simulated import run, slo_of

SPEC = """
version: burnproof/v1
service: shop
labels: {tier: gold}
slos:
  - name: availability
    objective: 99.9%
    sli:
      ratio:
        total: http_requests_total{job="shop"}
        bad: http_requests_total{job="shop",code=~"5.."}
"""
SERIES = {
    'http_requests_total{job="shop",code="200"}': "0+98x240",
    'http_requests_total{job="shop",code="500"}': "0+2x240",
}


def compatible(tool):
    return replace(slo_of(SPEC), compat=tool)


@cache
def after_four_hours(tool):
    return run(compatible(tool), SERIES, "4h")


def rules_of(slo):
    text = render(make_plan([slo], proofs=False), {}, None, ("rules",))["rules/shop.yaml"]
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


VALUES = [
    ("sloth", 'slo:sli_error:ratio_rate5m{sloth_id="shop-availability",sloth_window="5m"}', 0.02),
    ("sloth", 'slo:sli_error:ratio_rate1h{sloth_service="shop",sloth_slo="availability"}', 0.02),
    ("sloth", 'slo:objective:ratio{sloth_id="shop-availability",tier="gold"}', 0.999),
    ("sloth", 'slo:error_budget:ratio{sloth_id="shop-availability"}', 0.001),
    ("sloth", 'slo:time_period:days{sloth_id="shop-availability"}', 30),
    ("sloth", 'slo:current_burn_rate:ratio{sloth_id="shop-availability"}', 20),
    ("sloth", 'sloth_slo_info{sloth_objective="99.9",sloth_spec="prometheus/v1"}', 1),
    ("pyrra", 'pyrra_objective{slo="availability"}', 0.999),
    ("pyrra", 'pyrra_window{slo="availability"}', 30 * 86_400),
    ("pyrra", 'http_requests:burnrate1h{slo="availability",tier="gold"}', 0.02),
    ("pyrra", 'pyrra_requests:rate5m{slo="availability"}', 100 / 60),
    ("pyrra", 'pyrra_errors:rate5m{slo="availability"}', 2 / 60),
]


@pytest.mark.parametrize(("tool", "series", "value"), VALUES, ids=[row[1] for row in VALUES])
def test_series_have_the_old_names_and_values(tool, series, value):
    done = after_four_hours(tool)

    assert done.values(series, "4h") == [pytest.approx(value, rel=1e-6)]


@pytest.mark.parametrize("tool", ["sloth", "pyrra"])
def test_own_series_are_found_once(tool):
    """No copy has the identity that burnproof's rules and pages select by."""
    done = after_four_hours(tool)
    plain = run(slo_of(SPEC), SERIES, "4h")

    for rule in rules_of(slo_of(SPEC)):
        if "record" in rule:
            query = f'{rule["record"]}{{slo_id="shop-availability"}}'
            assert done.values(query, "4h") == plain.values(query, "4h")
    assert done.firing("4h") == plain.firing("4h") != ""


def test_alerts_have_the_labels_of_sloth():
    labels = [rule["labels"] for rule in rules_of(compatible("sloth")) if "slo_tier" in rule.get("labels", {})]

    assert [one["sloth_severity"] for one in labels] == ["page", "page", "ticket", "ticket"]
    assert {(one["sloth_id"], one["sloth_service"], one["sloth_slo"]) for one in labels} == {
        ("shop-availability", "shop", "availability")
    }


def test_alerts_have_the_labels_of_pyrra():
    labels = [rule["labels"] for rule in rules_of(compatible("pyrra")) if "slo_tier" in rule.get("labels", {})]

    assert [(one["short"], one["long"]) for one in labels] == [("5m", "1h"), ("30m", "6h"), ("2h", "1d"), ("6h", "3d")]
    assert labels[3]["exhaustion"] == "30d"


def test_without_a_tool_nothing_is_copied():
    assert not any("sloth" in str(rule) or "pyrra" in str(rule) for rule in rules_of(slo_of(SPEC)))


@pytest.mark.parametrize("tool", ["sloth", "pyrra"])
def test_proofs_look_at_every_copy(tool):
    slo = compatible(tool)
    proofs = make_plan([slo]).proofs
    checked = {
        selector.name
        for file in proofs
        for proof in file.proofs
        for check in proof.expr_checks
        for selector in selectors(parse(check.expr))
        if "slo_id" not in {matcher.name for matcher in selector.matchers}
        or any(matcher.value.startswith("sloth:") for matcher in selector.matchers)
    }
    copied = {rule["record"] for rule in rules_of(slo) if "record" in rule and rule["labels"].get("slo_id") != slo.id}

    assert len(copied) > 5
    assert copied <= checked
