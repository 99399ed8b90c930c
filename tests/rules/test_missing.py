"""Which SLOs watch for series that vanish, how groups that vanish are asked for, and how rules look back."""

from __future__ import annotations

from pathlib import Path

import pytest
from rulecases import load

from burnproof.compile.plan import make_plan
from burnproof.output.render import render
from burnproof.rules.missing_series import watch_of
from burnproof.rules.selectors import text
from burnproof.specs.resolve import slos_from_text
from places import sampled
from promrules.rule_tests.promtool import find_promtools, run_promtool
from promrules.rule_tests.run import RunOptions, run_file

ROOT = Path(__file__).parents[2]
QUERY_OFFSET = (2, 53, 0)
"""The first Prometheus whose rule groups look back."""

SPEC = """\
version: burnproof/v1
service: shop
{more}
slos:
  - name: paid
    objective: 99%
    {slo}
"""
RATIO = "sli: {{ratio: {{total: '{total}', {counted}}}}}"
PLAIN = RATIO.format(total="a", counted="bad: 'b'")


def rules(more="", slo=PLAIN):
    return make_plan(load(SPEC.format(more=more, slo=slo))).rules[0].groups


def alerts(groups):
    return {rule.alert for group in groups for rule in group.rules if hasattr(rule, "alert")}


@pytest.mark.parametrize(
    ("total", "counted", "family"),
    [
        ('a{job="x"}', 'bad: \'a{job="x",code=~"5.."}\'', ['a{job="x",code!=""}']),
        ('a{job="x"}', 'good: \'a{job="x",code!~"5.."}\'', ['a{job="x",code!=""}']),
        ('a{job="x"}', 'bad: \'b{job="x",code=~"5.."}\'', ['b{job="x",code=~"5.."}']),
        ("sum(rate(a[$window]))", "bad: 'sum(rate(b[$window])) + sum(rate(c[$window]))'", ["b", "c"]),
        ("sum(count_over_time(up[$window]))", "good: 'sum(sum_over_time(up[$window]))'", None),
        ("sum(rate(a[$window])) or sum(rate(c[$window]))", "bad: 'sum(rate(b[$window]))'", None),
    ],
)
def test_what_must_be_there(total, counted, family):
    """Of the total's own metric the label must be there, and not the value that says what is bad."""
    (slo,) = load(SPEC.format(more="", slo=RATIO.format(total=total, counted=counted)))

    watch = watch_of(slo)

    assert (None if watch is None else [text(one) for one in watch.family]) == family
    made = alerts(make_plan((slo,)).rules[0].groups)
    assert ("ShopPaidMissingSeries" in made) == (family is not None)


def test_who_wants_no_alert_about_data_gets_none_about_series():
    assert "ShopPaidMissingSeries" not in alerts(rules("alerting: {no_data: false}"))


def test_groups_alert_one_by_one_where_the_spec_asks_for_it():
    grouped = "sli: {ratio: {total: a, bad: b, by: [route]}}"

    assert "ShopPaidGroupNoData" not in alerts(rules(slo=grouped))
    made = rules("alerting: {no_data: {per_group: true, severity: page}}", grouped)
    (rule,) = (rule for group in made for rule in group.rules if getattr(rule, "alert", "") == "ShopPaidGroupNoData")
    assert dict(rule.labels)["severity"] == "page"


def test_an_slo_without_groups_cannot_ask_for_alerts_per_group_but_may_inherit_the_wish():
    own = slos_from_text("a.yaml", SPEC.format(more="", slo=PLAIN + "\n    alerting: {no_data: {per_group: true}}"))
    inherited = slos_from_text("a.yaml", SPEC.format(more="alerting: {no_data: {per_group: true}}", slo=PLAIN))

    assert [one.message for one in own.problems] == ["per_group alerts for each group, and this SLO has none"]
    assert inherited.ok


def test_every_group_looks_back_by_the_query_offset():
    assert {group.query_offset for group in rules()} == {""}
    made = rules("query_offset: 1m")
    assert {group.query_offset for group in made} == {"1m"}
    # What is recorded stays within the lookback; the settled sums, every 20m, are read by `last_over_time`.
    assert {group.interval for group in made} == {"20m", "3m", "1m", ""}
    assert {group.query_offset for group in rules("query_offset: 1m", PLAIN + "\n    query_offset: 90s")} == {"1m30s"}


@pytest.mark.parametrize("late", ["4m", "500ms", "0s"])
def test_a_query_offset_beyond_the_lookback_is_refused(late):
    found = slos_from_text("a.yaml", SPEC.format(more=f"query_offset: {late}", slo=PLAIN))

    assert not found.ok


@pytest.mark.parametrize("late", sampled(["1m", "30s"], every=2))
def test_proofs_follow_the_query_offset_on_both_engines(tmp_path, late):
    """Alerts come an offset later, and what is recorded has the times it would have without one."""
    files = render(make_plan(load(SPEC.format(more=f"query_offset: {late}", slo=PLAIN))), {}, None, ("rules", "tests"))
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    tests = sorted(str(path) for path in (tmp_path / "tests").iterdir())
    chosen = ("vanish|idle|no errors",)

    ours = [run_file(path, RunOptions(run=chosen)) for path in tests]
    assert all(result.passed for result in ours)
    assert sum(len(result.tests) for result in ours) >= 3
    tools = [tool for tool in find_promtools(start=ROOT) if tool.version >= QUERY_OFFSET]
    if not tools:
        pytest.skip("no promtool that knows query_offset (2.53 or later)")
    for tool in tools:
        assert [run_promtool(tool, path, chosen).output for path in tests] == ["" for _ in tests]
