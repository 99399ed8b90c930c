"""`promrules test`: the arguments of the command line, each with its help."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from promrules.rule_tests.engine_choice import Engine
from promrules.rule_tests.report import Style
from promrules.rule_tests.run import RunOptions
from promrules.rule_tests.runner import Request, run_tests

Files = Annotated[list[str], typer.Argument(metavar="FILES...", help="Rule-test files or folders of them.")]
What = Annotated[Engine, typer.Option("--engine", help="What evaluates; both: any difference fails.")]
Run = Annotated[
    list[str] | None, typer.Option("--run", metavar="REGEX", help="Only tests whose name matches (repeatable).")
]
Diff = Annotated[bool, typer.Option("--diff", help="Show alerts as a difference, line by line.")]
Junit = Annotated[str | None, typer.Option("--junit", metavar="FILE", help="Also write a JUnit report.")]
Ignore = Annotated[bool, typer.Option("--ignore-unknown-fields", help="Skip unknown fields of rule files.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes; 0: as many as pay.")]
Compat = Annotated[int, typer.Option("--compat", min=2, max=3, help="Semantics of Prometheus 3.x or 2.x.")]
Delayed = Annotated[
    bool, typer.Option("--delayed-name-removal", help="As Prometheus' feature promql-delayed-name-removal.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Name every test, and every failing eval.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print files that failed only.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")]


def run_command(
    files: Files,
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
    no_color: NoColor = False,
) -> int:
    """Run rule-test files, in the format of `promtool test rules`, and scripts of Prometheus' own suite."""
    options = RunOptions(compat, delayed_name_removal, ignore_unknown_fields, tuple(run) if run else None)
    style = Style(color=colored(no_color=no_color), diff=diff, verbose=verbose)
    return run_tests(Request(tuple(files), engine, options, style, jobs, junit, quiet))


def colored(*, no_color: bool) -> bool:
    """Tell whether to paint: on a terminal, unless somebody minds."""
    return not no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty()
