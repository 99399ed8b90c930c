"""promtool's own test data: the same exit status, and the same verdict per test as the promtools here."""

from __future__ import annotations

import pytest

from promrules.rule_tests.promtool import find_promtools, run_promtool
from promrules.rule_tests.run import RunOptions, run_file

pytestmark = pytest.mark.shared


@pytest.fixture(scope="session")
def expected(shared):
    """Exit status per file."""
    rows = [line.split("\t") for line in (shared / "promtool" / "expected.tsv").read_text().splitlines()[1:]]
    return {str(shared / "promtool" / name): int(status) for name, status, _ in rows}


def test_exit_status(expected):
    """Every file passes or fails as it does in promtool's own suite."""
    found = {path: int(not run_file(path).passed) for path in expected}

    assert len(expected) >= 11
    assert found == expected


@pytest.mark.promtool
def test_verdict_per_test(expected, promtool):
    """Every single test of these files gets the verdict that a current promtool gives it."""
    (tool,) = find_promtools({"PROMRULES_PROMTOOL": str(promtool)})
    if not tool.has_junit:
        pytest.skip(f"{tool.name} does not report test by test")
    for path in expected:
        ours = run_file(path)
        verdict = run_promtool(tool, path)
        assert verdict.passed == ours.passed, path
        if ours.tests:
            told = [(title, not failures) for title, failures in verdict.tests]
            assert told == [(test.title, test.passed) for test in ours.tests], path


@pytest.mark.parametrize(
    ("run", "passes"),
    [(None, False), (("correct",), True), (("correct", "wrong"), False), (("^wrong",), False), (("nope",), True)],
)
def test_run_picks_tests(shared, run, passes):
    """`--run` on promtool's own example of it."""
    path = str(shared / "promtool" / "rules_run.yml")

    assert run_file(path, RunOptions(run=run)).passed == passes


def test_unknown_fields_of_rule_files(shared):
    """`--ignore-unknown-fields` on promtool's own example of it."""
    path = str(shared / "promtool" / "rules_run_extrafields.yml")

    assert run_file(path).problems
    assert run_file(path, RunOptions(ignore_unknown_fields=True)).passed
