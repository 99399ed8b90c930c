"""Run ``burnproof export``: write specs as files of other tools."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import Annotated

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say, show
from burnproof.cli.options import NoColor, Quiet, Specs, chosen
from burnproof.diagnostics import exit_code
from burnproof.importers.openslo_export import export
from burnproof.output.text_files import TakenError, write_new
from burnproof.specs.resolve import read_slos


def openslo(
    specs: Specs = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Folder for the files; printed unless given.")
    ] = None,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> int:
    """Write the SLOs as objects of OpenSLO v1, one file for each service.

    What OpenSLO cannot say is named at its line. An SLO of a kind that it does not have is left out: the exit code is
    1 then.
    """
    loaded = read_slos(chosen(specs))
    code = exit_code(loaded.problems)
    if code:
        show(loaded.problems, loaded.texts, no_color=no_color)
        say("Nothing was exported: the specs have problems.")
        return code
    made = export(loaded.slos)
    show(made.problems, loaded.texts, no_color=no_color)
    if write is None:
        sys.stdout.write("---\n".join(made.files.values()))
        return exit_code(made.problems)
    try:
        write_new(write, made.files)
    except TakenError as error:
        say(f"burnproof: nothing was written, for these exist in {write}: {', '.join(error.names)}")
        return CANNOT
    if not quiet:
        say(f"{len(made.files)} file{'' if len(made.files) == 1 else 's'} in {write}.")
    return exit_code(made.problems)


COMMANDS = {"openslo": openslo}
