"""Run ``burnproof import``: make specs of files of Sloth, Pyrra and OpenSLO."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import Annotated

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say, show
from burnproof.cli.options import NoColor, Quiet  # noqa: TC001 - typer reads the annotation
from burnproof.diagnostics import exit_code
from burnproof.importers import Imported, Options
from burnproof.importers import import_files as read_files
from burnproof.importers.prove import compare
from burnproof.importers.prove_text import comparison_lines
from burnproof.model.quantities import Duration, UnitError, duration
from burnproof.output.text_files import TakenError, write_new
from burnproof.specs.resolve import slos_from_text
from promrules.rule_tests.rule_file import RuleGroup, load_rules
from promrules.rule_tests.yaml_reader import FileProblems

Files = Annotated[
    list[str], typer.Argument(metavar="FILES...", help="Files of the other tool, folders of them, or - for stdin.")
]


def import_files(
    files: Files,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Folder for the specs; they are printed unless given.")
    ] = None,
    period: Annotated[
        str | None, typer.Option(metavar="TIME", help="Of Sloth: what --default-slo-period was; 30d unless given.")
    ] = None,
    scrape_interval: Annotated[
        str | None, typer.Option(metavar="TIME", help="How often Prometheus scrapes; written into the specs.")
    ] = None,
    service: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of Pyrra: the service, where the objects name none.")
    ] = None,
    prove: Annotated[
        bool, typer.Option("--prove", help="Run the old and the new rules side by side, and say what differs.")
    ] = False,
    rules: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Old rules for --prove; made from the files unless given.")
    ] = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> int:
    """Make specs of files of Sloth, Pyrra and OpenSLO: one for each service, with comments, ready for burnproof check.

    What cannot be carried over is named at its line. SLOs that are refused are left out, with the reason, and the
    others are written: the exit code is 1 then. A file that exists and says something else is never overwritten.
    """
    old = _old_rules(rules) if prove or rules else None
    options = Options(_length("--period", period), _length("--scrape-interval", scrape_interval), service or "")
    made = read_files(files, options)
    show(made.problems, made.texts, no_color=no_color)
    code = exit_code(made.problems)
    if prove or rules:
        _compare(made, old)
    elif write is None:
        sys.stdout.write("---\n".join(made.files.values()))
    if write is not None:
        try:
            write_new(write, made.files)
        except TakenError as error:
            say(f"burnproof: nothing was written, for these exist in {write}: {', '.join(error.names)}")
            say("Move them away, or name another folder after --write.")
            return CANNOT
    if not quiet:
        say(_summary(made, write))
    return code


def _old_rules(files: list[Path] | None) -> tuple[RuleGroup, ...] | None:
    """Load the rules of the other tool; None where they are to be made."""
    if not files:
        return None
    found: list[RuleGroup] = []
    for file in files:
        try:
            found += load_rules(file).groups
        except (OSError, UnicodeDecodeError, FileProblems) as error:
            raise typer.BadParameter(f"--rules: {file}: {error}") from None
    return tuple(found)


def _compare(made: Imported, rules: tuple[RuleGroup, ...] | None) -> None:
    """Print what differs between the old rules and the new ones."""
    slos = [slo for name, text in made.files.items() for slo in slos_from_text(name, text).slos]
    for found in compare(made.objectives, slos, rules):
        for line in comparison_lines(found):
            sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _length(option: str, text: str | None) -> Duration | None:
    """Read an option's length of time."""
    if text is None:
        return None
    try:
        return duration(text)
    except UnitError as error:
        raise typer.BadParameter(f"{option}: {error.message}; {error.hint}") from None


def _summary(made: Imported, folder: Path | None) -> str:
    """Say what came of it."""
    slos = f"{len(made.objectives)} SLO{'' if len(made.objectives) == 1 else 's'}"
    files = f"{len(made.files)} file{'' if len(made.files) == 1 else 's'}"
    left = f"; {made.refused} refused" if made.refused else ""
    if not made.files:
        return f"No SLO was imported{left}."
    return f"{slos} in {files}{f' in {folder}' if folder else ''}{left}." + (
        f" Next: burnproof check {folder}" if folder else ""
    )
