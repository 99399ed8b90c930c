"""Test files through one engine or several: the embedded one, promtool, or both with any difference a failure."""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing import get_context
from typing import TYPE_CHECKING

from burnproof.diagnostics import Problem, Span
from burnproof.ruletest.promtool import Promtool, PromtoolVerdict, run_promtool
from burnproof.ruletest.run import RuleCache, RunOptions, run_file
from burnproof.ruletest.verdicts import FileResult, TestError, TestResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SECONDS_ALONE = 1.0
"""Starting processes costs a third of a second each, so the first second of work stays in this one."""


class Engine(StrEnum):
    """Which engine evaluates the tests."""

    EMBEDDED = "embedded"
    PROMTOOL = "promtool"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Job:
    """How one file is to be run; travels to other processes."""

    engine: Engine
    options: RunOptions
    promtools: tuple[Promtool, ...] = ()


def run_job(path: str, job: Job, cache: RuleCache | None = None) -> FileResult:
    """Run one file.

    Raises:
        OSError: the file cannot be read, or promtool does not start.
    """
    if job.engine is Engine.EMBEDDED:
        return run_file(path, job.options, cache)
    if job.engine is Engine.PROMTOOL:
        return _on_promtool(path, job.promtools[0], job.options)
    result = run_file(path, job.options, cache)
    notes = [note for tool in job.promtools for note in _differences(path, tool, job.options, result)]
    return replace(result, notes=tuple(notes))


def run_files(paths: Sequence[str], job: Job, jobs: int = 0) -> Iterator[FileResult | OSError]:
    """Run files and give their results in order, as they come; an OSError stands for a file that cannot be run.

    Args:
        paths: the files.
        job: how to run them.
        jobs: how many processes may work; 0 as many as there are processors, where that pays.
    """
    cache = RuleCache()
    began = time.perf_counter()
    count = jobs or _processors()
    rest = list(paths)
    while rest and (count == 1 or len(rest) == 1 or time.perf_counter() - began < _SECONDS_ALONE):
        yield _caught(lambda path=rest.pop(0): run_job(path, job, cache))
    if rest:
        # spawned, not forked: numpy's threads do not survive a fork
        with ProcessPoolExecutor(min(count, len(rest)), mp_context=get_context("spawn")) as pool:
            for future in [pool.submit(run_job, path, job) for path in rest]:
                yield _caught(future.result)


def _processors() -> int:

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _caught(call: Callable[[], FileResult]) -> FileResult | OSError:
    try:
        return call()
    except OSError as error:
        return error


def _verdict(path: str, tool: Promtool, options: RunOptions) -> PromtoolVerdict:
    return run_promtool(tool, path, options.run, ignore_unknown_fields=options.ignore_unknown_fields)


def _on_promtool(path: str, tool: Promtool, options: RunOptions) -> FileResult:
    began = time.perf_counter()
    with open(path, "rb"):  # promtool's exit status does not tell a missing file from a failed test
        verdict = _verdict(path, tool, options)
    seconds = time.perf_counter() - began
    whole = Span(path, 1, 1, 1, 1)
    tests = tuple(
        TestResult(title, title, whole, tuple(TestError(whole, failure.strip()) for failure in failures))
        for title, failures in verdict.tests or ()
    )
    problems: tuple[Problem, ...] = ()
    if not verdict.passed and all(test.passed for test in tests):
        problems = (Problem("promtool", verdict.output or "promtool failed", None),)
    return FileResult(path, tests, problems, seconds=seconds)


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
