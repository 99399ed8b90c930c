"""Absurd test files end soon, with a sentence: no hang, no traceback, no memory eaten."""

from __future__ import annotations

import resource

import pytest
import yaml

from promrules.rule_tests.promtool_messages import promtool_text
from promrules.rule_tests.run import run_file


def run(folder, test, rules=(), **file):
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": list(rules)}]}))
    (folder / "test.yml").write_text(yaml.safe_dump({"rule_files": ["rules.yml"], **file, "tests": [test]}))
    result = run_file(str(folder / "test.yml"))
    texts = [promtool_text(failure, "") for test in result.tests for failure in test.failures]
    return result, "\n".join(texts + [problem.message for problem in result.problems])


RECORD = {"record": "r", "expr": "vector(1)"}
ALERT_LATE = [{"eval_time": "106700d", "alertname": "A"}]


def test_absurd_durations_with_rules_are_refused(tmp_path):
    """Three hundred years in steps of a minute would never end."""
    result, said = run(tmp_path, {"alert_rule_test": ALERT_LATE}, [RECORD])

    assert not result.passed
    assert said == "the test would need 153,648,001 steps, more than the 5,000,000 that are allowed"


def test_absurd_durations_without_rules_are_fine(tmp_path):
    """Where nothing is evaluated, no step costs anything."""
    result, said = run(tmp_path, {"alert_rule_test": ALERT_LATE})

    assert result.passed, said


def test_absurd_durations_in_long_steps_are_fine(tmp_path):
    """Promtool's own long-period test: 106,700 days in steps of 100."""
    expected = [{"labels": "r", "value": 9218880000}]
    test = {"promql_expr_test": [{"expr": "r", "eval_time": "106700d", "exp_samples": expected}]}
    result, said = run(tmp_path, test, [{"record": "r", "expr": "vector(time())"}], evaluation_interval="100d")

    assert result.passed, said


def test_long_circles_are_refused(tmp_path):
    """Rules that read their own past are evaluated one by one, which nobody waits for over years."""
    rules = [{"record": "a", "expr": "b"}, {"record": "b", "expr": "a"}]
    fed = [{"series": "b", "values": "1"}]
    result, said = run(
        tmp_path, {"input_series": fed, "alert_rule_test": [{"eval_time": "3y", "alertname": "A"}]}, rules
    )

    assert not result.passed
    assert "3,153,602 evaluations of rules that read their own past" in said


@pytest.mark.parametrize("values", ["0+1x5000000", "1 2 3x9999999", "_x9000000 1"])
def test_millions_of_samples(tmp_path, values):
    """Samples that no evaluation reaches cost next to nothing."""
    test = {
        "input_series": [{"series": f'm{{a="{number}"}}', "values": values} for number in range(5)],
        "promql_expr_test": [{"expr": "count(m) > 9", "eval_time": "5m"}],
    }

    result, said = run(tmp_path, test, [RECORD])

    assert result.passed, said
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_500_000  # kilobytes, of the whole test session


def test_billions_of_samples_are_refused(tmp_path):
    """What cannot be held is refused under its series."""
    test = {
        "input_series": [{"series": "m", "values": "1x4000000000"}],
        "promql_expr_test": [{"expr": "m", "eval_time": 0}],
    }

    result, said = run(tmp_path, test)

    assert not result.passed
    assert said.startswith("input series m 1x4000000000: series stands for more than")


def test_regexes_that_backtrack_do_not(tmp_path):
    """RE2 matches in linear time, in selectors and in templates; with backtracking this would never end."""
    evil = "a" * 5000
    rules = [
        {
            "alert": "A",
            "expr": f'm{{v=~"(a+)+b|{evil}"}}',
            "annotations": {"x": '{{ match "^(a+)+$" (printf "%sb" $labels.v) }}'},
        }
    ]
    firing = {"exp_labels": {"v": evil}, "exp_annotations": {"x": "false"}}
    test = {
        "input_series": [{"series": f'm{{v="{evil}"}}', "values": "1x5"}],
        "alert_rule_test": [{"eval_time": "1m", "alertname": "A", "exp_alerts": [firing]}],
    }

    result, said = run(tmp_path, test, rules)

    assert result.passed, said


BAD = {
    "selector": 'm{v=~"("}',
    "group": "sum by (a) (m",
    "unknown function": "nosuch(m)",
}


@pytest.mark.parametrize("expr", BAD.values(), ids=BAD.keys())
def test_bad_expressions_in_tests_fail_that_check_only(tmp_path, expr):
    """The other checks of the test are still made."""
    test = {"promql_expr_test": [{"expr": expr, "eval_time": 0}, {"expr": "vector(1)", "eval_time": 0}]}

    result, said = run(tmp_path, test)

    assert not result.passed
    assert len(result.tests[0].failures) == 2
    assert "err: " in said


LONG = " + ".join(["m"] * 2000)
TOO_LONG = "expression has more than 400 operators one after the other"


def test_a_long_chain_in_a_rule_is_refused_before_it_takes_memory(tmp_path):
    result, said = run(tmp_path, {"promql_expr_test": []}, [{"record": "r", "expr": LONG}])

    assert not result.passed
    assert TOO_LONG in said


def test_a_long_chain_in_a_test_fails_that_check(tmp_path):
    result, said = run(tmp_path, {"promql_expr_test": [{"expr": LONG, "eval_time": "1m", "exp_samples": []}]}, [RECORD])

    assert not result.passed
    assert TOO_LONG in said


def test_a_chain_of_as_many_as_are_allowed_is_evaluated(tmp_path):
    expr = " + ".join(["m"] * 399)
    test = {
        "input_series": [{"series": "m", "values": "1 1"}],
        "promql_expr_test": [{"expr": expr, "eval_time": "1m", "exp_samples": [{"labels": "{}", "value": 399}]}],
    }
    result, said = run(tmp_path, test, [{"record": "r", "expr": expr}])

    assert result.passed, said


def test_a_rule_with_a_bad_regex_is_refused(tmp_path):
    """A regex that RE2 does not take is a fault of the rule file or of its evaluation, never a crash."""
    test = {"promql_expr_test": [{"expr": "r", "eval_time": 0}]}

    result, said = run(tmp_path, test, [{"record": "r", "expr": 'm{v=~"("}'}])

    assert not result.passed
    assert "regexp" in said


def test_missing_rule_files_are_a_warning(tmp_path):
    """As in promtool: a pattern that matches nothing fails nothing."""
    test = {"promql_expr_test": [{"expr": "vector(1)", "eval_time": 0, "exp_samples": [{"labels": "{}", "value": 1}]}]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump({"rule_files": ["no*.yml"], "tests": [test]}))

    result = run_file(str(tmp_path / "test.yml"))

    assert result.passed
    assert result.warnings == (f"no file matches pattern {tmp_path}/no*.yml",)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"\x00", b"- 1", b"tests: 3", b"&a [*a]", b"? [x]\n: y", b"tests: [*nope]"]
)
def test_nonsense_is_refused(tmp_path, content):
    """Binary, lists, numbers, cycles and dangling anchors give problems, no traceback."""
    (tmp_path / "test.yml").write_bytes(content)

    result = run_file(str(tmp_path / "test.yml"))

    assert not result.passed
    assert result.problems
