"""CI recipes: `make gate` and the workflow pass on a sound target, fail on a faulty one, and keep the results."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess

import pytest
import yaml

from demotarget import QUIET, demo
from places import PATIENCE, ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "gate.yaml"
KEPT = {"run.json", "run.md", "gate.md", "gate.json"}
SHORT = "--duration 4s --users 16"  # some 150 sessions: a p99 needs 100
PATIENT = {"SLO_FIRST_BYTE_P95_MS": "60000", "SLO_MSG_THROUGHPUT_MIN": "0.001", "SLO_COMPLETION_P99_S": "600"}
"""Bounds for the environment that a busy machine keeps."""
pytestmark = [
    pytest.mark.skipif(shutil.which("make") is None or shutil.which("bash") is None, reason="no make or no bash"),
    pytest.mark.skipif(
        importlib.util.find_spec("locust") is None, reason="locust is not installed: pip install '.[load]'"
    ),
    pytest.mark.skipif(not (ROOT / ".venv/bin/burnproof").exists(), reason="no .venv: `make setup` creates it"),
]


def steps():
    return yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["gate"]["steps"]


def played(results, **variables):
    """Run the workflow's own commands as a runner does: after a failure only what says ``if: always()``."""
    summary = results / "summary.md"
    own = {"RESULTS": str(results / "gate"), "LOAD": SHORT, "GITHUB_STEP_SUMMARY": str(summary), "NO_COLOR": "1"}
    code, said = 0, ""
    for step in steps():
        if step.get("run", "make setup") == "make setup" or (code and step.get("if") != "always()"):
            continue
        command = step["run"].replace("build/gate", str(results / "gate")).replace("make gate", "make READY= gate")
        done = subprocess.run(["bash", "-e", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE,
                              check=False, env={**os.environ, **own, **variables})  # fmt: skip
        code, said = code or done.returncode, said + done.stdout + done.stderr
    assert "Traceback" not in said
    return code, said, summary.read_text() if summary.exists() else ""


def test_a_sound_target_passes_and_its_verdict_is_in_the_summary(tmp_path):
    """Without TARGET the demo is started, loaded, and stopped; too slow a machine is told, and is no pass."""
    code, said, summary = played(tmp_path, **PATIENT)
    results = tmp_path / "gate"
    run = json.loads((results / "run.json").read_text())
    judged = run["load_generator"]["trusted"] and run["results"]["completed_debates"] >= 100

    assert (code == 0) is judged, said
    assert judged or "does not trust its figures" in said or "samples" in said
    assert {path.name for path in results.iterdir()} == {*KEPT, "demo.log"}
    assert summary.startswith("## SLO gate: ")
    assert "# streaming_ci" in summary
    assert (json.loads((results / "gate.json").read_text())["outcome"] != "FAIL") is judged


@pytest.mark.slow
def test_injected_errors_fail_for_that_reason_and_the_results_are_kept(tmp_path):
    with demo(*QUIET) as target:
        target.faults(path="/ws", errors="40%")
        code, said, summary = played(tmp_path, TARGET=target.url)

    assert code == 2  # make's own code for a target that failed
    assert "[FAIL] streaming/success-rate" in said
    assert "Error 1" in said
    assert {path.name for path in (tmp_path / "gate").iterdir()} == KEPT
    assert summary.startswith("## SLO gate: FAIL")


def test_a_target_that_is_not_there_leaves_no_verdict_of_an_earlier_run(tmp_path):
    (tmp_path / "gate").mkdir()
    (tmp_path / "gate" / "gate.md").write_text("## SLO gate: PASS")

    code, said, summary = played(tmp_path, TARGET="http://127.0.0.1:1")

    assert code == 2
    assert "nothing answers at http://127.0.0.1:1" in said
    assert "There is no verdict." in summary
    assert "PASS" not in summary


def test_the_workflow_keeps_the_results_of_a_failed_gate():
    """An upload without ``if: always()`` is skipped exactly when the results are wanted."""
    document = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    upload = next(step for step in steps() if step.get("uses", "").startswith("actions/upload-artifact"))

    assert "pull_request" in document[True]  # YAML 1.1 reads the key `on` as true
    assert document["permissions"] == {"contents": "read"}
    assert (upload["if"], upload["with"]["path"]) == ("always()", "build/gate/")
    assert [step["run"] for step in steps() if "run" in step][:2] == ["make setup", "make gate"]
