"""Our own test scripts hold on the embedded engine in every way Prometheus' runner evaluates them, and on promtool."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path

import pytest

from places import PATIENCE
from promrules.prometheus_scripts.conformance import run_script
from promrules.prometheus_scripts.script import Clear, Eval, Load, read_script
from promrules.syntax.labels import format_labels

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.test"))
LONG_AFTER = 10_000_000


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script_holds_on_the_engine(path):
    """Every eval passes as written, pinned by @ at other times, and inside a range query."""
    outcomes = run_script(path.read_text())
    assert len(outcomes) > 10
    assert [f"{item.line}: {item.expr}: {item.failure}" for item in outcomes if not item.passed] == []


def sections(path: Path):
    """Yield the loads and evals between one ``clear`` and the next."""
    loads, evals = [], []
    for command in read_script(path.read_text()):
        if isinstance(command, Clear):
            yield loads, evals
            loads, evals = [], []
        elif isinstance(command, Load):
            loads.append(command)
        elif isinstance(command, Eval):
            evals.append(command)
    yield loads, evals


def expects_nan(command: Eval) -> bool:
    """Tell whether a value is NaN, which promtool's fuzzy comparison does not take for equal to itself."""
    return any(math.isnan(value) for item in command.series.values() for value in item.values)


def case(command: Eval) -> dict[str, object]:
    """Give an instant eval as promtool's ``promql_expr_test``."""
    if command.scalar is not None:
        samples = [{"labels": "{}", "value": command.scalar}]
    else:
        samples = [
            {"labels": format_labels(labels), "value": float(item.values[0])} for labels, item in command.series.items()
        ]
    return {"expr": command.expr, "eval_time": f"{command.start}ms", "exp_samples": samples}


def written_as_yaml(document: object) -> str:
    """Write YAML (as JSON, but for the floats JSON lacks)."""
    return json.dumps(document).replace(": NaN", ": .nan").replace(": Infinity", ": .inf")


@pytest.mark.promtool
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script_holds_on_current_promtool(path, promtool, tmp_path, request):
    """What a script expects of instant queries is what the current promtool gives."""
    if "system" in request.node.callspec.params.values():
        pytest.skip("ranges were closed on both sides before Prometheus 3")
    groups = []
    for loads, evals in sections(path):
        usable = [item for item in evals if item.end is None and not item.expects("fail") and not expects_nan(item)]
        assert len({item.gap for item in loads}) == 1, "one load interval per section, as promtool has"
        series = [
            text.partition("}") if "}" in text else text.partition(" ") for item in loads for _, text in item.series
        ]
        inputs = [{"series": (head + mark).strip(), "values": rest.strip()} for head, mark, rest in series]
        # promtool loads samples up to the last evaluation only; a late one lets @ look at them all.
        late = {"expr": "vector(1)", "eval_time": f"{LONG_AFTER}ms", "exp_samples": [{"labels": "{}", "value": 1}]}
        tests = [*map(case, usable), late]
        groups.append({"interval": f"{loads[0].gap}ms", "input_series": inputs, "promql_expr_test": tests})
    document = {"rule_files": [], "evaluation_interval": "1m", "fuzzy_compare": True, "tests": groups}
    (tmp_path / "script.yml").write_text(written_as_yaml(document))
    done = subprocess.run(
        [promtool, "test", "rules", "script.yml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
