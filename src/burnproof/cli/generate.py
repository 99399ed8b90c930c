"""Run ``burnproof generate``: compile, test, write; or show what writing would change."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, cast

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say, show
from burnproof.cli.options import DEFAULT_SPECS, NoColor, Quiet, Specs, Strict, chosen
from burnproof.compile.cache import Asked, inputs, recall
from burnproof.output.partial_runs import refusal
from burnproof.output.plan import KINDS
from burnproof.output.write import OutputError

_MAKING = "burnproof.cli.generate_run"
"""What compiles; loaded only when something is to be done, since that takes longer than to see that nothing is."""


class Tool(StrEnum):
    """Whose names series may have, too."""

    SLOTH = "sloth"
    PYRRA = "pyrra"


def generate(
    specs: Specs = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write.")] = Path("generated"),
    only: Annotated[
        str | None, typer.Option(metavar="KINDS", help=f"Make only some of {','.join(KINDS)}, separated by commas.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; show the drift and exit with 1.")] = False,
    templates: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder whose templates override burnproof's.")
    ] = None,
    compat: Annotated[
        Tool | None, typer.Option(help="Record series and alert labels under this tool's names, too, for a migration.")
    ] = None,
    strict: Strict = False,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> int:
    """Compile specs into rules, alerts and unit tests of the alerts.

    Nothing is written unless everything compiled. Files that no spec makes any more are removed, and named, if
    burnproof wrote them; other files are never touched. Where SPECS names single files and DIR also holds what
    their neighbours compile to, nothing is written: name the folder, or another DIR.
    """
    kinds = _kinds(only)
    if templates is not None and not templates.is_dir():
        say(f"burnproof: {templates}: there is no such folder of templates")
        return CANNOT
    asked = Asked(tuple(chosen(specs)), output, templates, kinds, strict, compat.value if compat else "")
    # Before the ledger: what it knows of a run says nothing of the files that are no part of it.
    try:
        refused = refusal(asked.specs, output, DEFAULT_SPECS)
    except OutputError as error:
        refused = error.problems[0]
    if refused is not None:
        show([refused], {}, no_color=no_color)
        return CANNOT
    fingerprint = inputs(asked)
    known = recall(asked, fingerprint)
    if known is None:
        make = import_module(_MAKING).make
        return cast("int", make(asked, fingerprint, check=check, quiet=quiet, no_color=no_color))
    show(known.problems, known.texts, no_color=no_color)
    if not quiet:
        if not check:
            say(known.summary)
        say(f"{output}: no drift." if check else f"{output}: 0 written, {known.files} unchanged, 0 removed.")
    return 0


def _kinds(only: str | None) -> tuple[str, ...]:
    """Give the kinds named, in burnproof's own order."""
    if only is None:
        return KINDS
    named = [kind.strip() for kind in only.split(",") if kind.strip()]
    unknown = [kind for kind in named if kind not in KINDS]
    if unknown or not named:
        raise typer.BadParameter(f"{', '.join(unknown) or 'nothing'}: choose from {', '.join(KINDS)}.")
    return tuple(kind for kind in KINDS if kind in named)
