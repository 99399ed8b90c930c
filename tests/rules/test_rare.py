"""Series that are recorded every 20 minutes are read as ranges: an instant finds them for five minutes alone."""

from __future__ import annotations

import pytest

from burnproof.compile.plan import make_plan
from burnproof.output.render import render
from burnproof.rules.hours import PATIENCE
from burnproof.rules.measure import LOOKBACK, RARE_INTERVAL
from burnproof.rules.types import RecordingRule
from burnproof.specs.resolve import slos_from_text
from promrules.syntax.nodes import MatrixSelector, VectorSelector, children
from promrules.syntax.parse import parse

SLIS = {
    "events": 'ratio: {total: \'hits_total{job="a"}\', bad: \'hits_total{job="a",code=~"5.."}\'}',
    "groups": 'ratio: {total: \'hits_total{job="a"}\', bad: \'hits_total{job="a",code=~"5.."}\', by: [route]}',
    "slices": "threshold: {value: 'max(use{job=\"a\"})', op: '<', bound: 80%, slice: 5m}",
}
PERIODS = ("30d", "{calendar: month, timezone: Europe/Berlin}", "{calendar: quarter}")


def plan_of(sli, period):
    slo = f"{{name: b, objective: 99%, sli: {{{sli}}}}}"
    loaded = slos_from_text("spec.yaml", f"version: burnproof/v1\nservice: a\nwindow: {period}\nslos: [{slo}]\n")
    assert loaded.ok, loaded.problems
    return make_plan(loaded.slos, proofs=False)


def instants(node, ranged=0):
    """Yield what an expression reads, with the length of the range it is read in; 0 for an instant."""
    match node:
        case VectorSelector():
            yield node.name, ranged
        case MatrixSelector(selector=selector, range=int(length)):
            yield selector.name, length
        case _:
            for child in children(node):
                yield from instants(child)


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("sli", SLIS)
def test_rules_look_back_by_more_than_the_interval(sli, period):
    """A rule of the same group reads what was recorded just before it."""
    (file,) = plan_of(SLIS[sli], period).rules
    rare = {
        rule.record
        for group in file.groups
        if group.interval == str(RARE_INTERVAL)
        for rule in group.rules
        if isinstance(rule, RecordingRule)
    }
    others = [rule for group in file.groups if group.interval != str(RARE_INTERVAL) for rule in group.rules]
    read = [found for rule in others for found in instants(parse(rule.expr)) if found[0] in rare]

    assert rare
    assert RARE_INTERVAL > LOOKBACK
    assert {name for name, _ in read} >= {"slo:sli_settled:timestamp"}
    assert [name for name, length in read if length < PATIENCE.ms] == []


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("sli", SLIS)
def test_pages_read_none_of_them(sli, period):
    plan = plan_of(SLIS[sli], period)
    rare = {rule.record for group in plan.rules[0].groups if "history" in group.name for rule in group.rules}
    pages = render(plan, {}, None, ("dashboards", "alertmanager", "runbooks"))

    assert pages
    assert {name for name in rare for text in pages.values() if name in text} == set()
