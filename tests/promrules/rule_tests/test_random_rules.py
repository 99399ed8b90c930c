"""Random rule files: columns equal steps, and both equal promtool."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from probes import as_test, read_out
from random_rules import samples

from places import PATIENCE, examples
from promrules.rule_tests.run import RunOptions

EXAMPLES = int(os.environ.get("BURNPROOF_RANDOM_RULES", examples(40)))
"""How many random files are tried on each engine; set the variable to try more."""
ANYTHING_GOES = settings(
    max_examples=EXAMPLES,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking runs promtool for minutes and helps little
    suppress_health_check=list(HealthCheck),
)


@ANYTHING_GOES
@given(samples())
def test_columns_equal_steps(sample):
    """Evaluating whole columns changes nothing: not a sample, not an alert, not an error."""
    with tempfile.TemporaryDirectory() as name:
        columns = read_out(Path(name), sample, RunOptions())
        steps = read_out(Path(name), sample, RunOptions(step_by_step=True))

    assert columns.comparable() == steps.comparable(), sample


@pytest.mark.promtool
def test_promtool_agrees(promtool):
    """All that the embedded engine records, fires and refuses, promtool does as well."""
    compat = 3 if promtool.parent.name == "build" else 2

    @ANYTHING_GOES
    @given(samples())
    def agree(sample):
        if compat == 2 and (
            "query_offset" in sample.rules_text()
            or "now" in sample.rules_text()
            or "start_timestamp" in sample.test_text()
        ):
            return  # newer than this promtool
        if compat == 2 and "labels:\n    team" in sample.rules_text():
            return  # so are labels of groups
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            reading = read_out(folder, sample, RunOptions(compat=compat))
            (folder / "test.yml").write_text(as_test(sample, reading))
            done = subprocess.run(
                [promtool, "test", "rules", "test.yml"],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE,
            )
        told = (sample.rules_text(), as_test(sample, reading), done.stderr)
        if not reading.rule_errors:
            assert done.returncode == 0, "\n".join(told)
            return
        said = [line.strip() for line in done.stderr.splitlines() if line.strip().startswith("rule: ")]
        if compat == 2:  # some messages were worded differently then
            assert [text.split(", err:")[0] for text in said] == [
                text.split(", err:")[0] for text in reading.rule_errors
            ]
        else:
            assert said == reading.rule_errors, "\n".join(told)

    agree()
