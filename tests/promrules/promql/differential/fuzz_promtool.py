"""Expressions over data in, what a promtool makes of them out, read from its report of failed rule tests."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from places import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from fuzz_storage import Data

ENTRY = re.compile(
    r"^    expr: (\"(?:[^\"\\]|\\.)*\"), time: ([^\n]*?), *(?:err: (.*)|\n        exp: .*\n        got: (.*))$",
    re.MULTILINE,
)
SAMPLE = re.compile(r"(\{(?:[^\"{}]|\"(?:[^\"\\]|\\.)*\")*\}) (\{\{.*?\}\}|[^ ,]+)(?:, |$)")
NEVER = '{__name__="never"}'
"""A sample no expression yields, so that promtool reports what it got instead."""


@dataclass(frozen=True)
class Question:
    """One expression, evaluated at ``at`` seconds."""

    expr: str
    at: int


@dataclass(frozen=True)
class Answer:
    """What became of it: samples as pairs of label set and value (both as printed), or an error."""

    samples: tuple[tuple[str, str], ...] = ()
    error: str | None = None


def unit_test(data: Data, questions: list[Question]) -> str:
    """Give a promtool unit-test file (JSON, which is YAML) that asks all questions."""
    # The last question is asked after the last sample, which makes all of them visible to the others.
    horizon = Question("vector(1)", 60 * ((data.end + 3600) // 60))
    cases = [
        {"expr": item.expr, "eval_time": f"{item.at}s", "exp_samples": [{"labels": NEVER, "value": 1}]}
        for item in [*questions, horizon]
    ]
    series = [line.split("} ", 1) for line in data.lines()]
    group = {
        "interval": f"{data.interval}s",
        "input_series": [{"series": head + "}", "values": tail} for head, tail in series],
        "promql_expr_test": cases,
    }
    return json.dumps({"evaluation_interval": "1m", "tests": [group]}, indent=1)


def ask(promtool: str, folder: Path, data: Data, questions: list[Question]) -> list[Answer]:
    """Run promtool once and give its answer to each question."""
    file = folder / "fuzz.yaml"
    file.write_text(unit_test(data, questions), encoding="utf-8")
    run = subprocess.run(
        [promtool, "test", "rules", str(file)], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    found = [(json.loads(match[1].replace("\\x", "\\u00")), match[3], match[4]) for match in ENTRY.finditer(run.stderr)]
    if [expr for expr, _, _ in found] != [item.expr for item in questions] + ["vector(1)"]:
        raise AssertionError(f"promtool did not answer every question:\n{run.stdout}\n{run.stderr}")
    return [_answer(error, got) for _, error, got in found[:-1]]


def _answer(error: str | None, got: str | None) -> Answer:
    if error is not None:
        return Answer(error=error)
    pairs = () if got in (None, "nil") else tuple((match[1], match[2]) for match in SAMPLE.finditer(got))
    return Answer(tuple(sorted(pairs)))
