"""Test files through an engine, in this process or in several, and their results in order."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, cast

from promrules.rule_tests.run import RuleCache, RunOptions, run_file
from promrules.workers import LostWorkerError, processors, workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from promrules.rule_tests.promtool_program import Promtool
    from promrules.rule_tests.verdicts import FileResult

_SECONDS_ALONE = 1.0
"""Starting processes costs a third of a second each, so the first second of work stays in this one."""
BESIDE = "promrules.rule_tests.promtool_comparison"
"""What runs promtool …"""
SCRIPTS = "promrules.rule_tests.script_files"
"""… and what runs scripts; loaded only when asked for, to keep the start of a single small test short."""
_LOST = "a process was killed, perhaps for want of memory; what is left runs in one process"
SCRIPT = ".test"
"""How the name of a script of Prometheus' own suite ends."""


class Engine(StrEnum):
    """Which engine evaluates the tests."""

    EMBEDDED = "embedded"
    PROMTOOL = "promtool"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Job:
    """How files are to be run; travels to other processes."""

    engine: Engine
    options: RunOptions
    promtools: tuple[Promtool, ...] = ()


def run_job(path: str, job: Job, cache: RuleCache | None = None) -> FileResult:
    """Run one file; scripts of Prometheus' own suite always run on the embedded engine.

    Raises:
        OSError: the file cannot be read, or promtool does not start.
    """
    if path.endswith(SCRIPT):
        return cast("FileResult", import_module(SCRIPTS).run_script_file(path))
    if job.engine is Engine.EMBEDDED:
        return run_file(path, job.options, cache)
    beside = import_module(BESIDE)
    if job.engine is Engine.PROMTOOL:
        return cast("FileResult", beside.run_on_promtool(path, job.promtools[0], job.options))
    return cast("FileResult", beside.run_on_both(path, job.promtools, job.options, cache))


def run_files(
    paths: Sequence[str], job: Job, jobs: int = 0, told: Callable[[str], object] = lambda _: None
) -> Iterator[FileResult | OSError]:
    """Run files and give their results in order, as they come; an OSError stands for a file that cannot be run.

    Args:
        paths: the files.
        job: how to run them.
        jobs: how many processes may work; 0: as many as there are processors, where that pays.
        told: is called with a sentence where something went wrong that does not change the results.
    """
    cache = RuleCache()
    began = time.perf_counter()
    count = jobs or processors()
    at = 0
    while at < len(paths) and (count == 1 or at == len(paths) - 1 or time.perf_counter() - began < _SECONDS_ALONE):
        yield _tried(paths[at], job, cache)
        at += 1
    try:
        for result in _run_apart(paths[at:], job, count):
            at += 1
            yield result
    except LostWorkerError:
        told(_LOST)
        for path in paths[at:]:
            yield _tried(path, job, cache)


def _run_apart(paths: Sequence[str], job: Job, count: int) -> Iterator[FileResult | OSError]:
    """Run files in processes of their own; spawned, not forked: numpy's threads do not survive a fork."""
    if paths:
        with workers(partial(_tried, job=job), paths, count, "spawn") as results:
            yield from results


def _tried(path: str, job: Job, cache: RuleCache | None = None) -> FileResult | OSError:
    try:
        return run_job(path, job, cache)
    except OSError as error:
        return error
