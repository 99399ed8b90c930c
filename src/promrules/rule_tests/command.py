"""`burnproof test`: the arguments of the command line."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from promrules.rule_tests.engine_choice import Engine
from promrules.rule_tests.report import Style
from promrules.rule_tests.run import RunOptions
from promrules.rule_tests.runner import DEFAULT_FOLDER, Request, run_tests

Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FILES]...", help=f"Rule-test files or folders of them.  [default: {DEFAULT_FOLDER}]"),
]
Run = Annotated[
    list[str] | None, typer.Option("--run", metavar="REGEX", help="Only tests whose name matches (repeatable).")
]
Ignore = Annotated[bool, typer.Option("--ignore-unknown-fields", help="Skip unknown fields of rule files.")]
Delayed = Annotated[
    bool, typer.Option("--delayed-name-removal", help="As Prometheus' feature promql-delayed-name-removal.")
]


def run_command(
    files: Files = None,
    engine: Annotated[Engine, typer.Option(help="What evaluates; both: any difference fails.")] = Engine.EMBEDDED,
    run: Run = None,
    diff: Annotated[bool, typer.Option("--diff", help="Show alerts as a difference, line by line.")] = False,
    junit: Annotated[str | None, typer.Option("--junit", metavar="FILE", help="Also write a JUnit report.")] = None,
    ignore_unknown_fields: Ignore = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes; 0: as many as pay.")] = 0,
    compat: Annotated[int, typer.Option(min=2, max=3, help="Semantics of Prometheus 3.x or 2.x.")] = 3,
    delayed_name_removal: Delayed = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name every test, and every failing eval.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print files that failed only.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")] = False,
) -> int:
    """Run rule-test files, in the format of `promtool test rules`, and scripts of Prometheus' own suite."""
    color = not no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty()
    options = RunOptions(
        compat=compat,
        delayed_name_removal=delayed_name_removal,
        ignore_unknown_fields=ignore_unknown_fields,
        run=tuple(run) if run else None,
    )
    style = Style(color=color, diff=diff, verbose=verbose)
    return run_tests(Request(tuple(files or ()), engine, options, style, jobs, junit, quiet))


test_command = run_command
"""The name the command has; a function of that name would look like a test to pytest and to linters."""
