"""Run ``burnproof test``: rule tests, the generated ones if none are named."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promrules.report_forms import Form
from promrules.rule_tests.command import (
    Compat,
    Delayed,
    Diff,
    Ignore,
    Jobs,
    Junit,
    NoColor,
    Quiet,
    Run,
    Verbose,
    What,
    colored,
)
from promrules.rule_tests.engine_choice import Engine
from promrules.rule_tests.report import Style
from promrules.rule_tests.run import RunOptions
from promrules.rule_tests.runner import CANNOT, Request, run_plain, run_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "burnproof"
PROMTOOLS = "BURNPROOF_PROMTOOL"
"""Environment variable that names the promtools to compare with."""
FOLDER = "generated/tests"
"""Where test files are looked for when none are named."""
_MISSING = f"{FOLDER}: no such file or folder; run `burnproof generate` first, or name test files"

Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILES", help=f"Rule-test files or folders of them.  [default: {FOLDER}]"),
]


def run_command(
    files: Files = None,
    engine: What = Engine.EMBEDDED,
    run: Run = None,
    diff: Diff = False,
    junit: Junit = None,
    ignore_unknown_fields: Ignore = False,
    jobs: Jobs = 0,
    compat: Compat = 3,
    delayed_name_removal: Delayed = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Say which parts of the rules no test exercises.")
    ] = False,
    form: Annotated[Form, typer.Option("--format", help="How to write coverage.")] = Form.TEXT,
    at_least: Annotated[
        float, typer.Option(metavar="PERCENT", min=0, max=100, help="Fail where coverage is lower.")
    ] = 0.0,
    no_color: NoColor = False,
) -> int:
    """Run rule-test files, in the format of `promtool test rules`, and scripts of Prometheus' own suite.

    With --coverage it measures instead what they exercise: rules, sides of `or` and `and`, comparisons, windows.
    """
    options = RunOptions(compat, delayed_name_removal, ignore_unknown_fields, tuple(run) if run else None)
    style = Style(color=colored(no_color=no_color), diff=diff, verbose=verbose)
    named = _named(files)
    if named is None:
        return CANNOT
    if coverage:
        module = import_module("burnproof.cli.coverage")  # the engine is loaded by it, and not by `test --help`
        return int(module.covered(named, options, form, at_least / 100, jobs))
    return run_tests(Request(named, engine, options, style, jobs, junit, quiet, PROGRAM, PROMTOOLS))


test_command = run_command
"""The name the command has; a function of that name would look like a test to pytest and to linters."""


def run_files(files: Sequence[str]) -> int:
    """Run test files as `burnproof test FILES…` without any option does; give the exit code."""
    named = _named(files)
    return CANNOT if named is None else run_plain(named, PROGRAM)


def _named(files: Sequence[str] | None) -> tuple[str, ...] | None:
    """Give what to run: the files named, or the folder of those that were generated; None where that is missing."""
    if files:
        return tuple(files)
    if not Path(FOLDER).exists():
        sys.stderr.write(f"{PROGRAM}: {_MISSING}\n")
        return None
    return (FOLDER,)
