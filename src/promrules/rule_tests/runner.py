"""Named files to printed reports and an exit code: all of `promrules test` but its command line."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import re2

from promrules.rule_tests.engine_choice import BESIDE, SCRIPT, Engine, Job, run_files
from promrules.rule_tests.junit import junit_xml
from promrules.rule_tests.promtool_program import ENVIRONMENT
from promrules.rule_tests.report import Style, file_report, summary
from promrules.rule_tests.run import RunOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from promrules.rule_tests.promtool_program import Promtool
    from promrules.rule_tests.verdicts import FileResult

_ENDINGS = (".yml", ".yaml", SCRIPT)
CANNOT = 2
"""Exit code when the command could not be carried out."""


class UsageError(Exception):
    """The command cannot be carried out; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Request:
    """All that a run of tests is asked.

    Attributes:
        files: files and folders.
        engine: what evaluates the rules.
        options: how tests are run.
        style: how results are drawn.
        jobs: processes, 0 for as many as pay.
        junit: file for a JUnit report.
        quiet: print files that failed only.
        program: whose name complaints begin with.
        variable: environment variable that names the promtools to use, joined by the path separator.
    """

    files: tuple[str, ...] = ()
    engine: Engine = Engine.EMBEDDED
    options: RunOptions = field(default_factory=RunOptions)
    style: Style = field(default_factory=Style)
    jobs: int = 0
    junit: str | None = None
    quiet: bool = False
    program: str = "promrules"
    variable: str = ENVIRONMENT


def run_plain(files: Sequence[str], program: str = "promrules") -> int:
    """Run test files as `promrules test FILES…` without any option does; give the exit code."""
    color = not os.environ.get("NO_COLOR") and sys.stdout.isatty()
    return run_tests(Request(tuple(files), style=Style(color=color), program=program))


def run_tests(request: Request) -> int:
    """Run test files and print what came of them; give the exit code: 0 passed, 1 failed, 2 not carried out."""
    try:
        job = Job(request.engine, request.options, _promtools(request))
        _check_patterns(request.options.run)
        paths = list(find_files(request.files))
    except UsageError as error:
        sys.stderr.write(f"{request.program}: {error}\n")
        return CANNOT
    results: list[FileResult] = []
    unreadable = False

    def tell(sentence: str) -> None:
        sys.stderr.write(f"{request.program}: {sentence}\n")

    for path, result in zip(paths, run_files(paths, job, request.jobs, tell), strict=True):
        if isinstance(result, OSError):
            unreadable = True
            sys.stderr.write(f"{request.program}: {path}: {result.strerror or result}\n")
            continue
        results.append(result)
        if not request.quiet or not result.passed:
            sys.stdout.write(file_report(result, request.style) + "\n")
            sys.stdout.flush()
    if not request.quiet and len(results) > 1:
        sys.stdout.write(summary(results, request.style) + "\n")
    if request.junit is not None:
        Path(request.junit).write_text(junit_xml(results), encoding="utf-8")
    if unreadable:
        return CANNOT
    return 0 if all(result.passed for result in results) else 1


def _promtools(request: Request) -> tuple[Promtool, ...]:
    if request.engine is Engine.EMBEDDED:
        return ()
    found: tuple[Promtool, ...] = import_module(BESIDE).chosen_promtools(request.variable)
    if not found:
        raise UsageError(f"no promtool on the PATH or in build/; set {request.variable}, or use --engine embedded")
    return found


def find_files(named: Sequence[str]) -> Iterator[str]:
    """Give the test files that arguments name: files as they are, folders with all below them.

    Raises:
        UsageError: an argument is no file, or a folder holds no test files.
    """
    for name in named:
        path = Path(name)
        if not path.is_dir():
            if not path.exists():
                raise UsageError(f"{name}: no such file or folder")
            yield name
            continue
        below = sorted(str(found) for found in path.rglob("*") if found.suffix in _ENDINGS and found.is_file())
        if not below:
            raise UsageError(f"{name}: no test files ({', '.join(f'*{ending}' for ending in _ENDINGS)}) in this folder")
        yield from below


def _check_patterns(patterns: Sequence[str] | None) -> None:
    """Refuse a `--run` that is no RE2 expression.

    Raises:
        UsageError: RE2 does not take it.
    """
    quiet = re2.Options()
    quiet.log_errors = False
    for pattern in patterns or ():
        try:
            re2.compile(pattern, quiet)
        except re2.error as error:
            reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
            raise UsageError(f"--run {pattern}: {reason}") from None
