"""Test files on promtool, alone or beside the embedded engine, where any difference is a failure."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from promrules.problem import Problem, Span
from promrules.rule_tests.promtool import PromtoolVerdict, find_promtools, run_promtool
from promrules.rule_tests.promtool_program import ENVIRONMENT, Promtool
from promrules.rule_tests.run import RuleCache, RunOptions, run_file
from promrules.rule_tests.verdicts import FileResult, TestError, TestResult

if TYPE_CHECKING:
    from collections.abc import Iterator


def chosen_promtools(variable: str = ENVIRONMENT) -> tuple[Promtool, ...]:
    """Give the promtools to use: all that an environment variable names, else the newest that is found."""
    found = find_promtools(variable=variable)
    if not found or os.environ.get(variable):
        return tuple(found)
    return (max(found, key=lambda tool: tool.version),)


def run_on_promtool(path: str, tool: Promtool, options: RunOptions) -> FileResult:
    """Run one file on a promtool.

    Raises:
        OSError: the file cannot be read, or promtool does not start.
    """
    began = time.perf_counter()
    with Path(path).open("rb"):  # promtool's exit status does not tell a missing file from a failed test
        verdict = _verdict(path, tool, options)
    whole = Span(path, 1, 1, 1, 1)
    tests = tuple(
        TestResult(title, title, whole, tuple(TestError(whole, failure.strip()) for failure in failures))
        for title, failures in verdict.tests or ()
    )
    problems: tuple[Problem, ...] = ()
    if not verdict.passed and all(test.passed for test in tests):
        problems = (Problem("promtool", verdict.output or "promtool failed", None),)
    return FileResult(path, tests, problems, seconds=time.perf_counter() - began)


def run_on_both(path: str, tools: tuple[Promtool, ...], options: RunOptions, cache: RuleCache | None) -> FileResult:
    """Run one file on the embedded engine and on promtools, and note every difference.

    Raises:
        OSError: the file cannot be read, or promtool does not start.
    """
    result = run_file(path, options, cache)
    notes = [note for tool in tools for note in _differences(path, tool, options, result)]
    return replace(result, notes=tuple(notes))


def _verdict(path: str, tool: Promtool, options: RunOptions) -> PromtoolVerdict:
    return run_promtool(tool, path, options.run, ignore_unknown_fields=options.ignore_unknown_fields)


def _differences(path: str, tool: Promtool, options: RunOptions, ours: FileResult) -> Iterator[str]:
    """Give a sentence for every test on which a promtool and the embedded engine disagree."""
    if tool.compat != options.compat:
        ours = run_file(path, replace(options, compat=tool.compat))
    verdict = _verdict(path, tool, options)
    said = {True: "passes", False: "fails"}
    if verdict.tests is None or len(verdict.tests) != len(ours.tests):
        if verdict.passed != ours.passed:
            yield f"{said[ours.passed]} on the embedded engine, {said[verdict.passed]} on {tool.name}: {verdict.output}"
        return
    for test, (title, failures) in zip(ours.tests, verdict.tests, strict=True):
        if test.passed == bool(failures):
            reason = "".join(f"\n{failure}" for failure in failures)
            yield f"{title} {said[test.passed]} on the embedded engine, {said[not failures]} on {tool.name}{reason}"
