"""Compile for ``burnproof generate``, then write or compare, and say what was done."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from burnproof.cli.errors import CANNOT
from burnproof.cli.generate_summary import summary
from burnproof.cli.messages import colours, say, show
from burnproof.cli.progress import Steps
from burnproof.compile import STEPS
from burnproof.compile.cache import remember
from burnproof.compile.parallel import calm_collector, compile_many
from burnproof.diagnostics import exit_code
from burnproof.output.diff import unified
from burnproof.output.write import OutputError, compare, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from burnproof.compile.cache import Asked
    from burnproof.output.write import Change, Difference

_NAMED = 10
"""So many removed files are named."""


def make(asked: Asked, fingerprint: str, *, check: bool, quiet: bool, no_color: bool) -> int:
    """Compile what was asked for and write it, or show what writing would change; give the exit code."""
    calm_collector()
    last = "comparing" if check else "writing"
    with Steps((*STEPS, last), quiet=quiet) as steps:
        made = compile_many(
            asked.specs,
            templates=asked.templates,
            kinds=asked.kinds,
            strict=asked.strict,
            compat=asked.compat,
            step=steps.begin,
        )
        code = exit_code(made.problems, strict=asked.strict)
        try:
            steps.begin(last)
            drift = compare(asked.output, made.files, asked.kinds) if check and not code else ()
            written = () if check or code else write(asked.output, made.files, asked.kinds)
        except OutputError as error:
            show(error.problems, {}, no_color=no_color)
            return CANNOT
        if not code and not drift:
            remember(asked, fingerprint, made.files, made.problems, summary(made, asked))
    show(made.problems, made.texts, no_color=no_color)
    if code:
        say(f"Nothing was {'compared' if check else 'written'}: the specs have problems.")
        return code
    if check:
        code = _drift(drift, asked.output, quiet=quiet, no_color=no_color)
        if code and not quiet:
            say_difference(asked.specs)
        return code
    if not quiet:
        _name_removed([change.path for change in written if change.word == "stale"])
        say(summary(made, asked))
        say(_files(written, len(made.files), asked.output))
    return 0


def say_difference(specs: Sequence[str]) -> None:
    """Say what the specs change for the pager since git's last commit; nothing where git knows no such specs."""
    if len(specs) != 1 or specs[0] == "-":
        return
    said = import_module("burnproof.lab.since_commit").difference_text(specs[0])
    if said:
        say(f"For the pager, since the last commit:\n{said}")


def _name_removed(paths: Sequence[Path]) -> None:
    """Name what was removed: a header tells that it was burnproof's, not that nobody has edited it since."""
    for path in paths[:_NAMED]:
        say(f"removed {path}")
    if paths[_NAMED:]:
        say(f"removed {len(paths) - _NAMED} more")


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


def _files(changes: Sequence[Difference], total: int, output: Path) -> str:
    """Say how many files were written, left and removed."""
    written = sum(change.word != "stale" for change in changes)
    removed = len(changes) - written
    return f"{output}: {written} written, {total - written} unchanged, {removed} removed."
