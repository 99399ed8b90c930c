"""promrules by itself: its public names, its commands on anybody's rules, and nothing of burnproof behind them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import promrules
from places import PATIENCE

RULES = """\
groups:
  - name: errors
    rules:
      - record: job:errors:rate5m
        expr: sum by (job) (rate(errors_total{code="500"}[5m]))
      - alert: Errors
        expr: job:errors:rate5m > 0.4
        labels: {severity: critical}
"""
TESTS = """\
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - name: errors page
    input_series:
      - {series: 'errors_total{job="a", code="500", pod="1"}', values: '0+15x10 150+12x20'}
      - {series: 'errors_total{job="a", code="500", pod="2"}', values: '0+15x10 150+12x20'}
      - {series: 'errors_total{job="a", code="200"}', values: '0+99x30'}
    alert_rule_test:
      - {eval_time: 30s, alertname: Errors}
      - eval_time: 10m
        alertname: Errors
        exp_alerts: [{exp_labels: {job: a, severity: critical}}]
"""


@pytest.fixture
def folder(tmp_path):
    """A rule file and its test."""
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "tests.yml").write_text(TESTS)
    return tmp_path


def command(folder, *arguments):
    """Run ``python -m promrules``."""
    return subprocess.run(
        [sys.executable, "-m", "promrules", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_importing_it_loads_nothing_else():
    """Neither burnproof nor numpy, of its own what finds names; each public name is found, and burnproof stays out."""
    code = """
import json, sys, promrules
before = [name for name in sys.modules if name.startswith(("promrules.", "burnproof", "numpy", "yaml", "typer"))]
missing = [name for name in promrules.__all__ if getattr(promrules, name, None) is None]
after = [name for name in sys.modules if name.startswith("burnproof")]
print(json.dumps([before, missing, after]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE)

    assert json.loads(done.stdout) == [["promrules.lazy_names"], [], []]


def test_unknown_names_are_unknown():
    """A slip of the pen is told at once."""
    with pytest.raises(AttributeError, match="has no attribute 'evalute'"):
        _ = promrules.evalute


def test_an_expression_over_series():
    """Floats, a scalar, a native histogram, an empty result."""
    series = {"errors_total{job='a'}": "0+30x10", "native": "{{count:3 sum:4 buckets:[3]}}x10"}

    assert promrules.evaluate("sum(rate(errors_total[5m]))", series, at="10m") == [promrules.Sample({}, 0.5)]
    assert promrules.evaluate("time()", series, at="1h") == [promrules.Sample({}, 3600.0)]
    assert promrules.evaluate("absent(errors_total)", series, at="10m") == []
    (sample,) = promrules.evaluate("native * 2", series, at="5m")
    assert sample.value.count == 6
    (sample,) = promrules.evaluate("errors_total", series, at="45s", interval="15s")
    assert sample == promrules.Sample({"__name__": "errors_total", "job": "a"}, 90.0)


def test_what_fails_says_so():
    """Text that is no PromQL, and a query that Prometheus refuses."""
    with pytest.raises(promrules.PromqlSyntaxError):
        promrules.evaluate("sum(", {})
    with pytest.raises(promrules.EvaluationError, match="same labelset"):
        promrules.evaluate('rate({job="x"}[5m])', {'a{job="x"}': "0 1 2", 'b{job="x"}': "0 1 2"}, at="2m")
    with pytest.raises(promrules.EvaluationError, match="neither"):
        promrules.evaluate("a[5m]", {"a": "1"})


def test_rules_and_their_tests(folder):
    """Rule files as values, and a verdict for each test."""
    rules = promrules.load_rules(folder / "rules.yml")
    (result,) = promrules.run_tests([folder / "tests.yml"])

    assert [rule.name for rule in rules.groups[0].rules] == ["job:errors:rate5m", "Errors"]
    assert isinstance(rules, promrules.RuleFile)
    assert result.passed
    assert [test.title for test in result.tests] == ["errors page"]


def test_mutants_of_anybodys_rules(folder):
    """Survivors are the cases that the test does not cover: it looks at 10m alone, far above the threshold."""
    score = promrules.mutate([folder / "rules.yml"], [folder / "tests.yml"], jobs=1)

    survived = {survivor.change for survivor in score.missed}
    assert "job:errors:rate5m > 0.4 minus 2%" in survived
    assert "sum to max" not in survived  # two pods at 0.25/s each
    assert "removed" not in survived
    assert "severity page" not in survived
    assert "window [300s] a step longer" in survived
    assert "or … dropped" not in survived
    assert score.killed == 8


def test_rules_without_a_test_have_survivors_only(folder):
    """A rule file that no test loads is not left out of the score."""
    (folder / "others.yml").write_text(RULES.replace("name: errors", "name: others"))
    score = promrules.mutate([folder / "others.yml"], [folder / "tests.yml"], jobs=1)

    assert score.killed == 0
    assert score.missed


def test_a_test_that_fails_catches_nothing(folder):
    """Where the test fails on the rules as they are, it is named."""
    (folder / "rules.yml").write_text(RULES.replace("> 0.4", "> 4"))
    score = promrules.mutate([folder / "rules.yml"], [folder / "tests.yml"], jobs=1)

    assert (score.killed, score.failing) == (0, ("errors page",))


def test_the_commands(folder):
    """Exit codes and what is printed."""
    passed = command(folder, "test", "tests.yml")
    failed = command(folder, "mutate", "rules.yml", "tests.yml", "--jobs", "1")
    enough = command(folder, "mutate", "rules.yml", "tests.yml", "--at-least", "20", "--jobs", "1")

    assert (passed.returncode, passed.stdout.startswith("ok   tests.yml  1 test")) == (0, True)
    assert failed.returncode == 1
    assert "Errors: job:errors:rate5m > 0.4 minus 2%: survived" in failed.stdout
    assert enough.returncode == 0
    assert "mutants caught" in enough.stdout


@pytest.mark.parametrize("arguments", [("test", "nowhere.yml"), ("mutate", "nowhere.yml", "tests.yml"), ("frob",)])
def test_what_cannot_be_carried_out_is_two(folder, arguments):
    """One line on stderr, no traceback."""
    done = command(folder, *arguments)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_a_broken_rule_file_is_named_with_its_line(folder):
    """Place, what is wrong."""
    (folder / "rules.yml").write_text(RULES.replace("> 0.4", ">> 0.4"))
    done = command(folder, "mutate", "rules.yml", "tests.yml")

    assert done.returncode == 2
    assert "rules.yml:7:" in done.stderr
    assert "could not parse expression" in done.stderr


def test_its_readme_tells_the_truth(folder):
    """The commands and names of the README exist."""
    text = (Path(promrules.__file__).parent / "README.md").read_text(encoding="utf-8")

    public = set(promrules.__all__) - {"Severity"}
    assert not {name for name in public if name not in text}
