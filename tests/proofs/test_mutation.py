"""The mutation runner: what it changes, what it catches, and that it tells a missing proof from no change at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from burnproof.proofs.mutation.equivalent import reason
from burnproof.proofs.mutation.run import CONVENTIONS, score, subjects
from places import ROOT
from promrules.mutation.mutants import mutants, of_expr
from promrules.syntax.parse import parse
from promrules.syntax.printer import to_text


@pytest.fixture(scope="module")
def committed():
    """All SLOs of this repository, with all their proofs."""
    return tuple(subjects(ROOT / "generated"))


@pytest.fixture(scope="module")
def restarts(committed):
    """The restarts of CA3."""
    return next(subject for subject in committed if subject.name == "processor-restarts")


@pytest.mark.parametrize(
    ("expr", "change", "becomes"),
    [
        ("a > 0.072", "a > 0.072 plus 2%", "a > 0.07343999999999999"),
        ("a and on (slo_id) b", "and to or", "a or on (slo_id) b"),
        ("a or on () 0 * b", "or … dropped", "a"),
        ("rate(a[5m])", "window [300s] doubled", "rate(a[10m])"),
        ('sum(rate(a{job="x"}[5m]))', "job='x' dropped", "sum(rate(a[5m]))"),
        ("a / (b > 0)", "guard > 0 dropped", "a / (b)"),
        ('a{slo_id="x"} / b{slo_id="x"}', "slo_id='x' dropped", "a / b"),
    ],
)
def test_what_goes_wrong_in_rules(expr, change, becomes):
    """Each slip of the pen is among the mutants of an expression."""
    made = {name: to_text(node) for name, node in of_expr(parse(expr), CONVENTIONS)}

    assert becomes in made.values(), made
    assert change in made


def test_every_mutant_differs(restarts):
    """A mutant is never the rule it was made of."""
    for mutant in mutants(restarts.groups, CONVENTIONS):
        assert mutant.groups != restarts.groups, mutant.change


def test_proofs_of_restarts_catch_most_of_what_can_be_caught(restarts):
    """What is left is in the branch for counters that were reset."""
    scored = score(restarts)

    assert scored.share >= 0.75
    assert {one.rule for one in scored.missed} == {"slo:sli_errors:increase1d"}
    assert scored.killed > 80


def test_without_proofs_every_mutant_survives(restarts):
    """The score is of the proofs, not of the rules."""
    scored = score(replace(restarts, proofs=()))

    assert scored.killed == 0
    assert scored.missed


def test_a_threshold_between_two_counts_is_no_change(restarts):
    """Of three restarts a day, 0.8 and 1 are both reached by the third; 1.2 by the fourth."""
    alert = next(rule for group in restarts.groups for rule in group.rules if rule.name.endswith("BurnRateHigh"))

    assert "no whole number" in reason(restarts.groups, alert, "slo:sli_error:ratio_rate1d >= 1 minus 2%")
    assert reason(restarts.groups, alert, "slo:sli_error:ratio_rate1d >= 1 plus 2%") == ""


@pytest.mark.parametrize(
    ("slo", "tier", "implied"),
    [
        ("processor-latency-p95", "1d", True),  # one bad hour of two is over 3%, and one of 24 is too
        ("processor-latency-p95", "3d", True),
        ("aragora-p50-latency", "6h", False),  # one of six slices is over 6%, one of 72 is not
        ("aragora-p50-latency", "3d", False),
        ("processor-availability", "1h", False),  # events, not slices
    ],
)
def test_a_long_window_that_the_short_one_implies_is_no_guard(committed, slo, tier, implied):
    """Where slices are few, a bad one in the short window is enough for the long one."""
    groups = next(subject.groups for subject in committed if subject.name == slo)
    alerts = [rule for group in groups for rule in group.rules if hasattr(rule, "hold_ms")]
    alert = next(rule for rule in alerts if any(name == "slo_tier" and v.text == tier for name, v in rule.labels))
    reasons = [
        reason(groups, alert, change, replace(alert, node=node))
        for change, node in of_expr(alert.node, CONVENTIONS)
        if change.startswith("guard > ")
    ]

    assert ["in the short window" in said for said in reasons] == [implied, False]  # the short one is always needed


def test_proofs_that_fail_catch_nothing(restarts):
    """Where a proof fails on the rules as they are, it is named, and no mutant counts as caught."""
    group = restarts.groups[0]
    broken = replace(restarts, groups=(replace(group, rules=group.rules[1:]), *restarts.groups[1:]))

    scored = score(broken)

    assert scored.killed == 0
    assert all(name.startswith("processor-restarts: ") for name in scored.failing)
    assert scored.failing


@pytest.mark.parametrize(
    ("expr", "other", "same"),
    [
        ("sum(rate(a[5m])) * NaN", "max(rate(a[5m])) * NaN", True),
        ("b or on () 0 * (sum(a) / 2)", "b or on () 0 * (max(a) / 2.4)", True),
        ("sum(rate(a[5m])) * NaN", "sum(rate(a[10m])) * NaN", False),  # it is there for longer
        ("0 * (sum(a) > 5)", "0 * (max(a) > 5)", False),
        ("2 * sum(a)", "2 * max(a)", False),
    ],
)
def test_what_is_multiplied_away_has_only_its_series(restarts, expr, other, same):
    """Under a product with 0 or NaN a maximum is a sum; what changes which series there are is a change."""
    rule = replace(restarts.groups[0].rules[0], node=parse(expr))

    assert bool(reason(restarts.groups, rule, "a change", replace(rule, node=parse(other)))) is same


def test_only_expressions_are_multiplied_away(restarts):
    """A change of an alert's ``for`` leaves its expression alone, and is a change."""
    alert = next(rule for group in restarts.groups for rule in group.rules if rule.name.endswith("BurnRateHigh"))

    assert reason(restarts.groups, alert, "for 30m", replace(alert, hold_ms=1_800_000)) == ""


def test_an_slo_in_two_files_is_one_subject(committed):
    """Where rules are split over files, an SLO has all its groups, and is tried once."""
    found = [subject.name for subject in committed]

    assert len(found) == len(set(found))
