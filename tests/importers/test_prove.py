"""Old and new rules side by side: what differs, and who is right by arithmetic."""

from __future__ import annotations

import math

import pytest

from burnproof.importers import import_files
from burnproof.importers.prove import BUDGET, Outcome, compare
from burnproof.importers.prove_old import rules_from, rules_of
from burnproof.importers.prove_text import comparison_lines
from burnproof.specs.resolve import slos_from_text
from promrules.rule_tests.rule_file import RecordingRule, load_rules

SLOTH = """
version: prometheus/v1
service: shop
slos:
  - name: availability
    objective: 99
    sli:
      events:
        error_query: sum(rate(http_requests_total{job="shop",code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total{job="shop"}[{{.window}}]))
    alerting:
      name: ShopErrors
"""
PYRRA = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: shop-errors, namespace: shop}
spec:
  target: "99"
  window: 4w
  indicator:
    ratio:
      errors: {metric: 'http_requests_total{job="shop",code=~"5.."}'}
      total: {metric: 'http_requests_total{job="shop"}'}
"""


def compared(tmp_path, text, chosen="", rules=None):
    """Compare the rules of one objective in the scenarios whose names have some words."""
    path = tmp_path / "in.yaml"
    path.write_text(text)
    made = import_files([str(path)])
    ((name, spec),) = made.files.items()
    with pytest.MonkeyPatch.context() as patch:
        every = compare.__globals__["scenarios"]
        patch.setitem(compare.__globals__, "scenarios", lambda one: [s for s in every(one) if chosen in s.name])
        return list(compare(made.objectives, slos_from_text(name, spec).slos, rules))


def test_a_quiet_night_leaves_sloth_without_a_budget(tmp_path):
    (found,) = compared(tmp_path, SLOTH, "no traffic at night")
    (outcome,) = found.outcomes

    assert math.isnan(outcome.old)
    assert outcome.new == pytest.approx(0.5, abs=0.01)
    assert outcome.truth == pytest.approx(0.5, abs=1e-9)
    assert outcome.right == "new"


@pytest.mark.slow
@pytest.mark.parametrize("chosen", ["peak hour", "quiet nights"])
def test_sloth_weighs_each_minute_alike(tmp_path, chosen):
    (found,) = compared(tmp_path, SLOTH, chosen)

    assert [outcome.right for outcome in found.outcomes] == ["new"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "chosen", ["outage of 20", "good series vanish", "one and a half times", "two days", "12 requests"]
)
@pytest.mark.parametrize("text", [SLOTH, PYRRA], ids=["sloth", "pyrra"])
def test_new_alerts_come_when_arithmetic_says(tmp_path, text, chosen):
    (found,) = compared(tmp_path, text, chosen)

    assert len(found.outcomes) == 2
    assert all(outcome.alike(outcome.new, outcome.truth) for outcome in found.outcomes), found.outcomes


@pytest.mark.slow
def test_rules_of_a_file_are_compared(tmp_path):
    """An alert of the file that waits for an hour comes an hour later, and the new one is right."""
    rules = """
groups:
  - name: old
    rules:
      - record: errors
        expr: sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))
      - alert: Old
        expr: errors > 0.144
        for: 15m
        labels: {severity: page, sloth_id: shop-availability}
      - alert: Other
        expr: vector(1)
        labels: {severity: page, sloth_id: another-slo}
"""
    groups = load_rules(rules, file="old.yaml").groups
    (found,) = compared(tmp_path, SLOTH, "outage of 20", groups)
    page = next(outcome for outcome in found.outcomes if outcome.what == "page")

    assert page.old == pytest.approx(15 * 60 + 60, abs=120)
    assert page.new < page.old - 300
    assert page.right == "new"


def test_objectives_that_are_alike_run_once(tmp_path):
    second = SLOTH.partition("slos:\n")[2].replace("availability", "other").replace('job="shop"', 'job="cart"')
    (found,) = compared(tmp_path, SLOTH + second, "no such scenario")

    assert found.alike == 1


def test_openslo_has_no_rules_to_compare_with(tmp_path):
    text = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: availability}
spec:
  service: shop
  indicator:
    metadata: {name: x}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: good_total}}}
        total: {metricSource: {type: Prometheus, spec: {query: all_total}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
"""
    (found,) = compared(tmp_path, text)

    assert next(comparison_lines(found)).startswith("shop availability: not compared, OpenSLO has no rules")


OUTCOMES = [
    (Outcome("s", "page", 60.0, 120.0, 60.0), False, "both"),
    (Outcome("s", "page", 60.0, 900.0, 900.0), True, "new"),
    (Outcome("s", "page", 60.0, None, 60.0), True, "old"),
    (Outcome("s", "page", None, 60.0, 6000.0), True, "neither"),
    (Outcome("s", BUDGET, math.nan, 0.5, 0.5), True, "new"),
    (Outcome("s", BUDGET, 0.5, 0.505, 0.5), False, "both"),
    (Outcome("s", BUDGET, None, None, 0.5), False, "neither"),
]


@pytest.mark.parametrize(("outcome", "differs", "right"), OUTCOMES)
def test_who_is_right(outcome, differs, right):
    assert (outcome.differs, outcome.right) == (differs, right)


LINES = [
    (Outcome("an outage", "page", 60.0, 900.0, 900.0), "page: comes 14m later: old after 1m, new after 15m"),
    (Outcome("an outage", "page", 900.0, 60.0, 60.0), "page: comes 14m earlier: old after 15m, new after 1m"),
    (
        Outcome("an outage", "page", 60.0, None, None),
        "page: comes no more: old after 1m, new never, by arithmetic never",
    ),
    (Outcome("an outage", "page", None, 60.0, 60.0), "page: comes for the first time: old never, new after 1m"),
    (Outcome("30 days", BUDGET, math.nan, 0.5, 0.5), "budget: left by the old rules NaN, by the new 50.0%"),
]


@pytest.mark.parametrize(("outcome", "line"), LINES)
def test_differences_are_told(tmp_path, outcome, line):
    (found,) = compared(tmp_path, SLOTH, "no such scenario")
    lines = list(comparison_lines(type(found)(found.objective, 0, (outcome,))))

    assert lines[0] == "shop availability: 0 of 1 results are the same"
    assert lines[1].strip() == outcome.scenario
    assert lines[2].strip().startswith(line)


def test_the_old_rules_are_those_of_the_tool(tmp_path):
    path = tmp_path / "in.yaml"
    for text, count, alerts in ((SLOTH, 7, 2), (PYRRA, 7, 4)):
        path.write_text(text)
        (one,) = import_files([str(path)]).objectives
        (group,) = rules_of(one).groups
        assert sum(isinstance(rule, RecordingRule) for rule in group.rules) == count
        assert len(group.rules) == count + alerts
        assert rules_from((), one).mine[0] == ("sloth_id", f"{one.service}-{one.name}")
