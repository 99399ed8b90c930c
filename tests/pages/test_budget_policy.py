"""An error-budget policy: read, alerted on, proved."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from pagecases import MINIMAL

from burnproof.compile import compile_specs
from burnproof.compile.plan import make_plan
from burnproof.specs.resolve import slos_from_text
from places import sampled
from promrules.rule_tests.run import run_file

POLICY = "budget_policy: [{below: 0%, do: stop, severity: page}, {below: 25%, do: freeze releases}]\n"


def slo(text):
    loaded = slos_from_text("api.yaml", text)
    assert loaded.problems == ()
    return loaded.slos[0]


def with_policy(text=MINIMAL, policy=POLICY):
    return text.replace("slos:", f"{policy}slos:", 1)


def test_steps_are_read_mildest_first():
    steps = slo(with_policy()).budget_policy

    assert [(step.below, step.action, step.severity) for step in steps] == [
        (Decimal("0.25"), "freeze releases", "ticket"),
        (Decimal(0), "stop", "page"),
    ]


def test_an_slos_own_policy_replaces_the_services():
    own = with_policy() + "    budget_policy: [{below: 0.5, do: look}]\n"

    assert [(step.below, step.action) for step in slo(own).budget_policy] == [(Decimal("0.5"), "look")]
    assert slo(with_policy() + "    budget_policy: []\n").budget_policy == ()


@pytest.mark.parametrize(
    ("policy", "code", "place"),
    [
        ("budget_policy: [{below: 100%, do: x}]\n", "out-of-range", "3:25"),
        ("budget_policy: [{below: -1%, do: x}]\n", "out-of-range", "3:25"),
        ("budget_policy: [{below: 25%}]\n", "missing-key", "3:17"),
        ("budget_policy: [{below: 25%, do: x}, {below: 0.25, do: y}]\n", "duplicate-name", "3:46"),
        ("runbooks: ftp://x\n", "bad-choice", "3:11"),
        ("dashboards: [{title: a, panels: [{title: b, expr: 'rate(x)'}]}]\n", "promql-syntax", "3:52"),
        ("dashboards: [{title: a, panels: [{title: b, expr: 'x[5m]'}]}]\n", "promql-type", "3:52"),
        ("dashboards: [{title: a, panels: [{title: b}]}]\n", "one-of", "3:34"),
        ("dashboards: [{title: a, panels: []}]\n", "empty-value", "3:33"),
        ("dashboards: [{title: a, panels: [{title: b, expr: x, type: graph}]}]\n", "bad-choice", "3:60"),
        (
            "dashboards: [{title: A b, panels: [{title: b, expr: x}]}, {title: a B, panels: [{title: b, expr: x}]}]\n",
            "duplicate-name",
            "3:67",
        ),
    ],
)
def test_problems_stand_at_their_place(policy, code, place):
    problems = slos_from_text("api.yaml", with_policy(policy=policy)).problems

    assert [(one.code, f"{one.span.line}:{one.span.column}") for one in problems] == [(code, place)]


def test_the_alert_ends_once_clearly_more_is_left_and_says_what_to_do():
    rules = [r for f in make_plan([slo(with_policy())]).rules for g in f.groups for r in g.rules]
    low, spent = [rule for rule in rules if getattr(rule, "alert", "") == "ApiAvailabilityBudgetLow"]

    left = 'slo:period_error_budget_remaining:ratio{slo_id="api-availability"}'
    assert low.expr == f"{left} < 0.25\nor\n{left} < 0.27\nand on (slo_id)\nmin_over_time({left}[1d:30m]) < 0.25"
    assert dict(low.labels) == {"severity": "ticket", "slo_budget_below": "25%"}
    assert dict(low.annotations)["action"] == "freeze releases"
    assert spent.expr == f"{left} <= 0\nor\n{left} < 0.02\nand on (slo_id)\nmin_over_time({left}[1d:30m]) <= 0"
    assert dict(spent.labels)["severity"] == "page"


SPECS = {
    "events": MINIMAL,
    "slices": MINIMAL.replace(
        '{ratio: {total: \'requests_total{job="api"}\', bad: \'requests_total{job="api",code=~"5.."}\'}}',
        "{threshold: {value: pool_share, op: '<', bound: 80%, slice: 5m}}",
    ),
    "count": MINIMAL.replace("    objective: 99.9%\n", "").replace(
        '{ratio: {total: \'requests_total{job="api"}\', bad: \'requests_total{job="api",code=~"5.."}\'}}',
        "{count: {counter: restarts_total, fewer_than: 4, per: 24h}}",
    ),
    "week": MINIMAL.replace("slos:", "window: 7d\nscrape_interval: 15s\nslos:", 1),
}


@pytest.fixture
def proofs(tmp_path):
    """Write a spec's rules and its budget proofs alone; give the paths of both."""

    def write(text, change=("", "")):
        (tmp_path / "api.yaml").write_text(with_policy(text))
        made = compile_specs([str(tmp_path / "api.yaml")], kinds=("rules", "tests"))
        assert made.problems == ()
        paths = []
        for name, content in made.files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            if name.startswith("rules/"):
                changed = content.replace(*change)
                assert changed != content or change == ("", "")
                path.write_text(changed)
                continue
            document = yaml.safe_load(content)
            document["tests"] = [test for test in document["tests"] if ": budget: " in test["name"]]
            if document["tests"]:
                path.write_text(yaml.safe_dump(document))
                paths.append(path)
        return paths

    return write


@pytest.mark.parametrize("kind", sampled(SPECS, every=2))
def test_each_step_is_proved(proofs, kind):
    paths = proofs(SPECS[kind])

    results = [run_file(str(path)) for path in paths]

    assert sum(len(result.tests) for result in results) == 2
    assert all(result.passed for result in results)


CHANGES = [
    ("< 0.25", "< 0.35"),
    ("< 0.25", "< 0.15"),
    ("< 0.25", "> 0.25"),
    ("<= 0\n", "<= 0.15\n"),
    ("< 0.27\n", "< 1.27\n"),
    ("and on (slo_id) min_over_time", "or on (slo_id) min_over_time"),
    ("(slo:period_total:expected{", "(slo:sli_total:increase30d{"),
    ('slo_budget_below: "25%"', 'slo_budget_below: "20%"'),
]


@pytest.mark.parametrize(
    "change",
    sampled([pytest.param(change, id=" to ".join(change).strip()) for change in CHANGES], every=4),
)
def test_a_changed_rule_fails_its_proof(proofs, change):
    results = [run_file(str(path)) for path in proofs(MINIMAL, change)]

    assert any(test.failures for result in results for test in result.tests)


LEVELS = "    levels: [{name: warning, objective: 99.99%, severity: info}, {name: critical, objective: 99%}]\n"


def budget_alerts(text):
    """Give (share left, name, severity) of each budget alert."""
    loaded = slos_from_text("api.yaml", text)
    assert loaded.problems == ()
    return [
        (dict(rule.labels)["slo_budget_below"], rule.alert, dict(rule.labels)["severity"])
        for file in make_plan(loaded.slos).rules
        for group in file.groups
        for rule in group.rules
        if getattr(rule, "alert", "").endswith("BudgetLow")
    ]


def test_a_policy_is_about_the_budget_of_the_target_alone():
    assert budget_alerts(with_policy() + LEVELS) == budget_alerts(with_policy())


def test_a_level_may_have_a_policy_of_its_own_in_its_own_severity():
    own = LEVELS.replace("info}", "info, budget_policy: [{below: 10%, do: look, severity: page}]}")

    assert budget_alerts(with_policy() + own)[2:] == [("10%", "ApiAvailabilityWarningBudgetLow", "info")]


def test_a_level_has_its_severity_on_every_alert():
    own = LEVELS.replace("info}", "info, budget_policy: [{below: 10%, do: look}]}")
    slos = slos_from_text("api.yaml", with_policy() + own).slos
    rules = [rule for file in make_plan(slos).rules for group in file.groups for rule in group.rules]
    severities = {dict(rule.labels)["severity"] for rule in rules if "Warning" in getattr(rule, "alert", "")}

    assert severities == {"info"}


def test_a_problem_in_a_levels_own_policy_stands_at_its_place():
    own = LEVELS.replace("info}", "info, budget_policy: [{below: 10%, do: a}, {below: 10%, do: b}]}")
    problems = slos_from_text("api.yaml", with_policy() + own).problems

    assert [(one.code, one.span.line, one.span.column) for one in problems] == [("duplicate-name", 8, 110)]
