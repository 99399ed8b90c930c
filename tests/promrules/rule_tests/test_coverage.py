"""Coverage of rules: what some test exercises is found in each operator, and only where something is checked."""

from __future__ import annotations

import json

import pytest

from promrules.report_forms import Form
from promrules.rule_tests.coverage import cover_files
from promrules.rule_tests.coverage_report import written

RULES = """\
groups:
  - name: g
    rules:
      - record: job:errors:rate5m
        expr: sum by (job) (rate(errors_total[5m])) or 0 * sum by (job) (rate(requests_total[5m]))
      - alert: Errors
        expr: job:errors:rate5m > 1 and on (job) up == 1
        for: 5m
"""
ERRORS = "{series: 'errors_total{job=\"a\"}', values: '0+120x20'}"
REQUESTS = "{series: 'requests_total{job=\"b\"}', values: '0+600x20'}"
UP, DOWN = "{series: 'up{job=\"a\"}', values: '1x20'}", "{series: 'up{job=\"a\"}', values: '1x10 0x10'}"


@pytest.fixture
def missing(tmp_path):
    """Give what a test with some series and checks leaves out, as (rule, outcome)."""

    def run(*series, check="alert_rule_test: [{eval_time: 20m, alertname: Errors}]", rules=RULES):
        (tmp_path / "rules.yml").write_text(rules)
        (tmp_path / "tests.yml").write_text(
            "rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n  - interval: 1m\n"
            f"    input_series: [{', '.join(series)}]\n    {check}\n"
        )
        found = cover_files([str(tmp_path / "tests.yml")])
        assert found.problems == []
        return {(part.rule, part.outcome) for part in found.missing}

    return run


RIGHT = ("job:errors:rate5m", "is given by its right side")


def test_all_of_it_can_be_exercised(missing):
    assert missing(ERRORS, REQUESTS, DOWN) == set()


@pytest.mark.parametrize(
    ("series", "left"),
    [
        ((ERRORS, UP), {
            RIGHT, ("job:errors:rate5m", "holds samples"), ("Errors", "drops something"), ("Errors", "is false"),
        }),
        ((REQUESTS, UP), {
            ("job:errors:rate5m", "is given by its left side"), ("job:errors:rate5m", "holds samples"),
            ("Errors", "fires"), ("Errors", "is pending"), ("Errors", "is true"), ("Errors", "keeps something"),
            ("Errors", "drops something"), ("Errors", "is false"),
        }),
    ],
)  # fmt: skip
def test_each_side_is_told_apart(missing, series, left):
    assert missing(*series) == left


def test_what_nobody_checks_is_not_covered(missing):
    found = missing(ERRORS, REQUESTS, DOWN, check="promql_expr_test: [{expr: job:errors:rate5m, eval_time: 5m}]")

    assert ("Errors", "is checked") in found
    assert RIGHT not in found


def test_a_check_of_alerts_by_label_names_the_rule(missing):
    check = "promql_expr_test: [{expr: 'ALERTS{alertname=\"Errors\"}', eval_time: 20m}]"

    assert missing(ERRORS, REQUESTS, DOWN, check=check) == set()


@pytest.mark.parametrize(("operator", "outcome"), [("unless", "drops something"), ("or", "is given by its right side")])
def test_set_operators_that_never_decide_are_named(missing, operator, outcome):
    rules = f"groups: [{{name: g, rules: [{{alert: Errors, expr: up {operator} up}}]}}]"

    assert (("Errors", outcome) in missing(UP, rules=rules)) is (operator == "or")


def test_every_format_says_the_same(tmp_path, missing):
    missing(ERRORS, UP)
    found = cover_files([str(tmp_path / "tests.yml")])
    texts = {form: written(found, form) for form in Form}

    assert json.loads(texts[Form.JSON])["share"] == pytest.approx(found.share)
    assert f'failures="{len(found.missing)}"' in texts[Form.JUNIT]
    for form in (Form.TEXT, Form.MARKDOWN):
        assert f"{found.share:.1%}" in texts[form]
        assert "right side" in texts[form]


@pytest.mark.parametrize(("least", "code"), [("10", 0), ("100", 1)])
def test_the_command_has_a_floor(burnproof, tmp_path, missing, least, code):
    missing(ERRORS, UP)

    burnproof("test", "tests.yml", "--coverage", "--at-least", least, cwd=tmp_path, check=code)


def test_a_broken_file_is_said(burnproof, tmp_path):
    (tmp_path / "tests.yml").write_text("rule_files: [rules.yml]\ntests: 5\n")

    assert "tests.yml" in burnproof("test", "tests.yml", "--coverage", cwd=tmp_path, check=2).stderr
