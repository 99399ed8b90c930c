"""``python -m promrules mutate RULES TESTS``: the score, and the survivors by name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from promrules.mutation.run import Score, run
from promrules.mutation.score_report import written
from promrules.mutation.subjects import find_subjects
from promrules.report_forms import Form
from promrules.rule_tests.yaml_reader import FileProblems
from promrules.workers import LostWorkerError

if TYPE_CHECKING:
    from collections.abc import Callable

CANNOT = 2
"""Exit code when a file cannot be read."""


def mutate_command(
    rules: Annotated[str, typer.Argument(metavar="RULES", help="A rule file, or a folder of them.")],
    tests: Annotated[list[str], typer.Argument(metavar="TESTS...", help="Rule-test files, or folders of them.")],
    at_least: Annotated[
        float, typer.Option(metavar="PERCENT", min=0, max=100, help="Fail where fewer mutants are caught.")
    ] = 100.0,
    form: Annotated[Form, typer.Option("--format", help="How to write the score.")] = Form.TEXT,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes; 0: one per processor.")] = 0,
) -> int:
    """Change rules one at a time (a threshold, a window, an operator, a label …): some test must fail for each."""
    try:
        subjects = find_subjects([rules], tests)
    except FileProblems as found:
        for problem in found.problems:
            place = f"{problem.span}: " if problem.span else ""
            sys.stderr.write(f"{place}error: {problem.message}\n")
        return CANNOT
    return reported(lambda: run(subjects, jobs=jobs, told=progress), at_least / 100, "promrules mutate", form)


def progress(subject: str, scored: Score) -> None:
    """Tell on stderr how one subject did."""
    sys.stderr.write(f"{subject:40} {scored.killed:5} of {scored.total:5}\n")
    sys.stderr.flush()


def reported(score: Callable[[], Score], least: float, program: str, form: Form = Form.TEXT) -> int:
    """Make a score and print it as ``report`` does; 2 where a process was lost on the way.

    Args:
        score: makes it.
        least: the share that must be caught, 0 to 1.
        program: whose name a complaint begins with.
        form: how to write it.
    """
    try:
        whole = score()
    except LostWorkerError as error:
        sys.stderr.write(f"{program}: {error}; perhaps memory is short: try fewer rules at a time\n")
        return CANNOT
    return report(whole, least, form)


def report(whole: Score, least: float, form: Form = Form.TEXT) -> int:
    """Print survivors and the score; 0 where enough are caught, and no test fails on the rules as they are.

    Args:
        whole: what came of all subjects.
        least: the share that must be caught, 0 to 1.
        form: how to write it.
    """
    sys.stdout.write(written(whole, form))
    return 0 if whole.share >= least and not whole.failing else 1
