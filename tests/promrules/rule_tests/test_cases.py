"""The semantics of `promtool test rules`, case by case, on the embedded engine and on promtool itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from places import PATIENCE
from promrules.rule_tests.promtool import find_promtools, run_promtool
from promrules.rule_tests.promtool_messages import promtool_text
from promrules.rule_tests.promtool_program import UNRELEASED, Promtool
from promrules.rule_tests.run import RunOptions, run_file

CASES = {case["name"]: case for case in yaml.safe_load((Path(__file__).parent / "cases.yml").read_text())}


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request, tmp_path):
    """A case with its two files written."""
    found = request.param
    groups = found.get("groups") or [{"name": "g", "rules": found.get("rules", [])}]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": groups}, sort_keys=False))
    file = {"rule_files": ["rules.yml"], **found.get("file", {}), "tests": [{"interval": "1m", **found["test"]}]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(file, sort_keys=False))
    return found, str(tmp_path / "test.yml")


@pytest.mark.parametrize("step_by_step", [False, True])
def test_embedded(case, step_by_step):
    """The embedded engine says what promtool says, in columns and step by step."""
    found, path = case

    result = run_file(path, RunOptions(step_by_step=step_by_step))

    texts = [promtool_text(failure, test.name) for test in result.tests for failure in test.failures]
    assert not result.problems
    assert result.passed == (found.get("verdict") != "fails"), texts
    assert found.get("says", "") in "\n".join(texts)


@pytest.mark.promtool
def test_promtool(case, promtool):
    """The case is right: promtool says so, too."""
    found, path = case
    (tool,) = find_promtools({"PROMRULES_PROMTOOL": str(promtool)})
    if tool.version < tuple(found.get("since", (0, 0, 0))):
        pytest.skip(f"{tool.name} is older than this")

    done = subprocess.run(
        [promtool, "test", "rules", path], capture_output=True, text=True, check=False, timeout=PATIENCE
    )

    assert (done.returncode == 0) == (found.get("verdict") != "fails"), done.stderr
    if tool.version >= (3, 0, 0):
        assert found.get("says", "") in done.stderr


def test_a_promtool_without_a_version_is_taken_for_new():
    """An unknown build is believed to know all options and the semantics of 3.x."""
    tool = Promtool("promtool", UNRELEASED)

    assert (tool.has_junit, tool.compat, tool.name) == (True, 3, "promtool unreleased (promtool)")


@pytest.mark.promtool
def test_promtool_verdicts_come_test_by_test(tmp_path, promtool):
    """A current promtool's report tells which test failed, an old one's only that one did."""
    tests = [
        {
            "name": name,
            "promql_expr_test": [
                {"expr": "vector(1)", "eval_time": 0, "exp_samples": [{"labels": "{}", "value": value}]}
            ],
        }
        for name, value in (("good", 1), ("bad", 2))
    ]
    path = tmp_path / "test.yml"
    path.write_text(yaml.safe_dump({"tests": tests}))
    (tool,) = find_promtools({"PROMRULES_PROMTOOL": str(promtool)})

    verdict = run_promtool(tool, str(path))

    assert not verdict.passed
    if tool.has_junit:
        assert [(title, bool(failures)) for title, failures in verdict.tests] == [("good", False), ("bad", True)]
    else:
        assert verdict.tests is None
