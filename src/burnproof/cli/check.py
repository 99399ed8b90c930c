"""Run ``burnproof check``: show every problem of every spec at once."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from burnproof.cli.messages import colours, say, text_of
from burnproof.cli.options import NoColor, Quiet, Specs, Strict, chosen
from burnproof.cli.progress import Steps
from burnproof.compile import STEPS
from burnproof.compile.parallel import calm_collector, compile_many
from burnproof.diagnostics import Severity, exit_code


class Format(StrEnum):
    """Who is going to read the problems."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def check(
    specs: Specs = None,
    form: Annotated[
        Format, typer.Option("--format", help="For people, programs, GitHub annotations, or code scanning.")
    ] = Format.TEXT,
    strict: Strict = False,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> int:
    """Show every problem in the specs, with its place and a remedy.

    The specs are compiled and the result is verified too, but nothing is written.
    """
    calm_collector()
    with Steps(STEPS, quiet=quiet) as steps:
        made = compile_many(chosen(specs), strict=strict, step=steps.begin)
    colour = form is Format.TEXT and colours(sys.stdout, no_color=no_color)
    sys.stdout.write(text_of(made.problems, made.texts, form.value, colour=colour))
    if not quiet:
        errors = sum(problem.severity is Severity.ERROR for problem in made.problems)
        warnings = len(made.problems) - errors
        files = len(made.texts)
        say(f"{_count(files, 'file')}, {_count(errors, 'error')}, {_count(warnings, 'warning')}.")
    return exit_code(made.problems, strict=strict)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
