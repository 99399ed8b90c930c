"""Scripts of Prometheus' own suite (`.test`) as test files: each `eval` is a test, nothing in a file stops it."""

from __future__ import annotations

import time
from pathlib import Path

from promrules.problem import Span
from promrules.prometheus_scripts.conformance import run_script
from promrules.rule_tests.verdicts import FileResult, TestError, TestResult


def run_script_file(path: str) -> FileResult:
    """Run one script on the embedded engine, configured as Prometheus' suite configures its own.

    Raises:
        OSError: the file cannot be read.
    """
    began = time.perf_counter()
    tests = []
    for outcome in run_script(Path(path).read_text(encoding="utf-8", errors="replace")):
        span = Span(path, outcome.line, 1, outcome.line, 1)
        failures = () if outcome.passed else (TestError(span, outcome.failure),)
        title = f"line {outcome.line}: {' '.join(outcome.expr.split())}"
        tests.append(TestResult(title, title, span, failures))
    return FileResult(path, tuple(tests), seconds=time.perf_counter() - began, is_script=True)
