"""Rule tests as values: a spec's SLO, input series, and which alerts fire when; run on every engine there is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from burnproof.compile.plan import make_plan
from burnproof.output.render import render
from burnproof.specs.resolve import read_slos, slos_from_text
from promrules.rule_tests.promtool import find_promtools, run_promtool
from promrules.rule_tests.promtool_program import Promtool
from promrules.rule_tests.run import RunOptions, run_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _pytest.mark import ParameterSet

    from burnproof.model.slo import Slo

REPO = Path(__file__).parents[2]
EMBEDDED = "embedded"

Sample = tuple[str, float]
"""What an expression gives: labels in promtool's notation, value."""


@dataclass(frozen=True)
class Case:
    """One rule test.

    Attributes:
        name: the trap or number it shows, then what it shows.
        slo: which SLO of the spec is compiled; the others' rules stay out.
        series: series -> values, in promtool's notation, `interval` apart.
        firing: time -> the tiers that fire at it, "NoData" for the no-data alert, "" for none.
        values: (time, expression) -> samples.
        spec: the spec's text; CA3's file where empty.
        evaluation: how often the rules run.
    """

    name: str
    slo: str
    series: Mapping[str, str]
    firing: Mapping[str, str] | None = None
    values: Mapping[tuple[str, str], tuple[Sample, ...]] | None = None
    spec: str = ""
    interval: str = "1m"
    evaluation: str = "1m"


@lru_cache(maxsize=32)
def load(spec: str = "") -> tuple[Slo, ...]:
    """Read a spec, CA3's where none is given; it must be without errors."""
    loaded = slos_from_text("spec.yaml", spec) if spec else read_slos([REPO / "slos" / "processor.yaml"])
    assert loaded.ok, loaded.problems
    return loaded.slos


def pick(name: str, spec: str = "") -> Slo:
    """Give one SLO of a spec."""
    return next(slo for slo in load(spec) if slo.name == name)


@lru_cache(maxsize=32)
def rules_of(name: str, spec: str = "") -> str:
    """Compile one SLO to the text of its rule file."""
    slo = pick(name, spec)
    return render(make_plan([slo], proofs=False), {}, None, ("rules",))[f"rules/{slo.service}.yaml"]


def text_of(case: Case, groups: list[str]) -> str:
    """Lay a case out as a promtool unit-test file beside `rules.yaml`."""
    slo = pick(case.slo, case.spec)
    checks = [
        {
            "expr": f'count by (alertname, slo_tier) (ALERTS{{alertstate="firing",slo_id="{slo.id}"}})',
            "eval_time": at,
            "exp_samples": [{"labels": _alert(slo, tier), "value": 1} for tier in tiers.split()],
        }
        for at, tiers in (case.firing or {}).items()
    ]
    checks += [
        {
            "expr": expr,
            "eval_time": at,
            "exp_samples": [{"labels": labels, "value": value} for labels, value in samples],
        }
        for (at, expr), samples in (case.values or {}).items()
    ]
    document = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": case.evaluation,
        "group_eval_order": groups,
        "tests": [
            {
                "name": case.name,
                "interval": case.interval,
                "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
                "promql_expr_test": checks,
            }
        ],
    }
    return yaml.safe_dump(document, sort_keys=False)


def _alert(slo: Slo, tier: str) -> str:
    if tier == "NoData":
        return f'{{alertname="{slo.alert_name.removesuffix("BurnRateHigh")}NoData"}}'
    return f'{{alertname="{slo.alert_name}",slo_tier="{tier}"}}'


def counter(*stretches: tuple[float, int]) -> str:
    """Write a counter that starts at 0 and grows by so much for so many intervals, stretch after stretch."""
    level, items = 0.0, ["0"]
    for growth, count in stretches:
        items.append(f"{level + growth!r}+{growth!r}x{count - 1}")
        level += growth * count
    return " ".join(items)


def engines() -> list[ParameterSet]:
    """List the engines to judge by, as pytest parameters; without any promtool one of them is skipped by name."""
    tools = [
        pytest.param(tool, id=f"promtool-{_version(tool)}", marks=pytest.mark.promtool)
        for tool in find_promtools(start=REPO)
    ]
    missing = pytest.param(None, id="promtool", marks=pytest.mark.skip(reason="no promtool on the PATH or in build/"))
    return [pytest.param(EMBEDDED, id=EMBEDDED), *(tools or [missing])]


def on_engine(engine: ParameterSet, *values: object, id: str = "") -> ParameterSet:  # noqa: A002 - pytest's word
    """Give an engine together with other arguments, where a sample is to be taken of both."""
    name = id or "-".join(map(str, values))
    return pytest.param(*engine.values, *values, id=f"{name}-{engine.id}", marks=engine.marks)


def _version(tool: Promtool) -> str:
    return ".".join(map(str, tool.version)) if any(tool.version) else "current"


def run(case: Case, engine: str | Promtool, folder: Path) -> None:
    """Run a case on one engine, and fail with what the engine says."""
    rules = rules_of(case.slo, case.spec)
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    groups = [group["name"] for group in yaml.safe_load(rules)["groups"]]
    path = folder / "case.yaml"
    path.write_text(text_of(case, groups), encoding="utf-8")
    judge(path, engine)


def judge(path: Path, engine: str | Promtool) -> None:
    """Run a test file on one engine, the embedded one with both semantics, and fail with what the engine says."""
    if isinstance(engine, Promtool):
        verdict = run_promtool(engine, str(path))
        assert verdict.passed, verdict.output
    else:
        for compat in (3, 2):
            result = run_file(str(path), RunOptions(compat=compat))
            assert not result.problems, result.problems
            failures = [failure for test in result.tests for failure in test.failures]
            assert not failures, f"semantics of Prometheus {compat}: {failures}"
