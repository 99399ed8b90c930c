"""What written rules read stays below the bar, and is what a real Prometheus says it read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import ratioslo

from burnproof.compile.plan import rule_groups
from burnproof.model.quantities import Duration
from burnproof.rules.cost import Feed, samples_per_second
from burnproof.rules.types import RecordingRule
from burnproof.specs.resolve import slos_from_text


@pytest.mark.parametrize("form", ["bad", "good"])
def test_a_ratio_slo_stays_below_the_bar(form):
    """20 raw series, 10 of them counted, at 30 s; errors of good events read the total twice."""
    assert ratioslo.cost(form) <= ratioslo.BARS[form]


def test_the_count_is_the_sum_done_by_hand():
    """A window of W holds W/30 + 1 samples of 30 series; 720 hours with six places to look; nothing for constants."""
    found = {cost.name: (cost.raw, cost.recorded) for cost in ratioslo.costs("bad")}
    assert found["slo:sli_total:rate5m"] == (20 * 11, 0)
    assert found["slo:sli_errors:rate5m"] == (10 * 11, 1)
    assert found["slo:sli_error:ratio_rate30m"] == (30 * 61, 60)
    assert found["slo:sli_error:ratio_rate6h"] == (30 * 721, 720)
    assert found["slo:sli_total:tile1h"] == (20 * 121, 0)
    assert found["slo:sli_errors:settled30d"] == (0, 6 * 718)
    assert found["slo:objective:ratio"] == (0, 0)
    raw = sum(cost.raw for cost in ratioslo.costs("bad") if "sli_counted" not in cost.name)
    assert raw == 30 * (3 + 2 * 11 + 61 + 3 * 121 + 241 + 721), "the hour is read three times"


@pytest.mark.parametrize("window", ["60d", "90d"])
def test_the_cost_hardly_grows_with_the_period(window):
    """More hours are added up, a few times an hour; its windows read no more than those of a month."""
    assert ratioslo.cost("bad", window=window) <= 1.05 * ratioslo.cost("bad")
    assert ratioslo.cost("bad", window=window) <= ratioslo.BARS["bad"]


@pytest.mark.parametrize(
    ("sli", "most"),
    [
        ("{compare: {left: done_total, op: '>=', right: made_total, tolerance: 5%, slice: 1m}}", 200),
        ("{threshold: {value: 'sum(used) / sum(size)', op: '<', bound: 80%, slice: 1m}}", 200),
        ("{quantile: {histogram: s, quantile: 0.95, at_most: 200ms, slice: 5m, buckets: [0.1, 0.2, 0.5]}}", 250),
    ],
)
def test_slices_are_cheaper_still(sli, most):
    """A slice reads its own length of raw samples, at 20 series each; all windows read the verdicts."""
    loaded = slos_from_text(
        "s.yaml",
        f"version: burnproof/v1\nservice: s\nscrape_interval: 15s\nslos: [{{name: a, objective: 99%, sli: {sli}}}]",
    )
    assert loaded.ok, loaded.problems
    feed = Feed(Duration(30_000), Duration(30_000), lambda _: 20)
    assert samples_per_second(rule_groups(loaded.slos[0]), feed) <= most


def test_no_rule_is_counted_twice_or_left_out():
    """There is a cost for each rule, in their order."""
    rules = ratioslo.rules("bad")
    names = [cost.name for cost in ratioslo.costs("bad")]
    assert len(names) == len(rules)
    assert [rule.record for rule in rules if isinstance(rule, RecordingRule)] == [name for name in names if ":" in name]


def test_the_documented_table_is_what_the_rules_cost():
    """docs/reference/rules.md shows today's rules and figures."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| ([\d,]+) \| ([\d,]+) \|$", page, re.MULTILINE)
    shown = [(name, int(raw.replace(",", "")), int(recorded.replace(",", ""))) for name, raw, recorded in rows]
    assert shown == [(cost.name, cost.raw, cost.recorded) for cost in ratioslo.costs("bad")]
    assert f"That is {ratioslo.cost('bad'):.0f} samples per second." in page
    assert f"it is {ratioslo.cost('good', ratioslo.SERIES):.0f} per second" in page
