"""What a user sees: failures under their line, expected and got aligned, colours, JUnit, exit codes."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from burnproof.cli.test import test_command as rule_tests
from promrules.rule_tests.engine_choice import Engine, Job, run_files
from promrules.rule_tests.junit import junit_xml
from promrules.rule_tests.promtool_messages import exponent_text
from promrules.rule_tests.report import Style, file_report
from promrules.rule_tests.run import RunOptions, run_file
from promrules.rule_tests.runner import Request, run_tests
from promrules.workers import LostWorkerError

RULES = """groups:
- name: g
  rules:
  - {record: up:sum, expr: sum by (job) (up)}
  - alert: Down
    expr: up == 0
    labels: {severity: page}
    annotations: {summary: '{{ $labels.job }} is down'}
"""
TESTS = """rule_files: [rules.yml]
tests:
- name: good
  input_series: [{series: 'up{job="a"}', values: '1x5'}]
  promql_expr_test: [{expr: up:sum, eval_time: 1m, exp_samples: [{labels: 'up:sum{job="a"}', value: 1}]}]
- name: bad
  input_series: [{series: 'up{job="a"}', values: '0x5'}, {series: 'up{job="bb"}', values: '0x5'}]
  alert_rule_test:
  - eval_time: 2m
    alertname: Down
    exp_alerts:
    - {exp_labels: {job: a, severity: page}, exp_annotations: {summary: a is up}}
    - {exp_labels: {job: c, severity: page}, exp_annotations: {summary: c is down}}
  promql_expr_test:
  - expr: up:sum
    eval_time: 1m
    exp_samples: [{labels: 'up:sum{job="a"}', value: 0}, {labels: 'up:sum{job="bb"}', value: 1.5}]
"""
REPORT = """t.yml:6:3: FAIL bad
  t.yml:9:5: alert Down at 2m
      annotations differ: {alertname="Down", job="a", severity="page"}
          summary
              expected  "a is up"
              got       "a is down"
      expected, but not firing: {alertname="Down", job="c", severity="page"}
          summary  "c is down"
      firing, but not expected: {alertname="Down", job="bb", severity="page"}
          summary  "bb is down"
  t.yml:15:5: up:sum at 1m
                                     expected  got
      {__name__="up:sum", job="a"}   0         0
      {__name__="up:sum", job="bb"}  1.5       0
FAIL t.yml  2 tests, 1 failed  0.00s"""
DIFF = """  t.yml:9:5: alert Down at 2m
        {alertname="Down", job="a", severity="page"}
      -     summary: "a is up"
      +     summary: "a is down"
      - {alertname="Down", job="c", severity="page"}
      + {alertname="Down", job="bb", severity="page"}
      -     summary: "c is down"
      +     summary: "bb is down\""""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "t.yml").write_text(TESTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fixed(result):
    return file_report(result, Style()).replace(f"{result.seconds:.2f}s", "0.00s")


def test_report(folder):
    """Only what differs is shown, with the line of the test file."""
    shown = fixed(run_file("t.yml"))

    assert shown == REPORT


def test_diff(folder):
    """`--diff` shows alerts line by line."""
    assert DIFF in file_report(run_file("t.yml"), Style(diff=True))


def test_colours(folder):
    """Expected is green, got is red."""
    shown = file_report(run_file("t.yml"), Style(color=True))

    assert '\033[32m"a is up"\033[0m' in shown
    assert '\033[31m"a is down"\033[0m' in shown


def test_junit(folder):
    """The report has promtool's elements and words."""
    root = ET.fromstring(junit_xml([run_file("t.yml")], datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)))  # noqa: S314  # our own output
    (suite,) = root
    good, bad = suite

    assert suite.attrib == {
        "name": "t.yml", "tests": "2", "failures": "2", "errors": "0", "skipped": "0", "timestamp": "2026-01-02T03:04:05",  # noqa: E501  # one row of a table
    }  # fmt: skip
    assert (good.get("name"), list(good)) == ("good", [])
    assert bad[0].text.startswith("    name: bad,\n    alertname: Down, time: 2m, \n        exp:[\n            0:\n")
    assert bad[1].text.endswith('{__name__="up:sum", job="bb"} 0E+00')


def test_junit_of_a_broken_file(folder):
    """What kept a file from being run is an error, and odd characters do not break the XML."""
    (folder / "broken.yml").write_text('tests: [{name: "\\x01\\ud800", bogus: 1}]\n', errors="surrogatepass")

    (suite,) = ET.fromstring(junit_xml([run_file("broken.yml")]))  # noqa: S314  # our own output

    assert suite.get("errors") == "1"
    assert "broken.yml:1:" in suite[0][0].text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1E+00"), (0.0, "0E+00"), (-0.0, "-0E+00"), (1500.0, "1.5E+03"), (0.00125, "1.25E-03"), (1e21, "1E+21"),
     (5e-324, "5E-324"), (float("inf"), "+Inf"), (float("nan"), "NaN"), (123456789.125, "1.23456789125E+08")],
)  # fmt: skip
def test_values_in_promtools_form(value, text):
    """Shortest digits with an exponent, as Go's FormatFloat(…, 'E', -1, 64)."""
    assert exponent_text(value) == text


def test_exit_codes(folder, capsys):
    """0 passed, 1 failed or bad, 2 could not be carried out."""
    (folder / "bad.yml").write_text("nonsense: 1\n")
    (folder / "good").mkdir()
    (folder / "good" / "t.yaml").write_text("tests: []\n")
    (folder / "empty").mkdir()

    assert run_tests(Request(("good",))) == 0
    assert run_tests(Request(("t.yml",))) == 1
    assert run_tests(Request(("bad.yml",))) == 1
    assert run_tests(Request(("good", "nope.yml"))) == 2
    assert run_tests(Request(("empty",))) == 2
    assert rule_tests(files=[]) == 2  # without files those that were generated are meant
    assert run_tests(Request(("t.yml",), options=RunOptions(run=("(",)))) == 2
    said = capsys.readouterr()
    assert "nope.yml: no such file or folder" in said.err
    assert "run `burnproof generate` first" in said.err
    assert "--run (: missing )" in said.err
    assert "Traceback" not in said.err + said.out


def test_run_selects_by_name(folder):
    """`--run` matches anywhere, several are alternatives, and what is not selected is not run."""
    assert run_file("t.yml", RunOptions(run=("oo",))).passed
    assert [test.name for test in run_file("t.yml", RunOptions(run=("^go", "^ba"))).tests] == ["good", "bad"]
    assert run_file("t.yml", RunOptions(run=("^nothing$",))).tests == ()


def test_command_line(folder, capsys):
    """The function behind `burnproof test` takes its options and writes the JUnit file."""
    code = rule_tests(files=["t.yml"], run=["good"], verbose=True, junit="out.xml", no_color=True)

    assert code == 0
    assert "  pass good\nok   t.yml  1 test  " in capsys.readouterr().out
    assert ET.parse(folder / "out.xml").getroot()[0].get("tests") == "1"  # noqa: S314  # our own output


def test_processes_give_the_same_in_the_same_order(folder, monkeypatch):
    """Work that is spread over processes comes back in order."""
    monkeypatch.setattr("promrules.rule_tests.engine_choice._SECONDS_ALONE", -1.0)
    for number in range(3):
        (folder / f"t{number}.yml").write_text(TESTS)
    paths = [f"t{number}.yml" for number in range(3)] + ["missing.yml"]
    monkeypatch.setattr(sys.modules["__main__"], "__file__", None, raising=False)  # children must not run pytest again

    results = list(run_files(paths, Job(Engine.EMBEDDED, RunOptions()), jobs=2))

    assert [getattr(result, "path", "") for result in results] == ["t0.yml", "t1.yml", "t2.yml", ""]
    assert [test.passed for test in results[2].tests] == [True, False]
    assert isinstance(results[3], FileNotFoundError)


def test_a_killed_process_is_told_and_what_is_left_runs_in_one(folder, monkeypatch, capsys):
    """All files are reported once and in order, and the exit code is that of the tests."""
    for number in range(3):
        (folder / f"t{number}.yml").write_text(TESTS)

    def killed_at_the_second(paths, job, _count):
        yield run_file(paths[0], job.options)
        raise LostWorkerError

    monkeypatch.setattr("promrules.rule_tests.engine_choice._run_apart", killed_at_the_second)
    monkeypatch.setattr("promrules.rule_tests.engine_choice._SECONDS_ALONE", -1.0)
    code = run_tests(Request(("t0.yml", "t1.yml", "t2.yml"), jobs=2))
    out, err = capsys.readouterr()

    assert code == 1
    assert re.findall(r"^FAIL +(\S+)", out, re.MULTILINE) == ["t0.yml", "t1.yml", "t2.yml"]
    assert err == ("promrules: a process was killed, perhaps for want of memory; what is left runs in one process\n")


@pytest.mark.promtool
def test_both_engines_beside_each_other(folder, promtool, monkeypatch, capsys):
    """`both` is quiet where the engines agree, also on failures, and names the tests where they do not."""
    monkeypatch.setenv("PROMRULES_PROMTOOL", str(promtool))
    assert run_tests(Request(("t.yml",), engine=Engine.BOTH)) == 1
    assert "DIFFERS" not in capsys.readouterr().out
    assert run_tests(Request(("t.yml",), engine=Engine.PROMTOOL)) == 1

    fake = folder / "promtool"
    fake.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "promtool, version 2.45.0" && exit 0\nexit 0\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PROMRULES_PROMTOOL", str(fake))

    assert run_tests(Request(("t.yml",), engine=Engine.BOTH)) == 1
    assert "fails on the embedded engine, passes on promtool 2.45.0" in capsys.readouterr().out


def test_burnproof_names_promtools_its_own_way(folder, monkeypatch, capsys):
    """`burnproof test` has an environment variable of its own."""
    monkeypatch.setenv("BURNPROOF_PROMTOOL", str(folder / "nowhere"))

    assert rule_tests(files=["t.yml"], engine=Engine.PROMTOOL) == 2
    assert "burnproof: no promtool on the PATH" in capsys.readouterr().err


def test_no_promtool_is_said(folder, monkeypatch, capsys):
    """Without promtool the engine cannot be chosen."""
    monkeypatch.setenv("PROMRULES_PROMTOOL", str(folder / "nowhere"))

    assert run_tests(Request(("t.yml",), engine=Engine.PROMTOOL)) == 2
    assert "no promtool on the PATH" in capsys.readouterr().err


def test_scripts_of_prometheus_suite(folder, capsys):
    """A `.test` file gives one line, and with `-v` the evals that failed."""
    (folder / "s.test").write_text("load 1m\n  m 1x5\n\neval instant at 1m m\n  m 1\n\neval instant at 1m m\n  m 2\n")

    assert run_tests(Request(("s.test",))) == 1
    assert capsys.readouterr().out == "s.test 1/2\n"
    run_tests(Request(("s.test",), style=Style(verbose=True)))
    assert "s.test:7:1: line 7: m" in capsys.readouterr().out
