"""JUnit reports as their tools write them: every failure counts, and what is declared must be there."""

from decimal import Decimal

import pytest

from burnproof.loadtest.gate.model import Outcome
from burnproof.loadtest.results.formats import result_from_text
from result_samples import verdict

PASS, WARN, FAIL = Outcome
RATIO = "{metric: total/Failure Ratio, at_most: 1%}"


def suite(attributes="", cases='<testcase name="a" time="1"/><testcase name="b" time="1"/>'):
    """A report of one suite."""
    return f'<testsuites><testsuite name="s" time="2" {attributes}>{cases}</testsuite></testsuites>'


# Of each tool what is special in it: (report, tests that ran, tests that failed).
TOOLS = {
    "Node counts a suite in a suite once, and a failure that is to do": (
        """<testsuites>
        <testcase name="t1" time="0.001" classname="test"><failure type="testCodeFailure">no</failure></testcase>
        <testsuite name="outer" time="0.1" disabled="0" errors="0" tests="2" failures="1" skipped="1">
          <testsuite name="inner" time="0.1" errors="0" tests="2" failures="2" skipped="1">
            <testcase name="t2" time="0.01" classname="test"><failure/></testcase>
            <testcase name="t3" time="0.01" classname="test"><skipped type="todo" message="x"/><failure/></testcase>
          </testsuite>
          <testcase name="t4" time="0.01" classname="test"/>
        </testsuite></testsuites>""",
        3, 2,
    ),
    "pytest counts a test twice whose teardown fails, and lists one twice of which both call and teardown do": (
        """<testsuites name="pytest tests"><testsuite name="pytest" errors="3" failures="1" skipped="1" tests="5"
          time="0.1"><testcase classname="t" name="test_teardown" time="0"><error message="teardown"/></testcase>
        <testcase classname="t" name="test_both" time="0"><failure/></testcase>
        <testcase classname="t" name="test_both" time="0"><error message="failed on teardown"/></testcase>
        <testcase classname="t" name="test_skip" time="0"><skipped/><error message="failed on teardown"/></testcase>
        </testsuite></testsuites>""",
        4, 4,
    ),
    "Surefire counts the last round of re-runs only": (
        """<testsuite name="com.A" time="1,234.5" tests="1" errors="0" skipped="0" failures="1">
        <testcase name="good" classname="com.A" time="1,233"/>
        <testcase name="flaky" classname="com.A" time="0.5"><flakyFailure message="x"/></testcase>
        <testcase name="bad" classname="com.A" time="0.5"><failure/><rerunFailure/><rerunFailure/></testcase>
        </testsuite>""",
        3, 1,
    ),
    "Surefire in other versions counts every round": (
        """<testsuite name="com.A" time="1" tests="3" errors="0" skipped="0" failures="2">
        <testcase name="flaky" classname="com.A" time="0.5"><flakyFailure/><flakyFailure/></testcase></testsuite>""",
        1, 0,
    ),
    "jest-junit does not count a suite that failed to run as a test": (
        """<testsuites name="jest tests" tests="1" failures="0" errors="1" time="2.5">
        <testsuite name="App" errors="1" failures="0" skipped="0" time="1.2" tests="0">
          <testcase classname="Test suite failed to run" name="App" time="0"><error>no module</error></testcase>
        </testsuite>
        <testsuite name="B" errors="0" failures="0" skipped="0" time="1" tests="1">
          <testcase classname="B" name="ok" time="0.1"/><testcase classname="B" name="todo" time="0"/></testsuite>
        </testsuites>""",
        3, 1,
    ),
    "jest-junit writes each message of a failed test": (
        suite('errors="0" failures="1" tests="1"', '<testcase name="a" time="1"><failure/><failure/></testcase>'),
        1, 1,
    ),
    "Vitest calls every error a failure": (
        suite('tests="2" failures="1" errors="0" skipped="1"',
              '<testcase name="a" time="1"><failure/><failure/></testcase><testcase name="b"><skipped/></testcase>'),
        1, 1,
    ),
    "Playwright": (
        """<testsuites id="" name="" tests="2" failures="1" skipped="0" errors="0" time="3.2">
        <testsuite name="a.spec.ts" tests="2" failures="1" skipped="0" time="3" errors="0">
          <testcase name="works" classname="a.spec.ts" time="1"/>
          <testcase name="breaks" classname="a.spec.ts" time="2"><failure message="x" type="FAILURE"/></testcase>
        </testsuite></testsuites>""",
        2, 1,
    ),
    "GoogleTest lists what it did not run": (
        """<testsuites tests="3" failures="0" disabled="1" errors="0" time="0.1" name="AllTests">
        <testsuite name="o" tests="3" failures="0" disabled="1" skipped="1" errors="0" time="0.1">
          <testcase name="a" status="run" result="completed" time="0.1" classname="o"/>
          <testcase name="b" status="notrun" result="suppressed" time="0." classname="o"/>
          <testcase name="c" status="run" result="skipped" time="0" classname="o"><skipped/></testcase>
        </testsuite></testsuites>""",
        1, 0,
    ),
    "CTest lists disabled tests without an element": (
        """<testsuite name="Linux-c++" tests="4" failures="1" disabled="1" skipped="1" hostname="" time="0">
        <testcase name="a" classname="a" time="0.1" status="run"/>
        <testcase name="b" classname="b" time="0.1" status="fail"><failure message="Failed"/></testcase>
        <testcase name="c" classname="c" time="0" status="notrun"><skipped message="SKIP_RETURN_CODE=4"/></testcase>
        <testcase name="d" classname="d" time="0" status="disabled"><properties/></testcase></testsuite>""",
        2, 1,
    ),
    "PHPUnit adds up inner suites": (
        """<testsuites><testsuite name="all" tests="3" assertions="3" errors="0" failures="1" skipped="0" time="0.3">
        <testsuite name="ATest" tests="3" assertions="3" errors="0" failures="1" skipped="0" time="0.3">
          <testcase name="testOne" class="ATest" classname="ATest" time="0.1"/>
          <testsuite name="ATest::testTwo" tests="2" errors="0" failures="1" skipped="0" time="0.2">
            <testcase name="testTwo with data set #0" classname="ATest" time="0.1"/>
            <testcase name="testTwo with data set #1" classname="ATest" time="0.1"><failure/></testcase>
          </testsuite></testsuite></testsuite></testsuites>""",
        3, 1,
    ),
    "go-junit-report": (
        """<testsuites tests="3" failures="1" errors="1" skipped="1">
        <testsuite name="p/q" tests="2" failures="1" errors="0" skipped="1" id="0" hostname="h" time="0.160">
          <testcase name="TestZ" classname="p/q" time="0.060"><skipped message="Skipped"/></testcase>
          <testcase name="TestA" classname="p/q" time="0.1"><failure message="Failed"/></testcase></testsuite>
        <testsuite name="p/r" tests="1" failures="0" errors="1" id="1" hostname="h" time="0">
          <testcase name="[build failed]" classname="p/r" time="0"><error message="Build error"/></testcase></testsuite>
        </testsuites>""",
        2, 2,
    ),
    "a reporter that counts skipped tests without listing them": (
        suite('tests="5" failures="0" errors="0" skipped="3"'),
        2, 0,
    ),
    "ESLint counts errors and writes failures": (
        suite('tests="2" errors="2"',
              '<testcase name="a" time="0"><failure/></testcase><testcase name="b" time="0"><failure/></testcase>'),
        2, 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("tool", TOOLS)
def test_sound_reports_of_many_tools_are_read(tool):
    text, ran, bad = TOOLS[tool]

    made = result_from_text("junit.xml", text)

    assert (made.run.requests, made.run.failures) == (ran, bad)
    assert "all" in made.fault if ran == bad else made.fault == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (suite('tests="10" failures="4" errors="2"'), "declares 10 tests and holds 2"),
        (suite('tests="2" failures="4" errors="2"'), "declares 4 failures and 2 errors, and none of its tests failed"),
        (suite('tests="30"'), "the suite 's' declares 30 tests and holds 2: the others are missing"),
        (suite('tests="2" errors="1"', '<testcase name="a" time="1"/><error message="No disk"/>'),
         "the suite 's' has an error that is of no test, so some of its tests may not have run: No disk"),
        (suite('tests="3" skipped="1"', '<testcase name="a" time="1"/><testcase name="b"><skipped/></testcase>'),
         "declares 3 tests and holds 2"),
        (suite('tests="2" failures="-1"'), "declares -1 failures"),
        (suite('tests="2" failures="0" errors="0"',
               '<testcase name="a" time="1"/><testcase name="b" time="1"><failure/></testcase>'),
         "declares 0 failures and 0 errors, and 1 of its tests failed"),
        (suite().replace("<testsuites>", '<testsuites tests="7">'), "the report declares 7 tests and holds 2"),
        (suite().replace("<testsuites>", '<testsuites errors="1">'), "the report declares 1 errors"),
        (suite('tests="9"', '<testsuite name="i" tests="1"><testcase name="a" time="1"/></testsuite>'),
         "the suite 's' declares 9 tests and holds 1"),
    ],
)  # fmt: skip
def test_what_a_report_declares_must_be_in_it(text, says):
    assert says in result_from_text("junit.xml", text).fault
    assert verdict(text, "{metric: total/Failure Ratio, at_most: 60%}").outcome is FAIL


def test_a_case_in_no_suite_counts_and_has_a_path():
    text = """<testsuites><testcase name="t1" time="0.001"><failure/></testcase>
    <testsuite name="d" time="0.1" tests="1"><testcase name="t3" time="0.01"/></testsuite></testsuites>"""

    assert verdict(text, RATIO).outcome is FAIL
    assert verdict(text, RATIO).actual.value == Decimal("0.5")
    assert result_from_text("junit.xml", text).readings["t1/time"].value == Decimal("0.001")
    assert str(verdict(text, "{metric: total/time, below: 1s}").actual) == "0.101 s"


def test_a_report_without_any_suite_is_read():
    text = '<testsuites><testcase name="t1" time="0.1"/><testcase name="t2" time="0.2"/></testsuites>'

    assert verdict(text, RATIO).outcome is PASS
    assert verdict(text, "{metric: t2/time, below: 1s}").outcome is PASS


def test_cases_of_one_name_are_told_apart_by_their_class():
    """One suite holds every test of every file, as pytest writes it."""
    cases = """<testcase classname="tests.a" name="test_create" time="0.1"/>
    <testcase classname="tests.b" name="test_create" time="0.2"/>
    <testcase classname="tests.b" name="test_once" time="0.3"/>"""
    text = suite(cases=cases)

    assert str(verdict(text, "{metric: s/tests.b/test_create/time, below: 1s}").actual) == "0.2 s"
    assert str(verdict(text, "{metric: s/test_once/time, below: 1s}").actual) == "0.3 s"
    assert str(verdict(text, "{metric: s/tests.b/test_once/time, below: 1s}").actual) == "0.3 s"
    short = verdict(text, "{metric: s/test_create/time, below: 1s}")
    assert (short.outcome, short.reasons) == (
        FAIL,
        ("Several numbers have this name; name one of s/tests.a/test_create/time, s/tests.b/test_create/time.",),
    )


@pytest.mark.parametrize("classname", ["", 'classname="c"'])
def test_cases_that_nothing_tells_apart_are_not_judged(classname):
    cases = f'<testcase name="a" {classname} time="1"/><testcase name="a" {classname} time="9"/>'

    found = verdict(suite(cases=cases), "{metric: s/a/time, below: 2s}")

    assert found.outcome is FAIL
    assert "several suites or cases have this path" in found.reasons[0]
