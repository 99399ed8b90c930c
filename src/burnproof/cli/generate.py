"""``burnproof generate``: compile, prove, write; or say what writing would change."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burnproof.cli.guard import CANNOT
from burnproof.cli.options import NoColor, Quiet, Specs, Strict, chosen
from burnproof.cli.report import colours, say, show
from burnproof.cli.steps import Steps
from burnproof.compiler import STEPS
from burnproof.diagnostics import exit_code
from burnproof.filediff import unified
from burnproof.output import OutputError, compare, write
from burnproof.render import KINDS
from burnproof.shards import compile_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.output import Change, Difference


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
    strict: Strict = False,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> int:
    """Compile specs into rules, alerts and their proofs.

    Nothing is written unless everything compiled. Files that no spec makes any more are removed if burnproof
    wrote them; other files are never touched.
    """
    kinds = _kinds(only)
    if templates is not None and not templates.is_dir():
        say(f"burnproof: {templates}: there is no such folder of templates")
        return CANNOT
    with Steps((*STEPS, "comparing" if check else "writing"), quiet=quiet) as steps:
        made = compile_many(chosen(specs), templates=templates, kinds=kinds, strict=strict, step=steps.begin)
        code = exit_code(made.problems, strict=strict)
        try:
            steps.begin("comparing" if check else "writing")
            drift = compare(output, made.files, kinds) if check and not code else ()
            written = () if check or code else write(output, made.files, kinds)
        except OutputError as error:
            show(error.problems, {}, no_color=no_color)
            return CANNOT
    show(made.problems, made.texts, no_color=no_color)
    if code:
        say(f"Nothing was {'compared' if check else 'written'}: the specs have problems.")
        return code
    if check:
        return _drift(drift, output, quiet=quiet, no_color=no_color)
    if not quiet:
        say(_summary(written, len(made.files), output))
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


def _drift(changes: Sequence[Change], output: Path, *, quiet: bool, no_color: bool) -> int:
    """Show what differs; give the exit code."""
    for line in unified(changes, colour=colours(sys.stdout, no_color=no_color)):
        sys.stdout.write(line + "\n")
    if not changes:
        if not quiet:
            say(f"{output}: no drift.")
        return 0
    words = ", ".join(f"{sum(c.word == word for c in changes)} {word}" for word in ("changed", "missing", "stale"))
    say(f"{output}: drift in {len(changes)} files ({words}). Run `burnproof generate` and commit the result.")
    return 1


def _summary(changes: Sequence[Difference], total: int, output: Path) -> str:
    written = sum(change.word != "stale" for change in changes)
    removed = len(changes) - written
    return f"{output}: {written} written, {total - written} unchanged, {removed} removed."
